//! The page of one exchange: its tabs by keyboard, by mouse and without scripts; what is revealed; what is copied.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::support::{Browser, Habits, World};

const TABS: [&str; 6] = [
    "words",
    "request",
    "response",
    "parameters",
    "checks",
    "curl",
];

/// The address of the exchange at `path` of a flow, opened.
fn address(world: &World, flow: &Value, path: &str) -> String {
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    let found = exchanges.iter().find(|exchange| exchange["path"] == path);
    let found = found.unwrap_or_else(|| panic!("no {path} in {flow:#}"));
    let (flow, id) = (
        found["flow"].as_str().unwrap(),
        found["id"].as_str().unwrap(),
    );
    world.app(&format!("/flows/{flow}/exchanges/{id}/open"))
}

/// Alice's tokens, by the password grant: what is sent holds a password and a client's secret.
async fn by_password(browser: &Browser, world: &World) -> Value {
    browser.chooses(world, "password").await;
    browser.fill("#username", "alice").await;
    browser.fill("#password", "alice-password").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.press("#see-flow").await;
    browser.finds(".timeline .exchange").await;
    world.newest_flow().await
}

/// Exactly this panel is shown, and its tab is the one that is chosen and has the focus.
async fn shows(browser: &Browser, tab: &str) {
    let script = "return [[...document.querySelectorAll('.panel')].filter(p => !p.hidden).map(p => p.id).join(),
        document.querySelector('[aria-selected=true]').id, document.activeElement.id,
        new URL(location).searchParams.get('tab'), document.querySelectorAll('[role=tab][tabindex=\"0\"]').length]";
    let told = browser.script(script, Vec::new()).await;
    let link = format!("tab-{tab}");
    assert_eq!(told, json!([format!("panel-{tab}"), link, link, tab, 1]));
}

#[actix_web::test]
async fn the_tabs_are_turned_by_keys() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.press("#see-flow").await;
    browser.finds(".timeline .exchange").await;
    let page = address(&world, &world.newest_flow().await, "/token");
    browser.open(&page).await;
    browser.finds("[role=tablist]").await;
    browser.script("window.unreloaded = true", Vec::new()).await;
    browser.tab_to("#tab-words").await;
    for (key, tab) in [
        (Key::Right, "request"),
        (Key::Right, "response"),
        (Key::Left, "request"),
        (Key::End, "curl"),
        (Key::Right, "words"),
        (Key::Left, "curl"),
        (Key::Home, "words"),
    ] {
        browser.key(key).await;
        shows(&browser, tab).await;
    }
    for tab in TABS {
        browser.press(&format!("#tab-{tab}")).await;
        shows(&browser, tab).await;
        browser.look(&format!("opened-{tab}")).await;
    }
    browser.waits_until("return window.unreloaded").await;
    // The neighbours open on the same tab, and a reload stays on it.
    browser.press("#tab-checks").await;
    browser.press(".neighbours .before").await;
    browser.finds("#panel-checks:not([hidden])").await;
    // A link from a token's parameter to the token in another panel.
    browser.open(&format!("{page}?tab=parameters")).await;
    browser.finds("[role=tablist]").await;
    browser.press("#panel-parameters a[href='#token-1']").await;
    browser
        .finds("#panel-response:not([hidden]) #token-1[data-verdict=verified]")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn the_tabs_are_links_without_scripts() {
    let world = World::start().await;
    let browser = world
        .browser_with(Habits {
            no_script: true,
            ..Habits::default()
        })
        .await;
    let flow = by_password(&browser, &world).await;
    browser.open(&address(&world, &flow, "/token")).await;
    for tab in TABS {
        browser.press(&format!("#tab-{tab}")).await;
        browser.finds(&format!("#panel-{tab}:not([hidden])")).await;
        assert_eq!(browser.count(".panel[hidden]").await, TABS.len() - 1);
        browser
            .finds(&format!("#tab-{tab}[aria-current=page]"))
            .await;
    }
    assert_eq!(browser.count("[data-copy]:not([hidden])").await, 0);
    browser.leave().await;
}

