//! A key of one run, and the `DPoP` proofs that it signs (RFC 9449 §4.2): made on this side of the shop, never seen by a
//! browser, and gone with the run.
//!
//! May use aws-lc-rs. Nonces that servers give are remembered with the key, one for each server (§8.2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use shared::dpop::PublicKey;
use shared::oauth::random_id;
use shared::time::Timestamp;

/// A key pair on P-256; clones are the same one.
#[derive(Clone)]
pub(crate) struct ProofKey(Arc<Inner>);

struct Inner {
    pair: EcdsaKeyPair,
    jwk: Value,
    thumbprint: String,
    /// The nonce that each server gave last, by the origin of its URL.
    nonces: Mutex<HashMap<String, String>>,
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProofKey({})", self.0.thumbprint)
    }
}

/// The key, or the system's randomness, fails.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a key or a proof cannot be made")]
pub(crate) struct NoProof;

/// The origin of a URL: nonces belong to a server.
fn origin(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

impl ProofKey {
    /// A new key.
    ///
    /// # Errors
    /// [`NoProof`].
    pub(crate) fn generate() -> Result<Self, NoProof> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| NoProof)?;
        // SEC 1 §2.3.3: 4, then both coordinates.
        let point = pair.public_key().as_ref();
        let half = |range| point.get(range).ok_or(NoProof);
        let (x, y) = (half(1..33)?, half(33..65)?);
        let thumbprint = PublicKey::Ec {
            x: x.to_vec(),
            y: y.to_vec(),
        }
        .thumbprint();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self(Arc::new(Inner {
            jwk: json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)}),
            thumbprint: thumbprint.to_string(),
            nonces: Mutex::default(),
            pair,
        })))
    }

    /// Its RFC 7638 thumbprint.
    pub(crate) fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// A proof for one request at `now`, with the hash of the access token that it goes with, where there is one.
    ///
    /// # Errors
    /// [`NoProof`].
    pub(crate) fn prove(
        &self,
        (method, url): (&str, &str),
        access_token: Option<&str>,
        now: Timestamp,
    ) -> Result<String, NoProof> {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.0.jwk});
        let mut claims = json!({
            "jti": random_id().map_err(|_| NoProof)?,
            "htm": method,
            "htu": url.split(['?', '#']).next().unwrap_or_default(),
            "iat": now.as_unix(),
        });
        if let Some(members) = claims.as_object_mut() {
            if let Some(token) = access_token {
                let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
                members.insert("ath".to_owned(), hash.into());
            }
            if let Some(nonce) = self.nonces().get(&origin(url)) {
                members.insert("nonce".to_owned(), nonce.clone().into());
            }
        }
        let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self
            .0
            .pair
            .sign(&SystemRandom::new(), message.as_bytes())
            .map_err(|_| NoProof)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Remembers the nonce that the server behind `url` gave for the next proof (§8.2).
    pub(crate) fn learn(&self, url: &str, nonce: Option<&str>) {
        if let Some(nonce) = nonce {
            self.nonces().insert(origin(url), nonce.to_owned());
        }
    }

    fn nonces(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.0.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an answer refuses a proof only for its nonce (§8, §9): then it is worth one more try.
pub(crate) fn wants_nonce(status: u16, challenge: Option<&str>, body: &str) -> bool {
    let by_challenge = challenge.is_some_and(|challenge| challenge.contains("use_dpop_nonce"));
    let by_body = || {
        let body: Option<Value> = serde_json::from_str(body).ok();
        body.is_some_and(|body| {
            body.get("error")
                .is_some_and(|code| code == "use_dpop_nonce")
        })
    };
    matches!(status, 400 | 401) && (by_challenge || by_body())
}

#[cfg(test)]
mod tests {
    use shared::dpop::{NonceRule, Nonces, ProofAlgorithm, Rules, verify};
    use shared::observe::Observation;

    use super::*;

    #[test]
    fn what_it_signs_the_servers_accept_and_a_nonce_is_taken_along() {
        let key = ProofKey::generate().unwrap();
        let now = Timestamp::from_unix(1_800_000_000);
        let nonces = Nonces::new([&b"secret"[..]]);
        let url = "http://localhost:9001/photos";
        let judge = |required| {
            let proof = key.prove(("GET", &format!("{url}?a=b")), Some("token"), now);
            let rules = Rules {
                method: "GET",
                target: url,
                now,
                algorithms: &ProofAlgorithm::DEFAULT,
                nonce: NonceRule {
                    nonces: &nonces,
                    realm: "default",
                    required,
                },
                access_token: Some("token"),
            };
            verify(&[proof.unwrap()], &rules, &Observation::nowhere())
        };
        assert_eq!(judge(false).unwrap().thumbprint.as_str(), key.thumbprint());
        assert!(judge(true).is_err());
        key.learn("http://localhost:9000/token", Some("another server's"));
        assert!(judge(true).is_err());
        key.learn(url, Some(&nonces.make("default", now)));
        assert!(judge(true).is_ok());
    }

    #[test]
    fn only_a_missing_nonce_is_worth_another_try() {
        assert!(wants_nonce(400, None, r#"{"error":"use_dpop_nonce"}"#));
        assert!(wants_nonce(401, Some("DPoP error=\"use_dpop_nonce\""), ""));
        assert!(!wants_nonce(401, Some("DPoP error=\"invalid_token\""), ""));
        assert!(!wants_nonce(200, None, r#"{"error":"use_dpop_nonce"}"#));
    }
}
