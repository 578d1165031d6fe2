//! The device's polls — RFC 8628 §3.4 and §3.5.

use shared::seed::ClientSeed;

use super::{
    DEVICE_CODE, INTERVAL, LIFETIME, SCOPE, approve, ask, ask_as, enter, poll, poll_in_time,
    request,
};
use crate::support::{ALICE, Browser, Client, Request, TV, World};

/// Another public client with the grant.
const RADIO: Client = Client {
    id: "radio",
    secret: None,
    callback: "",
};

async fn world_with_a_radio() -> World {
    World::with(|seed| {
        let mut radio = ClientSeed::public(RADIO.id, "")
            .with_grants(&[DEVICE_CODE])
            .with_scopes(&["openid", "photos:read"]);
        radio.redirect_uris.clear();
        seed.with_client(radio)
    })
    .await
}

#[tokio::test]
async fn a_device_gets_its_tokens_once_its_person_said_yes() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let pending = world.send(poll(&world, &asked)).await;
    pending.is_refused(400, "authorization_pending").no_store();
    pending.failed_check("device_code.confirmed").await;

    let done = approve(&world, ALICE, &asked).await;
    assert!(done.has("device-result"), "{}", done.text());

    let answer = poll_in_time(&world, &asked).await;
    let tokens = answer.tokens();
    answer.passed_check("device_code.unused").await;
    answer.passed_check("grant.not_revoked").await;
    assert_eq!(tokens.body["scope"], SCOPE);
    assert!(tokens.body["id_token"].is_string(), "openid was asked for");
    assert!(!tokens.refresh.is_empty(), "the TV may refresh");
    assert!(world.is_active(&tokens.access).await);
    let photos = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let photos = world.send(photos).await.is(200).json();
    assert!(
        photos.to_string().contains("First light on the ridge"),
        "{photos}"
    );
    world
        .send(world.refresh(TV, &tokens.refresh))
        .await
        .tokens();
}

#[tokio::test]
async fn the_id_token_says_who_signed_in_on_the_phone_and_names_no_session() {
    use base64::Engine;
    let world = World::new().await;
    let asked = ask(&world).await;
    approve(&world, ALICE, &asked).await;
    let tokens = poll_in_time(&world, &asked).await.tokens();
    let id_token = tokens.body["id_token"].as_str().unwrap();
    let payload = id_token.split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    let claims: serde_json::Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    assert_eq!(claims["sub"], "alice-0001");
    assert_eq!(claims["aud"], "tv");
    assert!(claims["auth_time"].is_i64(), "{claims}");
    assert!(claims["at_hash"].is_string(), "{claims}");
    // The session is the phone's: signing out there must not be taken for signing out here.
    assert!(claims.get("sid").is_none(), "{claims}");
    assert!(claims.get("nonce").is_none(), "{claims}");
}

#[tokio::test]
async fn without_openid_and_without_the_refresh_grant_there_is_only_an_access_token() {
    let world = world_with_a_radio().await;
    let asked = ask_as(&world, RADIO, "photos:read").await;
    approve(&world, ALICE, &asked).await;
    let tokens = poll_in_time(&world, &asked).await.tokens();
    assert!(tokens.refresh.is_empty(), "{}", tokens.body);
    assert!(tokens.body.get("id_token").is_none(), "{}", tokens.body);
}

#[tokio::test]
async fn a_device_code_is_redeemed_once_and_its_tokens_stay() {
    let world = World::new().await;
    let asked = ask(&world).await;
    approve(&world, ALICE, &asked).await;
    let tokens = poll_in_time(&world, &asked).await.tokens();
    let again = poll_in_time(&world, &asked).await;
    again.is_refused(400, "invalid_grant").no_store();
    again.failed_check("device_code.unused").await;
    assert!(
        world.is_active(&tokens.access).await,
        "a lost answer costs nothing"
    );
    world.wait_seconds(LIFETIME);
    let later = world.send(poll(&world, &asked)).await;
    later.is_refused(400, "invalid_grant");
}

