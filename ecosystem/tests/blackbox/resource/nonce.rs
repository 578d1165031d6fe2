//! Nonces of the API (RFC 9449 §9): where its policy demands one, a proof without is answered with one.
//!
//! The authorization server's are `dpop/nonce.rs`; each server knows its own.

use serde_json::json;
use shared::seed::NonceDemand;
use shared::time::wall_clock_us;

use super::forged::{Forge, signed};
use crate::support::{ProofKey, Request, Response, hash};

async fn demanding() -> Forge {
    Forge::start_with(|config| config.tokens.default.dpop_nonce = NonceDemand::Required).await
}

/// A token that is bound to `key`.
fn token_of(forge: &Forge, key: &ProofKey) -> String {
    signed(&forge.with("cnf", json!({ "jkt": key.thumbprint })))
}

async fn show(forge: &Forge, key: &ProofKey, nonce: Option<&str>) -> Response {
    let token = token_of(forge, key);
    let request = Request::get(&format!("{}/photos", forge.addresses.resource_server));
    let mut proof = key.of(&request).with("ath", hash(&token));
    if let Some(nonce) = nonce {
        proof = proof.with("nonce", nonce);
    }
    let proof = proof.sign();
    let request = request.authorization("DPoP", &token);
    request.header("DPoP", proof).send().await
}

/// The nonce of an answer that demands one: 401 with `use_dpop_nonce` (§9), and exactly one nonce.
#[track_caller]
fn demanded(answer: &Response) -> String {
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("DPoP "), "{challenge}");
    assert!(
        challenge.contains("error=\"use_dpop_nonce\""),
        "{challenge}"
    );
    let all = answer.headers.iter();
    let nonces: Vec<_> = all.filter(|(name, _)| name == "dpop-nonce").collect();
    assert_eq!(nonces.len(), 1, "{nonces:?}");
    nonces[0].1.clone()
}

#[tokio::test]
async fn a_proof_without_a_nonce_is_answered_with_one_that_is_good() {
    let (forge, key) = (demanding().await, ProofKey::new());
    let nonce = demanded(&show(&forge, &key, None).await);
    for _ in 0..2 {
        let answer = show(&forge, &key, Some(&nonce)).await;
        assert_eq!(
            answer.status, 200,
            "it bounds the age of proofs, and is no one-time value"
        );
    }
    // It is the server's: whoever else asks may use it.
    let other = ProofKey::new();
    assert_eq!(show(&forge, &other, Some(&nonce)).await.status, 200);
}

#[tokio::test]
async fn a_nonce_of_another_server_is_none() {
    let (forge, other, key) = (demanding().await, demanding().await, ProofKey::new());
    let foreign = demanded(&show(&other, &key, None).await);
    let made_up = format!("{}.{foreign}", wall_clock_us());
    for wrong in [foreign.as_str(), made_up.as_str(), "x"] {
        let fresh = demanded(&show(&forge, &key, Some(wrong)).await);
        assert_ne!(fresh, wrong);
    }
}

#[tokio::test]
async fn where_none_is_demanded_none_is_needed() {
    let (forge, key) = (Forge::start().await, ProofKey::new());
    assert_eq!(show(&forge, &key, None).await.status, 200);
}
