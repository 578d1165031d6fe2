//! Signing in, agreeing, signing out: `/login`, `/consent`, `/logout` — plain forms with stable ids, each
//! protected against forged requests (RFC 9700 §4.7).

use crate::support::{ALICE, BOB, Browser, Code, Page, Request, VERIFIER, WEB, World, code_in};

const SCOPE: &str = "openid photos:read";

/// The sign-in page of an authorization request.
async fn sign_in_page(world: &World, browser: &mut Browser) -> Page {
    let page = browser.open(&world.authorize(WEB, SCOPE).url()).await;
    assert!(
        page.has("username") && page.has("password"),
        "{}",
        page.text()
    );
    page
}

#[tokio::test]
async fn a_wrong_password_shows_the_form_again_and_says_so() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    let fields = [("username", "alice"), ("password", "guess")];
    let page = browser.press_only(&page, "login-submit", &fields).await;
    assert!(page.has("login-submit"), "{}", page.text());
    assert!(
        !page.response.text().contains("guess"),
        "the password is repeated"
    );
    let answer = world.answer(page.response.clone());
    answer.no_store().failed_check("login.credentials").await;

    let fields = [("username", "alice"), ("password", "alice-password")];
    let page = browser.press(&page, "login-submit", &fields).await;
    assert!(page.has("consent-allow"), "{}", page.text());
}

#[tokio::test]
async fn an_unknown_person_and_a_wrong_password_look_the_same() {
    let world = World::new().await;
    let mut texts = Vec::new();
    for name in ["alice", "nobody"] {
        let mut browser = Browser::new();
        let page = sign_in_page(&world, &mut browser).await;
        let fields = [("username", name), ("password", "guess")];
        let page = browser.press_only(&page, "login-submit", &fields).await;
        let exchange = page.response.header("exchange-id").unwrap().to_owned();
        texts.push((
            page.response.status,
            page.text().replace(&exchange, "").replace(name, ""),
        ));
    }
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test]
async fn guessing_one_account_is_limited_and_others_still_sign_in() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    for _ in 0..50 {
        let fields = [("username", "alice"), ("password", "guess")];
        let after = browser.press_only(&page, "login-submit", &fields).await;
        let answer = world.answer(after.response);
        let checks = answer.exchange().await.checks;
        let failed = |check: &shared::flow::Check| check.outcome == shared::flow::Outcome::Failed;
        if !checks
            .iter()
            .any(|check| check.id == "login.attempts" && failed(check))
        {
            continue;
        }
        answer.is(429).no_store();
        assert!(!answer.header("retry-after").is_empty(), "{answer}");
        let answer = world.agree(BOB, &world.authorize(WEB, SCOPE)).await;
        assert!(answer.location().as_str().contains("code="));
        return;
    }
    panic!("fifty guesses were answered");
}

#[tokio::test]
async fn a_form_without_its_token_or_with_anothers_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    let form = page.form("login-submit");
    let url = page.response.url.clone();
    let fields = [("username", "alice"), ("password", "alice-password")];
    let request = || form.request(&url, "login-submit", &fields);
    for forged in [
        request().without("csrf"),
        request().replacing("csrf", "invented"),
    ] {
        let answer = browser.send(forged, Some(&url)).await;
        let answer = world.answer(answer.response);
        answer.is(403).no_store().failed_check("csrf.token").await;
    }
    let mut stranger = Browser::new();
    let answer = stranger.send(request(), Some(&url)).await;
    let answer = world.answer(answer.response);
    answer.is(403).failed_check("csrf.token").await;
}

#[tokio::test]
async fn a_form_from_another_origin_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    let form = page.form("login-submit");
    let fields = [("username", "alice"), ("password", "alice-password")];
    let request = form.request(&page.response.url, "login-submit", &fields);
    let attacker = "https://attacker.example/".parse().unwrap();
    let answer = browser.send(request, Some(&attacker)).await;
    let answer = world.answer(answer.response);
    answer.is(403).failed_check("csrf.origin").await;
}

#[tokio::test]
async fn a_consent_is_remembered_for_its_scope_and_asked_for_a_wider_one() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let narrow = world.authorize(WEB, "openid");
    world.agree_in(&mut browser, ALICE, &narrow).await;
    let page = browser.look(&narrow.url()).await;
    assert!(page.location().as_str().contains("code="), "asked again");
    let page = browser.open(&world.authorize(WEB, SCOPE).url()).await;
    assert!(page.has("consent-allow"), "{}", page.text());
}

#[tokio::test]
async fn what_was_allowed_once_and_is_unticked_now_is_asked_for_again() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let wide = world.authorize(WEB, "openid photos:read");
    world.agree_in(&mut browser, ALICE, &wide).await;
    let anew = wide.clone().with("prompt", "consent");
    let page = browser.open(&anew.url()).await;
    let less = page
        .form("consent-allow")
        .request(&page.response.url, "consent-allow", &[])
        .without("scope")
        .with("scope", "openid");
    let from = page.response.url.clone();
    browser.send(less, Some(&from)).await;
    let page = browser.open(&wide.url()).await;
    assert!(page.has("consent-allow"), "{}", page.text());
}

