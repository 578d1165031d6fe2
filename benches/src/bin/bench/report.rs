//! The tables, as they stand in `docs/performance.md`.

use std::fmt::Write;
use std::path::Path;

use benches::failure::Failure;
use benches::load::Measured;

use crate::arguments::Arguments;
use crate::fleet::Programs;
use crate::footprint::{Footprint, Starts};
use crate::growth::Growth;
use crate::logins::Logins;
use crate::rows::{Outcome, Part};

/// Between these lines of the document the tables stand.
const BEGIN: &str = "<!-- bench: begin -->";
const END: &str = "<!-- bench: end -->";

/// The most that an operation with a million tokens may cost, as a multiple of its cost at a thousand.
const GROWTH: f64 = 1.3;
/// How many times slower others may get while a hundred people sign in.
const SLOWER: f64 = 2.0;
/// The longest start, in milliseconds, and what is aimed at.
const START: (f64, f64) = (150.0, 50.0);
/// The most memory of all three services, in megabytes, and what is aimed at.
const MEMORY: (f64, f64) = (60.0, 30.0);
/// In a short run, what only a broken server exceeds.
const GROSS: f64 = 200.0;

/// Everything that was measured.
pub(crate) struct Report {
    /// How it was measured, in a sentence or two.
    how: String,
    smoke: bool,
    /// The main table.
    pub(crate) rows: Vec<Outcome>,
    /// RSA against elliptic curves.
    pub(crate) algorithms: Vec<Outcome>,
    /// A hundred logins at once.
    pub(crate) logins: Vec<Logins>,
    /// A million tokens.
    pub(crate) growth: Vec<Growth>,
    /// Start and memory.
    pub(crate) footprint: Option<Footprint>,
    tokens: u32,
}

impl Report {
    /// An empty report of this run.
    ///
    /// # Errors
    /// [`Failure::Io`] where the kernel does not say what machine this is.
    pub(crate) fn new(arguments: &Arguments, programs: &Programs) -> Result<Self, Failure> {
        let processors = std::fs::read_to_string("/proc/cpuinfo")?;
        let model = processors
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("a processor", |line| {
                line.trim_start_matches([' ', '\t', ':'])
            });
        let cores = std::thread::available_parallelism()?;
        let busy = std::fs::read_to_string("/proc/loadavg")?;
        let busy = busy.split(' ').next().unwrap_or_default().to_owned();
        let (commit, rounds, connections) = (
            &arguments.commit,
            arguments.rounds(),
            arguments.connections(),
        );
        let seconds = arguments.times().measured.as_secs_f64();
        let mut how = format!(
            "Commit `{commit}`; {rounds} rounds of {seconds} s, {connections} connections, server and driver together on {cores} cores ({model}); load average when it began: {busy}."
        );
        if programs.peer.is_none() {
            how.push_str(" The peer was not installed, so its columns are empty.");
        }
        if arguments.smoke {
            how.push_str(" **A short run, which shows only that everything works.**");
        }
        Ok(Self {
            how,
            smoke: arguments.smoke,
            rows: Vec::new(),
            algorithms: Vec::new(),
            logins: Vec::new(),
            growth: Vec::new(),
            footprint: None,
            tokens: arguments.tokens(),
        })
    }

    /// The tables as Markdown.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}\n", self.how);
        // Writing to a String cannot fail.
        let _ = self.tables(&mut text);
        text
    }

    fn tables(&self, text: &mut String) -> std::fmt::Result {
        if !self.rows.is_empty() {
            processor_time(text, &self.rows)?;
            throughput(text, &self.rows)?;
        }
        if !self.algorithms.is_empty() {
            algorithms(text, &self.algorithms)?;
        }
        if !self.growth.is_empty() {
            growth(text, &self.growth, self.tokens)?;
        }
        if !self.logins.is_empty() {
            logins(text, &self.logins)?;
        }
        if let Some(measured) = &self.footprint {
            footprint(text, measured)?;
        }
        Ok(())
    }

    /// Whether something is so slow, or so absent, that even a short run on a busy machine shows it.
    ///
    /// # Errors
    /// [`Failure::Bound`].
    pub(crate) fn gross(&self) -> Result<(), Failure> {
        if !self.smoke {
            return Ok(());
        }
        for outcome in self.rows.iter().chain(&self.algorithms) {
            let name = outcome.row.name;
            let ratio = outcome.ratio((Part::Ours, Part::Floor), |m| m.median_us);
            let [ratio, ..] = ratio.ok_or_else(|| Failure::Bound(format!("{name}: no figure")))?;
            if ratio > GROSS {
                return Err(Failure::Bound(format!(
                    "{name}: {ratio:.0} times the floor"
                )));
            }
        }
        let flat = self.growth.iter().all(|growth| growth.ratio < GROSS);
        let brisk = self
            .footprint
            .iter()
            .all(|it| it.all_ready.median < START.0 * GROSS);
        if flat && brisk {
            Ok(())
        } else {
            Err(Failure::Bound("growth or start".to_owned()))
        }
    }
}

