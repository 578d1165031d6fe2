//! People's passwords: Argon2id with OWASP's parameters (19 MiB, two passes), never on the async threads.
//!
//! Only so many are hashed at a time as the configuration says, in threads of their own that give way to all
//! others: the rest wait, and requests that hash nothing are not slowed. A seed's passwords are hashed once a process:
//! a realm that copies a cast of people that was hashed before is made in milliseconds. Whether those that are stored
//! are still the seed's is found out after the start; until then whoever signs in waits ([`Passwords::settled`]).

mod hashers;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::{digest, hmac, rand};
use shared::realm::RealmName;
use tokio::sync::{oneshot, watch};

use hashers::{Hashers, Memory};

/// Bytes of salt (RFC 9106 §3.1 advises 16).
const SALT_BYTES: usize = 16;

/// A hash that no password has, with the usual cost: an unknown person takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The most hashes of seeds that are remembered.
const MOST_SEEDED: usize = 1000;

/// Hashes and verifies passwords. Cheap to clone; the clones share one queue.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    hashers: Arc<Hashers>,
    seeded: Arc<Seeded>,
    /// The realms whose seeds' passwords are being compared with what is stored.
    unsettled: watch::Sender<HashSet<RealmName>>,
}

/// Passwords of a realm's seed are being compared with what is stored: nobody signs in there until this is dropped.
#[derive(Debug)]
pub(crate) struct Settling {
    realm: RealmName,
    unsettled: watch::Sender<HashSet<RealmName>>,
}

impl Drop for Settling {
    fn drop(&mut self) {
        self.unsettled.send_modify(|realms| {
            realms.remove(&self.realm);
        });
    }
}

/// The hashes of passwords that seeds gave, by a code of the password under a key that nobody else has.
struct Seeded {
    key: hmac::Key,
    hashes: Mutex<HashMap<Vec<u8>, String>>,
}

impl std::fmt::Debug for Seeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seeded")
    }
}

impl Seeded {
    fn new() -> Self {
        let mut key = [0_u8; digest::SHA256_OUTPUT_LEN];
        // Without randomness no password can be hashed anyway.
        let _ = rand::fill(&mut key);
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            hashes: Mutex::default(),
        }
    }

    fn code(&self, password: &str) -> Vec<u8> {
        hmac::sign(&self.key, password.as_bytes()).as_ref().to_vec()
    }

    fn find(&self, password: &str) -> Option<String> {
        let hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.get(&self.code(password)).cloned()
    }

    fn keep(&self, password: &str, hash: &str) {
        let code = self.code(password);
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        if hashes.len() < MOST_SEEDED {
            hashes.insert(code, hash.to_owned());
        }
    }
}

impl Passwords {
    /// At most `at_once` hashes at a time.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            hashers: Arc::new(Hashers::new(at_once)),
            seeded: Arc::new(Seeded::new()),
            unsettled: watch::Sender::default(),
        }
    }

    /// Lets nobody sign in to `realm` until what is given back is dropped.
    pub(crate) fn settle(&self, realm: &RealmName) -> Settling {
        self.unsettled.send_modify(|realms| {
            realms.insert(realm.clone());
        });
        Settling {
            realm: realm.clone(),
            unsettled: self.unsettled.clone(),
        }
    }

    /// Waits until what is stored of `realm` is what its seed says.
    pub(crate) async fn settled(&self, realm: &RealmName) {
        let mut unsettled = self.unsettled.subscribe();
        // It cannot be closed: the sender is this one.
        let _ = unsettled.wait_for(|realms| !realms.contains(realm)).await;
    }

    /// Whether this process knows already that `stored` is the hash of a password that a seed gives.
    pub(crate) fn is_known_as(&self, stored: &str, password: &str) -> bool {
        self.seeded.find(password).as_deref() == Some(stored)
    }

    /// The hash of a password that a seed gives: `stored` if that verifies it, else one that an earlier seed of
    /// this process got, else a new one. Realms that were copied from one cast share salts, and with that no
    /// more than the seed file says; a person who chooses a password gets one by [`Passwords::hash`].
    pub(crate) async fn hash_seeded(
        &self,
        stored: Option<String>,
        password: String,
    ) -> Option<String> {
        let seeded = self.seeded.find(&password);
        if let Some(stored) = stored
            && (seeded.as_ref() == Some(&stored)
                || self.verify(Some(stored.clone()), password.clone()).await)
        {
            self.seeded.keep(&password, &stored);
            return Some(stored);
        }
        if seeded.is_some() {
            return seeded;
        }
        let hash = self.hash(password.clone()).await?;
        self.seeded.keep(&password, &hash);
        Some(hash)
    }

    /// Whether `password` is the one behind `hash` (PHC string); without a hash, `false` after the same time.
    pub(crate) async fn verify(&self, hash: Option<String>, password: String) -> bool {
        self.run(move |memory| {
            let stored = hash.as_deref().unwrap_or(NOBODY);
            let right = memory.verify(stored, password.as_bytes());
            right.unwrap_or(false) && hash.is_some()
        })
        .await
        .unwrap_or(false)
    }

    /// The hash of a new password as a PHC string; `None` where the system gives no randomness.
    pub(crate) async fn hash(&self, password: String) -> Option<String> {
        self.run(move |memory| {
            let mut salt = [0_u8; SALT_BYTES];
            rand::fill(&mut salt).ok()?;
            memory.hash(password.as_bytes(), &salt)
        })
        .await
        .flatten()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Option<T> {
        let (back, answer) = oneshot::channel();
        let work = move |memory: &mut Memory| {
            if !back.is_closed() {
                let _ = back.send(work(memory));
            }
        };
        self.hashers.add(Box::new(work));
        answer.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_seeds_password_is_hashed_once() {
        let passwords = Passwords::new(1);
        let seeded = |stored: Option<&String>, password: &str| {
            passwords.hash_seeded(stored.cloned(), password.to_owned())
        };
        let first = seeded(None, "alice-password").await.unwrap();
        assert_eq!(seeded(None, "alice-password").await.unwrap(), first);
        let other = seeded(Some(&first), "bob-password").await.unwrap();
        assert_ne!(other, first, "what is stored does not verify it");
        let next_run = Passwords::new(1);
        let kept = next_run.hash_seeded(Some(first.clone()), "alice-password".to_owned());
        assert_eq!(kept.await.unwrap(), first, "what is stored verifies it");
    }

    #[tokio::test]
    async fn whoever_signs_in_waits_for_what_is_being_compared() {
        let passwords = Passwords::new(1);
        let realm = RealmName::default();
        passwords.settled(&realm).await;
        let settling = passwords.clone().settle(&realm);
        let soon = std::time::Duration::from_millis(20);
        let early = tokio::time::timeout(soon, passwords.settled(&realm)).await;
        assert!(early.is_err(), "its passwords are being compared still");
        passwords.settled(&"other".parse().unwrap()).await;
        drop(settling);
        passwords.settled(&realm).await;
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::new(2);
        let hash = passwords.hash("alice-password".to_owned()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = |hash: Option<&str>, password: &str| {
            passwords.verify(hash.map(str::to_owned), password.to_owned())
        };
        assert!(verify(Some(&hash), "alice-password").await);
        assert!(!verify(Some(&hash), "bob-password").await);
        assert!(!verify(None, "alice-password").await);
        assert!(argon2::password_hash::phc::PasswordHash::new(NOBODY).is_ok());
    }
}
