//! A flow as a report in Markdown: what it was, what can be said of it, and each exchange in sentences.
//!
//! [CommonMark](https://spec.commonmark.org/0.31.2/) with the tables of GitHub. Captured text is hostile: in running
//! text every ASCII sign is escaped (§2.4 allows it for all), in code the fence is longer than any run of backticks
//! inside (§6.1), so that nothing in it is markup or HTML.

use std::fmt::Write;

use shared::flow::{Channel, Outcome};
use shared::page::{Frame, key_of};

use super::names::{Named, Names};
use crate::page::Moment;
use crate::record::knowledge::{Knower, Knowledge};
use crate::record::parameter::{Parameter, ParameterPlace};
use crate::record::view::{ExchangeView, FlowView};
use crate::viewer::{PartyLabel, milliseconds};

/// The longest value that a table shows, in characters.
const LONGEST: usize = 400;

/// What a report is made of.
pub(super) struct Report<'a> {
    /// The language.
    pub(super) frame: &'a Frame,
    /// The flow as it may be shown.
    pub(super) flow: &'a FlowView,
    /// What the flow is, in one line.
    pub(super) title: &'a str,
    /// A sentence for each exchange.
    pub(super) sentences: &'a [String],
    /// What is said of the values in it.
    pub(super) about_values: String,
    /// What is said where the flow is longer than the report.
    pub(super) left_out: Option<String>,
    /// Who knows what in it.
    pub(super) knowledge: &'a Knowledge,
    /// The names of its values.
    pub(super) names: &'a Names,
}

