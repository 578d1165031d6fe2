//! What a realm says of itself whose policy is the FAPI 2.0 Security Profile: what it takes of its clients, no more and
//! no less — RFC 8414 §2, RFC 9126 §5, FAPI 2.0 Security Profile §5.3.2 and §5.4.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::oauth::random_id;
use shared::seed::{
    AuthMethod, ClientPolicy, ClientSeed, RealmSeed, RegistrationRule, SecurityProfile,
    SigningAlgorithm,
};

use crate::support::{Answer, CHALLENGE, Client, Request, Signer, World};

const CALLBACK: &str = "https://client.example/cb";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The algorithms of §5.4.1.
const STRONG: [&str; 3] = ["PS256", "ES256", "EdDSA"];
/// The same of what clients sign: by both names of `EdDSA` on Ed25519 (RFC 9864 §2.2).
const STRONG_OF_CLIENTS: [&str; 4] = ["PS256", "ES256", "EdDSA", "Ed25519"];
/// A client of which the operator demands less than of the others.
const LAX: Client = Client {
    id: "lax",
    secret: Some("a-lax-secret"),
    callback: "/callback",
};

async fn fapi(change: impl FnOnce(RealmSeed) -> RealmSeed) -> World {
    World::with(|mut seed| {
        seed.clients.clear();
        seed.policy = ClientPolicy {
            profile: Some(SecurityProfile::Fapi2),
            ..ClientPolicy::default()
        };
        change(seed)
    })
    .await
}

async fn metadata(world: &World) -> Value {
    let url = world.auth("/.well-known/openid-configuration");
    world.send(Request::get(&url)).await.is(200).json()
}

/// That the list `name` has these members, in any order.
fn lists(metadata: &Value, name: &str, expected: &[&str]) {
    let list = metadata[name]
        .as_array()
        .unwrap_or_else(|| panic!("{name}"));
    let listed: BTreeSet<_> = list.iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(listed, expected.iter().copied().collect(), "{name}");
    assert_eq!(list.len(), expected.len(), "{name} says nothing twice");
}

/// The lists of signatures by which something comes from clients, or goes to them.
const SIGNATURES: [&str; 7] = [
    "token_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "request_object_signing_alg_values_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "dpop_signing_alg_values_supported",
];

const METHODS: [&str; 3] = [
    "token_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_methods_supported",
];

/// A client of a realm in which clients register themselves.
async fn registered(world: &World, body: Value) -> Answer {
    let request = Request::new("POST", &world.auth("/register"))
        .header("content-type", "application/json")
        .body(body.to_string());
    world.send(request).await
}

/// `form` at `path`, by the client that `key` signs for.
async fn signed(
    world: &World,
    path: &str,
    (id, key): (&str, &Signer),
    form: &[(&str, &str)],
) -> Answer {
    let now = world.realm.clock().now().as_unix();
    let assertion = key.sign(&json!({
        "iss": id, "sub": id, "aud": world.realm.issuer(),
        "iat": now, "exp": now + 60, "jti": random_id().unwrap(),
    }));
    let proof = [
        ("client_id", id),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ];
    let form: Vec<_> = form.iter().chain(&proof).copied().collect();
    world.send(Request::post(&world.auth(path), &form)).await
}

#[tokio::test]
async fn a_realm_of_the_profile_says_what_it_takes_and_nothing_else() {
    let world = fapi(|seed| seed).await;
    let told = metadata(&world).await;
    assert_eq!(told["require_pushed_authorization_requests"], true);
    assert_eq!(told["require_signed_request_object"], false);
    assert_eq!(told["request_parameter_supported"], true);
    assert_eq!(told["request_uri_parameter_supported"], false);
    assert_eq!(told["require_request_uri_registration"], false);
    lists(&told, "response_types_supported", &["code"]);
    lists(
        &told,
        "grant_types_supported",
        &[
            "authorization_code",
            "client_credentials",
            "refresh_token",
            DEVICE,
        ],
    );
    for name in METHODS {
        lists(&told, name, &["private_key_jwt"]);
    }
    for name in SIGNATURES {
        let by_server = name.starts_with("id_token") || name.starts_with("userinfo");
        let expected: &[&str] = if by_server {
            &STRONG
        } else {
            &STRONG_OF_CLIENTS
        };
        lists(&told, name, expected);
    }
    lists(&told, "code_challenge_methods_supported", &["S256"]);
    lists(
        &told,
        "response_modes_supported",
        &["query", "fragment", "form_post"],
    );
    assert_eq!(told.get("grantscope_legacy"), None);
    let oauth =
        world
            .realm
            .issuer()
            .replacen("/r/", "/.well-known/oauth-authorization-server/r/", 1);
    assert_eq!(world.send(Request::get(&oauth)).await.is(200).json(), told);
}

