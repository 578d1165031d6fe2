//! What is told of a person: by scope and claim by claim, in the ID token and at UserInfo — OpenID Connect Core §5.1,
//! §5.3, §5.4, §5.5.

use serde_json::{Value, json};
use shared::seed::{ExcessScope, ScopeClaims, SigningAlgorithm};

use super::{Answered, Signed};
use crate::support::{
    ALICE, Authorization, Browser, Code, Request, SPA, Tokens, VERIFIER, WEB, World,
};

const ALL: &str = "openid profile email phone address";

async fn redeem(world: &World, authorization: &Authorization) -> (Tokens, Signed) {
    let page = world
        .agree_in(&mut Browser::new(), ALICE, authorization)
        .await;
    let code = Code {
        client: WEB,
        value: Answered::of(&page).get("code").expect("a code").to_owned(),
        redirect_uri: world.callback(WEB),
        verifier: VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    let id_token = Signed::verify(world, tokens.body["id_token"].as_str().unwrap()).await;
    (tokens, id_token)
}

async fn userinfo(world: &World, access_token: &str) -> Value {
    let request = Request::get(&world.auth("/userinfo")).bearer(access_token);
    world.send(request).await.is(200).json()
}

#[tokio::test]
async fn every_standard_claim_is_there_and_of_its_type() {
    let world = World::new().await;
    let (tokens, id_token) = redeem(&world, &world.authorize(WEB, ALL)).await;
    let told = userinfo(&world, &tokens.access).await;
    for name in [
        "sub",
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "email",
        "phone_number",
    ] {
        let value = told[name].as_str().unwrap_or_default();
        assert!(!value.is_empty(), "{name}: {told}");
        let told_twice = id_token.claims.get(name).is_some();
        assert_eq!(told_twice, name == "sub", "{name} is UserInfo's to tell");
    }
    assert!(told["updated_at"].is_u64(), "{told}");
    assert!(told["email_verified"].is_boolean(), "{told}");
    assert!(told["phone_number_verified"].is_boolean(), "{told}");
    for name in [
        "formatted",
        "street_address",
        "locality",
        "postal_code",
        "country",
    ] {
        assert!(told["address"][name].is_string(), "{name}: {told}");
    }
    let birthdate = told["birthdate"].as_str().unwrap();
    assert_eq!(
        birthdate.split('-').map(str::len).collect::<Vec<_>>(),
        [4, 2, 2]
    );
    assert_eq!(told["sub"], id_token.claims["sub"]);
}

/// OpenID Connect Core §5.2: beside the claim itself, under its name and the language.
#[tokio::test]
async fn claims_are_told_in_the_languages_that_are_wanted_and_known() {
    let world = World::new().await;
    let tagged = |told: &Value| {
        let members = told.as_object().unwrap().iter();
        let mut found: Vec<_> = members
            .filter(|(name, _)| name.contains('#'))
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
            .collect();
        found.sort();
        found
    };
    let both = ["name#zh-CN=爱丽丝·利德尔·马丁", "nickname#zh-CN=阿丽"];
    for (wanted, expected) in [
        ("zh-CN", &both[..]),
        ("fr zh", &both),
        ("en", &[]),
        ("zh-TW * zh_CN", &[]),
    ] {
        let authorization = world
            .authorize(WEB, "openid profile")
            .with("claims_locales", wanted);
        let (tokens, id_token) = redeem(&world, &authorization).await;
        let told = userinfo(&world, &tokens.access).await;
        assert_eq!(tagged(&told), expected, "{wanted:?}");
        assert_eq!(told["name"], "Alice Liddell Martin");
        assert!(tagged(&id_token.claims).is_empty(), "UserInfo tells it");
    }
    // Without the permission there is nothing to tell, in no language.
    let authorization = world
        .authorize(WEB, "openid email")
        .with("claims_locales", "zh-CN");
    let (tokens, _) = redeem(&world, &authorization).await;
    assert!(tagged(&userinfo(&world, &tokens.access).await).is_empty());
    // By name it needs no wish of a language, and comes where it was asked.
    let claims = r#"{"id_token":{"name#zh-CN":null}}"#;
    let authorization = world.authorize(WEB, "openid").with("claims", claims);
    let (tokens, id_token) = redeem(&world, &authorization).await;
    assert_eq!(tagged(&id_token.claims), [both[0]]);
    assert!(tagged(&userinfo(&world, &tokens.access).await).is_empty());
    let url = world.auth("/.well-known/openid-configuration");
    let metadata = world.send(Request::get(&url)).await.json();
    assert_eq!(metadata["claims_locales_supported"], json!(["zh-CN"]));
}

#[tokio::test]
async fn only_where_there_is_no_access_token_does_the_id_token_tell_what_the_scope_covers() {
    let world = World::new().await;
    for response_type in [
        "id_token",
        "id_token token",
        "code id_token",
        "code id_token token",
    ] {
        let authorization = world
            .authorize(SPA, "openid email")
            .with("response_type", response_type)
            .with("nonce", "n");
        let page = world
            .agree_in(&mut Browser::new(), ALICE, &authorization)
            .await;
        let answered = Answered::of(&page);
        let token = Signed::verify(&world, answered.get("id_token").unwrap()).await;
        let told = token.claims.get("email").is_some();
        assert_eq!(told, response_type == "id_token", "{response_type}");
        assert_eq!(token.claims.get("name"), None, "not asked for");
    }
}

/// §5.4 is what holds unless the operator says otherwise of a client that never asks UserInfo (§2: "MAY contain other
/// Claims").
#[tokio::test]
async fn a_client_may_be_told_in_the_id_token_too_by_its_policy() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut(WEB.id).expect("a client of the demo");
        web.policy.id_token_claims = Some(ScopeClaims::AlsoInIdToken);
        seed
    })
    .await;
    let authorization = world.authorize(WEB, "openid email offline_access");
    let (tokens, id_token) = redeem(&world, &authorization).await;
    assert_eq!(id_token.claims["email"], "alice@example.com");
    assert_eq!(id_token.claims.get("name"), None, "not granted");
    assert_eq!(
        userinfo(&world, &tokens.access).await["email"],
        "alice@example.com"
    );
    let renewed = world.refresh(WEB, &tokens.refresh);
    let renewed = world.send(renewed).await.tokens();
    let again = Signed::verify(&world, renewed.body["id_token"].as_str().unwrap()).await;
    assert_eq!(again.claims["email"], "alice@example.com");
    // A refresh that is narrowed says less, too.
    let narrow = world.refresh(WEB, &renewed.refresh).with("scope", "openid");
    let narrow = world.send(narrow).await.tokens();
    let less = Signed::verify(&world, narrow.body["id_token"].as_str().unwrap()).await;
    assert_eq!(less.claims.get("email"), None);
    // Everybody else is told at UserInfo.
    let world = World::new().await;
    let (_, id_token) = redeem(&world, &world.authorize(WEB, "openid email")).await;
    assert_eq!(id_token.claims.get("email"), None);
}

