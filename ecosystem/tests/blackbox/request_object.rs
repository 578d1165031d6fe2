//! Request objects by value, by reference and pushed — RFC 9101, OpenID Connect Core §6, RFC 9126 §3.
//!
//! By RFC 9101 the object alone is the request; by OpenID Connect Core what stands beside it is added. Who can be
//! told of an error by redirect is told so; else there is a page.

use serde_json::{Value, json};
use shared::seed::ClientSeed;

use crate::support::{
    ALICE, Answer, Answered, Authorization, CHALLENGE, Client, Outside, Request, Signer, World,
    code_in,
};

const SCOPE: &str = "openid photos:read";
/// The client of these tests: `web` with keys.
const SIGNING: Client = Client {
    id: "signing",
    secret: Some("signing-secret"),
    callback: "/callback",
};

/// A world with [`SIGNING`], whose keys are `signer`'s.
async fn world(signer: &Signer, change: impl FnOnce(&mut ClientSeed)) -> World {
    let jwks = signer.jwks();
    World::with(|mut seed| {
        let mut client = seed.client_mut("web").unwrap().clone();
        client.client_id = SIGNING.id.to_owned();
        client.client_secret = SIGNING.secret.map(str::to_owned);
        client.metadata.jwks = Some(jwks);
        change(&mut client);
        seed.with_client(client)
    })
    .await
}

