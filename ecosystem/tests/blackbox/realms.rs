//! Two realms with clients of the same name never see each other's tokens, sessions, keys or flows.

use serde_json::Value;
use shared::time::Lifetime;

use crate::support::{ALICE, Browser, Request, WEB, World};

const SCOPE: &str = "openid photos:read offline_access";

async fn two_worlds() -> (World, World) {
    (World::new().await, World::new().await)
}

#[tokio::test]
async fn tokens_of_one_are_nothing_in_the_other() {
    let (here, there) = two_worlds().await;
    let tokens = there.tokens(WEB, SCOPE).await;
    assert!(!here.is_active(&tokens.access).await);
    let answer = here.send(here.refresh(WEB, &tokens.refresh)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("refresh_token.known").await;
    here.send(here.revoke(WEB, &tokens.refresh)).await.is(200);
    assert!(
        there.is_live(WEB, &tokens.refresh).await,
        "revoked from elsewhere"
    );
    for url in [here.api("/photos"), here.auth("/userinfo")] {
        let answer = here.send(Request::get(&url).bearer(&tokens.access)).await;
        answer.refuses_token(401, "invalid_token");
    }
}

#[tokio::test]
async fn a_code_of_one_is_unknown_in_the_other() {
    let (here, there) = two_worlds().await;
    let code = there.code(WEB, SCOPE).await;
    let answer = here.send(here.redeem(&code)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("code.known").await;
    there.send(there.redeem(&code)).await.tokens();
}

#[tokio::test]
async fn a_session_in_one_is_none_in_the_other() {
    let (here, there) = two_worlds().await;
    let root = World::at_root(here.ecosystem.clone());
    let mut browser = Browser::new();
    there
        .agree_in(&mut browser, ALICE, &there.authorize(WEB, SCOPE))
        .await;
    for world in [&here, &root] {
        let silent = world.authorize(WEB, SCOPE).with("prompt", "none");
        let answer = world.answer(browser.look(&silent.url()).await.response);
        assert!(
            answer.location().as_str().contains("login_required"),
            "{answer}"
        );
    }
    let silent = there.authorize(WEB, SCOPE).with("prompt", "none");
    let page = browser.look(&silent.url()).await;
    assert!(
        page.location().as_str().contains("code="),
        "still signed in there"
    );
}

#[tokio::test]
async fn keys_are_not_shared() {
    let (here, there) = two_worlds().await;
    let keys = |document: Value| -> Vec<String> {
        let keys = document["keys"].as_array().expect("keys").clone();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let public = |key: &Value| text(key.get("x").unwrap_or(&key["n"]));
        keys.iter()
            .flat_map(|key| [text(&key["kid"]), public(key)])
            .collect()
    };
    let ours = keys(here.send(Request::get(&here.auth("/jwks"))).await.json());
    let theirs = keys(there.send(Request::get(&there.auth("/jwks"))).await.json());
    assert!(ours.iter().all(|part| !theirs.contains(part)));
}

#[tokio::test]
async fn flows_of_one_are_not_shown_in_the_other() {
    let (here, there) = two_worlds().await;
    let tokens = there.tokens(WEB, SCOPE).await;
    let request = Request::get(&there.api("/photos")).bearer(&tokens.access);
    there
        .send(request)
        .await
        .is(200)
        .passed_check("scope.sufficient")
        .await;
    let flows = there.realm.flows().await.unwrap();
    assert!(!flows.is_empty());
    assert!(here.realm.flows().await.unwrap().is_empty());
    let id = &flows[0].id;
    let url = here.app(&format!("/api/flows/{id}"));
    here.send(Request::get(&url)).await.is(404);
}

#[tokio::test]
async fn a_clock_moves_alone() {
    let (here, there) = two_worlds().await;
    let (ours, theirs) = (
        here.tokens(WEB, SCOPE).await,
        there.tokens(WEB, SCOPE).await,
    );
    here.realm.clock().advance(Lifetime::from_minutes(11));
    assert!(!here.is_active(&ours.access).await);
    assert!(there.is_active(&theirs.access).await);
}

#[tokio::test]
async fn photos_are_not_shared() {
    let (here, there) = two_worlds().await;
    let writer = here.tokens(WEB, "openid photos:read photos:write").await;
    let reader = there.tokens(WEB, SCOPE).await;
    let add = Request::new("POST", &here.api("/photos"))
        .bearer(&writer.access)
        .header("content-type", "application/json")
        .body(r#"{"caption":"only here","theme":"sea","hue":10}"#);
    let answer = here.send(add).await;
    assert!(matches!(answer.status(), 200 | 201), "{answer}");
    let list = Request::get(&there.api("/photos")).bearer(&reader.access);
    let answer = there.send(list).await;
    assert!(!answer.is(200).response.text().contains("only here"));
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let world = World::new().await;
    let name = world.realm.name().as_str();
    assert!(world.ecosystem.realm(name).await.is_err(), "{name} twice");
    assert!(world.ecosystem.realm("Not a name").await.is_err());
}

/// RFC 8414 §3.3: an issuer is compared as text, so that a realm with two addresses would be two issuers.
#[tokio::test]
async fn the_default_realm_has_one_address() {
    let world = World::new().await;
    let ecosystem = &world.ecosystem;
    let (auth, app, api) = (
        ecosystem.auth_server(),
        ecosystem.client_app(),
        ecosystem.resource_server(),
    );
    let known = "/.well-known/oauth-authorization-server";
    for path in [
        format!("{auth}{known}/r/default"),
        format!("{auth}/r/default{known}"),
        format!("{auth}/r/default/.well-known/openid-configuration"),
        format!("{auth}/.well-known/openid-configuration/r/default"),
        format!("{auth}/r/default/jwks"),
        format!("{auth}/r/%64efault/jwks"),
        format!("{auth}/r/default/authorize?client_id=web"),
        format!("{auth}/r/default/login"),
        format!("{auth}/r/default/userinfo"),
        format!("{auth}/r/default/"),
        format!("{app}/r/default/"),
        format!("{app}/r/default/flows"),
        format!("{app}/r/default/api/flows"),
        format!("{api}/r/default/photos"),
        format!("{api}/.well-known/oauth-protected-resource/r/default"),
    ] {
        let answer = world.send(Request::get(&path)).await;
        assert_eq!(answer.status(), 404, "{path}: {answer}");
    }
    let token = Request::post(
        &format!("{auth}/r/default/token"),
        &[("grant_type", "client_credentials")],
    );
    let answer = world.send(token.basic("service", "service-secret")).await;
    answer.is(404);
    // At the root it answers as ever.
    let root = World::at_root(ecosystem.clone());
    let answer = root.send(Request::get(&root.auth("/jwks"))).await;
    answer.is(200);
}
