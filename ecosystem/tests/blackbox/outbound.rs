//! URLs that clients give — fetched by one guarded client (OWASP SSRF); here through `jwks_uri` (OpenID Connect Core
//! §10.1).
//!
//! What the guard refuses by address is tested beside it (`auth-server/src/outbound`): this ecosystem is a demo on
//! loopback, which may call loopback.

use std::time::{Duration, Instant};

use ecosystem::{Ecosystem, Https};
use serde_json::{Value, json};
use shared::oauth::random_id;
use shared::seed::{AuthMethod, ClientSeed};

use crate::support::{Answer, Answered, Outside, Request, Signer, World};

async fn world(jwks_uri: &str) -> World {
    let mut client = ClientSeed::public("machine", "http://localhost/cb")
        .with_grants(&["client_credentials"])
        .with_scopes(&["stats:read"]);
    client.auth_methods = vec![AuthMethod::PrivateKeyJwt];
    client.metadata.jwks_uri = Some(jwks_uri.to_owned());
    World::with(|seed| seed.with_client(client)).await
}

fn request(world: &World, signer: &Signer) -> Request {
    let now = world.realm.clock().now().as_unix();
    let claims = json!({
        "iss": "machine", "sub": "machine", "aud": world.realm.issuer(),
        "exp": now + 60, "jti": random_id().unwrap(),
    });
    world
        .token(&[("grant_type", "client_credentials")])
        .with(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .with("client_assertion", &signer.sign(&claims))
}

async fn ask(world: &World, signer: &Signer) -> Answer {
    world.send(request(world, signer)).await
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_the_client_rotates_them() {
    let outside = Outside::start().await;
    let world = world(&outside.url("/jwks")).await;
    let (first, second) = (
        Signer::new("ES256", "first"),
        Signer::new("RS256", "second"),
    );
    outside.publish("/jwks", Answered::json(&first.jwks()));
    for _ in 0..3 {
        ask(&world, &first).await.tokens();
    }
    assert_eq!(outside.asked("/jwks").len(), 1);
    outside.publish("/jwks", Answered::json(&second.jwks()));
    ask(&world, &second).await.tokens();
    assert_eq!(outside.asked("/jwks").len(), 2);
    // The old one is gone with the rotation.
    let answer = ask(&world, &first).await;
    answer.is_refused(401, "invalid_client");
    answer.failed_check("assertion.key_known").await;
    // The same name for another key.
    let third = Signer::new("RS256", "second");
    outside.publish("/jwks", Answered::json(&third.jwks()));
    ask(&world, &third).await.tokens();
}

#[tokio::test]
async fn unknown_keys_do_not_make_a_storm() {
    let outside = Outside::start().await;
    let world = world(&outside.url("/jwks")).await;
    let known = Signer::new("ES256", "known");
    let slow = Answered::json(&known.jwks()).after(Duration::from_millis(50));
    outside.publish("/jwks", slow);
    let mut asking = Vec::new();
    for _ in 0..20 {
        let (world, stranger) = (world.clone(), Signer::new("ES256", "unknown"));
        asking.push(tokio::spawn(async move {
            ask(&world, &stranger).await.status()
        }));
    }
    for one in asking {
        assert_eq!(one.await.unwrap(), 401);
    }
    assert!(
        outside.asked("/jwks").len() <= 5,
        "{}",
        outside.asked("/jwks").len()
    );
    ask(&world, &known).await.tokens();
}

#[tokio::test]
async fn what_is_not_a_key_set_is_refused_and_nothing_is_followed() {
    let signer = Signer::new("ES256", "one");
    let good = signer.jwks();
    let outside = Outside::start().await;
    outside.publish("/elsewhere", Answered::json(&good));
    let redirect = Answered::new(302, "").header("location", &outside.url("/elsewhere"));
    let mut private = signer.jwk();
    private["d"] = json!("c2VjcmV0");
    let symmetric = json!({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "one"}]});
    let mut encrypting = signer.jwk();
    encrypting["use"] = json!("enc");
    let mut wrapping = signer.jwk();
    wrapping["key_ops"] = json!(["wrapKey"]);
    let weak = json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "one"}]});
    let of = |key: Value| json!({ "keys": [key] });
    let large = format!("{}{}", " ".repeat(70 * 1024), good);
    for (name, answer) in [
        ("/redirect", redirect),
        ("/gone", Answered::new(404, good.to_string())),
        ("/html", Answered::new(200, "<html>")),
        ("/empty", Answered::json(&json!({}))),
        ("/large", Answered::new(200, large)),
        ("/private", Answered::json(&of(private))),
        ("/symmetric", Answered::json(&symmetric)),
        ("/encrypting", Answered::json(&of(encrypting))),
        ("/wrapping", Answered::json(&of(wrapping))),
        ("/weak", Answered::json(&weak)),
    ] {
        outside.publish(name, answer);
        let world = world(&outside.url(name)).await;
        let answer = ask(&world, &signer).await;
        answer.is_refused(401, "invalid_client");
        answer.failed_check("assertion.key_known").await;
        assert_eq!(outside.asked(name).len(), 1, "{name}");
    }
    assert!(
        outside.asked("/elsewhere").is_empty(),
        "no redirect is followed"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_five_seconds() {
    let signer = Signer::new("ES256", "one");
    let outside = Outside::start().await;
    outside.publish(
        "/jwks",
        Answered::json(&signer.jwks()).after(Duration::from_secs(20)),
    );
    let world = world(&outside.url("/jwks")).await;
    let started = Instant::now();
    ask(&world, &signer).await.is_refused(401, "invalid_client");
    let waited = started.elapsed();
    assert!(
        waited > Duration::from_secs(4) && waited < Duration::from_secs(9),
        "{waited:?}"
    );
}

#[tokio::test]
async fn no_scheme_but_http_is_called_and_no_cloud_s_own_address() {
    let signer = Signer::new("ES256", "one");
    for uri in [
        "file:///etc/passwd",
        "ftp://127.0.0.1/jwks",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
    ] {
        let world = world(uri).await;
        let started = Instant::now();
        let answer = ask(&world, &signer).await;
        answer.is_refused(401, "invalid_client");
        answer.failed_check("assertion.key_known").await;
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{uri} was called"
        );
    }
}