fn processor_time(text: &mut String, rows: &[Outcome]) -> std::fmt::Result {
    text.push_str(
        "\n### Processor time of the server for one operation, µs\n\n\
         | operation | ours | ours, `--no-record` | floor | ours ÷ floor | must reach | aim | |\n\
         |---|---:|---:|---:|---|---:|---:|---|\n",
    );
    for outcome in rows {
        let cost = |part| number(outcome.median(part, |m| m.processor_us), 1);
        let ratio = outcome.ratio((Part::Ours, Part::Floor), |m| m.processor_us);
        let bounds = outcome.row.bounds;
        let verdict = verdict(ratio.map(|[median, ..]| median), bounds.floor, bounds.aim);
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {verdict} |",
            outcome.row.name,
            cost(Part::Ours),
            cost(Part::Unrecorded),
            cost(Part::Floor),
            spread(ratio),
            bound("≤", bounds.floor),
            bound("≤", bounds.aim),
        )?;
    }
    Ok(())
}

fn throughput(text: &mut String, rows: &[Outcome]) -> std::fmt::Result {
    text.push_str(
        "\n### Operations a second\n\n\
         | operation | ours | ours, `--no-record` | floor | oidc-provider | ours ÷ oidc-provider | must reach | | ours, median and 99 % of waiting times, ms |\n\
         |---|---:|---:|---:|---:|---|---:|---|---|\n",
    );
    for outcome in rows {
        let rate = |part| number(outcome.median(part, |m| m.per_second), 0);
        let ratio = outcome.ratio((Part::Ours, Part::Peer), |m| m.per_second);
        let wanted = outcome.row.bounds.peer;
        let verdict = match (ratio, wanted) {
            (Some([median, ..]), Some(wanted)) if median >= wanted => "met",
            (Some(_), Some(_)) => "**not met**",
            _ => "",
        };
        let delay = |figure: fn(&Measured) -> f64| {
            number(outcome.median(Part::Ours, figure).map(|us| us / 1000.0), 2)
        };
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {verdict} | {}, {} |",
            outcome.row.name,
            rate(Part::Ours),
            rate(Part::Unrecorded),
            rate(Part::Floor),
            rate(Part::Peer),
            spread(ratio),
            bound("≥", wanted),
            delay(|m| m.median_us),
            delay(|m| m.p99_us),
        )?;
    }
    Ok(())
}

fn algorithms(text: &mut String, rows: &[Outcome]) -> std::fmt::Result {
    text.push_str(
        "\n### ES256 and RS256 (2048 bits), processor time of the server, µs\n\n\
         | operation | floor, all signed so | ours, ID tokens alone signed so |\n|---|---:|---:|\n",
    );
    for outcome in rows {
        let cost = |part| number(outcome.median(part, |m| m.processor_us), 1);
        let own = outcome.row.name.starts_with("refresh");
        let ours = if own {
            cost(Part::Ours)
        } else {
            "—".to_owned()
        };
        writeln!(
            text,
            "| {} | {} | {ours} |",
            outcome.row.name,
            cost(Part::Floor)
        )?;
    }
    Ok(())
}

fn growth(text: &mut String, growths: &[Growth], tokens: u32) -> std::fmt::Result {
    writeln!(
        text,
        "\n### Live refresh tokens: a thousand against {tokens}\n\n\
         | operation | processor time at 1000, µs | at {tokens}, µs | ratio | must reach | | operations a second, 1000 and {tokens} |\n\
         |---|---:|---:|---:|---:|---|---|"
    )?;
    for growth in growths {
        writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.2} | ≤ {GROWTH} | {} | {:.0}, {:.0} |",
            growth.workload.name(),
            growth.few_us,
            growth.many_us,
            growth.ratio,
            verdict(Some(growth.ratio), Some(GROWTH), None),
            growth.per_second.0,
            growth.per_second.1,
        )?;
    }
    Ok(())
}

