//! Redeeming a code — RFC 6749 §4.1.3 and §5.2, RFC 7636 §4.6.
//!
//! The order of the checks is itself a property: only a request that is right in every other respect may
//! reveal that a code was used, and only that one revokes what it gave.

use shared::seed::{ClientSeed, PkceRule};

use crate::support::{BOB, Client, Code, SPA, VERIFIER, WEB, World};

const SCOPE: &str = "openid photos:read offline_access";

/// A second confidential client, with the same grants as `web`.
const OTHER: Client = Client {
    id: "other",
    secret: Some("other-secret"),
    callback: "/callback",
};

async fn world_with_another_client() -> World {
    World::with(|seed| {
        let mut other = seed.client("web").expect("the demo's web").clone();
        other.client_id = OTHER.id.to_owned();
        other.client_secret = OTHER.secret.map(str::to_owned);
        seed.with_client(other)
    })
    .await
}

/// Redeeming `code`, changed by `change`, is refused with `error` because of `check`; the code itself is not
/// harmed by it.
async fn is_refused_and_harmless(
    world: &World,
    code: &Code,
    request: crate::support::Request,
    error: &str,
    check: &str,
) {
    let answer = world.send(request).await;
    answer.is_refused(400, error).no_store();
    answer.failed_check(check).await;
    world.send(world.redeem(code)).await.tokens();
}

#[tokio::test]
async fn a_code_gives_tokens_with_their_scope_and_lifetime() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world.send(world.redeem(&code)).await;
    let tokens = answer.tokens();
    assert_eq!(tokens.body["expires_in"], 600);
    assert!(tokens.refresh.len() >= 43, "{}", tokens.body);
    assert!(tokens.body["id_token"].is_string(), "{}", tokens.body);
    answer.passed_check("pkce.s256").await;
    answer.passed_check("code.unused").await;
}

#[tokio::test]
async fn a_public_client_redeems_its_code_without_a_secret() {
    let world = World::new().await;
    let code = world.code(SPA, "photos:read").await;
    let tokens = world.send(world.redeem(&code)).await.tokens();
    assert!(
        tokens.body.get("id_token").is_none(),
        "openid was not asked"
    );
}

#[tokio::test]
async fn a_code_that_was_never_given_out_is_an_invalid_grant() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let request = world.redeem(&code).replacing("code", &"x".repeat(43));
    is_refused_and_harmless(&world, &code, request, "invalid_grant", "code.known").await;
}

#[tokio::test]
async fn a_missing_code_is_an_invalid_request() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    for request in [
        world.redeem(&code).without("code"),
        world.redeem(&code).replacing("code", ""),
    ] {
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.parameter_present").await;
    }
}

#[tokio::test]
async fn a_code_of_another_client_is_an_invalid_grant_and_stays_good() {
    let world = world_with_another_client().await;
    let code = world.code(WEB, SCOPE).await;
    let stolen = Code {
        client: OTHER,
        ..code.clone()
    };
    let request = world.redeem(&stolen);
    is_refused_and_harmless(&world, &code, request, "invalid_grant", "code.client").await;
}

#[tokio::test]
async fn an_expired_code_is_an_invalid_grant() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    world.wait_seconds(61);
    let answer = world.send(world.redeem(&code)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("code.not_expired").await;
}

#[tokio::test]
async fn another_redirect_uri_than_the_requests_is_an_invalid_grant() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let uri = world.app("/callback/other");
    let request = world.redeem(&code).replacing("redirect_uri", &uri);
    is_refused_and_harmless(&world, &code, request, "invalid_grant", "code.redirect_uri").await;
}

#[tokio::test]
async fn a_missing_redirect_uri_is_refused() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let answer = world
        .send(world.redeem(&code).without("redirect_uri"))
        .await;
    let error = answer.json()["error"].clone();
    assert!(
        error == "invalid_grant" || error == "invalid_request",
        "{answer}"
    );
    answer.is(400).no_store();
    world.send(world.redeem(&code)).await.tokens();
}

#[tokio::test]
async fn a_wrong_verifier_is_an_invalid_grant() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let wrong = VERIFIER.replace('d', "e");
    let request = world.redeem(&code).replacing("code_verifier", &wrong);
    is_refused_and_harmless(&world, &code, request, "invalid_grant", "pkce.s256").await;
}

#[tokio::test]
async fn a_missing_verifier_is_an_invalid_grant() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let request = world.redeem(&code).without("code_verifier");
    let check = "pkce.verifier_present";
    is_refused_and_harmless(&world, &code, request, "invalid_grant", check).await;
}

#[tokio::test]
async fn a_malformed_verifier_is_refused() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    for malformed in ["short", &"a".repeat(129), &format!("{VERIFIER}=")] {
        let request = world.redeem(&code).replacing("code_verifier", malformed);
        let answer = world.send(request).await;
        answer.is(400).no_store();
        answer.failed_check("pkce.verifier_well_formed").await;
    }
    world.send(world.redeem(&code)).await.tokens();
}