#[tokio::test]
async fn polls_that_come_too_soon_are_slowed_down_by_five_seconds_each() {
    let world = World::new().await;
    let asked = ask(&world).await;
    world.realm.clock().pause();
    let answers = |wait: u32, error: &'static str| {
        let (world, asked) = (world.clone(), asked.clone());
        async move {
            world.wait_seconds(wait);
            let answer = world.send(poll(&world, &asked)).await;
            answer.is_refused(400, error).no_store();
            answer
        }
    };
    answers(0, "authorization_pending").await;
    let slow = answers(INTERVAL - 1, "slow_down").await;
    slow.failed_check("device_code.interval").await;
    let said = slow.json()["error_description"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(said.contains("10 seconds"), "{said}");
    answers(9, "slow_down").await;
    answers(15, "authorization_pending").await;
    answers(15, "authorization_pending").await;
    answers(14, "slow_down").await;
    // Once there is something to get, nobody is kept waiting.
    approve(&world, ALICE, &asked).await;
    world.send(poll(&world, &asked)).await.tokens();
}

#[tokio::test]
async fn a_no_is_access_denied_and_stays() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let mut browser = Browser::new();
    let page = enter(&world, &mut browser, ALICE, &asked.user_code).await;
    let page = browser.press(&page, "device-deny", &[]).await;
    assert!(page.text().contains("You said no"), "{}", page.text());
    for _ in 0..2 {
        let answer = poll_in_time(&world, &asked).await;
        answer.is_refused(400, "access_denied").no_store();
        answer.failed_check("device_code.not_denied").await;
    }
}

#[tokio::test]
async fn an_expired_code_is_an_expired_token_before_and_after_the_yes() {
    let world = World::new().await;
    let (one, other) = (ask(&world).await, ask(&world).await);
    approve(&world, ALICE, &other).await;
    world.wait_seconds(LIFETIME);
    for asked in [one, other] {
        let answer = world.send(poll(&world, &asked)).await;
        answer.is_refused(400, "expired_token").no_store();
        answer.failed_check("device_code.not_expired").await;
    }
}

#[tokio::test]
async fn a_code_that_was_never_given_out_is_an_invalid_grant() {
    let world = World::new().await;
    let asked = ask(&world).await;
    for code in ["x", &asked.user_code, &"x".repeat(43)] {
        let request = poll(&world, &asked).replacing("device_code", code);
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_grant").no_store();
        answer.failed_check("device_code.known").await;
    }
}

#[tokio::test]
async fn a_missing_code_is_an_invalid_request() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let answer = world
        .send(poll(&world, &asked).without("device_code"))
        .await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("request.parameter_present").await;
}

#[tokio::test]
async fn a_device_code_is_of_no_use_to_another_client() {
    let world = world_with_a_radio().await;
    let asked = ask_as(&world, TV, "openid photos:read").await;
    approve(&world, ALICE, &asked).await;
    let stolen = super::Asked {
        client: RADIO,
        ..asked.clone()
    };
    let answer = poll_in_time(&world, &stolen).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("device_code.client").await;
    world.send(poll(&world, &asked)).await.tokens();
}

#[tokio::test]
async fn a_client_without_the_grant_may_not_poll() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let request = poll(&world, &asked).replacing("client_id", "spa");
    let answer = world.send(request).await;
    answer.is_refused(400, "unauthorized_client");
    answer.failed_check("grant.allowed").await;
}

#[tokio::test]
async fn what_a_person_took_back_before_the_poll_is_not_given() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let mut browser = Browser::new();
    let page = enter(&world, &mut browser, ALICE, &asked.user_code).await;
    browser.press(&page, "device-confirm", &[]).await;
    let apps = browser.open(&world.auth("/apps")).await;
    assert!(apps.text().contains("Print Shop on TV"), "{}", apps.text());
    browser.press(&apps, "take-back-tv", &[]).await;
    let answer = poll_in_time(&world, &asked).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("grant.not_revoked").await;
}

#[tokio::test]
async fn realms_do_not_know_each_others_codes() {
    let (world, other) = (World::new().await, World::new().await);
    let asked = ask(&world).await;
    let answer = other.send(poll(&other, &asked)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("device_code.known").await;
    let page = enter(&other, &mut Browser::new(), ALICE, &asked.user_code).await;
    assert!(page.has("device-error"), "{}", page.text());
}

#[tokio::test]
async fn the_codes_live_in_the_realms_time_and_the_request_is_recorded_with_its_client() {
    let world = World::new().await;
    let answer = world.send(request(&world, TV, SCOPE)).await;
    let exchange = answer.exchange().await;
    assert_eq!(exchange.notes["client_id"], "tv");
    assert!(exchange.notes.contains_key("device_code_expires_at"));
}
