//! Who knows what and two flows side by side, in a browser: the matrix fills while a flow runs elsewhere, a cell
//! opens what it tells of, two ticks of the list lead to a comparison.

use fantoccini::key::Key;

use super::support::{Browser, World};

/// The cell of a value and of one who may know it.
fn cell(value: &str, knower: &str) -> String {
    format!("tr[data-value='{value}'] td[data-knower='{knower}']")
}

/// Opens a page of the newest flow.
async fn opens_newest(browser: &Browser, world: &World, page: &str) {
    let flow = world.newest_flow().await;
    let id = flow["id"].as_str().expect("an id").to_owned();
    browser
        .open(&world.app(&format!("/flows/{id}/{page}")))
        .await;
}

/// Tries an experiment of a grant's page, signed in already.
async fn tries(browser: &Browser, world: &World, experiment: &str) {
    browser.open(&world.app("/grants/authorization-code")).await;
    browser.press(&format!("#try-{experiment}")).await;
}

#[actix_web::test]
async fn the_matrix_fills_while_the_flow_runs_in_another_window() {
    let world = World::start().await;
    let browser = world.browser().await;
    let first = browser.window().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.finds("#login-submit").await;

    let second = browser.open_window().await;
    opens_newest(&browser, &world, "knowledge").await;
    browser.finds(&cell("state-1", "auth-server")).await;
    assert_eq!(browser.count("[data-value='access_token-1']").await, 0);
    browser.script("window.unreloaded = true", Vec::new()).await;

    browser.turn_to(&first).await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;

    browser.turn_to(&second).await;
    let token = format!("{}.knows", cell("access_token-1", "client-app"));
    browser.finds(&token).await;
    browser.waits_until("return window.unreloaded").await;
    let verifier = cell("code_verifier-1", "browser");
    browser.finds(&format!("{verifier}.unknown")).await;
    browser
        .finds(&format!("{}.noted", cell("code-1", "address-bar")))
        .await;
    assert_eq!(browser.count(".knows.exposed").await, 0);
    browser.look("knowledge-authorization-code").await;

    // A cell opens the exchange by which the party learned the value; a keyboard is enough.
    let link = format!("{} a", cell("code_verifier-1", "auth-server"));
    browser.tab_to(&link).await;
    browser.key(Key::Enter).await;
    browser.finds("#panel-words").await;
    assert!(browser.text().await.contains("code_verifier"));
    browser.leave().await;
}

#[actix_web::test]
async fn password_and_implicit_teach_their_lesson_in_one_glance() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "password").await;
    browser.fill("#username", "alice").await;
    browser.fill("#password", "alice-password").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    opens_newest(&browser, &world, "knowledge").await;
    let exposed = browser.texts(".matrix .exposed").await;
    assert_eq!(exposed.len(), 1, "{exposed:?}");
    browser
        .finds(&format!("{}.exposed", cell("password-1", "client-app")))
        .await;
    browser.sees("RFC 9700 §2.4").await;
    browser.look("knowledge-password").await;

    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    browser.signs_in_and_allows().await;
    browser.finds("#token:not([hidden])").await;
    browser.sees_photos().await;
    opens_newest(&browser, &world, "knowledge").await;
    browser
        .finds(&format!(
            "{}.exposed",
            cell("access_token-1", "address-bar")
        ))
        .await;
    browser
        .finds(&format!("{}.unknown", cell("access_token-1", "client-app")))
        .await;
    browser.look("knowledge-implicit").await;
    browser.leave().await;
}

#[actix_web::test]
async fn two_ticks_lead_to_the_comparison_of_a_good_flow_and_a_broken_one() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.open(&world.app("/grants/authorization-code")).await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    tries(&browser, &world, "wrong-verifier").await;
    browser.finds(".check-failed").await;

    browser.open(&world.app("/flows")).await;
    browser.look("flows-to-compare").await;
    for nth in [1, 2] {
        let tick = format!(".flow-list > li:nth-child({nth}) input[name='flow']");
        browser.tab_to(&tick).await;
        browser.types(" ").await;
    }
    browser.press("#compare-form button").await;
    browser.finds(".pairs-list").await;
    let decided = browser.reads(".headline").await;
    for told in [
        "pkce.s256",
        "invalid_grant",
        "code_verifier",
        "RFC 7636 §4.6",
    ] {
        assert!(decided.contains(told), "no {told} in {decided}");
    }
    let asked = ".pair.differs > .differences tbody tr:first-child th code";
    assert_eq!(browser.texts(asked).await[0], "code_verifier");
    let fits = browser.texts(".pair.differs > .differences .named").await;
    assert_eq!(fits.len(), 2, "whether each fits the challenge: {fits:?}");
    assert_ne!(fits[0], fits[1]);
    browser.finds(".ended-failed").await;
    browser.look("compare-wrong-verifier").await;
    browser.press(".pair.is-same summary").await;
    browser.finds(".same-steps li a").await;
    browser.leave().await;
}

#[actix_web::test]
async fn authorization_code_and_implicit_side_by_side() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.sees_photos().await;
    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    // Signed in already; the other client asks for consent of its own.
    browser.press("#consent-allow").await;
    browser.finds("#token:not([hidden])").await;
    browser.sees_photos().await;
    opens_newest(&browser, &world, "compare").await;
    browser.look("compare-choose").await;
    browser.press(".flow-list a").await;
    browser.finds(".known-exposed").await;
    browser.finds(".pair.is-alone").await;
    browser.look("compare-code-implicit").await;
    browser.leave().await;
}
