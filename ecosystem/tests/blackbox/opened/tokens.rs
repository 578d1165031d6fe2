//! Tokens that were tampered with: each fails the step that it should, in the JSON and on the page.

use serde_json::Value;

use super::{opened, panel};
use crate::support::{Answer, Request, WEB, World};

/// The tokens of the exchange that answered so, by the API.
async fn tokens(world: &World, answer: &Answer) -> Vec<Value> {
    let id = answer.exchange().await.id;
    let url = world.app(&format!("/api/exchanges/{id}/tokens"));
    let json = world.send(Request::get(&url)).await.is(200).json();
    json["tokens"].as_array().expect("a list").clone()
}

fn failed(token: &Value) -> Vec<&str> {
    let checks = token["checks"].as_array().expect("checks").iter();
    let failed = checks.filter(|check| check["outcome"] == "failed");
    failed.map(|check| check["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_token_that_was_tampered_with_fails_the_step_that_it_should() {
    let world = World::new().await;
    let answer = {
        let code = world.code(WEB, "openid photos:read").await;
        world.send(world.redeem(&code)).await
    };
    let given = tokens(&world, &answer).await;
    let verdicts: Vec<_> = given
        .iter()
        .map(|token| (&token["use"], &token["verdict"]))
        .collect();
    assert!(
        verdicts.contains(&(&"access_token".into(), &"verified".into())),
        "{given:#?}"
    );
    assert!(
        verdicts.contains(&(&"id_token".into(), &"verified".into())),
        "{given:#?}"
    );
    let access = answer.tokens().access;
    for (token, verdict, step) in tampered(&access) {
        is_judged(&world, &token, verdict, step).await;
    }
    world.wait_seconds(3600);
    is_judged(&world, &access, "refused", "token.not_expired").await;
}

/// An access token tampered with in every way, with what is said of it and the step that says it.
fn tampered(access: &str) -> [(String, &'static str, &'static str); 5] {
    let (rest, signature) = access.rsplit_once('.').unwrap();
    let (header, payload) = rest.split_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let other = format!("{first}{}", &signature[1..]);
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let foreign = "eyJpc3MiOiJodHRwczovL2Vsc2V3aGVyZS5leGFtcGxlIn0";
    [
        (format!("{rest}.{other}"), "refused", "token.signature"),
        (format!("{none}.{payload}."), "refused", "token.algorithm"),
        (rest.to_owned(), "refused", "token.parts"),
        (
            format!("{header}.e30.{signature}"),
            "issuer-unknown",
            "token.issuer",
        ),
        (
            format!("{header}.{foreign}.{signature}"),
            "issuer-unknown",
            "token.issuer",
        ),
    ]
}

/// The API refuses this token; the JSON and the page say which step failed.
async fn is_judged(world: &World, token: &str, verdict: &str, step: &str) {
    let call = Request::get(&world.api("/photos")).bearer(token);
    let answer = world.send(call).await;
    answer.is(401);
    let found = tokens(world, &answer).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["verdict"], verdict, "{found:#?}");
    assert_eq!(failed(&found[0]), [step]);
    let page = opened(world, &answer.exchange().await, "request", "en").await;
    let page = page.response.text();
    let panel = panel(&page, "request");
    let judged = format!("data-verdict=\"{verdict}\"");
    assert!(panel.contains(&judged), "{panel}");
    let said = format!("check-failed\" data-check=\"{step}\"");
    assert!(panel.contains(&said), "{panel}");
}
