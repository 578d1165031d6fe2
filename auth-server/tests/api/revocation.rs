//! `POST /revoke` (RFC 7009) and `POST /introspect` (RFC 7662).

use serde_json::json;

use crate::support::{RESOURCE_SERVER, SERVICE, TRUSTED, WEB, World};

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_grant_with_it() {
    let world = World::start().await;
    let tokens = world.alice("openid profile").await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    assert_eq!(world.introspect(&access).await["username"], "alice");
    let form = [
        ("token", refresh.as_str()),
        ("token_type_hint", "access_token"),
    ];
    let answer = world.post_as(WEB, "/revoke", &form).await;
    answer
        .is_refused(400, "unauthorized_client", "revocation.client")
        .await;
    assert_eq!(world.introspect(&access).await["active"], true);
    let answer = world.post_as(TRUSTED, "/revoke", &form).await.ok();
    // The body means nothing (RFC 7009 §2.2); clients that parse every answer as JSON find an object.
    assert_eq!(answer.json(), json!({}));
    assert_eq!(world.introspect(&access).await, json!({"active": false}));
    world.post_as(TRUSTED, "/revoke", &form).await.ok();
}

#[tokio::test]
async fn a_revoked_access_token_dies_alone_and_an_unknown_one_is_no_error() {
    let world = World::start().await;
    for client in [SERVICE, ("opaque", "s")] {
        let form = [("grant_type", "client_credentials")];
        let tokens = world.post_as(client, "/token", &form).await.ok().json();
        let token = tokens["access_token"].as_str().unwrap();
        let active = world.introspect(token).await;
        assert_eq!(
            (&active["active"], &active["client_id"]),
            (&json!(true), &json!(client.0))
        );
        world
            .post_as(client, "/revoke", &[("token", token)])
            .await
            .ok();
        assert_eq!(world.introspect(token).await, json!({"active": false}));
    }
    world
        .post_as(SERVICE, "/revoke", &[("token", "unknown")])
        .await
        .ok();
    let answer = world.post_as(SERVICE, "/revoke", &[]).await;
    answer
        .is_refused(400, "invalid_request", "token.parameter_present")
        .await;
    let answer = world.post("/revoke", &[("token", "x")]).await;
    answer
        .is_refused(401, "invalid_client", "client.known")
        .await;
}

#[tokio::test]
async fn a_token_is_the_business_of_its_audience_and_its_client() {
    let world = World::start().await;
    let tokens = world.alice("openid").await;
    let token = tokens["access_token"].as_str().unwrap();
    let mut forged = token.to_owned();
    forged.replace_range(token.len() - 8.., "AAAAAAAA");
    let inactive = json!({"active": false});
    assert_eq!(world.introspect(&forged).await, inactive);
    assert_eq!(world.introspect("unknown").await, inactive);
    let id_token = tokens["id_token"].as_str().unwrap();
    assert_eq!(world.introspect(id_token).await, inactive);
    let form = [("token", token)];
    let ask = |client| world.post_as(client, "/introspect", &form);
    assert_eq!(ask(WEB).await.ok().json(), inactive);
    assert_eq!(ask(TRUSTED).await.ok().json()["active"], true);
    let answer = ask(RESOURCE_SERVER).await.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["aud"], "http://localhost:2");
    let public = [("token", token), ("client_id", "spa")];
    let answer = world.post("/introspect", &public).await;
    answer
        .is_refused(401, "invalid_client", "introspection.allowed")
        .await;
    let answer = world.post("/introspect", &form).await;
    answer
        .is_refused(401, "invalid_client", "client.known")
        .await;
    assert_eq!(world.get("/introspect").await.status(), 405);
    let refresh = [("token", tokens["refresh_token"].as_str().unwrap())];
    let answer = world
        .post_as(RESOURCE_SERVER, "/introspect", &refresh)
        .await
        .ok();
    assert_eq!(answer.json(), inactive);
    let answer = world.post_as(TRUSTED, "/introspect", &refresh).await.ok();
    assert_eq!(answer.json()["active"], true);
}
