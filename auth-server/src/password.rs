//! People's passwords: Argon2id with OWASP's parameters (19 MiB, two passes), never on the async threads.
//!
//! Only so many are hashed at a time as the configuration says, in threads of their own that give way to all
//! others: the rest wait, and requests that hash nothing are not slowed. A seed's passwords are hashed once a process: a realm that copies a cast of people that was
//! hashed before is made in milliseconds.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use aws_lc_rs::{digest, hmac, rand};
use tokio::sync::oneshot;

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
            hashers: Arc::new(Hashers {
                at_once: at_once.max(1),
                queue: OnceLock::new(),
            }),
            seeded: Arc::new(Seeded::new()),
        }
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
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let right = PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            });
            right && known
        })
        .await
        .unwrap_or(false)
    }

    /// The hash of a new password as a PHC string; `None` where the system gives no randomness.
    pub(crate) async fn hash(&self, password: String) -> Option<String> {
        self.run(move || {
            let mut salt = [0_u8; SALT_BYTES];
            rand::fill(&mut salt).ok()?;
            let hash = Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .ok()?;
            Some(hash.to_string())
        })
        .await
        .flatten()
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (back, answer) = oneshot::channel();
        let work = move || {
            if !back.is_closed() {
                let _ = back.send(work());
            }
        };
        self.hashers.queue().send(Box::new(work)).ok()?;
        answer.await.ok()
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// The threads that hash, started when there is something to hash. They end with the last handle.
#[derive(Debug)]
struct Hashers {
    at_once: usize,
    queue: OnceLock<Sender<Work>>,
}

impl Hashers {
    fn queue(&self) -> &Sender<Work> {
        self.queue.get_or_init(|| {
            let (queue, waiting) = mpsc::channel();
            let waiting = Arc::new(Mutex::new(waiting));
            for _ in 0..self.at_once {
                let waiting = Arc::clone(&waiting);
                let thread = std::thread::Builder::new().name("password-hash".to_owned());
                if let Err(error) = thread.spawn(move || hash_forever(&waiting)) {
                    tracing::error!(%error, "no thread to hash passwords in");
                }
            }
            queue
        })
    }
}

fn hash_forever(waiting: &Mutex<Receiver<Work>>) {
    give_way();
    loop {
        let next = {
            let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.recv()
        };
        let Ok(work) = next else { return };
        // Whoever waits for what panicked learns that there is no answer.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}

/// Lets every other thread go first: who signs in waits for a hash in any case.
#[cfg(target_os = "linux")]
fn give_way() {
    // For the calling thread alone: on Linux a thread has a nice value of its own (setpriority(2)).
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "hashing goes on at the usual priority");
    }
}

/// Elsewhere the nice value is the whole process's.
#[cfg(not(target_os = "linux"))]
const fn give_way() {}

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