/// That everything that is listed is taken of a client that registers itself and signs by `algorithm`.
async fn is_taken(world: &World, told: &Value, algorithm: &str) {
    let key = Signer::new(algorithm, "one");
    let body = json!({
        "redirect_uris": [CALLBACK], "jwks": key.jwks(),
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": told["grant_types_supported"],
        "response_types": told["response_types_supported"],
        "id_token_signed_response_alg": algorithm,
        "userinfo_signed_response_alg": algorithm,
        "token_endpoint_auth_signing_alg": algorithm,
        "request_object_signing_alg": algorithm,
    });
    let client = registered(world, body).await.is(201).json();
    for name in [
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
    ] {
        assert_eq!(client[name], algorithm, "{name}");
    }
    let id = client["client_id"].as_str().unwrap();
    for mode in told["response_modes_supported"].as_array().unwrap() {
        let form = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("response_mode", mode.as_str().unwrap()),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        signed(world, "/par", (id, &key), &form).await.is(201);
        let object = key.sign(&json!({
            "iss": id, "aud": world.realm.issuer(), "client_id": id,
            "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid",
            "response_mode": mode, "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }));
        let answer = signed(world, "/par", (id, &key), &[("request", &object)]).await;
        answer.is(201);
    }
    let device = signed(
        world,
        "/device_authorization",
        (id, &key),
        &[("scope", "openid")],
    );
    device.await.is(200);
    let token = [("token", "unknown")];
    signed(world, "/revoke", (id, &key), &token).await.is(200);
    let answer = signed(world, "/introspect", (id, &key), &token).await;
    assert_eq!(answer.is(200).json()["active"], false);
}

/// Everything that is listed is taken, by whichever listed algorithm, and what is not listed is not.
#[tokio::test]
async fn what_it_says_is_true() {
    let world = fapi(|seed| seed).await;
    let told = metadata(&world).await;
    for algorithm in STRONG {
        is_taken(&world, &told, algorithm).await;
    }
    let key = Signer::new("ES256", "one");
    for (name, value) in [
        ("grant_types", json!(["authorization_code", "implicit"])),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("token_endpoint_auth_signing_alg", json!("RS256")),
        ("request_object_signing_alg", json!("RS256")),
    ] {
        let mut body = json!({
            "redirect_uris": [CALLBACK], "jwks": key.jwks(),
            "token_endpoint_auth_method": "private_key_jwt",
        });
        body[name] = value;
        let answer = registered(&world, body).await;
        answer.is_refused(400, "invalid_client_metadata");
    }
}

/// A client that the operator excuses from the profile.
fn lax() -> ClientSeed {
    let mut client = ClientSeed::confidential(LAX.id, LAX.secret.unwrap(), "{client_app}/callback")
        .with_grants(&["authorization_code", "implicit", "password"])
        .with_scopes(&["openid", "photos:read"]);
    client.response_types = vec!["code".to_owned(), "code id_token".to_owned()];
    client.auth_methods = vec![AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretJwt];
    client.policy = ClientPolicy {
        profile: Some(SecurityProfile::None),
        id_token_signed_response_alg: Some(SigningAlgorithm::Rs256),
        ..ClientPolicy::default()
    };
    client
}

#[tokio::test]
async fn a_client_that_may_do_more_is_in_what_it_says() {
    let world = fapi(|mut seed| {
        seed.registration = RegistrationRule::Off;
        seed.with_client(lax())
    })
    .await;
    let told = metadata(&world).await;
    assert_eq!(told.get("registration_endpoint"), None);
    assert_eq!(told["require_pushed_authorization_requests"], false);
    assert_eq!(told["request_uri_parameter_supported"], false);
    lists(
        &told,
        "response_types_supported",
        &["code", "code id_token"],
    );
    let grants = ["authorization_code", "implicit", "password"];
    lists(&told, "grant_types_supported", &grants);
    for name in METHODS {
        let methods = [
            "private_key_jwt",
            "client_secret_basic",
            "client_secret_jwt",
        ];
        lists(&told, name, &methods);
    }
    for name in &SIGNATURES[..3] {
        let with_macs = ["PS256", "ES256", "EdDSA", "Ed25519", "HS256"];
        lists(&told, name, &with_macs);
    }
    lists(
        &told,
        "request_object_signing_alg_values_supported",
        &STRONG_OF_CLIENTS,
    );
    let with_rs256 = ["PS256", "ES256", "EdDSA", "RS256"];
    lists(&told, "id_token_signing_alg_values_supported", &with_rs256);
    let proofs = "dpop_signing_alg_values_supported";
    lists(&told, proofs, &STRONG_OF_CLIENTS);
    // It need not push, as is said.
    let asked = world
        .authorize(LAX, "openid")
        .with("response_type", "code id_token");
    let answer = world.ask(&asked.with("nonce", "n")).await;
    assert!(answer.location().path().ends_with("/login"), "{answer}");
}

/// The API's own client: it asks about tokens by its secret, and gets none.
fn asking() -> ClientSeed {
    let mut client =
        ClientSeed::public("resource-server", "").with_secret("resource-server-secret");
    (client.redirect_uris, client.grant_types) = (Vec::new(), Vec::new());
    client.may_introspect = true;
    client.policy.profile = Some(SecurityProfile::None);
    client
}

/// RFC 9449 §7.1, §7.2: where nothing but a bound token opens the door, nothing else is offered or asked about.
#[tokio::test]
async fn the_api_of_such_a_realm_offers_dpop_alone_and_asks_nobody_about_a_bearer() {
    for world in [
        fapi(|seed| seed).await,
        fapi(|seed| seed.with_client(asking())).await,
    ] {
        let photos = || Request::get(&world.api("/photos"));
        let challenged = |answer: &Answer, error: Option<&str>| {
            let challenges = answer.response.headers.iter();
            let challenges = challenges.filter(|(name, _)| name == "www-authenticate");
            assert_eq!(challenges.count(), 1, "{answer}");
            answer.challenges("DPoP");
            assert!(answer.challenge("algs").is_some(), "{answer}");
            assert_eq!(answer.challenge("error").as_deref(), error, "{answer}");
        };
        let answer = world.send(photos()).await;
        challenged(answer.is(401), None);
        for token in ["opaque", "a.b.c"] {
            let answer = world.send(photos().bearer(token)).await;
            challenged(answer.is(401), Some("invalid_token"));
            answer.failed_check("token.scheme").await;
            let answer = world.send(photos().authorization("DPoP", token)).await;
            challenged(answer.is(401), Some("invalid_token"));
        }
        let answer = world.send(photos().authorization("Bearer", "a b")).await;
        challenged(answer.is(400), Some("invalid_request"));
    }
}

/// RFC 9728 §2: what the API says of itself is what it demands, and a realm of the profile issues nothing else.
#[tokio::test]
async fn the_api_of_such_a_realm_demands_bound_tokens_and_says_so() {
    let demanded = async |world: &World| {
        let answer = world.send(Request::get(&world.api("/photos"))).await;
        let address = answer.challenge("resource_metadata").expect("an address");
        let told = world.send(Request::get(&address)).await.is(200).json();
        told["dpop_bound_access_tokens_required"].clone()
    };
    let strict = fapi(|seed| seed).await;
    assert_eq!(demanded(&strict).await, true);
    let demo = World::new().await;
    assert_eq!(demanded(&demo).await, false);
    let asking = fapi(|seed| seed.with_client(asking())).await;
    assert_eq!(demanded(&asking).await, true, "what it asks about is bound");
    let lax_one = fapi(|seed| seed.with_client(lax())).await;
    assert_eq!(demanded(&lax_one).await, false, "one client is let off");
}

/// Its own keys and addresses change what is read of it, and nothing else does.
#[tokio::test]
async fn objects_are_fetched_where_one_client_may_have_them_fetched() {
    let with = |uris: Vec<String>, pushed: bool| {
        let mut client = lax();
        client.metadata.jwks = Some(Signer::new("RS256", "one").jwks());
        client.metadata.request_uris = uris;
        client.policy.require_pushed_authorization_requests = Some(pushed);
        client
    };
    let uris = || vec!["https://client.example/request".to_owned()];
    for (client, fetched, pushed_only) in [
        (with(uris(), false), true, false),
        (with(Vec::new(), false), false, false),
        (with(uris(), true), false, true),
    ] {
        let world = fapi(|seed| seed.with_client(client)).await;
        let told = metadata(&world).await;
        assert_eq!(told["request_uri_parameter_supported"], fetched);
        assert_eq!(told["require_request_uri_registration"], fetched);
        assert_eq!(told["require_pushed_authorization_requests"], pushed_only);
        let with_rs256 = ["PS256", "ES256", "EdDSA", "Ed25519", "RS256"];
        lists(
            &told,
            "request_object_signing_alg_values_supported",
            &with_rs256,
        );
    }
}