/// The claims of a good object: a whole request.
fn claims(world: &World) -> Value {
    let now = world.realm.clock().now().as_unix();
    json!({
        "iss": SIGNING.id,
        "aud": world.realm.issuer(),
        "nbf": now,
        "exp": now + 300,
        "client_id": SIGNING.id,
        "response_type": "code",
        "redirect_uri": world.callback(SIGNING),
        "scope": SCOPE,
        "state": "signed state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    })
}

/// `claims` with some changed; null takes one away.
fn with(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// An authorization request that is this object and who sends it, by RFC 9101.
fn alone(world: &World, object: &str) -> Authorization {
    let only = [("client_id", SIGNING.id), ("request", object)];
    world.authorize(SIGNING, "").only(&only)
}

/// The parameter of the answer that came back.
fn given(answer: &Answer, name: &str) -> Option<String> {
    let location = answer.location();
    let mut pairs = location.query_pairs();
    pairs
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn the_object_alone_is_the_request() {
    for algorithm in ["ES256", "PS256", "EdDSA", "RS256"] {
        let signer = Signer::new(algorithm, "one");
        let world = world(&signer, |_| ()).await;
        let object = signer.sign(&claims(&world));
        let authorization = alone(&world, &object)
            .adding("state", "another")
            .adding("redirect_uri", "https://attacker.example/")
            .adding("response_type", "token");
        let answer = world.agree(ALICE, &authorization).await;
        code_in(&answer);
        assert_eq!(given(&answer, "state").as_deref(), Some("signed state"));
        let asked = world
            .ask(&alone(&world, &signer.sign(&claims(&world))))
            .await;
        asked.passed_check("request_object.signature").await;
    }
}

/// RFC 9864 §2.2: the newer name of the same algorithm, in the header and in the registration.
#[tokio::test]
async fn ed25519_has_two_names_here_too() {
    let signer = Signer::new("EdDSA", "one");
    for registered in [None, Some("EdDSA"), Some("Ed25519")] {
        let world = world(&signer, |client| {
            client.metadata.request_object_signing_alg = registered.map(str::to_owned);
        })
        .await;
        for name in ["EdDSA", "Ed25519"] {
            let mut header = signer.header();
            header["alg"] = name.into();
            let object = signer.sign_as(&header, &claims(&world));
            code_in(&world.agree(ALICE, &alone(&world, &object)).await);
        }
    }
}

/// RFC 7519 §4, RFC 7515 §4: "MUST be unique"; nobody is to check the first, and somebody else to use the last.
#[tokio::test]
async fn an_object_that_says_something_twice_is_refused() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer, |_| ()).await;
    let (header, claims) = (signer.header().to_string(), claims(&world).to_string());
    let doubled = |text: &str, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    for (header, claims) in [
        (
            header.clone(),
            doubled(&claims, r#""scope":"photos:write""#),
        ),
        (
            header.clone(),
            doubled(&claims, r#""claims":{"id_token":{"a":null,"a":null}}"#),
        ),
        (doubled(&header, r#""kid":"another""#), claims.clone()),
    ] {
        let object = signer.sign_text(&header, &claims);
        let answer = world.ask(&alone(&world, &object)).await;
        answer.failed_check("request_object.well_formed").await;
    }
}

#[tokio::test]
async fn by_openid_connect_what_stands_beside_it_is_added_and_the_object_wins() {
    let signer = Signer::new("RS256", "one");
    let world = world(&signer, |_| ()).await;
    let inside = json!({
        "client_id": SIGNING.id,
        "response_type": "code",
        "state": "signed state",
        "max_age": 3600,
        "claims": { "userinfo": { "email": null } },
    });
    let object = signer.sign(&inside);
    let authorization = world.authorize(SIGNING, SCOPE).adding("request", &object);
    let answer = world.agree(ALICE, &authorization).await;
    code_in(&answer);
    assert_eq!(given(&answer, "state").as_deref(), Some("signed state"));

    let contradicting = signer.sign(&with(inside, &json!({ "response_type": "token" })));
    let authorization = world
        .authorize(SIGNING, SCOPE)
        .adding("request", &contradicting);
    goes_back(
        &world,
        &authorization,
        "invalid_request_object",
        "request_object.consistent",
    )
    .await;
}

/// `authorization` is refused by redirect, with the state that stands beside the object.
async fn goes_back(world: &World, authorization: &Authorization, error: &str, check: &str) {
    let answer = world.ask(authorization).await;
    let state = Some("the state");
    answer.sends_back(error, &world.callback(SIGNING), state, world.realm.issuer());
    answer.failed_check(check).await;
}

/// Objects that are each wrong in one respect, and the check that fails.
fn wrong_objects(world: &World, signer: &Signer) -> Vec<(String, &'static str)> {
    let stranger = Signer::new("ES256", "one");
    let good = || claims(world);
    let now = world.realm.clock().now().as_unix();
    let good_text = signer.sign(&good());
    let (head, _) = good_text.rsplit_once('.').unwrap();
    let mut typed = signer.header();
    typed["typ"] = json!("client-authentication+jwt");
    let mut critical = signer.header();
    critical["crit"] = json!(["exp"]);
    vec![
        ("rubbish".to_owned(), "well_formed"),
        (format!("{head}.AAAA"), "signature"),
        (stranger.sign(&good()), "signature"),
        (signer.sign_as(&typed, &good()), "type"),
        (signer.sign_as(&critical, &good()), "well_formed"),
        (
            signer.sign(&with(good(), &json!({ "iss": "web" }))),
            "issuer",
        ),
        (
            signer.sign(&with(good(), &json!({ "sub": SIGNING.id }))),
            "issuer",
        ),
        (
            signer.sign(&with(good(), &json!({ "aud": "https://other.example" }))),
            "audience",
        ),
        (
            signer.sign(&with(good(), &json!({ "exp": now - 1 }))),
            "in_time",
        ),
        (
            signer.sign(&with(good(), &json!({ "exp": "soon" }))),
            "in_time",
        ),
        (
            signer.sign(&with(good(), &json!({ "nbf": now + 120 }))),
            "in_time",
        ),
        (
            signer.sign(&with(good(), &json!({ "request": "x" }))),
            "nested",
        ),
        (
            signer.sign(&with(
                good(),
                &json!({ "request_uri": "https://a.example/" }),
            )),
            "nested",
        ),
        (
            signer.sign(&with(good(), &json!({ "client_id": "web" }))),
            "consistent",
        ),
        (
            signer.sign(&with(good(), &json!({ "client_id": null }))),
            "consistent",
        ),
    ]
}

#[tokio::test]
async fn an_object_that_is_not_right_is_refused() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer, |_| ()).await;
    for (object, check) in wrong_objects(&world, &signer) {
        let check = format!("request_object.{check}");
        let answer = world.ask(&alone(&world, &object)).await;
        answer.is_error_page().failed_check(&check).await;
        let told = alone(&world, &object)
            .adding("redirect_uri", &world.callback(SIGNING))
            .adding("state", "the state");
        goes_back(&world, &told, "invalid_request_object", &check).await;
        let never = alone(&world, &object).adding("redirect_uri", "https://attacker.example/");
        world.ask(&never).await.is_error_page();
    }
}

#[tokio::test]
async fn what_is_not_signed_is_not_supported() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer, |_| ()).await;
    let object = signer.sign_text(r#"{"alg":"none"}"#, &claims(&world).to_string());
    let (input, _) = object.rsplit_once('.').unwrap();
    let authorization = world
        .authorize(SIGNING, SCOPE)
        .adding("request", &format!("{input}."));
    goes_back(
        &world,
        &authorization,
        "request_not_supported",
        "request_object.algorithm",
    )
    .await;
    let right = signer.sign(&claims(&world));
    let both = world
        .authorize(SIGNING, SCOPE)
        .adding("request", &right)
        .adding("request_uri", "https://a.example/");
    goes_back(&world, &both, "invalid_request", "request_object.single").await;
}

#[tokio::test]
async fn errors_of_the_request_inside_are_told_as_it_says_itself() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer, |_| ()).await;
    let object = signer.sign(&with(claims(&world), &json!({ "scope": "stats:read" })));
    let answer = world.ask(&alone(&world, &object)).await;
    let (callback, issuer) = (world.callback(SIGNING), world.realm.issuer());
    answer.sends_back("invalid_scope", &callback, Some("signed state"), issuer);
    let elsewhere = json!({ "redirect_uri": "https://attacker.example/" });
    let object = signer.sign(&with(claims(&world), &elsewhere));
    let answer = world.ask(&alone(&world, &object)).await;
    answer
        .is_error_page()
        .failed_check("redirect_uri.exact_match")
        .await;
}

#[tokio::test]
async fn an_object_is_fetched_from_a_registered_address_alone() {
    let outside = Outside::start().await;
    let signer = Signer::new("RS256", "one");
    let uri = outside.url("/object");
    let registered = uri.clone();
    let world = world(&signer, move |client| {
        // A fragment says which version is meant (OpenID Connect Core §6.2): it need not be the content's hash.
        client.metadata.request_uris = vec![format!("{registered}#first")];
    })
    .await;
    outside.publish("/object", Answered::new(200, signer.sign(&claims(&world))));
    let refer = |uri: &str| world.authorize(SIGNING, SCOPE).adding("request_uri", uri);
    for uri in [format!("{uri}#first"), format!("{uri}#second"), uri.clone()] {
        let answer = world.agree(ALICE, &refer(&uri)).await;
        code_in(&answer);
        assert_eq!(given(&answer, "state").as_deref(), Some("signed state"));
    }
    assert_eq!(outside.asked("/object").len(), 3, "nothing is kept");

    let unregistered = outside.url("/other");
    outside.publish("/other", Answered::new(200, signer.sign(&claims(&world))));
    goes_back(
        &world,
        &refer(&unregistered),
        "invalid_request_uri",
        "request_uri.registered",
    )
    .await;
    assert_eq!(outside.asked("/other").len(), 0, "and never called");

    for answer in [
        Answered::new(404, ""),
        Answered::new(302, "").header("location", &unregistered),
        Answered::new(200, "x".repeat(70 * 1024)),
    ] {
        outside.publish("/object", answer);
        goes_back(
            &world,
            &refer(&uri),
            "invalid_request_uri",
            "request_uri.fetched",
        )
        .await;
    }
    outside.publish("/object", Answered::new(200, "rubbish"));
    let check = "request_object.well_formed";
    goes_back(&world, &refer(&uri), "invalid_request_object", check).await;
}

#[tokio::test]
async fn a_client_without_keys_or_addresses_has_no_objects() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer, |_| ()).await;
    let by_reference = world
        .authorize(SIGNING, SCOPE)
        .adding("request_uri", "https://attacker.example/");
    let check = "request_object.supported";
    goes_back(&world, &by_reference, "request_uri_not_supported", check).await;
}

