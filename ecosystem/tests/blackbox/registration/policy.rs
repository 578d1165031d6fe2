//! What the realm demands of all its clients holds for those that register themselves — FAPI 2.0 Security Profile §5.3.2
//! and §5.4.1, RFC 9700 §2.1.1, RFC 7591 §3.2.1.

use serde_json::{Value, json};
use shared::oauth::random_id;
use shared::seed::{ClientPolicy, ExcessScope, PkceRule, SecurityProfile, SigningAlgorithm};

use super::management::replace;
use super::{CALLBACK, manage, register, registered, text};
use crate::support::{CHALLENGE, Request, Signer, World};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A realm of this policy, in which nobody is registered yet.
async fn world_of(policy: ClientPolicy) -> World {
    World::with(|mut seed| {
        seed.clients.clear();
        seed.policy = policy;
        seed
    })
    .await
}

async fn fapi() -> World {
    world_of(ClientPolicy {
        profile: Some(SecurityProfile::Fapi2),
        ..ClientPolicy::default()
    })
    .await
}

/// A registration that keeps to FAPI 2.0.
fn good(key: &Signer) -> Value {
    json!({
        "redirect_uris": [CALLBACK], "jwks": key.jwks(),
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["authorization_code", "refresh_token"],
    })
}

/// Registrations that do not, with the rule that each misses.
fn spoilt(key: &Signer) -> Vec<(Value, &'static str)> {
    let changes = [
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            "fapi2.private_key_jwt",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            "fapi2.private_key_jwt",
        ),
        (
            json!({"token_endpoint_auth_method": "none"}),
            "fapi2.confidential",
        ),
        (
            json!({
                "grant_types": ["authorization_code", "implicit"],
                "response_types": ["code", "code id_token"],
            }),
            "fapi2.response_type",
        ),
        (
            json!({"grant_types": ["authorization_code", "implicit"], "response_types": ["code"]}),
            "fapi2.no_implicit",
        ),
        // As its own registration reads, with one member changed.
        (
            json!({
                "grant_types": ["authorization_code", "implicit"],
                "response_types": ["code", "code token"],
                "dpop_bound_access_tokens": true,
            }),
            "fapi2.response_type",
        ),
        (
            json!({"token_endpoint_auth_signing_alg": "RS256"}),
            "fapi2.assertion_algorithm",
        ),
        (
            json!({"request_object_signing_alg": "RS256"}),
            "fapi2.request_object_algorithm",
        ),
    ];
    let spoil = |(change, rule): (Value, _)| {
        let mut body = good(key);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        (body, rule)
    };
    changes.map(spoil).into()
}

