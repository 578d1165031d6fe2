//! The decision: each check with how it ended, what was expected and what came, and the rule that demands it.

use shared::flow::{Check, Outcome};
use shared::page::{Frame, key_of};

use super::said::Said;
use crate::viewer::Reference;

/// One check as a line.
pub(crate) struct CheckLine {
    pub(crate) id: String,
    /// `passed`, `failed` or `not-reached`.
    pub(crate) outcome: &'static str,
    pub(crate) outcome_text: String,
    /// The requirement in our own words.
    pub(crate) sentence: String,
    /// What would have passed.
    pub(crate) expected: Said,
    /// What came.
    pub(crate) got: Said,
    pub(crate) reference: Reference,
}

impl CheckLine {
    /// The line of `check`, made at `now` (realm time, seconds).
    pub(crate) fn new(frame: &Frame, check: &Check, now: i64) -> Self {
        let outcome = match check.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::NotReached => "not-reached",
        };
        let sentence = frame.find(key_of("check", &check.id));
        Self {
            outcome,
            outcome_text: frame.t(key_of("outcome", outcome)),
            sentence: sentence.unwrap_or_else(|| check.id.clone()),
            id: check.id.clone(),
            expected: Said::expected(frame, check, now),
            got: Said::got(frame, check, now),
            reference: Reference::of(&check.reference),
        }
    }

    /// The id of the check that said no, for links inside the page; empty for any other.
    pub(crate) fn anchor(&self) -> &'static str {
        if self.outcome == "failed" {
            "decisive"
        } else {
            ""
        }
    }

    /// Whether there is something to compare.
    pub(crate) fn compares(&self) -> bool {
        !self.expected.is_empty() || !self.got.is_empty()
    }
}

/// All checks of one decision.
pub(crate) struct Decision {
    pub(crate) lines: Vec<CheckLine>,
}

impl Decision {
    /// The decision that `checks` are, made at `now` (realm time, seconds).
    pub(crate) fn new(frame: &Frame, checks: &[Check], now: i64) -> Self {
        let lines = checks.iter();
        let lines = lines.map(|check| CheckLine::new(frame, check, now));
        Self {
            lines: lines.collect(),
        }
    }

    /// How many checks ended so: `passed`, `failed` or `not-reached`.
    pub(crate) fn count(&self, outcome: &str) -> usize {
        let so = |line: &&CheckLine| line.outcome == outcome;
        self.lines.iter().filter(so).count()
    }

    /// The check that said no.
    pub(crate) fn failed(&self) -> Option<&CheckLine> {
        self.lines.iter().find(|line| line.outcome == "failed")
    }
}
