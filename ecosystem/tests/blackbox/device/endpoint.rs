//! `/device_authorization` — RFC 8628 §3.1, §3.2 and §4.

use shared::seed::{ClientSeed, ExcessScope};
use shared::time::Lifetime;

use super::{DEVICE_CODE, SCOPE, approve, ask, ask_as, poll_in_time, request};
use crate::support::{ALICE, Client, Request, SERVICE, TV, WEB, World};

/// A TV that can keep a secret.
const BOX: Client = Client {
    id: "box",
    secret: Some("box-secret"),
    callback: "",
};

async fn world_with_a_box() -> World {
    World::with(|seed| {
        let client = ClientSeed::public(BOX.id, "").with_secret("box-secret");
        let mut client = client
            .with_grants(&[DEVICE_CODE])
            .with_scopes(&["photos:read"]);
        client.redirect_uris.clear();
        client.policy.device_code_lifetime = Some(Lifetime::from_seconds(120));
        client.policy.device_poll_interval = Some(Lifetime::from_seconds(2));
        seed.with_client(client)
    })
    .await
}

#[tokio::test]
async fn a_device_gets_two_codes_and_the_address_of_the_page() {
    let world = World::new().await;
    let answer = world.send(request(&world, TV, SCOPE)).await;
    answer.is(200).no_store();
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json")
    );
    let body = answer.json();
    assert_eq!(body["verification_uri"], world.auth("/device"));
    assert_eq!(body["expires_in"], 600);
    assert_eq!(body["interval"], 5);
    let device_code = body["device_code"].as_str().unwrap();
    assert!(device_code.len() >= 43, "256 bits: {body}");
    let user_code = body["user_code"].as_str().unwrap();
    let (one, other) = user_code.split_once('-').expect("a dash");
    let letters =
        |part: &str| part.len() == 4 && part.chars().all(|c| "BCDFGHJKLMNPQRSTVWXZ".contains(c));
    assert!(letters(one) && letters(other), "{user_code}");
    let complete = format!("{}?user_code={user_code}", world.auth("/device"));
    assert_eq!(body["verification_uri_complete"], complete);
    answer.passed_check("scope.allowed").await;
}

#[tokio::test]
async fn no_two_devices_get_the_same_codes() {
    let world = World::new().await;
    let (one, other) = (ask(&world).await, ask(&world).await);
    assert_ne!(one.device_code, other.device_code);
    assert_ne!(one.user_code, other.user_code);
}

#[tokio::test]
async fn lifetimes_are_the_clients_policy() {
    let world = world_with_a_box().await;
    let asked = ask_as(&world, BOX, "photos:read").await;
    assert_eq!(asked.body["expires_in"], 120);
    assert_eq!(asked.body["interval"], 2);
}

#[tokio::test]
async fn a_confidential_client_must_prove_who_it_is() {
    let world = world_with_a_box().await;
    let endpoint = world.auth("/device_authorization");
    let wrong = Request::post(&endpoint, &[]).basic(BOX.id, "wrong");
    let answer = world.send(wrong).await;
    answer
        .is_refused(401, "invalid_client")
        .no_store()
        .challenges("Basic");
    answer.failed_check("client.authenticated").await;
    let none = Request::post(&endpoint, &[("client_id", BOX.id)]);
    let answer = world.send(none).await;
    answer.is_refused(401, "invalid_client");
    answer.failed_check("client.method_allowed").await;
    let unknown = Request::post(&endpoint, &[("client_id", "nobody")]);
    let answer = world.send(unknown).await;
    answer.is_refused(401, "invalid_client");
    answer.failed_check("client.known").await;
    let nobody = world
        .send(Request::post(&endpoint, &[("scope", "openid")]))
        .await;
    nobody.is_refused(401, "invalid_client");
}

#[tokio::test]
async fn a_client_without_the_grant_is_unauthorized() {
    let world = World::new().await;
    for client in [WEB, SERVICE] {
        let answer = world.send(request(&world, client, "photos:read")).await;
        answer.is_refused(400, "unauthorized_client").no_store();
        answer.failed_check("grant.allowed").await;
    }
}

#[tokio::test]
async fn a_scope_that_is_malformed_unknown_or_too_much_is_invalid() {
    let world = World::new().await;
    for scope in ["photos:write", "photos:read nothing", "a\"b"] {
        let answer = world.send(request(&world, TV, scope)).await;
        answer.is_refused(400, "invalid_scope").no_store();
        answer.failed_check("scope.allowed").await;
    }
}

#[tokio::test]
async fn where_the_policy_leaves_out_what_is_too_much_the_device_gets_the_rest() {
    let world = World::with(|mut seed| {
        let tv = seed.clients.iter_mut().find(|one| one.client_id == TV.id);
        let tv = tv.expect("a client of the demo");
        tv.policy.excess_scope = Some(ExcessScope::Ignore);
        tv.grant_types = vec![DEVICE_CODE.to_owned()];
        tv.scopes = ["openid", "photos:read", "offline_access"]
            .map(str::to_owned)
            .to_vec();
        seed
    })
    .await;
    // Unknown ones, and `offline_access` of a client that renews nothing (OpenID Connect Core §11).
    let asked = "openid photos:read photos:write nothing offline_access";
    let answer = world.send(request(&world, TV, asked)).await;
    answer.is(200).passed_check("scope.allowed").await;
    let checked = answer.exchange().await.checks;
    let scope = checked.iter().find(|one| one.id == "scope.allowed");
    let got = format!("{:?}", scope.expect("the check"));
    assert!(got.contains("left out: nothing photos:write"), "{got}");
    let waiting = ask_as(&world, TV, asked).await;
    approve(&world, ALICE, &waiting).await;
    let tokens = poll_in_time(&world, &waiting).await.tokens();
    assert_eq!(tokens.body["scope"], "openid photos:read");
    // What is no scope at all is refused as ever.
    let answer = world.send(request(&world, TV, "a\"b")).await;
    answer.is_refused(400, "invalid_scope");
}

#[tokio::test]
async fn without_a_scope_the_clients_default_is_meant() {
    let world = World::new().await;
    let request = request(&world, TV, SCOPE).without("scope");
    world.send(request).await.is(200);
}

#[tokio::test]
async fn it_is_a_post_of_a_form_and_nothing_is_repeated() {
    let world = World::new().await;
    let endpoint = world.auth("/device_authorization");
    let get = world
        .send(Request::get(&format!("{endpoint}?client_id=tv")))
        .await;
    get.is_refused(405, "invalid_request");
    assert_eq!(get.header("allow"), "POST");
    let json = Request::new("POST", &endpoint)
        .header("content-type", "application/json")
        .body(r#"{"client_id":"tv"}"#);
    world.send(json).await.is_refused(400, "invalid_request");
    let twice = request(&world, TV, SCOPE).with("scope", "openid");
    let answer = world.send(twice).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("request.no_repeats").await;
}

#[tokio::test]
async fn metadata_names_the_endpoint_and_the_grant() {
    let world = World::new().await;
    let url = world.auth("/.well-known/openid-configuration");
    let body = world.send(Request::get(&url)).await.is(200).json();
    let endpoint = world.auth("/device_authorization");
    assert_eq!(body["device_authorization_endpoint"], endpoint);
    let grants = body["grant_types_supported"].as_array().unwrap();
    assert!(grants.iter().any(|grant| grant == DEVICE_CODE), "{body}");
}
