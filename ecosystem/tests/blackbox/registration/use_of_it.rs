//! What a registered client can do, and what people see of it — OpenID Connect Dynamic Client Registration §2.

use std::sync::Arc;

use auth_server::config::LimitsConfig;
use ecosystem::Ecosystem;
use serde_json::{Value, json};

use super::{manage, register, registered, text};
use crate::support::{ALICE, Answered, Browser, Outside, Request, World};

#[tokio::test]
async fn what_was_registered_can_be_used_without_pkce_and_with_it_where_public() {
    let world = World::new().await;
    let callback = world.app("/callback");
    let body = json!({
        "redirect_uris": [callback], "grant_types": ["authorization_code", "refresh_token"],
        "client_name": "A dynamic client",
    });
    let client = registered(&world, body).await;
    let id = text(&client, "client_id");
    let url = format!(
        "{}?response_type=code&client_id={id}&redirect_uri={callback}&scope=openid+unheard:of+email&state=s&nonce=n",
        world.auth("/authorize")
    );
    let mut browser = Browser::new();
    let page = browser.open_until(&url, &callback).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, &callback)
        .await;
    let shown = page.response.text();
    assert!(shown.contains("A dynamic client"), "{shown}");
    assert!(
        shown.contains("nobody at this server has looked at it"),
        "{shown}"
    );
    let page = browser
        .press_until(&page, "consent-allow", &[], &callback)
        .await;
    let code = crate::support::code_in(&world.answer(page.response));
    let request = world.token(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &callback),
    ]);
    let answer = world
        .send(request.basic(id, text(&client, "client_secret")))
        .await;
    let tokens = answer.tokens();
    let header = tokens.body["id_token"]
        .as_str()
        .unwrap()
        .split('.')
        .next()
        .unwrap();
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    assert_eq!(header["alg"], "RS256");
    // The key was published before it signed.
    let keys = world.send(Request::get(&world.auth("/jwks"))).await.json();
    let known = |key: &Value| key["kid"] == header["kid"] && key["alg"] == "RS256";
    assert!(keys["keys"].as_array().unwrap().iter().any(known), "{keys}");

    let public = json!({"redirect_uris": [callback], "token_endpoint_auth_method": "none"});
    let public = registered(&world, public).await;
    assert!(public.get("client_secret").is_none());
    assert!(public.get("client_secret_expires_at").is_none());
    let url = url.replace(id, text(&public, "client_id"));
    let page = Browser::new().open_until(&url, &callback).await;
    let location = world.answer(page.response).location().to_string();
    assert!(location.contains("error=invalid_request"), "{location}");
}

