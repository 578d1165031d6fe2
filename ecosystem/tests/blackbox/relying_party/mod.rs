//! The client app as a relying party (OpenID Connect Core §3.1.3.7, RFC 9207, Discovery §4.3): what it lets in at the
//! provider of the realm, and what it refuses of one that lies.

mod liar;
mod refusals;
mod rotation;

use crate::support::{ALICE, Browser, Page, Person, World, plain};

/// Signs in at the realm's own provider with these choices, as `person`, as far as pages ask.
async fn sign_in(
    world: &World,
    browser: &mut Browser,
    choices: &[(&str, &str)],
    person: Person,
) -> Page {
    let page = browser.open(&world.app("/sign-in")).await;
    let mut page = browser.press(&page, "sign-in", choices).await;
    if page.response.text().contains("id=\"login-submit\"") {
        let fields = [("username", person.username), ("password", person.password)];
        page = browser.press(&page, "login-submit", &fields).await;
    }
    if page.response.text().contains("id=\"consent-allow\"") {
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    page
}

#[tokio::test]
async fn alice_signs_in_and_every_check_is_named_and_holds() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in(&world, &mut browser, &[], ALICE).await;
    let text = plain(&page.response.text());
    assert!(text.contains("Signed in as Alice Liddell Martin"), "{text}");
    assert!(
        page.response.url.as_str().ends_with("/sign-in"),
        "the code is out of the address bar"
    );
    for check in [
        "state.matches",
        "iss.matches",
        "authorization.succeeded",
        "token_response.received",
        "id_token.algorithm",
        "id_token.signature",
        "id_token.issuer",
        "id_token.audience",
        "id_token.azp",
        "id_token.not_expired",
        "id_token.issued_at",
        "id_token.nonce",
        "id_token.at_hash",
        "id_token.auth_time",
        "id_token.same_person",
        "userinfo.subject",
    ] {
        let line = format!("data-check=\"{check}\"");
        let shown = page.response.text();
        let at = shown
            .find(&line)
            .unwrap_or_else(|| panic!("{check} is not shown"));
        let before = &shown[at.saturating_sub(60)..at];
        assert!(before.contains("check-passed"), "{check}: {before}");
    }
}

#[tokio::test]
async fn a_second_sign_in_asks_nothing_and_a_silent_one_works_only_for_who_is_signed_in() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let silently = [("ask", "silently")];
    let page = browser.open(&world.app("/sign-in")).await;
    let refused = browser.press(&page, "sign-in", &silently).await;
    assert_eq!(refused.response.status, 400);
    assert!(refused.response.text().contains("login_required"));
    sign_in(&world, &mut browser, &[], ALICE).await;
    for choices in [&[][..], &silently] {
        let page = browser.open(&world.app("/sign-in")).await;
        let page = browser.press(&page, "sign-in", choices).await;
        assert!(page.hops.iter().all(|hop| hop.status != 200
            || hop.url.path() == "/sign-in"
            || hop.url.path().ends_with("/sign-in")));
        assert!(plain(&page.response.text()).contains("Signed in as Alice"));
    }
}

#[tokio::test]
async fn forgetting_signs_out_here_alone() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in(&world, &mut browser, &[], ALICE).await;
    let page = browser.press(&page, "forget", &[]).await;
    assert!(!page.response.text().contains("id=\"account\""));
    let again = browser.press(&page, "sign-in", &[]).await;
    assert!(plain(&again.response.text()).contains("Signed in as Alice"));
}
