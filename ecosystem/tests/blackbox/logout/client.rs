//! The print shop signs out at its provider, and believes the provider when it says that a session has ended.

use std::time::Duration;

use serde_json::Value;

use super::{asks, id_token};
use crate::support::{ALICE, Answer, Browser, Page, Request, WEB, World, parameter};

/// Signs in at the print shop.
pub(crate) async fn at_the_shop(world: &World, browser: &mut Browser) -> Page {
    let page = browser.open(&world.app("/sign-in")).await;
    let mut page = browser.press(&page, "sign-in", &[]).await;
    if page.has("login-submit") {
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        page = browser.press(&page, "login-submit", &fields).await;
    }
    if page.has("consent-allow") {
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    assert!(page.has("account"), "{}", page.text());
    page
}

/// Runs the authorization code grant at the print shop.
async fn with_tokens(world: &World, browser: &mut Browser) -> Page {
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let mut page = browser.press(&page, "login-submit", &fields).await;
    if page.has("consent-allow") {
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    assert!(page.has("sign-out"), "{}", page.text());
    page
}

/// From the provider's page with its frames, as a browser goes on.
pub(crate) async fn goes_on(browser: &mut Browser, page: &Page) -> Page {
    assert!(page.has("signed-out"), "{}", page.text());
    for frame in page.frames() {
        assert_eq!(browser.look(&frame).await.response.status, 200, "{frame}");
    }
    let on = page.element("logout-continue");
    browser
        .open(on.attribute("href").expect("an address"))
        .await
}

fn way(page: &Page) -> String {
    let element = page.element("signed-out-way");
    element.attribute("data-way").expect("a way").to_owned()
}

#[tokio::test]
async fn signing_out_from_a_run_drops_its_tokens_and_comes_back() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let run = with_tokens(&world, &mut browser).await;
    let page = browser.press(&run, "sign-out", &[]).await;
    let page = goes_on(&mut browser, &page).await;
    assert_eq!(
        page.response.url.path().rsplit('/').next(),
        Some("signed-out")
    );
    assert_eq!(way(&page), "back-channel");
    let answer = world.answer(page.response.clone());
    answer.passed_check("logout.state").await;
    let again = browser.open(run.response.url.as_str()).await;
    assert!(again.has("run-signed-out"), "{}", again.text());
    assert!(!again.has("call-photos"), "the tokens are still there");
    assert!(!super::is_signed_in(&world, &mut browser, WEB).await);
    let repeated = browser.open(page.response.url.as_str()).await;
    let answer = world.answer(repeated.response);
    answer.is(400).failed_check("logout.state").await;
}

#[tokio::test]
async fn signing_out_from_the_sign_in_page_ends_the_session_there_too() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = at_the_shop(&world, &mut browser).await;
    let page = browser.press(&page, "sign-out", &[]).await;
    let page = goes_on(&mut browser, &page).await;
    assert_eq!(way(&page), "back-channel");
    let page = browser.open(&world.app("/sign-in")).await;
    assert!(!page.has("account"), "{}", page.text());
}

#[tokio::test]
async fn what_the_person_ends_at_the_provider_ends_at_the_shop() {
    let world = World::new().await;
    let mut browser = Browser::new();
    at_the_shop(&world, &mut browser).await;
    let page = asks(&world, &mut browser, &[]).await;
    let page = browser.press_only(&page, "logout-confirm", &[]).await;
    assert!(
        page.text().contains("has ended its session"),
        "{}",
        page.text()
    );
    let page = browser.open(&world.app("/sign-in")).await;
    assert!(!page.has("account"), "{}", page.text());
}

/// The frame alone: the back channel does not reach the shop.
#[tokio::test]
async fn the_frame_ends_the_session_where_the_back_channel_does_not() {
    let world = World::with(|mut seed| {
        let shop = seed.client_mut("portal").expect("of the demo");
        shop.metadata.backchannel_logout_uri = None;
        seed
    })
    .await;
    let mut browser = Browser::new();
    let page = at_the_shop(&world, &mut browser).await;
    let page = browser.press(&page, "sign-out", &[]).await;
    let page = goes_on(&mut browser, &page).await;
    assert_eq!(way(&page), "front-channel");
}

