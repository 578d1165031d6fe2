//! Guesses at a client's secret from where that client lives (RFC 6749 §2.3.1): bounded, too, and over when they stop;
//! nobody is kept waiting whose secret cannot be guessed.

use futures_util::future::join_all;
use serde_json::json;

use super::guesses::{HOME, STRANGER, behind_proxy, from, right_secret, stores, wrong_secret};
use crate::support::{Answer, Request, SERVICE, World};

/// Wrong secrets for one client from where it lives that are answered as usual.
const AT_HOME: usize = 1000;

/// So many wrong ones from there, some of them at the same time; all are told that they are wrong.
async fn guess(world: &World, number: usize) {
    let mut left = number;
    while left > 0 {
        let crowd = left.min(50);
        let answers = join_all((0..crowd).map(|_| wrong_secret(world, HOME))).await;
        for answer in answers {
            answer.is_refused(401, "invalid_client");
        }
        left -= crowd;
    }
}

/// Told to come back, whatever the secret.
#[track_caller]
fn is_later(answer: &Answer) {
    answer.is_refused(429, "temporarily_unavailable").no_store();
    assert_eq!(answer.header("retry-after"), "1", "{answer}");
}

async fn right(world: &World, address: &str) -> Answer {
    world
        .send(from(world.client_credentials(SERVICE), address))
        .await
}

#[tokio::test]
async fn a_thousand_are_looked_at_and_then_one_a_second_and_it_is_over_when_they_stop() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "at_home") {
        let world = behind_proxy(store.clone()).await;
        // A second ends when the test says so.
        world.realm.clock().pause();
        assert_eq!(right_secret(&world, HOME).await, 200);
        guess(&world, AT_HOME).await;
        // One more is looked at in this second, and then none, be it right or wrong.
        assert_eq!(right_secret(&world, HOME).await, 200, "before it");
        wrong_secret(&world, HOME)
            .await
            .is_refused(401, "invalid_client");
        let (refused, wrong) = (right(&world, HOME).await, wrong_secret(&world, HOME).await);
        is_later(&refused);
        is_later(&wrong);
        assert_eq!(refused.json(), wrong.json(), "they can be told apart");
        refused.failed_check("client.guesses").await;
        let other = behind_proxy(store).await;
        for world in [&world, &other] {
            assert_eq!(right_secret(world, "198.51.100.99").await, 200, "elsewhere");
        }
        // They stopped: the client is believed a second after, again and again.
        world.wait_seconds(1);
        for _ in 0..3 {
            assert_eq!(right_secret(&world, HOME).await, 200, "a second later");
        }
        // They go on: one a second.
        wrong_secret(&world, HOME)
            .await
            .is_refused(401, "invalid_client");
        is_later(&right(&world, HOME).await);
        world.wait_seconds(301);
        guess(&world, 3).await;
        assert_eq!(right_secret(&world, HOME).await, 200, "in the next window");
    }
}

/// The secret of a client that registered itself was made by the server: there is nothing to guess, and nobody to lock
/// out.
#[tokio::test]
async fn a_secret_of_256_random_bits_is_believed_wherever_others_guess() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "at_home_random") {
        let world = behind_proxy(store).await;
        let asked = json!({"redirect_uris": ["https://client.example/cb"]});
        let asked = Request::new("POST", &world.auth("/register"))
            .header("content-type", "application/json")
            .body(asked.to_string());
        let answer = world.send(from(asked, HOME)).await;
        let client = answer.is(201).json();
        let id = client["client_id"].as_str().unwrap();
        let secret = client["client_secret"].as_str().unwrap();
        // Base64url has six bits a character.
        assert!(secret.len() * 6 >= 256, "fewer than 256 bits");
        let revoke = |secret: &str| {
            let form = [("token", "nothing")];
            let request = Request::post(&world.auth("/revoke"), &form).basic(id, secret);
            world.send(from(request, STRANGER))
        };
        for _ in 0..60 {
            revoke("guess").await.is_refused(401, "invalid_client");
        }
        revoke(secret).await.is(200);
    }
}
