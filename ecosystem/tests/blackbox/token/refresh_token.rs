//! Refreshing — RFC 6749 §6, with rotation, reuse detection and grace (RFC 9700 §4.14.2).

use crate::support::{Client, TRUSTED, WEB, World};

const SCOPE: &str = "openid profile photos:read offline_access";

/// How long a token that was just rotated is still answered, in seconds.
const GRACE: u32 = 30;

#[tokio::test]
async fn a_refresh_token_is_rotated() {
    let world = World::new().await;
    let first = world.tokens(WEB, SCOPE).await;
    let answer = world.send(world.refresh(WEB, &first.refresh)).await;
    let second = answer.tokens();
    assert_ne!(first.refresh, second.refresh);
    assert_ne!(first.access, second.access);
    answer.passed_check("refresh_token.current").await;
    let third = world.send(world.refresh(WEB, &second.refresh)).await;
    third.tokens();
}

#[tokio::test]
async fn a_missing_refresh_token_is_an_invalid_request() {
    let world = World::new().await;
    for value in ["", "absent"] {
        let mut request = world.refresh(WEB, value);
        if value == "absent" {
            request = request.without("refresh_token");
        }
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.parameter_present").await;
    }
}

#[tokio::test]
async fn a_refresh_token_that_was_never_given_out_is_an_invalid_grant() {
    let world = World::new().await;
    let answer = world.send(world.refresh(WEB, &"x".repeat(43))).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.known").await;
}

#[tokio::test]
async fn an_access_token_does_not_refresh() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let answer = world.send(world.refresh(WEB, &tokens.access)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.known").await;
}

#[tokio::test]
async fn a_refresh_token_of_another_client_is_an_invalid_grant_and_stays_good() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let answer = world.send(world.refresh(TRUSTED, &tokens.refresh)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.client").await;
    world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
}

#[tokio::test]
async fn an_expired_refresh_token_is_an_invalid_grant() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut("web").expect("the demo's web");
        web.policy.refresh_token_lifetime = Some("1h".parse().expect("a lifetime"));
        seed
    })
    .await;
    let tokens = world.tokens(WEB, SCOPE).await;
    world.wait_seconds(3601);
    let answer = world.send(world.refresh(WEB, &tokens.refresh)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.not_expired").await;
}

#[tokio::test]
async fn rotation_does_not_outlive_the_absolute_lifetime() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut("web").expect("the demo's web");
        web.policy.refresh_token_lifetime = Some("1h".parse().expect("a lifetime"));
        web.policy.refresh_token_absolute_lifetime = Some("90m".parse().expect("a lifetime"));
        seed
    })
    .await;
    let tokens = world.tokens(WEB, SCOPE).await;
    world.wait_seconds(3000);
    let renewed = world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
    world.wait_seconds(3000);
    let answer = world.send(world.refresh(WEB, &renewed.refresh)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.not_expired").await;
}

/// RFC 9700 §4.14.2: a rotated token that comes back means that two have it.
#[tokio::test]
async fn a_reused_refresh_token_revokes_the_family() {
    let world = World::new().await;
    let first = world.tokens(WEB, SCOPE).await;
    let second = world
        .send(world.refresh(WEB, &first.refresh))
        .await
        .tokens();
    world.wait_seconds(GRACE + 1);
    let answer = world.send(world.refresh(WEB, &first.refresh)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.current").await;

    let answer = world.send(world.refresh(WEB, &second.refresh)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.not_revoked").await;
    assert!(!world.is_active(&second.access).await);
}

/// A response that got lost is asked for again, honestly.
#[tokio::test]
async fn a_token_that_was_just_rotated_is_answered_again_and_nothing_is_revoked() {
    let world = World::new().await;
    let first = world.tokens(WEB, SCOPE).await;
    world
        .send(world.refresh(WEB, &first.refresh))
        .await
        .tokens();
    world.wait_seconds(GRACE - 5);
    let again = world
        .send(world.refresh(WEB, &first.refresh))
        .await
        .tokens();
    assert!(world.is_active(&again.access).await);
    world
        .send(world.refresh(WEB, &again.refresh))
        .await
        .tokens();
}

#[tokio::test]
async fn more_scope_than_was_granted_is_an_invalid_scope_and_the_token_stays_good() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    for wider in ["photos:read photos:write", "stats:read", "\"malformed\""] {
        let request = world.refresh(WEB, &tokens.refresh).with("scope", wider);
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_scope").no_store();
        answer.failed_check("scope.not_widened").await;
    }
    world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
}

#[tokio::test]
async fn a_narrowed_refresh_keeps_the_original_scope_in_the_new_refresh_token() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let request = world.refresh(WEB, &tokens.refresh);
    let narrow = world.send(request.with("scope", "photos:read")).await;
    let narrow = narrow.tokens();
    assert_eq!(narrow.body["scope"], "photos:read");
    assert_eq!(
        world.introspection(&narrow.access).await["scope"],
        "photos:read"
    );
    let wide = world
        .send(world.refresh(WEB, &narrow.refresh))
        .await
        .tokens();
    let scope = world.introspection(&wide.access).await["scope"].clone();
    assert!(scope.as_str().unwrap().contains("profile"), "{scope}");
}

#[tokio::test]
async fn a_revoked_refresh_token_is_an_invalid_grant() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    world.send(world.revoke(WEB, &tokens.refresh)).await.is(200);
    let answer = world.send(world.refresh(WEB, &tokens.refresh)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.not_revoked").await;
}

#[tokio::test]
async fn a_refresh_needs_the_clients_own_authentication() {
    const IMPOSTOR: Client = Client {
        id: "web",
        secret: Some("guess"),
        callback: "",
    };
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let answer = world.send(world.refresh(IMPOSTOR, &tokens.refresh)).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.authenticated").await;
    world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
}

#[tokio::test]
async fn a_client_without_this_grant_gets_no_refresh_token() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut("web").expect("the demo's web");
        web.grant_types = vec!["authorization_code".to_owned()];
        seed
    })
    .await;
    let tokens = world.tokens(WEB, "openid photos:read").await;
    assert!(tokens.refresh.is_empty(), "{}", tokens.body);
}
