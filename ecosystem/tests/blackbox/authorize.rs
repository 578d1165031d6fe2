//! `GET` and `POST /authorize` — RFC 6749 §3.1, §4.1.2.1, RFC 7636 §4.4.1, RFC 9207, OpenID Connect Core §3.1.2.6.
//! Where the redirection URI cannot be trusted: a page; else the error goes back with `state` and `iss`.

use crate::support::{ALICE, Answer, Authorization, Browser, Request, SPA, WEB, World};

/// The scope that most requests ask for.
const SCOPE: &str = "openid photos:read";

impl World {
    /// `answer` sends this error back to `web`.
    #[track_caller]
    fn is_sent_back(&self, answer: &Answer, error: &str) {
        let callback = self.callback(WEB);
        let issuer = self.realm.issuer();
        answer.sends_back(error, &callback, Some("the state"), issuer);
    }

    /// `authorization` is refused with a page, because of `check`.
    async fn shows_a_page(&self, authorization: &Authorization, check: &str) {
        let answer = self.ask(authorization).await;
        answer.is_error_page().failed_check(check).await;
    }

    /// `authorization` is refused with a redirect, because of `check`.
    async fn goes_back(&self, authorization: &Authorization, error: &str, check: &str) {
        let answer = self.ask(authorization).await;
        self.is_sent_back(&answer, error);
        answer.failed_check(check).await;
    }
}

#[tokio::test]
async fn a_code_comes_back_with_the_exact_state_and_the_issuer() {
    let world = World::new().await;
    let state = "ünusual + state & more=1 %41 \"quoted\"";
    let authorization = world.authorize(WEB, SCOPE).with("state", state);
    let answer = world.agree(ALICE, &authorization).await;
    let location = answer.location();
    let parameters: Vec<(String, String)> = location.query_pairs().into_owned().collect();
    let value = |name: &str| parameters.iter().find(|(known, _)| known == name);
    assert_eq!(value("state").unwrap().1, state);
    assert_eq!(value("iss").unwrap().1, world.realm.issuer());
    assert!(value("code").unwrap().1.len() >= 43, "{location}");
    assert_eq!(location.fragment(), None);
    answer.no_store();
}

#[tokio::test]
async fn a_post_is_as_good_as_a_get() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let request = world.authorize(WEB, SCOPE).post();
    let page = browser.send(request, None).await;
    let answer = world.answer(page.response);
    if answer.status() == 200 {
        assert!(answer.response.text().contains("login-submit"), "{answer}");
    } else {
        assert!(matches!(answer.status(), 302 | 303), "{answer}");
        assert!(
            answer
                .location()
                .as_str()
                .starts_with(&world.auth("/login"))
        );
    }
}

#[tokio::test]
async fn an_unknown_client_gets_a_page() {
    let world = World::new().await;
    let authorization = world.authorize(WEB, SCOPE).with("client_id", "nobody");
    world.shows_a_page(&authorization, "client.known").await;
}

#[tokio::test]
async fn a_missing_client_id_gets_a_page() {
    let world = World::new().await;
    for authorization in [
        world.authorize(WEB, SCOPE).without("client_id"),
        world.authorize(WEB, SCOPE).with("client_id", ""),
    ] {
        let check = "request.parameter_present";
        world.shows_a_page(&authorization, check).await;
    }
}

