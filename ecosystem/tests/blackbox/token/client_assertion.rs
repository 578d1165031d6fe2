//! Client assertions — RFC 7521 §4.2, RFC 7523 §3, OpenID Connect Core §9.

use serde_json::{Value, json};
use shared::oauth::random_id;
use shared::seed::{AssertionAudience, AuthMethod, ClientSeed};

use crate::support::{Request, Signer, World, input, mac};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client with this key and no secret.
pub(crate) fn machine(signer: &Signer) -> ClientSeed {
    let mut client = ClientSeed::public("machine", "http://localhost/cb")
        .with_grants(&["client_credentials"])
        .with_scopes(&["stats:read"]);
    client.auth_methods = vec![AuthMethod::PrivateKeyJwt];
    client.metadata.jwks = Some(signer.jwks());
    client
}

async fn world(signer: &Signer) -> World {
    let client = machine(signer);
    World::with(|seed| seed.with_client(client)).await
}

/// The claims of a good assertion of `machine`.
pub(crate) fn claims(world: &World) -> Value {
    let now = world.realm.clock().now().as_unix();
    json!({
        "iss": "machine",
        "sub": "machine",
        "aud": world.realm.issuer(),
        "iat": now,
        "exp": now + 60,
        "jti": random_id().unwrap(),
    })
}

/// The claims with one changed, or removed by null.
fn but(world: &World, name: &str, value: Value) -> Value {
    let mut claims = claims(world);
    let object = claims.as_object_mut().unwrap();
    match value {
        Value::Null => object.remove(name),
        value => object.insert(name.to_owned(), value),
    };
    claims
}

/// A client credentials request with this assertion.
pub(crate) fn request(world: &World, assertion: &str) -> Request {
    world
        .token(&[("grant_type", "client_credentials")])
        .with("client_assertion_type", TYPE)
        .with("client_assertion", assertion)
}

/// It is refused as any client is that is not believed, by this check.
async fn refused(world: &World, request: Request, check: &str) {
    let answer = world.send(request).await;
    answer.is_refused(401, "invalid_client").no_store();
    let wrong = world
        .token(&[("grant_type", "client_credentials")])
        .with("client_id", "service")
        .with("client_secret", "guess");
    let wrong = world.send(wrong).await;
    assert_eq!(answer.json(), wrong.json(), "one shape for all");
    answer.failed_check(check).await;
}

#[tokio::test]
async fn every_algorithm_that_is_offered_works_with_and_without_client_id() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        let signer = Signer::new(algorithm, "one");
        let world = world(&signer).await;
        let answer = world
            .send(request(&world, &signer.sign(&claims(&world))))
            .await;
        answer.tokens();
        answer.passed_check("assertion.jti_unused").await;
        let named = request(&world, &signer.sign(&claims(&world))).with("client_id", "machine");
        world.send(named).await.tokens();
    }
}

/// RFC 9864 §2.2: the newer name of the same algorithm, listed beside the other.
#[tokio::test]
async fn ed25519_has_two_names_here_too() {
    let signer = Signer::new("EdDSA", "one");
    let world = world(&signer).await;
    for (name, accepted) in [("EdDSA", true), ("Ed25519", true), ("Ed448", false)] {
        let mut header = signer.header();
        header["alg"] = name.into();
        let asked = request(&world, &signer.sign_as(&header, &claims(&world)));
        if accepted {
            world.send(asked).await.tokens();
        } else {
            refused(&world, asked, "assertion.algorithm").await;
        }
    }
}

/// RFC 7519 §2: a moment may have a fraction, and is a number.
#[tokio::test]
async fn moments_may_have_a_fraction_and_are_numbers() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = claims(&world);
        claims[name] = value;
        request(&world, &signer.sign(&claims))
    };
    let now = world.realm.clock().now().as_unix();
    let at = |seconds: i64| json!(f64::from(i32::try_from(now + seconds).unwrap()) + 0.5);
    for (name, right, wrong, check) in [
        ("exp", at(30), at(-2), "assertion.not_expired"),
        ("iat", at(30), at(90), "assertion.not_before"),
        ("nbf", at(30), at(90), "assertion.not_before"),
    ] {
        world.send(with(name, right)).await.tokens();
        for wrong in [
            wrong,
            json!(null),
            json!(now.to_string()),
            json!(true),
            json!(1e300),
        ] {
            refused(&world, with(name, wrong), check).await;
        }
    }
}