impl Report<'_> {
    /// The report.
    pub(super) fn text(&self) -> String {
        let mut text = format!("# {}\n\n", escaped(self.title));
        self.summary(&mut text);
        self.verdicts(&mut text);
        self.knows(&mut text);
        let _ = writeln!(text, "## {}\n", self.t("record-exchanges-title"));
        for (exchange, sentence) in self.flow.exchanges.iter().zip(self.sentences) {
            self.exchange(&mut text, exchange, sentence);
        }
        text
    }

    fn t(&self, key: &str) -> String {
        escaped(&self.frame.t(key))
    }

    fn summary(&self, text: &mut String) {
        let summary = &self.flow.summary;
        let status = self.t(&key_of("status", summary.result.status.name()));
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "- {}: {value}", self.t(name));
        };
        line("export-report-result", status);
        if let Some(client) = &summary.client_id {
            line("record-client", code(client));
        }
        if let Some(person) = &summary.person {
            line("record-person", code(person));
        }
        line("export-report-began", Moment::of(summary.started_us).text);
        if let Some(check) = &summary.result.failed_check {
            line("record-refused-by", code(check));
        }
        if let Some(error) = &summary.result.error {
            line("export-report-error", code(error));
        }
        let _ = writeln!(text, "\n{}\n", escaped(&self.about_values));
        if let Some(rest) = &self.left_out {
            let _ = writeln!(text, "**{}**\n", escaped(rest));
        }
        if summary.forgotten > 0 {
            let missing = self
                .frame
                .ta("record-flow-forgotten", [("count", summary.forgotten)]);
            let _ = writeln!(text, "{}\n", escaped(&missing));
        }
    }

    fn verdicts(&self, text: &mut String) {
        if self.flow.verdicts.is_empty() {
            return;
        }
        let _ = writeln!(text, "## {}\n", self.t("record-verdicts"));
        for verdict in &self.flow.verdicts {
            let judged = self.t(&key_of("outcome", verdict.outcome.name()));
            let said = self.t(&key_of("verdict", &verdict.id));
            let _ = writeln!(text, "- {judged}: {said}");
        }
        text.push('\n');
    }

    /// Who knows what: a row for each value, a column for each who may know it.
    fn knows(&self, text: &mut String) {
        let knowledge = self.knowledge;
        if knowledge.values.is_empty() {
            return;
        }
        let _ = writeln!(text, "## {}\n", self.t("export-report-knows"));
        let _ = write!(text, "| {} |", self.t("export-report-value"));
        for knower in &knowledge.knowers {
            let name = match knower {
                Knower::Party(party) => PartyLabel::of(self.frame, party).name,
                Knower::AddressBar => self.frame.t("export-report-address-bar"),
            };
            let _ = write!(text, " {} |", escaped(&name));
        }
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(knowledge.knowers.len()));
        text.push('\n');
        for value in &knowledge.values {
            let named = self.names.of_hash(&value.hash);
            let _ = write!(text, "| {} |", named.map_or_else(String::new, Named::shown));
            for cell in &value.cells {
                match &cell.learned {
                    Some(learned) => {
                        let step = self
                            .frame
                            .ta("export-report-since", [("step", learned.step)]);
                        let _ = write!(text, " {} |", escaped(&step));
                    }
                    None => text.push_str(" – |"),
                }
            }
            text.push('\n');
        }
        text.push('\n');
    }

    fn exchange(&self, text: &mut String, exchange: &ExchangeView, sentence: &str) {
        let _ = writeln!(text, "### {}. {}\n", exchange.step, escaped(sentence));
        let from = PartyLabel::of(self.frame, &exchange.from).name;
        let to = PartyLabel::of(self.frame, &exchange.to).name;
        let channel = match exchange.channel {
            Channel::Front => "channel-front",
            Channel::Back => "channel-back",
        };
        let _ = writeln!(
            text,
            "{} → {} · {} · {} ms\n",
            escaped(&from),
            escaped(&to),
            self.t(channel),
            milliseconds(exchange.duration_ms)
        );
        if !exchange.method.is_empty() {
            let status = exchange
                .status
                .map_or_else(|| self.frame.t("record-no-status"), |s| s.to_string());
            let asked = format!("{} {}", exchange.method, exchange.url);
            let _ = writeln!(text, "{} → {}\n", code(&asked), escaped(&status));
        }
        if let Some(failure) = &exchange.failure {
            let _ = writeln!(text, "{}\n", code(failure));
        }
        self.parameters(text, &exchange.parameters);
        self.checks(text, exchange);
    }

    fn parameters(&self, text: &mut String, parameters: &[Parameter]) {
        if parameters.is_empty() {
            return;
        }
        let _ = writeln!(
            text,
            "| {} | {} | {} |\n|---|---|---|",
            self.t("export-report-parameter"),
            self.t("export-report-value"),
            self.t("export-report-place")
        );
        for parameter in parameters {
            let value: String = parameter.value.chars().take(LONGEST).collect();
            let cut = if value.len() < parameter.value.len() {
                "…"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "| {} | {}{cut} | {} |",
                in_table(&parameter.name),
                in_table(&value),
                self.t(place_key(parameter.place))
            );
        }
        text.push('\n');
    }

    fn checks(&self, text: &mut String, exchange: &ExchangeView) {
        for check in &exchange.checks {
            let mark = match check.outcome {
                Outcome::Passed => "✓",
                Outcome::Failed => "✗",
                Outcome::NotReached => "–",
            };
            let said = self.frame.find(key_of("check", &check.id));
            let said = escaped(&said.unwrap_or_default());
            let _ = write!(text, "- {mark} {} {said}", code(&check.id));
            if check.outcome == Outcome::Failed {
                let _ = write!(
                    text,
                    " {}: {} · {}: {}",
                    self.t("record-expected"),
                    code(&check.expected),
                    self.t("record-got"),
                    code(&check.got)
                );
            }
            let _ = writeln!(text, " ({})", escaped(&check.reference));
        }
        if !exchange.checks.is_empty() {
            text.push('\n');
        }
    }
}

const fn place_key(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::RequestQuery => "record-place-request-query",
        ParameterPlace::RequestHeader => "record-place-request-header",
        ParameterPlace::RequestBody => "record-place-request-body",
        ParameterPlace::RedirectQuery => "record-place-redirect-query",
        ParameterPlace::RedirectFragment => "record-place-redirect-fragment",
        ParameterPlace::ResponseBody => "record-place-response-body",
    }
}

/// Running text on one line, every ASCII sign escaped that could be markup.
pub(super) fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!'
            | '&' | '@' | '$' => {
                written.push('\\');
                written.push(c);
            }
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => written.push(' '),
            c => written.push(c),
        }
    }
    // What could begin a list or a rule at the start of a line.
    if written.starts_with(['-', '+', '=']) {
        written.insert(0, '\\');
    }
    written
}

/// A code span: fenced by more backticks than it holds in a row.
pub(super) fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| match c {
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
            c => c,
        })
        .collect();
    if text.trim().is_empty() {
        return "–".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A code span in a table: a `|` would end the cell even there.
fn in_table(text: &str) -> String {
    code(text).replace('|', "\\|")
}
