//! What a rig found out: rows of a table, printed and written into a document between two markers.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::fault::{Ran, system, unexpected};

/// One finding.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was tried.
    what: String,
    /// On which back end.
    backend: String,
    /// How often.
    n: String,
    /// What was measured.
    figure: String,
    /// Whether that is as it must be.
    verdict: Verdict,
}

/// What a rig makes of what it saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is as it must be.
    Holds,
    /// Nothing was lost and nothing wrong was said, but it took too long or weighed too much: a machine that is busy
    /// with something else makes it so, too.
    Strained,
    /// It is not as it must be, whatever the machine does.
    Broken,
}

impl Verdict {
    /// Of whether everything promised was kept, and whether within its bounds.
    pub(crate) const fn of(kept: bool, within: bool) -> Self {
        match (kept, within) {
            (false, _) => Self::Broken,
            (true, false) => Self::Strained,
            (true, true) => Self::Holds,
        }
    }
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        Self::of(holds, true)
    }
}

/// How often a rig that judges spans or weights is tried, at most.
pub(crate) const TRIES: usize = 3;

/// A finding of something that judges spans or weights: tried anew, and whole, up to `tries` times as long as nothing is
/// wrong but these. The row says which try it is of.
pub(crate) async fn tried(tries: usize, mut attempt: impl AsyncFnMut() -> Ran<Row>) -> Ran<Row> {
    let mut row = attempt().await?;
    for number in 2..=tries {
        if row.verdict != Verdict::Strained {
            break;
        }
        row = attempt().await?;
        row.figure = format!("{}; try {number} of at most {tries}", row.figure);
    }
    Ok(row)
}

impl Row {
    /// A finding.
    pub(crate) fn new(
        what: impl Into<String>,
        (backend, n): (impl Into<String>, impl Into<String>),
        figure: impl Into<String>,
        verdict: impl Into<Verdict>,
    ) -> Self {
        let row = Self {
            what: what.into(),
            backend: backend.into(),
            n: n.into(),
            figure: figure.into(),
            verdict: verdict.into(),
        };
        eprintln!("{}", row.line());
        row
    }

    fn holds(&self) -> bool {
        self.verdict == Verdict::Holds
    }

    fn line(&self) -> String {
        let holds = if self.holds() { "yes" } else { "**no**" };
        let Self {
            what,
            backend,
            n,
            figure,
            ..
        } = self;
        format!("| {what} | {backend} | {n} | {figure} | {holds} |")
    }
}

/// What one rig found out.
#[derive(Debug)]
pub(crate) struct Findings {
    /// The rig's name: that of its markers.
    pub(crate) rig: String,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
    /// Why it was not run, where it was not.
    skipped: Option<String>,
    began: Instant,
    /// What was checked out then: an hour later it may be something else.
    commit: String,
}

impl Findings {
    /// Nothing yet.
    pub(crate) fn of(rig: impl Into<String>) -> Self {
        Self {
            rig: rig.into(),
            rows: Vec::new(),
            skipped: None,
            began: Instant::now(),
            commit: commit(),
        }
    }

    /// Notes that this machine does not let the rig do what it has to, and says so.
    pub(crate) fn skip(&mut self, why: impl Into<String>) {
        let why = why.into();
        eprintln!("{} was not run: {why}", self.rig);
        self.skipped = Some(why);
    }

    /// Whether everything is as it must be: of nothing only where the rig could not be run.
    pub(crate) fn hold(&self) -> bool {
        (self.skipped.is_some() || !self.rows.is_empty()) && self.rows.iter().all(Row::holds)
    }

