//! How a wait ends without anybody deciding about it: the page was left, or everything is let go. And what cannot
//! wait, or be changed, at all.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::control::{Decision, Hold, PauseLimits};
use shared::flow::Party;
use shared::time::Lifetime;

use super::{api, bounded, start, until};
use crate::support::{Browser, Request, SERVICE, WEB, World};

fn short_lived_pages() -> PauseLimits {
    PauseLimits {
        page: Lifetime::from_seconds(2),
        ..PauseLimits::default()
    }
}

/// A browser that is held at `GET /authorize`, and where it comes back to.
async fn held(world: &World) -> (Browser, shared::control::Paused, String) {
    world
        .realm
        .pause_at(Party::AuthServer, "GET", "/authorize")
        .unwrap();
    let mut browser = Browser::new();
    browser
        .look(&world.authorize(WEB, "photos:read").url())
        .await;
    let paused = world.realm.next_paused().await.expect("it waits");
    let Hold::Page { resume } = paused.hold.clone() else {
        panic!("held by a page");
    };
    (browser, paused, resume)
}

/// Whoever closes the tab does not stop the realm's clock for ten minutes.
#[tokio::test]
async fn a_page_that_was_left_lets_go_soon() {
    let world = bounded(short_lived_pages()).await;
    let (mut browser, paused, resume) = held(&world).await;
    assert!(world.realm.clock().is_held());
    let begun = Instant::now();
    until("the clock runs on", || !world.realm.clock().is_held()).await;
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "it was believed for a while"
    );
    // Who comes back after all goes on as it came.
    let page = browser.open(&resume).await;
    assert!(page.has("login-submit"), "{}", page.text());
    let exchange = world.realm.exchange(&paused.id).await.unwrap();
    assert_eq!(exchange.notes["released"], "abandoned");
}

#[tokio::test]
async fn a_page_that_asks_is_believed() {
    let world = bounded(short_lived_pages()).await;
    let (mut browser, paused, _) = held(&world).await;
    let begun = Instant::now();
    let asked = format!("/api/paused/{}?held=watched", paused.id);
    while begun.elapsed() < Duration::from_secs(4) {
        let (status, told) = api(&world, "GET", &asked, &Value::Null).await;
        assert_eq!((status, &told["state"]), (200, &json!("waiting")));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    // In a tab behind others it may ask less often, and without scripts somebody may write in it.
    let hidden = format!("/api/paused/{}?held=hidden", paused.id);
    api(&world, "GET", &hidden, &Value::Null).await;
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert!(world.realm.clock().is_held());
    let page = world.app(&format!("/paused/{}?held&edit", paused.id));
    assert!(browser.open(&page).await.has("continue"));
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert!(world.realm.clock().is_held());
    // Another tab that looks at it says nothing of the one that is held.
    let (_, told) = api(
        &world,
        "GET",
        &format!("/api/paused/{}", paused.id),
        &Value::Null,
    )
    .await;
    assert_eq!(told["state"], "waiting");
}

#[tokio::test]
async fn everything_can_be_let_go_at_once() {
    let world = World::new().await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let (_, held, _) = held(&world).await;
    let waiting = [
        start(&world, world.client_credentials(SERVICE)),
        start(&world, world.client_credentials(SERVICE)),
    ];
    until("three wait", || world.realm.paused().len() == 3).await;
    let foreign = Request::new("DELETE", &world.app("/api/paused")).header("origin", "null");
    assert_eq!(foreign.send().await.status, 403);
    let (status, told) = api(&world, "DELETE", "/api/paused", &Value::Null).await;
    assert_eq!((status, &told["released"]), (200, &json!(3)), "{told}");
    for answer in waiting {
        let answer = answer.await.unwrap();
        answer.is(200);
        assert_eq!(answer.exchange().await.notes["released"], "all");
    }
    assert!(!world.realm.clock().is_held());
    assert!(
        world
            .realm
            .paused()
            .iter()
            .all(|one| one.id == held.id && !one.is_undecided())
    );
    // The same by the button of the page.
    let answer = start(&world, world.client_credentials(SERVICE));
    world.realm.next_paused().await.expect("it waits");
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/paused")).await;
    let page = browser.press(&page, "release", &[]).await;
    assert_eq!(page.response.status, 200);
    answer.await.unwrap().is(200);
}

/// A request goes on with the cookies that it had, not with those of the one that came back for it.
#[tokio::test]
async fn a_held_request_keeps_its_own_cookies() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = world.authorize(WEB, "photos:read").url();
    let page = browser.open(&url).await;
    let alice = crate::support::ALICE;
    let fields = [("username", alice.username), ("password", alice.password)];
    browser.press(&page, "login-submit", &fields).await;
    world
        .realm
        .pause_at(Party::AuthServer, "GET", "/authorize")
        .unwrap();
    let held = browser.look(&url).await;
    let paused = world.realm.next_paused().await.expect("it waits");
    world.realm.decide(&paused, Decision::Continue).unwrap();
    let Hold::Page { resume } = &paused.hold else {
        panic!("held by a page");
    };
    // Only the cookie of the hold comes back: signed out meanwhile, as it were.
    let mut cookies = held.response.headers.iter();
    let given =
        cookies.find(|(name, value)| name == "set-cookie" && value.starts_with("grantscope_hold_"));
    let given = given
        .and_then(|(_, value)| value.split(';').next())
        .expect("its cookie");
    let back = Request::get(resume).header("cookie", given).send().await;
    assert_eq!(back.status, 303);
    let to = back.header("location").unwrap();
    assert!(
        to.contains("/consent"),
        "alice was signed in when she sent it: {to}"
    );
}

