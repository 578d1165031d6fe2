//! The keys that the issuer publishes (RFC 7517), fetched when a token needs them and kept for a while.
//!
//! An unknown `kid` fetches them again at once, so that who signs in by a key that was rotated a moment ago is let in
//! (OpenID Connect Core §10.1.1). Whoever needs them meanwhile waits for that answer and does not ask as well; and
//! after a look in vain nobody looks again for two seconds, so that forged `kid`s make no storm. A key that the issuer
//! has withdrawn is gone with the next look, and after ten minutes at the latest.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use shared::observe::{HttpClient, HttpError, HttpRequest, HttpResponse};

use crate::flow::Step;
use crate::jwt::Jwt;

/// How long fetched keys are used without asking again.
const FRESH: Duration = Duration::from_mins(10);
/// How long nobody looks again after an unknown `kid` was looked for in vain.
const PAUSE: Duration = Duration::from_secs(2);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// The issuer does not answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It did not answer somebody else, whose look this one waited for.
    #[error("the keys could not be fetched a moment ago")]
    Away,
    /// What it answered is no key set.
    #[error("the keys cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// A key set with members that we may not know (RFC 7517 §5: "ignore").
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// The keys at one address.
#[derive(Default)]
struct Place {
    known: Mutex<Known>,
    /// Held while they are fetched.
    fetching: tokio::sync::Mutex<()>,
}

/// What is known of an address.
#[derive(Default)]
struct Known {
    /// The keys, and when they were fetched.
    kept: Option<(Instant, Vec<Jwk>)>,
    /// When a `kid` was last looked for that was not there.
    in_vain: Option<Instant>,
    /// When they could last not be fetched.
    failed: Option<Instant>,
}

impl Place {
    /// The keys that are good enough for `jwt`; `None` where they have to be fetched.
    fn good_for(&self, jwt: &Jwt) -> Option<Vec<Jwk>> {
        let known = self.lock();
        let (fetched, keys) = known.kept.as_ref()?;
        let good = match jwt.key(keys) {
            Some(_) => fetched.elapsed() < FRESH,
            None => known.in_vain.is_some_and(|last| last.elapsed() < PAUSE),
        };
        good.then(|| keys.clone())
    }

    /// The keys for `jwt`: those that are kept, or those that `fetch` brings.
    async fn keys<F>(&self, jwt: &Jwt, fetch: F) -> Result<Vec<Jwk>, KeysError>
    where
        F: Future<Output = Result<HttpResponse, HttpError>>,
    {
        if let Some(keys) = self.good_for(jwt) {
            return Ok(keys);
        }
        let asked = Instant::now();
        let _one = self.fetching.lock().await;
        // Somebody else may have fetched them meanwhile, or have tried to.
        if let Some(keys) = self.good_for(jwt) {
            return Ok(keys);
        }
        if self.lock().failed.is_some_and(|failed| failed >= asked) {
            return Err(KeysError::Away);
        }
        let answer = fetch.await.map_err(KeysError::from);
        let fetched = answer.and_then(|answer| read(&answer));
        let mut known = self.lock();
        match fetched {
            Ok(keys) => {
                let now = Instant::now();
                if jwt.key(&keys).is_none() {
                    known.in_vain = Some(now);
                }
                known.kept = Some((now, keys.clone()));
                Ok(keys)
            }
            Err(error) => {
                known.failed = Some(Instant::now());
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keys at each address.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<HashMap<String, Arc<Place>>>);

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
        let (request, http) = (jwks(jwks_uri), &step.state.http);
        let fetch = http.send(request, step.realm, Some(step.observation));
        self.place(jwks_uri).keys(jwt, fetch).await
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
        let fetch = http.send_unobserved(jwks(&uri));
        self.place(&uri).keys(jwt, fetch).await
    }

    fn place(&self, uri: &str) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(uri.to_owned()).or_default())
    }
}

/// The keys in an answer.
fn read(answer: &HttpResponse) -> Result<Vec<Jwk>, KeysError> {
    let set: KeySet = answer.json()?;
    let keys = set.keys.into_iter();
    Ok(keys
        .filter_map(|key| serde_json::from_value(key).ok())
        .collect())
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
