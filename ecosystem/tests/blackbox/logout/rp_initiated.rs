//! RP-Initiated Logout 1.0: who may end whose session, and where the browser may go afterwards.

use super::{asks, id_token, is_signed_in, logout, signed_in};
use crate::support::{ALICE, BOB, Browser, Page, Request, SPA, WEB, World};

/// Where `spa` may go afterwards, and where nobody may.
fn home(world: &World) -> String {
    world.app("/")
}

/// It is an error page that leads nowhere, decided by this check, and nobody was signed out.
async fn refused(world: &World, browser: &mut Browser, page: Page, check: &str) {
    let answer = world.answer(page.response);
    answer.is_error_page().failed_check(check).await;
    assert!(!answer.response.text().contains("http-equiv"), "{answer}");
    assert!(
        is_signed_in(world, browser, SPA).await,
        "signed out by {check}"
    );
}

#[tokio::test]
async fn a_hint_of_this_browsers_session_signs_out_at_once_and_goes_back_with_the_state() {
    for post in [false, true] {
        let world = World::new().await;
        let mut browser = Browser::new();
        let tokens = signed_in(&world, &mut browser, SPA, "openid").await;
        let (hint, home) = (id_token(&tokens), home(&world));
        let parameters = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", &home),
            ("state", "a state & more"),
        ];
        let page = if post {
            let request = Request::post(&world.auth("/logout"), &parameters);
            let from = home.parse().unwrap();
            browser.send(request, Some(&from)).await
        } else {
            asks(&world, &mut browser, &parameters).await
        };
        let expected = format!("{home}?state=a+state+%26+more");
        assert_eq!(page.location().as_str(), expected);
        let answer = world.answer(page.response);
        answer.no_store().passed_check("logout.session").await;
        assert!(!is_signed_in(&world, &mut browser, SPA).await);
    }
}

#[tokio::test]
async fn a_state_that_was_not_sent_does_not_come_back() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let home = home(&world);
    let parameters = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", &home),
    ];
    let page = asks(&world, &mut browser, &parameters).await;
    assert_eq!(page.location().as_str(), home);
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked_and_then_goes_on() {
    let world = World::new().await;
    let mut browser = Browser::new();
    signed_in(&world, &mut browser, SPA, "openid").await;
    let home = home(&world);
    let parameters = [
        ("client_id", SPA.id),
        ("post_logout_redirect_uri", &home),
        ("state", "s"),
    ];
    let page = asks(&world, &mut browser, &parameters).await;
    assert_eq!(page.response.status, 200);
    assert!(page.has("logout-confirm") && page.has("logout-cancel"));
    assert!(
        is_signed_in(&world, &mut browser, SPA).await,
        "a link ended it"
    );
    let page = browser.press_only(&page, "logout-confirm", &[]).await;
    assert_eq!(page.location().as_str(), format!("{home}?state=s"));
    let answer = world.answer(page.response);
    answer.passed_check("logout.confirmed").await;
    assert!(!is_signed_in(&world, &mut browser, SPA).await);
}

#[tokio::test]
async fn an_address_that_nobody_vouches_for_is_not_gone_to() {
    let world = World::new().await;
    let home = home(&world);
    let address = ("post_logout_redirect_uri", home.as_str());
    for parameters in [
        &[][..],
        &[("state", "s")],
        &[address],
        &[address, ("state", "s")],
    ] {
        let mut browser = Browser::new();
        signed_in(&world, &mut browser, SPA, "openid").await;
        let page = asks(&world, &mut browser, parameters).await;
        assert!(
            page.has("logout-confirm"),
            "{parameters:?}: {}",
            page.text()
        );
        assert_eq!(
            page.has("logout-from-nobody"),
            parameters.contains(&address)
        );
        let page = browser.press_only(&page, "logout-confirm", &[]).await;
        assert!(page.has("signed-out"), "{}", page.text());
        let answer = world.answer(page.response);
        answer.is(200);
        assert_eq!(answer.header("location"), "");
        assert!(!answer.response.text().contains("http-equiv"), "{answer}");
        assert!(!is_signed_in(&world, &mut browser, SPA).await);
    }
}

