//! Clients that register themselves (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration 1.0).
//!
//! Knows no HTTP. What a client says of itself is hostile text: every member is read by its type and judged before
//! it is stored, and what is not understood is left out (RFC 7591 §2). What was registered is given back whole.

mod document;
mod kept;
mod members;
mod rules;
mod uris;

pub(crate) use document::{Issued, document};
pub(crate) use rules::{REGISTRABLE, Terms, read};

use shared::oauth::{ErrorCode, NoRandomness};
use shared::time::Lifetime;

use super::keys::KeysError;
use crate::outbound::FetchError;
use crate::realms::RealmError;
use crate::store::{Outcome, StoreError};

/// Why a client is not registered, shown, changed or removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistrationError {
    /// RFC 7591 §1.3: whether anybody may register is the server's to say.
    #[error("clients do not register themselves in this realm")]
    Off,
    /// RFC 7591 §3: an initial access token is demanded, and none or another came.
    #[error("an initial access token of this realm is needed to register")]
    InitialToken {
        /// Whether any token came.
        came: bool,
    },
    /// RFC 7592 §2: the registration access token is missing, wrong, or another client's.
    #[error("the registration access token is missing, wrong, or not this client's")]
    Token {
        /// Whether any token came.
        came: bool,
    },
    /// There is no room for more.
    #[error("too many clients have registered themselves here; try again later")]
    Full,
    /// There were too many from where this one comes.
    #[error("too many clients have registered themselves from this address; try again in {0}")]
    Crowded(Lifetime),
    /// RFC 7591 §3.1: the request is no JSON object.
    #[error("{0}")]
    Body(&'static str),
    /// The body is larger than the server reads, or did not arrive in time.
    #[error("the body is too large, or did not arrive in time")]
    Size,
    /// RFC 7591 §3.2.2.
    #[error("redirect_uris: {0}")]
    RedirectUri(&'static str),
    /// RFC 7591 §3.2.2.
    #[error("{member}: {reason}")]
    Metadata {
        /// Which member.
        member: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The realm's clients keep to a security profile, and this one would not.
    #[error("the clients of this realm keep to a security profile, and this one misses of it: {0}")]
    Profile(String),
    /// RFC 7591 §2.3: nobody's software statements are trusted here.
    #[error("software_statement: this server trusts nobody's statements; leave it out")]
    SoftwareStatement,
    /// There is no such realm.
    #[error("there is no such realm")]
    RealmUnknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// A realm cannot be used.
    #[error("{0}")]
    Realm(String),
}

impl RegistrationError {
    /// A member that may not be registered so.
    pub(super) fn of(member: &'static str, reason: impl Into<String>) -> Self {
        Self::Metadata {
            member,
            reason: reason.into(),
        }
    }

    /// What it is called on the wire.
    pub(crate) const fn code(&self) -> ErrorCode {
        match self {
            Self::Off => ErrorCode::AccessDenied,
            Self::InitialToken { .. } | Self::Token { .. } => ErrorCode::InvalidToken,
            Self::RedirectUri(_) => ErrorCode::InvalidRedirectUri,
            Self::Body(_) | Self::Metadata { .. } | Self::Profile(_) => {
                ErrorCode::InvalidClientMetadata
            }
            Self::SoftwareStatement => ErrorCode::InvalidSoftwareStatement,
            Self::Size | Self::RealmUnknown => ErrorCode::InvalidRequest,
            Self::Full
            | Self::Crowded(_)
            | Self::Store(StoreError::Busy(_) | StoreError::Unavailable(_)) => {
                ErrorCode::TemporarilyUnavailable
            }
            Self::Store(_) | Self::Randomness(_) | Self::Realm(_) => ErrorCode::ServerError,
        }
    }
}

impl Outcome for RegistrationError {
    fn is_refusal(&self) -> bool {
        !matches!(self, Self::Store(_) | Self::Randomness(_) | Self::Realm(_))
    }
}

impl From<RealmError> for RegistrationError {
    fn from(error: RealmError) -> Self {
        match error {
            RealmError::Unknown(_) => Self::RealmUnknown,
            RealmError::Store(error) => Self::Store(error),
            other => Self::Realm(other.to_string()),
        }
    }
}

impl From<KeysError> for RegistrationError {
    fn from(error: KeysError) -> Self {
        Self::of("jwks", error.to_string())
    }
}

impl From<FetchError> for RegistrationError {
    fn from(error: FetchError) -> Self {
        Self::of("sector_identifier_uri", error.to_string())
    }
}
