//! `/register` — RFC 7591 §3, RFC 7592, OpenID Connect Dynamic Client Registration 1.0.

mod libraries;
pub(super) mod management;
mod narrowed;
mod policy;
mod use_of_it;
mod waiting;

use serde_json::{Value, json};
use shared::oauth::random_id;
use shared::seed::RegistrationRule;

use crate::support::{Answer, Answered, Outside, Request, Signer, World};

const CALLBACK: &str = "https://client.example/cb";

/// A registration request with this JSON.
fn post(world: &World, body: &Value) -> Request {
    Request::new("POST", &world.auth("/register"))
        .header("content-type", "application/json")
        .body(body.to_string())
}

async fn register(world: &World, body: Value) -> Answer {
    world.send(post(world, &body)).await
}

/// A registration that succeeds, as its JSON.
pub(crate) async fn registered(world: &World, body: Value) -> Value {
    let answer = register(world, body).await;
    answer.is(201).no_store();
    answer.json()
}

/// A request to manage a registration, by its token.
fn manage(method: &str, client: &Value) -> Request {
    let uri = client["registration_client_uri"].as_str().unwrap();
    let token = client["registration_access_token"].as_str().unwrap();
    Request::new(method, uri).bearer(token)
}

fn text<'a>(client: &'a Value, name: &str) -> &'a str {
    client[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {client}"))
}

#[tokio::test]
async fn a_client_registers_by_its_redirect_uri_alone_and_gets_the_defaults() {
    let world = World::new().await;
    let client = registered(&world, json!({"redirect_uris": [CALLBACK]})).await;
    assert_eq!(client["redirect_uris"], json!([CALLBACK]));
    assert_eq!(client["grant_types"], json!(["authorization_code"]));
    assert_eq!(client["response_types"], json!(["code"]));
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(client["application_type"], "web");
    assert_eq!(client["id_token_signed_response_alg"], "RS256");
    assert_eq!(client["client_secret_expires_at"], 0);
    assert!(client["client_id_issued_at"].is_u64());
    assert!(text(&client, "client_secret").len() >= 43);
    assert!(text(&client, "registration_access_token").len() >= 43);
    let uri = format!("{}/{}", world.auth("/register"), text(&client, "client_id"));
    assert_eq!(client["registration_client_uri"], uri);
    let members = client.as_object().unwrap();
    assert!(members.values().all(|value| !value.is_null()), "{client}");
}

#[tokio::test]
async fn everything_that_is_registered_comes_back() {
    let world = World::new().await;
    let sent = json!({
        "redirect_uris": [CALLBACK, "https://client.example/other"],
        "response_types": ["code", "code id_token"],
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "application_type": "web",
        "contacts": ["people@client.example"],
        "client_name": "A client",
        "client_name#zh-CN": "一个客户端",
        "client_uri": "https://client.example/",
        "policy_uri": "https://client.example/policy",
        "tos_uri": "https://client.example/terms",
        "logo_uri": "https://client.example/logo.png",
        "jwks": Signer::new("ES256", "one").jwks(),
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "id_token_signed_response_alg": "PS256",
        "request_object_signing_alg": "ES256",
        "default_max_age": 3600,
        "require_auth_time": true,
        "default_acr_values": ["1"],
        "initiate_login_uri": "https://client.example/begin",
        "request_uris": ["https://client.example/request#hash"],
        "post_logout_redirect_uris": ["https://client.example/after"],
        "backchannel_logout_uri": "https://client.example/back",
        "backchannel_logout_session_required": true,
        "frontchannel_logout_uri": "https://client.example/front",
        "frontchannel_logout_session_required": true,
        "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "software_version": "1.0",
        "scope": "openid profile",
    });
    let client = registered(&world, sent.clone()).await;
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&client[name], value, "{name}");
    }
    assert!(
        client.get("client_secret").is_none(),
        "its key is its proof"
    );
    let read = world.send(manage("GET", &client)).await;
    read.is(200).no_store();
    assert_eq!(read.json(), client);
}

#[tokio::test]
async fn what_is_not_understood_is_left_out_and_null_is_absent() {
    let world = World::new().await;
    let sent = json!({
        "redirect_uris": [CALLBACK], "unheard_of": {"a": 1}, "client_name": null, "jwks_uri": null,
    });
    let client = registered(&world, sent).await;
    for name in ["unheard_of", "client_name", "jwks_uri"] {
        assert!(client.get(name).is_none(), "{name}");
    }
}

