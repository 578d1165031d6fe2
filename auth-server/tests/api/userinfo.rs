//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3, RFC 6750 §3).

use shared::observe::HttpRequest;
use shared::realm::RealmName;
use shared::time::Lifetime;

use crate::support::World;

#[tokio::test]
async fn a_person_s_claims_follow_the_scope() {
    let world = World::start().await;
    let tokens = world.alice("openid email").await;
    let token = tokens["access_token"].as_str().unwrap();
    for request in [
        HttpRequest::get(world.at("/userinfo")),
        HttpRequest::post_form(world.at("/userinfo"), &[]),
    ] {
        let answer = world.send(request.bearer(token)).await.ok();
        assert_eq!(answer.header("cache-control"), "no-store");
        let claims = answer.json();
        assert_eq!(claims["email"], "alice@example.com");
        assert!(claims["sub"].is_string());
        assert!(claims.get("name").is_none());
    }
}

#[tokio::test]
async fn a_token_that_may_not_be_used_here_is_challenged() {
    let world = World::start().await;
    let answer = world.get("/userinfo").await;
    assert_eq!(answer.status(), 401);
    assert!(
        answer
            .header("www-authenticate")
            .starts_with("Bearer realm=")
    );
    assert!(!answer.header("www-authenticate").contains("error"));
    let tokens = world.alice("profile").await;
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let ask = |token: &str| world.send(HttpRequest::get(world.at("/userinfo")).bearer(token));
    let answer = ask(&token).await;
    assert!(
        answer
            .header("www-authenticate")
            .contains("scope=\"openid\"")
    );
    answer
        .is_refused(403, "insufficient_scope", "scope.sufficient")
        .await;
    ask("unknown")
        .await
        .is_refused(401, "invalid_token", "token.well_formed")
        .await;
    let in_query = world.get(&format!("/userinfo?access_token={token}")).await;
    assert_eq!(in_query.status(), 401);
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.";
    ask(none)
        .await
        .is_refused(401, "invalid_token", "token.algorithm")
        .await;
    world
        .clocks
        .of(&RealmName::default_realm())
        .advance(Lifetime::from_minutes(10));
    ask(&token)
        .await
        .is_refused(401, "invalid_token", "token.not_expired")
        .await;
}
