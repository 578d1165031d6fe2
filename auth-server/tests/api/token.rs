//! `POST /token`: RFC 6749 §5.1 and §5.2, but for codes, which need a browser.

use shared::observe::HttpRequest;

use crate::support::{SERVICE, TRUSTED, WEB, World};

const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn a_client_acts_for_itself_and_gets_no_refresh_token() {
    let world = World::start().await;
    let answer = world
        .post_as(SERVICE, "/token", &[CLIENT_CREDENTIALS])
        .await
        .ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    assert_eq!(answer.header("content-type"), "application/json");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 600);
    assert_eq!(tokens["scope"], "stats:read");
    assert!(tokens.get("refresh_token").is_none());
    let token = world
        .introspect(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(token["sub"], "service");
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_invalid_request_in_json() {
    let world = World::start().await;
    let form = "application/x-www-form-urlencoded";
    let too_large = vec![b'a'; 70_000];
    for (content_type, body, status, check) in [
        ("application/json", &b"{}"[..], 400, "request.content_type"),
        (form, b"grant_type=%ff%fe", 400, "request.encoding"),
        (
            form,
            b"grant_type=a&grant_type=b",
            400,
            "request.no_repeats",
        ),
        (
            form,
            b"grant_type=&client_id=spa",
            400,
            "request.parameter_present",
        ),
        (form, b"", 400, "request.parameter_present"),
        (form, too_large.as_slice(), 413, "request.size"),
    ] {
        let answer = world.post_raw(content_type, body).await;
        answer.is_refused(status, "invalid_request", check).await;
    }
    let answer = world
        .post("/token?client_secret=x", &[CLIENT_CREDENTIALS])
        .await;
    answer
        .is_refused(400, "invalid_request", "client.secret_not_in_query")
        .await;
    let answer = world.get("/token").await;
    assert_eq!(answer.header("allow"), "POST");
    answer
        .is_refused(405, "invalid_request", "request.method")
        .await;
}

#[tokio::test]
async fn a_client_that_is_not_believed_learns_nothing_of_the_reason() {
    let world = World::start().await;
    let mut bodies = Vec::new();
    for (client, check) in [
        (("service", "wrong"), "client.authenticated"),
        (("nobody", "service-secret"), "client.known"),
        (("spa", "a secret"), "client.method_allowed"),
    ] {
        let answer = world.post_as(client, "/token", &[CLIENT_CREDENTIALS]).await;
        assert!(
            answer
                .header("www-authenticate")
                .starts_with("Basic realm=")
        );
        bodies.push(answer.text());
        answer.is_refused(401, "invalid_client", check).await;
    }
    for (form, check) in [
        (vec![CLIENT_CREDENTIALS], "client.known"),
        (
            vec![CLIENT_CREDENTIALS, ("client_id", "service")],
            "client.method_allowed",
        ),
        (
            vec![
                CLIENT_CREDENTIALS,
                ("client_id", "service"),
                ("client_secret", "x"),
            ],
            "client.authenticated",
        ),
    ] {
        let answer = world.post("/token", &form).await;
        assert_eq!(answer.header("www-authenticate"), "");
        bodies.push(answer.text());
        answer.is_refused(401, "invalid_client", check).await;
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let two = [CLIENT_CREDENTIALS, ("client_secret", "service-secret")];
    let answer = world.post_as(SERVICE, "/token", &two).await;
    answer
        .is_refused(400, "invalid_request", "client.single_method")
        .await;
}

#[tokio::test]
async fn basic_credentials_may_hold_reserved_characters() {
    let world = World::start().await;
    let client = ("a b:c", "s%&=+:ecret");
    world
        .post_as(client, "/token", &[CLIENT_CREDENTIALS])
        .await
        .ok();
    let form = [
        CLIENT_CREDENTIALS,
        ("client_id", client.0),
        ("client_secret", client.1),
    ];
    world.post("/token", &form).await.ok();
}

#[tokio::test]
async fn wrong_secrets_of_others_on_a_shared_address_do_not_lock_the_client_out() {
    let world = World::start().await;
    for _ in 0..60 {
        let answer = world
            .post_as(("service", "x"), "/token", &[CLIENT_CREDENTIALS])
            .await;
        assert_eq!(answer.status(), 401);
    }
    // Everybody on this machine has this address: who guesses does not lock the client out.
    world
        .post_as(SERVICE, "/token", &[CLIENT_CREDENTIALS])
        .await
        .ok();
    let answer = world
        .post_as(("service", "x"), "/token", &[CLIENT_CREDENTIALS])
        .await;
    answer
        .is_refused(401, "invalid_client", "client.authenticated")
        .await;
}

/// Asserts what each client is answered: client, form, error, failed check.
async fn all_refused(cases: &[Case<'_>]) {
    let world = World::start().await;
    for (client, form, error, check) in cases {
        let form: Vec<(&str, &str)> = form
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let answer = world.post_as(*client, "/token", &form).await;
        answer.is_refused(400, error, check).await;
    }
}

type Case<'a> = ((&'a str, &'a str), &'a str, &'a str, &'a str);

#[tokio::test]
async fn a_grant_or_scope_that_is_not_the_client_s_is_refused() {
    let password = "grant_type=password&username=alice&password=alice-password";
    all_refused(&[
        (
            SERVICE,
            "grant_type=urn:x",
            "unsupported_grant_type",
            "grant.supported",
        ),
        (
            SERVICE,
            "grant_type=implicit",
            "unsupported_grant_type",
            "grant.supported",
        ),
        (
            WEB,
            "grant_type=client_credentials",
            "unauthorized_client",
            "grant.allowed",
        ),
        (WEB, password, "unauthorized_client", "grant.allowed"),
        (
            SERVICE,
            "grant_type=client_credentials&scope=photos:read",
            "invalid_scope",
            "scope.allowed",
        ),
        (
            SERVICE,
            "grant_type=client_credentials&scope=a\"b",
            "invalid_scope",
            "scope.allowed",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_credential_that_is_missing_or_wrong_is_refused() {
    let (missing, invalid) = ("request.parameter_present", "invalid_grant");
    all_refused(&[
        (
            WEB,
            "grant_type=authorization_code",
            "invalid_request",
            missing,
        ),
        (
            WEB,
            "grant_type=authorization_code&code=unknown",
            invalid,
            "code.known",
        ),
        (WEB, "grant_type=refresh_token", "invalid_request", missing),
        (
            WEB,
            "grant_type=refresh_token&refresh_token=x",
            invalid,
            "refresh_token.known",
        ),
        (
            TRUSTED,
            "grant_type=password&username=alice",
            "invalid_request",
            missing,
        ),
        (
            TRUSTED,
            "grant_type=password&username=alice&password=x",
            invalid,
            "login.credentials",
        ),
        (
            TRUSTED,
            "grant_type=password&username=x&password=alice-password",
            invalid,
            "login.credentials",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_refresh_token_is_its_client_s_alone_and_does_not_grow() {
    let world = World::start().await;
    let tokens = world.alice("openid profile").await;
    let token = ("refresh_token", tokens["refresh_token"].as_str().unwrap());
    let refresh = ("grant_type", "refresh_token");
    let answer = world.post_as(WEB, "/token", &[refresh, token]).await;
    answer
        .is_refused(400, "invalid_grant", "refresh_token.client")
        .await;
    let wider = [refresh, token, ("scope", "openid photos:write")];
    let answer = world.post_as(TRUSTED, "/token", &wider).await;
    answer
        .is_refused(400, "invalid_scope", "scope.not_widened")
        .await;
    let fresh = world
        .post_as(TRUSTED, "/token", &[refresh, token])
        .await
        .ok()
        .json();
    assert_eq!(fresh["scope"], "openid profile");
    assert!(fresh["id_token"].is_string());
    let used = fresh["refresh_token"].as_str().unwrap();
    world
        .post_as(TRUSTED, "/token", &[refresh, ("refresh_token", used)])
        .await
        .ok();
    let answer = world.post_as(TRUSTED, "/token", &[refresh, token]).await;
    answer
        .is_refused(400, "invalid_grant", "refresh_token.current")
        .await;
    let answer = world.post_as(TRUSTED, "/token", &[refresh, token]).await;
    answer
        .is_refused(400, "invalid_grant", "refresh_token.not_revoked")
        .await;
}

#[tokio::test]
async fn only_registered_origins_may_call_from_a_script() {
    let world = World::start().await;
    let ask = |method: &'static str, origin: &'static str| {
        let mut request = HttpRequest::get(world.at("/token")).header("origin", origin);
        request.method = method.to_owned();
        world.send(request.header("access-control-request-method", "POST"))
    };
    let preflight = ask("OPTIONS", "http://localhost:1").await;
    assert_eq!(preflight.status(), 204);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        "http://localhost:1"
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    for origin in [
        "http://localhost:2",
        "null",
        "http://localhost:1.evil.example",
    ] {
        let answer = ask("OPTIONS", origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}
