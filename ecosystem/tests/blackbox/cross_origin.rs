//! Which pages' scripts may call the auth server — Fetch standard §3.2: everybody's may read what is public, those of
//! registered clients may do what a client does, and none comes with credentials.

use serde_json::{Value, json};

use crate::support::{ALICE, Answer, Browser, Request, SERVICE, VERIFIER, World, code_in};

const SHARED_WITH: &str = "access-control-allow-origin";
const STRANGER: &str = "https://stranger.example";

/// What a browser asks before it lets a script send what no form sends.
fn preflight(url: &str, origin: &str, method: &str) -> Request {
    Request::new("OPTIONS", url)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization, content-type, dpop",
        )
}

async fn register(world: &World, body: &Value) -> Value {
    let request = Request::new("POST", &world.auth("/register"))
        .header("content-type", "application/json")
        .body(body.to_string());
    world.send(request).await.is(201).json()
}

/// Nobody's cookies travel along, whatever is shared.
#[track_caller]
fn without_credentials(answer: &Answer) {
    let credentials = answer.response.header("access-control-allow-credentials");
    assert_eq!(credentials, None, "{answer}");
}

#[tokio::test]
async fn what_is_public_may_be_read_from_anywhere() {
    let world = World::new().await;
    let (auth, api) = (
        world.ecosystem.auth_server(),
        world.ecosystem.resource_server(),
    );
    let path = world.realm.issuer().strip_prefix(auth).unwrap().to_owned();
    for url in [
        world.auth("/jwks"),
        world.auth("/.well-known/openid-configuration"),
        world.auth("/.well-known/oauth-authorization-server"),
        format!("{auth}/.well-known/oauth-authorization-server{path}"),
        format!("{auth}/.well-known/openid-configuration{path}"),
        format!("{api}/.well-known/oauth-protected-resource{path}"),
    ] {
        let answer = world
            .send(Request::get(&url).header("origin", STRANGER))
            .await;
        assert_eq!(answer.is(200).header(SHARED_WITH), "*", "{url}");
        without_credentials(&answer);
        let asked = world.send(preflight(&url, STRANGER, "GET")).await;
        assert_eq!(asked.is(204).header(SHARED_WITH), "*", "{url}");
        without_credentials(&asked);
    }
}

#[tokio::test]
async fn a_page_of_nobody_s_may_call_nothing() {
    let world = World::new().await;
    for path in [
        "/token",
        "/userinfo",
        "/revoke",
        "/par",
        "/device_authorization",
        "/register",
    ] {
        let asked = world
            .send(preflight(&world.auth(path), STRANGER, "POST"))
            .await;
        assert_eq!(asked.header(SHARED_WITH), "", "{path}");
    }
    let request = world.client_credentials(SERVICE).header("origin", STRANGER);
    let answer = world.send(request).await;
    answer.tokens();
    assert_eq!(answer.header(SHARED_WITH), "");
    // And the page where a person answers is for no script at all.
    let request = Request::get(&world.authorize(SERVICE, "openid").url());
    let origin = world.ecosystem.client_app().to_owned();
    let answer = world.send(request.header("origin", &origin)).await;
    assert_eq!(answer.header(SHARED_WITH), "");
}

/// A code from alice for the client `id`.
async fn code_for(world: &World, id: &str, callback: &str) -> String {
    let authorization = world
        .authorize(crate::support::SPA, "openid")
        .with("client_id", id)
        .with("redirect_uri", callback);
    let mut browser = Browser::new();
    let page = browser.open_until(&authorization.url(), callback).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, callback)
        .await;
    let page = browser
        .press_until(&page, "consent-allow", &[], callback)
        .await;
    code_in(&world.answer(page.response))
}

#[tokio::test]
async fn a_client_that_registered_itself_in_a_browser_can_be_one_at_once() {
    let world = World::new().await;
    let (origin, callback) = ("https://app.example:8443", "https://app.example:8443/cb");
    let token_url = world.auth("/token");
    let asked = world.send(preflight(&token_url, origin, "POST")).await;
    assert_eq!(asked.header(SHARED_WITH), "", "nobody knows it yet");
    let body = json!({"redirect_uris": [callback], "token_endpoint_auth_method": "none", "scope": "openid"});
    let client = register(&world, &body).await;
    for (path, method) in [
        ("/token", "POST"),
        ("/userinfo", "GET"),
        ("/revoke", "POST"),
        ("/register", "POST"),
        (
            &*format!("/register/{}", client["client_id"].as_str().unwrap()),
            "DELETE",
        ),
    ] {
        let asked = world
            .send(preflight(&world.auth(path), origin, method))
            .await;
        assert_eq!(asked.is(204).header(SHARED_WITH), origin, "{path}");
        let methods = asked.header("access-control-allow-methods");
        assert!(methods.contains(method), "{path}: {methods}");
        without_credentials(&asked);
    }
    // The whole flow, as its script makes it.
    let id = client["client_id"].as_str().unwrap();
    let code = code_for(&world, id, callback).await;
    let request = world
        .token(&[
            ("grant_type", "authorization_code"),
            ("client_id", id),
            ("code", &code),
            ("redirect_uri", callback),
            ("code_verifier", VERIFIER),
        ])
        .header("origin", origin);
    let answer = world.send(request).await;
    let tokens = answer.tokens();
    assert_eq!(answer.header(SHARED_WITH), origin);
    let request = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let answer = world.send(request.header("origin", origin)).await;
    assert_eq!(answer.is(200).header(SHARED_WITH), origin);
    // Another port is another origin, and another realm knows nothing of it.
    let near = "https://app.example:8444";
    let asked = world.send(preflight(&token_url, near, "POST")).await;
    assert_eq!(asked.header(SHARED_WITH), "");
    let other = World::new().await;
    let asked = other
        .send(preflight(&other.auth("/token"), origin, "POST"))
        .await;
    assert_eq!(asked.header(SHARED_WITH), "");
}

#[tokio::test]
async fn an_address_that_was_registered_later_counts_at_once() {
    let world = World::new().await;
    let body = json!({"redirect_uris": ["https://one.example/cb"]});
    let client = register(&world, &body).await;
    let changed = json!({
        "client_id": client["client_id"], "redirect_uris": ["https://two.example/cb"],
    });
    let request = Request::new("PUT", client["registration_client_uri"].as_str().unwrap())
        .bearer(client["registration_access_token"].as_str().unwrap())
        .header("content-type", "application/json")
        .body(changed.to_string());
    world.send(request).await.is(200);
    let (token_url, two) = (world.auth("/token"), "https://two.example");
    let asked = world.send(preflight(&token_url, two, "POST")).await;
    assert_eq!(asked.header(SHARED_WITH), two);
}
