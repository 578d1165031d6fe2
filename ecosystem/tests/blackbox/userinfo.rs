//! `GET` and `POST /userinfo` — OpenID Connect Core §5.3, refusals by RFC 6750 §3.1.

use crate::support::{Request, SERVICE, WEB, World};

#[tokio::test]
async fn what_the_scope_covers_is_said_and_no_more() {
    let world = World::new().await;
    let email = world.tokens(WEB, "openid email").await;
    let request = Request::get(&world.auth("/userinfo")).bearer(&email.access);
    let answer = world.send(request).await;
    let said = answer.is(200).json();
    assert_eq!(said["email"], "alice@example.com", "{said}");
    assert_eq!(said.get("name"), None, "{said}");
    let subject = world.introspection(&email.access).await["sub"].clone();
    assert_eq!(said["sub"], subject, "the same as everywhere else");

    let profile = world.tokens(WEB, "openid profile").await;
    let request = Request::post(&world.auth("/userinfo"), &[]).bearer(&profile.access);
    let said = world.send(request).await.is(200).json();
    assert!(said["name"].is_string(), "{said}");
    assert_eq!(said.get("email"), None, "{said}");
}

#[tokio::test]
async fn without_a_token_nothing_is_said_of_why() {
    let world = World::new().await;
    let answer = world.send(Request::get(&world.auth("/userinfo"))).await;
    answer.is(401).challenges("Bearer");
    assert_eq!(answer.challenge("error"), None, "{answer}");
    answer.failed_check("token.present").await;
}

#[tokio::test]
async fn a_token_that_is_none_is_invalid() {
    let world = World::new().await;
    for token in ["invented", "a.b.c"] {
        let request = Request::get(&world.auth("/userinfo")).bearer(token);
        let answer = world.send(request).await;
        answer.refuses_token(401, "invalid_token");
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid").await;
    let url = format!("{}?access_token={}", world.auth("/userinfo"), tokens.access);
    let answer = world.send(Request::get(&url)).await;
    assert!(matches!(answer.status(), 400 | 401), "{answer}");
    answer
        .challenges("Bearer")
        .failed_check("token.not_in_query")
        .await;
}

#[tokio::test]
async fn a_token_that_comes_twice_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid").await;
    let request = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let answer = world.send(request.bearer(&tokens.access)).await;
    answer.refuses_token(400, "invalid_request");
    answer.failed_check("token.single_method").await;
}

#[tokio::test]
async fn an_expired_and_a_revoked_token_are_invalid() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid").await;
    world.send(world.revoke(WEB, &tokens.access)).await.is(200);
    let ask = |token: &str| Request::get(&world.auth("/userinfo")).bearer(token);
    let answer = world.send(ask(&tokens.access)).await;
    answer.refuses_token(401, "invalid_token");
    answer.failed_check("token.active").await;

    let tokens = world.tokens(WEB, "openid").await;
    world.wait_seconds(700);
    let answer = world.send(ask(&tokens.access)).await;
    answer.refuses_token(401, "invalid_token");
    answer.failed_check("token.not_expired").await;
}

#[tokio::test]
async fn a_token_without_openid_does_not_suffice() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "photos:read").await;
    let request = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let answer = world.send(request).await;
    answer.refuses_token(403, "insufficient_scope");
    assert_eq!(answer.challenge("scope").as_deref(), Some("openid"));
    answer.failed_check("scope.sufficient").await;
}

#[tokio::test]
async fn a_machines_token_speaks_for_nobody() {
    let world = World::new().await;
    let tokens = world.send(world.client_credentials(SERVICE)).await.tokens();
    let request = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let answer = world.send(request).await;
    assert!(matches!(answer.status(), 401 | 403), "{answer}");
    answer.challenges("Bearer");
}