#[tokio::test]
async fn a_missing_redirect_uri_gets_a_page_even_with_one_registered() {
    let world = World::new().await;
    for authorization in [
        world.authorize(WEB, SCOPE).without("redirect_uri"),
        world.authorize(WEB, SCOPE).with("redirect_uri", ""),
    ] {
        world
            .shows_a_page(&authorization, "redirect_uri.present")
            .await;
    }
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_the_registered_one_gets_a_page_and_never_a_redirect() {
    let world = World::new().await;
    let registered = world.callback(WEB);
    let authority = &registered[7..registered[7..].find('/').unwrap() + 7];
    let variants = [
        "https://attacker.example/callback".to_owned(),
        // a prefix, and what a prefix match would let through
        registered[..registered.len() - 1].to_owned(),
        format!("{registered}/"),
        format!("{registered}/more"),
        format!("{registered}?next=https://attacker.example"),
        format!("{registered}#fragment"),
        format!("{registered}.attacker.example"),
        format!("{registered}/../callback"),
        // the same for a parser, another for a comparison of characters
        registered.replace("/callback", "/%63allback"),
        registered.replace("/callback", "/./callback"),
        registered.replace("/callback", "//callback"),
        registered.replace("/callback", "/callback%00"),
        registered.replace("/callback", "/CALLBACK"),
        registered.replace("http://", "HTTP://"),
        registered.replace("http://", "https://"),
        registered.replace("localhost", "LOCALHOST"),
        registered.replace("localhost", "127.0.0.1"),
        registered.replace("localhost", "localhost."),
        registered.replace("http://", "http://user@"),
        registered.replace(authority, &format!("{authority}@attacker.example")),
        registered.replace(authority, "localhost:1"),
        format!(" {registered}"),
        "javascript:alert(1)".to_owned(),
        "/callback".to_owned(),
    ];
    for variant in variants {
        let authorization = world.authorize(WEB, SCOPE).with("redirect_uri", &variant);
        let answer = world.ask(&authorization).await;
        assert_eq!(answer.status(), 400, "{variant:?}: {answer}");
        let check = "redirect_uri.exact_match";
        answer.is_error_page().failed_check(check).await;
    }
}

#[tokio::test]
async fn a_redirect_uri_of_another_client_gets_a_page() {
    let world = World::new().await;
    let uri = world.callback(SPA);
    let authorization = world.authorize(WEB, SCOPE).with("redirect_uri", &uri);
    let check = "redirect_uri.exact_match";
    world.shows_a_page(&authorization, check).await;
}

#[tokio::test]
async fn a_repeated_client_id_or_redirect_uri_gets_a_page() {
    let world = World::new().await;
    for name in ["client_id", "redirect_uri"] {
        let uri = world.callback(WEB);
        let value = if name == "client_id" { "web" } else { &uri };
        let authorization = world.authorize(WEB, SCOPE).adding(name, value);
        world
            .shows_a_page(&authorization, "request.no_repeats")
            .await;
    }
}

#[tokio::test]
async fn any_other_repeated_parameter_is_an_invalid_request() {
    let world = World::new().await;
    let authorization = world.authorize(WEB, SCOPE).adding("scope", "profile");
    world
        .goes_back(&authorization, "invalid_request", "request.no_repeats")
        .await;
}

#[tokio::test]
async fn an_unknown_parameter_is_ignored() {
    let world = World::new().await;
    let authorization = world.authorize(WEB, SCOPE).with("surprise", "1");
    let answer = world.agree(ALICE, &authorization).await;
    assert!(answer.location().as_str().contains("code="), "{answer}");
}

#[tokio::test]
async fn a_missing_response_type_is_an_invalid_request() {
    let world = World::new().await;
    for authorization in [
        world.authorize(WEB, SCOPE).without("response_type"),
        world.authorize(WEB, SCOPE).with("response_type", ""),
    ] {
        world
            .goes_back(&authorization, "invalid_request", "response_type.supported")
            .await;
    }
}

#[tokio::test]
async fn an_unknown_response_type_is_unsupported() {
    let world = World::new().await;
    for unknown in ["device", "code device", "CODE"] {
        let authorization = world.authorize(WEB, SCOPE).with("response_type", unknown);
        let error = "unsupported_response_type";
        world
            .goes_back(&authorization, error, "response_type.supported")
            .await;
    }
}

#[tokio::test]
async fn a_response_type_that_is_not_this_clients_is_unauthorized() {
    let world = World::new().await;
    let authorization = world.authorize(WEB, SCOPE).with("response_type", "token");
    let answer = world.ask(&authorization).await;
    world.is_sent_back(&answer, "unauthorized_client");
    let fragment = answer.location().fragment().map(str::to_owned);
    assert!(
        fragment.is_some(),
        "errors of this type go into the fragment"
    );
    answer.failed_check("response_type.allowed").await;
}

#[tokio::test]
async fn a_response_mode_that_leaks_is_an_invalid_request() {
    let world = World::new().await;
    let authorization = world.authorize(WEB, SCOPE).with("response_mode", "smoke");
    let check = "response_mode.allowed";
    world
        .goes_back(&authorization, "invalid_request", check)
        .await;
    let implicit = world
        .authorize(SPA, SCOPE)
        .with("response_type", "token")
        .with("redirect_uri", &world.app("/callback/implicit"))
        .with("response_mode", "query");
    let answer = world.ask(&implicit).await;
    assert!(answer.location().as_str().contains("invalid_request"));
    answer.failed_check(check).await;
}

#[tokio::test]
async fn a_scope_that_is_unknown_or_not_this_clients_or_malformed_is_invalid() {
    let world = World::new().await;
    for scope in [
        "openid unheard-of",
        "stats:read",
        "openid \"quoted\"",
        "ümlaut",
    ] {
        let authorization = world.authorize(WEB, scope);
        world
            .goes_back(&authorization, "invalid_scope", "scope.allowed")
            .await;
    }
}

#[tokio::test]
async fn a_request_without_a_challenge_is_invalid_for_public_and_confidential_clients() {
    let world = World::new().await;
    for client in [SPA, WEB] {
        let authorization = world
            .authorize(client, SCOPE)
            .without("code_challenge")
            .without("code_challenge_method");
        let answer = world.ask(&authorization).await;
        let callback = world.callback(client);
        let issuer = world.realm.issuer();
        answer.sends_back("invalid_request", &callback, Some("the state"), issuer);
        answer.failed_check("pkce.present").await;
    }
}

#[tokio::test]
async fn a_challenge_that_is_not_s256_is_invalid() {
    let world = World::new().await;
    for authorization in [
        // Absent means plain (RFC 7636 §4.3), and plain is not offered.
        world.authorize(WEB, SCOPE).without("code_challenge_method"),
        world
            .authorize(WEB, SCOPE)
            .with("code_challenge_method", "plain"),
        world
            .authorize(WEB, SCOPE)
            .with("code_challenge_method", "s256"),
        world
            .authorize(WEB, SCOPE)
            .with("code_challenge_method", "S512"),
    ] {
        world
            .goes_back(&authorization, "invalid_request", "pkce.method")
            .await;
    }
}

#[tokio::test]
async fn a_challenge_that_is_not_43_to_128_unreserved_characters_is_invalid() {
    let world = World::new().await;
    let padded = format!("{}=", crate::support::CHALLENGE);
    for challenge in [
        "short",
        &"a".repeat(42),
        &"a".repeat(129),
        &padded,
        &"ä".repeat(50),
    ] {
        let authorization = world
            .authorize(WEB, SCOPE)
            .with("code_challenge", challenge);
        let check = "pkce.challenge_well_formed";
        world
            .goes_back(&authorization, "invalid_request", check)
            .await;
    }
}

#[tokio::test]
async fn prompt_none_without_a_login_session_requires_login() {
    let world = World::new().await;
    let authorization = world.authorize(WEB, SCOPE).with("prompt", "none");
    world
        .goes_back(&authorization, "login_required", "login.session")
        .await;
}

#[tokio::test]
async fn prompt_none_without_consent_requires_consent_and_with_it_answers_at_once() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let narrow = world.authorize(WEB, "openid");
    world.agree_in(&mut browser, ALICE, &narrow).await;

    let wider = world.authorize(WEB, SCOPE).with("prompt", "none");
    let page = browser.look(&wider.url()).await;
    let answer = world.answer(page.response);
    world.is_sent_back(&answer, "consent_required");
    answer.failed_check("consent.given").await;

    let page = browser.look(&narrow.with("prompt", "none").url()).await;
    assert!(
        page.location().as_str().contains("code="),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_login_that_is_older_than_max_age_is_asked_for_again() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let authorization = world.authorize(WEB, SCOPE);
    world.agree_in(&mut browser, ALICE, &authorization).await;
    world.wait_seconds(120);
    let strict = authorization.with("max_age", "60");
    let silent = browser
        .look(&strict.clone().with("prompt", "none").url())
        .await;
    let answer = world.answer(silent.response);
    world.is_sent_back(&answer, "login_required");
    let page = browser.open(&strict.url()).await;
    assert!(page.has("login-submit"), "{}", page.text());
}

#[tokio::test]
async fn values_of_prompt_and_max_age_that_make_no_sense_are_invalid() {
    let world = World::new().await;
    for (name, value) in [
        ("prompt", "none login"),
        ("prompt", "dance"),
        ("max_age", "-1"),
        ("max_age", "soon"),
    ] {
        let authorization = world.authorize(WEB, SCOPE).with(name, value);
        world
            .goes_back(&authorization, "invalid_request", "prompt.valid")
            .await;
    }
}

#[tokio::test]
async fn request_objects_are_refused_by_name() {
    let world = World::new().await;
    let (object, supported) = ("request_object.well_formed", "request_object.supported");
    for (name, error, check) in [
        ("request", "invalid_request_object", object),
        ("request_uri", "request_uri_not_supported", supported),
    ] {
        let authorization = world
            .authorize(WEB, SCOPE)
            .with(name, "https://attacker.example/");
        world.goes_back(&authorization, error, check).await;
    }
}

#[tokio::test]
async fn a_person_who_says_no_sends_access_denied_back() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let stop = world.app("/callback");
    let authorization = world.authorize(WEB, SCOPE);
    let page = browser.open(&authorization.url()).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let page = browser.press_until(&page, "consent-deny", &[], &stop).await;
    let answer = world.answer(page.response);
    world.is_sent_back(&answer, "access_denied");
    answer.failed_check("consent.given").await;
}

