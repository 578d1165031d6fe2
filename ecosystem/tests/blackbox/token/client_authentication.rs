//! Client authentication — RFC 6749 §2.3 and §5.2 (`invalid_client`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::seed::{AuthMethod, ClientSeed};

use crate::support::{Client, SERVICE, SPA, WEB, World};

/// The request of the client credentials grant without any authentication.
fn bare(world: &World) -> crate::support::Request {
    world.token(&[("grant_type", "client_credentials")])
}

/// A client whose id and secret hold every character that needs care (RFC 6749 §2.3.1).
const RESERVED: Client = Client {
    id: "odd client:with%20+&=?",
    secret: Some("p@ss:w%rd+and spaces/&=\"\\"),
    callback: "",
};

async fn world_with_reserved_characters() -> World {
    World::with(|seed| {
        let mut client = seed.client("service").expect("the demo's service").clone();
        client.client_id = RESERVED.id.to_owned();
        client.client_secret = RESERVED.secret.map(str::to_owned);
        seed.with_client(client)
    })
    .await
}

#[tokio::test]
async fn both_ways_of_sending_a_secret_work() {
    let world = World::new().await;
    let basic = bare(&world).basic("service", "service-secret");
    world.send(basic).await.tokens();
    let post = bare(&world)
        .with("client_id", "service")
        .with("client_secret", "service-secret");
    let answer = world.send(post).await;
    answer.tokens();
    answer.passed_check("client.authenticated").await;
}

#[tokio::test]
async fn a_wrong_secret_is_an_invalid_client() {
    let world = World::new().await;
    let answer = world.send(bare(&world).basic("service", "guess")).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer
        .challenges("Basic")
        .failed_check("client.authenticated")
        .await;

    let post = bare(&world)
        .with("client_id", "service")
        .with("client_secret", "guess");
    let answer = world.send(post).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.authenticated").await;
}

