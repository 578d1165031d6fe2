//! `POST /introspect` — RFC 7662.

use ecosystem::record::FlowView;
use shared::flow::ValueKind;

use crate::support::{API, Request, SERVICE, SPA, TRUSTED, WEB, World};

const SCOPE: &str = "openid photos:read offline_access";

#[tokio::test]
async fn a_live_token_is_described() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let answer = world.send(world.introspect(&tokens.access)).await;
    answer.is(200).no_store();
    let said = answer.json();
    assert_eq!(said["active"], true);
    assert_eq!(said["client_id"], "web");
    assert_eq!(said["username"], "alice");
    assert_eq!(said["iss"], world.realm.issuer());
    assert_eq!(said["aud"], world.realm.resource_server());
    assert_eq!(said["token_type"], "Bearer");
    let lifetime = said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 600, "seconds");
    assert!(said["scope"].as_str().unwrap().contains("photos:read"));
}

#[tokio::test]
async fn a_refresh_token_is_described_to_its_own_client_alone() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let request = world.introspect_as(WEB, &tokens.refresh);
    let hinted = request.with("token_type_hint", "refresh_token");
    let said = world.send(hinted).await.is(200).json();
    assert_eq!(said["active"], true, "{said}");
    assert_eq!(said["client_id"], "web");
    assert!(
        !world.is_active(&tokens.refresh).await,
        "the API needs it for nothing"
    );
}

#[tokio::test]
async fn a_wrong_hint_changes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    for hint in ["refresh_token", "access_token", "unheard-of"] {
        for request in [
            world.introspect(&tokens.access),
            world.introspect_as(WEB, &tokens.refresh),
        ] {
            let answer = world.send(request.with("token_type_hint", hint)).await;
            assert_eq!(answer.is(200).json()["active"], true, "{hint}: {answer}");
        }
    }
}

#[tokio::test]
async fn anything_that_is_no_live_token_is_inactive_and_nothing_more_is_said() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let code = world.code(WEB, SCOPE).await;
    let tampered = format!("{}x", tokens.access);
    let id_token = tokens.body["id_token"].as_str().unwrap();
    for token in ["unknown", "a.b.c", &tampered, id_token, &code.value] {
        assert!(!world.is_active(token).await, "{token}");
    }
}

#[tokio::test]
async fn an_expired_token_is_inactive() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    world.wait_seconds(599);
    assert!(world.is_active(&tokens.access).await);
    world.wait_seconds(2);
    assert!(!world.is_active(&tokens.access).await);
    assert!(world.is_live(WEB, &tokens.refresh).await);
}

#[tokio::test]
async fn a_token_of_another_realm_is_inactive() {
    let (here, there) = (World::new().await, World::new().await);
    let tokens = there.tokens(WEB, SCOPE).await;
    assert!(!here.is_active(&tokens.access).await);
    assert!(!here.is_live(WEB, &tokens.refresh).await);
    assert!(there.is_active(&tokens.access).await);
}

#[tokio::test]
async fn a_caller_without_or_with_wrong_authentication_is_an_invalid_client() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let ask = || Request::post(&world.auth("/introspect"), &[("token", &tokens.access)]);
    let answer = world.send(ask()).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.known").await;
    let answer = world.send(ask().basic("resource-server", "guess")).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.challenges("Basic");
    answer.failed_check("client.authenticated").await;
    // A token is no authentication for a question about itself (RFC 7662 §4: token scanning).
    let answer = world.send(ask().bearer(&tokens.access)).await;
    answer.is_refused(401, "invalid_client").no_store();
}

#[tokio::test]
async fn a_public_client_may_not_ask() {
    let world = World::new().await;
    let tokens = world.tokens(SPA, "photos:read").await;
    let request = Request::post(&world.auth("/introspect"), &[("token", &tokens.access)]);
    let answer = world.send(World::signed(SPA, request)).await;
    assert!(matches!(answer.status(), 401 | 403), "{answer}");
    assert_ne!(answer.json()["active"], true, "{answer}");
    answer.no_store();
}

#[tokio::test]
async fn a_client_learns_nothing_of_the_tokens_of_others() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    for other in [SERVICE, TRUSTED] {
        let request = Request::post(&world.auth("/introspect"), &[("token", &tokens.access)]);
        let answer = world.send(World::signed(other, request)).await;
        assert_ne!(answer.json()["active"], true, "{answer}");
        assert_eq!(answer.json().get("sub"), None, "{answer}");
        answer.no_store();
        answer.failed_check("introspection.allowed").await;
    }
}

#[tokio::test]
async fn a_missing_token_is_an_invalid_request() {
    let world = World::new().await;
    for parameters in [vec![], vec![("token", "")]] {
        let request = Request::post(&world.auth("/introspect"), &parameters);
        let answer = world.send(World::signed(API, request)).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("token.parameter_present").await;
    }
}

#[tokio::test]
async fn a_repeated_token_is_an_invalid_request() {
    let world = World::new().await;
    let request = world.introspect("a").with("token", "b");
    let answer = world.send(request).await;
    answer.is_refused(400, "invalid_request").no_store();
    answer.failed_check("request.no_repeats").await;
}

#[tokio::test]
async fn only_a_form_by_post_is_read() {
    let world = World::new().await;
    let url = format!("{}?token=x", world.auth("/introspect"));
    let answer = world
        .send(World::signed(API, Request::new("GET", &url)))
        .await;
    answer.is(405);
    let request = world.introspect("x").content_type("application/json");
    let answer = world.send(request).await;
    answer.is_refused(400, "invalid_request").no_store();
    answer.failed_check("request.content_type").await;
}

/// The only flow of the realm, once it has an exchange.
async fn only_flow(world: &World) -> FlowView {
    loop {
        let flows = world.realm.flows().await.unwrap();
        if let Some(flow) = flows.first() {
            return world.realm.flow(&flow.id).await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_question_about_rubbish_is_no_refused_flow_and_a_guess_is_no_token() {
    for rubbish in [
        "rubbish",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl",
    ] {
        let world = World::new().await;
        let said = world.send(world.introspect(rubbish)).await.is(200).json();
        assert_eq!(said, serde_json::json!({ "active": false }));
        let flow = only_flow(&world).await;
        let result = &flow.summary.result;
        assert_eq!(result.status.name(), "open", "{rubbish}: {result:?}");
        assert_eq!(result.failed_check, None);
        let values = &flow.exchanges[0].values;
        let token = values
            .iter()
            .find(|value| value.kind == ValueKind::AccessToken);
        assert!(token.is_none(), "{rubbish}: {values:?}");
        let url = world.app(&format!("/flows/{}/flow.har", flow.summary.id));
        let file = Request::get(&url).send().await.text();
        assert!(!file.contains("‹access token"), "{file}");
        assert!(!file.contains(rubbish), "{file}");
    }
}
