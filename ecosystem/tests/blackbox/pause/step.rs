//! Step mode: a whole code flow, one request at a time.

use std::time::Duration;

use shared::control::{Decision, Hold, Mode};

use super::until;
use crate::support::{ALICE, Browser, Page, World};

/// Lets what waits go on, one after the other, until `done` says so; what went.
async fn step_until(world: &World, done: impl Fn() -> bool) -> Vec<String> {
    let mut went = Vec::new();
    while !done() {
        assert!(went.len() < 60, "{went:?}");
        if let Some(paused) = world
            .realm
            .paused()
            .iter()
            .find(|paused| paused.is_undecided())
        {
            went.push(format!("{} {} {}", paused.to, paused.method, paused.path));
            world.realm.decide(paused, Decision::Continue).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    went
}

/// Follows a browser that is held, as its page would: back to where it comes from, as soon as that is decided.
async fn follow(
    world: &World,
    browser: &mut Browser,
    mut page: Page,
    went: &mut Vec<String>,
) -> Page {
    loop {
        let held = world.realm.paused().into_iter().find(|paused| {
            let here = page.response.text().contains(paused.id.as_str());
            here && matches!(paused.hold, Hold::Page { .. })
        });
        let Some(paused) = held else { return page };
        went.push(format!("{} {} {}", paused.to, paused.method, paused.path));
        world.realm.decide(&paused, Decision::Continue).unwrap();
        let Hold::Page { resume } = paused.hold else {
            return page;
        };
        let answer = {
            let world = world.clone();
            let mut browser = browser.clone();
            tokio::spawn(async move {
                let page = browser.look(&resume).await;
                (browser, page, world)
            })
        };
        went.extend(step_until(world, || answer.is_finished()).await);
        let (after, next, _) = answer.await.unwrap();
        *browser = after;
        page = next;
        while let Some(location) = page.response.header("location").map(str::to_owned) {
            let to = page.response.url.join(&location).unwrap();
            page = browser.look(to.as_str()).await;
        }
    }
}

#[tokio::test]
async fn a_whole_code_flow_one_request_at_a_time() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let mut page = browser.open(&world.app("/grants/authorization-code")).await;
    world.realm.set_mode(Mode::Step).unwrap();
    let mut went = Vec::new();
    page = browser.press_only(&page, "run", &[]).await;
    page = follow(&world, &mut browser, page, &mut went).await;
    assert!(page.has("login-submit"), "{}\n{went:#?}", page.text());
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    page = browser.press_only(&page, "login-submit", &fields).await;
    page = follow(&world, &mut browser, page, &mut went).await;
    assert!(page.has("consent-allow"), "{}\n{went:#?}", page.text());
    page = browser.press_only(&page, "consent-allow", &[]).await;
    page = follow(&world, &mut browser, page, &mut went).await;
    assert!(
        page.response.url.path().contains("/runs/"),
        "{}\n{went:#?}",
        page.text()
    );
    for step in [
        "client-app POST /grants/{grant}/run",
        "auth-server GET /authorize",
        "auth-server POST /login",
        "auth-server POST /consent",
        "client-app GET /callback",
        "auth-server POST /token",
        "client-app GET /runs/{run}",
    ] {
        assert!(went.iter().any(|known| known == step), "{step}: {went:#?}");
    }
    world.realm.set_mode(Mode::Run).unwrap();
    until("nothing waits", || world.realm.paused().is_empty()).await;
    let flows = world.realm.flows().await.unwrap();
    let flow = world.realm.flow(&flows[0].id).await.unwrap();
    let token = flow
        .exchanges
        .iter()
        .find(|exchange| exchange.path == "/token");
    let token = token.expect("a token request");
    assert_eq!(token.status, Some(200));
    assert!(token.notes.contains_key("paused_ms"));
}