/// RFC 6749 §5.2 wants a challenge where the header was used. Elsewhere it would hide the error in the body.
#[tokio::test]
async fn who_did_not_use_the_header_is_not_challenged() {
    let world = World::new().await;
    let in_body = bare(&world).with("client_id", "service");
    let asserted = bare(&world)
        .with(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .with("client_assertion", "a.b.c");
    for request in [
        in_body.with("client_secret", "guess"),
        asserted,
        bare(&world),
    ] {
        let answer = world.send(request).await;
        answer.is_refused(401, "invalid_client").no_store();
        assert_eq!(answer.header("www-authenticate"), "", "{answer}");
    }
    let in_header = bare(&world).basic("service", "guess");
    world.send(in_header).await.is(401).challenges("Basic");
}

#[tokio::test]
async fn an_unknown_client_looks_the_same_as_a_wrong_secret() {
    let world = World::new().await;
    let unknown = world.send(bare(&world).basic("nobody", "guess")).await;
    unknown.is_refused(401, "invalid_client").no_store();
    unknown
        .challenges("Basic")
        .failed_check("client.known")
        .await;
    let wrong = world.send(bare(&world).basic("service", "guess")).await;
    assert_eq!(unknown.json(), wrong.json());
    assert_eq!(
        unknown.header("www-authenticate"),
        wrong.header("www-authenticate")
    );
}

#[tokio::test]
async fn no_authentication_at_all_is_an_invalid_client() {
    let world = World::new().await;
    let answer = world.send(bare(&world)).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.known").await;
}

#[tokio::test]
async fn a_confidential_client_without_its_secret_is_an_invalid_client() {
    let world = World::new().await;
    let answer = world.send(bare(&world).with("client_id", "service")).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.method_allowed").await;
}

#[tokio::test]
async fn a_public_client_that_sends_a_secret_is_an_invalid_client() {
    let world = World::new().await;
    let code = world.code(SPA, "photos:read").await;
    let request = world.redeem(&code).with("client_secret", "invented");
    let answer = world.send(request).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.method_allowed").await;
}

#[tokio::test]
async fn two_ways_at_once_are_an_invalid_request() {
    let world = World::new().await;
    let request = bare(&world)
        .basic("service", "service-secret")
        .with("client_id", "service")
        .with("client_secret", "service-secret");
    let answer = world.send(request).await;
    answer.is_refused(400, "invalid_request").no_store();
    answer.failed_check("client.single_method").await;
}

#[tokio::test]
async fn a_client_id_beside_basic_must_be_the_same_one() {
    let world = World::new().await;
    let same = bare(&world)
        .basic("service", "service-secret")
        .with("client_id", "service");
    world.send(same).await.tokens();
    let other = bare(&world)
        .basic("service", "service-secret")
        .with("client_id", "web");
    let answer = world.send(other).await;
    let status = answer.status();
    assert!(status == 400 || status == 401, "{answer}");
    answer.no_store().failed_check("client.single_method").await;
}

#[tokio::test]
async fn a_way_that_the_client_did_not_register_is_an_invalid_client() {
    let world = World::with(|mut seed| {
        let service = seed.client_mut("service").expect("the demo's service");
        service.auth_methods = vec![AuthMethod::ClientSecretPost];
        seed
    })
    .await;
    let answer = world.send(world.client_credentials(SERVICE)).await;
    answer.is_refused(401, "invalid_client").no_store();
    answer.failed_check("client.method_allowed").await;
    let post = bare(&world)
        .with("client_id", "service")
        .with("client_secret", "service-secret");
    world.send(post).await.tokens();
}

#[tokio::test]
async fn basic_credentials_with_reserved_characters_are_form_decoded() {
    let world = world_with_reserved_characters().await;
    world
        .send(world.client_credentials(RESERVED))
        .await
        .tokens();
}

#[tokio::test]
async fn basic_credentials_that_were_not_form_encoded_are_refused() {
    let world = world_with_reserved_characters().await;
    let raw = format!("{}:{}", RESERVED.id, RESERVED.secret.unwrap());
    let request = bare(&world).authorization("Basic", &STANDARD.encode(raw));
    let answer = world.send(request).await;
    answer.is_refused(401, "invalid_client").no_store();
}

#[tokio::test]
async fn a_malformed_authorization_header_is_an_invalid_client() {
    let world = World::new().await;
    let no_colon = STANDARD.encode("service");
    let not_utf8 = STANDARD.encode(b"service:\xff\xfe");
    for (scheme, credentials) in [
        ("Basic", "not base64!"),
        ("Basic", no_colon.as_str()),
        ("Basic", not_utf8.as_str()),
        ("Basic", ""),
        ("Digest", "username=service"),
    ] {
        let request = bare(&world).authorization(scheme, credentials);
        let answer = world.send(request).await;
        answer.is_refused(401, "invalid_client").no_store();
        answer.challenges("Basic");
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let world = World::new().await;
    for scheme in ["basic", "BASIC", "bAsIc"] {
        let credentials = STANDARD.encode("service:service-secret");
        let request = bare(&world).authorization(scheme, &credentials);
        world.send(request).await.tokens();
    }
}

#[tokio::test]
async fn a_secret_in_the_query_is_not_read() {
    let world = World::new().await;
    let url = format!(
        "{}?client_id=service&client_secret=service-secret",
        world.auth("/token")
    );
    let request = crate::support::Request::post(&url, &[("grant_type", "client_credentials")]);
    let answer = world.send(request).await;
    assert_ne!(answer.status(), 200, "{answer}");
    answer.no_store();
}

#[tokio::test]
async fn a_code_for_a_confidential_client_is_not_redeemed_without_its_secret() {
    let world = World::new().await;
    let code = world.code(WEB, "photos:read").await;
    let public = crate::support::Code {
        client: Client {
            secret: None,
            ..WEB
        },
        ..code.clone()
    };
    let answer = world.send(world.redeem(&public)).await;
    answer.is_refused(401, "invalid_client").no_store();
    world.send(world.redeem(&code)).await.tokens();
}

#[tokio::test]
async fn a_client_of_another_realm_is_unknown_here() {
    let world = World::with(|seed| {
        let client =
            ClientSeed::confidential("only-here", "only-here-secret", "https://x.example/cb");
        seed.with_client(client.with_grants(&["client_credentials"]))
    })
    .await;
    let elsewhere = World::new().await;
    let request = bare(&elsewhere).basic("only-here", "only-here-secret");
    let answer = elsewhere.send(request).await;
    answer.is_refused(401, "invalid_client");
    answer.failed_check("client.known").await;
    let request = bare(&world).basic("only-here", "only-here-secret");
    let answer = world.send(request).await;
    assert_ne!(answer.status(), 401, "{answer}");
}
