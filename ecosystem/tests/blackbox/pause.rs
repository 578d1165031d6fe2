//! Breakpoints inside the servers: what waits, what is changed, what the record says of it, and that nothing hangs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::control::Decision;
use shared::flow::{Outcome, Party};

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
    assert!(exchange.duration_ms < 1000.0);
    // Another realm and another route do not wait.
    let begun = Instant::now();
    let other = World::new().await;
    other.send(other.client_credentials(SERVICE)).await.is(200);
    world.send(Request::get(&world.auth("/jwks"))).await.is(200);
    assert!(begun.elapsed() < Duration::from_secs(2));
}
