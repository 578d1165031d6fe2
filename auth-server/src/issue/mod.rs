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
use shared::time::{Lifetime, Timestamp};

use crate::client::Client;
use crate::realms::Realm;
use crate::store::{DbConnection, StoreError, Stored, clients};

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

impl Issue<'_> {
    /// Lets a client that registered itself be kept as long as what it is given now: as a grant ends, and not as its
    /// rows are found. Written once a day at most: a day is added.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn keep_client(&self, tx: &mut DbConnection, until: Timestamp) -> Stored<()> {
        match self.client.self_registered {
            Some(kept) if kept < until => {
                let (realm, client) = (&self.realm.name, self.client.id.as_str());
                clients::keep(tx, realm, client, until + KEPT_LONGER)
            }
            _ => Ok(()),
        }
    }
}

/// How much longer a client is kept than what it was given.
const KEPT_LONGER: Lifetime = Lifetime::from_minutes(24 * 60);

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
