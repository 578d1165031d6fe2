//! The print shop as the TV, a second browser as the phone: what the screen shows, and how the record joins them.

use std::time::Duration;

use ecosystem::record::FlowView;
use serde_json::Value;
use shared::flow::Party;

use super::INTERVAL;
use crate::break_it::break_it;
use crate::flows::{at, settled};
use crate::support::{ALICE, Browser, Page, Request, World, plain};

/// How long the TV is given to notice that time has passed.
const NOTICE: Duration = Duration::from_millis(300);

/// The TV's screen, and the address in its QR code.
async fn turn_on(world: &World, button: &str) -> (Browser, Page, String) {
    let (mut screen, page) = at(world, "device").await;
    let page = screen.press(&page, button, &[]).await;
    assert!(page.has("tv-user-code"), "{}", page.text());
    let complete = page
        .element("tv-phone")
        .attribute("href")
        .unwrap()
        .to_owned();
    (screen, page, complete)
}

/// Lets the interval pass until the screen shows something else than the code.
async fn watch(world: &World, screen: &mut Browser, tv: &Page) -> Page {
    for _ in 0..40 {
        world.wait_seconds(INTERVAL);
        tokio::time::sleep(NOTICE).await;
        let page = screen.open(tv.response.url.as_str()).await;
        if !page.has("tv-user-code") {
            return page;
        }
    }
    panic!("the TV never goes on");
}

/// Alice answers on her phone.
async fn answers(complete: &str, button: &str) -> Page {
    let mut phone = Browser::new();
    let page = phone.open(complete).await;
    let page = phone.press(&page, "device-submit", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = phone.press(&page, "login-submit", &fields).await;
    phone.press(&page, button, &[]).await
}

/// The one flow of the TV.
async fn flow_of_the_tv(world: &World) -> FlowView {
    let flows = settled(world).await;
    let mut of_tv = flows
        .into_iter()
        .filter(|flow| serde_json::to_value(flow.summary.grant).unwrap() == "device_code");
    let flow = of_tv.next().expect("a flow of the TV");
    assert!(of_tv.next().is_none(), "the two browsers are one flow");
    flow
}

#[tokio::test]
async fn the_tv_shows_its_code_and_a_qr_code_and_then_the_photos() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "run").await;
    let code = complete.split_once("user_code=").unwrap().1;
    assert!(tv.text().contains(code), "{}", tv.text());
    assert!(tv.text().contains(&world.auth("/device")), "{}", tv.text());
    let html = tv.response.text();
    assert!(
        html.contains("role=\"img\"") && html.contains("qr-dark"),
        "a QR code"
    );
    let said = plain(&html);
    assert!(
        said.contains(&complete),
        "and what it says in words: {said}"
    );
    world.answer(tv.response.clone()).no_store();

    answers(&complete, "device-confirm").await;
    let page = watch(&world, &mut screen, &tv).await;
    assert!(
        page.text().contains("First light on the ridge"),
        "{}",
        page.text()
    );
    assert!(page.has("refresh"), "its tokens can be refreshed");
    let page = screen.press(&page, "refresh", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    let page = screen.press(&page, "revoke-refresh", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
}

#[tokio::test]
async fn the_phone_and_the_tv_are_one_flow_and_the_device_code_stays_with_the_tv() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "run").await;
    answers(&complete, "device-confirm").await;
    watch(&world, &mut screen, &tv).await;
    let flow = flow_of_the_tv(&world).await;
    let paths: Vec<(&str, &str)> = flow
        .exchanges
        .iter()
        .map(|hop| (hop.method.as_str(), hop.path.as_str()))
        .collect();
    for expected in [
        ("POST", "/grants/{grant}/run"),
        ("POST", "/device_authorization"),
        ("POST", "/device"),
        ("POST", "/login"),
        ("POST", "/device/confirm"),
        ("GET", "/device/done"),
        ("POST", "/token"),
        ("GET", "/photos"),
    ] {
        assert!(paths.contains(&expected), "{expected:?}: {paths:?}");
    }
    assert!(
        !paths.iter().any(|(_, path)| path.ends_with("/tv")),
        "{paths:?}"
    );
    assert_eq!(flow.summary.client_id.as_deref(), Some("tv"));
    let verdicts: Vec<&str> = flow.verdicts.iter().map(|one| one.id.as_str()).collect();
    assert!(verdicts.contains(&"device.confirmed"), "{verdicts:?}");
    let result = serde_json::to_value(&flow.summary.result).unwrap();
    assert_eq!(result["status"], "succeeded", "{result}");

    let knowledge = world.realm.knowledge(&flow.summary.id).await.unwrap();
    let knowledge = serde_json::to_value(&knowledge).unwrap();
    let knowers = |kind: &str| -> Vec<String> {
        let rows = knowledge["values"].as_array().unwrap();
        let row = rows.iter().find(|row| row["kind"] == kind).expect("a row");
        let cells = row["cells"].as_array().unwrap().iter();
        cells
            .filter(|cell| !cell["learned"].is_null())
            .map(|cell| cell["knower"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(knowers("device_code"), ["client-app", "auth-server"]);
    assert_eq!(
        knowers("user_code"),
        ["browser", "address-bar", "client-app", "auth-server"]
    );
    assert!(flow.exchanges.iter().any(|hop| hop.from == Party::Browser));
}

#[tokio::test]
async fn the_device_code_has_a_lifetime_that_ends_when_it_is_redeemed() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "run").await;
    answers(&complete, "device-confirm").await;
    watch(&world, &mut screen, &tv).await;
    let flow = flow_of_the_tv(&world).await;
    let url = world.app(&format!("/api/flows/{}/lifetimes", flow.summary.id));
    let told = world.send(Request::get(&url)).await.is(200).json();
    let lives = told["lives"].as_array().expect("lives");
    let life = lives.iter().find(|life| life["kind"] == "device_code");
    let life = life.unwrap_or_else(|| panic!("no device code: {told:#}"));
    assert_eq!(life["state"], "used", "{life:#}");
    let uses = life["uses"].as_array().map_or(0, Vec::len);
    assert_eq!(
        uses, 1,
        "a poll that is told to wait uses nothing up: {life:#}"
    );
}

