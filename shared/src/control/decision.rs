//! What becomes of a request that waits: somebody decides, or it is released.
//!
//! May use serde.

use serde::{Deserialize, Serialize};

use super::edit::{EDITABLE_HEADERS, Edit, EditError, fits};
use super::waiting::{Paused, PausedParameter};

/// The most characters of an error's description.
const MAX_DESCRIPTION: usize = 300;
/// The most characters of an error code.
const MAX_CODE: usize = 64;
/// The most changes of one request.
const MAX_EDITS: usize = 256;

/// What somebody decided for a request that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Decision {
    /// It goes on as it came.
    Continue,
    /// It goes on, changed.
    Change {
        /// The changes.
        edits: Vec<Edit>,
    },
    /// The server never gets it, and the caller no answer.
    Drop,
    /// The breakpoint answers in place of the server, which never gets it.
    Answer {
        /// The answer.
        answer: Answer,
    },
}

/// An error, given in place of the server (in the form of RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status, 400 to 599.
    pub status: u16,
    /// `error`: a code such as `invalid_grant` or `temporarily_unavailable`.
    pub error: String,
    /// `error_description`; empty for none.
    #[serde(default)]
    pub error_description: String,
}

/// Why a request was let go though nobody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// It had waited as long as any may.
    Limit,
    /// The service stops.
    Shutdown,
    /// The record of the realm was cleared.
    Cleared,
    /// The client app, where one decides, is away.
    Away,
    /// Somebody let everything go that waited.
    All,
    /// The page that held its browser was left.
    Abandoned,
}

impl Release {
    /// `limit`, `shutdown`, `cleared`, `away`, `all` or `abandoned`, as the record notes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Shutdown => "shutdown",
            Self::Cleared => "cleared",
            Self::Away => "away",
            Self::All => "all",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What ended a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Somebody decided.
    Decided(Decision),
    /// Nobody did: it goes on as it came.
    Released(Release),
}

/// What became of a request that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It went on as it came.
    Continued,
    /// It went on, changed.
    Changed,
    /// It was dropped.
    Dropped,
    /// The breakpoint answered.
    Answered,
    /// It was let go though nobody decided.
    Released,
    /// Its caller hung up, or the browser did not come back.
    Left,
}

impl Fate {
    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Continued => "continued",
            Self::Changed => "changed",
            Self::Dropped => "dropped",
            Self::Answered => "answered",
            Self::Released => "released",
            Self::Left => "left",
        }
    }
}

impl From<&Verdict> for Fate {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Decided(decision) => decision.fate(),
            Verdict::Released(_) => Self::Released,
        }
    }
}

/// Why a decision is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// Nothing of this id waits in this realm.
    #[error("nothing of this id waits in this realm")]
    Unknown,
    /// Somebody was faster.
    #[error("this request was decided already")]
    Decided,
    /// The change cannot be made.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// A change names a parameter that the request does not have.
    #[error("{0}")]
    NoSuchParameter(String),
    /// A change changes nothing.
    #[error("a change changes something; continue lets the request go on as it came")]
    Nothing,
    /// Two parts of a change say different things of one parameter, or of the body.
    #[error("the change says two things about {0}")]
    Twice(String),
    /// Too many changes.
    #[error("at most {MAX_EDITS} changes")]
    TooMany,
    /// The answer is none that a server could give.
    #[error(
        "an answer has a status from 400 to 599, an error code of at most 64 characters (RFC 6749 §5.2) and a description of at most 300"
    )]
    Answer,
}

impl Decision {
    /// What becomes of the request by it.
    #[must_use]
    pub const fn fate(&self) -> Fate {
        match self {
            Self::Continue => Fate::Continued,
            Self::Change { .. } => Fate::Changed,
            Self::Drop => Fate::Dropped,
            Self::Answer { .. } => Fate::Answered,
        }
    }

    /// Whether it can be carried out on `paused`.
    ///
    /// # Errors
    /// [`DecideError::Edit`], [`DecideError::TooMany`], [`DecideError::Nothing`], [`DecideError::Answer`].
    pub fn check(&self, paused: &Paused) -> Result<(), DecideError> {
        match self {
            Self::Continue | Self::Drop => Ok(()),
            Self::Change { edits } if edits.len() > MAX_EDITS => Err(DecideError::TooMany),
            Self::Change { edits } => {
                edits.iter().try_for_each(|edit| possible(edit, paused))?;
                fits(&paused.url, edits)?;
                let changes = edits.iter().any(|edit| differs(edit, paused));
                changes.then_some(()).ok_or(DecideError::Nothing)
            }
            Self::Answer { answer } if answer.is_sound() => Ok(()),
            Self::Answer { .. } => Err(DecideError::Answer),
        }
    }
}

impl Answer {
    fn is_sound(&self) -> bool {
        // RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E
        let allowed = |text: &str| {
            text.bytes()
                .all(|b| (0x20..=0x7e).contains(&b) && b != b'"' && b != b'\\')
        };
        (400..=599).contains(&self.status)
            && !self.error.is_empty()
            && self.error.len() <= MAX_CODE
            && allowed(&self.error)
            && self.error_description.len() <= MAX_DESCRIPTION
            && allowed(&self.error_description)
    }
}

/// Whether an edit makes a difference, as far as what is shown of `paused` tells: a value that is hidden may be
/// the same.
fn differs(edit: &Edit, paused: &Paused) -> bool {
    match edit {
        Edit::Set {
            place,
            index,
            value,
        } => {
            let mut parameters = paused.parameters.iter();
            let same = |one: &PausedParameter| !one.hidden && one.value == *value;
            let known = parameters.find(|one| one.place == *place && one.index == *index);
            !known.is_some_and(same)
        }
        Edit::Header { name, value } => {
            let mut headers = paused.headers.iter();
            let sent = headers.find(|header| header.name.eq_ignore_ascii_case(name));
            sent.map(|header| header.value.as_str()) != value.as_deref()
        }
        Edit::Body { text } => paused.body.truncated || paused.body.text != *text,
        Edit::Remove { .. } | Edit::Add { .. } => true,
    }
}

fn possible(edit: &Edit, paused: &Paused) -> Result<(), EditError> {
    match edit {
        Edit::Set { place, index, .. } | Edit::Remove { place, index } => {
            let mut parameters = paused.parameters.iter();
            let known = parameters.any(|known| known.place == *place && known.index == *index);
            let missing = EditError::NoParameter {
                place: *place,
                index: *index,
            };
            known.then_some(()).ok_or(missing)
        }
        Edit::Add { place, .. } => {
            let form = *place == super::edit::Place::RequestQuery || paused.is_form;
            form.then_some(()).ok_or(EditError::NoForm)
        }
        Edit::Header { name, value } => {
            let text = value.as_deref().unwrap_or_default();
            let visible = text.bytes().all(|b| (0x20..=0x7e).contains(&b));
            let allowed = EDITABLE_HEADERS.contains(&name.as_str()) && visible;
            allowed
                .then_some(())
                .ok_or_else(|| EditError::Header(name.clone()))
        }
        Edit::Body { .. } => Ok(()),
    }
}