/// A pushed request of `client`, which proves by `key` who it is.
fn pushing(world: &World, client: &Value, key: &Signer) -> Request {
    let id = text(client, "client_id");
    let now = world.realm.clock().now().as_unix();
    let assertion = key.sign(&json!({
        "iss": id, "sub": id, "aud": world.realm.issuer(),
        "iat": now, "exp": now + 60, "jti": random_id().unwrap(),
    }));
    let form = [
        ("client_id", id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ];
    Request::post(&world.auth("/par"), &form)
}

#[tokio::test]
async fn in_a_realm_of_a_profile_who_registers_keeps_to_it() {
    let world = fapi().await;
    let key = Signer::new("ES256", "one");
    for (body, rule) in spoilt(&key) {
        let answer = register(&world, body).await;
        answer.is_refused(400, "invalid_client_metadata").no_store();
        let said = answer.json()["error_description"].to_string();
        assert!(said.contains(rule), "{rule}: {said}");
        answer.failed_check("registration.metadata").await;
    }
    let client = registered(&world, good(&key)).await;
    world.send(pushing(&world, &client, &key)).await.is(201);
}

#[tokio::test]
async fn in_a_realm_of_a_profile_a_replacement_keeps_to_it_too() {
    let world = fapi().await;
    let key = Signer::new("PS256", "one");
    let client = registered(&world, good(&key)).await;
    let own = |mut body: Value| {
        body["client_id"] = client["client_id"].clone();
        body
    };
    for (body, rule) in spoilt(&key) {
        let answer = world.send(replace(&client, &own(body))).await;
        answer.is_refused(400, "invalid_client_metadata").no_store();
        let said = answer.json()["error_description"].to_string();
        assert!(said.contains(rule), "{rule}: {said}");
        answer.failed_check("registration.metadata").await;
    }
    assert_eq!(world.send(manage("GET", &client)).await.json(), client);
    let mut again = own(good(&key));
    again["client_name"] = "Another name".into();
    let answer = world.send(replace(&client, &again)).await;
    assert_eq!(answer.is(200).json()["client_name"], "Another name");
}

#[tokio::test]
async fn what_the_profile_decides_is_told_as_it_holds() {
    let world = fapi().await;
    let key = Signer::new("EdDSA", "one");
    let mut body = good(&key);
    body["userinfo_signed_response_alg"] = "RS256".into();
    let client = registered(&world, body).await;
    for (name, value) in [
        ("id_token_signed_response_alg", json!("ES256")),
        ("userinfo_signed_response_alg", json!("ES256")),
        ("dpop_bound_access_tokens", json!(true)),
        ("require_pushed_authorization_requests", json!(true)),
    ] {
        assert_eq!(client[name], value, "{name}: {client}");
    }
    assert_eq!(world.send(manage("GET", &client)).await.json(), client);
    // What is asked for and allowed stays.
    let mut body = good(&key);
    body["id_token_signed_response_alg"] = "EdDSA".into();
    let client = registered(&world, body).await;
    assert_eq!(client["id_token_signed_response_alg"], "EdDSA");
}

/// The error that a request of `client` with these parameters is sent back with.
async fn sent_back(world: &World, client: &Value, more: &str) -> String {
    let id = text(client, "client_id");
    let url = format!(
        "{}?response_type=code&client_id={id}&redirect_uri={CALLBACK}&state=s{more}",
        world.auth("/authorize")
    );
    let answer = world.send(Request::get(&url)).await;
    if answer.status() != 303 || answer.location().host_str() != Some("client.example") {
        return "none".to_owned();
    }
    let location = answer.location();
    let mut pairs = location.query_pairs();
    let error = pairs.find(|(name, _)| name == "error");
    error.expect("an error").1.into_owned()
}

#[tokio::test]
async fn what_the_realm_says_of_pkce_and_scope_is_not_overruled() {
    let with_challenge = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let beyond = format!("&scope=openid+unheard:of{with_challenge}");
    let world = world_of(ClientPolicy {
        pkce: Some(PkceRule::Required),
        excess_scope: Some(ExcessScope::Refuse),
        id_token_signed_response_alg: Some(SigningAlgorithm::Ps256),
        ..ClientPolicy::default()
    })
    .await;
    let client = registered(&world, json!({"redirect_uris": [CALLBACK]})).await;
    assert_eq!(client["id_token_signed_response_alg"], "PS256");
    let error = sent_back(&world, &client, "&scope=openid").await;
    assert_eq!(error, "invalid_request");
    assert_eq!(sent_back(&world, &client, &beyond).await, "invalid_scope");
    let asked = format!("&scope=openid{with_challenge}");
    assert_eq!(sent_back(&world, &client, &asked).await, "none");
    // Where the realm says nothing, OpenID Connect's own defaults hold.
    let world = world_of(ClientPolicy::default()).await;
    let client = registered(&world, json!({"redirect_uris": [CALLBACK]})).await;
    assert_eq!(client["id_token_signed_response_alg"], "RS256");
    assert_eq!(sent_back(&world, &client, "&scope=openid").await, "none");
    assert_eq!(sent_back(&world, &client, &beyond).await, "none");
}

#[tokio::test]
async fn a_realm_that_allows_codes_without_pkce_allows_them_to_those_that_keep_a_secret_alone() {
    let world = world_of(ClientPolicy {
        pkce: Some(PkceRule::Allowed),
        ..ClientPolicy::default()
    })
    .await;
    let public = json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"});
    let public = registered(&world, public).await;
    let error = sent_back(&world, &public, "&scope=openid").await;
    assert_eq!(error, "invalid_request");
    let confidential = registered(&world, json!({"redirect_uris": [CALLBACK]})).await;
    let error = sent_back(&world, &confidential, "&scope=openid").await;
    assert_eq!(error, "none");
}
