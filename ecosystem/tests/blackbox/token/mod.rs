//! `POST /token` — RFC 6749 §3.2 and §5.2: a file for each grant, and what holds for all of them here.

mod authorization_code;
pub(crate) mod client_assertion;
mod client_authentication;
mod client_credentials;
mod password;
mod refresh_token;

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use crate::support::{Request, SERVICE, SPA, WEB, World, connect};

#[tokio::test]
async fn a_missing_grant_type_is_an_invalid_request() {
    let world = World::new().await;
    for parameters in [vec![], vec![("grant_type", "")]] {
        let request = World::signed(SERVICE, world.token(&parameters));
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.parameter_present").await;
    }
}

#[tokio::test]
async fn an_unknown_grant_type_is_unsupported() {
    let world = World::new().await;
    for unknown in [
        "magic",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "CLIENT_CREDENTIALS",
        "implicit",
    ] {
        let request = World::signed(SERVICE, world.token(&[("grant_type", unknown)]));
        let answer = world.send(request).await;
        answer.is_refused(400, "unsupported_grant_type").no_store();
        answer.failed_check("grant.supported").await;
    }
}

#[tokio::test]
async fn a_grant_that_is_not_this_clients_is_unauthorized() {
    let world = World::new().await;
    let others = [
        (WEB, "client_credentials"),
        (WEB, "password"),
        (SERVICE, "authorization_code"),
        (SERVICE, "refresh_token"),
        (SPA, "client_credentials"),
        (SPA, "password"),
    ];
    for (client, grant) in others {
        let request = World::signed(client, world.token(&[("grant_type", grant)]));
        let answer = world.send(request).await;
        answer.is_refused(400, "unauthorized_client").no_store();
        answer.failed_check("grant.allowed").await;
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_an_invalid_request() {
    let world = World::new().await;
    let repeated = [
        ("grant_type", "client_credentials"),
        ("scope", "stats:read"),
        // An empty one is still one more.
        ("grant_type", ""),
    ];
    for (name, value) in repeated {
        let request = world
            .client_credentials(SERVICE)
            .with("scope", "stats:read")
            .with(name, value);
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.no_repeats").await;
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_ignored_and_an_empty_one_is_absent() {
    let world = World::new().await;
    let request = world
        .client_credentials(SERVICE)
        .with("surprise", "1")
        .with("scope", "");
    world.send(request).await.tokens();
}

#[tokio::test]
async fn a_body_of_another_content_type_is_an_invalid_request() {
    let world = World::new().await;
    let json = r#"{"grant_type":"client_credentials"}"#;
    for (content_type, body) in [
        ("application/json", json),
        ("text/plain", "grant_type=client_credentials"),
        ("multipart/form-data; boundary=x", "--x--"),
    ] {
        let request = world.client_credentials(SERVICE);
        let request = request.content_type(content_type).body(body);
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.content_type").await;
    }
}

/// Nothing was sent: what is missing is told, and not how it should have been written.
#[tokio::test]
async fn an_empty_request_lacks_a_grant_type() {
    let world = World::new().await;
    let empty = Request::new("POST", &world.auth("/token"));
    for request in [empty.clone(), empty.header("content-length", "0")] {
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.parameter_present").await;
        let said = answer.json()["error_description"].to_string();
        assert!(said.contains("grant_type"), "{said}");
    }
    let typeless = Request::new("POST", &world.auth("/token")).body("grant_type=password");
    let answer = world.send(typeless).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("request.content_type").await;
}

#[tokio::test]
async fn a_content_type_may_name_its_charset_and_be_written_in_any_case() {
    let world = World::new().await;
    let request = world.client_credentials(SERVICE);
    let request = request.content_type("Application/X-WWW-Form-Urlencoded; charset=UTF-8");
    world.send(request).await.tokens();
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let world = World::new().await;
    let padding = "x".repeat(1024 * 1024);
    let request = world.client_credentials(SERVICE).with("padding", &padding);
    let answer = world.send(request).await;
    answer.is_refused(413, "invalid_request").no_store();
    answer.failed_check("request.size").await;
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_an_invalid_request() {
    let world = World::new().await;
    for bytes in [
        &b"grant_type=client_credentials&scope=%ff%fe"[..],
        &b"grant_type=client_credentials&scope=\xff\xfe"[..],
        &b"grant_type=client_credentials&scope=%f"[..],
        &b"grant_type=client_credentials&scope=%zz"[..],
    ] {
        let answer = world
            .send(world.client_credentials(SERVICE).body(bytes))
            .await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.encoding").await;
    }
}

#[tokio::test]
async fn only_post_is_allowed_and_the_query_is_not_read() {
    let world = World::new().await;
    let url = format!("{}?grant_type=client_credentials", world.auth("/token"));
    for method in ["GET", "PUT", "DELETE", "HEAD"] {
        let request = Request::new(method, &url).basic("service", "service-secret");
        let answer = world.send(request).await;
        answer.is(405);
        assert!(answer.header("allow").contains("POST"), "{answer}");
    }
    let request = Request::post(&url, &[]).basic("service", "service-secret");
    let answer = world.send(request).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("request.parameter_present").await;
}

#[tokio::test]
async fn a_body_that_stalls_is_cut() {
    let world = World::new().await;
    let url = Url::parse(&world.auth("/token")).unwrap();
    let mut stream = connect(&url).await;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 1000\r\nConnection: close\r\n\r\ngrant_type=",
        url.path(),
        url.authority()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let started = Instant::now();
    let mut received = Vec::new();
    let wait = stream.read_to_end(&mut received);
    tokio::time::timeout(Duration::from_secs(25), wait)
        .await
        .expect("the connection is closed")
        .unwrap();
    let answer = String::from_utf8_lossy(&received);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(started.elapsed() >= Duration::from_secs(1), "{answer}");
}
