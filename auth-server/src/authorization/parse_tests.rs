//! Every way in which an authorization request is refused: page or redirect, its code, and its one failed check.

use std::sync::Arc;

use shared::oauth::{
    GrantType, Params, Prompt, ResponseMode, ResponseType, TokenEndpointAuthMethod,
};
use shared::observe::Observation;
use shared::seed::ClientPolicy;

use super::super::delivery::Delivery;
use super::super::{
    AuthorizationRequest, AuthorizationResponse, AuthorizeError, PageError, Refusal,
};
use super::{Decoded, Parsed, known_client, parse};
use crate::authorization::decode;
use crate::client::{Client, ClientKind, Policy, PolicyDefaults};

const ISSUER: &str = "http://localhost:9000";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client() -> Client {
    let policy = Policy::resolve(&PolicyDefaults::default(), &ClientPolicy::default(), true);
    Client {
        id: "spa".parse().unwrap(),
        name: "Print Shop".to_owned(),
        description: String::new(),
        kind: ClientKind::Public,
        mac_secret: None,
        self_registered: None,
        auth_methods: vec![TokenEndpointAuthMethod::None],
        redirect_uris: vec![
            "http://localhost:8080/callback".parse().unwrap(),
            "http://127.0.0.1/cb".parse().unwrap(),
        ],
        post_logout_redirect_uris: Vec::new(),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::Implicit],
        response_types: vec![ResponseType::Code, ResponseType::Token],
        scope: "openid profile photos:read offline_access".parse().unwrap(),
        allowed_origins: Vec::new(),
        first_party: false,
        may_introspect: false,
        policy: policy.unwrap(),
        metadata: shared::seed::ClientMetadata::default(),
    }
}