#[tokio::test]
async fn a_signed_object_can_be_pushed() {
    let signer = Signer::new("PS256", "one");
    let world = world(&signer, |client| {
        client.metadata.require_signed_request_object = true;
    })
    .await;
    let push = |object: &str| {
        let form = [("client_id", SIGNING.id), ("request", object)];
        let secret = SIGNING.secret.unwrap();
        Request::post(&world.auth("/par"), &form).basic(SIGNING.id, secret)
    };
    let answer = world.send(push(&signer.sign(&claims(&world)))).await;
    let body = answer.is(201).json();
    let refer = world.refer(SIGNING, body["request_uri"].as_str().unwrap());
    let answer = world.agree(ALICE, &refer).await;
    code_in(&answer);
    assert_eq!(given(&answer, "state").as_deref(), Some("signed state"));

    let stranger = Signer::new("PS256", "one");
    let answer = world.send(push(&stranger.sign(&claims(&world)))).await;
    answer.is_refused(400, "invalid_request_object");
    answer.failed_check("request_object.signature").await;
    // Parameters beside a pushed object are none of the request (RFC 9126 §3).
    let without = with(
        claims(&world),
        &json!({ "scope": null, "code_challenge": null }),
    );
    let beside = push(&signer.sign(&without))
        .with("scope", SCOPE)
        .with("code_challenge", CHALLENGE);
    let answer = world.send(beside).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("pkce.present").await;
}