#[tokio::test]
async fn redirect_uris_are_held_to_the_rules_of_their_application_type() {
    let world = World::new().await;
    for (kind, uri) in [
        ("web", "https://client.example/cb?a=b"),
        ("web", "http://localhost:3000/cb"),
        ("web", "https://localhost.client.example:8443/cb"),
        ("native", "com.example.app:/cb"),
        ("native", "http://localhost/cb"),
        ("native", "http://127.0.0.1/cb"),
        ("native", "http://[::1]:1234/cb"),
        ("native", "http://127.0.0.1:4711/cb?x=y"),
        ("native", "com.example.app://auth/cb"),
        ("web", "https://client.example"),
        ("web", "HTTPS://Client.example/cb"),
        ("native", "https://client.example/cb"),
    ] {
        let body = json!({"redirect_uris": [uri], "application_type": kind});
        registered(&world, body).await;
    }
    for (kind, uris) in [
        ("web", json!(null)),
        ("web", json!([])),
        ("web", json!("https://client.example/cb")),
        ("web", json!([42])),
        ("web", json!(["https://client.example/cb#fragment"])),
        ("web", json!(["https://client.example/cb#"])),
        ("web", json!(["http://client.example/cb"])),
        ("web", json!(["com.example.app:/cb"])),
        ("web", json!(["https://a.example:/cb"])),
        ("web", json!(["https://a..b/cb"])),
        ("web", json!(["https://%61.example/cb"])),
        ("web", json!(["https:/x"])),
        ("web", json!(["https:///x"])),
        ("native", json!(["http://127.1/cb"])),
        ("web", json!(["/cb"])),
        ("web", json!(["javascript:alert(1)"])),
        ("web", json!(["JavaScript://client.example/%0aalert(1)"])),
        ("web", json!(["data:text/html,x"])),
        ("web", json!(["https://user@client.example/cb"])),
        ("web", json!([CALLBACK, "vbscript:x"])),
        ("native", json!(["http://client.example/cb"])),
        ("native", json!(["myapp:/cb"])),
        ("native", json!(["javascript:alert(1)"])),
    ] {
        let answer = register(
            &world,
            json!({"redirect_uris": uris, "application_type": kind}),
        )
        .await;
        answer.is_refused(400, "invalid_redirect_uri").no_store();
        answer.failed_check("registration.redirect_uris").await;
    }
}

/// What browsers repair leads elsewhere by another parser (WHATWG URL §4, RFC 3986 §3).
#[tokio::test]
async fn a_redirect_uri_that_a_parser_would_repair_is_refused() {
    let world = World::new().await;
    for (kind, uri) in [
        ("web", "https://client.example\\cb"),
        ("web", "https://client.example/a\\cb"),
        ("web", "http:\\\\localhost/cb"),
        ("web", "http:/localhost/cb"),
        ("web", "http:localhost/cb"),
        ("web", " https://client.example/cb"),
        ("web", "https://client.example/cb "),
        ("web", "https://client.example/a/../cb"),
        ("web", "https://client.example/%2E%2e/cb"),
        ("web", "https://cli\u{eb}nt.example/cb"),
        ("native", "com.example.app:\\cb"),
    ] {
        let body = json!({"redirect_uris": [uri], "application_type": kind});
        let answer = register(&world, body).await;
        answer.is_refused(400, "invalid_redirect_uri").no_store();
        answer.failed_check("registration.redirect_uris").await;
    }
}

/// Grants, algorithms and keys that no client may have.
fn senseless_grants_and_keys(key: &Signer) -> Vec<(&'static str, Value)> {
    let mut private = key.jwk();
    private["d"] = json!("c2VjcmV0");
    vec![
        ("application_type", json!("toaster")),
        ("grant_types", json!(["password"])),
        (
            "grant_types",
            json!(["urn:ietf:params:oauth:grant-type:token-exchange"]),
        ),
        ("grant_types", json!("authorization_code")),
        ("response_types", json!(["magic"])),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("token_endpoint_auth_signing_alg", json!("none")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("HS512")),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP")),
        ("userinfo_signed_response_alg", json!("none")),
        ("userinfo_encrypted_response_alg", json!("RSA-OAEP")),
        ("tls_client_certificate_bound_access_tokens", json!(true)),
        ("subject_type", json!("private")),
        ("jwks", json!({"keys": [private]})),
        ("jwks", json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]})),
        (
            "jwks",
            json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}),
        ),
        ("jwks", json!({"keys": "none"})),
        ("jwks", json!([])),
    ]
}

