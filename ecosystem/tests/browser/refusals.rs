//! One refusal of each kind, as a person comes upon it: who said no, which check, and the flow that shows it.

use super::support::{Browser, World};

/// Tries one of the experiments on a grant's page.
async fn tries(browser: &Browser, world: &World, grant: &str, experiment: &str) {
    browser.chooses(world, grant).await;
    browser.press(&format!("#try-{experiment}")).await;
}

#[actix_web::test]
async fn consent_denied() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.signs_in("alice", "alice-password").await;
    browser.press("#consent-deny").await;
    browser.sees("access_denied").await;
    browser
        .is_refused_by("authorization.succeeded", "refused-consent")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn sign_in_cancelled() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.press("#login-cancel").await;
    browser.sees("access_denied").await;
    browser.leave().await;
}

#[actix_web::test]
async fn wrong_state() {
    let world = World::start().await;
    let browser = world.browser().await;
    tries(&browser, &world, "authorization-code", "wrong-state").await;
    browser.signs_in_and_allows().await;
    browser
        .is_refused_by("state.matches", "refused-state")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn wrong_verifier() {
    let world = World::start().await;
    let browser = world.browser().await;
    tries(&browser, &world, "authorization-code", "wrong-verifier").await;
    browser.signs_in_and_allows().await;
    browser.is_refused_by("pkce.s256", "refused-verifier").await;
    browser.leave().await;
}

#[actix_web::test]
async fn code_replayed() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.press("#replay-code").await;
    browser.is_refused_by("code.unused", "refused-replay").await;
    // RFC 6749 §4.1.2: the tokens that the code gave are revoked.
    browser.open(&world.app("/grants/refresh-token")).await;
    browser.press("#run").await;
    browser.finds(".check-failed").await;
    assert_eq!(browser.failed_check().await, "refresh_token.not_revoked");
    browser.leave().await;
}

#[actix_web::test]
async fn code_expired() {
    let world = World::start().await;
    let browser = world.browser().await;
    tries(&browser, &world, "authorization-code", "hold-code").await;
    browser.signs_in_and_allows().await;
    browser.finds("#redeem").await;
    browser.look("run-code-held").await;
    world.minutes_pass(2);
    browser.press("#redeem").await;
    browser
        .is_refused_by("code.not_expired", "refused-expired")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn wrong_password_at_the_auth_server() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.signs_in("alice", "bob-password").await;
    browser.finds("#login-error").await;
    browser.look("login-refused").await;
    browser.comes_to(&world.auth("/")).await;
    let kept = browser.attribute("#username", "value").await;
    assert_eq!(kept.as_deref(), Some("alice"), "the name is kept");
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.leave().await;
}

#[actix_web::test]
async fn wrong_password_at_the_client() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "password").await;
    browser.fill("#password", "not-her-password").await;
    browser.press("#run").await;
    browser
        .is_refused_by("login.credentials", "refused-password")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn wrong_client_secret() {
    let world = World::start().await;
    let browser = world.browser().await;
    for (grant, asks) in [
        ("client-credentials", false),
        ("password", false),
        ("authorization-code", true),
    ] {
        tries(&browser, &world, grant, "wrong-secret").await;
        if asks {
            browser.signs_in_and_allows().await;
        }
        browser.sees("invalid_client").await;
        let name = format!("refused-secret-{grant}");
        browser.is_refused_by("client.authenticated", &name).await;
    }
    browser.leave().await;
}

#[actix_web::test]
async fn insufficient_scope() {
    let world = World::start().await;
    let browser = world.browser().await;
    tries(&browser, &world, "authorization-code", "fewer-scopes").await;
    browser.signs_in_and_allows().await;
    browser.press("#call-photos").await;
    browser.sees("insufficient_scope").await;
    browser
        .is_refused_by("scope.sufficient", "refused-scope")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn scope_that_the_client_may_not_have() {
    let world = World::start().await;
    let browser = world.browser().await;
    tries(&browser, &world, "client-credentials", "forbidden-scope").await;
    browser.sees("invalid_scope").await;
    browser
        .is_refused_by("scope.allowed", "refused-scope-growth")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn access_token_expired() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    world.minutes_pass(24 * 60);
    browser.press("#call-photos").await;
    browser.sees("invalid_token").await;
    browser
        .is_refused_by("token.not_expired", "refused-token")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn refresh_token_used_twice() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.press("#refresh").await;
    browser.finds("#replay-1").await;
    world.minutes_pass(2);
    browser.press("#replay-1").await;
    browser
        .is_refused_by("refresh_token.current", "refused-refresh")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn unregistered_redirect_uri_gets_a_page_and_no_redirect() {
    let world = World::start().await;
    let browser = world.browser().await;
    let query =
        "?response_type=code&client_id=web&state=x&redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fsteal";
    let authorize = world.auth(&format!("/authorize{query}"));
    browser.open(&authorize).await;
    browser.finds(".check-failed").await;
    assert_eq!(browser.url().await, authorize, "the browser stays");
    assert_eq!(browser.failed_check().await, "redirect_uri.exact_match");
    browser.look("refused-redirect-uri").await;
    browser.leave().await;
}

#[actix_web::test]
async fn implicit_with_a_state_of_somebody_else() {
    let world = World::start().await;
    let browser = world.browser().await;
    let answer = "#access_token=forged&token_type=Bearer&state=not-mine";
    browser
        .open(&world.app(&format!("/callback/implicit{answer}")))
        .await;
    browser.finds("#refused:not([hidden])").await;
    assert_eq!(browser.failed_check().await, "state.matches");
    assert_eq!(browser.url().await, world.app("/callback/implicit"));
    browser.look("refused-implicit-state").await;
    browser.leave().await;
}

#[actix_web::test]
async fn implicit_denied() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    browser.signs_in("alice", "alice-password").await;
    browser.finds("#consent-deny").await;
    browser.look("consent-implicit").await;
    browser.press("#consent-deny").await;
    browser.finds("#refused:not([hidden])").await;
    browser.sees("access_denied").await;
    assert_eq!(browser.failed_check().await, "authorization.succeeded");
    browser.look("refused-implicit-consent").await;
    browser.leave().await;
}
