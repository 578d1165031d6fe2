//! Tokens that are bound to a key (RFC 9449 §7): the proof beside the token, the nonces that this server gives, and
//! the proofs that were used.
//!
//! May use actix-web, `shared::dpop` and the store: where several processes serve one API, a proof is good once at
//! all of them, also after a restart, and each knows the nonces of the others.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use shared::dpop::{self, DpopFault, NonceRule, Nonces, Proof, Rules, Thumbprint};
use shared::flow::catalog as check;
use shared::oauth::{AccessToken as Token, ChallengeScheme, Secret, SecretKind};
use shared::observe::Observation;
use shared::realm::{Addresses, RealmName};
use shared::seed::NonceDemand;
use shared::store::{DbConnection, Store, StoreError};
use shared::time::Clocks;

use super::error::AccessError;
use crate::state::AppState;
use crate::store::{nonce_secrets, used_proofs};

/// What of a request is about its proof.
#[derive(Debug)]
pub(super) struct PresentedProof {
    headers: Vec<String>,
    method: String,
    target: String,
}

/// The nonces that this server gives, and the proofs that were used: the same for every process of it.
pub(crate) struct Proofs {
    store: Store,
    /// The nonces of each realm, as far as they were needed. What they are made under never changes.
    nonces: RwLock<HashMap<RealmName, Nonces>>,
}

/// The most realms whose nonces are kept; beyond it all are forgotten, and read again as they are needed.
const MOST: usize = 10_000;

/// What nonces are made under among secrets: it is stored as it is, for it has to be used.
enum NonceSecret {}

impl SecretKind for NonceSecret {
    const NAME: &'static str = "nonce_secret";
}

impl std::fmt::Debug for Proofs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proofs")
    }
}

impl Proofs {
    /// Those that `store` knows.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            nonces: RwLock::default(),
        }
    }

    /// The nonces of `realm`.
    async fn nonces(&self, realm: &RealmName) -> Result<Nonces, AccessError> {
        let known = {
            let all = self.nonces.read().unwrap_or_else(PoisonError::into_inner);
            all.get(realm).cloned()
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let name = realm.clone();
        let found = self.store.read(move |tx| nonce_secrets::find(tx, &name));
        let secret = if let Some(secret) = found.await? {
            secret
        } else {
            let (name, fresh) = (realm.clone(), Secret::<NonceSecret>::generate()?);
            let put =
                move |tx: &mut DbConnection| nonce_secrets::find_or_put(tx, &name, fresh.expose());
            self.store.write(put).await?
        };
        let nonces = Nonces::new([secret.as_bytes()]);
        let mut all = self.nonces.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(realm.clone(), nonces.clone());
        Ok(nonces)
    }

    /// Uses a proof; whether for the first time.
    async fn use_once(&self, realm: &RealmName, proof: &Proof) -> Result<bool, AccessError> {
        let (realm, digest, until) = (realm.clone(), proof.replay_key.clone(), proof.expires_at);
        let first = move |tx: &mut DbConnection| used_proofs::first(tx, &realm, &digest, until);
        Ok(self.store.write(first).await?)
    }

    /// Forgets what could not come again, realm by realm, each by its own clock.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn sweep(&self, clocks: &Clocks) -> Result<(), StoreError> {
        for realm in self.store.read(used_proofs::realms).await? {
            let now = clocks.of(&realm).now();
            let sweep = move |tx: &mut DbConnection| used_proofs::sweep(tx, &realm, now);
            self.store.write(sweep).await?;
        }
        Ok(())
    }
}