/// RFC 7519 §4, RFC 7515 §4: "MUST be unique".
#[tokio::test]
async fn an_assertion_that_says_something_twice_is_refused() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let (header, claims) = (signer.header().to_string(), claims(&world).to_string());
    let doubled = |text: &str, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    for (header, claims) in [
        (header.clone(), doubled(&claims, r#""jti":"another""#)),
        (header.clone(), doubled(&claims, r#""x":{"y":1,"y":1}"#)),
        (doubled(&header, r#""alg":"none""#), claims.clone()),
    ] {
        let asked = request(&world, &signer.sign_text(&header, &claims));
        refused(&world, asked, "assertion.well_formed").await;
    }
}

#[tokio::test]
async fn a_mac_by_the_secret_works_and_by_another_does_not() {
    let mut client =
        ClientSeed::confidential("machine", "a secret of the machine", "http://localhost/cb");
    client.auth_methods = vec![AuthMethod::ClientSecretJwt];
    client.grant_types = vec!["client_credentials".to_owned()];
    let world = World::with(|seed| seed.with_client(client)).await;
    let header = json!({"alg": "HS256"});
    let good = mac("a secret of the machine", &header, &claims(&world));
    world.send(request(&world, &good)).await.tokens();
    let bad = mac("another secret", &header, &claims(&world));
    refused(&world, request(&world, &bad), "assertion.signature").await;
    // What it did not register: the same secret, sent as it is.
    let plain = world.token(&[("grant_type", "client_credentials")]);
    let plain = plain.basic("machine", "a secret of the machine");
    let answer = world.send(plain).await;
    answer.is_refused(401, "invalid_client");
    answer.failed_check("client.method_allowed").await;
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let assertion = signer.sign(&claims(&world));
    world.send(request(&world, &assertion)).await.tokens();
    refused(&world, request(&world, &assertion), "assertion.jti_unused").await;
    // The id counts, not the text.
    let mut again = claims(&world);
    again["jti"] = json!("the same");
    world
        .send(request(&world, &signer.sign(&again)))
        .await
        .tokens();
    again["exp"] = json!(again["exp"].as_i64().unwrap() + 1);
    let again = signer.sign(&again);
    refused(&world, request(&world, &again), "assertion.jti_unused").await;
    let none = signer.sign(&but(&world, "jti", Value::Null));
    refused(&world, request(&world, &none), "assertion.jti_unused").await;
}

#[tokio::test]
async fn of_many_that_send_one_assertion_at_once_one_is_believed() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let assertion = signer.sign(&claims(&world));
    let mut sent = Vec::new();
    for _ in 0..16 {
        let (world, request) = (world.clone(), request(&world, &assertion));
        sent.push(tokio::spawn(
            async move { world.send(request).await.status() },
        ));
    }
    let mut believed = 0;
    for one in sent {
        match one.await.unwrap() {
            200 => believed += 1,
            status => assert_eq!(status, 401),
        }
    }
    assert_eq!(believed, 1);
}

#[tokio::test]
async fn the_audience_is_the_issuer_the_token_endpoint_or_the_endpoint_that_is_called() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let (issuer, token) = (world.realm.issuer(), world.auth("/token"));
    for aud in [
        json!(issuer),
        json!(token),
        json!([issuer]),
        json!([token, "https://other.example"]),
    ] {
        let assertion = signer.sign(&but(&world, "aud", aud));
        world.send(request(&world, &assertion)).await.tokens();
    }
    for aud in [
        Value::Null,
        json!("https://other.example"),
        json!([]),
        json!([["x"], issuer]),
        json!(format!("{issuer}/")),
        json!(world.ecosystem.auth_server()),
        json!(world.auth("/introspect")),
        json!({"aud": issuer}),
    ] {
        let assertion = signer.sign(&but(&world, "aud", aud));
        refused(&world, request(&world, &assertion), "assertion.audience").await;
    }
    // At another endpoint its own URL is as good.
    for aud in [world.auth("/revoke"), token] {
        let assertion = signer.sign(&but(&world, "aud", json!(aud)));
        let revoke = Request::post(&world.auth("/revoke"), &[("token", "unknown")])
            .with("client_assertion_type", TYPE)
            .with("client_assertion", &assertion);
        world.send(revoke).await.is(200);
    }
}

#[tokio::test]
async fn a_policy_may_demand_the_issuer_alone_as_a_plain_string() {
    let signer = Signer::new("PS256", "one");
    let mut client = machine(&signer);
    client.policy.assertion_audience = Some(AssertionAudience::Issuer);
    let world = World::with(|seed| seed.with_client(client)).await;
    let good = signer.sign(&claims(&world));
    world.send(request(&world, &good)).await.tokens();
    for aud in [
        json!(world.auth("/token")),
        json!([world.realm.issuer()]),
        json!([world.realm.issuer(), world.auth("/token")]),
    ] {
        let assertion = signer.sign(&but(&world, "aud", aud));
        refused(&world, request(&world, &assertion), "assertion.audience").await;
    }
}

#[tokio::test]
async fn issuer_and_subject_are_the_client() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    for (name, value) in [
        ("iss", Value::Null),
        ("iss", json!("web")),
        ("iss", json!(["machine"])),
    ] {
        let assertion = signer.sign(&but(&world, name, value));
        refused(&world, request(&world, &assertion), "assertion.issuer").await;
    }
    // Another subject is another client: this one signs by no key at all.
    let assertion = signer.sign(&but(&world, "sub", json!("web")));
    refused(&world, request(&world, &assertion), "client.method_allowed").await;
    let assertion = signer.sign(&but(&world, "sub", json!("nobody")));
    refused(&world, request(&world, &assertion), "client.known").await;
    let assertion = signer.sign(&claims(&world));
    let other = request(&world, &assertion).with("client_id", "web");
    refused(&world, other, "assertion.well_formed").await;
}

#[tokio::test]
async fn an_assertion_ends_soon_and_does_not_begin_later() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let now = world.realm.clock().now().as_unix();
    let good = [
        ("iat", Value::Null),
        ("iat", json!(now + 30)),
        ("nbf", json!(now)),
        ("exp", json!(now + 3600)),
        (
            "exp",
            json!(f64::from(u32::try_from(now + 60).unwrap()) + 0.5),
        ),
    ];
    for (name, value) in good {
        let assertion = signer.sign(&but(&world, name, value));
        world.send(request(&world, &assertion)).await.tokens();
    }
    for (name, value, check) in [
        ("exp", Value::Null, "assertion.not_expired"),
        ("exp", json!(now - 1), "assertion.not_expired"),
        (
            "exp",
            json!((now + 60).to_string()),
            "assertion.not_expired",
        ),
        ("exp", json!(now + 24 * 3600), "assertion.not_expired"),
        ("exp", json!(i64::MAX), "assertion.not_expired"),
        ("exp", json!(1e300), "assertion.not_expired"),
        ("nbf", json!(now + 600), "assertion.not_before"),
        ("nbf", json!("soon"), "assertion.not_before"),
        ("iat", json!(now + 600), "assertion.not_before"),
    ] {
        let assertion = signer.sign(&but(&world, name, value));
        refused(&world, request(&world, &assertion), check).await;
    }
    let assertion = signer.sign(&claims(&world));
    world.wait_seconds(61);
    refused(&world, request(&world, &assertion), "assertion.not_expired").await;
}

#[tokio::test]
async fn a_signature_by_another_key_or_by_none_is_refused() {
    let signer = Signer::new("RS256", "one");
    let world = world(&signer).await;
    let other = Signer::new("RS256", "one");
    let forged = other.sign(&claims(&world));
    refused(&world, request(&world, &forged), "assertion.signature").await;
    let unknown = Signer::new("RS256", "two").sign(&claims(&world));
    refused(&world, request(&world, &unknown), "assertion.key_known").await;
    // Without a kid all that fit are tried.
    let unnamed = signer.sign_as(&json!({"alg": "RS256"}), &claims(&world));
    world.send(request(&world, &unnamed)).await.tokens();
    let claims = claims(&world);
    let none = json!({"alg": "none"}).to_string();
    let unsigned = format!("{}.", input(&none, &claims.to_string()));
    refused(&world, request(&world, &unsigned), "assertion.algorithm").await;
    // The public key as a secret (RFC 8725 §2.1).
    let public = signer.jwk()["n"].as_str().unwrap().to_owned();
    let confused = mac(&public, &json!({"alg": "HS256", "kid": "one"}), &claims);
    refused(&world, request(&world, &confused), "client.method_allowed").await;
    let mut signature = signer.sign(&claims);
    let at = signature.len() - 100;
    let changed = if signature.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    signature.replace_range(at..=at, changed);
    refused(&world, request(&world, &signature), "assertion.signature").await;
}

#[tokio::test]
async fn the_registered_algorithm_is_the_only_one() {
    let (es, ed) = (Signer::new("ES256", "es"), Signer::new("EdDSA", "ed"));
    let mut client = machine(&es);
    client.metadata.jwks = Some(json!({"keys": [es.jwk(), ed.jwk()]}));
    client.metadata.token_endpoint_auth_signing_alg = Some("EdDSA".to_owned());
    let world = World::with(|seed| seed.with_client(client)).await;
    world
        .send(request(&world, &ed.sign(&claims(&world))))
        .await
        .tokens();
    let other = es.sign(&claims(&world));
    refused(&world, request(&world, &other), "assertion.algorithm").await;
}

#[tokio::test]
async fn another_kind_of_jwt_is_no_assertion() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let header = |typ: &str| {
        let mut header = signer.header();
        header["typ"] = json!(typ);
        header
    };
    for typ in ["JWT", "jwt", "application/JWT", "client-authentication+jwt"] {
        let assertion = signer.sign_as(&header(typ), &claims(&world));
        world.send(request(&world, &assertion)).await.tokens();
    }
    for typ in [
        "at+jwt",
        "dpop+jwt",
        "oauth-authz-req+jwt",
        "logout+jwt",
        "",
    ] {
        let assertion = signer.sign_as(&header(typ), &claims(&world));
        refused(&world, request(&world, &assertion), "assertion.type").await;
    }
}

