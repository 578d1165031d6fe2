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
use shared::observe::{HttpError, HttpRequest};
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
        let request = HttpRequest::get(format!("{}/jwks", step.issuer()));
        let request = request.header("accept", "application/json");
        let http = &step.state.http;
        let answer = http
            .send(request, step.realm, Some(step.observation))
            .await?;
        let set: KeySet = answer.json()?;
        let keys: Vec<Jwk> = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        let entry = (Instant::now(), keys.clone());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(step.realm.clone(), entry);
        Ok(keys)
    }

    fn kept(&self, realm: &RealmName) -> Option<(Instant, Vec<Jwk>)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(realm).cloned()
    }
}
