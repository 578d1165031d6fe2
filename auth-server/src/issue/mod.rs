//! Issuing: everything that the server gives out (RFC 6749 §1.4, §1.5; OpenID Connect Core §2).
//!
//! May use the store, clients and realms; knows no HTTP. Each function issues one thing; what goes together
//! is decided by the grant that asks.

pub(crate) mod access_token;
pub(crate) mod authorization_code;
pub(crate) mod claims;
mod details;
pub(crate) mod id_token;
pub(crate) mod id_token_hint;
pub(crate) mod keys;
pub(crate) mod logout_token;
pub(crate) mod refresh_token;
pub(crate) mod subject;
pub(crate) mod userinfo;
pub(crate) mod verification;

pub(crate) use details::{GrantDetails, TokenDetails};

use shared::dpop::Thumbprint;
use shared::oauth::{InvalidId, NoRandomness};
use shared::seed::SigningAlgorithm;
use shared::time::Timestamp;

use crate::client::Client;
use crate::realms::Realm;
use crate::store::StoreError;

/// Who issues, to whom, and when.
#[derive(Clone, Copy)]
pub(crate) struct Issue<'a> {
    /// The realm whose issuer and keys are used.
    pub(crate) realm: &'a Realm,
    /// The client that gets it.
    pub(crate) client: &'a Client,
    /// The realm's time.
    pub(crate) now: Timestamp,
    /// The key that access tokens are bound to (RFC 9449 §5); none: whoever has one may use it.
    pub(crate) key: Option<&'a Thumbprint>,
}

/// Why nothing was issued: never the caller's fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssueError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A signing key cannot be used.
    #[error("a signing key cannot be used: {0}")]
    Key(&'static str),
    /// The realm has no active key for this algorithm.
    #[error("the realm has no active key for {}", .0.as_str())]
    NoKey(SigningAlgorithm),
    /// A key or token is not what it should be.
    #[error("a signing key cannot be used: {0}")]
    Jwt(#[from] jsonwebtoken::errors::Error),
    /// Claims have no JSON form.
    #[error("claims cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
    /// A stored identifier is malformed.
    #[error("corrupt data: {0}")]
    Id(#[from] InvalidId),
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}