fn good() -> Vec<(&'static str, &'static str)> {
    vec![
        ("response_type", "code"),
        ("client_id", "spa"),
        ("redirect_uri", "http://localhost:8080/callback"),
        ("scope", "openid photos:read"),
        ("state", "a b+c/\u{4e2d}"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// The good request with `name` changed to `value`; empty is absent.
fn with(name: &'static str, value: &'static str) -> Params {
    let mut pairs = good();
    pairs.retain(|(known, _)| *known != name);
    pairs.push((name, value));
    Params::from_pairs(&pairs)
}

fn read(params: &Params, client: Client) -> (Result<Parsed, AuthorizeError>, Option<String>) {
    let observation = Observation::nowhere();
    let found = (params.get("client_id") == Some("spa")).then(|| Arc::new(client));
    let decoded = Decoded::delivered(params.clone(), Delivery::default());
    let parsed = known_client(params, found, &observation)
        .map_err(AuthorizeError::from)
        .and_then(|client| parse(&decoded, client, ISSUER, &observation));
    (parsed, observation.failed_check().map(|check| check.id))
}

/// The request that the other tests of this folder begin with.
pub(in crate::authorization) fn sample_request() -> AuthorizationRequest {
    read(&Params::from_pairs(&good()), client())
        .0
        .unwrap()
        .request
}

#[test]
fn a_good_request_is_read_and_its_answer_carries_state_and_issuer() {
    let (parsed, failed) = read(&Params::from_pairs(&good()), client());
    let parsed = parsed.unwrap();
    assert_eq!(failed, None);
    assert_eq!(parsed.request.scope.to_string(), "openid photos:read");
    assert_eq!(parsed.request.response_mode, ResponseMode::Query);
    assert_eq!(
        parsed.callback.answer(&[("code", "x")]).location(),
        "http://localhost:8080/callback?code=x&state=a+b%2Bc%2F%E4%B8%AD&iss=http%3A%2F%2Flocalhost%3A9000"
    );
    assert_eq!(
        parsed.request.callback(&client(), ISSUER),
        Some(parsed.callback)
    );
}

#[test]
fn before_the_redirect_uri_is_trusted_there_is_only_a_page() {
    let rows = [
        (
            with("client_id", ""),
            PageError::ClientMissing,
            "request.parameter_present",
        ),
        (
            with("client_id", "nobody"),
            PageError::ClientUnknown,
            "client.known",
        ),
        (
            with("redirect_uri", ""),
            PageError::RedirectMissing,
            "redirect_uri.present",
        ),
    ];
    for (params, expected, check) in rows {
        let (result, failed) = read(&params, client());
        assert!(
            matches!(&result, Err(AuthorizeError::Page(page)) if *page == expected),
            "{result:?}"
        );
        assert_eq!(failed.as_deref(), Some(check));
    }
}

#[test]
fn a_redirect_uri_matches_character_for_character() {
    for other in [
        "http://localhost:8080/callback/",
        "http://localhost:8080/callback?x=1",
        "http://localhost:8080/callback#",
        "http://localhost:8080/callback/extra",
        "http://localhost:8080/callbac",
        "http://localhost:8080/%63allback",
        "http://localhost:8080/x/../callback",
        "http://LOCALHOST:8080/callback",
        "HTTP://localhost:8080/callback",
        "http://localhost:8081/callback",
        "http://localhost/callback",
        "http://user@localhost:8080/callback",
        "http://localhost:8080@evil.example/callback",
        "http://localhost:8080/callback\u{0}",
        "https://localhost:8080/callback",
        "//localhost:8080/callback",
        "http://127.0.0.1:5000/cb/extra",
        "http://127.0.0.1:5000@evil.example/cb",
        "http://[::1]:5000/cb",
    ] {
        let mut pairs = good();
        pairs.retain(|(name, _)| *name != "redirect_uri");
        pairs.push(("redirect_uri", other));
        let (result, failed) = read(&Params::from_pairs(&pairs), client());
        assert!(
            matches!(
                result,
                Err(AuthorizeError::Page(PageError::RedirectUnregistered))
            ),
            "{other}"
        );
        assert_eq!(failed.as_deref(), Some("redirect_uri.exact_match"));
    }
    let (parsed, _) = read(&with("redirect_uri", "http://127.0.0.1:51234/cb"), client());
    let parsed = parsed.unwrap();
    assert_eq!(parsed.request.redirect_uri, "http://127.0.0.1:51234/cb");
    assert_eq!(parsed.callback.origin(), "http://127.0.0.1:51234");
}

/// What is changed of the good request, why it is refused, and by which check.
const REDIRECTED: [((&str, &str), Refusal, &str); 16] = [
    (
        ("response_type", ""),
        Refusal::ResponseTypeMissing,
        "response_type.supported",
    ),
    (
        ("response_type", "magic"),
        Refusal::ResponseTypeUnknown,
        "response_type.supported",
    ),
    (
        ("response_type", "token code"),
        Refusal::ResponseTypeForbidden,
        "response_type.allowed",
    ),
    (
        ("response_mode", "web_message"),
        Refusal::ResponseMode,
        "response_mode.allowed",
    ),
    (("scope", "photos:write"), Refusal::Scope, "scope.allowed"),
    (("scope", "a\"b"), Refusal::Scope, "scope.allowed"),
    (("code_challenge", ""), Refusal::PkceMissing, "pkce.present"),
    (
        ("code_challenge_method", ""),
        Refusal::PkceMethod,
        "pkce.method",
    ),
    (
        ("code_challenge_method", "plain"),
        Refusal::PkceMethod,
        "pkce.method",
    ),
    (
        ("code_challenge_method", "s256"),
        Refusal::PkceMethod,
        "pkce.method",
    ),
    (
        ("code_challenge", "short"),
        Refusal::PkceMalformed,
        "pkce.challenge_well_formed",
    ),
    (("prompt", "none login"), Refusal::Prompt, "prompt.valid"),
    (("prompt", "create"), Refusal::Prompt, "prompt.valid"),
    (("max_age", "-1"), Refusal::MaxAge, "prompt.valid"),
    (("max_age", "1.5"), Refusal::MaxAge, "prompt.valid"),
    (("max_age", "soon"), Refusal::MaxAge, "prompt.valid"),
];

#[test]
fn once_it_is_trusted_every_error_is_a_redirect() {
    for ((name, value), expected, check) in REDIRECTED {
        let (result, failed) = read(&with(name, value), client());
        let Err(AuthorizeError::Redirect(callback, refusal)) = result else {
            panic!("{expected:?}: {result:?}");
        };
        assert_eq!(refusal, expected);
        assert_eq!(failed.as_deref(), Some(check));
        let response = callback.error(refusal.code(), refusal);
        let location = response.location();
        let error = format!("error={}&", refusal.code());
        assert!(location.contains(&error), "{location}");
        assert!(location.contains("state=a+b%2Bc"), "{location}");
        assert!(
            location.ends_with("iss=http%3A%2F%2Flocalhost%3A9000"),
            "{location}"
        );
    }
}

#[test]
fn implicit_is_answered_in_the_fragment_even_where_it_is_refused() {
    let mut code_only = client();
    code_only.response_types = vec![ResponseType::Code];
    let (result, failed) = read(&with("response_type", "token"), code_only);
    let Err(AuthorizeError::Redirect(callback, refusal)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(refusal, Refusal::ResponseTypeForbidden);
    assert_eq!(failed.as_deref(), Some("response_type.allowed"));
    let response = callback.error(refusal.code(), refusal);
    let location = response.location();
    assert!(location.starts_with("http://localhost:8080/callback#error=unauthorized_client&"));

    let mut pairs = good();
    pairs.retain(|(name, _)| {
        !name.starts_with("code_") && *name != "response_type" && *name != "scope"
    });
    pairs.extend([
        ("response_type", "token"),
        ("scope", "openid offline_access"),
    ]);
    let parsed = read(&Params::from_pairs(&pairs), client()).0.unwrap();
    assert_eq!(parsed.request.response_mode, ResponseMode::Fragment);
    assert_eq!(
        parsed.request.scope.to_string(),
        "openid",
        "no refresh token to hope for"
    );
    pairs.push(("response_mode", "query"));
    let (result, failed) = read(&Params::from_pairs(&pairs), client());
    assert!(matches!(
        result,
        Err(AuthorizeError::Redirect(_, Refusal::ResponseMode))
    ));
    assert_eq!(failed.as_deref(), Some("response_mode.allowed"));
}

#[test]
fn an_error_travels_as_the_answer_would_have_even_where_the_response_type_is_wrong() {
    for (response_type, mode, expected) in [
        ("magic", "form_post", "form"),
        ("magic", "fragment", "#"),
        ("magic", "", "?"),
        ("magic token", "query", "#"),
        ("magic id_token", "", "#"),
        ("", "form_post", "form"),
        ("id_token token code", "query", "#"),
        ("code", "form_post", "form"),
    ] {
        let mut pairs = good();
        pairs.retain(|(name, _)| !["response_type", "code_challenge"].contains(name));
        pairs.extend([("response_type", response_type), ("response_mode", mode)]);
        let (result, _) = read(&Params::from_pairs(&pairs), client());
        let Err(AuthorizeError::Redirect(callback, refusal)) = result else {
            panic!("{result:?}");
        };
        let got = match callback.error(refusal.code(), refusal) {
            AuthorizationResponse::Form {
                action, parameters, ..
            } => {
                assert_eq!(action, "http://localhost:8080/callback");
                let state = parameters.iter().find(|(name, _)| name == "state");
                assert_eq!(state.unwrap().1, "a b+c/\u{4e2d}");
                "form"
            }
            AuthorizationResponse::Redirect(location) if location.contains('#') => "#",
            AuthorizationResponse::Redirect(_) => "?",
        };
        assert_eq!(got, expected, "{response_type:?} {mode:?}");
    }
}

#[test]
fn an_id_token_in_the_front_channel_needs_openid_and_a_nonce() {
    let mut hybrid = client();
    hybrid.response_types = ResponseType::ALL.to_vec();
    for one in ResponseType::ALL {
        let (response_type, in_front) = (one.as_str(), one.gives_id_token());
        let ask = |scope: &'static str, nonce: &'static str| {
            let mut pairs = good();
            pairs.retain(|(name, _)| !["response_type", "scope"].contains(name));
            pairs.extend([
                ("response_type", response_type),
                ("scope", scope),
                ("nonce", nonce),
            ]);
            read(&Params::from_pairs(&pairs), hybrid.clone())
        };
        assert!(ask("openid", "n").0.is_ok(), "{response_type}");
        let (result, failed) = ask("openid", "");
        assert_eq!(result.is_err(), in_front, "{response_type}");
        assert_eq!(failed.is_some(), in_front);
        assert!(failed.is_none_or(|id| id == "nonce.present"));
        let (result, failed) = ask("profile", "n");
        assert_eq!(result.is_err(), in_front, "{response_type}");
        assert!(failed.is_none_or(|id| id == "scope.openid"));
    }
}

#[test]
fn scope_beyond_the_client_s_own_is_refused_or_left_out_as_its_policy_says() {
    let own = ClientPolicy {
        excess_scope: Some(shared::seed::ExcessScope::Ignore),
        ..ClientPolicy::default()
    };
    let mut lenient = client();
    lenient.policy = Policy::resolve(&PolicyDefaults::default(), &own, true).unwrap();
    let params = with("scope", "openid unheard:of photos:write");
    let (strict, _) = read(&params, client());
    assert!(matches!(
        strict,
        Err(AuthorizeError::Redirect(_, Refusal::Scope))
    ));
    let parsed = read(&params, lenient.clone()).0.unwrap();
    assert_eq!(parsed.request.scope.to_string(), "openid");
    let (malformed, _) = read(&with("scope", "a\"b"), lenient);
    assert!(matches!(
        malformed,
        Err(AuthorizeError::Redirect(_, Refusal::Scope))
    ));
}

#[test]
fn offline_access_is_for_clients_that_can_refresh() {
    let params = with("scope", "openid offline_access");
    let parsed = read(&params, client()).0.unwrap();
    assert_eq!(parsed.request.scope.to_string(), "openid");
    let mut refreshing = client();
    refreshing.grant_types.push(GrantType::RefreshToken);
    let parsed = read(&params, refreshing).0.unwrap();
    assert_eq!(parsed.request.scope.to_string(), "offline_access openid");
}

#[test]
fn the_mode_that_was_chosen_holds_for_later_errors() {
    let mut pairs = good();
    pairs.retain(|(name, _)| *name != "scope");
    pairs.extend([("response_mode", "fragment"), ("scope", "stats:read")]);
    let (result, _) = read(&Params::from_pairs(&pairs), client());
    let Err(AuthorizeError::Redirect(callback, refusal)) = result else {
        panic!("{result:?}");
    };
    assert!(
        callback
            .error(refusal.code(), refusal)
            .location()
            .contains("/callback#error=invalid_scope")
    );
}

#[test]
fn pkce_may_be_left_out_where_the_policy_allows_but_not_half_of_it() {
    let own = ClientPolicy {
        pkce: Some(shared::seed::PkceRule::Allowed),
        ..ClientPolicy::default()
    };
    let mut relaxed = client();
    relaxed.policy = Policy::resolve(&PolicyDefaults::default(), &own, false).unwrap();
    let mut pairs = good();
    pairs.retain(|(name, _)| *name != "code_challenge");
    let (result, failed) = read(&Params::from_pairs(&pairs), relaxed.clone());
    assert!(matches!(
        result,
        Err(AuthorizeError::Redirect(_, Refusal::PkceMissing))
    ));
    assert_eq!(failed.as_deref(), Some("pkce.present"));
    pairs.retain(|(name, _)| *name != "code_challenge_method");
    let parsed = read(&Params::from_pairs(&pairs), relaxed).0.unwrap();
    assert_eq!(parsed.request.code_challenge, None);
}

#[test]
fn what_nobody_asked_about_is_ignored_and_defaults_hold() {
    let mut pairs = good();
    pairs.retain(|(name, _)| *name != "scope");
    pairs.extend([
        ("ui_locales", "fr"),
        ("display", "wap"),
        ("extra", "1"),
        ("prompt", "login consent"),
    ]);
    let parsed = read(&Params::from_pairs(&pairs), client()).0.unwrap();
    assert_eq!(parsed.request.scope.to_string(), "photos:read profile");
    assert_eq!(parsed.request.prompt, [Prompt::Login, Prompt::Consent]);
}

#[test]
fn undecodable_and_repeated_parameters_end_on_a_page() {
    for (text, expected, check) in [
        (
            &b"client_id=%ff"[..],
            PageError::Malformed,
            "request.encoding",
        ),
        (b"client_id=%zz", PageError::Malformed, "request.encoding"),
        (
            b"redirect_uri=1&redirect%5furi=2",
            PageError::Repeated,
            "request.no_repeats",
        ),
        (
            b"client_id=spa&client_id=",
            PageError::Repeated,
            "request.no_repeats",
        ),
    ] {
        let observation = Observation::nowhere();
        assert_eq!(decode(text, &observation).unwrap_err(), expected);
        assert_eq!(observation.failed_check().unwrap().id, check);
    }
}

#[test]
fn any_other_repeated_parameter_is_told_to_the_client() {
    for (again, state) in [
        ("scope=openid", true),
        ("st%61te=x", false),
        ("nonsense=1&nonsense=2", true),
    ] {
        let text = format!("{}&{again}", Params::from_pairs(&good()).encode());
        let observation = Observation::nowhere();
        let decoded = decode(text.as_bytes(), &observation).unwrap();
        let parsed = parse(&decoded, Arc::new(client()), ISSUER, &observation);
        let Err(AuthorizeError::Redirect(callback, refusal)) = parsed else {
            panic!("{parsed:?}");
        };
        assert_eq!(refusal, Refusal::Repeated);
        assert_eq!(observation.failed_check().unwrap().id, "request.no_repeats");
        let response = callback.error(refusal.code(), refusal);
        let location = response.location();
        assert_eq!(location.contains("state="), state, "{location}");
    }
}