fn logins(text: &mut String, measured: &[Logins]) -> std::fmt::Result {
    let at_once = measured.first().map_or(0, |logins| logins.at_once);
    writeln!(
        text,
        "\n### {at_once} logins at once, and others meanwhile\n\n\
         | others (4 connections) | operations a second, before and meanwhile | median of waiting times, ms | 99 % waited no longer than, ms | slowed down by | must reach | | all logins answered after, s |\n\
         |---|---|---|---|---:|---:|---|---:|"
    )?;
    for logins in measured {
        let ms = |(before, meanwhile): (f64, f64)| {
            format!("{:.2}, {:.2}", before / 1000.0, meanwhile / 1000.0)
        };
        writeln!(
            text,
            "| {} | {:.0}, {:.0} | {} | {} | {:.2} | ≤ {SLOWER} | {} | {:.1} |",
            logins.others.name(),
            logins.per_second.0,
            logins.per_second.1,
            ms(logins.median_us),
            ms(logins.p99_us),
            logins.slower,
            verdict(Some(logins.slower), Some(SLOWER), None),
            logins.took,
        )?;
    }
    Ok(())
}

fn footprint(text: &mut String, measured: &Footprint) -> std::fmt::Result {
    text.push_str("\n### Start and memory\n\n| what | measured | must reach | aim | |\n|---|---:|---:|---:|---|\n");
    let mut start = |what: &str, starts: &Starts| {
        writeln!(
            text,
            "| {what}, ms | {:.0} [{:.0} .. {:.0}] | ≤ {} | {} | {} |",
            starts.median,
            starts.least,
            starts.most,
            START.0,
            START.1,
            verdict(Some(starts.median), Some(START.0), Some(START.1)),
        )
    };
    start(
        "start of all three in one process until each is ready",
        &measured.all_ready,
    )?;
    if let Some(starts) = &measured.auth_server {
        start(
            "start of the auth server alone until its first answer",
            starts,
        )?;
    }
    let together = measured.together;
    writeln!(
        text,
        "| memory of all three in one process, idle: resident (proportional), MB | {:.1} ({:.1}) | ≤ {} | {} | {} |",
        together.resident,
        together.proportional,
        MEMORY.0,
        MEMORY.1,
        verdict(Some(together.resident), Some(MEMORY.0), Some(MEMORY.1)),
    )?;
    if !measured.apart.is_empty() {
        let each = measured.apart.iter().map(|(name, memory)| {
            let (resident, proportional) = (memory.resident, memory.proportional);
            format!("{name} {resident:.1} ({proportional:.1})")
        });
        let sum: f64 = measured
            .apart
            .iter()
            .map(|(_, memory)| memory.resident)
            .sum();
        writeln!(
            text,
            "| as three programs: {}; together | {sum:.1} | ≤ {} | {} | {} |",
            each.collect::<Vec<_>>().join(", "),
            MEMORY.0,
            MEMORY.1,
            verdict(Some(sum), Some(MEMORY.0), Some(MEMORY.1)),
        )?;
    }
    Ok(())
}

/// Whether a figure is small enough.
fn verdict(figure: Option<f64>, most: Option<f64>, aim: Option<f64>) -> &'static str {
    match (figure, most, aim) {
        (Some(figure), _, Some(aim)) if figure <= aim => "aim met",
        (Some(figure), Some(most), _) if figure <= most => "met",
        (Some(_), Some(_), _) => "**not met**",
        _ => "",
    }
}

fn number(figure: Option<f64>, digits: usize) -> String {
    figure.map_or_else(|| "—".to_owned(), |figure| format!("{figure:.digits$}"))
}

fn bound(sign: &str, figure: Option<f64>) -> String {
    figure.map_or_else(String::new, |figure| format!("{sign} {figure:.1}"))
}

fn spread(ratio: Option<[f64; 3]>) -> String {
    ratio.map_or_else(
        || "—".to_owned(),
        |[median, least, most]| format!("{median:.2} [{least:.2} .. {most:.2}]"),
    )
}

/// Puts the tables into a document, in place of those of an earlier run.
///
/// # Errors
/// [`Failure::Document`] where it has not both markers.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let document = std::fs::read_to_string(file)?;
    let parts = document
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        let why = format!("{} has not the lines {BEGIN} and {END}", file.display());
        return Err(Failure::Document(why));
    };
    let text = text.trim_end();
    Ok(std::fs::write(
        file,
        format!("{before}{BEGIN}\n{text}\n{END}{after}"),
    )?)
}
