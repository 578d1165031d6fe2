//! A rule of a standard, and how it ended for one client.

use serde::Serialize;
use shared::flow::ExchangeId;

/// Which standard a rule is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standard {
    /// OAuth 2.1 and the best current practice that it rests on (RFC 9700).
    Rfc9700,
    /// The FAPI 2.0 Security Profile.
    Fapi2,
}

impl Standard {
    /// Both, in the order in which pages show them.
    pub(crate) const ALL: [Self; 2] = [Self::Rfc9700, Self::Fapi2];

    /// Its name in language keys.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Rfc9700 => "rfc9700",
            Self::Fapi2 => "fapi2",
        }
    }
}

/// How a rule ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ended {
    /// It is met.
    Met,
    /// It is not met.
    NotMet,
    /// Nothing was seen yet that could tell: run a flow.
    NotSeen,
    /// It asks nothing of a client of this kind.
    NotAsked,
}

impl Ended {
    /// Met or not.
    pub(crate) const fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::NotMet }
    }

    /// Its name in language keys and classes.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::NotSeen => "not-seen",
            Self::NotAsked => "not-asked",
        }
    }
}

/// A rule.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Rule {
    /// Its stable id; `score-rule-{id}` and `score-why-{id}` in the language files.
    pub(crate) id: &'static str,
    /// The standard.
    pub(crate) standard: Standard,
    /// Where it stands there.
    pub(crate) reference: &'static str,
}

/// A rule that was judged for one client.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Judged {
    /// The rule.
    #[serde(flatten)]
    pub(crate) rule: Rule,
    /// How it ended.
    pub(crate) ended: Ended,
    /// What decided it, in the protocol's words: hostile text.
    pub(crate) got: String,
    /// The flow and the exchange that show it, where a flow did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shown_by: Option<(ExchangeId, ExchangeId)>,
}
