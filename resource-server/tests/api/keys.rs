//! Keys change: a new one is found at once, and made-up key ids cannot start a storm.

use std::time::Duration;

use shared::time::Lifetime;

use crate::support::World;

#[tokio::test]
async fn a_new_key_is_found_by_looking_again_once() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    assert_eq!(world.issuer.key_fetches(), 1);
    world.issuer.add_key("k2");
    let token = world.issuer.sign_with("k2", &world.alice());
    world.get("/photos", &token).await.ok();
    world.get("/photos", &token).await.ok();
    assert_eq!(world.issuer.key_fetches(), 2);
}

#[tokio::test]
async fn made_up_key_ids_do_not_start_a_storm() {
    let world = World::start().await;
    let good = world.issuer.sign(&world.alice());
    world.get("/photos", &good).await.ok();
    for number in 0..40 {
        let token = world
            .issuer
            .sign_with(&format!("made-up-{number}"), &world.alice());
        assert_eq!(world.get("/photos", &token).await.status(), 401);
    }
    assert_eq!(
        world.issuer.key_fetches(),
        2,
        "the first, and one look more"
    );
}

#[tokio::test]
async fn many_callers_wait_for_one_answer() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    let calls = (0..32).map(|_| world.get("/photos", &token));
    for answer in futures_util::future::join_all(calls).await {
        answer.ok();
    }
    assert_eq!(world.issuer.key_fetches(), 1);
}

#[tokio::test]
async fn many_callers_with_a_new_key_wait_for_one_look() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    world.issuer.add_key("k2");
    world.issuer.give_keys(Duration::from_millis(200), false);
    let token = world.issuer.sign_with("k2", &world.alice());
    let made_up = world.issuer.sign_with("made-up", &world.alice());
    let calls = (0..32).map(|_| world.get("/photos", &token));
    let (calls, unknown) = futures_util::future::join(
        futures_util::future::join_all(calls),
        world.get("/photos", &made_up),
    )
    .await;
    for answer in calls {
        answer.ok();
    }
    assert_eq!(unknown.status(), 401);
    assert!(world.issuer.key_fetches() <= 3, "one look for each key id");
}

#[tokio::test]
async fn a_look_in_vain_is_repeated_soon() {
    let world = World::with(|config| config.keys.refetch = Lifetime::from_minutes(60)).await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    world.issuer.add_key("k2");
    world.issuer.give_keys(Duration::ZERO, true);
    let token = world.issuer.sign_with("k2", &world.alice());
    // Nobody is told that their token is bad because nobody could look.
    assert_eq!(world.get("/photos", &token).await.status(), 503);
    world.issuer.give_keys(Duration::ZERO, false);
    assert_eq!(world.get("/photos", &token).await.status(), 503);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    world.get("/photos", &token).await.ok();
}

#[tokio::test]
async fn keys_are_fetched_again_when_they_are_no_longer_fresh() {
    let world = World::with(|config| config.keys.fresh = Lifetime::from_seconds(0)).await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    world.get("/photos", &token).await.ok();
    assert_eq!(world.issuer.key_fetches(), 2);
}

#[tokio::test]
async fn only_so_many_realms_are_kept() {
    let world = World::with(|config| config.keys.max_realms = 2).await;
    for realm in ["a", "b", "c", "a"] {
        let claims = world
            .alice()
            .with("iss", format!("{}/r/{realm}", world.issuer.url))
            .with("aud", format!("{}/r/{realm}", world.api));
        let token = world.issuer.sign(&claims);
        world.get(&format!("/r/{realm}/photos"), &token).await.ok();
    }
    assert_eq!(world.issuer.key_fetches(), 4, "a was let go for c");
}
