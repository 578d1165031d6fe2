//! Step-up authentication — RFC 9470: an old sign-in opens less than a new one.

use shared::time::Lifetime;

use crate::dpop::claims;
use crate::support::{ALICE, Browser, ProofKey, Request, VERIFIER, WEB, World, code_in};

async fn photo(world: &World, token: &str) -> String {
    let list = Request::get(&world.api("/photos")).bearer(token);
    let photos = world.send(list).await.is(200).json();
    photos["photos"][0]["id"]
        .as_str()
        .expect("a photo")
        .to_owned()
}

fn delete(world: &World, id: &str, token: &str) -> Request {
    Request::new("DELETE", &world.api(&format!("/photos/{id}"))).bearer(token)
}

#[tokio::test]
async fn an_old_sign_in_is_asked_for_a_new_one_and_that_opens_the_door() {
    let world = World::new().await;
    let scope = "openid photos:read photos:write";
    let mut browser = Browser::new();
    let authorization = world.authorize(WEB, scope);
    let page = world.agree_in(&mut browser, ALICE, &authorization).await;
    let tokens = redeem(&world, &world.answer(page.response)).await;
    world.wait_seconds(400);
    let id = photo(&world, &tokens).await;
    // Looking needs no new sign-in, deleting does.
    let answer = world.send(delete(&world, &id, &tokens)).await;
    answer.refuses_token(401, "insufficient_user_authentication");
    assert_eq!(answer.challenge("max_age").as_deref(), Some("300"));
    assert_eq!(
        answer.challenge("acr_values").as_deref(),
        Some("urn:grantscope:acr:password")
    );
    assert_eq!(claims(&tokens)["acr"], "urn:grantscope:acr:password");
    assert!(answer.challenge("resource_metadata").is_some(), "{answer}");
    answer.failed_check("authentication.sufficient").await;
    // Without asking for it, the old session gives a token of the same sign-in.
    let page = world.agree_in(&mut browser, ALICE, &authorization).await;
    let same = redeem(&world, &world.answer(page.response)).await;
    assert_eq!(claims(&same)["auth_time"], claims(&tokens)["auth_time"]);
    let answer = world.send(delete(&world, &id, &same)).await;
    answer.refuses_token(401, "insufficient_user_authentication");
    // With max_age of the challenge, the person signs in anew.
    let stronger = authorization.with("max_age", "300");
    let page = world.agree_in(&mut browser, ALICE, &stronger).await;
    let renewed = redeem(&world, &world.answer(page.response)).await;
    assert!(claims(&renewed)["auth_time"].as_i64() > claims(&tokens)["auth_time"].as_i64());
    let answer = world.send(delete(&world, &id, &renewed)).await;
    answer.is(204);
    answer.passed_check("authentication.sufficient").await;
}

async fn redeem(world: &World, answer: &crate::support::Answer) -> String {
    let code = crate::support::Code {
        client: WEB,
        value: code_in(answer),
        redirect_uri: world.callback(WEB),
        verifier: VERIFIER,
    };
    world.send(world.redeem(&code)).await.tokens().access
}

#[tokio::test]
async fn introspection_says_when_the_person_signed_in() {
    let world = World::with(|mut seed| {
        for client in &mut seed.clients {
            client.policy.access_token_format = Some(shared::seed::AccessTokenFormat::Opaque);
        }
        seed
    })
    .await;
    let tokens = world.tokens(WEB, "photos:read photos:write").await;
    let said = world.introspection(&tokens.access).await;
    let now = world.realm.clock().now().as_unix();
    let at = said["auth_time"].as_i64().expect("auth_time");
    assert!((now - 60..=now).contains(&at), "{said}");
    // An opaque token of an old sign-in is refused as a JWT is.
    let id = photo(&world, &tokens.access).await;
    world.realm.clock().advance(Lifetime::from_seconds(400));
    let answer = world.send(delete(&world, &id, &tokens.access)).await;
    answer.refuses_token(401, "insufficient_user_authentication");
}

#[tokio::test]
async fn a_token_that_does_not_say_when_is_not_recent() {
    // RFC 9470 §4: an assertion speaks for Alice, and says of no sign-in.
    let key = ProofKey::new();
    let world = crate::jwt_bearer::world(&key, &["alice-0001"]).await;
    let jwt = crate::jwt_bearer::assertion(&world, &key).sign();
    let asked = crate::jwt_bearer::ask(&world, &jwt).with("scope", "photos:read photos:write");
    let token = world.send(asked).await.tokens().access;
    assert!(claims(&token).get("auth_time").is_none());
    let id = photo(&world, &token).await;
    let answer = world.send(delete(&world, &id, &token)).await;
    answer.refuses_token(401, "insufficient_user_authentication");
    answer.failed_check("authentication.sufficient").await;
}
