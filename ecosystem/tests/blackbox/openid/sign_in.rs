//! What a client wishes of the sign-in: `prompt`, `max_age`, `id_token_hint`, `login_hint`, `acr_values`, `ui_locales`
//! and others — OpenID Connect Core §3.1.2.1, §5.5.1.1.

use serde_json::{Value, json};

use super::{Answered, Signed};
use crate::support::{ALICE, Authorization, BOB, Browser, Page, Person, WEB, World};

const ACR: &str = "urn:grantscope:acr:password";

fn request(world: &World) -> Authorization {
    world.authorize(WEB, "openid").with("nonce", "n")
}

/// The ID token that comes of an answer with a code.
async fn id_token(world: &World, page: &Page) -> Signed {
    let answered = Answered::of(page);
    let code = crate::support::Code {
        client: WEB,
        value: answered.get("code").expect("a code").to_owned(),
        redirect_uri: world.callback(WEB),
        verifier: crate::support::VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    Signed::verify(world, tokens.body["id_token"].as_str().unwrap()).await
}

/// A browser in which `person` has signed in and agreed, and the ID token of that.
async fn signed_in(world: &World, person: Person) -> (Browser, String) {
    let mut browser = Browser::new();
    let page = world.agree_in(&mut browser, person, &request(world)).await;
    let answered = Answered::of(&page);
    let code = crate::support::Code {
        client: WEB,
        value: answered.get("code").unwrap().to_owned(),
        redirect_uri: world.callback(WEB),
        verifier: crate::support::VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    (
        browser,
        tokens.body["id_token"].as_str().unwrap().to_owned(),
    )
}

async fn silently(_world: &World, browser: &mut Browser, authorization: &Authorization) -> Page {
    let authorization = authorization.clone().with("prompt", "none");
    browser.look(&authorization.url()).await
}

#[tokio::test]
async fn a_silent_renewal_asks_nothing_and_keeps_auth_time() {
    let world = World::new().await;
    let (mut browser, first) = signed_in(&world, ALICE).await;
    let before = Signed::verify(&world, &first).await;
    world.wait_seconds(90);
    let page = silently(&world, &mut browser, &request(&world)).await;
    let renewed = id_token(&world, &page).await;
    assert_eq!(renewed.claims["auth_time"], before.claims["auth_time"]);
    assert_eq!(renewed.claims["sub"], before.claims["sub"]);
    assert_eq!(renewed.claims["acr"], ACR);
    assert_eq!(renewed.claims["amr"], json!(["pwd"]));
    let iat = |token: &Signed| token.claims["iat"].as_i64().unwrap();
    assert!(iat(&renewed) >= iat(&before) + 90);
    // What was not agreed to is not asked for now.
    let more = request(&world).with("scope", "openid email");
    let answered = Answered::of(&silently(&world, &mut browser, &more).await);
    assert_eq!(answered.get("error"), Some("consent_required"));
    let nobody = silently(&world, &mut Browser::new(), &request(&world)).await;
    assert_eq!(Answered::of(&nobody).get("error"), Some("login_required"));
}

#[tokio::test]
async fn prompt_login_asks_once_and_gives_a_new_auth_time() {
    let world = World::new().await;
    let (mut browser, first) = signed_in(&world, ALICE).await;
    let before = Signed::verify(&world, &first).await;
    for (name, value) in [("prompt", "login"), ("max_age", "0"), ("max_age", "30")] {
        world.wait_seconds(60);
        let authorization = request(&world).with(name, value);
        let page = browser.open(&authorization.url()).await;
        assert!(page.has("login-submit"), "{name}={value}");
        let page = world.agree_in(&mut browser, ALICE, &authorization).await;
        let token = id_token(&world, &page).await;
        let auth_time = |token: &Signed| token.claims["auth_time"].as_i64().unwrap();
        assert!(auth_time(&token) > auth_time(&before), "{name}={value}");
    }
    let recent = request(&world).with("max_age", "10000");
    let page = browser.look(&recent.url()).await;
    assert!(Answered::of(&page).get("code").is_some(), "recent enough");
    let answered = silently(&world, &mut browser, &request(&world).with("max_age", "0")).await;
    assert_eq!(Answered::of(&answered).get("error"), Some("login_required"));
}

/// Nobody waits for the clock here: a second sign-in within one second is told from the first all the same.
#[tokio::test]
async fn who_signs_in_again_within_the_same_second_has_a_later_auth_time() {
    let world = World::new().await;
    let (mut browser, first) = signed_in(&world, ALICE).await;
    let before = Signed::verify(&world, &first).await;
    let authorization = request(&world).with("prompt", "login");
    let page = world.agree_in(&mut browser, ALICE, &authorization).await;
    let token = id_token(&world, &page).await;
    let moment = |token: &Signed, name: &str| token.claims[name].as_i64().unwrap();
    assert!(moment(&token, "auth_time") > moment(&before, "auth_time"));
    assert!(moment(&token, "auth_time") <= moment(&token, "iat"));
}

/// RP-Initiated Logout §2 asks it of logout; a hint is a hint wherever it is sent.
#[tokio::test]
async fn a_hint_whose_key_is_gone_still_names_its_person() {
    let world = World::new().await;
    let (mut browser, hint) = signed_in(&world, ALICE).await;
    let (mut of_bob, _) = signed_in(&world, BOB).await;
    let rotated = world.ecosystem.rotate_keys(world.realm.name()).await;
    rotated.unwrap_or_else(|error| panic!("{error}"));
    // Past the longest-lived token of the old key, within the session.
    for _ in 0..4 {
        world.wait_seconds(20 * 60);
        let page = silently(&world, &mut browser, &request(&world)).await;
        assert!(Answered::of(&page).get("code").is_some());
        silently(&world, &mut of_bob, &request(&world)).await;
    }
    let kid = Signed::kid(&hint);
    let url = world.auth("/jwks");
    let keys = world.send(crate::support::Request::get(&url)).await.json();
    assert!(!keys.to_string().contains(&kid), "gone: {keys}");
    let authorization = request(&world).with("id_token_hint", &hint);
    let page = silently(&world, &mut browser, &authorization).await;
    let token = id_token(&world, &page).await;
    assert_eq!(token.claims["sub"], "alice-0001");
    let page = silently(&world, &mut of_bob, &authorization).await;
    assert_eq!(Answered::of(&page).get("error"), Some("login_required"));
    let url = format!(
        "{}?id_token_hint={hint}&post_logout_redirect_uri={}",
        world.auth("/logout"),
        world.app("/")
    );
    let page = browser.look(&url).await;
    let answer = world.answer(page.response);
    answer.passed_check("logout.hint_key").await;
}

#[tokio::test]
async fn a_page_for_a_small_window_leaves_out_what_leads_elsewhere() {
    let world = World::new().await;
    for (display, popup) in [
        ("popup", true),
        ("page", false),
        ("wap", false),
        ("x", false),
    ] {
        let authorization = request(&world).with("display", display);
        let mut browser = Browser::new();
        let page = browser.open(&authorization.url()).await;
        assert!(page.has("login-submit"), "{display}");
        let shown = page.response.text();
        assert_eq!(shown.contains("is-popup"), popup, "{display}");
        let fields = [("username", "alice"), ("password", "alice-password")];
        let page = browser.press(&page, "login-submit", &fields).await;
        assert!(page.has("consent-allow"), "{display}");
        assert_eq!(
            page.response.text().contains("is-popup"),
            popup,
            "{display}"
        );
    }
    let url = world.auth("/.well-known/openid-configuration");
    let metadata = world.send(crate::support::Request::get(&url)).await.json();
    let known = json!(["page", "popup", "touch"]);
    assert_eq!(metadata["display_values_supported"], known);
}

#[tokio::test]
async fn the_registered_max_age_holds_where_none_is_asked() {
    let world = World::with(|mut seed| {
        seed.client_mut(WEB.id).unwrap().metadata.default_max_age = Some(50);
        seed
    })
    .await;
    let (mut browser, _) = signed_in(&world, ALICE).await;
    let page = browser.look(&request(&world).url()).await;
    assert!(Answered::of(&page).get("code").is_some());
    world.wait_seconds(60);
    let page = browser.open(&request(&world).url()).await;
    assert!(page.has("login-submit"));
    let longer = request(&world).with("max_age", "1000");
    let page = browser.look(&longer.url()).await;
    assert!(
        Answered::of(&page).get("code").is_some(),
        "its word is the last"
    );
}

#[tokio::test]
async fn a_hint_of_the_same_person_goes_through_even_when_it_has_expired() {
    let world = World::new().await;
    let (mut browser, hint) = signed_in(&world, ALICE).await;
    world.wait_seconds(25 * 60);
    let authorization = request(&world).with("id_token_hint", &hint);
    let page = silently(&world, &mut browser, &authorization).await;
    let token = id_token(&world, &page).await;
    assert_eq!(token.claims["sub"], "alice-0001");
}

/// §5.5.1: "one of a set of values".
#[tokio::test]
async fn of_the_subjects_that_the_claims_name_one_is_enough_and_none_is_login_required() {
    let world = World::new().await;
    let (mut browser, _) = signed_in(&world, ALICE).await;
    let asking = |wish: serde_json::Value| {
        let claims = json!({"id_token": {"sub": wish}}).to_string();
        request(&world).with("claims", &claims)
    };
    for wish in [
        json!({"values": ["bob-0002", "alice-0001"]}),
        json!({"values": ["alice-0001", "bob-0002"], "essential": true}),
        json!({"value": "alice-0001"}),
        json!({"value": "bob-0002", "values": ["alice-0001"]}),
        json!({"values": []}),
        json!(null),
    ] {
        let page = silently(&world, &mut browser, &asking(wish)).await;
        let token = id_token(&world, &page).await;
        assert_eq!(token.claims["sub"], "alice-0001");
    }
    for wish in [
        json!({"values": ["bob-0002", "carol-0003"]}),
        json!({"value": "bob-0002"}),
    ] {
        let page = silently(&world, &mut browser, &asking(wish)).await;
        assert_eq!(Answered::of(&page).get("error"), Some("login_required"));
        let answer = world.answer(page.response);
        answer.failed_check("login.expected_person").await;
    }
}

#[tokio::test]
async fn a_hint_of_another_person_is_login_required_and_never_an_answer_about_somebody_else() {
    let world = World::new().await;
    let (_, of_alice) = signed_in(&world, ALICE).await;
    let (mut browser, _) = signed_in(&world, BOB).await;
    let authorization = request(&world).with("id_token_hint", &of_alice);
    let page = silently(&world, &mut browser, &authorization).await;
    assert_eq!(Answered::of(&page).get("error"), Some("login_required"));
    let answer = world.answer(page.response);
    answer.failed_check("login.expected_person").await;
    // Asked, bob may sign in as alice …
    let page = browser.open(&authorization.url()).await;
    assert!(page.has("login-submit"));
    let page = world.agree_in(&mut browser, ALICE, &authorization).await;
    assert_eq!(id_token(&world, &page).await.claims["sub"], "alice-0001");
    // … but as bob he gets no answer.
    let page = world
        .agree_in(&mut Browser::new(), BOB, &authorization)
        .await;
    assert_eq!(Answered::of(&page).get("error"), Some("login_required"));
}

#[tokio::test]
async fn a_hint_that_was_not_issued_here_to_this_client_is_refused() {
    let world = World::new().await;
    let (mut browser, hint) = signed_in(&world, ALICE).await;
    let other = World::new().await;
    let (_, foreign) = signed_in(&other, ALICE).await;
    let access = world.tokens(WEB, "openid").await.access;
    let parts: Vec<&str> = hint.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86));
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    for wrong in [&foreign, &access, &forged, &unsigned, "rubbish"] {
        let authorization = request(&world).with("id_token_hint", wrong);
        let page = browser.look(&authorization.url()).await;
        let answered = Answered::of(&page);
        assert_eq!(answered.get("error"), Some("invalid_request"), "{wrong}");
        let answer = world.answer(page.response);
        answer.failed_check("id_token_hint.valid").await;
    }
    let of_web = world
        .authorize(crate::support::SPA, "openid")
        .with("id_token_hint", &hint);
    let answered = Answered::of(&browser.look(&of_web.url()).await);
    assert_eq!(
        answered.get("error"),
        Some("invalid_request"),
        "of another client"
    );
}