#[tokio::test]
async fn where_signatures_are_demanded_nothing_unsigned_is_taken() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer, |client| {
        client.metadata.require_signed_request_object = true;
    })
    .await;
    let plain = world.authorize(SIGNING, SCOPE);
    goes_back(&world, &plain, "invalid_request", "request.signed").await;
    let now = world.realm.clock().now().as_unix();
    // What RFC 9101 §4 leaves to the client is left to it: only FAPI 2.0 Message Signing bounds an object's life.
    for changes in [
        json!({ "aud": null }),
        json!({ "exp": null, "nbf": null }),
        json!({ "exp": now + 7200 }),
    ] {
        let object = signer.sign(&with(claims(&world), &changes));
        let authorization = world.authorize(SIGNING, SCOPE).adding("request", &object);
        code_in(&world.agree(ALICE, &authorization).await);
    }
    // What stands beside the object adds nothing, though it says openid.
    let short = signer.sign(&with(claims(&world), &json!({ "redirect_uri": null })));
    let authorization = world.authorize(SIGNING, SCOPE).adding("request", &short);
    let answer = world.ask(&authorization).await;
    answer
        .is_error_page()
        .failed_check("redirect_uri.present")
        .await;
    let whole = signer.sign(&claims(&world));
    let authorization = world.authorize(SIGNING, SCOPE).adding("request", &whole);
    code_in(&world.agree(ALICE, &authorization).await);
}

#[tokio::test]
async fn the_registered_algorithm_is_the_one() {
    let signer = Signer::new("RS256", "one");
    let world = world(&signer, |client| {
        client.metadata.request_object_signing_alg = Some("PS256".to_owned());
    })
    .await;
    let authorization = world
        .authorize(SIGNING, SCOPE)
        .adding("request", &signer.sign(&claims(&world)));
    goes_back(
        &world,
        &authorization,
        "invalid_request_object",
        "request_object.algorithm",
    )
    .await;
}

#[tokio::test]
async fn the_metadata_says_so() {
    let world = World::new().await;
    let url = world.auth("/.well-known/openid-configuration");
    let metadata = world.send(Request::get(&url)).await.is(200).json();
    for name in [
        "request_parameter_supported",
        "request_uri_parameter_supported",
        "require_request_uri_registration",
    ] {
        assert_eq!(metadata[name], true, "{name}");
    }
    assert_eq!(metadata["require_signed_request_object"], false);
    let algorithms = &metadata["request_object_signing_alg_values_supported"];
    assert_eq!(
        *algorithms,
        json!(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
    );
}