#[tokio::test]
async fn people_see_the_picture_and_the_pages_of_a_client_in_their_language() {
    let world = World::new().await;
    let outside = Outside::start().await;
    let picture = b"\x89PNG not really".to_vec();
    let png = Answered::new(200, picture.clone()).header("content-type", "image/png");
    outside.publish("/logo.png", png);
    let svg =
        Answered::new(200, "<svg onload='alert(1)'/>").header("content-type", "image/svg+xml");
    outside.publish("/logo.svg", svg);
    let callback = world.app("/callback");
    let body = |logo: &str| {
        json!({
            "redirect_uris": [callback], "client_name": "In English", "client_name#zh": "用中文",
            "logo_uri": outside.url(logo), "policy_uri": "https://client.example/policy?a=1&b=2",
            "tos_uri": "https://client.example/terms",
        })
    };
    let client = registered(&world, body("/logo.png")).await;
    let id = text(&client, "client_id");
    let url = format!(
        "{}?response_type=code&client_id={id}&redirect_uri={callback}&scope=openid",
        world.auth("/authorize")
    );
    let page = Browser::new().open_until(&url, &callback).await;
    let shown = page.response.text();
    for part in [
        "In English",
        "href=\"https://client.example/policy?a=1&#38;b=2\"",
        "id=\"client-terms\"",
        "id=\"client-logo\"",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let logo = world.auth(&format!("/logo?client_id={id}"));
    for _ in 0..3 {
        let answer = world.send(Request::get(&logo)).await;
        assert_eq!(answer.is(200).header("content-type"), "image/png");
        assert_eq!(answer.response.body, picture);
    }
    assert_eq!(outside.asked("/logo.png").len(), 1, "kept for a while");
    let client = registered(&world, body("/logo.svg")).await;
    let logo = world.auth(&format!("/logo?client_id={}", text(&client, "client_id")));
    world.send(Request::get(&logo)).await.is(404);
    world
        .send(Request::get(&world.auth("/logo?client_id=web")))
        .await
        .is(404);
}

/// A page without a picture is better than one with a broken one.
#[tokio::test]
async fn a_picture_that_is_none_is_not_shown() {
    let world = World::new().await;
    let outside = Outside::start().await;
    let words = Answered::new(200, "no picture").header("content-type", "image/png");
    outside.publish("/text.png", words);
    let slow = Answered::new(200, b"\x89PNG slow".to_vec())
        .header("content-type", "image/png")
        .after(std::time::Duration::from_secs(3));
    outside.publish("/slow.png", slow);
    let callback = world.app("/callback");
    for logo in ["/missing.png", "/text.png", "/slow.png"] {
        let body = json!({"redirect_uris": [callback], "logo_uri": outside.url(logo)});
        let client = registered(&world, body).await;
        let url = format!(
            "{}?response_type=code&client_id={}&redirect_uri={callback}&scope=openid",
            world.auth("/authorize"),
            text(&client, "client_id")
        );
        let page = Browser::new().open_until(&url, &callback).await;
        assert!(page.has("login-submit"), "{logo}");
        let shown = page.response.text();
        assert!(!shown.contains("client-logo"), "{logo}: {shown}");
    }
}

/// `/apps` says who let an app in: for one that registered itself, nobody.
#[tokio::test]
async fn people_see_among_their_apps_that_nobody_looked_at_it() {
    let world = World::new().await;
    let callback = world.app("/callback");
    let body = json!({"redirect_uris": [callback], "client_name": "A dynamic client"});
    let client = registered(&world, body).await;
    let url = format!(
        "{}?response_type=code&client_id={}&redirect_uri={callback}&scope=openid",
        world.auth("/authorize"),
        text(&client, "client_id")
    );
    let mut browser = Browser::new();
    let page = browser.open_until(&url, &callback).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, &callback)
        .await;
    browser
        .press_until(&page, "consent-allow", &[], &callback)
        .await;
    let apps = browser.open(&world.auth("/apps")).await.text();
    assert!(apps.contains("A dynamic client"), "{apps}");
    assert!(
        apps.contains("nobody at this server has looked at it"),
        "{apps}"
    );
    assert!(!apps.contains("the operator of this server"), "{apps}");
}

/// A realm has room for so many; who does nothing for an hour makes room, and who is in use does not: not even a client
/// that acts for itself alone, which no grant of a person keeps.
#[tokio::test]
async fn a_client_in_use_makes_no_room_for_the_next() {
    let limits = LimitsConfig {
        registered_clients: 2,
        ..LimitsConfig::default()
    };
    let started = Ecosystem::builder().limits(limits).start().await;
    let ecosystem = Arc::new(started.unwrap_or_else(|error| panic!("{error}")));
    let world = World::at_root(ecosystem);
    let machine = json!({"grant_types": ["client_credentials"], "redirect_uris": []});
    let (used, idle) = (
        registered(&world, machine.clone()).await,
        registered(&world, machine.clone()).await,
    );
    let acts = async || {
        let request = world.token(&[("grant_type", "client_credentials")]);
        let basic = request.basic(text(&used, "client_id"), text(&used, "client_secret"));
        world.send(basic).await.is(200);
    };
    let full = async || {
        let refused = register(&world, machine.clone()).await;
        refused.failed_check("registration.room").await;
    };
    acts().await;
    full().await;
    for _ in 0..4 {
        world.wait_seconds(25 * 60);
        acts().await;
    }
    let next = registered(&world, machine.clone()).await;
    world.send(manage("GET", &idle)).await.is(401);
    world.send(manage("GET", &used)).await.is(200);
    // Both are in use within the hour, by what is noted of it every 20 minutes.
    world.wait_seconds(19 * 60);
    acts().await;
    world.wait_seconds(39 * 60);
    full().await;
    // An hour after its last use, whoever comes takes its place.
    world.wait_seconds(60 * 60);
    registered(&world, machine.clone()).await;
    world.send(manage("GET", &used)).await.is(401);
    world.send(manage("GET", &next)).await.is(401);
}