#[tokio::test]
async fn a_claim_that_is_asked_for_by_name_is_told_where_it_was_asked() {
    let world = World::new().await;
    let claims = json!({
        "userinfo": {"given_name": {"essential": true}, "zoneinfo": null, "invented": null},
        "id_token": {"email": {"essential": true}, "email_verified": null, "auth_time": {"essential": true}},
    });
    let authorization = world
        .authorize(WEB, "openid")
        .with("claims", &claims.to_string());
    let (tokens, id_token) = redeem(&world, &authorization).await;
    assert_eq!(id_token.claims["email"], "alice@example.com");
    assert_eq!(id_token.claims["email_verified"], true);
    assert!(id_token.claims["auth_time"].is_u64());
    assert_eq!(id_token.claims.get("given_name"), None);
    let told = userinfo(&world, &tokens.access).await;
    let names: Vec<_> = told.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["given_name", "sub", "zoneinfo"]);
    assert_eq!(tokens.body["scope"], "openid", "scope is what it was");
    // What was agreed to holds for renewed tokens too.
    let renewed = world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
    let again = Signed::verify(&world, renewed.body["id_token"].as_str().unwrap()).await;
    assert_eq!(again.claims["email"], "alice@example.com");
    assert_eq!(userinfo(&world, &renewed.access).await, told);
}

