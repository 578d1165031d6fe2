//! The pictures of the front page of the documentation, made anew: `PICTURES=docs/images`, on the demo's own ports.

use std::path::Path;

use ecosystem::{Ecosystem, Ports};

use super::support::World;

#[actix_web::test]
async fn the_pictures_of_the_documentation() {
    let Some(directory) = std::env::var_os("PICTURES") else {
        return;
    };
    // A test runs in its crate's directory: what is named is beside it, at the top.
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(directory);
    let demo = Ecosystem::builder().ports(Ports::DEMO).start().await;
    let world = World::of(demo.unwrap_or_else(|error| panic!("{error}")));
    let browser = world.browser().await;
    browser.open(&world.app("/")).await;
    browser
        .picture(&directory.join("home.png"), (1280, 1440))
        .await;
    browser.gets_tokens(&world).await;
    browser.sees_photos().await;
    browser.press("#see-flow").await;
    browser.finds(".timeline .exchange").await;
    browser
        .picture(&directory.join("flow.png"), (1280, 1420))
        .await;
    browser.chooses(&world, "password").await;
    browser.fill("#username", "alice").await;
    browser.fill("#password", "alice-password").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.sees_photos().await;
    browser.press("#see-flow").await;
    browser.press(".flow-nav a[href$='/knowledge']").await;
    browser.finds("#knowledge").await;
    browser
        .picture(&directory.join("knowledge.png"), (1280, 1000))
        .await;
    browser.leave().await;
}
