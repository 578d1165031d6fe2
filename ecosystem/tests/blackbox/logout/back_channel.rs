//! Back-Channel Logout 1.0: every client of a session is told when it ends, wherever it is.

use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};
use shared::seed::{ClientSeed, SigningAlgorithm, SubjectType};

use super::listener::{Answers, Listener};
use super::{asks, claims, header, id_token, is_signed_in, signed_in};
use crate::support::{BOB, Browser, Client, Page, Request, SPA, WEB, World};

/// The event of a logout token (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A world in which `client` is told at `listener`.
async fn world_with(client: Client, listener: &Listener) -> World {
    World::with(|mut seed| {
        let known: &mut ClientSeed = seed.client_mut(client.id).expect("of the demo");
        known.metadata.backchannel_logout_uri = Some(listener.uri.clone());
        known.metadata.backchannel_logout_session_required = true;
        known.metadata.frontchannel_logout_uri = None;
        seed
    })
    .await
}

/// Signs out of the session of `hint`.
async fn signs_out(world: &World, browser: &mut Browser, hint: &str) -> Page {
    let home = world.app("/");
    let parameters = [("id_token_hint", hint), ("post_logout_redirect_uri", &home)];
    asks(world, browser, &parameters).await
}

#[tokio::test]
async fn a_logout_token_is_as_the_standard_has_it() {
    let listener = Listener::start(Answers::With(200)).await;
    let world = world_with(SPA, &listener).await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let page = signs_out(&world, &mut browser, &hint).await;
    assert_eq!(page.location().as_str(), world.app("/"));
    let token = listener.token().await;
    assert_eq!(header(&token)["typ"], "logout+jwt");
    assert_eq!(header(&token)["alg"], header(&hint)["alg"]);
    let (said, known) = (claims(&token), claims(&hint));
    let mut names: Vec<&String> = said.as_object().expect("an object").keys().collect();
    names.sort();
    let wanted = ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"];
    assert_eq!(names, wanted, "and no nonce");
    for same in ["iss", "aud", "sub", "sid"] {
        assert_eq!(said[same], known[same], "{same}");
    }
    assert_eq!(said["events"], json!({ EVENT: {} }));
    let seconds = |name: &str| said[name].as_i64().expect("whole seconds");
    assert!(
        (1..=120).contains(&(seconds("exp") - seconds("iat"))),
        "{said}"
    );
    let keys = world.send(Request::get(&world.auth("/jwks"))).await;
    let keys: JwkSet = serde_json::from_value(keys.json()).expect("a key set");
    let key = keys.find(header(&token)["kid"].as_str().expect("a kid"));
    let key = DecodingKey::from_jwk(key.expect("published")).expect("a key");
    let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[SPA.id]);
    // Whose clock the test's realm has is not this machine's business.
    validation.validate_exp = false;
    let verified = jsonwebtoken::decode::<Value>(&token, &key, &validation);
    assert!(verified.is_ok(), "{verified:?}");
}

#[tokio::test]
async fn it_is_signed_as_the_clients_id_tokens_are() {
    for (algorithm, name) in [
        (SigningAlgorithm::Rs256, "RS256"),
        (SigningAlgorithm::Ps256, "PS256"),
        (SigningAlgorithm::EdDsa, "EdDSA"),
    ] {
        let listener = Listener::start(Answers::With(200)).await;
        let world = World::with(|mut seed| {
            let known = seed.client_mut(SPA.id).expect("of the demo");
            known.policy.id_token_signed_response_alg = Some(algorithm);
            known.metadata.backchannel_logout_uri = Some(listener.uri.clone());
            seed
        })
        .await;
        let mut browser = Browser::new();
        let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
        signs_out(&world, &mut browser, &hint).await;
        assert_eq!(header(&listener.token().await)["alg"], name);
    }
}

#[tokio::test]
async fn the_clients_of_the_session_are_told_and_no_others() {
    let listener = Listener::start(Answers::With(200)).await;
    let world = world_with(SPA, &listener).await;
    let mut elsewhere = Browser::new();
    signed_in(&world, &mut elsewhere, SPA, "openid").await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, WEB, "openid").await);
    asks(&world, &mut browser, &[("id_token_hint", &hint)]).await;
    assert_eq!(
        listener.tokens(),
        [""; 0],
        "of a session that it was not used in"
    );
    let mut browser = Browser::new();
    signed_in(&world, &mut browser, SPA, "openid").await;
    let hint = id_token(&signed_in(&world, &mut browser, WEB, "openid").await);
    asks(&world, &mut browser, &[("id_token_hint", &hint)]).await;
    assert_eq!(claims(&listener.token().await)["aud"], SPA.id);
    assert!(is_signed_in(&world, &mut elsewhere, SPA).await);
}

/// A client without a refresh token has a grant of ten minutes; the session goes on, and so does the duty to tell it.
#[tokio::test]
async fn a_client_whose_tokens_have_expired_is_told_all_the_same() {
    let listener = Listener::start(Answers::With(200)).await;
    let world = world_with(SPA, &listener).await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    for _ in 0..5 {
        world.wait_seconds(20 * 60);
        browser.open(&world.auth("/apps")).await;
    }
    signs_out(&world, &mut browser, &hint).await;
    listener.token().await;
}

