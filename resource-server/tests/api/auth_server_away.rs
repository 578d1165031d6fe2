//! When the auth server is away nobody is told that their token is bad (RFC 6750 §3.1 has no code for it).

use crate::support::{Answer, World};

fn is_unavailable(answer: &Answer<'_>) {
    assert_eq!(answer.status(), 503, "{}", answer.text());
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert_eq!(answer.header("www-authenticate"), "");
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn known_keys_still_serve() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    world.issuer.leave().await;
    world.get("/photos", &token).await.ok();
}

#[tokio::test]
async fn what_cannot_be_judged_is_not_judged() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    world.issuer.leave().await;
    // An unknown key could be a new one; an opaque token could be good.
    let unknown = world.issuer.sign_with("k9", &world.alice());
    is_unavailable(&world.get("/photos", &unknown).await);
    is_unavailable(&world.get("/photos", &unknown).await);
    is_unavailable(&world.get("/photos", "an-opaque-token").await);
}

#[tokio::test]
async fn without_keys_nothing_is_judged() {
    let world = World::start().await;
    world.issuer.leave().await;
    let token = world.issuer.sign(&world.alice());
    let answer = world.get("/photos", &token).await;
    is_unavailable(&answer);
    assert!(answer.failed_checks().await.is_empty());
}

#[tokio::test]
async fn keys_are_used_only_so_long_without_their_issuer() {
    let world = World::with(|config| {
        config.keys.fresh = shared::time::Lifetime::from_seconds(0);
        config.keys.stale = shared::time::Lifetime::from_seconds(0);
    })
    .await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    world.issuer.leave().await;
    is_unavailable(&world.get("/photos", &token).await);
}
