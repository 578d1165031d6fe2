//! Tokens that are bound to a key (RFC 9449 §7): the proof beside the token, the nonces that this server gives, and
//! the proofs that were used.
//!
//! May use actix-web and `shared::dpop`. Used proofs are remembered in the memory of this process, within a bound:
//! where several processes serve one API, each proof is good once at each of them, for as long as it is fresh.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use shared::dpop::{self, DpopFault, NonceRule, Nonces, Proof, Rules, Thumbprint};
use shared::flow::catalog as check;
use shared::oauth::{AccessToken as Token, ChallengeScheme};
use shared::observe::Observation;
use shared::realm::{Addresses, RealmName};
use shared::seed::NonceDemand;
use shared::time::Timestamp;

use super::error::AccessError;
use crate::config::DpopConfig;
use crate::state::AppState;

/// What of a request is about its proof.
#[derive(Debug)]
pub(super) struct PresentedProof {
    headers: Vec<String>,
    method: String,
    target: String,
}

/// The nonces that this server gives, and the proofs that were used.
pub(crate) struct Proofs {
    nonces: Nonces,
    used: Mutex<Used>,
    most: usize,
}

impl std::fmt::Debug for Proofs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proofs")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

/// Proofs that were used, by realm, and until when each could come again: the first to be forgotten first.
#[derive(Debug, Default)]
struct Used {
    realms: HashMap<RealmName, OfRealm>,
    count: usize,
}

/// The used proofs of one realm.
#[derive(Debug, Default)]
struct OfRealm {
    until: HashMap<String, Timestamp>,
    order: BTreeSet<(Timestamp, String)>,
}

/// What became of an attempt to use a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    First,
    Again,
    /// There is no room to remember it.
    NoRoom,
}

impl Proofs {
    /// Nothing was used yet.
    pub(crate) fn new(config: &DpopConfig) -> Self {
        let nonces = match &config.nonce_secret {
            Some(secret) => Nonces::new([secret.expose().as_bytes()]),
            None => Nonces::random(),
        };
        Self {
            nonces,
            used: Mutex::default(),
            most: config.max_proofs,
        }
    }

    fn make(&self, realm: &RealmName, now: Timestamp) -> String {
        self.nonces.make(realm.as_str(), now)
    }

    /// Uses a proof; `now` is each realm's time.
    fn use_once(
        &self,
        realm: &RealmName,
        proof: &Proof,
        now: impl Fn(&RealmName) -> Timestamp,
    ) -> Use {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget(realm, now(realm));
        if used.contains(realm, &proof.replay_key) {
            return Use::Again;
        }
        if used.count >= self.most {
            // Realms that nobody calls any more.
            let realms: Vec<_> = used.realms.keys().cloned().collect();
            for other in realms {
                used.forget(&other, now(&other));
            }
        }
        if used.count >= self.most {
            return Use::NoRoom;
        }
        used.insert(realm, proof);
        Use::First
    }
}

impl Used {
    fn contains(&self, realm: &RealmName, name: &str) -> bool {
        let of_realm = self.realms.get(realm);
        of_realm.is_some_and(|of_realm| of_realm.until.contains_key(name))
    }

    fn insert(&mut self, realm: &RealmName, proof: &Proof) {
        let of_realm = self.realms.entry(realm.clone()).or_default();
        let (name, until) = (&proof.replay_key, proof.expires_at);
        of_realm.until.insert(name.clone(), until);
        of_realm.order.insert((until, name.clone()));
        self.count = self.count.saturating_add(1);
    }

    /// Lets go of what could not come again: a proof is accepted up to and including its last second.
    fn forget(&mut self, realm: &RealmName, now: Timestamp) {
        let Some(of_realm) = self.realms.get_mut(realm) else {
            return;
        };
        while let Some((until, name)) = of_realm.order.pop_first() {
            if until >= now {
                of_realm.order.insert((until, name));
                return;
            }
            of_realm.until.remove(&name);
            self.count = self.count.saturating_sub(1);
        }
        self.realms.remove(realm);
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
    pub(super) fn require(
        &self,
        state: &AppState,
        realm: &RealmName,
        (scheme, token, key): (ChallengeScheme, &Token, Option<&Thumbprint>),
        observation: &Observation,
    ) -> Result<Option<String>, AccessError> {
        let required = state.tokens.of(realm).dpop_required;
        require_scheme(scheme, key, required, observation)?;
        let Some(key) = key else {
            return Ok(None);
        };
        let proof = self.verify(state, realm, token, observation)?;
        observation
            .require(
                &check::TOKEN_KEY,
                *key == proof.thumbprint,
                key,
                &proof.thumbprint,
            )
            .or(AccessError::AnotherKey)?;
        let now = state.clocks.of(realm).now();
        let found = state
            .proofs
            .use_once(realm, &proof, |realm| state.clocks.of(realm).now());
        if found == Use::NoRoom {
            return Err(AccessError::ProofsExhausted);
        }
        let got = if found == Use::First {
            "not before"
        } else {
            "used before"
        };
        observation
            .require(
                &check::DPOP_UNUSED,
                found == Use::First,
                "not used before",
                got,
            )
            .or(AccessError::Proof(DpopFault::Replayed, None))?;
        Ok(proof.nonce_ageing.then(|| state.proofs.make(realm, now)))
    }

    /// The checks of RFC 9449 §4.3.
    fn verify(
        &self,
        state: &AppState,
        realm: &RealmName,
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
                nonces: &state.proofs.nonces,
                realm: realm.as_str(),
                required: policy.dpop_nonce == NonceDemand::Required,
            },
            access_token: Some(token.expose()),
        };
        dpop::verify(&self.headers, &rules, observation).map_err(|fault| {
            let asks = matches!(fault, DpopFault::NonceMissing | DpopFault::NonceUnknown);
            let nonce = asks.then(|| state.proofs.make(realm, now));
            AccessError::Proof(fault, nonce)
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(name: &str, until: i64) -> Proof {
        Proof {
            thumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
                .parse()
                .unwrap(),
            replay_key: name.to_owned(),
            expires_at: Timestamp::from_unix(until),
            nonce_ageing: false,
        }
    }

    #[::core::prelude::v1::test]
    fn a_proof_is_remembered_until_it_is_too_old_and_never_beyond_the_bound() {
        let proofs = Proofs::new(&DpopConfig {
            max_proofs: 2,
            ..DpopConfig::default()
        });
        let (one, other): (RealmName, RealmName) =
            ("one".parse().unwrap(), "other".parse().unwrap());
        let judge = |realm: &RealmName, name, until, now| {
            proofs.use_once(realm, &proof(name, until), |_| Timestamp::from_unix(now))
        };
        assert_eq!(judge(&one, "a", 10, 5), Use::First);
        assert_eq!(judge(&one, "a", 10, 10), Use::Again);
        assert_eq!(judge(&other, "a", 20, 5), Use::First);
        assert_eq!(judge(&one, "b", 30, 10), Use::NoRoom);
        assert_eq!(judge(&one, "b", 30, 11), Use::First);
        assert_eq!(judge(&other, "a", 20, 20), Use::Again);
        assert_eq!(judge(&other, "c", 40, 19), Use::NoRoom);
        // The other realm's time has passed too, although nobody calls it.
        assert_eq!(judge(&one, "c", 50, 31), Use::First);
        assert_eq!(judge(&one, "d", 50, 31), Use::First);
    }
}
