//! Which keys have failed of late in this process: where none has, the store need not be asked. And which have
//! succeeded.
//!
//! Bounded in number; when there are more, every key is taken for one that failed, and the store decides.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use shared::realm::RealmName;
use shared::time::Lifetime;

/// The most keys that are kept.
const MOST: usize = 10_000;

/// How long a success is remembered.
const KNOWN: Duration = Duration::from_hours(24);

/// How old a note of a success may be before it is made anew.
const NOTED: Duration = Duration::from_hours(1);

/// Keys that failed within the window. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Guessed {
    window: Duration,
    until: Arc<RwLock<HashMap<(RealmName, String), Instant>>>,
    /// Keys that succeeded, and when they were noted.
    known: Arc<RwLock<HashMap<(RealmName, String), Instant>>>,
}

impl Guessed {
    /// Failures that count for as long as `window`.
    pub(crate) fn new(window: Lifetime) -> Self {
        Self {
            window: Duration::from_secs(u64::from(window.as_seconds())),
            until: Arc::default(),
            known: Arc::default(),
        }
    }

    /// Notes a failure.
    pub(crate) fn add(&self, realm: &RealmName, key: &str) {
        let now = Instant::now();
        let mut until = self.until.write().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MOST {
            until.retain(|_, end| *end > now);
        }
        if until.len() < MOST {
            until.insert((realm.clone(), key.to_owned()), now + self.window);
        }
    }

    /// Notes a success.
    pub(crate) fn know(&self, realm: &RealmName, key: &str) {
        let key = (realm.clone(), key.to_owned());
        let is_new = |noted: &Instant| noted.elapsed() < NOTED;
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if known.get(&key).is_some_and(is_new) {
                return;
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, noted| noted.elapsed() < KNOWN);
        }
        if known.len() < MOST {
            known.insert(key, Instant::now());
        }
    }

    /// Whether the key has succeeded within the last day.
    pub(crate) fn is_known(&self, realm: &RealmName, key: &str) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&(realm.clone(), key.to_owned()))
            .is_some_and(|noted| noted.elapsed() < KNOWN)
    }

    /// Whether the key may have failed within the window.
    pub(crate) fn may_hold(&self, realm: &RealmName, key: &str) -> bool {
        let until = self.until.read().unwrap_or_else(PoisonError::into_inner);
        if until.is_empty() {
            return false;
        }
        until.len() >= MOST
            || until
                .get(&(realm.clone(), key.to_owned()))
                .is_some_and(|end| *end > Instant::now())
    }
}