/// RFC 6749 §3.3: a scope has a token at least. Who allows nothing is asked again, and the record says why; being
/// away is nothing by itself.
#[tokio::test]
async fn allowing_nothing_is_asked_again_and_the_record_says_which_check_said_no() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut(WEB.id).expect("the demo's web");
        web.scopes.push("offline_access".to_owned());
        seed
    })
    .await;
    for scope in ["photos:read", "photos:read offline_access"] {
        let mut browser = Browser::new();
        let mut page = browser.open(&world.authorize(WEB, scope).url()).await;
        if page.has("login-submit") {
            let fields = [("username", ALICE.username), ("password", ALICE.password)];
            page = browser.press(&page, "login-submit", &fields).await;
        }
        let url = page.response.url.clone();
        let request = page
            .form("consent-allow")
            .request(&url, "consent-allow", &[]);
        let again = browser.send(request.without("scope"), Some(&url)).await;
        assert!(again.has("consent-allow"), "{}", again.text());
        assert!(again.text().contains("nothing ticked"), "{}", again.text());
        let answer = world.answer(again.response.clone());
        answer.is(422).failed_check("consent.given").await;
        // The same page still takes a yes.
        let fields = [("scope", "photos:read")];
        let stop = world.app("/callback");
        let page = browser
            .press_until(&again, "consent-allow", &fields, &stop)
            .await;
        let answer = world.answer(page.response);
        assert!(answer.location().as_str().contains("code="), "{answer}");
        answer.passed_check("consent.given").await;
    }
}

/// Two things cannot be unticked, and one of them is enough: to sign in without any permission is a choice.
#[tokio::test]
async fn who_unticks_everything_optional_signs_in_all_the_same() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let url = page.response.url.clone();
    let form = page.form("consent-allow");
    let request = form.request(&url, "consent-allow", &[]).without("scope");
    let page = browser.send(request, Some(&url)).await;
    let code = Code {
        client: WEB,
        value: code_in(&world.answer(page.response)),
        redirect_uri: world.callback(WEB),
        verifier: VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    assert_eq!(tokens.body["scope"], "openid");
}

#[tokio::test]
async fn a_first_party_client_asks_for_no_consent() {
    let world = World::with(|mut seed| {
        seed.client_mut("web").expect("the demo's web").first_party = true;
        seed
    })
    .await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    let fields = [("username", "alice"), ("password", "alice-password")];
    let stop = world.app("/callback");
    let page = browser
        .press_until(&page, "login-submit", &fields, &stop)
        .await;
    assert!(page.location().as_str().contains("code="));
}

#[tokio::test]
async fn the_consent_page_names_the_client_and_cannot_be_framed() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    let fields = [("username", "alice"), ("password", "alice-password")];
    let page = browser.press(&page, "login-submit", &fields).await;
    assert!(page.text().contains("Print Shop"), "{}", page.text());
    let policy = page.response.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
}

#[tokio::test]
async fn signing_out_ends_the_session_but_not_by_a_link_alone() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let authorization = world.authorize(WEB, SCOPE);
    world.agree_in(&mut browser, ALICE, &authorization).await;
    let page = browser.open(&world.auth("/logout")).await;
    let silent = authorization.with("prompt", "none");
    let still = browser.look(&silent.url()).await;
    assert!(
        still.location().as_str().contains("code="),
        "a link ended it"
    );
    browser.press(&page, "logout-confirm", &[]).await;
    let ended = browser.look(&silent.url()).await;
    let answer = world.answer(ended.response);
    assert!(
        answer.location().as_str().contains("login_required"),
        "{answer}"
    );
    answer.failed_check("login.session").await;
}

#[tokio::test]
async fn a_session_cookie_is_out_of_scripts_reach_and_new_after_signing_in() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = world
        .agree_in(&mut browser, ALICE, &world.authorize(WEB, SCOPE))
        .await;
    let set: Vec<&str> = page
        .hops
        .iter()
        .flat_map(|hop| &hop.headers)
        .filter(|(name, value)| name == "set-cookie" && value.starts_with("as_session"))
        .map(|(_, value)| value.as_str())
        .collect();
    for cookie in &set {
        assert!(cookie.contains("HttpOnly"), "{cookie}");
        assert!(cookie.contains("SameSite=Lax"), "{cookie}");
    }
}

#[tokio::test]
async fn an_interaction_of_another_browser_is_unknown() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = sign_in_page(&world, &mut browser).await;
    let url = page.response.url.to_string();
    let mut stranger = Browser::new();
    let answer = world.answer(stranger.look(&url).await.response);
    if url.contains("interaction") {
        assert_ne!(answer.status(), 500, "{answer}");
        let invented = format!("{}?interaction=invented", world.auth("/login"));
        let answer = world.answer(stranger.look(&invented).await.response);
        answer.is(400).failed_check("interaction.known").await;
    }
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_answered_421() {
    let world = World::new().await;
    let request = Request::get(&world.auth("/login"));
    let port = request.url().port().unwrap();
    let mut stream = crate::support::connect(request.url()).await;
    let bytes = String::from_utf8(request.bytes()).unwrap();
    let rebound = bytes.replace(
        &format!("localhost:{port}"),
        &format!("attacker.example:{port}"),
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, rebound.as_bytes())
        .await
        .unwrap();
    let mut received = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut received)
        .await
        .unwrap();
    let head = String::from_utf8_lossy(&received);
    assert!(head.starts_with("HTTP/1.1 421"), "{head}");
}