#[tokio::test]
async fn a_peer_on_this_machine_may_show_a_certificate_that_nobody_vouches_for() {
    let other = Ecosystem::builder().tls(Https::Ephemeral).start().await;
    let other = other.unwrap_or_else(|error| panic!("{error}"));
    let uri = format!("{}/jwks", other.auth_server());
    assert!(uri.starts_with("https://"), "{uri}");
    let world = world(&uri).await;
    let answer = ask(&world, &Signer::new("ES256", "another's")).await;
    answer.is_refused(401, "invalid_client");
    let token = answer.exchange().await;
    let flow = world.realm.flow(&token.flow).await.unwrap();
    let fetch = flow.exchanges.iter().find(|one| one.url == uri);
    assert_eq!(fetch.expect("the fetch").status, Some(200));
}

#[tokio::test]
async fn a_fetch_is_in_the_record_and_tells_a_stranger_nothing() {
    let outside = Outside::start().await;
    let world = world(&outside.url("/jwks")).await;
    let signer = Signer::new("ES256", "one");
    outside.publish("/jwks", Answered::json(&signer.jwks()));
    let answer = ask(&world, &signer).await;
    answer.tokens();
    let asked = outside.asked("/jwks").remove(0);
    assert_eq!(asked.method, "GET");
    assert!(asked.body.is_empty());
    assert!(
        !asked
            .head
            .to_ascii_lowercase()
            .contains("grantscope-exchange"),
        "{}",
        asked.head
    );
    let token = answer.exchange().await;
    let flow = world.realm.flow(&token.flow).await.unwrap();
    let fetch = flow
        .exchanges
        .iter()
        .find(|one| one.url == outside.url("/jwks"));
    let fetch = fetch.expect("the fetch is observed");
    assert_eq!(fetch.status, Some(200));
    assert_eq!(fetch.caused_by, Some(token.id));
}
