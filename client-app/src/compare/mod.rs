//! Two flows side by side: what differs, which check said no, and what each party knows in one and not in the other.
//!
//! | file | what is in it |
//! |---|---|
//! | `align` | which exchange of one flow answers to which of the other |
//! | `identity` | which value of one flow plays the part of which value of the other |
//! | [`difference`] | what can differ between two exchanges |
//! | `parameters`, `exchange` | finding it |
//! | `nesting` | what was asked while something else was answered: the first difference, and what only follows |
//! | `outcome` | the check that decided, verdicts, knowledge |
//! | `page`, `headline`, `line`, `known` | the same as a page |
//!
//! Pure but for the page: it reads two [`FlowView`]s of the record. A value that is new in every run (a code, a
//! `state`, a token) is no difference by itself, only where it stands in for another value than in the other flow:
//! a code that was never given out, the refresh token before the last, a verifier that does not fit the challenge.

mod align;
pub mod difference;
mod exchange;
mod headline;
mod identity;
mod known;
mod line;
mod nesting;
mod outcome;
pub(crate) mod page;
mod parameters;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use shared::flow::{Check, ExchangeId, Party, ValueKind};

use self::difference::Difference;
use self::identity::Identities;
use self::nesting::Nesting;
use crate::record::knowledge::{Cell, Knower};
use crate::record::view::{ExchangeBrief, ExchangeView, FlowSummary, FlowView};

/// The most exchanges of one flow that are compared; of a longer one the beginning is.
pub const MOST: usize = 500;

/// `GET {base}/api/flows/{id}/compare?with={other}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// The flow that was named first.
    pub left: FlowSummary,
    /// The other.
    pub right: FlowSummary,
    /// Whether nothing differs but values that are new in every run, and metadata and keys that one of them
    /// had fetched before.
    pub same: bool,
    /// Where they differ first: an index into `steps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
    /// Who said no in one flow and not in the other; both, where each was refused for a reason of its own.
    pub decided: Vec<Decided>,
    /// The exchanges of both, in order, those that answer to each other side by side.
    pub steps: Vec<Step>,
    /// What can be said of one flow and not of the other.
    pub verdicts: OnlyIn<String>,
    /// What somebody knows in one flow and not in the other.
    pub knowledge: Vec<KnowledgeDifference>,
    /// How many exchanges at the end were not compared, because there are more than 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flank {
    /// The flow that was named first.
    Left,
    /// The other.
    Right,
}

impl Flank {
    /// The exchange of this side.
    #[must_use]
    pub const fn of(self, step: &Step) -> Option<&ExchangeBrief> {
        match self {
            Self::Left => step.left.as_ref(),
            Self::Right => step.right.as_ref(),
        }
    }
}

/// Two exchanges that answer to each other, or one that has no counterpart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// The exchange of the left flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ExchangeBrief>,
    /// The exchange of the right flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExchangeBrief>,
    /// Whether it only fetches metadata or keys, which a client keeps for the next time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub upkeep: bool,
    /// What differs between the two, in the order in which it happened; empty where one of them is missing.
    pub differences: Vec<Difference>,
}

impl Step {
    /// Whether both sides have it and nothing differs that counts.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let both = self.left.is_some() && self.right.is_some();
        both && !self.differences.iter().any(Difference::counts)
    }

    /// Whether it makes the two flows differ.
    #[must_use]
    pub fn differs(&self) -> bool {
        !self.is_same() && !self.upkeep
    }
}

/// A refusal that one flow has and the other has not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// In which flow.
    pub flank: Flank,
    /// The index into `steps`.
    pub at: usize,
    /// The exchange.
    pub exchange: ExchangeId,
    /// Its place in its flow, from 1.
    pub step: usize,
    /// Who said no.
    pub by: Party,
    /// The answer's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The protocol's error code: `invalid_grant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The check that failed, with what would have passed and what came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// What only one of two has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyIn<T> {
    /// Only the left.
    pub left: Vec<T>,
    /// Only the right.
    pub right: Vec<T>,
}

/// A value that somebody knows in one flow and not in the other, or knows safely in one and exposed in the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeDifference {
    /// What it is.
    pub kind: ValueKind,
    /// The how-manieth of its kind: in the left flow, or in the right where the left has none.
    pub number: usize,
    /// Who.
    pub knower: Knower,
    /// The cell of the left flow's matrix; absent where the flow has no such value or no such knower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Cell>,
    /// The cell of the right flow's matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Cell>,
}

/// How much was not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Exchanges of the left flow.
    pub left: usize,
    /// Exchanges of the right flow.
    pub right: usize,
}

impl Comparison {
    /// Compares two flows, exchange by exchange.
    #[must_use]
    pub fn of(left: &FlowView, right: &FlowView) -> Self {
        let (one, other) = (beginning(left), beginning(right));
        let mut identities = Identities::new(left, right);
        let mut steps = Vec::new();
        for pair in align::align(one, other) {
            let hops = (
                pair.left.and_then(|at| one.get(at)),
                pair.right.and_then(|at| other.get(at)),
            );
            let differences = match hops {
                (Some(left), Some(right)) => exchange::differences(left, right, &mut identities),
                _ => Vec::new(),
            };
            steps.push(Step {
                left: hops.0.map(brief),
                right: hops.1.map(brief),
                upkeep: hops.0.or(hops.1).is_some_and(is_upkeep),
                differences,
            });
        }
        let nesting = Nesting::of(one, other, &steps);
        nesting.mark_consequences(&mut steps);
        let first = nesting.first(&steps);
        let verdicts = outcome::verdicts(left, right);
        let cut = Cut {
            left: left.exchanges.len().saturating_sub(one.len()),
            right: right.exchanges.len().saturating_sub(other.len()),
        };
        Self {
            same: first.is_none() && cut.left == cut.right,
            first,
            decided: outcome::decided(left, right, &steps),
            knowledge: outcome::knowledge(&identities),
            steps,
            verdicts,
            cut: (cut.left + cut.right > 0).then_some(cut),
            left: left.summary.clone(),
            right: right.summary.clone(),
        }
    }
}

/// As much of a flow as is compared.
fn beginning(flow: &FlowView) -> &[ExchangeView] {
    let all = flow.exchanges.as_slice();
    all.get(..MOST).unwrap_or(all)
}

fn brief(exchange: &ExchangeView) -> ExchangeBrief {
    ExchangeBrief {
        id: exchange.id.clone(),
        step: exchange.step,
        from: exchange.from.clone(),
        to: exchange.to.clone(),
        channel: exchange.channel,
        method: exchange.method.clone(),
        path: exchange.path.clone(),
        status: exchange.status,
        started_us: exchange.started_us,
    }
}

/// Whether it fetches what a client keeps for the next time: metadata (RFC 8414 §3), keys (RFC 7517 §5).
fn is_upkeep(exchange: &ExchangeView) -> bool {
    exchange.path == "/jwks" || exchange.path.starts_with("/.well-known/")
}
