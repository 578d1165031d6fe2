//! From which addresses which clients proved themselves of late at this process: there the store need not be asked.
//!
//! Bounded in number; where there are more, the store is asked.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use shared::realm::RealmName;

/// The most keys that are kept.
const MOST: usize = 10_000;

/// How long a success is remembered here; the store remembers it for longer, so that it is noted there in time.
const NOTED: Duration = Duration::from_hours(1);

/// Keys that succeeded, and when. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guessed(Arc<RwLock<HashMap<(RealmName, String), Instant>>>);

impl Guessed {
    /// Notes a success that the store knows of.
    pub(crate) fn know(&self, realm: &RealmName, key: &str) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, noted| noted.elapsed() < NOTED);
        }
        if known.len() < MOST {
            known.insert((realm.clone(), key.to_owned()), Instant::now());
        }
    }

    /// Whether the key succeeded a short time ago.
    pub(crate) fn is_known(&self, realm: &RealmName, key: &str) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&(realm.clone(), key.to_owned()))
            .is_some_and(|noted| noted.elapsed() < NOTED)
    }
}
