//! `resource` at `/authorize`, `/par` and `/token` — RFC 8707: a token is meant for the API that was asked for, which
//! refuses tokens that are meant for another.

use serde_json::{Value, json};
use shared::seed::{AccessTokenFormat, ClientSeed};

use crate::support::{
    ALICE, API, Answer, Authorization, Browser, Client, Request, SERVICE, TRUSTED, VERIFIER, WEB,
    World, code_in,
};

const SCOPE: &str = "openid photos:read offline_access";
/// Another API of the realm.
const ARCHIVE: &str = "https://archive.example/api";

/// A world whose tokens can be meant for [`ARCHIVE`] too.
async fn world() -> World {
    World::with(|mut seed| {
        seed.resources = vec![ARCHIVE.to_owned()];
        seed
    })
    .await
}

/// The audience of an access token, as the auth server tells the client that got it.
async fn audience(world: &World, token: &str) -> Value {
    let answer = world.send(world.introspect_as(WEB, token)).await;
    answer.is(200).json()["aud"].clone()
}

async fn redeem(world: &World, authorization: &Authorization, resources: &[&str]) -> Answer {
    let code = code_in(&world.agree(ALICE, authorization).await);
    world.send(redeeming(world, &code, resources)).await
}

fn redeeming(world: &World, code: &str, resources: &[&str]) -> Request {
    let request = world.token(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &world.callback(WEB)),
        ("code_verifier", VERIFIER),
    ]);
    let request = World::signed(WEB, request);
    let with = |request: Request, one: &&str| request.with("resource", one);
    resources.iter().fold(request, with)
}

#[tokio::test]
async fn a_token_is_meant_for_what_was_asked_for() {
    let world = world().await;
    let api = world.api("");
    let plain = redeem(&world, &world.authorize(WEB, SCOPE), &[])
        .await
        .tokens();
    assert_eq!(audience(&world, &plain.access).await, json!(api));
    let archive = world.authorize(WEB, SCOPE).with("resource", ARCHIVE);
    let tokens = redeem(&world, &archive, &[]).await.tokens();
    assert_eq!(audience(&world, &tokens.access).await, json!(ARCHIVE));
    let refused = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let refused = world.send(refused).await;
    refused.refuses_token(401, "invalid_token");
    refused.failed_check("token.audience").await;
    let passed = Request::get(&world.api("/photos")).bearer(&plain.access);
    world.send(passed).await.is(200);
}

#[tokio::test]
async fn the_person_is_told_at_which_api_the_token_is_good() {
    let world = world().await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    for (authorization, named) in [
        (
            world.authorize(WEB, SCOPE).with("resource", ARCHIVE),
            vec![ARCHIVE, "The token is good at"],
        ),
        (world.authorize(WEB, SCOPE), Vec::new()),
    ] {
        let mut browser = Browser::new();
        let page = browser.open(&authorization.url()).await;
        let page = browser.press(&page, "login-submit", &fields).await;
        assert!(page.has("consent-allow"), "{}", page.text());
        for words in [ARCHIVE, "The token is good at"] {
            let told = page.text().contains(words);
            assert_eq!(told, named.contains(&words), "{words}: {}", page.text());
        }
    }
}

#[tokio::test]
async fn who_agreed_to_one_api_is_asked_again_for_another() {
    let world = world().await;
    let mut browser = Browser::new();
    let api = world.api("");
    let agreed = world.authorize(WEB, SCOPE);
    world.agree_in(&mut browser, ALICE, &agreed).await;
    let stop = world.app("/callback");
    // The realm's own API is what a request without `resource` means.
    let same = world.authorize(WEB, SCOPE).with("resource", &api);
    let page = browser.open_until(&same.url(), &stop).await;
    assert!(!page.has("consent-allow"), "{}", page.text());

    let archive = world.authorize(WEB, SCOPE).with("resource", ARCHIVE);
    let silent = archive.clone().with("prompt", "none");
    let answer = world.answer(browser.open_until(&silent.url(), &stop).await.response);
    let (callback, state) = (world.callback(WEB), Some("the state"));
    answer.sends_back("consent_required", &callback, state, world.realm.issuer());
    answer.failed_check("consent.given").await;
    let page = browser.open_until(&archive.url(), &stop).await;
    assert!(page.has("consent-allow"), "{}", page.text());
    browser
        .press_until(&page, "consent-allow", &[], &stop)
        .await;

    // From then on both are remembered.
    let both = archive.adding("resource", &api).with("prompt", "none");
    let answer = world.answer(browser.open_until(&both.url(), &stop).await.response);
    code_in(&answer);
}

#[tokio::test]
async fn what_is_agreed_to_at_one_api_and_what_at_another_do_not_add_up() {
    let world = world().await;
    let mut browser = Browser::new();
    let stop = world.app("/callback");
    let photos = world.authorize(WEB, "openid photos:read");
    world.agree_in(&mut browser, ALICE, &photos).await;
    let little = world.authorize(WEB, "openid").with("resource", ARCHIVE);
    world.agree_in(&mut browser, ALICE, &little).await;
    let more = photos.with("resource", ARCHIVE).with("prompt", "none");
    let answer = world.answer(browser.open_until(&more.url(), &stop).await.response);
    let (callback, state) = (world.callback(WEB), Some("the state"));
    answer.sends_back("consent_required", &callback, state, world.realm.issuer());
    let again = little.with("prompt", "none");
    code_in(&world.answer(browser.open_until(&again.url(), &stop).await.response));
}