    /// The table, with what a reader needs to repeat it.
    pub(crate) fn table(&self, build: &str, form: &str) -> String {
        if let Some(why) = &self.skipped {
            return format!("{} was not run: {why}\n", self.rig);
        }
        let mut text =
            String::from("| what | back end | N | figure | holds |\n|---|---|---|---|---|\n");
        for row in &self.rows {
            text.push_str(&row.line());
            text.push('\n');
        }
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let seconds = self.began.elapsed().as_secs();
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "\n{form}, {build} build, {cores} cores, commit {}, {seconds} s.",
            self.commit
        );
        text
    }

    /// Writes the table into `document`, between the markers of this rig; what was not run leaves what is there.
    pub(crate) fn write(&self, document: &Path, (build, form): (&str, &str)) -> Ran<()> {
        if self.skipped.is_some() {
            return Ok(());
        }
        let named = || document.display().to_string();
        let text = std::fs::read_to_string(document).map_err(system(named()))?;
        let (begin, end) = (
            format!("<!-- rig {} -->\n", self.rig),
            format!("<!-- end {} -->", self.rig),
        );
        let missing = || unexpected(format!("{} has no markers of {}", named(), self.rig));
        let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
        let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
        let table = self.table(build, form);
        std::fs::write(document, format!("{before}{begin}{table}{end}{after}"))
            .map_err(system(named()))
    }
}

/// What is checked out, as far as anybody knows.
fn commit() -> String {
    let asked = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output();
    let said = asked.ok().filter(|output| output.status.success());
    said.and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The 99th percentile: the smallest of which at most one in a hundred is longer.
pub(crate) fn p99(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = times.len().saturating_sub(1) * 99 / 100;
    times.get(at).copied().unwrap_or_default()
}

/// A span in milliseconds, for people.
pub(crate) fn ms(span: Duration) -> String {
    format!("{} ms", span.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_last_one_between_its_markers() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.md");
        std::fs::write(
            &file,
            "before\n<!-- rig x -->\nold\n<!-- end x -->\nafter\n",
        )
        .unwrap();
        let mut findings = Findings::of("x");
        assert!(!findings.hold());
        findings.rows.push(Row::new("it", ("file", "3"), "0", true));
        assert!(findings.hold());
        findings.write(&file, ("debug", "Short form")).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("before\n<!-- rig x -->\n| what |"),
            "{text}"
        );
        assert!(text.contains("| it | file | 3 | 0 | yes |\n"), "{text}");
        assert!(text.ends_with(" s.\n<!-- end x -->\nafter\n"), "{text}");
        assert!(Findings::of("y").write(&file, ("debug", "x")).is_err());
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(p99(&times), Duration::from_millis(198));
    }

    /// What comes of attempts that end so, and how many were made.
    async fn after(verdicts: &[Verdict]) -> (Row, usize) {
        let mut left = verdicts.iter();
        let row = tried(TRIES, async || {
            let verdict = left.next().copied().unwrap_or(Verdict::Broken);
            Ok(Row::new("it", ("file", "3"), "0", verdict))
        });
        let row = row.await.unwrap();
        (row, verdicts.len() - left.len())
    }

    #[tokio::test]
    async fn what_is_only_strained_is_tried_anew_and_the_row_says_so() {
        use Verdict::{Broken, Holds, Strained};
        let (row, made) = after(&[Strained, Strained, Holds]).await;
        assert!(row.holds() && made == 3);
        assert_eq!(
            row.line(),
            "| it | file | 3 | 0; try 3 of at most 3 | yes |"
        );
        let (row, made) = after(&[Strained; 4]).await;
        assert!(!row.holds() && made == 3);
        let (row, made) = after(&[Holds, Broken]).await;
        assert!(row.holds() && made == 1);
        assert_eq!(row.line(), "| it | file | 3 | 0 | yes |");
    }

    #[tokio::test]
    async fn what_is_lost_or_wrong_is_never_tried_anew() {
        use Verdict::{Broken, Holds, Strained};
        assert_eq!(Verdict::of(false, true), Broken);
        assert_eq!(Verdict::of(false, false), Broken);
        let (row, made) = after(&[Broken, Holds]).await;
        assert!(!row.holds() && made == 1);
        let (row, made) = after(&[Strained, Broken, Holds]).await;
        assert!(!row.holds() && made == 2);
    }
}