#[tokio::test]
async fn a_poll_that_is_answered_with_not_yet_leaves_the_flow_open() {
    let world = World::new().await;
    let (mut screen, tv, _) = turn_on(&world, "run").await;
    world.wait_seconds(INTERVAL);
    let mut page = tv.clone();
    for _ in 0..40 {
        tokio::time::sleep(NOTICE).await;
        page = screen.open(tv.response.url.as_str()).await;
        if page.text().contains("authorization_pending") {
            break;
        }
    }
    assert!(
        page.text().contains("Nobody has decided yet"),
        "{}",
        page.text()
    );
    let flow = flow_of_the_tv(&world).await;
    let result = serde_json::to_value(&flow.summary.result).unwrap();
    assert_eq!(result["status"], "open", "{result}");
}

#[tokio::test]
async fn a_no_and_the_end_of_the_code_are_told_on_the_screen() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "run").await;
    answers(&complete, "device-deny").await;
    let page = watch(&world, &mut screen, &tv).await;
    assert_eq!(page.response.status, 403, "{}", page.text());
    assert!(page.text().contains("access_denied"), "{}", page.text());

    let (mut screen, tv, _) = turn_on(&world, "run").await;
    world.wait_seconds(601);
    let page = watch(&world, &mut screen, &tv).await;
    assert!(
        page.text().contains("The code has expired"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn the_impatient_tv_is_slowed_down_and_still_gets_there() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "try-impatient").await;
    for _ in 0..40 {
        world.wait_seconds(1);
        tokio::time::sleep(NOTICE).await;
        let page = screen.open(tv.response.url.as_str()).await;
        if page.text().contains("slow_down") {
            break;
        }
    }
    answers(&complete, "device-confirm").await;
    let page = watch(&world, &mut screen, &tv).await;
    assert!(
        page.text().contains("First light on the ridge"),
        "{}",
        page.text()
    );
    let flow = flow_of_the_tv(&world).await;
    assert!(
        flow.verdicts
            .iter()
            .any(|one| one.id == "device.slowed_down")
    );
}

#[tokio::test]
async fn a_flow_in_which_nobody_has_decided_cannot_be_broken_and_says_so() {
    let world = World::new().await;
    let (mut screen, _, _) = turn_on(&world, "run").await;
    let flow = flow_of_the_tv(&world).await.summary.id;
    let url = world.app(&format!("/api/flows/{flow}/break"));
    let answer = world.send(Request::get(&url)).await;
    assert_eq!(answer.is(409).json()["error"], "undecided");
    let page = screen
        .open(&world.app(&format!("/flows/{flow}/break")))
        .await;
    assert!(page.text().contains("second device"), "{}", page.text());
    // It says where the flow can be seen going wrong, and those places are there.
    assert!(page.has("break-elsewhere"), "{}", page.text());
    for path in ["/grants/device", "/paused", "/lessons/device"] {
        assert!(page.response.text().contains(path), "{path}");
        screen.open(&world.app(path)).await;
    }
}

