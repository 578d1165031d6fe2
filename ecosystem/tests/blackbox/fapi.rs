//! A client that keeps to the FAPI 2.0 Security Profile (`policy.profile = "fapi2"`): pushed requests, its private key
//! for a secret, tokens bound to a key — FAPI 2.0 Security Profile §5.3.2 and §5.4.

use serde_json::{Value, json};
use shared::oauth::random_id;
use shared::realm::RealmName;
use shared::seed::{AuthMethod, ClientSeed, RealmSeed, SecurityProfile, SigningAlgorithm};

use crate::dpop::{is_bound, text};
use crate::logout::header;
use crate::support::{
    ALICE, Answer, Authorization, CHALLENGE, Client, ProofKey, Request, Signer, VERIFIER, World,
    code_in,
};

const SCOPE: &str = "openid photos:read offline_access";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The bank.
pub(crate) const BANK: Client = Client {
    id: "bank",
    secret: None,
    callback: "/callback",
};

/// The bank's registration, with the keys of `signer`.
pub(crate) fn bank(signer: &Signer) -> ClientSeed {
    let mut client = ClientSeed::public(BANK.id, "{client_app}/callback")
        .with_grants(&["authorization_code", "refresh_token"])
        .with_scopes(&["openid", "photos:read", "offline_access"]);
    client.auth_methods = vec![AuthMethod::PrivateKeyJwt];
    client.metadata.jwks = Some(signer.jwks());
    client.policy.profile = Some(SecurityProfile::Fapi2);
    client
}

async fn world(signer: &Signer) -> World {
    let client = bank(signer);
    World::with(|seed| seed.with_client(client)).await
}

/// The claims of a client assertion for `audience`.
fn claims(world: &World, audience: &Value) -> Value {
    let now = world.realm.clock().now().as_unix();
    json!({
        "iss": BANK.id, "sub": BANK.id, "aud": audience,
        "iat": now, "exp": now + 60, "jti": random_id().unwrap(),
    })
}

/// `request` with an assertion for the issuer.
pub(crate) fn signed(world: &World, signer: &Signer, request: Request) -> Request {
    let audience = json!(world.realm.issuer());
    with(request, &signer.sign(&claims(world, &audience)))
}

fn with(request: Request, assertion: &str) -> Request {
    request
        .with("client_assertion_type", ASSERTION_TYPE)
        .with("client_assertion", assertion)
}

pub(crate) fn pushing(world: &World, authorization: &Authorization) -> Request {
    Request::new("POST", &world.auth("/par"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(authorization.query())
}

/// A code for the bank, from alice.
async fn code(world: &World, signer: &Signer) -> String {
    let request = pushing(world, &world.authorize(BANK, SCOPE));
    let answer = world.send(signed(world, signer, request)).await;
    let body = answer.is(201).json();
    assert!(body["expires_in"].as_u64().unwrap() < 600);
    let refer = world.refer(BANK, text(&body, "request_uri"));
    let answer = world.agree(ALICE, &refer).await;
    answer.is(303);
    let location = answer.location();
    let iss = location.query_pairs().find(|(name, _)| name == "iss");
    assert_eq!(iss.unwrap().1, world.realm.issuer());
    code_in(&answer)
}

fn redeeming(world: &World, code: &str) -> Request {
    world.token(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &world.callback(BANK)),
        ("code_verifier", VERIFIER),
    ])
}

/// The bank's tokens, bound to `key`.
async fn tokens(world: &World, signer: &Signer, key: &ProofKey) -> Value {
    let code = code(world, signer).await;
    let request = signed(world, signer, redeeming(world, &code));
    is_bound(&world.send(key.proves(request)).await, key)
}

#[tokio::test]
async fn the_whole_flow_and_the_api() {
    for algorithm in ["PS256", "ES256", "EdDSA"] {
        let (signer, key) = (Signer::new(algorithm, "one"), ProofKey::new());
        let world = world(&signer).await;
        let body = tokens(&world, &signer, &key).await;
        let access = text(&body, "access_token");
        let photos = Request::get(&world.api("/photos"));
        world
            .send(key.presents(photos.clone(), access))
            .await
            .is(200);
        world.send(photos.bearer(access)).await.is(401);
    }
}

