//! Realms over HTTP: clients of the same name never see each other's tokens.

use serde_json::json;
use shared::seed::RealmSeed;

use crate::support::{RESOURCE_SERVER, SERVICE, World};

#[tokio::test]
async fn a_token_of_one_realm_is_nothing_in_another() {
    let world = World::start().await;
    for name in ["blue", "red"] {
        let seed = RealmSeed::demo_named(name.parse().unwrap()).unwrap();
        world.realms.create(&seed).await.unwrap();
    }
    let form = [("grant_type", "client_credentials")];
    let tokens = world
        .post_as(SERVICE, "/r/blue/token", &form)
        .await
        .ok()
        .json();
    let token = [("token", tokens["access_token"].as_str().unwrap())];
    for (realm, active) in [("blue", true), ("red", false)] {
        let path = format!("/r/{realm}/introspect");
        let answer = world
            .post_as(RESOURCE_SERVER, &path, &token)
            .await
            .ok()
            .json();
        assert_eq!(answer["active"], active, "{realm}");
    }
    assert_eq!(world.introspect(token[0].1).await, json!({"active": false}));
    let answer = world.post_as(SERVICE, "/r/none/token", &form).await;
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.json()["error"], "invalid_request");
}