/// Where a device flow is broken, how, what comes of it, and the check that says no.
const BROKEN_AT_A_TV: [(&str, &str, &str, &str, &str); 6] = [
    (
        "/token",
        "device_code",
        "change_one",
        "refused",
        "device_code.known",
    ),
    (
        "/token",
        "device_code",
        "send_again",
        "refused",
        "device_code.unused",
    ),
    ("/token", "device_code", "use_anothers", "accepted", ""),
    (
        "/device",
        "user_code",
        "use_old",
        "refused",
        "user_code.known",
    ),
    ("/device", "user_code", "use_anothers", "accepted", ""),
    (
        "/device/confirm",
        "decision",
        "leave_out",
        "refused",
        "user_code.confirmed",
    ),
];

#[tokio::test]
async fn a_second_robot_decides_and_the_tv_polls_by_the_clock() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "run").await;
    answers(&complete, "device-confirm").await;
    watch(&world, &mut screen, &tv).await;
    let flow = flow_of_the_tv(&world).await.summary.id.to_string();
    let offers = Request::get(&world.app(&format!("/api/flows/{flow}/break")));
    let offers = world.send(offers).await.is(200).json();
    for (path, parameter, mutation, result, check) in BROKEN_AT_A_TV {
        let mut offered = offers["exchanges"].as_array().unwrap().iter();
        let offered = offered.find(|one| one["path"] == path).expect(path);
        let asked = serde_json::json!({
            "exchange": offered["exchange"],
            "parameter": parameter,
            "place": "request_body",
            "mutation": mutation,
        });
        let asking = break_it(&world, &flow, &asked);
        tokio::pin!(asking);
        let answer = loop {
            let pause = tokio::time::sleep(NOTICE);
            tokio::select! {
                answer = &mut asking => break answer,
                () = pause => world.wait_seconds(1),
            }
        };
        let came = answer.is(200).json();
        assert_eq!(came["result"], result, "{asked}: {came}");
        assert_eq!(
            came["failed_check"].as_str().unwrap_or(""),
            check,
            "{asked}: {came}"
        );
        assert_eq!(came["as_demanded"], true, "{asked}: {came}");
    }
}

#[tokio::test]
async fn a_decided_flow_is_not_broken_while_the_clock_stands_still() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "run").await;
    answers(&complete, "device-confirm").await;
    watch(&world, &mut screen, &tv).await;
    let flow = flow_of_the_tv(&world).await.summary.id;
    let url = world.app(&format!("/api/flows/{flow}/break"));
    let offers = world.send(Request::get(&url)).await.is(200).json();
    let offered = &offers["exchanges"][0];
    assert_eq!(offered["path"], "/device_authorization", "{offered}");
    let asked = serde_json::json!({
        "exchange": offered["exchange"],
        "parameter": "scope",
        "place": "request_body",
        "mutation": "change_one",
    });
    let ask = || {
        let request = Request::new("POST", &url).header("content-type", "application/json");
        request.body(asked.to_string())
    };
    world.realm.clock().pause();
    let answer = world.send(ask()).await;
    assert_eq!(answer.is(409).json()["error"], "clock_stopped");
    world.realm.clock().resume();
    let answer = world.send(ask()).await.is(200).json();
    assert_eq!(answer["failed_check"], "scope.allowed", "{answer}");
}

#[tokio::test]
async fn the_screen_is_its_own_browsers_and_is_not_shown_to_another() {
    let world = World::new().await;
    let (_, tv, _) = turn_on(&world, "run").await;
    let page = Browser::new().open(tv.response.url.as_str()).await;
    assert_eq!(page.response.status, 404, "{}", page.text());
    assert!(!page.has("tv-user-code"));
}

#[tokio::test]
async fn what_is_exported_names_the_codes_and_shows_neither() {
    let world = World::new().await;
    let (mut screen, tv, complete) = turn_on(&world, "run").await;
    let code = complete.split_once("user_code=").unwrap().1.to_owned();
    answers(&complete, "device-confirm").await;
    watch(&world, &mut screen, &tv).await;
    let flow = flow_of_the_tv(&world).await;
    for format in ["har", "md", "mmd"] {
        let exported = world.realm.export(&flow.summary.id, format).await;
        let exported = exported.unwrap_or_else(|error| panic!("{format}: {error}"));
        assert!(!exported.contains(&code), "{format} shows the user code");
        let typed: Value = Value::String(code.replace('-', ""));
        assert!(!exported.contains(typed.as_str().unwrap()), "{format}");
    }
}
