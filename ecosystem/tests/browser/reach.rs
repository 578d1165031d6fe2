//! Who can use the pages: in both languages, by keyboard alone, without scripts.

use fantoccini::key::Key;

use super::support::{Habits, World};

#[actix_web::test]
async fn the_language_is_remembered_across_all_three_services() {
    let world = World::start().await;
    let habits = Habits {
        languages: "en",
        ..Habits::default()
    };
    let browser = world.browser_with(habits).await;
    let pages = [
        world.app("/"),
        world.app("/grants/authorization-code"),
        world.app("/flows"),
        world.auth("/"),
        world.auth("/login"),
        world.api("/"),
    ];
    for page in &pages {
        browser.open(page).await;
        assert_eq!(language(&browser).await, "en", "{page}");
    }
    browser.press_text("简体中文").await;
    assert_eq!(browser.url().await, world.api("/"), "back where it was");
    for page in &pages {
        browser.open(page).await;
        assert_eq!(language(&browser).await, "zh-CN", "{page}");
        let chinese = browser.heading().await.chars().any(|c| c > '\u{4dff}');
        assert!(chinese, "{page}: {}", browser.heading().await);
    }
    browser.open(&world.auth("/login")).await;
    browser.press_text("English").await;
    browser.open(&world.app("/")).await;
    assert_eq!(language(&browser).await, "en");
    browser.leave().await;
}

async fn language(browser: &super::support::Browser) -> String {
    let tag = browser.attribute("html", "lang").await;
    tag.unwrap_or_default()
}

#[actix_web::test]
async fn a_whole_flow_by_keyboard_alone() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/grants/authorization-code")).await;
    browser.tab_to("#run").await;
    browser.look("keyboard-focus-run").await;
    browser.key(Key::Enter).await;
    browser.comes_to(&world.auth("/")).await;
    browser.tab_to("#username").await;
    browser.types("alice").await;
    browser.key(Key::Tab).await;
    browser.types("alice-password").await;
    browser.key(Key::Enter).await;
    browser.finds("#consent-allow").await;
    browser.tab_to("#consent-allow").await;
    browser.look("keyboard-focus-consent").await;
    browser.key(Key::Enter).await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.tab_to("#call-photos").await;
    browser.key(Key::Enter).await;
    browser.finds_many(".photos .photo", 4).await;
    browser.leave().await;
}

#[actix_web::test]
async fn the_first_tab_offers_to_skip_to_the_content() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/")).await;
    browser.key(Key::Tab).await;
    browser
        .waits_until("return document.activeElement.matches('a.skip[href=\"#main\"]')")
        .await;
    browser.key(Key::Enter).await;
    browser
        .waits_until("return document.activeElement.id === 'main'")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn authorization_code_needs_no_script() {
    let world = World::start().await;
    let habits = Habits {
        no_script: true,
        ..Habits::default()
    };
    let browser = world.browser_with(habits).await;
    browser.gets_tokens(&world).await;
    browser.press("#call-photos").await;
    browser.finds_many(".photos .photo img", 4).await;
    browser.press("#see-flow").await;
    browser.finds_many(".timeline .exchange", 6).await;
    browser.look("no-script-flow").await;
    browser.open(&world.app("/grants/implicit")).await;
    browser.finds("noscript").await;
    browser.look("no-script-implicit").await;
    browser.leave().await;
}

#[actix_web::test]
async fn the_pages_of_each_service_are_sound() {
    let world = World::start().await;
    let browser = world.browser().await;
    for (name, url) in [
        ("auth-server-home", world.auth("/")),
        ("auth-server-login", world.auth("/login")),
        ("resource-server-home", world.api("/")),
        ("flows-empty", world.app("/flows")),
        ("clients", world.app("/clients")),
        ("client-score-empty", world.app("/clients/web")),
        ("provider", world.app("/provider")),
        ("client-app-not-found", world.app("/nowhere")),
        ("auth-server-not-found", world.auth("/nowhere")),
    ] {
        browser.open(&url).await;
        browser.look(name).await;
    }
    browser.gets_tokens(&world).await;
    browser.open(&world.app("/clients/web")).await;
    browser.look("client-score").await;
    for (name, path) in [
        ("auth-server-home-signed-in", "/"),
        ("auth-server-apps", "/apps"),
        ("auth-server-logout", "/logout"),
    ] {
        browser.open(&world.auth(path)).await;
        browser.look(name).await;
    }
    browser.press("#logout-confirm").await;
    browser.look("auth-server-signed-out").await;
    browser.leave().await;
}

/// The same rules hold in the other language: its words are of other lengths, and every text needs one.
#[actix_web::test]
async fn the_main_pages_are_sound_in_chinese() {
    let world = World::start().await;
    let habits = Habits {
        languages: "zh-CN",
        ..Habits::default()
    };
    let browser = world.browser_with(habits).await;
    browser.open(&world.auth("/login")).await;
    browser.look("chinese-login").await;
    browser.gets_tokens(&world).await;
    browser.look("chinese-run").await;
    let flow = world.newest_flow().await;
    let id = flow["id"].as_str().expect("an id");
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    let token = exchanges.iter().find(|one| one["path"] == "/token");
    let token = token.expect("the token request")["id"].as_str();
    let opened = format!("/flows/{id}/exchanges/{}/open", token.expect("an id"));
    for (name, path) in [
        ("home", "/"),
        ("grant", "/grants/authorization-code"),
        ("flows", "/flows"),
        ("flow", &format!("/flows/{id}")),
        ("opened", &opened),
        ("checks", &format!("{opened}?tab=checks")),
        ("break", &format!("/flows/{id}/break")),
        ("lesson", "/lessons/authorization-code"),
        ("paused", "/paused"),
        ("clients", "/clients/web"),
        ("provider", "/provider"),
        ("doctor", "/doctor"),
    ] {
        browser.open(&world.app(path)).await;
        assert_eq!(language(&browser).await, "zh-CN", "{path}");
        browser.look(&format!("chinese-{name}")).await;
    }
    browser.leave().await;
}

#[actix_web::test]
async fn what_was_allowed_can_be_taken_back() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let run = browser.url().await;
    browser.open(&world.auth("/apps")).await;
    browser.press("#take-back-web").await;
    browser
        .waits_until("return !document.querySelector('#take-back-web')")
        .await;
    browser.look("auth-server-apps-empty").await;
    browser.open(&run).await;
    browser.press("#refresh").await;
    browser.finds(".check-failed").await;
    assert_eq!(browser.failed_check().await, "refresh_token.not_revoked");
    browser.leave().await;
}
