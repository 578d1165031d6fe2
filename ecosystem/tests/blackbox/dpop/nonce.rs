//! Nonces (RFC 9449 §8): who demands one gives one, and knows it again for a few minutes.

use shared::seed::{NonceDemand, RealmSeed};

use super::is_bound;
use crate::support::{ProofKey, Request, SERVICE, World};

fn demanding(mut seed: RealmSeed) -> RealmSeed {
    for client in &mut seed.clients {
        client.policy.dpop_nonce = Some(NonceDemand::Required);
    }
    seed
}

fn with_nonce(world: &World, key: &ProofKey, nonce: &str) -> Request {
    let request = world.client_credentials(SERVICE);
    let proof = key.of(&request).with("nonce", nonce).sign();
    request.header("DPoP", proof)
}

#[tokio::test]
async fn a_proof_without_the_demanded_nonce_is_answered_with_one() {
    let world = World::with(demanding).await;
    let key = ProofKey::new();
    let answer = world
        .send(key.proves(world.client_credentials(SERVICE)))
        .await;
    answer.is_refused(400, "use_dpop_nonce").no_store();
    answer.failed_check("dpop.nonce").await;
    let nonces: Vec<_> = answer
        .response
        .headers
        .iter()
        .filter(|(name, _)| name == "dpop-nonce")
        .collect();
    assert_eq!(nonces.len(), 1, "{answer}");
    let nonce = &nonces[0].1;
    let printable = |c: char| matches!(c, '!' | '#'..='[' | ']'..='~');
    assert!(!nonce.is_empty() && nonce.chars().all(printable), "{nonce}");
    is_bound(&world.send(with_nonce(&world, &key, nonce)).await, &key);
    // It is no secret and no one-time value: it bounds the age of proofs.
    is_bound(&world.send(with_nonce(&world, &key, nonce)).await, &key);
}

#[tokio::test]
async fn a_nonce_ends_and_before_that_another_is_sent_along() {
    let world = World::with(demanding).await;
    let key = ProofKey::new();
    let asked = world
        .send(key.proves(world.client_credentials(SERVICE)))
        .await;
    let nonce = asked.header("dpop-nonce").to_owned();
    world.wait_seconds(200);
    let later = |nonce: &str| {
        let request = world.client_credentials(SERVICE);
        let iat = world.realm.clock().now().as_unix();
        let proof = key.of(&request).with("nonce", nonce).with("iat", iat);
        request.header("DPoP", proof.sign())
    };
    let answer = world.send(later(&nonce)).await;
    is_bound(&answer, &key);
    let fresh = answer.header("dpop-nonce").to_owned();
    assert!(!fresh.is_empty() && fresh != nonce, "{answer}");
    world.wait_seconds(250);
    let answer = world.send(later(&nonce)).await;
    answer.is_refused(400, "use_dpop_nonce");
    assert!(!answer.header("dpop-nonce").is_empty(), "{answer}");
    is_bound(&world.send(later(&fresh)).await, &key);
}

#[tokio::test]
async fn a_nonce_that_is_none_of_ours_is_refused_whether_one_is_demanded_or_not() {
    let other = World::with(demanding).await;
    let key = ProofKey::new();
    let foreign = other
        .send(key.proves(other.client_credentials(SERVICE)))
        .await;
    let foreign = foreign.header("dpop-nonce").to_owned();
    for world in [World::new().await, World::with(demanding).await] {
        for nonce in ["made-up", &foreign] {
            let answer = world.send(with_nonce(&world, &key, nonce)).await;
            answer.is_refused(400, "use_dpop_nonce");
            assert!(!answer.header("dpop-nonce").is_empty(), "{answer}");
        }
    }
}
