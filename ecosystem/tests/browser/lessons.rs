//! Lessons beside one's own run, the doctor, and the settings, in a real browser.

use super::support::World;

#[actix_web::test]
async fn a_grant_is_run_and_its_lesson_leads_to_what_happened() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/lessons")).await;
    browser.look("lessons").await;
    browser
        .press("a[href$='/lessons/authorization-code']")
        .await;
    browser.finds("#run-first").await;
    browser.look("lesson-authorization-code-first").await;
    browser.press("#run-first").await;
    browser
        .comes_to(&world.app("/grants/authorization-code"))
        .await;
    browser.press("#run").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.sees_photos().await;
    browser
        .open(&world.app("/lessons/authorization-code"))
        .await;
    assert_eq!(
        browser.count(".moments .is-missing").await,
        0,
        "all of it happened"
    );
    browser.look("lesson-authorization-code").await;
    for moment in ["asks", "code-arrives", "trade", "api"] {
        browser
            .open(&world.app("/lessons/authorization-code"))
            .await;
        browser.press(&format!("[data-moment='{moment}'] a")).await;
        browser.comes_to(&world.app("/flows/")).await;
        browser.finds("main h1").await;
    }
    browser
        .open(&world.app("/lessons/authorization-code"))
        .await;
    browser.press(".looks li:first-child summary").await;
    browser.press(".looks li:first-child .answer a").await;
    browser.comes_to(&world.app("/flows/")).await;
    browser.leave().await;
}

#[actix_web::test]
async fn every_lesson_is_sound_before_and_after_a_run() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.sees_photos().await;
    browser.press("#refresh").await;
    browser.finds_many(".chain li", 2).await;
    for lesson in [
        "channels",
        "pkce",
        "state",
        "scopes",
        "refresh",
        "jwt",
        "client-credentials",
        "implicit",
        "password",
    ] {
        browser
            .open(&world.app(&format!("/lessons/{lesson}")))
            .await;
        browser.look(&format!("lesson-{lesson}")).await;
    }
    browser.leave().await;
}

#[actix_web::test]
async fn the_lesson_of_implicit_points_into_the_browser() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    browser.signs_in_and_allows().await;
    browser.finds("#token:not([hidden])").await;
    browser.sees_photos().await;
    let lesson = world.app("/lessons/implicit");
    browser.open(&lesson).await;
    assert_eq!(browser.count(".moments .is-missing").await, 0);
    assert_eq!(browser.count("[data-run='own']").await, 1, "its own run");
    browser.look("lesson-implicit-run").await;
    for moment in ["asks", "token-given", "stays", "api"] {
        browser.open(&lesson).await;
        browser.press(&format!("[data-moment='{moment}'] a")).await;
        browser.comes_to(&world.app("/flows/")).await;
    }
    browser.leave().await;
    let stranger = world.browser().await;
    stranger.open(&lesson).await;
    assert_eq!(stranger.count("[data-run='newest']").await, 1);
    assert_eq!(stranger.count("[data-run='own']").await, 0, "not his");
    stranger.leave().await;
}

#[actix_web::test]
async fn the_doctor_asks_the_browser_too() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/doctor")).await;
    browser.finds_many("[data-probe][data-level='ok']", 3).await;
    browser.finds("[data-clock][data-level='ok']").await;
    assert_eq!(browser.count("[data-level='fault']").await, 0);
    browser.look("doctor").await;
    browser.leave().await;
}

#[actix_web::test]
async fn the_doctor_names_what_is_away_and_what_to_do() {
    let world = World::start().await;
    let browser = world.browser().await;
    world.stop_resource_server().await;
    browser.open(&world.app("/doctor")).await;
    let item =
        "[data-finding='service-answers'][data-service='resource-server'][data-level='fault']";
    browser
        .finds(&format!("{item} .remedy:not([hidden])"))
        .await;
    browser
        .finds("[data-probe][data-service='resource-server'][data-level='fault']")
        .await;
    browser.look("doctor-resource-server-away").await;
    browser.leave().await;
}

#[actix_web::test]
async fn settings_hold_on_all_three_services() {
    let world = World::start().await;
    let browser = world.browser().await;
    let link = "/settings?theme=dark&text=presenting";
    browser.open(&world.auth(link)).await;
    browser.look("settings-proposed").await;
    browser.open(&world.app("/")).await;
    let class = async || browser.attribute("html", "class").await.unwrap_or_default();
    assert_eq!(class().await, "at-client-app", "a link changes nothing");
    browser.open(&world.auth(link)).await;
    browser.press("#settings-apply").await;
    browser.comes_to(&world.auth("/settings")).await;
    for page in [world.app("/lessons/pkce"), world.api("/"), world.auth("/")] {
        browser.open(&page).await;
        let class = class().await;
        assert!(
            class.ends_with("theme-dark text-presenting"),
            "{page}: {class}"
        );
        browser.look("presenting").await;
    }
    browser.leave().await;
}
