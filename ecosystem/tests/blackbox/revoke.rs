//! `POST /revoke` — RFC 7009.

use crate::support::{Request, SPA, TRUSTED, WEB, World};

const SCOPE: &str = "openid photos:read offline_access";

#[tokio::test]
async fn a_revoked_access_token_is_dead_and_its_refresh_token_lives() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let answer = world.send(world.revoke(WEB, &tokens.access)).await;
    // RFC 7009 §2.2: the status says it all; some clients read JSON of every endpoint.
    assert_eq!(answer.is(200).no_store().json(), serde_json::json!({}));
    assert!(!world.is_active(&tokens.access).await);
    world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
}

/// RFC 7009 §2.1: "the authorization server SHOULD also invalidate all access tokens based on the same grant".
#[tokio::test]
async fn a_revoked_refresh_token_takes_its_access_tokens_with_it() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let request = world.revoke(WEB, &tokens.refresh);
    world.send(request).await.is(200);
    assert!(!world.is_live(WEB, &tokens.refresh).await);
    assert!(!world.is_active(&tokens.access).await);
    let userinfo = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let answer = world.send(userinfo).await;
    answer.refuses_token(401, "invalid_token");
}

/// RFC 7009 §2.2: "invalid tokens do not cause an error response".
#[tokio::test]
async fn an_unknown_or_revoked_or_malformed_token_is_no_error() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    for _ in 0..2 {
        let request = world.revoke(WEB, &tokens.refresh);
        world.send(request).await.is(200);
    }
    for token in ["unknown", "a.b.c", &"x".repeat(5000)] {
        let answer = world.send(world.revoke(WEB, token)).await;
        answer.is(200).no_store();
    }
}

#[tokio::test]
async fn a_wrong_hint_still_revokes() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let request = world.revoke(WEB, &tokens.refresh);
    let answer = world
        .send(request.with("token_type_hint", "access_token"))
        .await;
    answer.is(200);
    assert!(!world.is_live(WEB, &tokens.refresh).await);
}

#[tokio::test]
async fn another_clients_token_stays_alive() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    for token in [&tokens.access, &tokens.refresh] {
        let answer = world.send(world.revoke(TRUSTED, token)).await;
        assert!(matches!(answer.status(), 200 | 400), "{answer}");
        answer.no_store().failed_check("revocation.client").await;
    }
    assert!(world.is_active(&tokens.access).await);
    assert!(world.is_live(WEB, &tokens.refresh).await);
}

#[tokio::test]
async fn a_public_client_revokes_its_own_by_its_id() {
    let world = World::new().await;
    let tokens = world.tokens(SPA, "photos:read offline_access").await;
    world.send(world.revoke(SPA, &tokens.access)).await.is(200);
    assert!(!world.is_active(&tokens.access).await);
}

#[tokio::test]
async fn a_client_that_is_not_authenticated_revokes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let ask = || Request::post(&world.auth("/revoke"), &[("token", &tokens.refresh)]);
    let answer = world.send(ask()).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.known").await;
    let answer = world.send(ask().basic("web", "guess")).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.authenticated").await;
    assert!(world.is_live(WEB, &tokens.refresh).await);
}

#[tokio::test]
async fn a_missing_token_is_an_invalid_request() {
    let world = World::new().await;
    for parameters in [vec![], vec![("token", "")]] {
        let request = Request::post(&world.auth("/revoke"), &parameters);
        let answer = world.send(World::signed(WEB, request)).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("token.parameter_present").await;
    }
}

#[tokio::test]
async fn a_repeated_token_is_an_invalid_request() {
    let world = World::new().await;
    let request = world.revoke(WEB, "a").with("token", "b");
    let answer = world.send(request).await;
    answer.is_refused(400, "invalid_request").no_store();
    answer.failed_check("request.no_repeats").await;
}

#[tokio::test]
async fn only_a_form_by_post_is_read() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let url = format!("{}?token={}", world.auth("/revoke"), tokens.refresh);
    let get = World::signed(WEB, Request::new("GET", &url));
    world.send(get).await.is(405);
    let json = world.revoke(WEB, "x").content_type("application/json");
    let answer = world.send(json).await;
    answer.is_refused(400, "invalid_request").no_store();
    answer.failed_check("request.content_type").await;
    assert!(world.is_live(WEB, &tokens.refresh).await);
}