#[tokio::test]
async fn a_change_that_makes_no_url_is_refused() {
    let world = World::new().await;
    let (_, paused, _) = held(&world).await;
    let path = format!("/api/paused/{}", paused.id);
    for change in [
        json!({"action": "change", "set": {"state": "x".repeat(40_000)}}),
        json!({"action": "change", "add": [{"name": "x", "value": "y".repeat(100_000)}]}),
    ] {
        let (status, told) = api(&world, "POST", &path, &change).await;
        assert_eq!((status, &told["error"]), (400, &json!("invalid_request")));
    }
    let (_, told) = api(&world, "GET", &path, &Value::Null).await;
    assert_eq!(told["state"], "waiting", "it still waits");
    let fits = json!({"action": "change", "set": {"state": "x".repeat(1000)}});
    assert_eq!(api(&world, "POST", &path, &fits).await.0, 200);
}

/// Nothing is kept for a realm that somebody made up.
#[tokio::test]
async fn an_invented_realm_has_no_breakpoints_and_no_clock() {
    let world = World::new().await;
    let root = world.app("");
    let root = root.strip_suffix(&world.realm.name().base_path()).unwrap();
    let invented = |method: &str, path: &str, body: &Value| {
        Request::new(method, &format!("{root}/r/nobody-made-this{path}"))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
    };
    let breakpoint = json!({"service": "auth-server", "path": "/token"});
    let minute = json!({"advance_seconds": 60});
    for (method, path, body) in [
        ("PUT", "/api/breakpoints", &breakpoint),
        ("PUT", "/api/breakpoints", &json!({"mode": "step"})),
        ("POST", "/api/clock", &minute),
        ("POST", "/api/clock", &json!({"pause": true})),
    ] {
        let answer = invented(method, path, body).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
    }
    let shown = invented("GET", "/api/clock", &Value::Null).await;
    assert!(
        shown.text().contains("\"paused\":false"),
        "{}",
        shown.text()
    );
    assert_eq!(
        api(&world, "PUT", "/api/breakpoints", &breakpoint).await.0,
        200
    );
    assert_eq!(api(&world, "POST", "/api/clock", &minute).await.0, 200);
}
