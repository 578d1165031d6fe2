//! People's passwords: Argon2id with OWASP's parameters (19 MiB, two passes), never on the async threads.
//!
//! Only so many are hashed at a time as the configuration says: the rest wait, and requests that hash nothing
//! are not slowed.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use aws_lc_rs::rand;
use tokio::sync::Semaphore;

/// Bytes of salt (RFC 9106 §3.1 advises 16).
const SALT_BYTES: usize = 16;

/// A hash that no password has, with the usual cost: an unknown person takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords. Cheap to clone; the clones share one queue.
#[derive(Clone, Debug)]
pub(crate) struct Passwords(Arc<Semaphore>);

impl Passwords {
    /// At most `at_once` hashes at a time.
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once.max(1))))
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
        let permit = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