#[tokio::test]
async fn a_client_that_refuses_or_does_not_answer_keeps_nobody_signed_in() {
    for answers in [Answers::With(400), Answers::With(302), Answers::Never] {
        let listener = Listener::start(answers).await;
        let world = world_with(SPA, &listener).await;
        let mut browser = Browser::new();
        let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
        let begun = Instant::now();
        let page = asks(&world, &mut browser, &[("id_token_hint", &hint)]).await;
        assert!(
            begun.elapsed() < Duration::from_secs(8),
            "{:?}",
            begun.elapsed()
        );
        assert!(page.has("signed-out"), "{}", page.text());
        assert!(
            !page.text().contains("has ended its session"),
            "{}",
            page.text()
        );
        assert!(!is_signed_in(&world, &mut browser, SPA).await);
        listener.token().await;
    }
}

#[tokio::test]
async fn refresh_tokens_end_with_the_session_unless_they_were_to_outlive_it() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let ends = signed_in(&world, &mut browser, SPA, "openid photos:read").await;
    let stays = signed_in(&world, &mut browser, WEB, "openid offline_access").await;
    let hint = id_token(&ends);
    asks(&world, &mut browser, &[("id_token_hint", &hint)]).await;
    assert!(!is_signed_in(&world, &mut browser, SPA).await);
    if !ends.refresh.is_empty() {
        let answer = world.send(world.refresh(SPA, &ends.refresh)).await;
        answer.is_refused(400, "invalid_grant");
    }
    assert!(!world.is_active(&ends.access).await, "the grant has ended");
    assert!(world.is_active(&stays.access).await);
    world
        .send(world.refresh(WEB, &stays.refresh))
        .await
        .tokens();
}

#[tokio::test]
async fn the_same_person_goes_on_in_the_session_and_another_ends_it() {
    let listener = Listener::start(Answers::With(200)).await;
    let world = world_with(SPA, &listener).await;
    let mut browser = Browser::new();
    let first = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let anew = world.authorize(SPA, "openid").with("prompt", "login");
    world
        .agree_in(&mut browser, crate::support::ALICE, &anew)
        .await;
    let second = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    assert_eq!(claims(&first)["sid"], claims(&second)["sid"]);
    assert_eq!(listener.tokens(), [""; 0]);
    world.agree_in(&mut browser, BOB, &anew).await;
    let token = listener.token().await;
    assert_eq!(claims(&token)["sub"], claims(&first)["sub"]);
    assert_eq!(claims(&token)["sid"], claims(&first)["sid"]);
}

#[tokio::test]
async fn signing_out_is_a_flow_of_its_own() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, WEB, "openid").await);
    let home = world.app("/");
    let parameters = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", &home),
        ("state", "of this flow"),
    ];
    let page = asks(&world, &mut browser, &parameters).await;
    let frame = page.frames();
    let [frame] = frame.as_slice() else {
        panic!("one frame: {frame:?}")
    };
    browser.look(frame).await;
    let answer = world.answer(page.response);
    let told = answer.exchange().await;
    let mut paths = Vec::new();
    for _ in 0..100 {
        let flow = world.realm.flow(&told.flow).await.expect("a flow");
        assert_eq!(flow.summary.grant.name(), "logout");
        let exchanges = flow.exchanges.iter();
        paths = exchanges.map(|one| one.path.clone()).collect();
        if paths.len() >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for path in ["/logout", "/backchannel-logout", "/frontchannel-logout"] {
        assert!(paths.iter().any(|one| one == path), "{path}: {paths:?}");
    }
    assert!(!paths.iter().any(|one| one == "/token"), "{paths:?}");
}

#[tokio::test]
async fn a_sector_knows_the_session_by_a_name_that_no_other_knows() {
    let listener = Listener::start(Answers::With(200)).await;
    let world = World::with(|mut seed| {
        let spa = seed.client_mut(SPA.id).expect("of the demo");
        spa.metadata.subject_type = Some(SubjectType::Pairwise);
        spa.metadata.backchannel_logout_uri = Some(listener.uri.clone());
        spa.metadata.backchannel_logout_session_required = true;
        spa.metadata.frontchannel_logout_uri = None;
        let web = seed.client_mut(WEB.id).expect("of the demo");
        web.metadata.frontchannel_logout_uri = None;
        seed
    })
    .await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let other = id_token(&signed_in(&world, &mut browser, WEB, "openid").await);
    let again = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    assert_ne!(claims(&hint)["sid"], claims(&other)["sid"]);
    assert_eq!(claims(&hint)["sid"], claims(&again)["sid"]);
    // It is the name of this session still: nobody is asked whether it may end.
    let page = signs_out(&world, &mut browser, &hint).await;
    assert_eq!(page.location().as_str(), world.app("/"));
    let said = claims(&listener.token().await);
    assert_eq!(said["sid"], claims(&hint)["sid"]);
    assert!(!is_signed_in(&world, &mut browser, WEB).await);
}
