//! The phone's page — RFC 8628 §3.3, §5.1 and §5.4, with plain forms alone.

use super::{LIFETIME, SCOPE, approve, ask, ask_as, enter, poll, poll_in_time};
use crate::support::{ALICE, BOB, Browser, Request, TV, World};

#[tokio::test]
async fn the_question_says_who_asks_since_when_from_where_and_what_for() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let page = enter(&world, &mut Browser::new(), ALICE, &asked.user_code).await;
    let text = page.text();
    for said in [
        "Print Shop on TV",
        &asked.user_code,
        "less than a minute ago",
        "127.0.0.1",
        "photos:read",
        "Alice Liddell Martin",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(page.has("device-confirm") && page.has("device-deny"));
    world.answer(page.response).is(200).no_store();
}

#[tokio::test]
async fn a_code_is_read_in_any_case_with_and_without_dash_and_spaces() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let letters = asked.user_code.replace('-', "");
    let spaced: String = letters.chars().flat_map(|c| [c, ' ']).collect();
    for typed in [
        letters.to_lowercase(),
        spaced,
        format!(" {} ", asked.user_code),
    ] {
        let page = enter(&world, &mut Browser::new(), ALICE, &typed).await;
        assert!(page.has("device-confirm"), "{typed:?}: {}", page.text());
    }
}

#[tokio::test]
async fn a_code_in_the_address_fills_the_field_and_is_confirmed_all_the_same() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let complete = asked.body["verification_uri_complete"].as_str().unwrap();
    let mut browser = Browser::new();
    let page = browser.open(complete).await;
    assert_eq!(
        page.element("user-code").attribute("value"),
        Some(&*asked.user_code)
    );
    let page = browser.press(&page, "device-submit", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    assert!(page.has("device-confirm"), "{}", page.text());
    poll_in_time(&world, &asked)
        .await
        .is_refused(400, "authorization_pending");
    // Who is signed in already is asked too, and so is who has connected this TV before.
    browser.press(&page, "device-confirm", &[]).await;
    let again = ask(&world).await;
    let complete = again.body["verification_uri_complete"].as_str().unwrap();
    let page = browser.open(complete).await;
    let page = browser.press(&page, "device-submit", &[]).await;
    assert!(page.has("device-confirm"), "{}", page.text());
    poll_in_time(&world, &again)
        .await
        .is_refused(400, "authorization_pending");
}

