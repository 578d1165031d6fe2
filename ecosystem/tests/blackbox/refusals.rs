//! What goes wrong on purpose, through the client app's pages: the person is told, and the record names the one
//! check that decided.

use shared::flow::Outcome;
use shared::time::Lifetime;

use crate::support::{ALICE, Browser, Page, World};

/// Tries an experiment on a grant's page; signs in and agrees where it is asked.
async fn tries(world: &World, grant: &str, experiment: &str) -> (Browser, Page) {
    let mut browser = Browser::new();
    let page = browser.open(&world.app(&format!("/grants/{grant}"))).await;
    let button = format!("try-{experiment}");
    let page = browser.press(&page, &button, &[]).await;
    let page = goes_on(&mut browser, page).await;
    (browser, page)
}

/// Signs in and agrees, where it is asked.
async fn goes_on(browser: &mut Browser, mut page: Page) -> Page {
    if page.has("login-submit") {
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        page = browser.press(&page, "login-submit", &fields).await;
    }
    if page.has("consent-allow") {
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    page
}

/// Of all that was recorded in this realm, exactly one check failed, and it is this one.
async fn only_this_failed(world: &World, check: &str) {
    let mut failed: Vec<String> = Vec::new();
    // The record hears of things a moment later.
    for _ in 0..100 {
        failed.clear();
        for flow in world.realm.flows().await.unwrap() {
            let flow = world.realm.flow(&flow.id).await.unwrap();
            let checks = flow.exchanges.into_iter().flat_map(|hop| hop.checks);
            let decisive = checks.filter(|check| check.outcome == Outcome::Failed);
            failed.extend(decisive.map(|check| check.id));
        }
        if !failed.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // The client's own check of the answer fails too, because the answer is a refusal.
    failed.retain(|id| id != "token_response.received");
    assert_eq!(failed, [check]);
}

/// The page is a refusal, and it names the check.
#[track_caller]
fn tells(page: &Page, check: &str) {
    assert!(page.response.status >= 400, "{}", page.text());
    assert!(page.text().contains(check), "{}", page.text());
}

#[tokio::test]
async fn each_experiment_is_refused_by_the_check_that_it_is_about() {
    for (grant, experiment, check) in [
        ("authorization-code", "wrong-state", "state.matches"),
        ("authorization-code", "wrong-verifier", "pkce.s256"),
        ("authorization-code", "wrong-secret", "client.authenticated"),
        ("client-credentials", "wrong-secret", "client.authenticated"),
        ("client-credentials", "forbidden-scope", "scope.allowed"),
        ("password", "wrong-password", "login.credentials"),
        ("password", "wrong-secret", "client.authenticated"),
    ] {
        let world = World::new().await;
        let (_, page) = tries(&world, grant, experiment).await;
        tells(&page, check);
        only_this_failed(&world, check).await;
    }
}

#[tokio::test]
async fn a_person_who_says_no_is_understood() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let page = browser.press(&page, "consent-deny", &[]).await;
    assert_eq!(page.response.status, 403, "{}", page.text());
    assert!(page.text().contains("access_denied"), "{}", page.text());
}

#[tokio::test]
async fn a_code_that_was_held_too_long_has_expired() {
    let world = World::new().await;
    let (mut browser, page) = tries(&world, "authorization-code", "hold-code").await;
    world.realm.clock().advance(Lifetime::from_seconds(61));
    let page = browser.press(&page, "redeem", &[]).await;
    tells(&page, "code.not_expired");
    only_this_failed(&world, "code.not_expired").await;
}

#[tokio::test]
async fn a_replayed_code_is_refused_and_ends_the_tokens() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    let page = goes_on(&mut browser, page).await;
    let page = browser.press(&page, "replay-code", &[]).await;
    tells(&page, "code.unused");
    only_this_failed(&world, "code.unused").await;
}

#[tokio::test]
async fn too_little_scope_is_told_with_the_scope_that_is_missing() {
    let world = World::new().await;
    let (mut browser, page) = tries(&world, "authorization-code", "fewer-scopes").await;
    let page = if page.has("api-answer") {
        page
    } else {
        browser.press(&page, "call-photos", &[]).await
    };
    assert!(page.text().contains("scope.sufficient"), "{}", page.text());
    assert!(page.text().contains("photos:read"), "{}", page.text());
    only_this_failed(&world, "scope.sufficient").await;
}

#[tokio::test]
async fn a_refresh_token_used_again_after_grace_ends_the_family() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/refresh-token")).await;
    let page = browser.press(&page, "run", &[]).await;
    let page = goes_on(&mut browser, page).await;
    let page = browser.press(&page, "refresh", &[]).await;
    world.realm.clock().advance(Lifetime::from_seconds(31));
    let page = browser.press(&page, "replay-1", &[]).await;
    tells(&page, "refresh_token.current");
    only_this_failed(&world, "refresh_token.current").await;
}

/// A callback that nobody was sent away for: login CSRF (RFC 6749 §10.12).
#[tokio::test]
async fn a_callback_out_of_nowhere_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let url = world.app("/callback?code=stolen&state=invented&iss=http://x");
    let page = browser.open(&url).await;
    tells(&page, "state.matches");
    only_this_failed(&world, "state.matches").await;
}

#[tokio::test]
async fn a_page_that_is_only_read_leads_to_no_flow() {
    let world = World::new().await;
    for path in ["/grants/nonsense", "/nonsense"] {
        let mut browser = Browser::new();
        let page = browser.look(&world.app(path)).await;
        assert_eq!(page.response.status, 404, "{path}");
        assert!(!page.has("see-flow"), "{path}: {}", page.text());
        let text = page.response.text();
        assert!(!text.contains("/exchanges/"), "{path}: {text}");
    }
    // What is observed has its flow.
    let mut browser = Browser::new();
    let page = browser.look(&world.app("/callback?state=x&code=y")).await;
    assert!(page.has("see-flow"), "{}", page.text());
}
