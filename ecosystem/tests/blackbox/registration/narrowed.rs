//! What a registration no longer holds, and what it never gave: scope — RFC 7592 §2.2, RFC 6749 §6, §4.4.

use serde_json::{Value, json};

use super::management::replace;
use super::{registered, text};
use crate::support::{ALICE, Browser, Request, Tokens, World, code_in};

fn body(world: &World, scope: &str) -> Value {
    json!({
        "redirect_uris": [world.app("/callback")], "client_name": "Wide, then narrow", "scope": scope,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    })
}

/// What alice grants to a client.
async fn granted(world: &World, client: &Value, scope: &str) -> Tokens {
    let callback = world.app("/callback");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", text(client, "client_id"))
        .append_pair("redirect_uri", &callback)
        .append_pair("scope", scope)
        .finish();
    let mut browser = Browser::new();
    let url = format!("{}?{query}", world.auth("/authorize"));
    let page = browser.open_until(&url, &callback).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, &callback)
        .await;
    let page = browser
        .press_until(&page, "consent-allow", &[], &callback)
        .await;
    let code = code_in(&world.answer(page.response));
    let request = world.token(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &callback),
    ]);
    world.send(signed(client, request)).await.tokens()
}

fn signed(client: &Value, request: Request) -> Request {
    request.basic(text(client, "client_id"), text(client, "client_secret"))
}

fn refresh(world: &World, client: &Value, token: &str) -> Request {
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
    signed(client, world.token(&pairs))
}

/// Replaces what is registered by the same with another scope.
async fn register_anew(world: &World, client: &Value, scope: &str) {
    let mut body = body(world, scope);
    body["client_id"] = client["client_id"].clone();
    world.send(replace(client, &body)).await.is(200);
}

#[tokio::test]
async fn a_refresh_gives_no_more_than_is_registered_now_and_the_rest_again_when_it_is() {
    let world = World::new().await;
    let wide = "openid profile email photos:read";
    let client = registered(&world, body(&world, wide)).await;
    let first = granted(&world, &client, wide).await;
    assert_eq!(first.body["scope"], "email openid photos:read profile");
    register_anew(&world, &client, "openid email").await;
    let request = refresh(&world, &client, &first.refresh);
    let narrow = world.send(request).await.tokens();
    assert_eq!(narrow.body["scope"], "email openid");
    let said = world.introspection(&narrow.access).await;
    assert_eq!(said["scope"], "email openid");
    let photos = Request::get(&world.api("/photos")).bearer(&narrow.access);
    let refused = world.send(photos).await;
    refused.refuses_token(403, "insufficient_scope");

    // Asked for by name, what is left of it; where nothing is, the refresh token is not used up.
    let asking = |scope| refresh(&world, &client, &narrow.refresh).with("scope", scope);
    let answer = world.send(asking("photos:read profile")).await;
    answer.is_refused(400, "invalid_scope").no_store();
    answer.failed_check("scope.not_widened").await;
    let some = world.send(asking("email photos:read")).await.tokens();
    assert_eq!(some.body["scope"], "email");

    // What was granted is kept.
    register_anew(&world, &client, wide).await;
    let request = refresh(&world, &client, &some.refresh);
    let again = world.send(request).await.tokens();
    assert_eq!(again.body["scope"], first.body["scope"]);
}

#[tokio::test]
async fn nothing_that_was_granted_is_registered_any_more() {
    let world = World::new().await;
    let client = registered(&world, body(&world, "photos:read email")).await;
    let tokens = granted(&world, &client, "photos:read").await;
    register_anew(&world, &client, "email").await;
    let request = refresh(&world, &client, &tokens.refresh);
    let answer = world.send(request.clone()).await;
    answer.is_refused(400, "invalid_scope").no_store();
    answer.failed_check("scope.not_widened").await;
    register_anew(&world, &client, "photos:read email").await;
    let tokens = world.send(request).await.tokens();
    assert_eq!(tokens.body["scope"], "photos:read");
}

#[tokio::test]
async fn who_registered_itself_has_for_itself_only_what_the_realm_says() {
    let own = |world: &World, client: &Value| {
        let request = world.token(&[("grant_type", "client_credentials")]);
        signed(client, request)
    };
    let wide = "openid photos:read photos:write profile";
    let world = World::new().await;
    let client = registered(&world, body(&world, wide)).await;
    let asked = world
        .send(own(&world, &client).with("scope", "photos:read"))
        .await;
    asked.is_refused(400, "invalid_scope").no_store();
    asked.failed_check("scope.allowed").await;
    // Who asks for nothing in particular gets a token that opens nothing.
    let answer = world.send(own(&world, &client)).await.tokens();
    assert_eq!(answer.body.get("scope"), None);
    let photos = Request::get(&world.api("/photos")).bearer(&answer.access);
    let refused = world.send(photos).await;
    refused.refuses_token(403, "insufficient_scope");
    // People are asked for it as before.
    let tokens = granted(&world, &client, "photos:read").await;
    assert_eq!(tokens.body["scope"], "photos:read");

    let world = World::with(|mut seed| {
        seed.machine_scopes = vec!["photos:read".to_owned(), "stats:read".to_owned()];
        seed
    })
    .await;
    let client = registered(&world, body(&world, wide)).await;
    let all = world.send(own(&world, &client)).await.tokens();
    assert_eq!(all.body["scope"], "photos:read");
    for (scope, held) in [
        ("photos:read", true),
        ("photos:write", false),
        // Not registered.
        ("stats:read", false),
    ] {
        let answer = world.send(own(&world, &client).with("scope", scope)).await;
        if held {
            assert_eq!(answer.tokens().body["scope"], scope);
            continue;
        }
        // A self-registered client's excess is left out; nothing is left.
        answer.is_refused(400, "invalid_scope");
    }
    // The operator's own clients are as they were.
    let service = world.client_credentials(crate::support::SERVICE);
    world.send(service).await.tokens();
}