#[tokio::test]
async fn a_link_to_the_question_leads_to_the_form_and_asks_nothing_itself() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let mut browser = Browser::new();
    enter(&world, &mut browser, ALICE, &asked.user_code).await;
    let other = ask(&world).await;
    for proof in ["", "&proof=", "&proof=AAAA"] {
        let link = format!("/device/confirm?user_code={}{proof}", other.user_code);
        let page = browser.open(&world.auth(&link)).await;
        assert!(page.has("device-submit"), "{}", page.text());
        assert!(!page.has("device-confirm"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_yes_is_this_persons_own_and_for_this_code() {
    let world = World::new().await;
    let (one, other) = (ask(&world).await, ask(&world).await);
    let mut browser = Browser::new();
    let page = enter(&world, &mut browser, ALICE, &one.user_code).await;
    // The form of one code does not confirm another.
    let swapped = [("user_code", other.user_code.as_str())];
    let answer = browser.press_only(&page, "device-confirm", &swapped).await;
    let answer = world.answer(answer.response);
    answer.is(403).failed_check("csrf.token").await;
    // Nor does a form without its token, or one from elsewhere.
    let target = world.auth("/device/confirm");
    let bare = Request::post(
        &target,
        &[("user_code", &one.user_code), ("decision", "confirm")],
    );
    let answer = browser.send(bare, Some(&page.response.url)).await;
    world.answer(answer.response).is(403);
    for asked in [one, other] {
        poll_in_time(&world, &asked)
            .await
            .is_refused(400, "authorization_pending");
    }
}

#[tokio::test]
async fn what_is_not_ticked_is_not_granted() {
    let world = World::new().await;
    let asked = ask_as(&world, TV, "openid profile photos:read").await;
    let mut browser = Browser::new();
    let page = enter(&world, &mut browser, ALICE, &asked.user_code).await;
    let form = page.form("device-confirm");
    let request = form.request(&page.response.url, "device-confirm", &[]);
    let request = request.without("scope").with("scope", "photos:read");
    browser.send(request, Some(&page.response.url)).await;
    let tokens = poll_in_time(&world, &asked).await.tokens();
    assert_eq!(tokens.body["scope"], "openid photos:read");
}

#[tokio::test]
async fn nothing_ticked_is_asked_again() {
    let world = World::new().await;
    let asked = ask_as(&world, TV, "photos:read").await;
    let mut browser = Browser::new();
    let page = enter(&world, &mut browser, ALICE, &asked.user_code).await;
    let form = page.form("device-confirm");
    let request = form.request(&page.response.url, "device-confirm", &[]);
    let page = browser
        .send(request.without("scope"), Some(&page.response.url))
        .await;
    assert!(page.has("device-error") && page.has("device-confirm"));
    let answer = world.answer(page.response);
    answer.is(422).failed_check("consent.given").await;
    poll_in_time(&world, &asked)
        .await
        .is_refused(400, "authorization_pending");
}

#[tokio::test]
async fn a_text_that_is_no_code_costs_no_guess() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let mut browser = Browser::new();
    for _ in 0..10 {
        let page = enter(&world, &mut browser, ALICE, "hello").await;
        assert_eq!(page.response.status, 422);
        assert!(page.has("device-error"), "{}", page.text());
    }
    let page = enter(&world, &mut browser, ALICE, &asked.user_code).await;
    assert!(page.has("device-confirm"), "{}", page.text());
}

#[tokio::test]
async fn guessing_is_limited_for_the_account_and_nobody_else_is_locked_out() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let mut browser = Browser::new();
    for _ in 0..5 {
        let page = enter(&world, &mut browser, ALICE, "BBBB-BBBB").await;
        assert_eq!(page.response.status, 422, "{}", page.text());
        world
            .answer(page.response)
            .failed_check("user_code.known")
            .await;
    }
    let page = enter(&world, &mut browser, ALICE, &asked.user_code).await;
    assert_eq!(page.response.status, 429, "{}", page.text());
    assert!(page.response.header("retry-after").is_some());
    world
        .answer(page.response)
        .failed_check("user_code.guesses")
        .await;
    // Another browser of the same account is the same account.
    let page = enter(&world, &mut Browser::new(), ALICE, &asked.user_code).await;
    assert_eq!(page.response.status, 429, "{}", page.text());
    let page = enter(&world, &mut Browser::new(), BOB, &asked.user_code).await;
    assert!(page.has("device-confirm"), "{}", page.text());
    // And time heals.
    world.wait_seconds(301);
    let again = ask(&world).await;
    let page = enter(&world, &mut Browser::new(), ALICE, &again.user_code).await;
    assert!(page.has("device-confirm"), "{}", page.text());
}

#[tokio::test]
async fn who_is_not_signed_in_learns_of_no_code_whether_it_exists() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let mut seen = Vec::new();
    for code in [asked.user_code.as_str(), "BBBB-BBBB"] {
        let mut browser = Browser::new();
        let page = browser.open(&world.auth("/device")).await;
        let page = browser
            .press(&page, "device-submit", &[("user_code", code)])
            .await;
        assert!(page.has("login-submit"), "{}", page.text());
        seen.push(page.text().replace(code, ""));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_code_that_is_over_says_so_and_is_not_decided_again() {
    let world = World::new().await;
    let used = ask(&world).await;
    approve(&world, ALICE, &used).await;
    let page = enter(&world, &mut Browser::new(), BOB, &used.user_code).await;
    assert!(page.text().contains("was used already"), "{}", page.text());
    assert!(!page.has("device-confirm"));
    // Who decided is shown what became of it.
    let page = enter(&world, &mut Browser::new(), ALICE, &used.user_code).await;
    assert!(page.has("device-result"), "{}", page.text());

    let late = ask(&world).await;
    let mut browser = Browser::new();
    let page = enter(&world, &mut browser, ALICE, &late.user_code).await;
    world.wait_seconds(LIFETIME);
    let page = browser.press(&page, "device-confirm", &[]).await;
    assert!(page.text().contains("has expired"), "{}", page.text());
    let answer = world.send(poll(&world, &late)).await;
    answer.is_refused(400, "expired_token");
}

#[tokio::test]
async fn the_first_of_two_people_decides() {
    let world = World::new().await;
    let asked = ask(&world).await;
    let (mut alices, mut bobs) = (Browser::new(), Browser::new());
    let hers = enter(&world, &mut alices, ALICE, &asked.user_code).await;
    let his = enter(&world, &mut bobs, BOB, &asked.user_code).await;
    bobs.press(&his, "device-confirm", &[]).await;
    let page = alices.press(&hers, "device-deny", &[]).await;
    assert!(page.text().contains("was used already"), "{}", page.text());
    let tokens = poll_in_time(&world, &asked).await.tokens();
    let told = world.introspection(&tokens.access).await;
    assert_eq!(told["username"], "bob");
    assert_eq!(told["scope"], SCOPE);
}

#[tokio::test]
async fn the_result_is_told_to_whoever_decided_and_to_nobody_else() {
    let world = World::new().await;
    let asked = ask(&world).await;
    approve(&world, ALICE, &asked).await;
    let done = world.auth(&format!("/device/done?user_code={}", asked.user_code));
    let mut bobs = Browser::new();
    enter(&world, &mut bobs, BOB, "BBBB-BBBB").await;
    for browser in [&mut bobs, &mut Browser::new()] {
        let page = browser.open(&done).await;
        assert!(!page.has("device-result"), "{}", page.text());
    }
}

#[tokio::test]
async fn signing_in_for_a_device_leads_nowhere_else() {
    let world = World::new().await;
    for query in [
        "then=//evil.example",
        "then=device&user_code=//evil.example",
        "then=device",
    ] {
        let mut browser = Browser::new();
        let page = browser.open(&world.auth(&format!("/login?{query}"))).await;
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        let page = browser.press(&page, "login-submit", &fields).await;
        assert_eq!(page.response.url.as_str(), world.auth("/apps"), "{query}");
    }
}
