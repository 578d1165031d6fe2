//! Breakpoints in a real browser: held by a page, going on in the same tab or from another one, with and without
//! scripts; and a changed code verifier, from the button to the check that says no.

use std::time::Duration;

use serde_json::json;

use super::support::{Browser, Habits, World};

/// Sets a breakpoint on the overview.
async fn stop_at(browser: &Browser, world: &World, key: &str) {
    browser.open(&world.app("/paused")).await;
    browser
        .press(&format!("button[name=set][value={key:?}]"))
        .await;
    browser
        .finds(&format!("button[name=remove][value={key:?}]"))
        .await;
}

/// Whether the realm's clock stands still because something waits.
fn is_held(world: &World) -> bool {
    world.ecosystem.clock().is_held()
}

#[actix_web::test]
async fn an_authorization_request_is_held_and_goes_on_in_its_own_tab() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/paused")).await;
    browser.look("paused-nothing").await;
    stop_at(&browser, &world, "auth-server GET /authorize").await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/paused/")).await;
    browser.finds("#continue").await;
    assert!(is_held(&world));
    browser.look("paused-authorize").await;
    browser.press("#continue").await;
    browser.finds("#login-submit").await;
    assert!(browser.url().await.starts_with(&world.auth("/login")));
    assert!(!is_held(&world));
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    let flow = world.newest_flow().await;
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    let authorize = exchanges
        .iter()
        .find(|exchange| exchange["path"] == "/authorize");
    let authorize = authorize.expect("the authorization request");
    assert_eq!(authorize["status"], 303);
    assert!(authorize["notes"]["paused_ms"].is_string(), "{authorize:#}");
    assert!(
        !authorize["url"]
            .as_str()
            .expect("a URL")
            .contains("resumed")
    );
    browser.leave().await;
}

/// The way back from the page that held it leaves nothing in the address bar.
#[actix_web::test]
async fn a_held_page_has_its_own_address_again() {
    let world = World::start().await;
    let browser = world.browser().await;
    stop_at(&browser, &world, "auth-server GET /login").await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/paused/")).await;
    browser.finds("#continue").await;
    let realm = world.ecosystem.default_realm();
    let paused = realm.next_paused().await.expect("it waits");
    let address = paused.url;
    assert!(address.starts_with(&world.auth("/login?")), "{address}");
    browser.press("#continue").await;
    browser.finds("#login-submit").await;
    browser
        .waits_until("return !location.search.includes('resumed')")
        .await;
    assert_eq!(browser.url().await, address);
    // So it can be asked for again, and leads on.
    realm.clear_breakpoints();
    browser.open(&address).await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.leave().await;
}

/// What stands behind the # comes to the browser alone: a breakpoint takes it away from nobody, and gives it to nobody.
#[actix_web::test]
async fn a_fragment_is_there_again_after_its_page_was_held() {
    let world = World::start().await;
    let browser = world.browser().await;
    stop_at(&browser, &world, "client-app GET /callback/implicit").await;
    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/paused/")).await;
    browser.finds("#continue").await;
    assert!(!browser.url().await.contains("access_token"));
    browser.press("#continue").await;
    browser.finds("#token:not([hidden])").await;
    assert_eq!(browser.url().await, world.app("/callback/implicit"));
    browser.sees_photos().await;
    browser
        .waits_until("return !Object.keys(sessionStorage).some((key) => key.startsWith('held-'))")
        .await;
    browser.leave().await;
}

/// The instructor decides in another tab: the held one goes on by itself, its form and cookies as they were.
#[actix_web::test]
async fn a_sign_in_is_held_and_goes_on_from_another_tab() {
    let world = World::start().await;
    let browser = world.browser().await;
    stop_at(&browser, &world, "auth-server POST /login").await;
    let first = browser.window().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.signs_in("alice", "alice-password").await;
    browser.comes_to(&world.app("/paused/")).await;
    browser.finds("#continue").await;
    let shown = browser.text().await;
    assert!(!shown.contains("alice-password"), "passwords are covered");

    browser.open_window().await;
    browser.open(&world.app("/paused")).await;
    browser.finds_many(".waiting-card", 1).await;
    browser.look("paused-waiting").await;
    browser.press(".waiting-card a.button").await;
    browser.finds("#decide").await;
    browser.look("paused-login").await;
    browser.press("#continue").await;
    browser.finds(".empty").await;

    browser.turn_to(&first).await;
    browser.finds("#consent-allow").await;
    browser.press("#consent-allow").await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.leave().await;
}