#[tokio::test]
async fn what_is_no_jwt_is_refused_whatever_it_is() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let claims = claims(&world).to_string();
    let header = signer.header().to_string();
    let twice = format!("{{\"sub\":\"web\",{}", &claims[1..]);
    let mut demanding = signer.header();
    demanding["crit"] = json!(["b64"]);
    for text in [
        "nonsense".to_owned(),
        "a.b.c".to_owned(),
        "..".to_owned(),
        signer.sign_text(&header, &twice),
        signer.sign_text(&header, "[]"),
        signer.sign_text("{}", &claims),
        signer.sign_text(&demanding.to_string(), &claims),
        format!("{}=", signer.sign_text(&header, &claims)),
        format!("{}.x", signer.sign_text(&header, &claims)),
    ] {
        refused(&world, request(&world, &text), "assertion.well_formed").await;
    }
    let good = signer.sign_text(&header, &claims);
    for kind in [
        "",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
    ] {
        let request = request(&world, &good).replacing("client_assertion_type", kind);
        refused(&world, request, "assertion.well_formed").await;
    }
}

#[tokio::test]
async fn an_assertion_beside_a_secret_is_two_methods() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let assertion = signer.sign(&claims(&world));
    let in_header = request(&world, &assertion).basic("web", "web-secret");
    let in_body = request(&world, &assertion).with("client_secret", "x");
    for request in [in_header, in_body] {
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request");
        answer.failed_check("client.single_method").await;
    }
    // It was not used up.
    world.send(request(&world, &assertion)).await.tokens();
}