#[actix_web::test]
async fn a_password_is_shown_when_it_is_asked_for() {
    let world = World::start().await;
    let browser = world.browser().await;
    let flow = by_password(&browser, &world).await;
    let page = address(&world, &flow, "/token");
    for (tab, secrets) in [
        (
            "request",
            &["alice-password", "dHJ1c3RlZDp0cnVzdGVkLXNlY3JldA=="][..],
        ),
        ("parameters", &["alice-password", "trusted-secret"]),
        ("curl", &["alice-password", "trusted-secret"]),
    ] {
        browser.open(&format!("{page}?tab={tab}")).await;
        let panel = format!("#panel-{tab}");
        let before = browser.reads(&panel).await;
        for secret in secrets {
            assert!(!before.contains(secret), "{secret}: {before}");
        }
        browser.look(&format!("opened-password-{tab}")).await;
        let reveals = browser.count(&format!("{panel} .reveal > summary")).await;
        assert!(reveals > 0);
        let open = "document.querySelectorAll(arguments[0]).forEach(s => s.click())";
        let summaries = format!("{panel} .reveal > summary");
        browser.script(open, vec![json!(summaries)]).await;
        let after = browser.reads(&panel).await;
        for secret in secrets {
            assert!(after.contains(secret), "{secret}: {after}");
        }
    }
    browser.leave().await;
}

#[actix_web::test]
async fn a_command_is_copied_or_selected() {
    let world = World::start().await;
    let browser = world.browser().await;
    let flow = by_password(&browser, &world).await;
    browser
        .open(&format!("{}?tab=curl", address(&world, &flow, "/token")))
        .await;
    let command = browser.reads("#curl-command").await;
    assert!(command.starts_with("curl 'http://"), "{command}");
    let taken = "navigator.clipboard.writeText = async (text) => { window.copied = text; }";
    browser.script(taken, Vec::new()).await;
    browser.press("[data-copy=curl-command]").await;
    browser
        .waits_until("return window.copied !== undefined")
        .await;
    let copied = browser.script("return window.copied", Vec::new()).await;
    assert_eq!(copied.as_str(), Some(command.as_str()));

    let refused = "navigator.clipboard.writeText = async () => { throw new Error('no'); }";
    browser.script(refused, Vec::new()).await;
    browser.press("[data-copy=curl-command]").await;
    browser
        .waits_until("return getSelection().toString().trim().startsWith('curl ')")
        .await;
    let selected = browser
        .script("return getSelection().toString()", Vec::new())
        .await;
    assert_eq!(selected.as_str().map(str::trim), Some(command.trim()));
    browser.leave().await;
}

#[actix_web::test]
async fn a_refusal_and_a_fragment_open_too() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#try-wrong-verifier").await;
    browser.signs_in_and_allows().await;
    browser.finds(".check-failed").await;
    browser.press("#see-flow").await;
    browser.finds(".timeline .exchange .said-no").await;
    let page = address(&world, &world.newest_flow().await, "/token");
    browser.open(&page).await;
    browser
        .finds("#panel-words .check-failed[data-check='pkce.s256'] .compared")
        .await;
    browser.look("opened-refused").await;
    browser.open(&format!("{page}?tab=checks")).await;
    browser.finds("#panel-checks .check-not-reached").await;
    browser.look("opened-refused-checks").await;

    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    browser.finds("#consent-allow").await;
    browser.press("#consent-allow").await;
    browser.finds(".token").await;
    let flow = world.newest_flow().await;
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    let inside = exchanges
        .iter()
        .find(|exchange| exchange["kind"] == "in_browser");
    let (id, flow) = (
        inside.expect("a fragment")["id"].as_str().unwrap(),
        flow["id"].as_str().unwrap(),
    );
    for tab in TABS {
        browser
            .open(&world.app(&format!("/flows/{flow}/exchanges/{id}/open?tab={tab}")))
            .await;
        browser.finds(&format!("#panel-{tab}:not([hidden])")).await;
        browser.look(&format!("opened-fragment-{tab}")).await;
    }
    browser.leave().await;
}
