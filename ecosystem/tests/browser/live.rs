//! The flow page: filled live while the flow runs in another window, and equal to the record's JSON, line by line.

use serde_json::Value;

use super::support::{Browser, World};

/// Method, path and status of each line of the flow page, in order.
async fn lines(browser: &Browser) -> Vec<String> {
    let lines = browser.texts(".timeline .exchange .exchange-line").await;
    assert!(!lines.is_empty(), "no lines: {}", browser.text().await);
    lines
}

/// Each exchange of the record stands on its line, in order.
async fn equals_the_record(browser: &Browser, flow: &Value) {
    let lines = lines(browser).await;
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    assert_eq!(lines.len(), exchanges.len(), "{lines:#?}\n{flow:#}");
    for (line, exchange) in lines.iter().zip(exchanges) {
        for part in ["method", "path"] {
            let part = exchange[part].as_str().expect("a text");
            assert!(line.contains(part), "{line}: no {part}");
        }
        if let Some(status) = exchange["status"].as_u64() {
            assert!(line.contains(&status.to_string()), "{line}: no {status}");
        }
    }
}

#[actix_web::test]
async fn the_flow_page_fills_while_the_flow_runs_in_another_window() {
    let world = World::start().await;
    let browser = world.browser().await;
    let first = browser.window().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.finds("#login-submit").await;

    let second = browser.open_window().await;
    browser.open(&world.app("/flows")).await;
    browser.press(".flow-list a").await;
    browser.finds_many(".timeline .exchange", 2).await;
    browser.script("window.unreloaded = true", Vec::new()).await;
    let before = lines(&browser).await.len();

    browser.turn_to(&first).await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.sees_photos().await;

    browser.turn_to(&second).await;
    browser.waits_until("return [...document.querySelectorAll('.timeline .exchange .path')].some(e => e.textContent.includes('/photos'))").await;
    browser.waits_until("return window.unreloaded").await;
    assert!(lines(&browser).await.len() > before + 4);
    browser.look("flow-live").await;
    equals_the_record(&browser, &world.newest_flow().await).await;
    browser.leave().await;
}

#[actix_web::test]
async fn an_exchange_opens_to_its_parameters_and_checks() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.sees_photos().await;
    browser.press("#see-flow").await;
    browser.finds(".timeline .exchange").await;
    let flow = world.newest_flow().await;
    equals_the_record(&browser, &flow).await;
    let token = flow["exchanges"].as_array().expect("exchanges");
    let token = token
        .iter()
        .position(|exchange| exchange["path"] == "/token");
    let token = token.expect("a token request") + 1;
    let line = format!(".timeline .exchange:nth-child({token})");
    browser.press(&format!("{line} a.open")).await;
    browser.finds("#panel-words").await;
    for (tab, shown) in [
        ("request", "grant_type"),
        ("response", "no-store"),
        ("parameters", "code_verifier"),
        ("checks", "pkce.s256"),
        ("checks", "RFC 7636"),
        ("curl", "--data-urlencode"),
    ] {
        browser.press(&format!("#tab-{tab}")).await;
        let opened = browser.reads(&format!("#panel-{tab}")).await;
        assert!(opened.contains(shown), "no {shown} in {opened}");
    }
    browser.look("flow-opened").await;
    browser.leave().await;
}
