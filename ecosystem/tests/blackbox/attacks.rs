//! What an attacker tried and must not get: requests that are dear to answer, bodies that never end, secrets by
//! another spelling, credentials that can be read in two ways.

use std::fmt::Write;

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Browser, Client, Request, SERVICE, WEB, World, connect};

#[tokio::test]
async fn a_repeated_parameter_among_thousands_is_judged_at_once() {
    let world = World::new().await;
    let mut query = "a&a".to_owned();
    for number in 0..4000 {
        let _ = write!(query, "&%41{number:x}");
    }
    let request = Request::get(&format!("{}?{query}", world.auth("/authorize")));
    let begun = Instant::now();
    world.send(request).await.is(400).is_error_page();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "it took {took:?}");
}

#[tokio::test]
async fn a_form_of_the_client_app_that_never_ends_is_cut() {
    let world = World::new().await;
    for path in ["/grants/client-credentials/run", "/runs/x/call"] {
        let url = world.app(path).parse().unwrap();
        let mut stream = connect(&url).await;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: 100\r\n\r\ncsrf=",
            url.path(),
            url.authority()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut answer));
        read.await.expect("the body is waited for").unwrap();
        assert_eq!(&answer, b"HTTP/1.1 403", "{path}");
    }
}

#[tokio::test]
async fn a_secret_in_the_url_is_refused_however_its_name_is_spelt() {
    let world = World::new().await;
    for name in ["client_secret", "client%5Fsecret", "%63lient_secret"] {
        let url = format!("{}?{name}=service-secret", world.auth("/token"));
        let request = Request::post(&url, &[("grant_type", "client_credentials")]);
        let answer = world.send(World::signed(SERVICE, request)).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("client.secret_not_in_query").await;
    }
}

#[tokio::test]
async fn two_authorization_headers_authenticate_nobody() {
    let world = World::new().await;
    let twice = |first: Client, second: Client| {
        let request = world.client_credentials(first);
        World::signed(second, request)
    };
    for (first, second) in [(SERVICE, WEB), (WEB, SERVICE), (SERVICE, SERVICE)] {
        let answer = world.send(twice(first, second)).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("client.single_method").await;
    }
}

#[tokio::test]
async fn the_record_keeps_no_form_token() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.look(&world.auth("/login")).await;
    let fields = page.form("login-submit").fields;
    let token = fields.into_iter().find(|field| field.name == "csrf");
    let token = token.expect("a token in the form").value;
    assert!(token.len() > 20, "{token}");
    let answer = world.answer(page.response.clone());
    let exchange = serde_json::to_string(&answer.exchange().await).unwrap();
    assert!(exchange.contains("login-submit"), "{exchange}");
    assert!(!exchange.contains(&token), "{exchange}");
}
