//! A reload, a lost connection, a pause and two hundred exchanges: nothing is lost, nothing is doubled.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::support::World;
use super::{QUIET, Watcher, equals_the_record};

#[actix_web::test]
async fn a_reload_in_the_middle_and_a_lost_connection_lose_nothing_and_double_nothing() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let watcher = Watcher::of(world, browser).await;
    let browser = &watcher.browser;
    watcher.sees_the_record("map").await;
    browser.sees_photos().await;
    browser.turn_to(&watcher.watches).await;
    browser.script("location.reload()", Vec::new()).await;
    browser.finds("#diagram .hop").await;
    browser
        .waits_until("return document.querySelector('[data-live].is-up') !== null")
        .await;
    browser.script("window.unreloaded = true", Vec::new()).await;
    browser.turn_to(&watcher.runs).await;
    let before = watcher.sees_the_record("map").await;

    browser.turn_to(&watcher.watches).await;
    let network = |offline: bool| json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.devtools("Network.enable", json!({})).await;
    browser
        .devtools("Network.emulateNetworkConditions", network(true))
        .await;
    // The stream is cut; over a network that is away it cannot come back.
    browser.script("window.stop()", Vec::new()).await;
    browser
        .waits_until("return document.querySelector('[data-live].is-down') !== null")
        .await;
    browser.turn_to(&watcher.runs).await;
    for _ in 0..3 {
        browser.press("#call-me").await;
        browser.sees("Alice Liddell Martin").await;
    }
    browser.turn_to(&watcher.watches).await;
    let shown = browser.count("#exchanges > li").await;
    assert_eq!(
        shown, before,
        "nothing arrives over a connection that is lost"
    );
    browser
        .devtools("Network.emulateNetworkConditions", network(false))
        .await;
    browser
        .waits_until("return document.querySelector('[data-live].is-up') !== null")
        .await;
    browser.turn_to(&watcher.runs).await;
    let after = watcher.sees_the_record("map").await;
    assert!(after > before + 6, "{before}, then {after}");
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn what_is_paused_stands_still_and_catches_up() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let watcher = Watcher::of(world, browser).await;
    let browser = &watcher.browser;
    let before = watcher.sees_the_record("sequence").await;
    browser.turn_to(&watcher.watches).await;
    browser.press("#diagram [data-pause]").await;
    browser.turn_to(&watcher.runs).await;
    browser.sees_photos().await;
    browser.turn_to(&watcher.watches).await;
    let _ = watcher.record().await;
    assert_eq!(browser.count(".rows > .hop").await, before);
    browser.press("#diagram [data-pause]").await;
    browser.turn_to(&watcher.runs).await;
    assert!(watcher.sees_the_record("sequence").await > before);
    watcher.browser.leave().await;
}

/// Begins to measure how busy the page is.
const MEASURE: &str = "window.long = 0; window.longest = 0; window.begun = performance.now(); window.frames = 0; window.late = 0; let last = window.begun;
            new PerformanceObserver((list) => list.getEntries().forEach((task) => { long += task.duration; longest = Math.max(longest, task.duration); })).observe({ type: 'longtask' });
            performance.clearResourceTimings(); performance.setResourceTimingBufferSize(2000);
            const frame = (now) => { frames += 1; if (now - last > 50) late += 1; last = now; requestAnimationFrame(frame); }; requestAnimationFrame(frame);";
/// What was measured since, in milliseconds and counts.
const MEASURED: &str = "const took = performance.now() - begun;
            const pieces = performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/pieces') || entry.name.includes('/diagram')).length;
            return { exchanges: document.querySelectorAll('#exchanges > li').length, took, long, longest, frames, late, pieces }";

/// Two hundred exchanges of a stranger, while somebody watches.
#[actix_web::test]
async fn a_flow_of_two_hundred_exchanges_stays_smooth() {
    let world = World::start().await;
    let browser = world.browser().await;
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    let client = reqwest::Client::builder()
        .user_agent("curl/8.5.0")
        .no_proxy()
        .build()
        .expect("a client");
    let token = client
        .post(world.auth("/token"))
        .basic_auth("service", Some("service-secret"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let token = token.send().await.expect("an answer").text().await;
    let token: Value = serde_json::from_str(&token.expect("a body")).expect("JSON");
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let call = async || {
        let call = client.get(world.api("/stats")).bearer_auth(&token);
        assert!(call.send().await.expect("an answer").status().is_success());
    };
    call().await;
    tokio::time::sleep(QUIET).await;
    for view in ["map", "sequence"] {
        browser.open(&world.app("/flows")).await;
        browser.press(".flow-list a").await;
        browser.finds("#diagram .hop").await;
        browser.press(&format!("#diagram [data-go='{view}']")).await;
        browser
            .waits_until("return document.querySelector('[data-live].is-up') !== null")
            .await;
        browser.script(MEASURE, Vec::new()).await;
        for _ in 0..100 {
            call().await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(QUIET).await;
        let flow = serde_json::to_value(world.newest_flow().await).expect("JSON");
        equals_the_record(&browser, view, &flow).await;
        let measured = browser.script(MEASURED, Vec::new()).await;
        println!("{view}: {measured}");
        let number = |name: &str| measured[name].as_f64().expect("a number");
        assert!(
            number("pieces") <= 100.0,
            "exchanges that come together are fetched together: {measured}"
        );
        assert!(
            number("long") < 0.8 * number("took") && number("longest") < 1000.0,
            "the page is too busy to be used: {measured}"
        );
        browser.finds(".party.stranger").await;
    }
    browser.look("diagram-two-hundred").await;
    browser.leave().await;
}
