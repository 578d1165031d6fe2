//! What a device's request means beyond its own grant: which APIs its tokens are for (RFC 8707), and that it outlives
//! the process that took it.

use std::sync::Arc;

use base64::Engine;
use ecosystem::{Ecosystem, Store};
use serde_json::{Value, json};

use super::{SCOPE, approve, ask, enter, poll, poll_in_time, request};
use crate::support::{ALICE, Browser, TV, World};

/// Another API of the realm.
const ARCHIVE: &str = "https://archive.example/api";

/// The audience of a JWT access token.
fn audience(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT");
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    let claims: Value = serde_json::from_slice(&payload.expect("base64url")).expect("JSON");
    claims["aud"].clone()
}

async fn world_with_an_archive() -> World {
    World::with(|mut seed| {
        seed.resources = vec![ARCHIVE.to_owned()];
        seed
    })
    .await
}

/// The TV asks for tokens for the archive.
async fn ask_for_the_archive(world: &World) -> super::Asked {
    let answer = world
        .send(request(world, TV, SCOPE).with("resource", ARCHIVE))
        .await;
    let body = answer.is(200).json();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    super::Asked {
        client: TV,
        device_code: text("device_code"),
        user_code: text("user_code"),
        body,
    }
}

#[tokio::test]
async fn a_devices_tokens_are_meant_for_the_api_that_it_asked_for() {
    let world = world_with_an_archive().await;
    let asked = ask_for_the_archive(&world).await;
    approve(&world, ALICE, &asked).await;
    let tokens = poll_in_time(&world, &asked).await.tokens();
    assert_eq!(audience(&tokens.access), json!(ARCHIVE));
}

#[tokio::test]
async fn the_person_is_told_at_which_api_a_devices_token_is_good() {
    let world = world_with_an_archive().await;
    for (asked, named) in [
        (ask_for_the_archive(&world).await, true),
        (super::ask(&world).await, false),
    ] {
        let mut browser = Browser::new();
        let page = enter(&world, &mut browser, ALICE, &asked.user_code).await;
        assert!(page.has("device-confirm"), "{}", page.text());
        assert_eq!(page.text().contains(ARCHIVE), named, "{}", page.text());
    }
}

#[tokio::test]
async fn an_unknown_api_is_an_invalid_target_and_one_that_was_not_granted_costs_no_code() {
    let world = world_with_an_archive().await;
    let unknown = request(&world, TV, SCOPE).with("resource", "https://elsewhere.example");
    let answer = world.send(unknown).await;
    answer.is_refused(400, "invalid_target").no_store();
    answer.failed_check("resource.known").await;

    let asked = ask_for_the_archive(&world).await;
    approve(&world, ALICE, &asked).await;
    let wider = poll(&world, &asked).with("resource", &world.api(""));
    let answer = world.send(wider).await;
    answer.is_refused(400, "invalid_target");
    answer.failed_check("resource.granted").await;
    world.send(poll(&world, &asked)).await.tokens();
}

#[tokio::test]
async fn what_waits_for_a_person_and_what_they_decided_outlives_the_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let start = || async {
        let store = Store::Directory(directory.path().to_path_buf());
        let started = Ecosystem::builder().store(store).start().await;
        World::at_root(Arc::new(started.unwrap_or_else(|error| panic!("{error}"))))
    };
    let world = start().await;
    let (waiting, decided) = (ask(&world).await, ask(&world).await);
    approve(&world, ALICE, &decided).await;
    stop(world).await;

    let world = start().await;
    let answer = world.send(poll(&world, &waiting)).await;
    answer.is_refused(400, "authorization_pending");
    world.send(poll(&world, &decided)).await.tokens();
    approve(&world, ALICE, &waiting).await;
    poll_in_time(&world, &waiting).await.tokens();
    stop(world).await;
}

/// Ends the services, as a restart does.
async fn stop(world: World) {
    let World { ecosystem, realm } = world;
    drop(realm);
    let ecosystem = Arc::into_inner(ecosystem).expect("nobody else holds the ecosystem");
    ecosystem.stop().await;
}
