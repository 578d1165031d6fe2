//! A token without a scope: what a client gets that asks for none and has none by default — RFC 6749 §3.3.
//!
//! `scope` has no word for it (Appendix A.4): wherever it would stand, it is left out.

use shared::seed::{AccessTokenFormat, ExcessScope};

use crate::device::{approve, ask_without_scope, poll_in_time};
use crate::dpop::claims;
use crate::support::{
    ALICE, Browser, Code, Request, SERVICE, SPA, TV, Tokens, VERIFIER, WEB, World, code_in,
    parameter,
};

const FORMATS: [AccessTokenFormat; 2] = [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque];

/// The demo, in which these may ask for what is about a sign-in alone: nothing is their default.
async fn world(format: AccessTokenFormat) -> World {
    World::with(|mut seed| {
        for id in [WEB.id, SERVICE.id, SPA.id, TV.id] {
            let client = seed.client_mut(id).expect("a client of the demo");
            client.scopes = vec!["openid".to_owned(), "offline_access".to_owned()];
            client.policy.access_token_format = Some(format);
        }
        seed
    })
    .await
}

/// It is alive, and permits nothing that a scope guards; nobody says a scope of it.
async fn permits_nothing(world: &World, tokens: &Tokens) {
    assert_eq!(tokens.body.get("scope"), None, "{}", tokens.body);
    assert_eq!(tokens.body.get("id_token"), None, "{}", tokens.body);
    if tokens.access.contains('.') {
        assert_eq!(claims(&tokens.access).get("scope"), None);
    }
    let said = world.introspection(&tokens.access).await;
    assert_eq!(said["active"], true, "{said}");
    assert_eq!(said.get("scope"), None, "{said}");
    let photos = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let answer = world.send(photos).await;
    answer.refuses_token(403, "insufficient_scope");
    let userinfo = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let answer = world.send(userinfo).await;
    answer.refuses_token(403, "insufficient_scope");
}

#[tokio::test]
async fn a_client_that_acts_for_itself_needs_none() {
    for format in FORMATS {
        let world = world(format).await;
        let answer = world.send(world.client_credentials(SERVICE)).await;
        permits_nothing(&world, &answer.no_store().tokens()).await;
        answer.passed_check("scope.allowed").await;
        // What has no token is no scope, and was asked for.
        let request = world.client_credentials(SERVICE).with("scope", " ");
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_scope");
    }
}

#[tokio::test]
async fn by_a_code_and_renewed() {
    for format in FORMATS {
        let world = world(format).await;
        let authorization = world.authorize(WEB, "").without("scope");
        let answer = world.agree(ALICE, &authorization).await;
        let code = Code {
            client: WEB,
            value: code_in(&answer),
            redirect_uri: world.callback(WEB),
            verifier: VERIFIER,
        };
        let tokens = world.send(world.redeem(&code)).await.tokens();
        permits_nothing(&world, &tokens).await;
        let renewed = world.send(world.refresh(WEB, &tokens.refresh)).await;
        let renewed = renewed.tokens();
        permits_nothing(&world, &renewed).await;
        let asked = world.introspect_as(WEB, &renewed.refresh);
        let said = world.send(asked).await.is(200).json();
        assert_eq!(said["active"], true, "{said}");
        assert_eq!(said.get("scope"), None, "{said}");
        for wrong in [" ", "openid"] {
            let asked = world.refresh(WEB, &renewed.refresh).with("scope", wrong);
            let answer = world.send(asked).await;
            answer.is_refused(400, "invalid_scope");
            answer.failed_check("scope.not_widened").await;
        }
    }
}

#[tokio::test]
async fn what_was_granted_is_not_narrowed_to_nothing() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid photos:read").await;
    let asked = world.refresh(WEB, &tokens.refresh).with("scope", " ");
    world.send(asked).await.is_refused(400, "invalid_scope");
    let again = world.send(world.refresh(WEB, &tokens.refresh)).await;
    assert_eq!(again.tokens().body["scope"], "openid photos:read");
}

#[tokio::test]
async fn in_the_front_channel_too() {
    let world = world(AccessTokenFormat::Jwt).await;
    let authorization = world
        .authorize(SPA, "")
        .without("scope")
        .with("response_type", "token");
    let answer = world.agree(ALICE, &authorization).await;
    let location = answer.location();
    let given = location.fragment().expect("an answer in the fragment");
    assert!(parameter(given, "access_token").is_some(), "{answer}");
    assert_eq!(parameter(given, "scope"), None, "{answer}");
}

#[tokio::test]
async fn a_device_gets_such_a_token() {
    let world = world(AccessTokenFormat::Jwt).await;
    let asked = ask_without_scope(&world, TV).await;
    approve(&world, ALICE, &asked).await;
    let tokens = poll_in_time(&world, &asked).await.tokens();
    permits_nothing(&world, &tokens).await;
}

/// OpenID Connect Core §11 leaves `offline_access` out; what is left of a request for it alone is nothing, which
/// nobody asked for.
#[tokio::test]
async fn what_was_asked_for_is_never_granted_as_nothing() {
    let world = World::with(|mut seed| {
        for id in [WEB.id, TV.id] {
            let client = seed.client_mut(id).expect("a client of the demo");
            client.scopes.push("offline_access".to_owned());
            client.grant_types.retain(|grant| grant != "refresh_token");
            client.policy.excess_scope = Some(ExcessScope::Ignore);
        }
        seed
    })
    .await;
    let asked = world.authorize(WEB, "offline_access");
    let answer = world.ask(&asked).await;
    let (callback, issuer) = (world.callback(WEB), world.realm.issuer());
    answer.sends_back("invalid_scope", &callback, Some("the state"), issuer);
    answer.failed_check("scope.allowed").await;
    let asked = crate::device::request(&world, TV, "offline_access");
    let answer = world.send(asked).await;
    answer.is_refused(400, "invalid_scope");
    answer.failed_check("scope.allowed").await;
}

/// Who allows a claim by name alone, and nothing of the scope, is asked again.
#[tokio::test]
async fn nor_does_a_claim_make_a_token_of_nothing() {
    let world = World::new().await;
    let claims = r#"{"userinfo":{"email":null}}"#;
    let authorization = world.authorize(WEB, "photos:read").with("claims", claims);
    let mut browser = Browser::new();
    let stop = world.callback(WEB);
    let page = browser.open_until(&authorization.url(), &stop).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let mut asked = page.ticked("scope");
    asked.sort_unstable();
    assert_eq!(asked, ["email", "photos:read"]);
    let request = page.unticking("photos:read", "consent-allow");
    let answered = browser.send(request, Some(&page.response.url)).await;
    assert_eq!(
        answered.response.status,
        422,
        "{}",
        answered.response.text()
    );
}
