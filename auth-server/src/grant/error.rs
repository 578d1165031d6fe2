//! Why a token request is refused, in finer words than the wire knows (RFC 6749 §5.2).

use shared::dpop::DpopFault;
use shared::oauth::{ErrorCode, NoRandomness};
use shared::time::Lifetime;

use super::token_exchange::ExchangeFault;
use crate::client::authentication::ClientAuthError;
use crate::client::profile::ProfileMissed;
use crate::issue::IssueError;
use crate::person::SignInError;
use crate::realms::RealmError;
use crate::request::client::RequestError;

use crate::store::{Outcome, StoreError};

/// Why a token request is not answered with tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// The request cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The client is not believed.
    #[error(transparent)]
    Client(#[from] ClientAuthError),
    /// RFC 6749 §5.2: a required parameter.
    #[error("the parameter {0} is missing")]
    ParameterMissing(&'static str),
    /// RFC 6749 §5.2.
    #[error("the grant type is not supported")]
    GrantUnsupported,
    /// RFC 6749 §5.2.
    #[error("this client may not use this grant type")]
    GrantForbidden,
    /// FAPI 2.0 Security Profile §5.3.2: the client was registered before it was held to that.
    #[error(transparent)]
    Profile(#[from] ProfileMissed),
    /// RFC 8707 §2.
    #[error("resource is not among the APIs that the token may be meant for")]
    Target,
    /// RFC 6749 §5.2.
    #[error("the scope is malformed, unknown, or more than this client may ask for")]
    Scope,

    /// RFC 6749 §4.1.3.
    #[error("the code is not known")]
    CodeUnknown,
    /// RFC 6749 §4.1.3.
    #[error("the code was issued to another client")]
    CodeOfAnotherClient,
    /// RFC 6749 §4.1.2.
    #[error("the code has expired")]
    CodeExpired,
    /// RFC 6749 §4.1.3.
    #[error("redirect_uri is not the one of the authorization request")]
    CodeRedirectUri,
    /// RFC 7636 §4.6.
    #[error("code_verifier is missing")]
    VerifierMissing,
    /// RFC 9700 §4.8.2.
    #[error("code_verifier was sent, but the authorization request had no code_challenge")]
    VerifierUnexpected,
    /// RFC 7636 §4.1.
    #[error("code_verifier must be 43 to 128 unreserved characters")]
    VerifierMalformed,
    /// RFC 7636 §4.6.
    #[error("code_verifier does not match code_challenge")]
    VerifierWrong,
    /// The code was tried with too many verifiers.
    #[error("the code was tried with too many wrong verifiers")]
    VerifierGuessed,
    /// RFC 6749 §4.1.2: what it gave is revoked.
    #[error("the code was redeemed before; what it gave is revoked")]
    CodeReplayed,
    /// What the code stands for was taken back.
    #[error("the grant was revoked")]
    GrantRevoked,

    /// RFC 8628 §3.5: `invalid_grant`.
    #[error("the device code is not known")]
    ApprovalUnknown,
    /// RFC 8628 §3.5: `invalid_grant`.
    #[error("the device code was given to another client")]
    ApprovalOfAnotherClient,
    /// RFC 8628 §3.5: `expired_token`.
    #[error("the device code has expired; begin again")]
    ApprovalExpired,
    /// RFC 8628 §3.5: `access_denied`.
    #[error("the person said no")]
    ApprovalDenied,
    /// RFC 8628 §3.5: `authorization_pending`.
    #[error("the person has not decided yet; ask again")]
    ApprovalPending,
    /// RFC 8628 §3.5: `slow_down`.
    #[error("asked again too soon; from now on wait {interval} seconds between two polls")]
    ApprovalPolledTooSoon {
        /// Seconds.
        interval: i64,
    },
    /// RFC 8628 §3.5: `invalid_grant`.
    #[error("the device code was redeemed before")]
    ApprovalUsed,
    /// RFC 9126 §2.3, RFC 8628 §3.2: no more is kept for whoever asks. RFC 6749 §5.2 has no code for it: that of §4.1.2.1,
    /// with 429.
    #[error("too much is asked for at the moment; try again in {0}")]
    Crowded(Lifetime),
    /// The device authorization endpoint found no free user code.
    #[error("no user code is free")]
    NoUserCode,

    /// RFC 6749 §6.
    #[error("the refresh token is not known")]
    RefreshTokenUnknown,
    /// RFC 6749 §6.
    #[error("the refresh token was issued to another client")]
    RefreshTokenOfAnotherClient,
    /// RFC 6749 §6.
    #[error("the refresh token has expired")]
    RefreshTokenExpired,
    /// RFC 7009 §2.1.
    #[error("the refresh token was revoked")]
    RefreshTokenRevoked,
    /// RFC 9700 §4.14.2: its family is revoked.
    #[error("the refresh token was used before; all tokens of its grant are revoked")]
    RefreshTokenReused,
    /// RFC 6749 §6.
    #[error("more scope is asked for than was granted")]
    ScopeWidened,

    /// RFC 6749 §4.3.2.
    #[error("the user name or the password is wrong")]
    PasswordWrong,
    /// RFC 6749 §4.3.2: "MUST protect the endpoint against brute force attacks".
    #[error("there were too many failed attempts; try again in {0}")]
    PasswordGuessed(Lifetime),
    /// RFC 6749 §5.2 has no code for it: that of §4.1.2.1, with 503.
    #[error("more people sign in at the moment than wait for it")]
    SignInsFull,

    /// RFC 9449 §5, §8: the proof; with the nonce that the next one should have.
    #[error("{fault}")]
    Dpop {
        /// What is wrong.
        fault: DpopFault,
        /// Sent in `DPoP-Nonce`.
        nonce: Option<String>,
    },
    /// RFC 9449 §10.
    #[error(
        "the code is bound to another key: redeem it with a DPoP proof of the key named by dpop_jkt"
    )]
    CodeOfAnotherKey,
    /// RFC 9449 §5.
    #[error("the refresh token is bound to another key: use it with a DPoP proof of that key")]
    RefreshTokenOfAnotherKey,

    /// RFC 8693 §2.2.2: the request, or a token in it.
    #[error("{0}")]
    Exchange(ExchangeFault),
    /// RFC 8693 §2.2.2.
    #[error("the client may not ask for a token for this audience")]
    ExchangeTarget,
    /// RFC 7523 §3.1.
    #[error("the assertion is not accepted: {0}")]
    Assertion(&'static str),

    /// RFC 7009 §2.1.
    #[error("the token was issued to another client")]
    RevocationForbidden,

    /// There is no such realm.
    #[error("there is no such realm")]
    RealmUnknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing could be issued.
    #[error(transparent)]
    Issue(IssueError),
    /// A realm cannot be used.
    #[error("{0}")]
    Realm(String),
}

impl TokenError {
    /// What it is called on the wire.
    pub(crate) const fn code(&self) -> ErrorCode {
        match self {
            // RFC 9449 §5: `invalid_dpop_proof` is for a proof that is wrong; one that is missing is a missing parameter.
            Self::Dpop {
                fault: DpopFault::Missing,
                ..
            }
            | Self::Request(_)
            | Self::Client(ClientAuthError::TwoMethods)
            | Self::ParameterMissing(_)
            | Self::VerifierMalformed
            | Self::RealmUnknown
            | Self::Exchange(_) => ErrorCode::InvalidRequest,
            Self::Client(ClientAuthError::Nobody | ClientAuthError::Failed { .. }) => {
                ErrorCode::InvalidClient
            }
            Self::GrantUnsupported => ErrorCode::UnsupportedGrantType,
            Self::GrantForbidden | Self::Profile(_) | Self::RevocationForbidden => {
                ErrorCode::UnauthorizedClient
            }
            Self::Scope | Self::ScopeWidened => ErrorCode::InvalidScope,
            Self::Target | Self::ExchangeTarget => ErrorCode::InvalidTarget,
            Self::Dpop { fault, .. } => fault.code(),
            Self::CodeUnknown
            | Self::CodeOfAnotherClient
            | Self::CodeExpired
            | Self::CodeRedirectUri
            | Self::VerifierMissing
            | Self::VerifierUnexpected
            | Self::VerifierWrong
            | Self::VerifierGuessed
            | Self::CodeReplayed
            | Self::CodeOfAnotherKey
            | Self::Assertion(_)
            | Self::RefreshTokenOfAnotherKey
            | Self::GrantRevoked
            | Self::ApprovalUnknown
            | Self::ApprovalOfAnotherClient
            | Self::ApprovalUsed
            | Self::RefreshTokenUnknown
            | Self::RefreshTokenOfAnotherClient
            | Self::RefreshTokenExpired
            | Self::RefreshTokenRevoked
            | Self::RefreshTokenReused
            | Self::PasswordWrong
            | Self::PasswordGuessed(_) => ErrorCode::InvalidGrant,
            Self::ApprovalExpired => ErrorCode::ExpiredToken,
            Self::ApprovalDenied => ErrorCode::AccessDenied,
            Self::ApprovalPending => ErrorCode::AuthorizationPending,
            Self::ApprovalPolledTooSoon { .. } => ErrorCode::SlowDown,
            Self::SignInsFull | Self::Crowded(_) | Self::Client(ClientAuthError::NotNow { .. }) => {
                ErrorCode::TemporarilyUnavailable
            }
            Self::Store(error)
            | Self::Client(ClientAuthError::Store(error))
            | Self::Issue(IssueError::Store(error)) => code_of(error),
            Self::Issue(_) | Self::Realm(_) | Self::NoUserCode => ErrorCode::ServerError,
        }
    }
}

impl TokenError {
    /// When the same may be asked for again, where a limit says so: RFC 6585 §4, 429.
    pub(crate) const fn limited_for(&self) -> Option<Lifetime> {
        match self {
            Self::Crowded(retry_after) | Self::Client(ClientAuthError::NotNow { retry_after }) => {
                Some(*retry_after)
            }
            _ => None,
        }
    }
}

/// What a failure of the store is called on the wire.
const fn code_of(error: &StoreError) -> ErrorCode {
    match error {
        StoreError::Busy(_) | StoreError::Unavailable(_) => ErrorCode::TemporarilyUnavailable,
        StoreError::Query(_)
        | StoreError::Corrupt { .. }
        | StoreError::Migration(_)
        | StoreError::Newer { .. } => ErrorCode::ServerError,
    }
}

impl Outcome for TokenError {
    /// Refusals commit: a replay revokes, and stays refused. Failures roll back.
    fn is_refusal(&self) -> bool {
        !matches!(
            self.code(),
            ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable
        )
    }
}

impl From<IssueError> for TokenError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Store(error) => Self::Store(error),
            other => Self::Issue(other),
        }
    }
}

