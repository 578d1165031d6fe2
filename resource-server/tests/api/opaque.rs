//! Tokens that only the auth server can read (RFC 7662).

use resource_server::access::policy::Introspect;
use serde_json::json;
use shared::serve::ConfigSecret;

use crate::support::World;

#[tokio::test]
async fn an_opaque_token_is_what_the_auth_server_says() {
    let world = World::start().await;
    world.issuer.say(
        "good",
        json!({
            "active": true, "sub": "bob-0002", "client_id": "web", "scope": "photos:read",
            "aud": world.api, "iss": world.issuer.url,
        }),
    );
    let photos = world.get("/photos", "good").await.ok().json();
    assert_eq!(photos["photos"][0]["caption"], "The Bund after rain");
    let answer = world.get("/me", "good").await;
    answer
        .is_refused(403, "insufficient_scope", "scope.sufficient")
        .await;
    let answer = world.get("/photos", "unknown").await;
    answer
        .is_refused(401, "invalid_token", "token.active")
        .await;
    world.issuer.say(
        "foreign",
        json!({ "active": true, "sub": "bob-0002", "client_id": "web", "scope": "photos:read", "aud": "http://other" }),
    );
    let answer = world.get("/photos", "foreign").await;
    answer
        .is_refused(401, "invalid_token", "token.audience")
        .await;
}

#[tokio::test]
async fn a_refused_resource_server_blames_itself() {
    let world = World::with(|config| {
        config.introspection.client_secret = ConfigSecret::new("wrong");
    })
    .await;
    let answer = world.get("/photos", "any").await;
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.json()["error"], "server_error");
}

#[tokio::test]
async fn a_revoked_jwt_is_refused_at_once_where_the_policy_says_so() {
    let world = World::with(|config| config.tokens.default.introspect = Introspect::Always).await;
    let token = world.issuer.sign(&world.alice());
    world.get("/photos", &token).await.ok();
    world.issuer.say(&token, json!({ "active": false }));
    let answer = world.get("/photos", &token).await;
    answer
        .is_refused(401, "invalid_token", "token.active")
        .await;
    assert_eq!(world.issuer.introspections(), 2);
}
