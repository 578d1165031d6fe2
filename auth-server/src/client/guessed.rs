//! From which addresses which clients proved themselves of late at this process, and from which somebody guessed at
//! their secrets: where the first and not the second is so, the store need not be asked.
//!
//! Bounded in number; where there are more, the store is asked.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use shared::realm::RealmName;
use shared::time::Lifetime;

/// The most keys that are kept.
const MOST: usize = 10_000;

/// How long a success is remembered here; the store remembers it for longer, so that it is noted there in time.
const NOTED: Duration = Duration::from_hours(1);

/// Keys, each with a moment.
type Noted = HashMap<(RealmName, String), Instant>;

/// Keys that succeeded, and keys at which somebody guessed, and when. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guessed {
    known: Arc<RwLock<Noted>>,
    guessed: Arc<RwLock<Guesses>>,
}

#[derive(Debug, Default)]
struct Guesses {
    /// Each until when what was counted counts.
    noted: Noted,
    /// Until when there were more than are kept: any key may be one of them.
    any_until: Option<Instant>,
}

impl Guessed {
    /// Notes a success that the store knows of.
    pub(crate) fn know(&self, realm: &RealmName, key: &str) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, noted| noted.elapsed() < NOTED);
        }
        if known.len() < MOST {
            known.insert((realm.clone(), key.to_owned()), Instant::now());
        }
    }

    /// Whether the key succeeded a short time ago.
    pub(crate) fn is_known(&self, realm: &RealmName, key: &str) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&(realm.clone(), key.to_owned()))
            .is_some_and(|noted| noted.elapsed() < NOTED)
    }

    /// Notes a guess, before it is counted for so long.
    pub(crate) fn note_guess(&self, realm: &RealmName, key: &str, window: Lifetime) {
        let now = Instant::now();
        let until = now + Duration::from_secs(u64::from(window.as_seconds()));
        let mut guesses = self.guessed.write().unwrap_or_else(PoisonError::into_inner);
        if guesses.noted.len() >= MOST {
            guesses.noted.retain(|_, until| *until > now);
        }
        if guesses.noted.len() < MOST {
            let key = (realm.clone(), key.to_owned());
            guesses.noted.insert(key, until);
        } else {
            guesses.any_until = Some(until);
        }
    }

    /// Whether somebody guessed at this process a short time ago: then the store knows how often they did. A note lasts
    /// as long as what is counted there, unless the realm's clock stands still.
    pub(crate) fn was_guessed_at(&self, realm: &RealmName, key: &str) -> bool {
        let guesses = self.guessed.read().unwrap_or_else(PoisonError::into_inner);
        if guesses.noted.is_empty() {
            return false;
        }
        let now = Instant::now();
        guesses.any_until.is_some_and(|until| now < until)
            || guesses
                .noted
                .get(&(realm.clone(), key.to_owned()))
                .is_some_and(|until| now < *until)
    }
}