#[tokio::test]
async fn an_address_that_is_not_registered_is_an_error_and_ends_nothing() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let home = home(&world);
    for wrong in [
        "https://attacker.example/",
        &format!("{home}?added=query"),
        &format!("{home}#fragment"),
        home.trim_end_matches('/'),
        &home.replace("localhost", "LOCALHOST"),
        "javascript:alert(1)",
        "not a URI",
    ] {
        for who in [("id_token_hint", hint.as_str()), ("client_id", SPA.id)] {
            let parameters = [who, ("post_logout_redirect_uri", wrong), ("state", "s")];
            let page = asks(&world, &mut browser, &parameters).await;
            refused(&world, &mut browser, page, "logout.redirect_uri").await;
        }
    }
}

#[tokio::test]
async fn what_is_no_id_token_of_this_realm_is_no_hint() {
    let world = World::new().await;
    let other = World::new().await;
    let mut browser = Browser::new();
    let tokens = signed_in(&world, &mut browser, SPA, "openid").await;
    let hint = id_token(&tokens);
    let mut parts: Vec<&str> = hint.split('.').collect();
    let stolen = id_token(&signed_in(&other, &mut Browser::new(), SPA, "openid").await);
    let foreign = super::part_of(&stolen, 1);
    parts[1] = &foreign;
    let changed = parts.join(".");
    let unsigned = format!("{}.{}.", "eyJhbGciOiJub25lIn0", parts[1]);
    let home = home(&world);
    for (wrong, check) in [
        (changed.as_str(), "logout.hint_signature"),
        (stolen.as_str(), "logout.hint_key"),
        (unsigned.as_str(), "logout.hint_readable"),
        (tokens.access.as_str(), "logout.hint_readable"),
        ("nothing like a token", "logout.hint_readable"),
        ("a.b.c", "logout.hint_readable"),
    ] {
        let parameters = [
            ("id_token_hint", wrong),
            ("post_logout_redirect_uri", &home),
            ("state", "s"),
        ];
        let page = asks(&world, &mut browser, &parameters).await;
        refused(&world, &mut browser, page, check).await;
    }
}

#[tokio::test]
async fn a_hint_may_have_expired() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    world.wait_seconds(25 * 60);
    let home = home(&world);
    let parameters = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", &home),
    ];
    let page = asks(&world, &mut browser, &parameters).await;
    assert_eq!(page.location().as_str(), home);
    assert!(!is_signed_in(&world, &mut browser, SPA).await);
}

#[tokio::test]
async fn a_hint_of_another_client_than_client_id_names_is_an_error() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let parameters = [("id_token_hint", hint.as_str()), ("client_id", WEB.id)];
    let page = asks(&world, &mut browser, &parameters).await;
    refused(&world, &mut browser, page, "logout.hint_client").await;
    let parameters = [("client_id", "nobody")];
    let page = asks(&world, &mut browser, &parameters).await;
    refused(&world, &mut browser, page, "client.known").await;
}

#[tokio::test]
async fn a_repeated_parameter_is_an_error() {
    let world = World::new().await;
    let mut browser = Browser::new();
    signed_in(&world, &mut browser, SPA, "openid").await;
    let parameters = [("client_id", SPA.id), ("client_id", WEB.id)];
    let page = asks(&world, &mut browser, &parameters).await;
    refused(&world, &mut browser, page, "request.no_repeats").await;
}

#[tokio::test]
async fn a_hint_of_another_session_or_person_asks_and_names_who_is_signed_in() {
    let world = World::new().await;
    let mut elsewhere = Browser::new();
    let alices = id_token(&signed_in(&world, &mut elsewhere, SPA, "openid").await);
    let mut browser = Browser::new();
    let bobs = super::signed_in_as(&world, &mut browser, BOB, (SPA, "openid")).await;
    let hint = id_token(&bobs);
    for parameters in [
        &[("id_token_hint", alices.as_str())][..],
        &[("id_token_hint", hint.as_str()), ("logout_hint", "alice")],
    ] {
        let page = asks(&world, &mut browser, parameters).await;
        assert!(page.has("logout-confirm"), "{}", page.text());
        assert!(page.text().contains("Bob Xiaoming Chen"), "{}", page.text());
    }
    assert!(is_signed_in(&world, &mut browser, SPA).await);
    assert!(is_signed_in(&world, &mut elsewhere, SPA).await);
    let agreeing = [("id_token_hint", hint.as_str()), ("logout_hint", "bob")];
    let page = asks(&world, &mut browser, &agreeing).await;
    assert!(page.has("signed-out"), "{}", page.text());
}