#[tokio::test]
async fn a_client_with_a_key_may_introspect_and_a_secret_of_it_does_not_exist() {
    let signer = Signer::new("ES256", "one");
    let world = world(&signer).await;
    let tokens = world
        .send(request(&world, &signer.sign(&claims(&world))))
        .await
        .tokens();
    let assertion = signer.sign(&but(&world, "aud", json!(world.auth("/introspect"))));
    let introspect = Request::post(&world.auth("/introspect"), &[("token", &tokens.access)])
        .with("client_assertion_type", TYPE)
        .with("client_assertion", &assertion);
    assert_eq!(world.send(introspect).await.is(200).json()["active"], true);
    for secret in ["", "machine", "null"] {
        let plain = world.token(&[("grant_type", "client_credentials")]);
        let plain = plain
            .with("client_id", "machine")
            .with("client_secret", secret);
        refused(&world, plain, "client.method_allowed").await;
    }
}

#[tokio::test]
async fn wrong_secrets_of_others_do_not_lock_a_client_out_of_its_own_machine() {
    let world = World::new().await;
    let token = |secret: &str| {
        let request = world.token(&[("grant_type", "client_credentials")]);
        request.basic("service", secret)
    };
    for _ in 0..60 {
        world.send(token("guess")).await.is(401);
    }
    world
        .send(token("guess"))
        .await
        .failed_check("client.authenticated")
        .await;
    world.send(token("service-secret")).await.tokens();
}
