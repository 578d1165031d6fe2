//! Check: one named thing that a server verified on the way to its answer.
//!
//! May use nothing but serde. The list of all checks is [`super::catalog`]; one source makes the
//! protocol's error, the log line, the learner's explanation and the test's assertion.

use serde::{Deserialize, Serialize};

/// The definition of a check: a stable id and the sentence of a standard that demands it.
#[derive(Debug, PartialEq, Eq)]
pub struct CheckDef {
    /// Stable, dotted, lower case: `redirect_uri.exact_match`.
    pub id: &'static str,
    /// Where the rule stands: `RFC 7636 §4.6`.
    pub reference: &'static str,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was verified and held.
    Passed,
    /// It was verified and did not hold: it decided the answer.
    Failed,
    /// An earlier check decided the answer, so this one was not reached.
    NotReached,
}

/// One check of one exchange, as it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The stable id of its [`CheckDef`].
    pub id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What would have passed; empty when it was not reached. Never a secret: digests or descriptions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// What came; empty when it was not reached. Never a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub got: String,
    /// The sentence of a standard that demands it.
    pub reference: String,
}

impl Check {
    /// A check that has not been reached yet.
    #[must_use]
    pub fn not_reached(definition: &CheckDef) -> Self {
        Self {
            id: definition.id.to_owned(),
            outcome: Outcome::NotReached,
            expected: String::new(),
            got: String::new(),
            reference: definition.reference.to_owned(),
        }
    }
}
