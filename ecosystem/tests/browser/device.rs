//! The TV and the phone: two browsers, one flow (RFC 8628).

use super::support::{Habits, World};

/// How long the TV waits between two polls, in seconds.
const INTERVAL: u32 = 5;

#[actix_web::test]
async fn a_phone_connects_the_tv() {
    let world = World::start().await;
    let (tv, phone) = (world.browser().await, world.browser().await);
    tv.chooses(&world, "device").await;
    tv.look("grant-device").await;
    tv.press("#run").await;
    tv.comes_to(&world.app("/runs/")).await;
    tv.finds(".qr .qr-dark").await;
    tv.look("tv").await;
    let code = tv.reads("#tv-user-code").await;

    phone.open(&world.auth("/device")).await;
    phone.look("device").await;
    phone.fill("#user-code", "bbbb bbbb").await;
    phone.press("#device-submit").await;
    phone.signs_in("alice", "alice-password").await;
    phone.finds("#device-error").await;
    phone.look("device-unknown").await;
    phone
        .fill("#user-code", &code.to_lowercase().replace('-', " "))
        .await;
    phone.press("#device-submit").await;
    phone.finds("#device-confirm").await;
    assert_eq!(phone.reads("#device-user-code").await, code);
    phone.look("device-confirm").await;

    // Meanwhile the TV polls, and its page follows without being loaded again.
    world.seconds_pass(INTERVAL);
    tv.sees("authorization_pending").await;
    tv.look("tv-polling").await;

    phone.press("#device-confirm").await;
    phone.finds("#device-result").await;
    phone.look("device-done").await;
    world.seconds_pass(INTERVAL);
    tv.finds_many(".photos .photo img", 4).await;
    tv.look("tv-photos").await;
    tv.follows_the_flow("device").await;
    tv.leave().await;
    phone.leave().await;
}

#[actix_web::test]
async fn without_scripts_the_pages_do_all_the_same() {
    let world = World::start().await;
    let habits = Habits {
        no_script: true,
        ..Habits::default()
    };
    let (tv, phone) = (
        world.browser_with(habits).await,
        world.browser_with(habits).await,
    );
    tv.open(&world.app("/grants/device")).await;
    tv.press("#run").await;
    tv.comes_to(&world.app("/runs/")).await;
    let complete = tv.attribute("#tv-phone", "href").await.expect("an address");
    phone.open(&complete).await;
    phone.press("#device-submit").await;
    phone.signs_in("alice", "alice-password").await;
    phone.press("#device-deny").await;
    phone.sees("You said no").await;
    world.seconds_pass(INTERVAL);
    // The page loads itself again, and by then it is decided.
    tv.sees("access_denied").await;
    tv.leave().await;
    phone.leave().await;
}