/// RFC 9700 §4.8.2: a verifier without a challenge means that somebody took the challenge away.
#[tokio::test]
async fn a_verifier_without_a_challenge_is_a_downgrade_and_refused() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut("web").expect("the demo's web");
        web.policy.pkce = Some(PkceRule::Allowed);
        seed
    })
    .await;
    let authorization = world
        .authorize(WEB, SCOPE)
        .with("nonce", "n")
        .without("code_challenge")
        .without("code_challenge_method");
    let answer = world.agree(crate::support::ALICE, &authorization).await;
    let code = Code {
        client: WEB,
        value: crate::support::code_in(&answer),
        redirect_uri: world.callback(WEB),
        verifier: VERIFIER,
    };
    let answer = world.send(world.redeem(&code)).await;
    answer.is(400).no_store();
    answer.failed_check("pkce.verifier_present").await;
    let honest = world.redeem(&code).without("code_verifier");
    world.send(honest).await.tokens();
}

#[tokio::test]
async fn a_code_is_redeemed_only_once_and_a_replay_revokes_what_it_gave() {
    let world = World::new().await;
    let code = world.code(WEB, SCOPE).await;
    let tokens = world.send(world.redeem(&code)).await.tokens();
    assert!(world.is_active(&tokens.access).await);
    assert!(world.is_live(WEB, &tokens.refresh).await);

    let answer = world.send(world.redeem(&code)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("code.unused").await;

    assert!(!world.is_active(&tokens.access).await);
    assert!(!world.is_live(WEB, &tokens.refresh).await);
    let answer = world.send(world.refresh(WEB, &tokens.refresh)).await;
    answer.is_refused(400, "invalid_grant").no_store();
    answer.failed_check("refresh_token.not_revoked").await;
}

/// OAuth 2.1 §4.1.3: otherwise whoever finds a spent code in a log could end somebody's tokens.
#[tokio::test]
async fn a_replay_that_is_wrong_in_another_respect_revokes_nothing() {
    let world = world_with_another_client().await;
    let code = world.code(WEB, SCOPE).await;
    let tokens = world.send(world.redeem(&code)).await.tokens();
    let by_other = Code {
        client: OTHER,
        ..code.clone()
    };
    let wrong = VERIFIER.replace('d', "e");
    for (request, check) in [
        (world.redeem(&by_other), "code.client"),
        (
            world.redeem(&code).replacing("code_verifier", &wrong),
            "pkce.s256",
        ),
        (
            world.redeem(&code).replacing("redirect_uri", "http://x/"),
            "code.redirect_uri",
        ),
    ] {
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_grant").no_store();
        answer.failed_check(check).await;
        assert!(world.is_active(&tokens.access).await, "after {check}");
    }
}

#[tokio::test]
async fn a_code_speaks_for_the_person_who_signed_in() {
    let world = World::new().await;
    let mut subjects = Vec::new();
    for person in [crate::support::ALICE, BOB] {
        let code = world.code_of(person, WEB, SCOPE).await;
        let tokens = world.send(world.redeem(&code)).await.tokens();
        let answer = world.introspection(&tokens.access).await;
        assert_eq!(answer["username"], person.username, "{answer}");
        subjects.push(answer["sub"].clone());
    }
    assert_ne!(subjects[0], subjects[1]);
}

/// RFC 8252 §7.3: a native app takes whatever port is free.
#[tokio::test]
async fn a_loopback_literal_is_redeemed_with_the_port_it_was_asked_with() {
    const NATIVE: Client = Client {
        id: "native",
        secret: None,
        callback: "",
    };
    let world = World::with(|seed| {
        let client = ClientSeed::public("native", "http://127.0.0.1/done");
        seed.with_client(client)
    })
    .await;
    let uri = "http://127.0.0.1:49152/done";
    let authorization = world.authorize(NATIVE, "openid").with("redirect_uri", uri);
    let mut browser = crate::support::Browser::new();
    let page = browser.open_until(&authorization.url(), uri).await;
    let alice = crate::support::ALICE;
    let fields = [("username", alice.username), ("password", alice.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, uri)
        .await;
    let page = browser.press_until(&page, "consent-allow", &[], uri).await;
    let code = Code {
        client: NATIVE,
        value: crate::support::code_in(&world.answer(page.response)),
        redirect_uri: uri.to_owned(),
        verifier: VERIFIER,
    };
    let other_port = Code {
        redirect_uri: "http://127.0.0.1:49153/done".to_owned(),
        ..code.clone()
    };
    let request = world.redeem(&other_port);
    is_refused_and_harmless(&world, &code, request, "invalid_grant", "code.redirect_uri").await;
}
