//! A proof is good once at all servers together, and a nonce of one is good at the others (RFC 9449 §8, §11.1).

use shared::seed::NonceDemand;

use super::Farm;
use crate::dpop::{bound_tokens, is_bound, text};
use crate::support::{ProofKey, Request, SERVICE, WEB};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_that_was_used_at_one_server_is_used_up_at_all() {
    let Some(farm) = Farm::new("proofs").await else {
        return;
    };
    let (world, key) = (&farm.world, ProofKey::new());
    let request = key.proves(world.client_credentials(SERVICE));
    for (number, place) in farm.auth_servers().into_iter().enumerate() {
        let answer = farm.send(place, request.clone()).await;
        if number == 0 {
            is_bound(&answer, &key);
        } else {
            answer.is_refused(400, "invalid_dpop_proof");
            answer.failed_check("dpop.unused").await;
        }
    }
    let tokens = bound_tokens(world, WEB, "openid photos:read", &key).await;
    let photos = Request::get(&world.api("/photos"));
    let request = key.presents(photos, text(&tokens, "access_token"));
    let servers = farm.resource_servers();
    farm.send(servers[0], request.clone()).await.is(200);
    for place in servers {
        let answer = farm.send(place, request.clone()).await;
        answer.is(401).challenges("DPoP");
        answer.failed_check("dpop.unused").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_proof_at_both_servers_at_once_one_is_taken() {
    let Some(farm) = Farm::new("once").await else {
        return;
    };
    let (world, key) = (&farm.world, ProofKey::new());
    let tokens = bound_tokens(world, WEB, "openid photos:read", &key).await;
    for _ in 0..10 {
        let photos = Request::get(&world.api("/photos"));
        let request = key.presents(photos, text(&tokens, "access_token"));
        let mut taken = 0;
        for answer in farm
            .all_at_once(farm.resource_servers().repeat(4), &request)
            .await
        {
            match answer.status() {
                200 => taken += 1,
                _ => drop(answer.is(401).challenges("DPoP")),
            }
        }
        assert_eq!(taken, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nonce_of_one_server_is_known_to_all() {
    let demanding = |mut seed: shared::seed::RealmSeed| {
        for client in &mut seed.clients {
            client.policy.dpop_nonce = Some(NonceDemand::Required);
        }
        seed
    };
    let Some(farm) = Farm::with("nonces", demanding).await else {
        return;
    };
    let (world, key) = (&farm.world, ProofKey::new());
    let servers = farm.auth_servers();
    let asked = key.proves(world.client_credentials(SERVICE));
    let asked = farm.send(servers[0], asked).await;
    asked.is_refused(400, "use_dpop_nonce");
    let nonce = asked.header("dpop-nonce");
    for place in servers {
        let request = world.client_credentials(SERVICE);
        let proof = key.of(&request).with("nonce", nonce).sign();
        is_bound(&farm.send(place, request.header("DPoP", proof)).await, &key);
    }
}
