//! A check as a line of a list: what was verified, how it ended, what was expected and what came.

use shared::flow::{Check, Outcome};
use shared::page::{Frame, key_of};

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct CheckLine {
    /// Its stable id.
    pub(crate) id: String,
    /// `passed`, `failed` or `not-reached`.
    pub(crate) outcome: &'static str,
    /// The outcome in the reader's language.
    pub(crate) outcome_text: String,
    /// A sentence in the reader's language.
    pub(crate) sentence: String,
    /// What would have passed.
    pub(crate) expected: String,
    /// What came: hostile text.
    pub(crate) got: String,
    /// Where the rule stands.
    pub(crate) reference: String,
}

impl CheckLine {
    /// The line of `check`.
    pub(crate) fn new(frame: &Frame, check: &Check) -> Self {
        let (outcome, outcome_text) = match check.outcome {
            Outcome::Passed => ("passed", frame.t("app-check-passed")),
            Outcome::Failed => ("failed", frame.t("app-check-failed")),
            Outcome::NotReached => ("not-reached", frame.t("app-check-not-reached")),
        };
        Self {
            id: check.id.clone(),
            outcome,
            outcome_text,
            sentence: frame
                .find(key_of("check", &check.id))
                .unwrap_or_else(|| check.id.clone()),
            expected: check.expected.clone(),
            got: check.got.clone(),
            reference: check.reference.clone(),
        }
    }

    /// The lines of `checks`.
    pub(crate) fn all(frame: &Frame, checks: &[Check]) -> Vec<Self> {
        checks.iter().map(|check| Self::new(frame, check)).collect()
    }

    /// The one that said no.
    pub(crate) fn failed(lines: &[Self]) -> Option<&Self> {
        lines.iter().find(|line| line.outcome == "failed")
    }
}