#[tokio::test]
async fn nothing_but_a_pushed_request_is_taken() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let answer = world.ask(&world.authorize(BANK, SCOPE)).await;
    let state = Some("the state");
    answer.sends_back(
        "invalid_request",
        &world.callback(BANK),
        state,
        world.realm.issuer(),
    );
    answer.failed_check("request.pushed").await;
    let good = world.authorize(BANK, SCOPE);
    let unauthenticated = world.send(pushing(&world, &good)).await;
    unauthenticated.is_refused(401, "invalid_client");
    for (authorization, error, check) in [
        (
            good.clone().without("code_challenge"),
            "invalid_request",
            "pkce.present",
        ),
        (
            good.clone().with("code_challenge_method", "plain"),
            "invalid_request",
            "pkce.method",
        ),
        (
            good.clone().without("redirect_uri"),
            "invalid_request",
            "redirect_uri.present",
        ),
        (
            good.clone().with("response_type", "code id_token"),
            "unauthorized_client",
            "response_type.allowed",
        ),
    ] {
        let answer = world
            .send(signed(&world, &signer, pushing(&world, &authorization)))
            .await;
        answer.is_refused(400, error);
        answer.failed_check(check).await;
    }
}

#[tokio::test]
async fn an_assertion_is_for_the_issuer_as_a_plain_string() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let issuer = world.realm.issuer().to_owned();
    let refused = |answer: &Answer| answer.is_refused(401, "invalid_client").status();
    for audience in [
        json!([issuer]),
        json!(world.auth("/par")),
        json!(world.auth("/token")),
        json!([issuer, world.auth("/token")]),
    ] {
        let request = pushing(&world, &world.authorize(BANK, SCOPE));
        let assertion = signer.sign(&claims(&world, &audience));
        let answer = world.send(with(request, &assertion)).await;
        refused(&answer);
        answer.failed_check("assertion.audience").await;
    }
}

#[tokio::test]
async fn rs256_is_refused_everywhere() {
    let signer = Signer::new("RS256", "one");
    let world = world(&signer).await;
    let request = pushing(&world, &world.authorize(BANK, SCOPE));
    let answer = world.send(signed(&world, &signer, request)).await;
    answer.is_refused(401, "invalid_client");
    answer.failed_check("assertion.algorithm").await;
}

#[tokio::test]
async fn a_request_object_by_rs256_is_refused_too() {
    let (good, weak) = (Signer::new("PS256", "one"), Signer::new("RS256", "two"));
    let mut client = bank(&good);
    client.metadata.jwks = Some(json!({ "keys": [good.jwk(), weak.jwk()] }));
    let world = World::with(|seed| seed.with_client(client)).await;
    let object = json!({
        "iss": BANK.id, "aud": world.realm.issuer(), "client_id": BANK.id,
        "response_type": "code", "redirect_uri": world.callback(BANK), "scope": SCOPE,
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    });
    let push = |object: &str| {
        let form = [("client_id", BANK.id), ("request", object)];
        signed(&world, &good, Request::post(&world.auth("/par"), &form))
    };
    world.send(push(&good.sign(&object))).await.is(201);
    let answer = world.send(push(&weak.sign(&object))).await;
    answer.is_refused(400, "invalid_request_object");
    answer.failed_check("request_object.algorithm").await;
}

#[tokio::test]
async fn an_assertion_for_a_person_by_rs256_is_refused_too() {
    const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let (good, weak) = (Signer::new("PS256", "one"), Signer::new("RS256", "two"));
    let mut client = bank(&good).with_grants(&["authorization_code", "refresh_token", GRANT]);
    client.metadata.jwks = Some(json!({ "keys": [good.jwk(), weak.jwk()] }));
    client.policy.jwt_bearer_subjects = vec!["alice-0001".to_owned()];
    let world = World::with(|seed| seed.with_client(client)).await;
    let key = ProofKey::new();
    let ask = |signer: &Signer| {
        let mut said = claims(&world, &json!(world.realm.issuer()));
        said["sub"] = "alice-0001".into();
        let form = [("grant_type", GRANT), ("assertion", &signer.sign(&said))];
        key.proves(signed(&world, &good, world.token(&form)))
    };
    is_bound(&world.send(ask(&good)).await, &key);
    let answer = world.send(ask(&weak)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("assertion.algorithm").await;
}

#[tokio::test]
async fn what_it_is_told_of_the_person_is_not_signed_by_rs256() {
    for (registered, signed_by) in [("RS256", "ES256"), ("PS256", "PS256")] {
        let (signer, key) = (Signer::new("ES256", "one"), ProofKey::new());
        let mut client = bank(&signer);
        client.metadata.userinfo_signed_response_alg = Some(registered.to_owned());
        let world = World::with(|seed| seed.with_client(client)).await;
        let body = tokens(&world, &signer, &key).await;
        let request = Request::get(&world.auth("/userinfo"));
        let request = key.presents(request, text(&body, "access_token"));
        let answer = world.send(request).await;
        answer.is(200);
        assert_eq!(answer.header("content-type"), "application/jwt");
        assert_eq!(
            header(&answer.response.text())["alg"],
            signed_by,
            "{registered}"
        );
    }
}

#[tokio::test]
async fn a_token_without_a_key_is_not_given_out() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let code = code(&world, &signer).await;
    let answer = world
        .send(signed(&world, &signer, redeeming(&world, &code)))
        .await;
    answer.is_refused(400, "invalid_request");
}

