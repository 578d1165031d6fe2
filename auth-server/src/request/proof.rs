//! The `DPoP` proof of a request (RFC 9449 §4): found, verified, and used once.
//!
//! May use actix-web, the store and `shared::dpop`. For `/token`, for pushed authorization requests and for
//! `/userinfo`: each says which client's policy counts.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use shared::dpop::{self, DpopFault, NonceRule, Proof, Rules};
use shared::flow::catalog;
use shared::oauth::Digest;
use shared::observe::Observation;
use shared::realm::Addresses;
use shared::seed::NonceDemand;

use crate::client::Client;
use crate::grant::TokenError;
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::replays::{self, ReplayKind};

/// The header, read once.
const DPOP: HeaderName = HeaderName::from_static(dpop::HEADER);

/// What of a request is about its proof.
#[derive(Clone, Debug, Default)]
pub(crate) struct PresentedProof {
    /// All `DPoP` headers: there should be one at most.
    headers: Vec<String>,
    method: String,
    /// The public URL, without its query.
    target: String,
}

/// Why a proof is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProofError {
    /// It is wrong, missing where it is needed, or lacks a nonce.
    #[error("{fault}")]
    Refused {
        /// What is wrong.
        fault: DpopFault,
        /// The nonce that the next one should have: for `DPoP-Nonce`.
        nonce: Option<String>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProofError> for TokenError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Refused { fault, nonce } => Self::Dpop { fault, nonce },
            ProofError::Store(error) => Self::Store(error),
        }
    }
}

/// A proof that was accepted, and what its answer should carry.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    /// The proof; none where none came and none is needed.
    pub(crate) proof: Option<Proof>,
    /// A nonce for the next one (§8.2), where it is time for it.
    pub(crate) nonce: Option<String>,
}

impl PresentedProof {
    /// Looks at a request.
    pub(crate) fn of(request: &HttpRequest, addresses: &Addresses) -> Self {
        let text = |value: &actix_web::http::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers: Vec<_> = request.headers().get_all(DPOP).map(text).collect();
        if headers.is_empty() {
            return Self::default();
        }
        Self {
            headers,
            method: request.method().to_string(),
            target: format!("{}{}", addresses.auth_server, request.path()),
        }
    }

    /// Whether there is any.
    pub(crate) const fn is_there(&self) -> bool {
        !self.headers.is_empty()
    }

    /// Announces the checks of [`PresentedProof::verify`].
    pub(crate) fn plan(&self, observation: &Observation) {
        if self.is_there() {
            observation.plan(dpop::CHECKS);
            observation.plan(dpop::REPLAY_CHECKS);
        }
    }

    /// Verifies the proof by the policy of `client`, and takes note of its use. Where its tokens are always
    /// bound (`dpop_bound_access_tokens`, §5.2) one must be there.
    ///
    /// # Errors
    /// [`ProofError`].
    pub(crate) async fn verify(
        &self,
        state: &AppState,
        (realm, client): (&Realm, &Client),
        observation: &Observation,
    ) -> Result<Accepted, ProofError> {
        if client.metadata.dpop_bound_access_tokens {
            let got = if self.is_there() { "a proof" } else { "none" };
            let expected = "a proof: this client's tokens are bound to a key";
            observation
                .require(&catalog::DPOP_PRESENT, self.is_there(), expected, got)
                .or_else(|| refused(realm, client, DpopFault::Missing))?;
        }
        if !self.is_there() {
            return Ok(Accepted::default());
        }
        let proof = self.judge((realm, client), None, observation)?;
        Box::pin(use_once(state, realm, &proof, observation)).await?;
        let nonce = proof
            .nonce_ageing
            .then(|| realm.nonces.make(realm.name.as_str(), realm.now()));
        Ok(Accepted {
            proof: Some(proof),
            nonce,
        })
    }

    /// The checks of RFC 9449 §4.3, but for the last: whether it was used before.
    ///
    /// # Errors
    /// [`ProofError::Refused`].
    pub(crate) fn judge(
        &self,
        (realm, client): (&Realm, &Client),
        access_token: Option<&str>,
        observation: &Observation,
    ) -> Result<Proof, ProofError> {
        let policy = &client.policy;
        let rules = Rules {
            method: &self.method,
            target: &self.target,
            now: realm.now(),
            algorithms: &policy.dpop_signing_algs,
            nonce: NonceRule {
                nonces: &realm.nonces,
                realm: realm.name.as_str(),
                required: policy.dpop_nonce == NonceDemand::Required,
            },
            access_token,
        };
        dpop::verify(&self.headers, &rules, observation)
            .map_err(|fault| refused(realm, client, fault))
    }
}

/// A refusal, with a nonce where the next proof needs one.
fn refused(realm: &Realm, client: &Client, fault: DpopFault) -> ProofError {
    let asks = matches!(fault, DpopFault::NonceMissing | DpopFault::NonceUnknown);
    let needs = asks || client.policy.dpop_nonce == NonceDemand::Required;
    ProofError::Refused {
        fault,
        nonce: needs.then(|| realm.nonces.make(realm.name.as_str(), realm.now())),
    }
}

/// §11.1: takes note that a proof was used, in the store that all replicas share, for as long as it could be
/// presented again.
///
/// # Errors
/// [`DpopFault::Replayed`]; [`ProofError::Store`].
pub(crate) async fn use_once(
    state: &AppState,
    realm: &Realm,
    proof: &Proof,
    observation: &Observation,
) -> Result<(), ProofError> {
    let (name, until) = (realm.name.clone(), proof.expires_at);
    let digest = Digest::from_stored(proof.replay_key.clone());
    let first = state
        .store
        .write(move |tx| replays::first(tx, &name, ReplayKind::DpopProof, &digest, until))
        .await?;
    let got = if first { "not before" } else { "used before" };
    observation
        .require(&catalog::DPOP_UNUSED, first, "not used before", got)
        .or(ProofError::Refused {
            fault: DpopFault::Replayed,
            nonce: None,
        })
}
