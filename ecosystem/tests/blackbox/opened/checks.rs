//! The checks of every refusal that a stranger can provoke, in both languages: no phrase stays untranslated, nothing
//! of the protocol is translated.

use std::collections::BTreeSet;

use super::{contents, four_grants, opened, panel, settled};
use crate::support::{Request, SERVICE, TRUSTED, WEB, World, plain};

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
    let send = async |request: Request| drop(world.send(request).await);
    let code = world.code(WEB, "openid photos:read").await;
    send(
        world
            .redeem(&code)
            .replacing("code_verifier", &"x".repeat(43)),
    )
    .await;
    send(world.redeem(&code).replacing("code_verifier", "short")).await;
    send(world.redeem(&code).without("code_verifier")).await;
    send(
        world
            .redeem(&code)
            .replacing("redirect_uri", "http://localhost/else"),
    )
    .await;
    let tokens = world.send(world.redeem(&code)).await.tokens();
    send(world.refresh(WEB, &tokens.refresh)).await;
    send(world.refresh(TRUSTED, &tokens.refresh)).await;
    send(world.redeem(&code)).await;
    let late = world.code(WEB, "photos:read").await;
    world.wait_seconds(3600);
    send(world.redeem(&late)).await;
    send(Request::get(&world.api("/photos")).bearer(&tokens.access)).await;
    send(Request::get(&world.api("/photos"))).await;
    send(Request::get(&world.api("/photos?access_token=x"))).await;
    send(Request::get(&world.api("/photos")).bearer("opaque")).await;
    let machine = world.send(world.client_credentials(SERVICE)).await.tokens();
    send(Request::get(&world.api("/photos")).bearer(&machine.access)).await;
    send(Request::get(&world.auth("/userinfo")).bearer(&machine.access)).await;
    let writer = world.tokens(WEB, "photos:read photos:write").await.access;
    let photo = Request::new("POST", &world.api("/photos")).bearer(&writer);
    let photo = photo.content_type("application/json");
    send(
        photo
            .clone()
            .body(r#"{"caption":"","theme":"dog","hue":400,"x":1}"#),
    )
    .await;
    send(photo.clone().body("[]")).await;
    send(photo.content_type("text/plain").body("x")).await;
    send(Request::get(&world.api("/photos/none")).bearer(&writer)).await;
    send(world.client_credentials(SERVICE).with("scope", "magic")).await;
    send(World::signed(WEB, world.token(&[("grant_type", "magic")]))).await;
    send(World::signed(
        WEB,
        world.token(&[("grant_type", "password")]),
    ))
    .await;
    send(World::signed(WEB, world.token(&[]))).await;
    send(
        world
            .token(&[("grant_type", "client_credentials")])
            .basic("service", "wrong"),
    )
    .await;
    send(
        world
            .token(&[("grant_type", "client_credentials")])
            .basic("nobody", "wrong"),
    )
    .await;
    send(
        world
            .client_credentials(SERVICE)
            .with("client_secret", "service-secret"),
    )
    .await;
    send(
        world
            .client_credentials(SERVICE)
            .with("scope", "a")
            .with("scope", "b"),
    )
    .await;
    send(
        world
            .client_credentials(SERVICE)
            .content_type("application/json"),
    )
    .await;
    send(Request::post(&world.auth("/introspect"), &[("token", "x")])).await;
    send(Request::new("GET", &world.auth("/token"))).await;
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
                    assert!(
                        is_raw(&raw, &record),
                        "{language}: {raw:?} has no words\n{:#?}",
                        exchange.checks
                    );
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
                            assert!(run < 3, "English among Chinese: {text:?}");
                        }
                    }
                }
            }
        }
    }
    let failed = seen
        .iter()
        .filter(|(_, outcome)| outcome == "Failed")
        .count();
    assert!(failed > 30, "only {failed} kinds of refusal: {seen:?}");
}
