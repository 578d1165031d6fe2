//! The checks of every refusal that a stranger can provoke, in both languages: no phrase stays untranslated, nothing
//! of the protocol is translated.

use std::collections::BTreeSet;

use super::{contents, four_grants, opened, panel, settled};
use crate::support::{Request, SERVICE, TRUSTED, Tokens, WEB, World, plain};

/// Words that stand in a check as they travelled: of the protocol, of the demo's cast, of HTTP.
const PROTOCOL: [&str; 42] = [
    "none",
    "code",
    "token",
    "query",
    "fragment",
    "plain",
    "login",
    "consent",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "offline_access",
    "web",
    "spa",
    "trusted",
    "service",
    "alice",
    "bob",
    "client_id",
    "client_secret_basic",
    "client_secret_post",
    "redirect_uri",
    "response_type",
    "grant_type",
    "refresh_token",
    "authorization_code",
    "client_credentials",
    "password",
    "implicit",
    "scope",
    "state",
    "caption",
    "theme",
    "hue",
    "resource-server",
    "request",
    "id_token",
    "username",
    "code_verifier",
    "magic",
];

/// Refusals of every kind, by strangers.
async fn refusals(world: &World) {
    let tokens = refused_codes(world).await;
    refused_calls(world, &tokens.access).await;
    refused_clients(world).await;
    refused_authorizations(world).await;
}

/// Sends each, one after the other.
async fn send(world: &World, requests: impl IntoIterator<Item = Request>) {
    for request in requests {
        world.send(request).await;
    }
}

/// Codes and refresh tokens that are wrong, spent or late; an hour passes.
async fn refused_codes(world: &World) -> Tokens {
    let code = world.code(WEB, "openid photos:read").await;
    let redeem = || world.redeem(&code);
    let wrong = [
        redeem().replacing("code_verifier", &"x".repeat(43)),
        redeem().replacing("code_verifier", "short"),
        redeem().without("code_verifier"),
        redeem().replacing("redirect_uri", "http://localhost/else"),
    ];
    send(world, wrong).await;
    let tokens = world.send(redeem()).await.tokens();
    let refreshes = [WEB, TRUSTED].map(|client| world.refresh(client, &tokens.refresh));
    send(world, refreshes).await;
    send(world, [redeem()]).await;
    let late = world.code(WEB, "photos:read").await;
    world.wait_seconds(3600);
    send(world, [world.redeem(&late)]).await;
    tokens
}

/// Calls of the API with no token, and with tokens that do not do.
async fn refused_calls(world: &World, expired: &str) {
    let photos = || Request::get(&world.api("/photos"));
    let machine = world.send(world.client_credentials(SERVICE)).await.tokens();
    let writer = world.tokens(WEB, "photos:read photos:write").await.access;
    let photo = Request::new("POST", &world.api("/photos")).bearer(&writer);
    let photo = photo.content_type("application/json");
    let calls = [
        photos(),
        photos().bearer(expired),
        photos().bearer("opaque"),
        Request::get(&world.api("/photos?access_token=x")),
        photos().bearer(&machine.access),
        Request::get(&world.auth("/userinfo")).bearer(&machine.access),
        photo
            .clone()
            .body(r#"{"caption":"","theme":"dog","hue":400,"x":1}"#),
        photo.clone().body("[]"),
        photo.content_type("text/plain").body("x"),
        Request::get(&world.api("/photos/none")).bearer(&writer),
    ];
    send(world, calls).await;
}

/// Clients that do not prove who they are, or ask for what they may not have.
async fn refused_clients(world: &World) {
    let machine = || world.client_credentials(SERVICE);
    let grant = |name: &str| World::signed(WEB, world.token(&[("grant_type", name)]));
    let unsigned = || world.token(&[("grant_type", "client_credentials")]);
    let requests = [
        machine().with("scope", "magic"),
        machine().with("scope", "a").with("scope", "b"),
        machine().with("client_secret", "service-secret"),
        machine().content_type("application/json"),
        grant("magic"),
        grant("password"),
        World::signed(WEB, world.token(&[])),
        unsigned().basic("service", "wrong"),
        unsigned().basic("nobody", "wrong"),
        Request::post(&world.auth("/introspect"), &[("token", "x")]),
        Request::new("GET", &world.auth("/token")),
    ];
    send(world, requests).await;
}

/// Authorization requests with one thing wrong.
async fn refused_authorizations(world: &World) {
    let request = || world.authorize(WEB, "openid photos:read");
    for refused in [
        request().without("client_id"),
        request().with("client_id", "nobody"),
        request().without("redirect_uri"),
        request().with("redirect_uri", "http://localhost/else"),
        request().without("response_type"),
        request().with("response_type", "magic"),
        request().with("response_type", "token"),
        request().with("response_mode", "magic"),
        request().with("scope", "openid magic"),
        request().without("code_challenge"),
        request().with("code_challenge_method", "plain"),
        request().without("code_challenge_method"),
        request().with("code_challenge", "short"),
        request().with("prompt", "none login"),
        request().with("prompt", "none"),
        request().with("max_age", "soon"),
        request().with("request", "x"),
        request().adding("state", "again"),
    ] {
        world.ask(&refused).await;
    }
}

/// A raw value of a check is one of the protocol, or it travelled.
fn is_raw(text: &str, record: &str) -> bool {
    let is_word = |word: &str| {
        let odd = |c: char| !c.is_ascii_lowercase();
        word.is_empty() || word.chars().any(odd) || PROTOCOL.contains(&word)
    };
    text.split([' ', ',']).all(is_word) || record.contains(text)
}

#[tokio::test]
async fn the_words_of_a_check_are_the_readers() {
    let world = World::new().await;
    four_grants(&world).await;
    refusals(&world).await;
    let mut seen = BTreeSet::new();
    let mut wordless = BTreeSet::new();
    for flow in settled(&world).await {
        for exchange in &flow.exchanges {
            let messages = (&exchange.request, &exchange.response, &exchange.parameters);
            let record = format!(
                "{} {}",
                exchange.url,
                serde_json::to_string(&messages).unwrap()
            );
            for check in &exchange.checks {
                seen.insert((check.id.clone(), format!("{:?}", check.outcome)));
            }
            for language in ["en", "zh-CN"] {
                let page = opened(&world, exchange, "checks", language)
                    .await
                    .response
                    .text();
                let checks = panel(&page, "checks");
                for raw in contents(checks, "<code class=\"raw\">", "</code>") {
                    if !is_raw(&raw, &record) {
                        wordless.insert(raw);
                    }
                }
                if language == "zh-CN" {
                    for told in contents(checks, "<dd>", "</dd>") {
                        let mut words = told.replace("UTC", "");
                        while let (Some(start), Some(end)) =
                            (words.find("<code"), words.find("</code>"))
                        {
                            words.replace_range(start..end + 7, "");
                        }
                        let text: String = plain(&words);
                        let mut run = 0;
                        for word in text.split_whitespace() {
                            let english =
                                word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
                            run = if english { run + 1 } else { 0 };
                            if run >= 3 {
                                wordless.insert(format!("English among Chinese: {text}"));
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(wordless.is_empty(), "without words: {wordless:#?}");
    let failed = seen
        .iter()
        .filter(|(_, outcome)| outcome == "Failed")
        .count();
    assert!(failed > 30, "only {failed} kinds of refusal: {seen:?}");
}
