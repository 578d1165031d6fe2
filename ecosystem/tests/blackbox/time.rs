//! The realm's clock by its API, and the lifetimes of a flow on it: what expires, what rotates, what is killed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Browser, Request, WEB, World};

const SCOPE: &str = "openid profile photos:read offline_access";
/// How long a token that was just rotated is still answered, in seconds, and one more.
const AFTER_GRACE: u32 = 31;
/// How long the record is waited for: this often, with this pause.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// Turns the realm's clock as a script does.
async fn turn(world: &World, how: &Value) -> Answer {
    let request = Request::new("POST", &world.app("/api/clock"))
        .header("content-type", "application/json")
        .body(how.to_string());
    world.send(request).await
}

async fn clock(world: &World) -> Value {
    let answer = world.send(Request::get(&world.app("/api/clock"))).await;
    answer.is(200).no_store();
    answer.json()
}

/// The lifetimes of the flow of `answer`, as soon as they are as `holds` says.
async fn lifetimes(world: &World, answer: &Answer, holds: impl Fn(&Value) -> bool) -> Value {
    let flow = answer.exchange().await.flow;
    let url = world.app(&format!("/api/flows/{flow}/lifetimes"));
    let mut told = Value::Null;
    for _ in 0..TRIES {
        let answer = world.send(Request::get(&url)).await;
        told = answer.is(200).json();
        if holds(&told) {
            return told;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("the lifetimes never come to that: {told:#}");
}

fn life<'l>(told: &'l Value, id: &str) -> &'l Value {
    let lives = told["lives"].as_array().expect("lives");
    let found = lives.iter().find(|life| life["id"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {told:#}"))
}

/// Whether each of these lives stands so.
fn stands(told: &Value, states: &[(&str, &str)]) -> bool {
    let lives = told["lives"].as_array().expect("lives");
    states.iter().all(|(id, state)| {
        let life = lives.iter().find(|life| life["id"] == *id);
        life.is_some_and(|life| life["state"] == *state)
    })
}

#[tokio::test]
async fn an_hour_later_the_token_is_expired_on_its_bar_and_at_the_api() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    let tokens = answer.tokens();
    let live = [
        ("code-1", "used"),
        ("access_token-1", "live"),
        ("refresh_token-1", "live"),
        ("id_token-1", "live"),
        ("login_session-1", "live"),
    ];
    let told = lifetimes(&world, &answer, |told| stands(told, &live)).await;
    let now = told["now"].as_i64().expect("a time");
    let token = life(&told, "access_token-1");
    let seconds = tokens.body["expires_in"].as_i64().expect("seconds");
    let expires_at = token["expires_at"].as_i64().expect("a time");
    assert!((now + seconds - expires_at).abs() <= 5, "{told:#}");
    assert_eq!(token["expiry_from"], "exp");
    for (id, seconds) in [("code-1", 60), ("login_session-1", 1800)] {
        let one = life(&told, id);
        assert_eq!(one["expiry_from"], "note", "{one:#}");
        let span = one["expires_at"].as_i64().unwrap() - one["issued"]["at"].as_i64().unwrap();
        assert!((span - seconds).abs() <= 2, "{id} lives {span} s");
    }

    let before = clock(&world).await;
    let turned = turn(&world, &json!({"advance_seconds": 3600})).await;
    turned.is(200).no_store();
    let gone = turned.json()["now"].as_i64().unwrap() - before["now"].as_i64().unwrap();
    assert!((3600..3610).contains(&gone), "{gone}");
    let expired = [
        ("access_token-1", "expired"),
        ("login_session-1", "expired"),
    ];
    lifetimes(&world, &answer, |told| stands(told, &expired)).await;
    let refused = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let refused = world.send(refused).await;
    refused.refuses_token(401, "invalid_token");
    refused.failed_check("token.not_expired").await;
}

#[tokio::test]
async fn a_chain_grows_and_an_old_link_kills_it() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    let first = answer.tokens();
    let second = world
        .send(world.refresh(WEB, &first.refresh))
        .await
        .tokens();
    let third = world
        .send(world.refresh(WEB, &second.refresh))
        .await
        .tokens();
    let chain = [
        ("refresh_token-1", "rotated"),
        ("refresh_token-2", "rotated"),
        ("refresh_token-3", "live"),
    ];
    let told = lifetimes(&world, &answer, |told| stands(told, &chain)).await;
    assert_eq!(life(&told, "refresh_token-3")["follows"], "refresh_token-2");
    let grants = [1, 2, 3].map(|n| life(&told, &format!("refresh_token-{n}"))["grant"].clone());
    assert!(grants.iter().all(|grant| *grant == grants[0]), "{grants:?}");

    turn(&world, &json!({"advance_seconds": AFTER_GRACE}))
        .await
        .is(200);
    let killer = world.send(world.refresh(WEB, &first.refresh)).await;
    killer.is_refused(400, "invalid_grant");
    let dead = [
        ("refresh_token-1", "replayed"),
        ("refresh_token-2", "revoked"),
        ("refresh_token-3", "revoked"),
        ("access_token-3", "revoked"),
    ];
    let told = lifetimes(&world, &answer, |told| stands(told, &dead)).await;
    let end = &life(&told, "refresh_token-3")["end"];
    assert_eq!(end["exchange"], killer.header("exchange-id"), "{end}");
    assert_eq!(end["killer"], "refresh_token-1");
    assert!(!world.is_live(WEB, &third.refresh).await, "and so it is");

    let flow = answer.exchange().await.flow;
    let page = Browser::new()
        .open(&world.app(&format!("/flows/{flow}/lifetimes")))
        .await;
    assert_eq!(page.response.status, 200);
    assert!(
        page.response.text().contains("data-kill"),
        "{}",
        page.text()
    );
    assert_eq!(page.response.text().matches("data-link=").count(), 3);
}

#[tokio::test]
async fn a_code_that_comes_twice_takes_its_tokens_along() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    answer.tokens();
    world
        .send(world.redeem(&code))
        .await
        .is_refused(400, "invalid_grant");
    let dead = [("code-1", "replayed"), ("refresh_token-1", "revoked")];
    let told = lifetimes(&world, &answer, |told| stands(told, &dead)).await;
    assert_eq!(life(&told, "refresh_token-1")["end"]["killer"], "code-1");
}