#[tokio::test]
async fn login_hint_fills_the_form_in() {
    let world = World::new().await;
    let authorization = request(&world).with("login_hint", "bob");
    let page = Browser::new().open(&authorization.url()).await;
    assert_eq!(page.element("username").attribute("value"), Some("bob"));
}

#[tokio::test]
async fn a_wished_acr_never_fails_and_an_essential_one_must_be_met() {
    let world = World::new().await;
    for acr_values in [ACR, "urn:gold", "1 2"] {
        let authorization = request(&world).with("acr_values", acr_values);
        let page = world
            .agree_in(&mut Browser::new(), ALICE, &authorization)
            .await;
        let token = id_token(&world, &page).await;
        assert_eq!(
            token.claims["acr"], ACR,
            "what was done, whatever was wished"
        );
    }
    let claims = |acr: Value| json!({"id_token": {"acr": acr}}).to_string();
    for met in [
        json!({"essential": true, "values": ["urn:gold", ACR]}),
        json!({"essential": true, "value": ACR}),
        json!({"values": ["urn:gold"]}),
        json!({"essential": true}),
        Value::Null,
    ] {
        let authorization = request(&world).with("claims", &claims(met.clone()));
        let page = world
            .agree_in(&mut Browser::new(), ALICE, &authorization)
            .await;
        assert_eq!(id_token(&world, &page).await.claims["acr"], ACR, "{met}");
    }
    let unmet = json!({"essential": true, "values": ["urn:gold"]});
    let answer = world
        .ask(&request(&world).with("claims", &claims(unmet)))
        .await;
    let answered = Answered::in_response(&answer.response);
    let error = "unmet_authentication_requirements";
    assert_eq!(answered.get("error"), Some(error));
    answer.failed_check("acr.satisfied").await;
}

