//! Breakpoints inside the servers: what waits, what is changed, what the record says of it, and that nothing hangs.

mod apart;
mod ends;
mod joined;
mod page;
mod step;

use std::time::{Duration, Instant};

use ecosystem::Ecosystem;
use serde_json::{Value, json};
use shared::control::{Answer as Error, Decision, Fate, PauseLimits};
use shared::flow::{Outcome, Party};
use shared::time::Lifetime;

use crate::support::{Answer, Request, SERVICE, WEB, World};

/// Runs `request` beside the test.
fn start(world: &World, request: Request) -> tokio::task::JoinHandle<Answer> {
    let world = world.clone();
    tokio::spawn(async move { world.send(request).await })
}

/// What the API answers to JSON.
async fn api(world: &World, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::new(method, &world.app(path))
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = request.send().await;
    let json = serde_json::from_slice(&answer.body);
    (answer.status, json.unwrap_or(Value::Null))
}

/// Issue 3, shown by 4: the server really got another verifier, and its own check says so.
#[tokio::test]
async fn a_changed_code_verifier_is_refused_by_its_check() {
    let world = World::new().await;
    let code = world.code(WEB, "photos:read").await;
    let (status, set) = api(
        &world,
        "PUT",
        "/api/breakpoints",
        &json!({"service": "auth-server", "method": "POST", "path": "/token"}),
    )
    .await;
    assert_eq!(status, 200, "{set}");
    assert_eq!(set["breakpoints"][0]["path"], "/token");
    let answer = start(&world, world.redeem(&code));
    let paused = world.realm.next_paused().await.expect("it waits");
    let verifier = paused.parameter("code_verifier").expect("PKCE");
    assert_eq!(verifier.value, code.verifier);
    assert!(!answer.is_finished());
    let other = "another-verifier-that-is-long-enough-to-be-one";
    let (status, said) = api(
        &world,
        "POST",
        &format!("/api/paused/{}", paused.id),
        &json!({"action": "change", "set": {"code_verifier": other}}),
    )
    .await;
    assert_eq!((status, &said["fate"]), (200, &json!("changed")), "{said}");
    let answer = answer.await.unwrap();
    assert_eq!(answer.is(400).json()["error"], "invalid_grant", "{answer}");
    let exchange = answer.exchange().await;
    assert_eq!(exchange.id, paused.id, "it is the exchange that waited");
    let failed = exchange.checks.iter();
    let mut failed = failed.filter(|check| check.outcome == Outcome::Failed);
    let failed = failed.next().expect("a failed check");
    assert!(failed.id.starts_with("pkce."), "{failed:?}");
    assert!(!failed.expected.is_empty() && !failed.got.is_empty());
    assert_ne!(failed.expected, failed.got);
    assert_eq!(exchange.notes["changed"], "code_verifier");
    assert_eq!(exchange.notes["sent.code_verifier"], code.verifier);
    assert!(exchange.notes.contains_key("paused_ms"));
    assert!(
        exchange.request.body.text.contains(other),
        "what was received"
    );
    assert!(world.realm.paused().is_empty());
}