#[tokio::test]
async fn what_the_api_takes_after_a_revocation_is_shown_as_taken() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    let tokens = answer.tokens();
    world.send(world.revoke(WEB, &tokens.refresh)).await.is(200);
    let photos = Request::get(&world.api("/photos")).bearer(&tokens.access);
    world.send(photos).await.is(200);
    let taken = |told: &Value| {
        let token = life(told, "access_token-1");
        token["state"] == "revoked" && token["uses"][0]["accepted"] == true
    };
    let told = lifetimes(&world, &answer, taken).await;
    let end = &life(&told, "access_token-1")["end"];
    assert_eq!(end["cause"], "revoked_with_grant");
    let flow = answer.exchange().await.flow;
    let url = world.app(&format!("/flows/{flow}/lifetimes"));
    let page = Browser::new().open(&url).await;
    assert!(
        page.text().contains("does not hear of a revocation"),
        "{}",
        page.text()
    );
}

/// Only the refresh token was revoked: the access token goes with its grant, and the API does not hear of it.
#[tokio::test]
async fn a_revoked_refresh_token_takes_its_grant_along_and_the_api_does_not_ask() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    let first = answer.tokens();
    let second = world.send(world.refresh(WEB, &first.refresh)).await;
    let second = second.tokens();
    world.send(world.revoke(WEB, &second.refresh)).await.is(200);
    let gone = [
        ("access_token-2", "revoked"),
        ("refresh_token-1", "revoked"),
        ("refresh_token-2", "revoked"),
    ];
    let told = lifetimes(&world, &answer, |told| stands(told, &gone)).await;
    let [access, rotated, own] =
        ["access_token-2", "refresh_token-1", "refresh_token-2"].map(|id| life(&told, id));
    assert_eq!(access["end"]["cause"], "revoked_with_grant");
    assert_eq!(access["end"]["killer"], "refresh_token-2");
    assert_eq!(access["self_contained"], true);
    assert_eq!(own["end"]["cause"], "revoked");
    assert_eq!(rotated["ended_before"]["cause"], "rotated");
    let flow = answer.exchange().await.flow;
    let url = world.app(&format!("/flows/{flow}/lifetimes"));
    let page = Browser::new().open(&url).await.text();
    for said in [
        "Revoked with its grant",
        "The API still takes it until it expires",
        "rotated, then revoked",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // And so it is.
    let photos = Request::get(&world.api("/photos")).bearer(&second.access);
    world.send(photos).await.is(200);
}

#[tokio::test]
async fn a_login_session_has_two_bars() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    let live = [("login_session-1", "live"), ("session_limit-1", "live")];
    let told = lifetimes(&world, &answer, |told| stands(told, &live)).await;
    for (id, seconds) in [("login_session-1", 1800), ("session_limit-1", 8 * 3600)] {
        let one = life(&told, id);
        let span = one["expires_at"].as_i64().unwrap() - one["issued"]["at"].as_i64().unwrap();
        assert!((span - seconds).abs() <= 2, "{id} lives {span} s");
    }
}