#[tokio::test]
async fn the_person_is_asked_about_such_claims_and_may_say_no() {
    let world = World::new().await;
    let claims = json!({"userinfo": {"email": null, "name": null}}).to_string();
    let authorization = world.authorize(WEB, "openid").with("claims", &claims);
    let mut browser = Browser::new();
    let stop = world.callback(WEB);
    let page = browser.open_until(&authorization.url(), &stop).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let mut asked = page.ticked("scope");
    asked.sort_unstable();
    assert_eq!(asked, ["email", "openid", "profile"]);
    // Only the profile: what is sent of a group of boxes is what is ticked.
    let request = page.unticking("email", "consent-allow");
    let answered = browser.send(request, Some(&page.response.url)).await;
    let code = Code {
        client: WEB,
        value: Answered::of(&answered).get("code").unwrap().to_owned(),
        redirect_uri: stop,
        verifier: VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    let told = userinfo(&world, &tokens.access).await;
    assert!(told["name"].is_string(), "{told}");
    assert_eq!(told.get("email"), None, "{told}");
    // And silently, what was not agreed to is asked for.
    let silent = authorization.with("prompt", "none");
    let page = browser.look(&silent.url()).await;
    assert_eq!(Answered::of(&page).get("error"), Some("consent_required"));
}

#[tokio::test]
async fn a_client_gets_no_claim_by_name_that_it_may_not_have_by_scope() {
    let world = World::new().await;
    let claims = json!({"id_token": {"phone_number": {"essential": true}}}).to_string();
    // spa did not register the scope phone: the claim is left out, and that is no error (§5.5.1).
    let authorization = world
        .authorize(SPA, "openid")
        .with("response_type", "id_token")
        .with("nonce", "n")
        .with("claims", &claims);
    let page = world
        .agree_in(&mut Browser::new(), ALICE, &authorization)
        .await;
    let token = Answered::of(&page).get("id_token").unwrap().to_owned();
    let token = Signed::verify(&world, &token).await;
    assert_eq!(token.claims.get("phone_number"), None);
}

#[tokio::test]
async fn a_malformed_claims_parameter_is_an_invalid_request() {
    let world = World::new().await;
    for claims in [
        "",
        "{",
        "[]",
        "name",
        r#"{"userinfo":[]}"#,
        r#"{"id_token":{"sub":1}}"#,
        r#"{"id_token":{"sub":{"value":5}}}"#,
        r#"{"id_token":{"sub":{"values":["alice-0001",null]}}}"#,
        r#"{"id_token":{"name":{"essential":"true"}}}"#,
        r#"{"userinfo":{"name":{"values":"Alice"}}}"#,
    ] {
        let authorization = world.authorize(WEB, "openid").with("claims", claims);
        let answer = world.ask(&authorization).await;
        if claims.is_empty() {
            assert!(answer.location().path().ends_with("/login"), "as if absent");
            continue;
        }
        let answered = Answered::in_response(&answer.response);
        assert_eq!(answered.get("error"), Some("invalid_request"), "{claims}");
        answer.failed_check("claims.valid").await;
    }
}

/// §5.5.1: a member that is null says as much as one that is not there.
#[tokio::test]
async fn a_member_of_a_claim_that_is_null_is_absent() {
    let world = World::new().await;
    let nothing = json!({"essential": null, "value": null, "values": null});
    let claims = json!({
        "userinfo": {"email": nothing}, "id_token": {"sub": nothing, "acr": nothing, "email": nothing},
    });
    let asked = world.authorize(WEB, "openid email");
    let asked = asked.with("claims", &claims.to_string());
    let (tokens, id_token) = redeem(&world, &asked).await;
    assert_eq!(id_token.claims["email"], "alice@example.com");
    let told = userinfo(&world, &tokens.access).await;
    assert_eq!(told["email"], "alice@example.com");
}

#[tokio::test]
async fn userinfo_takes_the_token_in_a_form_but_only_once_and_never_by_get() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid email").await;
    let url = world.auth("/userinfo");
    let in_form = Request::post(&url, &[("access_token", &tokens.access)]);
    let answer = world.send(in_form).await;
    assert_eq!(
        answer.is(200).no_store().json()["email"],
        "alice@example.com"
    );
    let both = Request::post(&url, &[("access_token", &tokens.access)]).bearer(&tokens.access);
    let answer = world.send(both).await;
    answer.refuses_token(400, "invalid_request");
    answer.failed_check("token.single_method").await;
    let other = Request::post(&url, &[("anything", "else")]).bearer(&tokens.access);
    world.send(other).await.is(200);
    let wrong = Request::post(&url, &[("access_token", "invented")]);
    world.send(wrong).await.refuses_token(401, "invalid_token");
    let empty = Request::post(&url, &[]);
    let answer = world.send(empty).await;
    answer.is(401).challenges("Bearer");
    assert_eq!(answer.challenge("error"), None);
}