#[tokio::test]
async fn what_goes_on_as_it_came_is_answered_as_ever() {
    let world = World::new().await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let begun = Instant::now();
    let answer = start(&world, world.client_credentials(SERVICE));
    let paused = world.realm.next_paused().await.expect("it waits");
    assert_eq!(paused.from, Party::Stranger("unknown".to_owned()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    world.realm.decide(&paused, Decision::Continue).unwrap();
    let answer = answer.await.unwrap();
    answer.is(200);
    let exchange = answer.exchange().await;
    let paused_ms: u64 = exchange.notes["paused_ms"].parse().unwrap();
    assert!(paused_ms >= 50, "{paused_ms}");
    assert!(!exchange.notes.contains_key("changed"));
    let waited_ms = exchange.duration_ms;
    let all_ms = f64::from(u32::try_from(begun.elapsed().as_millis()).unwrap());
    assert!(waited_ms <= all_ms - 49.0, "{waited_ms} of {all_ms} ms");
    // Another realm and another route do not wait.
    let begun = Instant::now();
    let other = World::new().await;
    other.send(other.client_credentials(SERVICE)).await.is(200);
    world.send(Request::get(&world.auth("/jwks"))).await.is(200);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

/// The caller hears nothing at all, and the record says so.
#[tokio::test]
async fn what_is_dropped_is_never_answered_nor_served() {
    let world = World::new().await;
    let code = world.code(WEB, "photos:read").await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let request = world.redeem(&code);
    let url = request.url().clone();
    let read = tokio::spawn(async move {
        let mut stream = crate::support::connect(&url).await;
        tokio::io::AsyncWriteExt::write_all(&mut stream, &request.bytes())
            .await
            .unwrap();
        let mut answer = Vec::new();
        let ended = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        (ended.is_ok(), answer)
    });
    let paused = world.realm.next_paused().await.expect("it waits");
    world.realm.decide(&paused, Decision::Drop).unwrap();
    let (_, answer) = read.await.unwrap();
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    let exchange = world.realm.exchange(&paused.id).await.unwrap();
    assert_eq!(exchange.status, None);
    assert_eq!(exchange.notes["dropped"], "true");
    assert!(exchange.failure.unwrap().contains("breakpoint"));
    assert!(exchange.checks.is_empty() && exchange.values.is_empty());
    // The code was never redeemed.
    world.realm.clear_breakpoints();
    world.send(world.redeem(&code)).await.is(200);
}

#[tokio::test]
async fn an_error_in_place_of_the_server_is_told_as_such() {
    let world = World::new().await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let answer = start(&world, world.client_credentials(SERVICE));
    let paused = world.realm.next_paused().await.expect("it waits");
    let path = format!("/api/paused/{}", paused.id);
    let wrong = json!({"action": "answer", "status": 200, "error": "x"});
    assert_eq!(api(&world, "POST", &path, &wrong).await.0, 400);
    let wrong = json!({"action": "change", "set": {"no_such": "x"}});
    assert_eq!(api(&world, "POST", &path, &wrong).await.0, 400);
    // What changes nothing is no change; what says two things is none that can be made.
    for wrong in [
        json!({"action": "change"}),
        json!({"action": "change", "set": {"grant_type": "client_credentials"}}),
        json!({"action": "change", "headers": {"origin": null}}),
        json!({"action": "change", "set": {"grant_type": "a"}, "remove": ["grant_type"]}),
        json!({"action": "change", "remove": ["grant_type", "grant_type"]}),
        json!({"action": "change", "set": {"grant_type": "a"}, "body": "grant_type=b"}),
    ] {
        let (status, problem) = api(&world, "POST", &path, &wrong).await;
        assert_eq!(status, 400, "{wrong}: {problem}");
    }
    assert_eq!(world.realm.paused().len(), 1, "it still waits");
    let error = Error {
        status: 503,
        error: "temporarily_unavailable".to_owned(),
        error_description: "the lecture goes on".to_owned(),
    };
    world
        .realm
        .decide(&paused, Decision::Answer { answer: error })
        .unwrap();
    let answer = answer.await.unwrap();
    let body = answer.is(503).json();
    assert_eq!(body["error"], "temporarily_unavailable");
    assert_eq!(body["error_description"], "the lecture goes on");
    let exchange = answer.exchange().await;
    assert_eq!(exchange.id, paused.id);
    assert_eq!(exchange.notes["answered_by"], "breakpoint");
    assert!(exchange.checks.is_empty(), "no server checked anything");
    let again = json!({"action": "continue"});
    assert_eq!(api(&world, "POST", &path, &again).await.0, 409);
    let (_, fate) = api(&world, "GET", &path, &Value::Null).await;
    assert_eq!(fate["fate"], "answered");
    let unknown = format!("/api/paused/{}", "0".repeat(32));
    assert_eq!(api(&world, "POST", &unknown, &again).await.0, 404);
}

/// Ten minutes of a lecture are no time at all for a code that lives one.
#[tokio::test]
async fn the_clock_stands_still_while_anything_waits() {
    let world = World::new().await;
    let code = world.code(WEB, "photos:read").await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let answer = start(&world, world.redeem(&code));
    let paused = world.realm.next_paused().await.expect("it waits");
    let clock = world.realm.clock();
    let at_ms = clock.now_ms();
    assert!(clock.is_held() && !clock.is_paused());
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(clock.now_ms(), at_ms, "time passed");
    let decided = Instant::now();
    world.realm.decide(&paused, Decision::Continue).unwrap();
    answer.await.unwrap().is(200);
    assert!(!clock.is_held());
    let before = clock.now_ms();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(clock.now_ms() > before, "it goes on");
    let since_ms = i64::try_from(decided.elapsed().as_millis()).unwrap();
    let gone_ms = clock.now_ms() - at_ms;
    assert!(
        gone_ms <= since_ms + 1,
        "from where it stood: {gone_ms} of {since_ms}"
    );
}

#[tokio::test]
async fn a_caller_that_hangs_up_waits_no_more() {
    let world = World::new().await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let request = world.client_credentials(SERVICE);
    let mut stream = crate::support::connect(request.url()).await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, &request.bytes())
        .await
        .unwrap();
    let paused = world.realm.next_paused().await.expect("it waits");
    drop(stream);
    until("it waits no more", || world.realm.paused().is_empty()).await;
    assert!(!world.realm.clock().is_held());
    let refused = world.realm.decide(&paused, Decision::Continue);
    assert!(refused.is_err());
    let (_, fate) = api(
        &world,
        "GET",
        &format!("/api/paused/{}", paused.id),
        &Value::Null,
    )
    .await;
    assert_eq!(fate["fate"], json!(Fate::Left));
}

/// Waits for something that happens by itself.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(5), "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// An ecosystem with bounds of its own.
async fn bounded(limits: PauseLimits) -> World {
    let started = Ecosystem::builder().pauses(limits).start().await;
    World::at_root(std::sync::Arc::new(started.unwrap()))
}

#[tokio::test]
async fn beyond_the_limits_requests_pass_and_are_counted() {
    let limits = PauseLimits {
        per_realm: 2,
        body_bytes: 1000,
        ..PauseLimits::default()
    };
    let world = bounded(limits).await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let first = start(&world, world.client_credentials(SERVICE));
    let second = start(&world, world.client_credentials(SERVICE));
    until("two wait", || world.realm.paused().len() == 2).await;
    let third = world.send(world.client_credentials(SERVICE)).await;
    third.is(200);
    assert_eq!(
        third.exchange().await.notes["not_paused"],
        "too many requests wait"
    );
    let large = world
        .client_credentials(SERVICE)
        .with("state", &"x".repeat(1000));
    let large = world.send(large).await;
    large.is(200);
    assert_eq!(
        large.exchange().await.notes["not_paused"],
        "the body is too large"
    );
    let (_, waiting) = api(&world, "GET", "/api/paused", &Value::Null).await;
    assert_eq!(waiting["passed"], 2);
    assert_eq!(waiting["limits"]["per_realm"], 2);
    // Clearing the record lets everything go.
    let cleared = Request::new("DELETE", &world.app("/api/flows"))
        .send()
        .await;
    assert_eq!(cleared.status, 200);
    for answer in [first, second] {
        let answer = answer.await.unwrap();
        answer.is(200);
        assert_eq!(answer.exchange().await.notes["released"], "cleared");
    }
}

#[tokio::test]
async fn nobody_decides_and_it_goes_on_by_itself() {
    let limits = PauseLimits {
        longest: Lifetime::from_seconds(1),
        ..PauseLimits::default()
    };
    let world = bounded(limits).await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let begun = Instant::now();
    let answer = world.send(world.client_credentials(SERVICE)).await;
    answer.is(200);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let exchange = answer.exchange().await;
    assert_eq!(exchange.notes["released"], "limit");
    assert!(world.realm.paused().is_empty());
    assert!(!world.realm.clock().is_held());
}

/// Stopping releases at once what waits, in a page and on a connection.
#[tokio::test]
async fn stopping_does_not_hang_on_what_waits() {
    let started = Ecosystem::start().await.unwrap();
    let world = World::at_root(std::sync::Arc::new(started));
    world
        .realm
        .pause_at(Party::AuthServer, "*", "/authorize")
        .unwrap();
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    world
        .ask(&world.authorize(WEB, "photos:read"))
        .await
        .is(200);
    let answer = start(&world, world.client_credentials(SERVICE));
    until("two wait", || world.realm.paused().len() == 2).await;
    let World { ecosystem, realm } = world;
    // The task has a clone of the world until its answer is there.
    let stopping = tokio::spawn(async move {
        let begun = Instant::now();
        ecosystem.stop_one(shared::page::Service::AuthServer);
        begun
    });
    let begun = stopping.await.unwrap();
    answer.await.unwrap().is(200);
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    assert!(!realm.clock().is_held());
}

#[tokio::test]
async fn a_page_of_another_origin_controls_nothing() {
    let world = World::new().await;
    let body = json!({"service": "auth-server", "path": "/token"}).to_string();
    let put = |name: &str, value: &str| {
        Request::new("PUT", &world.app("/api/breakpoints"))
            .header("content-type", "application/json")
            .header(name, value)
            .body(body.clone())
    };
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(put(name, value).send().await.status, 403, "{name}");
    }
    let plain = put("accept", "*/*").content_type("text/plain").send().await;
    assert_eq!(plain.status, 400);
    let foreign = Request::new("DELETE", &world.app("/api/breakpoints")).header("origin", "null");
    let strange = foreign.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(strange.status, 403);
    // A sandboxed frame hides its origin, and a browser without fetch metadata says no more.
    assert_eq!(put("origin", "null").send().await.status, 403);
    let host = put("accept", "*/*")
        .header("host", "evil.example")
        .send()
        .await;
    assert!(host.status >= 400, "{}", host.status);
    assert!(world.realm.paused().is_empty());
    let (_, look) = api(&world, "GET", "/api/breakpoints", &Value::Null).await;
    assert_eq!(look["breakpoints"], json!([]));
}

/// The list of routes is what the services mount: each is really there, and nothing else can be stopped.
#[tokio::test]
async fn every_route_that_is_offered_exists() {
    let world = World::new().await;
    let (_, look) = api(&world, "GET", "/api/breakpoints", &Value::Null).await;
    let routes = look["routes"].as_array().unwrap();
    assert!(routes.len() > 20, "{routes:#?}");
    for route in routes {
        let text = |name: &str| route[name].as_str().unwrap();
        let (method, path) = (text("method"), text("path").replace(['{', '}'], ""));
        let base = match text("service") {
            "auth-server" => world.auth(""),
            "resource-server" => world.api(""),
            _ => world.app(""),
        };
        if path.starts_with("/.well-known") {
            continue; // Its realm stands at the end of the path: `metadata` asks for it.
        }
        let answer = world
            .send(Request::new(method, &format!("{base}{path}")))
            .await;
        assert!(
            !answer.header("exchange-id").is_empty(),
            "{method} {base}{path}: {answer}"
        );
        assert_ne!(answer.response.status, 405, "{method} {path}");
    }
    let nowhere = json!({"service": "auth-server", "path": "/tokens"});
    assert_eq!(
        api(&world, "PUT", "/api/breakpoints", &nowhere).await.0,
        400
    );
}