#[actix_web::test]
async fn without_scripts_a_held_browser_goes_on_too() {
    let world = World::start().await;
    let habits = Habits {
        no_script: true,
        ..Habits::default()
    };
    let browser = world.browser_with(habits).await;
    stop_at(&browser, &world, "auth-server POST /login").await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.signs_in("alice", "alice-password").await;
    browser.comes_to(&world.app("/paused/")).await;
    // Somebody else decides; the page asks again by itself.
    let realm = world.ecosystem.default_realm();
    let paused = realm.next_paused().await.expect("it waits");
    realm
        .decide(&paused, shared::control::Decision::Continue)
        .expect("a decision");
    browser.finds("#consent-allow").await;
    browser.leave().await;
}

/// The lesson itself: another verifier, and the check that says no, expected and got.
#[actix_web::test]
async fn a_changed_verifier_is_refused_before_everybodys_eyes() {
    let world = World::start().await;
    let browser = world.browser().await;
    stop_at(&browser, &world, "auth-server POST /token").await;
    browser.chooses(&world, "authorization-code").await;
    let first = browser.window().await;
    let second = browser.open_window().await;
    browser.open(&world.app("/paused")).await;
    browser.turn_to(&first).await;
    browser.press("#run").await;
    browser.signs_in("alice", "alice-password").await;
    browser.finds("#consent-allow").await;
    // Pressed a moment later, as the answer comes only when somebody has decided.
    let press = "setTimeout(() => document.querySelector('#consent-allow').click(), 300)";
    browser.script(press, Vec::new()).await;
    browser.turn_to(&second).await;
    browser.finds_many(".waiting-card", 1).await;
    browser.press(".waiting-card a.button").await;
    browser.finds("#decide").await;
    browser.look("paused-token").await;
    let verifier = browser.script(
        "const code = [...document.querySelectorAll('.parameter-name code')].find(e => e.textContent === 'code_verifier'); \
         return code.closest('label').htmlFor",
        Vec::new(),
    );
    let verifier = verifier.await;
    let verifier = verifier
        .as_str()
        .expect("a field")
        .trim_start_matches("v-")
        .to_owned();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(is_held(&world));
    browser
        .press(&format!("button[value='flip-{verifier}']"))
        .await;
    browser.finds(".empty").await;
    browser.turn_to(&first).await;
    browser.finds(".check-failed").await;
    assert!(browser.failed_check().await.starts_with("pkce."));
    let flow = world.newest_flow().await;
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    let token = exchanges
        .iter()
        .find(|exchange| exchange["path"] == "/token");
    let token = token.expect("the token request");
    assert_eq!(token["notes"]["changed"], json!("code_verifier"));
    browser.leave().await;
}

#[actix_web::test]
async fn step_by_step_from_the_flow_page_by_keyboard() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.press("#see-flow").await;
    browser.finds("#control-bar").await;
    browser.press("#control-bar button[value=step]").await;
    browser
        .finds("#control-bar button[value=step][aria-pressed=true]")
        .await;
    let first = browser.window().await;
    browser.open_window().await;
    browser.open(&world.auth("/login")).await;
    browser.comes_to(&world.app("/paused/")).await;
    browser.finds("#drop").await;
    browser.turn_to(&first).await;
    browser.finds("#control-bar .waiting-now a").await;
    browser.look("flow-stepping").await;
    browser.press("#control-bar .waiting-now a").await;
    browser.finds("#drop").await;
    browser.types("d").await;
    browser.finds(".empty").await;
    browser.open(&world.app("/paused")).await;
    browser.press("#run").await;
    browser.finds("#run[aria-pressed=true]").await;
    browser.leave().await;
}
