//! A provider that is away: the client says so, keeps what it has, and goes on when the provider is back.

use super::support::World;

#[actix_web::test]
async fn the_auth_server_is_away() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "client-credentials").await;
    world.stop_auth_server().await;
    browser.press("#run").await;
    browser.finds("#again").await;
    browser.look("refused-auth-server-away").await;
    browser.follows_the_flow("auth-server-away").await;
    browser.open(&world.app("/")).await;
    browser
        .finds("[data-service='auth-server'] .live.is-down")
        .await;
    browser
        .finds("[data-service='resource-server'] .live.is-up")
        .await;
    browser.look("home-auth-server-away").await;
    browser.leave().await;
}

#[actix_web::test]
async fn the_api_is_away() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    world.stop_resource_server().await;
    browser.press("#call-photos").await;
    browser.finds("#refusal").await;
    browser.look("refused-api-away").await;
    browser.press("#refresh").await;
    browser.finds_many(".chain li", 2).await;
    browser.leave().await;
}