/// The one token that a client has is what it asks `UserInfo` with, as browser libraries do.
#[tokio::test]
async fn userinfo_is_asked_with_a_token_for_another_api_too() {
    let world = world().await;
    let asked = world
        .authorize(WEB, "openid email")
        .with("resource", ARCHIVE);
    let tokens = redeem(&world, &asked, &[]).await.tokens();
    let request = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let said = world.send(request).await.is(200).json();
    assert_eq!(said["email"], "alice@example.com", "{said}");
}

#[tokio::test]
async fn several_may_be_granted_and_each_token_be_meant_for_fewer() {
    let world = world().await;
    let api = world.api("");
    let both = world
        .authorize(WEB, SCOPE)
        .adding("resource", &api)
        .adding("resource", ARCHIVE);
    let all = redeem(&world, &both, &[]).await.tokens();
    let mut expected = [api.as_str(), ARCHIVE];
    expected.sort_unstable();
    assert_eq!(audience(&world, &all.access).await, json!(expected));
    let one = redeem(&world, &both, &[&api]).await;
    one.passed_check("resource.granted").await;
    let one = one.tokens();
    assert_eq!(audience(&world, &one.access).await, json!(api));
    // A narrower token narrows nothing for the next.
    let refresh = world.refresh(WEB, &one.refresh).with("resource", ARCHIVE);
    let next = world.send(refresh).await.tokens();
    assert_eq!(audience(&world, &next.access).await, json!(ARCHIVE));
    let whole = world.send(world.refresh(WEB, &next.refresh)).await.tokens();
    assert_eq!(audience(&world, &whole.access).await, json!(expected));
}

#[tokio::test]
async fn what_was_not_granted_is_refused_and_uses_nothing_up() {
    let world = world().await;
    let code = code_in(&world.agree(ALICE, &world.authorize(WEB, SCOPE)).await);
    let answer = world.send(redeeming(&world, &code, &[ARCHIVE])).await;
    answer.is_refused(400, "invalid_target").no_store();
    answer.failed_check("resource.granted").await;
    let tokens = world.send(redeeming(&world, &code, &[])).await.tokens();
    let refresh = world.refresh(WEB, &tokens.refresh);
    let wider = world.send(refresh.clone().with("resource", ARCHIVE)).await;
    wider.is_refused(400, "invalid_target");
    wider.failed_check("resource.granted").await;
    world.send(refresh).await.tokens();
}

#[tokio::test]
async fn an_unknown_resource_is_refused_wherever_it_is_asked_for() {
    let world = world().await;
    for wrong in [
        "https://attacker.example/",
        "https://archive.example/api#fragment",
        "https://archive.example/api/",
        "/photos",
        "not a uri",
    ] {
        let authorization = world.authorize(WEB, SCOPE).with("resource", wrong);
        let answer = world.ask(&authorization).await;
        let state = Some("the state");
        answer.sends_back(
            "invalid_target",
            &world.callback(WEB),
            state,
            world.realm.issuer(),
        );
        answer.failed_check("resource.known").await;
        let pushed = Request::new("POST", &world.auth("/par"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(authorization.query())
            .basic("web", "web-secret");
        let answer = world.send(pushed).await;
        answer.is_refused(400, "invalid_target");
        answer.failed_check("resource.known").await;
        for request in [world.client_credentials(SERVICE), world.password(ALICE)] {
            let answer = world.send(request.with("resource", wrong)).await;
            answer.is_refused(400, "invalid_target");
            answer.failed_check("resource.known").await;
        }
    }
}

#[tokio::test]
async fn a_machine_and_a_password_get_tokens_for_an_api_too() {
    let world = world().await;
    for (client, request) in [
        (SERVICE, world.client_credentials(SERVICE)),
        (TRUSTED, world.password(ALICE)),
    ] {
        let tokens = world.send(request.with("resource", ARCHIVE)).await.tokens();
        let answer = world
            .send(world.introspect_as(client, &tokens.access))
            .await;
        assert_eq!(answer.is(200).json()["aud"], json!(ARCHIVE));
    }
}

#[tokio::test]
async fn an_api_asks_about_the_tokens_that_are_meant_for_it() {
    let keeper = Client {
        id: "archive",
        secret: Some("archive-secret"),
        callback: "",
    };
    let world = World::with(|mut seed| {
        seed.resources = vec![ARCHIVE.to_owned()];
        let web = seed.client_mut(WEB.id).unwrap();
        web.policy.access_token_format = Some(AccessTokenFormat::Opaque);
        let mut client = ClientSeed::confidential(keeper.id, keeper.secret.unwrap(), "");
        client.redirect_uris = Vec::new();
        client.grant_types = Vec::new();
        client.may_introspect = true;
        client.policy.introspects = vec![ARCHIVE.to_owned()];
        seed.with_client(client)
    })
    .await;
    let archive = world.authorize(WEB, SCOPE).with("resource", ARCHIVE);
    let archive = redeem(&world, &archive, &[]).await.tokens();
    let photos = redeem(&world, &world.authorize(WEB, SCOPE), &[])
        .await
        .tokens();
    for (who, token, told) in [
        (keeper, &archive.access, true),
        (API, &archive.access, false),
        (keeper, &photos.access, false),
        (API, &photos.access, true),
    ] {
        let answer = world.send(world.introspect_as(who, token)).await;
        assert_eq!(
            answer.is(200).json()["active"],
            told,
            "{}: {answer}",
            who.id
        );
    }
}