/// Addresses, times and texts that no client may have.
fn senseless_addresses_and_texts() -> Vec<(&'static str, Value)> {
    vec![
        ("jwks_uri", json!("file:///etc/passwd")),
        ("jwks_uri", json!("javascript:alert(1)")),
        ("logo_uri", json!("data:image/png;base64,AA")),
        ("policy_uri", json!("javascript:alert(1)")),
        ("tos_uri", json!("JAVASCRIPT:alert(1)")),
        ("client_uri", json!("vbscript:x")),
        ("client_uri", json!("/home")),
        ("initiate_login_uri", json!("http://localhost/begin")),
        ("request_uris", json!(["ftp://client.example/r"])),
        (
            "post_logout_redirect_uris",
            json!(["https://client.example/#x"]),
        ),
        ("post_logout_redirect_uris", json!(["javascript:alert(1)"])),
        ("backchannel_logout_uri", json!("https://client.example/#x")),
        (
            "frontchannel_logout_uri",
            json!("https://other.example/front"),
        ),
        (
            "sector_identifier_uri",
            json!("ftp://client.example/sector"),
        ),
        ("default_max_age", json!(-1)),
        ("default_max_age", json!("3600")),
        ("require_auth_time", json!("true")),
        ("contacts", json!("me")),
        ("client_name", json!(42)),
        ("client_name", json!("x".repeat(201))),
        ("client_name", json!("Print\u{202e}Shop")),
        ("client_name", json!("Print\u{61c}Shop")),
        ("client_name", json!("a\nb")),
        ("client_name", json!("   ")),
        ("client_name", json!("\u{a0}\u{2003}\u{3000}")),
        ("client_name", json!("\u{3164}")),
        ("client_name", json!("\u{2800}\u{2800}")),
        ("client_name", json!("\u{ad}")),
        ("client_name", json!("\u{e0041}\u{fe0f}")),
        ("client_name#zh-CN", json!("\u{3164}")),
        ("scope", json!("stats:read")),
        ("scope", json!(["openid"])),
    ]
}

/// Addresses that a parser would repair.
fn repaired_addresses() -> Vec<(&'static str, Value)> {
    vec![
        ("jwks_uri", json!("https:/client.example/jwks")),
        ("jwks_uri", json!("https://client.example/a\\jwks")),
        ("logo_uri", json!("https:client.example/logo.png")),
        ("tos_uri", json!(" https://client.example/tos")),
        ("client_uri", json!("https://client.example/a/../b")),
        ("request_uris", json!(["https:\\\\client.example/r"])),
        ("sector_identifier_uri", json!("https://me@client.example/")),
        ("initiate_login_uri", json!("https://client.example\\begin")),
        (
            "backchannel_logout_uri",
            json!("https://cli\u{eb}nt.example/"),
        ),
        ("frontchannel_logout_uri", json!("https:///client.example/")),
        (
            "post_logout_redirect_uris",
            json!(["https://client.example\\after"]),
        ),
        ("logo_uri#de", json!("https:/client.example/logo.png")),
        ("logo_uri", json!("https://client.example:/logo.png")),
        ("policy_uri", json!("https://%63lient.example/policy")),
        ("post_logout_redirect_uris", json!(["https:///after"])),
    ]
}

/// Metadata of which each member makes sense alone.
fn contradictions(key: &Signer) -> [Value; 3] {
    let two_sets_of_keys = json!({
        "redirect_uris": [CALLBACK], "jwks": key.jwks(), "jwks_uri": "https://client.example/jwks",
    });
    let response_without_its_grant = json!({
        "redirect_uris": [CALLBACK], "grant_types": ["authorization_code"],
        "response_types": ["token"],
    });
    let public_by_its_own_credentials = json!({
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "client_credentials"],
    });
    [
        two_sets_of_keys,
        response_without_its_grant,
        public_by_its_own_credentials,
    ]
}

