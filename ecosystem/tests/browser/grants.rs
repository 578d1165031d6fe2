//! All four grants and refresh, through the pages, to data from the API (RFC 6749 §4, §6).

use super::support::World;

#[actix_web::test]
async fn authorization_code_leads_to_alices_photos() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/")).await;
    browser.look("home").await;
    browser.chooses(&world, "authorization-code").await;
    browser.look("grant-authorization-code").await;
    browser.press("#run").await;
    browser.comes_to(&world.auth("/")).await;
    browser.look("login").await;
    browser.signs_in("alice", "alice-password").await;
    browser.finds("#consent-allow").await;
    browser.look("consent").await;
    browser.press("#consent-allow").await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.look("run-authorization-code").await;
    browser.sees_photos().await;
    browser.look("run-photos").await;
    browser.press("#call-me").await;
    browser.sees("Alice Liddell Martin").await;
    browser.press("#call-add-photo").await;
    browser.finds("#api-answer .status-2xx").await;
    browser.look("run-photo-added").await;
    browser.follows_the_flow("authorization-code").await;
    browser.leave().await;
}

#[actix_web::test]
async fn refresh_leads_to_photos_again_and_leaves_a_chain() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "refresh-token").await;
    browser.look("grant-refresh-token-first").await;
    browser.press("#run").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.chooses(&world, "refresh-token").await;
    browser.look("grant-refresh-token").await;
    browser.press("#run").await;
    browser.finds_many(".chain li", 2).await;
    browser.look("run-refresh-token").await;
    browser.sees_photos().await;
    browser.press("#refresh").await;
    browser.finds_many(".chain li", 3).await;
    browser.press("#revoke-refresh").await;
    browser.finds(".latest .status-2xx").await;
    browser.look("run-revoked").await;
    browser.follows_the_flow("refresh-token").await;
    browser.leave().await;
}

#[actix_web::test]
async fn client_credentials_lead_to_the_statistics() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "client-credentials").await;
    browser.look("grant-client-credentials").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.look("run-client-credentials").await;
    browser.press("#call-stats").await;
    browser.finds("#api-answer .status-2xx").await;
    browser.look("run-stats").await;
    browser.follows_the_flow("client-credentials").await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_password_leads_to_photos_and_is_seen_by_the_client() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "password").await;
    browser.look("grant-password").await;
    browser.fill("#username", "alice").await;
    browser.fill("#password", "alice-password").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.sees_photos().await;
    browser.look("run-password").await;
    browser.follows_the_flow("password").await;
    browser.leave().await;
}

#[actix_web::test]
async fn implicit_leads_to_photos_without_any_server_of_the_client() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "implicit").await;
    browser.look("grant-implicit").await;
    browser.press("#run").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/callback/implicit")).await;
    browser.finds("#token:not([hidden])").await;
    assert_eq!(
        browser.url().await,
        world.app("/callback/implicit"),
        "the token left the address bar"
    );
    browser.sees_photos().await;
    browser.look("implicit-callback").await;
    browser.open(&world.app("/flows")).await;
    browser.look("flows").await;
    browser.press(".flow-list a").await;
    browser.finds(".timeline .exchange").await;
    browser.look("flow-implicit").await;
    let flow = world.newest_flow().await;
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    let seen = exchanges
        .iter()
        .any(|exchange| exchange["kind"] == "in_browser");
    assert!(seen, "the script told what no server can see: {flow:#}");
    let leaked = exchanges
        .iter()
        .any(|exchange| exchange["path"] == "/token");
    assert!(!leaked, "implicit has no token request");
    browser.leave().await;
}
