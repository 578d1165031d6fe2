//! Nonces that need no memory (RFC 9449 §8): a code over the time at which they were made, so that every process
//! that has the key makes and knows the same ones.
//!
//! May use aws-lc-rs. A nonce says nothing of who got it: it bounds the age of a proof by the server's clock.

use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::time::Timestamp;

/// How long one nonce is given out, in seconds.
const SLOT: i64 = 60;
/// How many slots a nonce is accepted after the one in which it was made: five to six minutes in all.
const KEPT: i64 = 5;
/// After how many slots a fresh one is sent along, so that clients do not run out of it (§8.2).
const AGEING: i64 = 2;
/// Bytes of the authentication code in a nonce.
const TAG: usize = 16;

/// Makes nonces and knows its own again.
#[derive(Clone, Debug)]
pub struct Nonces(Vec<hmac::Key>);

/// How fresh a nonce is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Made a moment ago.
    Fresh,
    /// Good, but it is time for another.
    Ageing,
    /// Too old, or none of ours.
    Unknown,
}

impl Nonces {
    /// Nonces under keys that are made of `secrets`: the first makes them, all know them again.
    #[must_use]
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Self {
        let derive = |secret: &[u8]| {
            // A key of its own, whatever else the secret is used for.
            let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let derived = hmac::sign(&root, b"DPoP nonce, RFC 9449 section 8");
            hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
        };
        Self(secrets.into_iter().map(derive).collect())
    }

    /// Nonces of this process alone, under a random key. Where the system gives no randomness none is made, and
    /// none is good.
    #[must_use]
    pub fn random() -> Self {
        let mut secret = [0_u8; 32];
        match rand::fill(&mut secret) {
            Ok(()) => Self::new([&secret[..]]),
            Err(_) => Self::new([]),
        }
    }

    /// The nonce of this moment, for one realm; empty where there is no key.
    #[must_use]
    pub fn make(&self, realm: &str, now: Timestamp) -> String {
        self.0
            .first()
            .map(|key| nonce(key, realm, now.as_unix().div_euclid(SLOT)))
            .unwrap_or_default()
    }

    /// How fresh `presented` is.
    #[must_use]
    pub fn judge(&self, presented: &str, realm: &str, now: Timestamp) -> Freshness {
        let current = now.as_unix().div_euclid(SLOT);
        let known = |age: i64| {
            let slot = current.saturating_sub(age);
            let ours = |key| is_equal(&nonce(key, realm, slot), presented);
            self.0.iter().any(ours)
        };
        // One slot ahead: the clocks of two processes differ by a little.
        match (-1..=KEPT).find(|age| known(*age)) {
            None => Freshness::Unknown,
            Some(age) if age >= AGEING => Freshness::Ageing,
            Some(_) => Freshness::Fresh,
        }
    }
}

fn nonce(key: &hmac::Key, realm: &str, slot: i64) -> String {
    let slot = slot.to_be_bytes();
    let tag = hmac::sign(key, &[&slot, realm.as_bytes()].concat());
    let tag = tag.as_ref().get(..TAG).unwrap_or_default();
    URL_SAFE_NO_PAD.encode([&slot, tag].concat())
}

fn is_equal(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn later(seconds: i64) -> Timestamp {
        Timestamp::from_unix(NOW.as_unix() + seconds)
    }

    #[test]
    fn a_nonce_ages_and_ends_and_is_good_in_its_realm_alone() {
        let nonces = Nonces::new([&b"secret"[..]]);
        let made = nonces.make("default", NOW);
        let judge = |at| nonces.judge(&made, "default", at);
        assert_eq!(judge(NOW), Freshness::Fresh);
        assert_eq!(judge(later(-30)), Freshness::Fresh);
        assert_eq!(judge(later(180)), Freshness::Ageing);
        assert_eq!(judge(later(420)), Freshness::Unknown);
        assert_eq!(nonces.judge(&made, "other", NOW), Freshness::Unknown);
        assert_eq!(nonces.judge("", "default", NOW), Freshness::Unknown);
        assert_eq!(nonces.judge("made-up", "default", NOW), Freshness::Unknown);
    }

    #[test]
    fn replicas_agree_and_a_retired_key_is_known_for_a_while() {
        let old = Nonces::new([&b"old"[..]]);
        let new = Nonces::new([&b"new"[..], b"old"]);
        let made = old.make("r", NOW);
        assert_eq!(new.judge(&made, "r", NOW), Freshness::Fresh);
        assert_eq!(old.judge(&new.make("r", NOW), "r", NOW), Freshness::Unknown);
        assert_eq!(Nonces::new([&b"old"[..]]).make("r", NOW), made);
        assert_eq!(Nonces::new([]).make("r", NOW), "");
    }
}