#[tokio::test]
async fn codes_live_for_a_minute() {
    let (signer, key) = (Signer::new("ES256", "one"), ProofKey::new());
    let world = world(&signer).await;
    let code = code(&world, &signer).await;
    world.wait_seconds(60);
    let request = signed(&world, &signer, redeeming(&world, &code));
    let answer = world.send(key.proves(request)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("code.not_expired").await;
}

#[tokio::test]
async fn refresh_tokens_are_not_rotated() {
    let (signer, key) = (Signer::new("ES256", "one"), ProofKey::new());
    let world = world(&signer).await;
    let body = tokens(&world, &signer, &key).await;
    let token = text(&body, "refresh_token");
    for _ in 0..3 {
        world.wait_seconds(40);
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let request = signed(&world, &signer, world.token(&form));
        let body = is_bound(&world.send(key.proves(request)).await, &key);
        assert_eq!(text(&body, "refresh_token"), token, "the same again");
    }
}

/// What makes a client of a good one that misses a rule.
type Change = fn(&mut ClientSeed);

#[tokio::test]
async fn a_registration_that_misses_a_rule_of_its_profile_is_refused() {
    let world = World::new().await;
    let signer = Signer::new("ES256", "one");
    let spoil: [(Change, &str); 5] = [
        (
            |client| {
                client.auth_methods = vec![AuthMethod::ClientSecretBasic];
                client.client_secret = Some("a-bank-secret".to_owned());
            },
            "fapi2.private_key_jwt",
        ),
        (
            |client| client.auth_methods = vec![AuthMethod::None],
            "fapi2.confidential",
        ),
        (
            |client| client.grant_types.push("password".to_owned()),
            "fapi2.no_password",
        ),
        (
            |client| client.grant_types.push("implicit".to_owned()),
            "fapi2.no_implicit",
        ),
        (
            |client| {
                client.grant_types.push("implicit".to_owned());
                client.response_types = vec!["code".to_owned(), "code id_token".to_owned()];
            },
            "fapi2.response_type",
        ),
    ];
    for (number, (change, rule)) in spoil.into_iter().enumerate() {
        let mut client = bank(&signer);
        change(&mut client);
        let name: RealmName = format!("spoilt-{number}").parse().unwrap();
        let seed = RealmSeed::new(name).with_client(client);
        let refused = world.ecosystem.realm_from(seed).await.unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains(rule), "{refused}");
        let of_password = rule == "fapi2.no_password";
        assert_eq!(refused.contains("no_password"), of_password, "{refused}");
    }
    let mut client = bank(&signer);
    client.policy.id_token_signed_response_alg = Some(SigningAlgorithm::Rs256);
    let seed = RealmSeed::new("tightened".parse().unwrap()).with_client(client);
    let realm = world.ecosystem.realm_from(seed).await.unwrap();
    assert!(
        realm.issuer().ends_with("tightened"),
        "the profile has the last word"
    );
}

#[tokio::test]
async fn who_must_sign_its_messages_bounds_their_lives() {
    let signer = Signer::new("ES256", "one");
    let mut client = bank(&signer);
    client.metadata.require_signed_request_object = true;
    let world = World::with(|seed| seed.with_client(client)).await;
    let now = world.realm.clock().now().as_unix();
    let whole = json!({
        "iss": BANK.id, "aud": world.realm.issuer(), "nbf": now, "exp": now + 300, "client_id": BANK.id,
        "response_type": "code", "redirect_uri": world.callback(BANK), "scope": SCOPE, "state": "signed state",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    });
    for (changes, failed) in [
        (json!({}), None),
        (json!({ "aud": null }), Some("request_object.audience")),
        (json!({ "exp": null }), Some("request_object.in_time")),
        (json!({ "nbf": null }), Some("request_object.in_time")),
        (json!({ "exp": now + 7200 }), Some("request_object.in_time")),
    ] {
        let mut claims = whole.clone();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let form = [("client_id", BANK.id), ("request", &signer.sign(&claims))];
        let push = Request::post(&world.auth("/par"), &form);
        let answer = world.send(signed(&world, &signer, push)).await;
        match failed {
            None => answer.is(201),
            Some(check) => {
                answer.is_refused(400, "invalid_request_object");
                answer.failed_check(check).await;
                &answer
            }
        };
    }
}