impl From<NoRandomness> for TokenError {
    fn from(error: NoRandomness) -> Self {
        Self::Issue(IssueError::Randomness(error))
    }
}

impl From<RealmError> for TokenError {
    fn from(error: RealmError) -> Self {
        match error {
            RealmError::Unknown(_) => Self::RealmUnknown,
            RealmError::Store(error) => Self::Store(error),
            other => Self::Realm(other.to_string()),
        }
    }
}

impl From<SignInError> for TokenError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::PasswordWrong,
            SignInError::TooMany { retry_after } => Self::PasswordGuessed(retry_after),
            SignInError::Full => Self::SignInsFull,
            SignInError::Store(error) => Self::Store(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_commit_and_failures_roll_back() {
        assert!(TokenError::CodeReplayed.is_refusal());
        assert!(TokenError::RefreshTokenReused.is_refusal());
        assert!(!TokenError::Store(StoreError::Busy("locked".to_owned())).is_refusal());
        assert!(!TokenError::Store(StoreError::corrupt("a.b", "c")).is_refusal());
    }

    #[test]
    fn the_wire_knows_less_than_the_log() {
        use ErrorCode::{InvalidClient, InvalidGrant, InvalidRequest, TemporarilyUnavailable};
        let failed = ClientAuthError::Failed { by_header: true };
        for (error, code) in [
            (TokenError::CodeExpired, InvalidGrant),
            (TokenError::CodeReplayed, InvalidGrant),
            (TokenError::VerifierWrong, InvalidGrant),
            (TokenError::PasswordWrong, InvalidGrant),
            (TokenError::Client(failed), InvalidClient),
            (
                TokenError::Client(ClientAuthError::TwoMethods),
                InvalidRequest,
            ),
            (
                TokenError::Store(StoreError::Busy(String::new())),
                TemporarilyUnavailable,
            ),
        ] {
            assert_eq!(error.code(), code, "{error}");
        }
    }
}
