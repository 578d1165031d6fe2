//! Whole flows, each step at another server: sign in on one, consent on another, redeem on a third.

use std::collections::BTreeSet;

use super::{Farm, answered_by};
use crate::device::{approve, ask, poll};
use crate::support::{ALICE, Browser, Request, WEB, code_in};

const SCOPE: &str = "openid photos:read offline_access";

/// A request of each kind, and which servers answered the steps of one person's flow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_a_flow_may_come_to_another_server() {
    let Some(farm) = Farm::new("turns").await else {
        return;
    };
    let world = &farm.world;
    let mut browser = Browser::new();
    let authorization = world.authorize(WEB, SCOPE);
    let stop = world.app("/callback");
    let mut servers = BTreeSet::new();

    let page = browser.open_until(&authorization.url(), &stop).await;
    let login = answered_by(&world.answer(page.response.clone())).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, &stop)
        .await;
    let mut steps = vec![login];
    for hop in &page.hops {
        steps.push(answered_by(&world.answer(hop.clone())).await);
    }
    let page = browser
        .press_until(&page, "consent-allow", &[], &stop)
        .await;
    let consent = world.answer(page.response);
    steps.push(answered_by(&consent).await);
    let code = code_in(&consent);

    let redeem = world.token(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &world.callback(WEB)),
        ("code_verifier", crate::support::VERIFIER),
    ]);
    let answer = world.send(crate::support::World::signed(WEB, redeem)).await;
    let tokens = answer.tokens();
    steps.push(answered_by(&answer).await);
    // By turns: no step was answered by the server that answered the one before.
    for pair in steps.windows(2) {
        assert_ne!(pair[0], pair[1], "{steps:?}");
    }
    servers.extend(steps);
    let known: BTreeSet<String> = (1..=3).map(|n| format!("auth-server-{n}")).collect();
    assert_eq!(servers, known);

    // Each server knows what the others gave, the API's servers too.
    for place in farm.auth_servers() {
        let answer = farm.send(place, world.introspect(&tokens.access)).await;
        assert_eq!(answer.is(200).json()["active"], true);
    }
    let mut apis = BTreeSet::new();
    for place in farm.resource_servers() {
        let request = Request::get(&world.api("/photos")).bearer(&tokens.access);
        let answer = farm.send(place, request).await;
        answer.is(200);
        apis.insert(answered_by(&answer).await);
    }
    assert_eq!(apis.len(), 2, "{apis:?}");
    let mut refresh = tokens.refresh;
    for place in farm.auth_servers() {
        let answer = farm.send(place, world.refresh(WEB, &refresh)).await;
        refresh = answer.tokens().refresh;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_person_waits_at_all_servers() {
    let Some(farm) = Farm::new("waits").await else {
        return;
    };
    let world = &farm.world;
    // RFC 8628: the device asks one server, the person answers at others, the device polls any.
    let asked = ask(world).await;
    approve(world, ALICE, &asked).await;
    for (number, place) in farm.auth_servers().into_iter().enumerate() {
        let answer = farm.send(place, poll(world, &asked)).await;
        if number == 0 {
            answer.tokens();
        } else {
            answer.is_refused(400, "invalid_grant");
        }
    }
    // RFC 9126: pushed to one, opened at another.
    let uri = world.pushed(WEB, &world.authorize(WEB, SCOPE)).await;
    code_in(&world.agree(ALICE, &world.refer(WEB, &uri)).await);
}
