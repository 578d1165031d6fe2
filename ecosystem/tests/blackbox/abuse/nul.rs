//! U+0000 wherever a request has room for text: a text of PostgreSQL cannot hold one, so nothing may try to store one or
//! to look for one there. Refused in the protocol's own words or passed over, and never a failure.

use std::sync::Arc;

use ecosystem::{Ecosystem, Store};
use serde_json::{Value, json};

use crate::replicas::Database;
use crate::support::{ALICE, Browser, Request, SERVICE, WEB, World, base64url, encode};

const SCOPE: &str = "openid profile photos:read photos:write offline_access";

/// A text with a NUL in it.
const NUL: &str = "a\0b";

/// The endpoints that take forms, and the parameters that they know.
const FORMS: [(&str, &[&str]); 7] = [
    (
        "/token",
        &[
            "grant_type",
            "code",
            "redirect_uri",
            "code_verifier",
            "refresh_token",
            "scope",
            "username",
            "password",
            "device_code",
            "assertion",
            "subject_token",
            "subject_token_type",
            "audience",
            "resource",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
        ],
    ),
    ("/introspect", &["token", "token_type_hint", "client_id"]),
    ("/revoke", &["token", "token_type_hint", "client_id"]),
    ("/device_authorization", &["client_id", "scope", "resource"]),
    ("/par", &AUTHORIZATION),
    ("/authorize", &AUTHORIZATION),
    ("/userinfo", &["access_token"]),
];

/// The parameters of an authorization request.
const AUTHORIZATION: [&str; 18] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "claims",
    "resource",
    "request",
    "request_uri",
];

/// Requests with a NUL in one place each.
#[expect(clippy::too_many_lines, reason = "one request for each place")]
fn requests(world: &World, token: &str) -> Vec<Request> {
    let mut all = Vec::new();
    for (path, names) in FORMS {
        for name in names {
            let known = match path {
                "/par" | "/authorize" => world.authorize(WEB, SCOPE).query(),
                _ => String::new(),
            };
            let pairs = url::form_urlencoded::parse(known.as_bytes());
            let pairs = pairs.into_owned().filter(|(known, _)| known != name);
            let mut pairs: Vec<(String, String)> = pairs.collect();
            pairs.push(((*name).to_owned(), NUL.to_owned()));
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (&**n, &**v)).collect();
            let form = Request::post(&world.auth(path), &pairs);
            all.push(World::signed(WEB, form.clone()));
            all.push(form);
            all.push(Request::get(&format!(
                "{}?{}",
                world.auth(path),
                encode(&pairs)
            )));
        }
    }
    let machine = [("grant_type", "client_credentials")];
    all.push(world.token(&machine).basic(NUL, "service-secret"));
    all.push(world.token(&machine).basic(SERVICE.id, NUL));
    all.push(client_assertion(world));
    let json = |method: &str, url: &str, body: &Value| {
        Request::new(method, url)
            .content_type("application/json")
            .body(body.to_string())
    };
    for name in [
        "client_name",
        "client_name#zh",
        "scope",
        "software_id",
        "contacts",
    ] {
        let mut body = json!({"redirect_uris": ["https://client.example/cb"]});
        body[name] = if name == "contacts" {
            json!([NUL])
        } else {
            json!(NUL)
        };
        all.push(json("POST", &world.auth("/register"), &body));
    }
    all.push(Request::get(&world.auth("/register/a%00b")).bearer(token));
    for path in [
        "/login?interaction=%00",
        "/consent?interaction=%00",
        "/select-account?interaction=%00",
        "/device?user_code=%00",
        "/device/confirm?user_code=%00",
        "/apps?taken_back=%00&client=%00&id=%00",
        "/logout?client_id=%00&id_token_hint=%00&post_logout_redirect_uri=%00&state=%00",
        "/logo?client_id=%00",
    ] {
        all.push(Request::get(&world.auth(path)));
    }
    let root = world.ecosystem.auth_server();
    all.push(Request::get(&format!("{root}/r/a%00b/jwks")));
    all.push(Request::get(&world.api("/photos/a%00b")).bearer(token));
    all.push(Request::get(&world.api("/photos/a%00b/picture.svg")).bearer(token));
    all.push(Request::new("DELETE", &world.api("/photos/a%00b")).bearer(token));
    for body in [
        json!({"caption": NUL, "theme": "cat"}),
        json!({"caption": "x", "theme": NUL}),
    ] {
        all.push(json("POST", &world.api("/photos"), &body).bearer(token));
    }
    all
}

/// Who asks says so in a JWT that nobody has verified yet.
fn client_assertion(world: &World) -> Request {
    let part = |value: Value| base64url(value.to_string().as_bytes());
    let claims = json!({"iss": NUL, "sub": NUL, "aud": world.realm.issuer(), "jti": NUL, "exp": 1});
    let header = json!({"alg": "ES256", "kid": NUL});
    let assertion = format!("{}.{}.{}", part(header), part(claims), base64url(b"signed"));
    world.token(&[
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
    ])
}

async fn nothing_fails(world: &World) {
    let token = world.tokens(WEB, SCOPE).await.access;
    let all = requests(world, &token);
    let number = all.len();
    for request in all {
        let shown = format!("{request:?}");
        let answer = world.send(request).await;
        assert!(answer.status() < 500, "{shown}: {answer}");
        let refuses_or_shows = answer.status() >= 300 || !shown.contains("/token\"");
        assert!(refuses_or_shows, "{shown}: {answer}");
    }
    // A person who types one into a form.
    let mut browser = Browser::new();
    let form = browser.open(&world.auth("/login")).await;
    let fields = [("username", NUL), ("password", NUL)];
    let page = browser.press_only(&form, "login-submit", &fields).await;
    assert!(
        page.response.status < 500 && page.has("login-submit"),
        "{}",
        page.text()
    );
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    assert!(page.has("sign-out-everywhere"), "{}", page.text());
    let form = browser.open(&world.auth("/device")).await;
    let page = browser
        .press_only(&form, "device-submit", &[("user_code", NUL)])
        .await;
    assert!(page.response.status < 500, "{}", page.text());
    println!("{number} requests with a NUL: none failed");
}

#[tokio::test]
async fn a_nul_is_refused_or_passed_over() {
    nothing_fails(&World::new().await).await;
}

#[tokio::test]
async fn a_nul_is_refused_or_passed_over_where_no_text_can_hold_one() {
    let Some(database) = Database::new("nul") else {
        return;
    };
    let store = Store::Postgres {
        url: database.url(),
        schema: "nul".to_owned(),
    };
    let started = Ecosystem::builder().store(store).start().await;
    let ecosystem = Arc::new(started.unwrap_or_else(|error| panic!("{error}")));
    nothing_fails(&World::inside(ecosystem, |seed| seed).await).await;
}
