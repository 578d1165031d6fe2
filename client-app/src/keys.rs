//! The keys that the issuer publishes (RFC 7517), fetched when a token needs them and kept for a while.
//!
//! An unknown `kid` fetches them again, at most once in five seconds, so that a rotated key is found and a forged
//! `kid` makes no storm.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use shared::observe::{HttpClient, HttpError, HttpRequest, HttpResponse};
use shared::realm::RealmName;

use crate::flow::Step;
use crate::jwt::Jwt;

/// How long fetched keys are used without asking again.
const FRESH: Duration = Duration::from_mins(10);
/// How long an unknown `kid` waits before it may cause another fetch.
const PAUSE: Duration = Duration::from_secs(5);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// The issuer does not answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// What it answered is no key set.
    #[error("the keys cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// A key set with members that we may not know (RFC 7517 §5: "ignore").
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// The keys of each realm's issuer.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<HashMap<RealmName, (Instant, Vec<Jwk>)>>);

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyCache")
    }
}

impl KeyCache {
    /// The keys for `jwt`: those that are kept, or fetched ones.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(crate) async fn keys_for(&self, step: &Step<'_>, jwt: &Jwt) -> Result<Vec<Jwk>, KeysError> {
        if let Some((fetched, keys)) = self.kept(step.realm) {
            let age = fetched.elapsed();
            let known = jwt.key(&keys).is_some();
            if (known && age < FRESH) || (!known && age < PAUSE) {
                return Ok(keys);
            }
        }
        let request = jwks(&step.issuer());
        let http = &step.state.http;
        let answer = http
            .send(request, step.realm, Some(step.observation))
            .await?;
        self.keep(step.realm, &answer)
    }

    /// The keys of `issuer`, the issuer of `realm`, for looking at `jwt` in the record: as [`KeyCache::keys_for`],
    /// but no part of any flow, so not observed.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(crate) async fn published(
        &self,
        http: &HttpClient,
        realm: &RealmName,
        issuer: &str,
        jwt: &Jwt,
    ) -> Result<Vec<Jwk>, KeysError> {
        if let Some((fetched, keys)) = self.kept(realm) {
            let age = fetched.elapsed();
            let known = jwt.key(&keys).is_some();
            if (known && age < FRESH) || (!known && age < PAUSE) {
                return Ok(keys);
            }
        }
        let answer = http.send_unobserved(jwks(issuer)).await?;
        self.keep(realm, &answer)
    }

    /// Reads the keys of an answer and keeps them.
    fn keep(&self, realm: &RealmName, answer: &HttpResponse) -> Result<Vec<Jwk>, KeysError> {
        let set: KeySet = answer.json()?;
        let keys: Vec<Jwk> = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        let entry = (Instant::now(), keys.clone());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(realm.clone(), entry);
        Ok(keys)
    }

    fn kept(&self, realm: &RealmName) -> Option<(Instant, Vec<Jwk>)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(realm).cloned()
    }
}

/// The question for an issuer's keys.
fn jwks(issuer: &str) -> HttpRequest {
    let request = HttpRequest::get(format!("{issuer}/jwks"));
    request.header("accept", "application/json")
}
