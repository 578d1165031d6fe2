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

/// The keys at each address.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<HashMap<String, (Instant, Vec<Jwk>)>>);

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
        self.keys_at(step, &jwks_uri(&step.issuer()), jwt).await
    }

    /// The keys for `jwt` at `jwks_uri`, as discovery told it.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(crate) async fn keys_at(
        &self,
        step: &Step<'_>,
        jwks_uri: &str,
        jwt: &Jwt,
    ) -> Result<Vec<Jwk>, KeysError> {
        if let Some((fetched, keys)) = self.kept(jwks_uri) {
            let age = fetched.elapsed();
            let known = jwt.key(&keys).is_some();
            if (known && age < FRESH) || (!known && age < PAUSE) {
                return Ok(keys);
            }
        }
        let request = jwks(jwks_uri);
        let http = &step.state.http;
        let answer = http
            .send(request, step.realm, Some(step.observation))
            .await?;
        self.keep(jwks_uri, &answer)
    }

    /// The keys of `issuer` for looking at `jwt` in the record: as [`KeyCache::keys_for`],
    /// but no part of any flow, so not observed.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(crate) async fn published(
        &self,
        http: &HttpClient,
        issuer: &str,
        jwt: &Jwt,
    ) -> Result<Vec<Jwk>, KeysError> {
        let uri = jwks_uri(issuer);
        if let Some((fetched, keys)) = self.kept(&uri) {
            let age = fetched.elapsed();
            let known = jwt.key(&keys).is_some();
            if (known && age < FRESH) || (!known && age < PAUSE) {
                return Ok(keys);
            }
        }
        let answer = http.send_unobserved(jwks(&uri)).await?;
        self.keep(&uri, &answer)
    }

    /// Reads the keys of an answer and keeps them.
    fn keep(&self, uri: &str, answer: &HttpResponse) -> Result<Vec<Jwk>, KeysError> {
        let set: KeySet = answer.json()?;
        let keys: Vec<Jwk> = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        let entry = (Instant::now(), keys.clone());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(uri.to_owned(), entry);
        Ok(keys)
    }

    fn kept(&self, uri: &str) -> Option<(Instant, Vec<Jwk>)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(uri).cloned()
    }
}

/// Where the issuer of a realm publishes its keys.
fn jwks_uri(issuer: &str) -> String {
    format!("{issuer}/jwks")
}

/// The question for the keys at an address.
fn jwks(uri: &str) -> HttpRequest {
    let request = HttpRequest::get(uri);
    request.header("accept", "application/json")
}
