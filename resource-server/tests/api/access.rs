//! Every row of RFC 6750 §3.1, and the claims that RFC 9068 §4 demands.

use shared::observe::HttpRequest;
use shared::realm::RealmName;
use shared::time::Lifetime;

use crate::support::World;

#[tokio::test]
async fn without_a_token_the_challenge_says_how_to_bring_one_and_no_more() {
    let world = World::start().await;
    let basic = HttpRequest::get("/photos").header("authorization", "Basic d2ViOng=");
    for request in [HttpRequest::get("/photos"), basic] {
        let answer = world.send(request).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.challenge("error"), None);
        assert_eq!(answer.challenge("realm").as_deref(), Some("default"));
        let metadata = format!("{}/.well-known/oauth-protected-resource", world.api);
        assert_eq!(answer.challenge("resource_metadata"), Some(metadata));
        assert!(answer.json().get("error").is_none());
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.failed_checks().await, ["token.present"]);
    }
}

#[tokio::test]
async fn a_token_comes_in_one_header_and_in_no_url() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    let shouted = HttpRequest::get("/photos").header("authorization", format!("BEARER {token}"));
    world.send(shouted).await.ok();

    let in_query = format!("/photos?access_token={token}");
    let answer = world.send(HttpRequest::get(&in_query)).await;
    answer
        .is_refused(400, "invalid_request", "token.not_in_query")
        .await;
    let answer = world.get(&in_query, &token).await;
    answer
        .is_refused(400, "invalid_request", "token.single_method")
        .await;
    let twice = HttpRequest::get("/photos").bearer(&token).bearer(&token);
    let answer = world.send(twice).await;
    answer
        .is_refused(400, "invalid_request", "token.single_method")
        .await;
    let answer = world.get("/photos", "not one token").await;
    answer
        .is_refused(400, "invalid_request", "token.well_formed")
        .await;
}

#[tokio::test]
async fn a_bad_token_is_refused_by_its_one_failed_check() {
    let world = World::start().await;
    let good = world.alice();
    let at = world.clocks.of(&RealmName::default_realm()).now().as_unix();
    let elsewhere = format!("{}/r/blue", world.issuer.url);
    for (claims, check) in [
        (good.clone().with("iss", elsewhere), "token.issuer"),
        (
            good.clone().with("aud", format!("{}/", world.api)),
            "token.audience",
        ),
        (good.clone().with("exp", at - 60), "token.not_expired"),
        (
            good.clone().with("exp", (at + 60).to_string()),
            "token.claims",
        ),
        (good.clone().with("nbf", at + 60), "token.not_before"),
    ] {
        let answer = world.get("/photos", &world.issuer.sign(&claims)).await;
        answer.is_refused(401, "invalid_token", check).await;
        assert_eq!(answer.challenge("scope"), None);
    }
    let answer = world.get("/photos", "a.b.c").await;
    answer
        .is_refused(401, "invalid_token", "token.decodes")
        .await;
    let answer = world
        .get("/photos", &world.issuer.sign_with("k9", &good))
        .await;
    answer
        .is_refused(401, "invalid_token", "token.key_known")
        .await;
}

#[tokio::test]
async fn a_token_expires_on_the_realms_clock() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    let clock = world.clocks.of(&RealmName::default_realm());
    clock.advance(Lifetime::from_minutes(11));
    let answer = world.get("/photos", &token).await;
    answer
        .is_refused(401, "invalid_token", "token.not_expired")
        .await;
}

#[tokio::test]
async fn the_scope_that_is_missing_is_named() {
    let world = World::start().await;
    let token = world
        .issuer
        .sign(&world.claims("alice-0001", "web", "photos:read"));
    world.get("/photos", &token).await.ok();
    let delete = HttpRequest {
        method: "DELETE".to_owned(),
        ..HttpRequest::get("/photos/alice-1").bearer(&token)
    };
    let answer = world.send(delete).await;
    answer
        .is_refused(403, "insufficient_scope", "scope.sufficient")
        .await;
    assert_eq!(answer.challenge("scope").as_deref(), Some("photos:write"));
    let answer = world.get("/me", &token).await;
    assert_eq!(answer.challenge("scope").as_deref(), Some("profile"));
}

#[tokio::test]
async fn a_machine_counts_but_sees_nobodys_photos() {
    let world = World::start().await;
    let claims = world.claims("service", "service", "stats:read photos:read");
    let token = world.issuer.sign(&claims);
    let stats = world.get("/stats", &token).await.ok().json();
    assert_eq!((&stats["people"], &stats["photos"]), (&2.into(), &7.into()));
    let answer = world.get("/photos", &token).await;
    answer
        .is_refused(403, "insufficient_scope", "token.speaks_for_person")
        .await;
}