#[tokio::test]
async fn metadata_that_makes_no_sense_is_refused() {
    let world = World::new().await;
    let key = Signer::new("ES256", "one");
    let mut senseless = senseless_grants_and_keys(&key);
    senseless.extend(senseless_addresses_and_texts());
    senseless.extend(repaired_addresses());
    for (name, value) in senseless {
        let mut body = json!({"redirect_uris": [CALLBACK]});
        body[name] = value;
        let answer = register(&world, body).await;
        answer.is_refused(400, "invalid_client_metadata").no_store();
        answer.failed_check("registration.metadata").await;
    }
    for body in contradictions(&key) {
        let answer = register(&world, body).await;
        answer.is_refused(400, "invalid_client_metadata");
    }
    let statement = json!({"redirect_uris": [CALLBACK], "software_statement": "a.b.c"});
    let answer = register(&world, statement).await;
    answer.is_refused(400, "invalid_software_statement");
}

#[tokio::test]
async fn only_a_json_object_that_says_nothing_twice_is_read() {
    let world = World::new().await;
    let good = json!({"redirect_uris": [CALLBACK]}).to_string();
    let send = async |kind: &str, body: &str| {
        let request = Request::new("POST", &world.auth("/register"));
        world
            .send(request.header("content-type", kind).body(body))
            .await
    };
    send("application/json; charset=utf-8", &good).await.is(201);
    let twice = format!(
        "{{\"client_name\":\"a\",\"client_name\":\"b\",{}",
        &good[1..]
    );
    for (kind, body) in [
        ("application/x-www-form-urlencoded", good.as_str()),
        ("text/plain", &good),
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "{"),
        ("application/json", &twice),
    ] {
        let answer = send(kind, body).await;
        answer.is_refused(400, "invalid_client_metadata").no_store();
        answer.failed_check("registration.json").await;
    }
    let large = format!("{}{good}", " ".repeat(70_000));
    send("application/json", &large).await.is(413);
}

#[tokio::test]
async fn a_realm_may_demand_an_initial_access_token_or_register_nobody() {
    let token = format!("initial-{}", random_id().unwrap());
    let given = token.clone();
    let world = World::with(|mut seed| {
        seed.registration = RegistrationRule::Protected;
        seed.initial_access_tokens = vec![given];
        seed
    })
    .await;
    let request = post(&world, &json!({"redirect_uris": [CALLBACK]}));
    for request in [request.clone(), request.clone().bearer("guess")] {
        let answer = world.send(request).await;
        answer.is_refused(401, "invalid_token").no_store();
        answer
            .challenges("Bearer")
            .failed_check("registration.allowed")
            .await;
    }
    world.send(request.bearer(&token)).await.is(201);

    let world = World::with(|mut seed| {
        seed.registration = RegistrationRule::Off;
        seed
    })
    .await;
    let answer = register(&world, json!({"redirect_uris": [CALLBACK]})).await;
    answer.is_refused(403, "access_denied");
    let metadata = Request::get(&world.auth("/.well-known/openid-configuration"));
    let metadata = world.send(metadata).await.json();
    assert!(
        metadata.get("registration_endpoint").is_none(),
        "{metadata}"
    );
}

#[tokio::test]
async fn a_sector_identifier_lists_every_redirect_uri() {
    let world = World::new().await;
    let outside = Outside::start().await;
    let other = "https://other.example/cb";
    outside.publish(
        "/good",
        Answered::json(&json!([CALLBACK, other, "https://more.example/"])),
    );
    outside.publish("/less", Answered::json(&json!([CALLBACK])));
    outside.publish(
        "/object",
        Answered::json(&json!({"redirect_uris": [CALLBACK, other]})),
    );
    let body = |path: &str| {
        json!({
            "redirect_uris": [CALLBACK, other], "sector_identifier_uri": outside.url(path),
        })
    };
    let client = registered(&world, body("/good")).await;
    assert_eq!(client["sector_identifier_uri"], outside.url("/good"));
    for path in ["/less", "/object", "/nowhere"] {
        let answer = register(&world, body(path)).await;
        answer.is_refused(400, "invalid_client_metadata");
        answer.failed_check("registration.sector").await;
    }
    let several = json!({"redirect_uris": [CALLBACK, other], "subject_type": "pairwise"});
    let answer = register(&world, several).await;
    answer.is_refused(400, "invalid_client_metadata");
}