#[tokio::test]
async fn without_either_the_session_ends_when_the_browser_comes_back() {
    let world = World::with(|mut seed| {
        let shop = seed.client_mut("portal").expect("of the demo");
        shop.metadata.backchannel_logout_uri = None;
        shop.metadata.frontchannel_logout_uri = None;
        seed
    })
    .await;
    let mut browser = Browser::new();
    let page = at_the_shop(&world, &mut browser).await;
    let page = browser.press(&page, "sign-out", &[]).await;
    assert_eq!(way(&page), "return");
    let page = browser.open(&world.app("/sign-in")).await;
    assert!(!page.has("account"), "{}", page.text());
}

#[tokio::test]
async fn a_way_back_that_nobody_took_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new();
    at_the_shop(&world, &mut browser).await;
    for query in ["", "?state=", "?state=invented", "?state=a&state=b"] {
        let page = browser
            .open(&world.app(&format!("/signed-out{query}")))
            .await;
        let answer = world.answer(page.response);
        answer.is(400).no_store();
    }
    let page = browser.open(&world.app("/sign-in")).await;
    assert!(page.has("account"), "signed out by a link");
}

/// It is refused as Back-Channel Logout §2.8 has it, by this check.
async fn refused(answer: Answer, check: &str) {
    answer.is(400).no_store();
    assert_eq!(answer.json()["error"], "invalid_request", "{answer}");
    answer.failed_check(check).await;
}

/// The logout token that came to the print shop when this page was made.
async fn token_of(world: &World, answer: &Answer) -> String {
    for _ in 0..100 {
        let exchange = answer.exchange().await;
        let flow = world.realm.flow(&exchange.flow).await.expect("a flow");
        let mut told = flow.exchanges.into_iter();
        if let Some(told) = told.find(|one| one.path == "/backchannel-logout") {
            let body = told.request.body.text;
            return parameter(&body, "logout_token").expect("a logout token");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the record has no logout token");
}

#[tokio::test]
async fn a_logout_token_counts_once() {
    let world = World::new().await;
    let mut browser = Browser::new();
    at_the_shop(&world, &mut browser).await;
    let page = asks(&world, &mut browser, &[]).await;
    let page = browser.press_only(&page, "logout-confirm", &[]).await;
    let token = token_of(&world, &world.answer(page.response)).await;
    let told = || {
        let uri = world.app("/backchannel-logout");
        Request::post(&uri, &[("logout_token", &token)])
    };
    refused(world.send(told()).await, "logout_token.unused").await;
    world.wait_seconds(200);
    refused(world.send(told()).await, "logout_token.not_expired").await;
}

#[tokio::test]
async fn what_is_no_logout_token_ends_nothing() {
    let world = World::new().await;
    let mut browser = Browser::new();
    at_the_shop(&world, &mut browser).await;
    let tokens = world.tokens(WEB, "openid").await;
    let uri = world.app("/backchannel-logout");
    let post = |token: &str| Request::post(&uri, &[("logout_token", token)]);
    let id_token = id_token(&tokens);
    for (request, check) in [
        (post(""), "logout_token.present"),
        (post("rubbish"), "logout_token.present"),
        (post(&id_token), "logout_token.type"),
        (post(&tokens.access), "logout_token.type"),
        (post("e30.e30."), "logout_token.algorithm"),
        (
            post("eyJhbGciOiJIUzI1NiJ9.e30.AAAA"),
            "logout_token.algorithm",
        ),
        (
            post("eyJhbGciOiJFUzI1NiJ9.e30.AAAA"),
            "logout_token.signature",
        ),
        (
            post(&id_token).content_type("application/json"),
            "request.content_type",
        ),
    ] {
        refused(world.send(request).await, check).await;
    }
    let page = browser.open(&world.app("/sign-in")).await;
    assert!(page.has("account"), "{}", page.text());
    let answer = world.send(Request::get(&uri)).await;
    assert!(matches!(answer.status(), 404 | 405), "{answer}");
}

#[tokio::test]
async fn the_lesson_points_into_a_flow_that_was_run() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = at_the_shop(&world, &mut browser).await;
    let page = browser.press(&page, "sign-out", &[]).await;
    goes_on(&mut browser, &page).await;
    let flows = || async { world.realm.flows().await.expect("flows") };
    for _ in 0..100 {
        let all = flows().await;
        let done = all.iter().find(|one| one.grant.name() == "logout");
        if let Some(one) = done.filter(|one| one.exchange_count >= 5) {
            let json: Value = serde_json::to_value(one).expect("JSON");
            assert_eq!(json["grant"], "logout");
            assert_eq!(json["result"]["status"], "succeeded", "{json}");
            let lesson = browser.open(&world.app("/lessons/logout")).await;
            assert!(lesson.text().contains("Signing out, three ways"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no such flow: {:#?}", flows().await);
}
