//! What can differ between two exchanges that answer to each other.

use serde::{Deserialize, Serialize};
use shared::flow::{Channel, Check, Party, ValueKind};

use crate::record::parameter::ParameterPlace;

/// One difference; `what` names it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// Another party asked.
    From(Sides<Party>),
    /// The one came through the browser, the other did not.
    Channel(Sides<Channel>),
    /// Another method.
    Method(Sides<String>),
    /// Another route.
    Path(Sides<String>),
    /// A parameter was left out, added, or has another value.
    Parameter(ParameterDifference),
    /// A header that matters.
    Header(HeaderDifference),
    /// A check ended otherwise.
    Check(CheckDifference),
    /// Another status, or none.
    Status(Sides<Option<u16>>),
    /// No answer came, or for another reason.
    Failure(Sides<Option<String>>),
}

impl Difference {
    /// Whether it makes the flows differ.
    #[must_use]
    pub const fn counts(&self) -> bool {
        !matches!(self, Self::Parameter(parameter) if parameter.own)
    }

    /// Whether it came about after the request was there: in what was checked, or answered.
    #[must_use]
    pub const fn is_of_answer(&self) -> bool {
        match self {
            Self::From(_) | Self::Channel(_) | Self::Method(_) | Self::Path(_) => false,
            Self::Check(_) | Self::Status(_) | Self::Failure(_) => true,
            Self::Header(header) => matches!(header.half, Half::Response),
            Self::Parameter(parameter) => matches!(
                parameter.place,
                ParameterPlace::RedirectQuery
                    | ParameterPlace::RedirectFragment
                    | ParameterPlace::ResponseBody
            ),
        }
    }
}

/// The same thing in both flows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides<T> {
    /// In the left flow.
    pub left: T,
    /// In the right flow.
    pub right: T,
}

/// How a parameter of the right flow stands to that of the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the right has it.
    Added,
    /// Only the left has it.
    Removed,
    /// Both have it, with another value or another number of times.
    Changed,
}

impl Change {
    /// The name in JSON and in language keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A parameter that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterDifference {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: ParameterPlace,
    /// How the right stands to the left.
    pub change: Change,
    /// Its values in the left flow, as often as it stood there.
    pub left: Vec<Shown>,
    /// Its values in the right flow.
    pub right: Vec<Shown>,
    /// Whether it is a field of one of the client app's own forms, and no parameter of the protocol: it is told,
    /// but does not make a difference.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// As the record keeps it: in full in a demo, else hidden.
    pub value: String,
    /// Which value of its flow it is, where it is one that is followed: `code 1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<Named>,
    /// Of a code verifier: whether it fits the challenge of its flow (RFC 7636 §4.6), where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fits: Option<bool>,
}

/// The name of a value in its own flow, as the matrix of knowledge has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// What it is.
    pub kind: ValueKind,
    /// The how-manieth of its kind, from 1.
    pub number: usize,
}

/// Request or response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// The request.
    Request,
    /// The response.
    Response,
}

/// A header that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderDifference {
    /// Its lower-case name.
    pub name: String,
    /// Whose header it is.
    pub half: Half,
    /// In the left flow; of `authorization` the scheme, of `location` the address without its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// In the right flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
}

/// A check that ended otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDifference {
    /// Its id.
    pub id: String,
    /// The rule behind it: `RFC 7636 §4.6`.
    pub reference: String,
    /// As it ended in the left flow; absent where it was not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Check>,
    /// As it ended in the right flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Check>,
    /// Whether it was only not reached, because an earlier check of the same exchange had decided.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follows: bool,
}