#[tokio::test]
async fn sub_among_the_claims_names_the_person() {
    let world = World::new().await;
    let named = |sub: &str| json!({"id_token": {"sub": {"value": sub}}}).to_string();
    let (mut browser, _) = signed_in(&world, ALICE).await;
    let authorization = request(&world).with("claims", &named("alice-0001"));
    let page = silently(&world, &mut browser, &authorization).await;
    assert!(Answered::of(&page).get("code").is_some());
    let authorization = request(&world).with("claims", &named("bob-0002"));
    let page = silently(&world, &mut browser, &authorization).await;
    assert_eq!(Answered::of(&page).get("error"), Some("login_required"));
}

#[tokio::test]
async fn pages_speak_the_language_that_the_client_wishes_unless_the_person_chose_one() {
    let world = World::new().await;
    for (ui_locales, tag) in [
        ("fr zh-Hans-CN en", "zh-CN"),
        ("zh", "zh-CN"),
        ("fr de", "en"),
        ("en-GB zh", "en"),
    ] {
        let authorization = request(&world).with("ui_locales", ui_locales);
        let mut browser = Browser::new();
        let page = browser.open(&authorization.url()).await;
        let lang = |page: &Page| {
            page.response
                .text()
                .contains(&format!("<html lang=\"{tag}\""))
        };
        assert!(lang(&page), "{ui_locales}");
        let fields = [("username", "alice"), ("password", "wrong")];
        let wrong = browser.press(&page, "login-submit", &fields).await;
        assert!(lang(&wrong), "the same after a mistake: {ui_locales}");
        let fields = [("username", "alice"), ("password", "alice-password")];
        let consent = browser.press(&wrong, "login-submit", &fields).await;
        assert!(consent.has("consent-allow"));
        assert!(lang(&consent), "and where consent is asked: {ui_locales}");
    }
    let mut browser = Browser::new();
    browser
        .open(&world.auth("/language?to=en&return_to=/"))
        .await;
    let page = browser.open(&world.auth("/")).await;
    let chosen = page.response.text().contains("<html lang=\"en\"");
    assert!(chosen);
}

#[tokio::test]
async fn what_is_not_known_is_ignored() {
    let world = World::new().await;
    let authorization = request(&world)
        .with("display", "wap")
        .with("claims_locales", "de fr")
        .with("registration", "{}")
        .with("invented", "x");
    let page = world
        .agree_in(&mut Browser::new(), ALICE, &authorization)
        .await;
    assert!(Answered::of(&page).get("code").is_some());
    for (name, value) in [
        ("prompt", "none login"),
        ("prompt", "create"),
        ("max_age", "-1"),
        ("max_age", "soon"),
    ] {
        let answer = world.ask(&request(&world).with(name, value)).await;
        let answered = Answered::in_response(&answer.response);
        assert_eq!(answered.get("error"), Some("invalid_request"));
        answer.failed_check("prompt.valid").await;
    }
}
