//! A browser that navigates into a breakpoint: held by a page, and sent on to the same URL with what it had sent.

use serde_json::json;
use shared::control::{Decision, Edit, Hold, Paused, Place};
use shared::flow::Party;
use url::Url;

use super::{api, until};
use crate::support::{ALICE, Browser, Page, WEB, World};

/// Where a paused request's browser comes back to.
fn resume_url(paused: &Paused) -> &str {
    match &paused.hold {
        Hold::Page { resume } => resume,
        Hold::Connection => panic!("not held by a page: {paused:?}"),
    }
}

/// The page that holds the browser leads to the client app.
fn is_held(world: &World, page: &Page, paused: &Paused) {
    assert_eq!(page.response.status, 200);
    let there = world.app(&format!("/paused/{}?held", paused.id));
    assert!(
        page.response.text().contains(&there),
        "{}",
        page.response.text()
    );
}

#[tokio::test]
async fn an_authorization_request_goes_on_in_the_browser_that_sent_it() {
    let world = World::new().await;
    world
        .realm
        .pause_at(Party::AuthServer, "GET", "/authorize")
        .unwrap();
    let authorization = world.authorize(WEB, "photos:read");
    let mut browser = Browser::new();
    let page = browser.look(&authorization.url()).await;
    let paused = world.realm.next_paused().await.expect("it waits");
    is_held(&world, &page, &paused);
    assert_eq!(paused.from, Party::Browser);
    assert_eq!(paused.parameter("client_id").unwrap().value, "web");

    // Too early, and another browser: neither goes on.
    let early = browser.look(resume_url(&paused)).await;
    assert!(early.location().as_str().contains("/paused/"));
    let state = paused.parameter("state").unwrap();
    let edits = vec![state.set("another state")];
    world
        .realm
        .decide(&paused, Decision::Change { edits })
        .unwrap();
    assert!(
        !world.realm.clock().is_held(),
        "time goes on once it is decided"
    );
    let thief = Browser::new().look(resume_url(&paused)).await;
    assert!(thief.location().as_str().contains("/paused/"));

    let page = browser.open(resume_url(&paused)).await;
    assert!(page.has("login-submit"), "{}", page.text());
    let first = &page.hops[0];
    let id = first.header("exchange-id").unwrap();
    assert_eq!(id, paused.id.as_str());
    let exchange = world.realm.exchange(&paused.id).await.unwrap();
    assert!(
        exchange.url.contains("state=another+state"),
        "{}",
        exchange.url
    );
    assert!(!exchange.url.contains("resumed"));
    assert_eq!(exchange.notes["changed"], "state");
    assert_eq!(exchange.notes["sent.state"], "the state");
    assert!(world.realm.paused().is_empty());
    // Once is once: the address leads to the page that says so.
    let again = browser.look(resume_url(&paused)).await;
    assert!(again.location().as_str().contains("/paused/"));
}

/// `POST /login`: the form, its token, its origin and the cookies of this browser, as in the original.
#[tokio::test]
async fn a_form_goes_on_with_its_body_and_the_browsers_cookies() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser
        .open(&world.authorize(WEB, "photos:read").url())
        .await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/login")
        .unwrap();
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let held = browser.press_only(&page, "login-submit", &fields).await;
    let paused = world.realm.next_paused().await.expect("it waits");
    is_held(&world, &held, &paused);
    assert_eq!(paused.method, "POST");
    let token = paused.parameter("csrf").unwrap();
    assert!(token.hidden, "form tokens are never shown");
    world.realm.decide(&paused, Decision::Continue).unwrap();
    let page = browser.open(resume_url(&paused)).await;
    assert!(page.has("consent-allow"), "{}", page.text());
    let exchange = world.realm.exchange(&paused.id).await.unwrap();
    assert_eq!(
        (exchange.method.as_str(), exchange.status),
        ("POST", Some(303))
    );
    assert!(exchange.checks.iter().any(|check| check.id == "csrf.token"));
}

#[tokio::test]
async fn a_wrong_password_by_the_breakpoint_is_refused_by_the_server() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser
        .open(&world.authorize(WEB, "photos:read").url())
        .await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/login")
        .unwrap();
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    browser.press_only(&page, "login-submit", &fields).await;
    let paused = world.realm.next_paused().await.expect("it waits");
    let password = paused.parameter("password").unwrap();
    let edits = vec![password.set("wrong")];
    world
        .realm
        .decide(&paused, Decision::Change { edits })
        .unwrap();
    let page = browser.open(resume_url(&paused)).await;
    assert!(page.has("login-submit"), "{}", page.text());
    world.realm.clear_breakpoints();
    // The page stands at an address that is spent; its form works all the same.
    let page = browser.press(&page, "login-submit", &fields).await;
    assert!(page.has("consent-allow"), "{}", page.text());
}

#[tokio::test]
async fn what_is_dropped_or_answered_never_reaches_the_server() {
    let world = World::new().await;
    world
        .realm
        .pause_at(Party::AuthServer, "GET", "/authorize")
        .unwrap();
    let url = world.authorize(WEB, "photos:read").url();
    let mut browser = Browser::new();
    browser.look(&url).await;
    let paused = world.realm.next_paused().await.expect("it waits");
    world.realm.decide(&paused, Decision::Drop).unwrap();
    let exchange = world.realm.exchange(&paused.id).await.unwrap();
    assert_eq!(
        (exchange.status, exchange.notes["dropped"].as_str()),
        (None, "true")
    );
    let told = browser.look(resume_url(&paused)).await;
    assert!(told.location().as_str().contains("/paused/"));

    browser.look(&url).await;
    let paused = world.realm.next_paused().await.expect("it waits");
    let path = format!("/api/paused/{}", paused.id);
    let answer = json!({"action": "answer", "status": 503, "error": "server_error"});
    assert_eq!(api(&world, "POST", &path, &answer).await.0, 200);
    let page = browser.open(resume_url(&paused)).await;
    assert_eq!(page.response.status, 503);
    assert!(page.text().contains("server_error"), "{}", page.text());
    let exchange = world.realm.exchange(&paused.id).await.unwrap();
    assert_eq!(exchange.notes["answered_by"], "breakpoint");
    assert_eq!(exchange.status, Some(503));
}

/// A parameter sent twice, and one header, through the edits themselves.
#[tokio::test]
async fn a_parameter_can_be_sent_twice() {
    let world = World::new().await;
    world
        .realm
        .pause_at(Party::AuthServer, "GET", "/authorize")
        .unwrap();
    let mut browser = Browser::new();
    browser
        .look(&world.authorize(WEB, "photos:read").url())
        .await;
    let paused = world.realm.next_paused().await.expect("it waits");
    let twice = Edit::Add {
        place: Place::RequestQuery,
        name: "client_id".to_owned(),
        value: "web".to_owned(),
    };
    world
        .realm
        .decide(&paused, Decision::Change { edits: vec![twice] })
        .unwrap();
    let page = browser.open(resume_url(&paused)).await;
    assert_eq!(page.response.status, 400, "{}", page.text());
    until("it is gone", || world.realm.paused().is_empty()).await;
    assert!(Url::parse(resume_url(&paused)).is_ok());
}
