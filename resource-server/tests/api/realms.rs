//! Worlds that never meet.

use shared::realm::RealmName;
use shared::seed::RealmSeed;

use crate::support::{Claims, World};

fn in_realm(world: &World, realm: &str) -> Claims {
    world
        .alice()
        .with("iss", format!("{}/r/{realm}", world.issuer.url))
        .with("aud", format!("{}/r/{realm}", world.api))
}

#[tokio::test]
async fn a_realm_can_be_made_while_the_server_runs() {
    let world = World::start().await;
    let name: RealmName = "team-blue".parse().unwrap();
    let seed = RealmSeed::demo_named(name).unwrap();
    assert!(world.realms.create(&seed).await.unwrap());
    assert!(
        !world.realms.create(&seed).await.unwrap(),
        "it is there already"
    );

    let blue = world.issuer.sign(&in_realm(&world, "team-blue"));
    let photos = world.get("/r/team-blue/photos", &blue).await.ok().json();
    let picture = format!("{}/r/team-blue/photos/alice-1/picture.svg", world.api);
    assert_eq!(photos["photos"][0]["picture"], picture);

    let answer = world.get("/photos", &blue).await;
    answer
        .is_refused(401, "invalid_token", "token.issuer")
        .await;
    let root = world.issuer.sign(&world.alice());
    let answer = world.get("/r/team-blue/photos", &root).await;
    answer
        .is_refused(401, "invalid_token", "token.issuer")
        .await;
    let metadata = answer.challenge("resource_metadata").unwrap();
    assert!(metadata.ends_with("/.well-known/oauth-protected-resource/r/team-blue"));
}

#[tokio::test]
async fn a_realm_that_the_auth_server_does_not_know_is_not_found() {
    let world = World::start().await;
    let token = world.issuer.sign(&in_realm(&world, "nowhere"));
    for path in [
        "/r/nowhere/photos",
        "/r/nowhere/",
        "/.well-known/oauth-protected-resource/r/nowhere",
        "/r/No_Name/photos",
    ] {
        assert_eq!(world.get(path, &token).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_is_not_used() {
    let world = World::start().await;
    let token = world.issuer.sign(&in_realm(&world, "liar"));
    assert_eq!(world.get("/r/liar/photos", &token).await.status(), 503);
}
