//! What was met of late, found again by a digest of its text: a memory that is bounded in number and in age.
//!
//! May use aws-lc-rs. It forgets by generations: what was used since the last turn is young, what was not is old, and
//! at the next turn the old is gone. A turn comes when the young are half of all there may be, and when time is up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

/// By what a text is found again: its SHA-256, so that no text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; SHA256_OUTPUT_LEN]);

impl Fingerprint {
    /// That of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut bytes = [0; SHA256_OUTPUT_LEN];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(bytes)
    }
}

/// A memory of values of type `V`.
#[derive(Debug)]
pub struct Recent<V> {
    most: usize,
    age: Duration,
    generations: Mutex<Generations<V>>,
}

#[derive(Debug)]
struct Generations<V> {
    young: HashMap<Fingerprint, Arc<V>>,
    old: HashMap<Fingerprint, Arc<V>>,
    since: Instant,
}

impl<V> Recent<V> {
    /// A memory of at most `most` values (at least 2), each forgotten where it was not asked for within `age`, and
    /// kept for at most twice as long without being asked for.
    #[must_use]
    pub fn new(most: usize, age: Duration) -> Self {
        Self {
            most,
            age,
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
                since: Instant::now(),
            }),
        }
    }

    /// What was remembered under `fingerprint`.
    #[must_use]
    pub fn find(&self, fingerprint: &Fingerprint) -> Option<Arc<V>> {
        let mut generations = self.lock();
        generations.turn(self);
        if let Some(found) = generations.young.get(fingerprint) {
            return Some(Arc::clone(found));
        }
        let found = generations.old.remove(fingerprint)?;
        generations.young.insert(*fingerprint, Arc::clone(&found));
        Some(found)
    }

    /// Remembers `value` under `fingerprint`.
    pub fn remember(&self, fingerprint: Fingerprint, value: V) {
        let mut generations = self.lock();
        generations.turn(self);
        generations.old.remove(&fingerprint);
        generations.young.insert(fingerprint, Arc::new(value));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations<V>> {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Generations<V> {
    fn turn(&mut self, bounds: &Recent<V>) {
        let idle = self.since.elapsed();
        if self.young.len() < bounds.most / 2 && idle < bounds.age {
            return;
        }
        self.old = std::mem::take(&mut self.young);
        if idle >= bounds.age.saturating_mul(2) {
            self.old.clear();
        }
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Fingerprint {
        Fingerprint::of(&number.to_string())
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_keeps_what_is_used() {
        let recent = Recent::new(10, Duration::from_mins(1));
        for number in 0..100 {
            recent.remember(key(number), number);
            assert_eq!(recent.find(&key(0)).as_deref(), Some(&0), "after {number}");
            let generations = recent.lock();
            assert!(generations.young.len() + generations.old.len() <= 10);
        }
        assert_eq!(recent.find(&key(50)), None);
        assert_eq!(recent.find(&key(99)).as_deref(), Some(&99));
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let age = Duration::from_millis(20);
        let recent = Recent::new(10, age);
        recent.remember(key(1), ());
        std::thread::sleep(age * 2);
        assert!(recent.find(&key(1)).is_none());
    }
}
