//! Signing out, as a person clicks: from the print shop, which the provider tells in both channels, and at the provider
//! itself, which asks first.

use std::time::Duration;

use super::support::World;

#[actix_web::test]
async fn the_shop_signs_out_and_is_told_in_both_channels() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/sign-in")).await;
    browser.press("#sign-in").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/sign-in")).await;
    browser.finds("#account").await;
    browser.look("sign-in-with-sign-out").await;
    browser.press("#sign-out").await;
    // By way of the provider's page, which goes on by itself when the frame had its time.
    browser.comes_to(&world.app("/signed-out")).await;
    browser.finds("#signed-out").await;
    let way = browser.attribute("#signed-out-way", "data-way").await;
    assert_eq!(way.as_deref(), Some("back-channel"));
    browser.look("signed-out-at-the-shop").await;
    browser.press("#see-flow").await;
    browser.finds(".timeline .exchange").await;
    browser.look("flow-logout").await;
    let flow = browser.text().await;
    for path in [
        "/logout",
        "/backchannel-logout",
        "/frontchannel-logout",
        "/signed-out",
    ] {
        assert!(flow.contains(path), "{path}: {flow}");
    }
    browser.open(&world.app("/lessons/logout")).await;
    browser.look("lesson-logout").await;
    browser.leave().await;
}

#[actix_web::test]
async fn the_provider_asks_and_loads_the_shop_in_a_frame() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.open(&world.auth("/apps")).await;
    browser.look("apps-with-sessions").await;
    browser.open(&world.auth("/logout")).await;
    browser.finds("#logout-confirm").await;
    browser.look("logout-confirm").await;
    browser.press("#logout-cancel").await;
    browser.sees("Alice Liddell Martin").await;
    browser.look("logout-kept").await;
    browser.open(&world.auth("/logout")).await;
    browser.press("#logout-confirm").await;
    browser.finds("#signed-out").await;
    browser.finds("iframe[src*='/frontchannel-logout']").await;
    browser.look("signed-out-at-the-provider").await;
    for _ in 0..100 {
        let flow = world.newest_flow().await.to_string();
        if flow.contains("/frontchannel-logout") {
            browser.open(&world.auth("/apps")).await;
            browser.finds("#login-submit").await;
            browser.leave().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the frame was never loaded");
}
