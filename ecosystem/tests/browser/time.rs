//! The realm's clock as a person turns it, what runs out meanwhile, and the questions before the next arrow.

use fantoccini::key::Key;
use serde_json::json;

use super::support::{Browser, World};

/// From the page of a run to the lifetimes of its flow.
async fn lifetimes(browser: &Browser) {
    browser.press("a[href$='page=lifetimes']").await;
    browser.finds("#lives .life").await;
    browser.script("window.unreloaded = true", Vec::new()).await;
}

/// Waits until a life stands so.
async fn stands(browser: &Browser, life: &str, state: &str) {
    browser
        .finds(&format!("#{life}.life-{state}[data-state='{state}']"))
        .await;
}

/// How far "now" has moved over the bars, in percent.
async fn now(browser: &Browser) -> f64 {
    let x = browser.attribute(".life-now", "x1").await;
    let x = x.expect("a place");
    x.trim_end_matches('%').parse().expect("percent")
}

#[actix_web::test]
async fn an_hour_passes_at_a_press_and_the_bars_run_out_without_a_reload() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.sees_photos().await;
    browser.finds("#lives .life").await;
    browser.look("run-with-lifetimes").await;
    lifetimes(&browser).await;
    stands(&browser, "access_token-1", "live").await;
    stands(&browser, "login_session-1", "live").await;
    stands(&browser, "code-1", "used").await;
    browser.look("lifetimes-live").await;
    let before = now(&browser).await;

    browser.press("#clock-hour").await;
    stands(&browser, "access_token-1", "expired").await;
    stands(&browser, "login_session-1", "expired").await;
    stands(&browser, "refresh_token-1", "live").await;
    assert!(now(&browser).await > before);
    browser.waits_until("return window.unreloaded").await;
    browser.look("lifetimes-expired").await;

    browser.press("#clock-pause").await;
    browser
        .finds("#clock.is-paused #clock-resume:not([hidden])")
        .await;
    browser
        .waits_until("return document.activeElement.id === 'clock-resume'")
        .await;
    browser.key(Key::Enter).await;
    browser.finds("#clock:not(.is-paused)").await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_chain_grows_while_one_looks_and_an_old_link_kills_it() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let run = browser.url().await;
    let first = browser.window().await;
    let second = browser.open_window().await;
    browser.open(&run).await;
    lifetimes(&browser).await;
    browser.finds_many(".life-link", 1).await;

    browser.turn_to(&first).await;
    for _ in 0..2 {
        browser.press("#refresh").await;
        browser.finds("#refresh").await;
    }
    browser.turn_to(&second).await;
    browser.finds_many(".life-link", 3).await;
    stands(&browser, "refresh_token-2", "rotated").await;
    stands(&browser, "refresh_token-3", "live").await;
    browser.look("lifetimes-chain").await;

    world.minutes_pass(1);
    browser.turn_to(&first).await;
    browser.press("#replay-1").await;
    browser.finds(".check-failed").await;
    browser.turn_to(&second).await;
    browser.finds("[data-kill]").await;
    stands(&browser, "refresh_token-1", "replayed").await;
    stands(&browser, "refresh_token-3", "revoked").await;
    browser.waits_until("return window.unreloaded").await;
    browser.look("lifetimes-killed").await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_whole_flow_is_predicted_by_keyboard_alone() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.press("#see-flow").await;
    browser.finds(".timeline .exchange").await;
    let flow = world.newest_flow().await;
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    let here = browser.url().await;
    let here = here.split('?').next().unwrap_or_default().to_owned();
    browser.open(&format!("{here}/predict")).await;
    for (at, exchange) in exchanges.iter().enumerate() {
        browser.finds("#question").await;
        browser
            .waits_until("return document.activeElement.name === 'way'")
            .await;
        let drawn = browser.count(".predict-seen > li").await;
        assert_eq!(drawn, at, "only what was revealed is shown");
        if exchange["channel"] == "back" {
            browser.key(Key::Down).await;
            browser
                .waits_until("return document.activeElement.value === 'back'")
                .await;
        } else {
            browser.types(" ").await;
        }
        browser
            .waits_until("return document.activeElement.checked")
            .await;
        if at == 1 {
            browser.look("predict-question").await;
        }
        // The choice that is right by the record.
        let choice = browser
            .script(
                "return [...document.querySelectorAll('.predict-choice')].map((b) => b.value)",
                Vec::new(),
            )
            .await;
        let right = carried(exchange);
        let choices = choice.as_array().expect("choices");
        let place = choices.iter().position(|value| {
            let mut names: Vec<_> = value.as_str().unwrap_or_default().split(',').collect();
            names.sort_unstable();
            names == right
        });
        let place = place.unwrap_or_else(|| panic!("{right:?} is not among {choices:?}"));
        browser.key(Key::Tab).await;
        for _ in 0..place {
            browser.key(Key::Tab).await;
        }
        browser.key(Key::Enter).await;
        browser.finds("#way-verdict.is-right").await;
        browser.finds("#values-verdict.is-right").await;
        if exchange["path"] == "/token" {
            browser.look("predict-revealed").await;
        }
        browser
            .waits_until("return document.activeElement.id === 'next'")
            .await;
        browser.key(Key::Enter).await;
    }
    browser.finds("#score").await;
    let clicks = 2 * exchanges.len();
    assert_eq!(
        browser.count(".predict-mark.is-right").await,
        exchanges.len()
    );
    assert!(browser.reads("#score").await.contains(&clicks.to_string()));
    browser.look("predict-score").await;

    let question = browser.window().await;
    browser.open_window().await;
    browser.open(&world.app("/runs/")).await;
    browser.turn_to(&question).await;
    browser.leave().await;
}

/// The protocol's values that an exchange carried, by the names of the page.
fn carried(exchange: &serde_json::Value) -> Vec<&str> {
    let values = exchange["values"].as_array().expect("values");
    let kinds = values.iter().filter_map(|value| value["kind"].as_str());
    let mut kinds: Vec<_> = kinds
        .filter(|kind| !["run", "interaction"].contains(kind))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        vec!["none"]
    } else {
        kinds
    }
}

#[actix_web::test]
async fn a_flow_that_begins_is_asked_about_and_what_follows_waits_behind_the_question() {
    let world = World::start().await;
    let browser = world.browser().await;
    let first = browser.window().await;
    browser.open(&world.app("/grants/client-credentials")).await;
    let second = browser.open_window().await;
    browser.open(&world.app("/predict")).await;
    browser.look("predict-waiting").await;
    browser.turn_to(&first).await;
    browser.press("#run").await;
    browser.finds("#see-flow").await;
    browser.turn_to(&second).await;
    browser.finds("#question").await;
    assert_eq!(browser.count(".predict-seen > li").await, 0);

    // To the end of what there is, without guessing; then the flow goes on.
    let mut last = 0;
    while browser.count("#end").await == 0 {
        browser.press("#skip").await;
        browser.press("#next").await;
        browser.finds("#question, #end").await;
        last += 1;
    }
    assert!(last >= 2, "{last}");
    browser.turn_to(&first).await;
    browser.press("#call-stats").await;
    browser.finds("#api-answer").await;
    browser.turn_to(&second).await;
    browser.finds("#question").await;
    assert_eq!(browser.count(".predict-seen > li").await, last);
    assert_eq!(
        browser
            .script(
                "return document.querySelector('[name=score]').value.length",
                Vec::new()
            )
            .await,
        json!(last)
    );
    browser.leave().await;
}