#[tokio::test]
async fn an_error_without_state_goes_back_without_state() {
    let world = World::new().await;
    for authorization in [
        world.authorize(WEB, "unheard-of").without("state"),
        world.authorize(WEB, "unheard-of").with("state", ""),
    ] {
        let answer = world.ask(&authorization).await;
        let callback = world.callback(WEB);
        answer.sends_back("invalid_scope", &callback, None, world.realm.issuer());
    }
}

#[tokio::test]
async fn an_implicit_answer_carries_its_token_in_the_fragment_only() {
    let world = World::new().await;
    let authorization = world
        .authorize(SPA, "photos:read")
        .with("response_type", "token")
        .with("redirect_uri", &world.app("/callback/implicit"))
        .without("code_challenge")
        .without("code_challenge_method");
    let answer = world.agree(ALICE, &authorization).await;
    let location = answer.no_store().location();
    assert_eq!(location.query(), None, "{location}");
    let fragment = location.fragment().unwrap();
    for needed in [
        "access_token=",
        "token_type=Bearer",
        "expires_in=",
        "state=",
        "iss=",
    ] {
        assert!(fragment.contains(needed), "{needed} in {fragment}");
    }
    assert!(!fragment.contains("refresh_token"), "{fragment}");
}

#[tokio::test]
async fn a_body_of_another_content_type_gets_a_page() {
    let world = World::new().await;
    let request = world.authorize(WEB, SCOPE).post();
    let answer = world.send(request.content_type("application/json")).await;
    answer
        .is_error_page()
        .failed_check("request.content_type")
        .await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let world = World::new().await;
    let padding = "x".repeat(1024 * 1024);
    let request = world.authorize(WEB, SCOPE).with("state", &padding).post();
    let answer = world.send(request).await;
    answer.is(413).failed_check("request.size").await;
    assert_eq!(answer.response.header("location"), None);
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_get_a_page() {
    let world = World::new().await;
    let query = format!("{}&login_hint=%ff%fe", world.authorize(WEB, SCOPE).query());
    let url = format!("{}?{query}", world.auth("/authorize"));
    let answer = world.send(Request::get(&url)).await;
    answer
        .is_error_page()
        .failed_check("request.encoding")
        .await;
    let request = world.authorize(WEB, SCOPE).post().body(query);
    let answer = world.send(request).await;
    answer
        .is_error_page()
        .failed_check("request.encoding")
        .await;
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let world = World::new().await;
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = world
            .send(Request::new(method, &world.authorize(WEB, SCOPE).url()))
            .await;
        answer.is(405);
        assert!(answer.header("allow").contains("GET"), "{answer}");
    }
}