#[tokio::test]
async fn the_clock_stands_and_runs_on_and_keeps_within_its_bounds() {
    let world = World::new().await;
    assert_eq!(clock(&world).await["paused"], false);
    let paused = turn(&world, &json!({"pause": true})).await;
    assert_eq!(paused.is(200).json()["paused"], true);
    let at = clock(&world).await["now_ms"].clone();
    tokio::time::sleep(PAUSE).await;
    assert_eq!(clock(&world).await["now_ms"], at);
    turn(&world, &json!({"resume": true})).await.is(200);
    tokio::time::sleep(PAUSE).await;
    assert_ne!(clock(&world).await["now_ms"], at);

    let most = clock(&world).await["max_ahead_seconds"]
        .as_u64()
        .expect("seconds");
    assert_eq!(most, 10 * 365 * 86_400);
    for far in [most + 1, u64::from(u32::MAX) + 1, u64::MAX] {
        let refused = turn(&world, &json!({"advance_seconds": far})).await;
        assert_eq!(refused.is(400).json()["error"], "too_far_ahead");
    }
    for unclear in [
        json!({}),
        json!({"advance_seconds": 0}),
        json!({"advance_seconds": -60}),
        json!({"advance_seconds": 60, "pause": true}),
        json!({"back": 1}),
        json!([]),
    ] {
        let refused = turn(&world, &unclear).await;
        assert_eq!(
            refused.is(400).json()["error"],
            "invalid_request",
            "{unclear}"
        );
    }
    assert!(
        clock(&world).await["ahead_ms"].as_i64().expect("ms") < 1000,
        "it did not move"
    );
}

#[tokio::test]
async fn another_site_cannot_turn_the_clock() {
    let world = World::new().await;
    let hour = json!({"advance_seconds": 3600}).to_string();
    let api = || Request::new("POST", &world.app("/api/clock")).body(hour.clone());
    let as_form = api().header("content-type", "text/plain");
    world.send(as_form).await.is(415);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let foreign = api()
            .header("content-type", "application/json")
            .header(name, value);
        let refused = world.send(foreign).await;
        assert_eq!(refused.is(403).json()["error"], "cross_origin");
    }
    let form = Request::post(
        &world.app("/clock"),
        &[("advance_seconds", "3600"), ("back", "/")],
    );
    assert_eq!(world.send(form).await.status(), 403, "no token");
    assert!(clock(&world).await["ahead_ms"].as_i64().expect("ms") < 1000);
}

#[tokio::test]
async fn the_form_turns_the_clock_and_returns_to_its_own_page_only() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let here = world.app("/grants/authorization-code");
    let page = browser.open(&here).await;
    let back = browser.press(&page, "clock-hour", &[]).await;
    assert_eq!(back.response.url.as_str(), here);
    assert!(
        back.text().contains("1 h ahead of the wall clock"),
        "{}",
        back.text()
    );
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let sent = browser
            .press_only(&page, "clock-minute", &[("back", elsewhere)])
            .await;
        assert_eq!(sent.location().as_str(), world.app("/"), "{elsewhere}");
    }
    assert!(clock(&world).await["ahead_ms"].as_i64().expect("ms") >= 3_780_000);
}

#[tokio::test]
async fn a_finished_flow_is_gone_through_question_by_question_without_scripts() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    answer.tokens();
    let settled = |told: &Value| stands(told, &[("access_token-1", "live")]);
    lifetimes(&world, &answer, settled).await;
    let flow = answer.exchange().await.flow;
    let recorded = world.realm.flow(&flow).await.expect("the flow");
    let mut browser = Browser::new();
    let mut url = world.app(&format!("/flows/{flow}/predict"));
    for exchange in &recorded.exchanges {
        let asked = browser.open(&url).await;
        assert!(asked.has("question"), "{}", asked.text());
        assert!(
            !asked
                .response
                .text()
                .contains(&format!("exchanges/{}", exchange.id)),
            "the answer stands beside the question: {}",
            asked.text()
        );
        let way = match exchange.channel {
            shared::flow::Channel::Front => "front",
            shared::flow::Channel::Back => "back",
        };
        let mut address = url::Url::parse(&url).expect("a URL");
        if !address.query_pairs().any(|(name, _)| name == "step") {
            address.query_pairs_mut().append_pair("step", "1");
        }
        address
            .query_pairs_mut()
            .append_pair("way", way)
            .append_pair("values", "none");
        let revealed = browser.open(address.as_str()).await;
        let verdict = revealed.element("way-verdict");
        let class = verdict.attribute("class").unwrap_or_default().to_owned();
        assert!(class.contains("is-right"), "{way}: {class}");
        let next = revealed.element("next");
        let next = next
            .attribute("href")
            .expect("a link")
            .replace("&amp;", "&");
        url = revealed
            .response
            .url
            .join(&next)
            .expect("a URL")
            .to_string();
    }
    let end = browser.open(&url).await;
    let clicks = 2 * recorded.exchanges.len();
    assert!(end.has("score"), "{}", end.text());
    assert!(
        end.text().contains(&format!("of {clicks} clicks")),
        "{}",
        end.text()
    );
}
