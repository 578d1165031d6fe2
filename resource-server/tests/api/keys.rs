//! Keys change: a new one is found at once, and made-up key ids cannot start a storm.

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
