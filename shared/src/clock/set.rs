//! The clocks of all realms, each made on first use, and not more of them than anybody needs.
//!
//! May use tokio's watch channel.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use super::{Clock, Hands};
use crate::realm::RealmName;

/// How many clocks are kept before those that nobody uses and nobody moved are let go.
pub(super) const KEPT: usize = 1024;
/// How many clocks are kept at most; a realm beyond has a clock that cannot be moved.
const MOST: usize = 16 * KEPT;

/// The clocks of all realms. Services in one process share one set; clones are the same set.
#[derive(Clone, Debug)]
pub struct Clocks(Arc<Set>);

#[derive(Debug)]
struct Set {
    clocks: RwLock<Known>,
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct Known {
    by_realm: HashMap<RealmName, Clock>,
    /// At so many those that are idle are let go.
    tidy_at: usize,
}

impl Default for Clocks {
    fn default() -> Self {
        Self(Arc::new(Set {
            clocks: RwLock::new(Known {
                by_realm: HashMap::new(),
                tidy_at: KEPT,
            }),
            changes: watch::Sender::new(0),
        }))
    }
}

impl Clocks {
    /// The clock of `realm`, made on first use.
    ///
    /// Anybody can ask for any well-formed name: clocks that nobody uses and nobody moved are let go, and beyond
    /// 16 384 a realm is given a clock of its own each time.
    #[must_use]
    pub fn of(&self, realm: &RealmName) -> Clock {
        {
            let known = self.0.clocks.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(clock) = known.by_realm.get(realm) {
                return clock.clone();
            }
        }
        let mut known = self
            .0
            .clocks
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if known.by_realm.len() >= known.tidy_at {
            known.by_realm.retain(|_, clock| !clock.is_idle());
            known.tidy_at = known.by_realm.len().saturating_mul(2).clamp(KEPT, MOST);
        }
        if known.by_realm.len() >= MOST && !known.by_realm.contains_key(realm) {
            return Clock::default();
        }
        let made = || Clock::telling(self.0.changes.clone());
        known
            .by_realm
            .entry(realm.clone())
            .or_insert_with(made)
            .clone()
    }

    /// How many clocks are kept.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        let known = self.0.clocks.read().unwrap_or_else(PoisonError::into_inner);
        known.by_realm.len()
    }

    /// Tells when a clock has changed (not that time passes).
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// How every clock goes that was ever moved, paused or held.
    #[must_use]
    pub fn moved(&self) -> Vec<(RealmName, Hands)> {
        let known = self.0.clocks.read().unwrap_or_else(PoisonError::into_inner);
        let moved = known
            .by_realm
            .iter()
            .filter(|(_, clock)| clock.read().touched);
        moved
            .map(|(realm, clock)| (realm.clone(), clock.hands()))
            .collect()
    }
}
