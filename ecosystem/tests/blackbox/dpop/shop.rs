//! The print shop: its tokens bound to a key, a stolen one presented without it, a stronger sign-in where the API wants
//! one (RFC 9470), and a call that is handed on (RFC 8693) — as a person at its pages meets them.

use shared::flow::ValueKind;
use shared::seed::NonceDemand;

use crate::support::{ALICE, Browser, Page, World, tags};

/// Runs the authorization code grant at the shop, bound to a key or not.
async fn runs(world: &World, browser: &mut Browser, bound: bool) -> Page {
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let fields: &[(&str, &str)] = if bound { &[("bound", "on")] } else { &[] };
    let page = browser.press(&page, "run", fields).await;
    signs_in(browser, page).await
}

async fn signs_in(browser: &mut Browser, mut page: Page) -> Page {
    if page.has("login-submit") {
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        page = browser.press(&page, "login-submit", &fields).await;
    }
    if page.has("consent-allow") {
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    page
}

#[tokio::test]
async fn a_token_that_is_bound_opens_the_api_for_the_shop_and_for_no_thief() {
    // With nonces demanded, so that the shop has to answer that too.
    let demanding = World::with(|mut seed| {
        for client in &mut seed.clients {
            client.policy.dpop_nonce = Some(NonceDemand::Required);
        }
        seed
    });
    for world in [World::new().await, demanding.await] {
        let mut browser = Browser::new();
        let page = runs(&world, &mut browser, true).await;
        assert!(page.has("call-stolen"), "{}", page.text());
        let photos = browser.press(&page, "call-photos", &[]).await;
        assert!(
            photos.text().contains("The ferry to Bergen"),
            "{}",
            photos.text()
        );
        let refreshed = browser.press(&photos, "refresh", &[]).await;
        assert_eq!(refreshed.response.status, 200, "{}", refreshed.text());
        let stolen = browser.press(&refreshed, "call-stolen", &[]).await;
        let said = stolen.text();
        assert!(
            said.contains("token.scheme") && said.contains("invalid_token"),
            "{said}"
        );
        assert!(!said.contains("The ferry to Bergen"), "{said}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_bound_has_no_key() {
    let world = World::new().await;
    let page = runs(&world, &mut Browser::new(), false).await;
    assert!(
        page.has("call-photos") && !page.has("call-stolen"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn where_the_sign_in_is_too_old_the_shop_asks_for_another_and_goes_on() {
    let world = World::new().await;
    for bound in [false, true] {
        let mut browser = Browser::new();
        let page = runs(&world, &mut browser, bound).await;
        world.wait_seconds(400);
        let refused = browser.press(&page, "call-delete-photo", &[]).await;
        let said = refused.text();
        assert!(said.contains("insufficient_user_authentication"), "{said}");
        assert!(said.contains("authentication.sufficient"), "{said}");
        let login = browser.press(&refused, "step-up-sign-in", &[]).await;
        assert!(login.has("login-submit"), "signs in anew: {}", login.text());
        let done = signs_in(&mut browser, login).await;
        assert_eq!(done.response.status, 200, "{}", done.text());
        assert!(
            done.has("api-answer") && !done.has("step-up-sign-in"),
            "{}",
            done.text()
        );
        assert!(done.text().contains("204"), "{}", done.text());
    }
}

#[tokio::test]
async fn a_call_is_handed_on_to_the_laboratory_which_gets_a_token_of_its_own() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = runs(&world, &mut browser, false).await;
    let printed = browser.press(&page, "hand-over", &[]).await;
    let said = printed.text();
    assert!(said.contains("\"printed\""), "{said}");
    let mut exchanges = Vec::new();
    for flow in world.realm.flows().await.unwrap() {
        exchanges.extend(world.realm.flow(&flow.id).await.unwrap().exchanges);
    }
    let exchange = exchanges.iter().find(|exchange| {
        let checks = &exchange.checks;
        checks.iter().any(|check| check.id == "exchange.allowed")
    });
    let exchange = exchange.expect("the exchange in the record");
    let tokens = exchange
        .values
        .iter()
        .filter(|value| value.kind == ValueKind::AccessToken);
    assert!(tokens.count() >= 3, "subject, actor and what came of them");
}

/// The link to the page's settings carries the key, too.
#[tokio::test]
async fn a_link_with_settings_says_that_tokens_are_to_be_bound() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = world
        .app("/grants/authorization-code?scope=openid+photos%3Aread&delivery=pushed&bound=yes");
    let page = browser.open(&url).await;
    let html = page.response.text();
    let bound = tags(&html)
        .into_iter()
        .find(|tag| tag.attribute("id") == Some("bound"));
    assert!(bound.expect("the choice").attribute("checked").is_some());
    let link = tags(&html)
        .into_iter()
        .find(|tag| tag.attribute("id") == Some("settings-link"));
    let link = link
        .expect("the link")
        .attribute("href")
        .unwrap()
        .to_owned();
    assert!(link.contains("bound=yes"), "{link}");
    let page = browser.press(&page, "run", &[]).await;
    let page = signs_in(&mut browser, page).await;
    assert!(page.has("call-stolen"), "{}", page.text());
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let plain = page.response.text();
    assert!(!plain.contains("bound=yes"), "only where it was asked for");
}

#[tokio::test]
async fn the_laboratory_answers_nobody_without_a_token() {
    let world = World::new().await;
    let request = crate::support::Request::post(&world.app("/lab/prints"), &[]);
    let answer = world.send(request.clone()).await;
    answer.is(401);
    let answer = world.send(request.bearer("invented")).await;
    answer.is(403);
}
