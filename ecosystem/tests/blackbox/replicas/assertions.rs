//! An assertion is good once at all servers together, whichever is asked (RFC 7523 §3 (7)).

use shared::seed::RealmSeed;

use super::Farm;
use crate::jwt_bearer;
use crate::support::{ProofKey, Request, Signer};
use crate::token::client_assertion::{claims, machine, request};

/// The first server takes it, every other refuses it with this error, and so does the first again.
async fn is_taken_once(farm: &Farm, request: &Request, (status, error): (u16, &str)) {
    let servers = farm.auth_servers();
    let (first, others) = servers.split_first().expect("servers");
    farm.send(*first, request.clone()).await.tokens();
    for place in others.iter().chain([first]) {
        let answer = farm.send(*place, request.clone()).await;
        answer.is_refused(status, error);
        answer.failed_check("assertion.jti_unused").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_that_was_used_at_one_server_is_used_up_at_all() {
    let (signer, key) = (Signer::new("ES256", "one"), ProofKey::new());
    let clients = [machine(&signer), jwt_bearer::album(&key, &["alice-0001"])];
    let farm = Farm::with("assertions", |seed| {
        clients.into_iter().fold(seed, RealmSeed::with_client)
    });
    let Some(farm) = farm.await else {
        return;
    };
    let world = &farm.world;
    // In place of a secret (§2.2).
    let asked = request(world, &signer.sign(&claims(world)));
    is_taken_once(&farm, &asked, (401, "invalid_client")).await;
    // As a grant (§2.1), with an id and by its text alone.
    let by_id = jwt_bearer::assertion(world, &key);
    let mut by_text = jwt_bearer::assertion(world, &key);
    by_text
        .claims
        .as_object_mut()
        .expect("claims")
        .remove("jti");
    for assertion in [by_id, by_text] {
        let asked = jwt_bearer::ask(world, &assertion.sign());
        is_taken_once(&farm, &asked, (400, "invalid_grant")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_assertion_at_all_servers_at_once_one_is_taken() {
    let signer = Signer::new("ES256", "one");
    let client = machine(&signer);
    let Some(farm) = Farm::with("asserted", |seed| seed.with_client(client)).await else {
        return;
    };
    let world = &farm.world;
    for _ in 0..10 {
        let asked = request(world, &signer.sign(&claims(world)));
        let mut taken = 0;
        for answer in farm
            .all_at_once(farm.auth_servers().repeat(3), &asked)
            .await
        {
            match answer.status() {
                200 => taken += 1,
                _ => drop(answer.is_refused(401, "invalid_client")),
            }
        }
        assert_eq!(taken, 1);
    }
}