#[tokio::test]
async fn userinfo_is_signed_for_the_client_that_registered_it_so() {
    for algorithm in SigningAlgorithm::ALL {
        let world = World::with(|mut seed| {
            let web = seed.client_mut(WEB.id).unwrap();
            web.metadata.userinfo_signed_response_alg = Some(algorithm.as_str().to_owned());
            seed
        })
        .await;
        let tokens = world.tokens(WEB, "openid email").await;
        let request = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
        let answer = world.send(request).await;
        answer.is(200).no_store();
        assert!(answer.header("content-type").starts_with("application/jwt"));
        let told = Signed::verify(&world, &answer.response.text()).await;
        assert_eq!(told.algorithm, algorithm.as_str());
        assert_eq!(told.claims["iss"], world.realm.issuer());
        assert_eq!(told.claims["aud"], WEB.id);
        assert_eq!(told.claims["sub"], "alice-0001");
        assert_eq!(told.claims["email"], "alice@example.com");
    }
}

#[tokio::test]
async fn scope_that_is_not_understood_is_refused_or_ignored_as_the_policy_says() {
    let scope = "openid email unheard:of";
    let strict = World::new().await;
    let answer = strict.ask(&strict.authorize(WEB, scope)).await;
    let answered = Answered::in_response(&answer.response);
    assert_eq!(
        answered.get("error"),
        Some("invalid_scope"),
        "RFC 6749 §4.1.2.1"
    );
    let lenient = World::with(|mut seed| {
        let web = seed.client_mut(WEB.id).unwrap();
        web.policy.excess_scope = Some(ExcessScope::Ignore);
        seed
    })
    .await;
    let (tokens, _) = redeem(&lenient, &lenient.authorize(WEB, scope)).await;
    assert_eq!(
        tokens.body["scope"], "email openid",
        "OpenID Connect Core §3.1.2.1"
    );
    for refused in ["a\"b", "unheard:of"] {
        let answer = lenient.ask(&lenient.authorize(WEB, refused)).await;
        let answered = Answered::in_response(&answer.response);
        let why = "malformed is malformed, and nothing is no scope";
        assert_eq!(answered.get("error"), Some("invalid_scope"), "{why}");
        answer.failed_check("scope.allowed").await;
    }
}

#[tokio::test]
async fn offline_access_is_for_who_can_refresh_and_needs_consent() {
    let world = World::with(|mut seed| {
        let client = seed.client_mut(SPA.id).unwrap();
        client.grant_types.retain(|grant| grant != "refresh_token");
        seed
    })
    .await;
    let (tokens, _) = redeem(&world, &world.authorize(WEB, "openid offline_access")).await;
    assert!(!tokens.refresh.is_empty());
    assert_eq!(tokens.body["scope"], "offline_access openid");
    let silent = world
        .authorize(WEB, "openid offline_access")
        .with("prompt", "none");
    let mut browser = Browser::new();
    let page = world
        .agree_in(&mut browser, ALICE, &world.authorize(WEB, "openid"))
        .await;
    assert!(Answered::of(&page).get("code").is_some());
    // Agreed to once, it is not asked for again (Core §11: "other conditions").
    let page = browser.look(&silent.url()).await;
    assert!(Answered::of(&page).get("code").is_some());
    // Who cannot refresh is not asked about it: the scope is ignored.
    let authorization = world.authorize(SPA, "openid offline_access");
    let page = world
        .agree_in(&mut Browser::new(), ALICE, &authorization)
        .await;
    let code = Code {
        client: SPA,
        value: Answered::of(&page).get("code").unwrap().to_owned(),
        redirect_uri: world.callback(SPA),
        verifier: VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    assert_eq!(tokens.body["scope"], "openid");
    assert!(tokens.refresh.is_empty());
}