#[tokio::test]
async fn who_chooses_to_stay_stays() {
    let world = World::new().await;
    let mut browser = Browser::new();
    signed_in(&world, &mut browser, SPA, "openid").await;
    let home = home(&world);
    let parameters = [("client_id", SPA.id), ("post_logout_redirect_uri", &home)];
    let page = asks(&world, &mut browser, &parameters).await;
    let page = browser.press_only(&page, "logout-cancel", &[]).await;
    let answer = world.answer(page.response);
    answer.is(200).failed_check("logout.confirmed").await;
    assert_eq!(answer.header("location"), "");
    assert!(is_signed_in(&world, &mut browser, SPA).await);
}

#[tokio::test]
async fn a_forged_answer_signs_nobody_out() {
    let world = World::new().await;
    let mut browser = Browser::new();
    signed_in(&world, &mut browser, SPA, "openid").await;
    let forged = [("csrf", "invented"), ("decision", "confirm")];
    let request = Request::post(&world.auth("/logout"), &forged);
    let from = world.auth("/logout").parse().unwrap();
    let page = browser.send(request, Some(&from)).await;
    let answer = world.answer(page.response);
    answer.is(403).failed_check("csrf.token").await;
    assert!(is_signed_in(&world, &mut browser, SPA).await);
    let page = asks(&world, &mut browser, &[]).await;
    let form = page.form("logout-confirm");
    let request = form.request(&page.response.url, "logout-confirm", &[]);
    let attacker = "https://attacker.example/".parse().unwrap();
    let page = browser.send(request, Some(&attacker)).await;
    let answer = world.answer(page.response);
    answer.is(403).failed_check("csrf.origin").await;
    assert!(is_signed_in(&world, &mut browser, SPA).await);
}

/// A form of another site brings no cookie (SameSite=Lax): the browser is sent to ask again by itself, with one.
#[tokio::test]
async fn a_form_of_another_site_is_asked_again_as_a_navigation() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let parameters = [("id_token_hint", hint.as_str()), ("state", "a b")];
    let request = Request::post(&world.auth("/logout"), &parameters);
    let answer = world.send(request).await;
    answer.is(303).no_store();
    assert_eq!(answer.location().as_str(), logout(&world, &parameters));
    let page = browser.open(answer.location().as_str()).await;
    assert!(page.has("signed-out"), "{}", page.text());
    assert!(!is_signed_in(&world, &mut browser, SPA).await);
}

#[tokio::test]
async fn where_nobody_is_signed_in_a_hint_goes_on_and_a_client_id_gets_a_link() {
    let world = World::new().await;
    let hint = id_token(&world.tokens(SPA, "openid").await);
    let home = home(&world);
    let back = ("post_logout_redirect_uri", home.as_str());
    let mut stranger = Browser::new();
    let page = asks(&world, &mut stranger, &[("id_token_hint", &hint), back]).await;
    assert_eq!(page.location().as_str(), home);
    let page = asks(&world, &mut stranger, &[("client_id", SPA.id), back]).await;
    assert_eq!(page.response.status, 200);
    let link = page.element("logout-continue");
    assert_eq!(link.attribute("href"), Some(home.as_str()));
}

#[tokio::test]
async fn the_page_speaks_the_language_that_the_client_asks_for() {
    let world = World::new().await;
    let mut browser = Browser::new();
    signed_in(&world, &mut browser, SPA, "openid").await;
    let parameters = [("client_id", SPA.id), ("ui_locales", "fr zh-CN")];
    let page = asks(&world, &mut browser, &parameters).await;
    assert!(page.text().contains("退出登录"), "{}", page.text());
}

#[tokio::test]
async fn after_signing_out_another_may_sign_in() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let first = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    asks(&world, &mut browser, &[("id_token_hint", &first)]).await;
    let asked = world.authorize(SPA, "openid");
    let page = browser
        .open_until(&asked.url(), &world.app("/callback"))
        .await;
    assert!(page.has("login-submit"), "{}", page.text());
    let again = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let sid = |jwt: &str| super::claims(jwt)["sid"].clone();
    assert_ne!(sid(&first), sid(&again), "{ALICE:?}");
}