impl PresentedProof {
    /// Looks at a request.
    pub(super) fn of(request: &HttpRequest, addresses: &Addresses) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            headers: request.headers().get_all(dpop::HEADER).map(text).collect(),
            method: request.method().to_string(),
            target: format!("{}{}", addresses.resource_server, request.path()),
        }
    }

    /// Announces the checks of [`PresentedProof::require`] for a token that is presented as bound.
    pub(super) fn plan(observation: &Observation) {
        observation.plan(&[&check::TOKEN_SCHEME, &check::DPOP_PRESENT]);
        observation.plan(dpop::CHECKS);
        observation.plan(&[&check::DPOP_TOKEN_HASH, &check::TOKEN_KEY]);
        observation.plan(dpop::REPLAY_CHECKS);
    }

    /// A token that is bound to `key` comes as `DPoP` with a right proof of that key, any other as `Bearer`. A nonce
    /// for the next proof, where it is time for one.
    ///
    /// # Errors
    /// [`AccessError`], one for each check.
    pub(super) async fn require(
        &self,
        state: &AppState,
        realm: &RealmName,
        (scheme, token, key): (ChallengeScheme, &Token, Option<&Thumbprint>),
        observation: &Observation,
    ) -> Result<Option<String>, AccessError> {
        let required = key.is_none() && state.demands_bound_tokens(realm);
        require_scheme(scheme, key, required, observation)?;
        let Some(key) = key else {
            return Ok(None);
        };
        let nonces = state.proofs.nonces(realm).await?;
        let proof = self.verify(state, (realm, &nonces), token, observation)?;
        observation
            .require(
                &check::TOKEN_KEY,
                *key == proof.thumbprint,
                key,
                &proof.thumbprint,
            )
            .or(AccessError::AnotherKey)?;
        let first = state.proofs.use_once(realm, &proof).await?;
        let got = if first { "not before" } else { "used before" };
        observation
            .require(&check::DPOP_UNUSED, first, "not used before", got)
            .or(AccessError::Proof(DpopFault::Replayed, None))?;
        let now = state.clocks.of(realm).now();
        let fresh = || nonces.make(realm.as_str(), now);
        Ok(proof.nonce_ageing.then(fresh))
    }

    /// The checks of RFC 9449 §4.3.
    fn verify(
        &self,
        state: &AppState,
        (realm, nonces): (&RealmName, &Nonces),
        token: &Token,
        observation: &Observation,
    ) -> Result<Proof, AccessError> {
        let there = !self.headers.is_empty();
        let got = if there { "a proof" } else { "none" };
        observation
            .require(&check::DPOP_PRESENT, there, "a proof", got)
            .or(AccessError::Proof(DpopFault::Missing, None))?;
        let policy = state.tokens.of(realm);
        let now = state.clocks.of(realm).now();
        let rules = Rules {
            method: &self.method,
            target: &self.target,
            now,
            algorithms: &policy.dpop_signing_algs,
            nonce: NonceRule {
                nonces,
                realm: realm.as_str(),
                required: policy.dpop_nonce == NonceDemand::Required,
            },
            access_token: Some(token.expose()),
        };
        dpop::verify(&self.headers, &rules, observation).map_err(|fault| {
            let asks = matches!(fault, DpopFault::NonceMissing | DpopFault::NonceUnknown);
            let nonce = asks.then(|| nonces.make(realm.as_str(), now));
            AccessError::Proof(fault, nonce)
        })
    }
}

/// RFC 9449 §7.2: where bound tokens alone are accepted, none comes as `Bearer`.
///
/// # Errors
/// [`AccessError::BearerRefused`].
pub(super) fn refuse_bearer(observation: &Observation) -> Result<(), AccessError> {
    let (expected, got) = (ChallengeScheme::Dpop, ChallengeScheme::Bearer);
    observation
        .require(&check::TOKEN_SCHEME, false, expected.as_str(), got.as_str())
        .or(AccessError::BearerRefused)
}

/// RFC 9449 §7.1 and §7.2. Says nothing where a bearer token comes as one.
fn require_scheme(
    scheme: ChallengeScheme,
    key: Option<&Thumbprint>,
    required: bool,
    observation: &Observation,
) -> Result<(), AccessError> {
    let (expected, error) = match (key, required) {
        (Some(_), _) => (ChallengeScheme::Dpop, AccessError::BoundToKey),
        (None, false) => (ChallengeScheme::Bearer, AccessError::BoundToNoKey),
        (None, true) => {
            let expected = "a token that is bound to a key";
            return observation
                .require(&check::TOKEN_SCHEME, false, expected, "one that is not")
                .or(AccessError::BearerRefused);
        }
    };
    if (scheme, expected) == (ChallengeScheme::Bearer, ChallengeScheme::Bearer) {
        return Ok(());
    }
    observation
        .require(
            &check::TOKEN_SCHEME,
            scheme == expected,
            expected.as_str(),
            scheme.as_str(),
        )
        .or(error)
}

/// A nonce that goes out with the answer, whatever that will be.
struct FreshNonce(HeaderValue);

/// Lets the answer to `request` carry a nonce for the next proof (RFC 9449 §8.2).
pub(super) fn hand_out(request: &HttpRequest, nonce: &str) {
    if let Ok(nonce) = HeaderValue::from_str(nonce) {
        request.extensions_mut().insert(FreshNonce(nonce));
    }
}

/// The middleware that puts [`hand_out`]'s nonce into the answer.
pub(crate) async fn send_nonce(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let fresh = response.request().extensions_mut().remove::<FreshNonce>();
    if let Some(FreshNonce(nonce)) = fresh {
        let name = HeaderName::from_static(dpop::NONCE_HEADER);
        response.headers_mut().insert(name, nonce);
    }
    Ok(response)
}
