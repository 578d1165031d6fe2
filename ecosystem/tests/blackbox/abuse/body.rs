//! Bodies: that stall, that never end, that are compressed, deep, many, or no text. Bounded time and memory, and
//! answers in the protocol's own words.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::table::{Route, routes};
use super::{raw, status};
use crate::support::{Request, SERVICE, WEB, World, connect};

/// The longest that any body is waited for, and a slow machine.
const LONGEST: Duration = Duration::from_secs(16);

/// What each route takes.
fn content_type(route: &Route) -> &'static str {
    let json = route.path.starts_with("/api/")
        || route.path.starts_with("/register")
        || ["/photos", "/record/browser", "/record/exchanges"].contains(&route.path.as_str());
    if json {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    }
}

fn base(world: &World, route: &Route) -> String {
    let address = match route.service {
        "client-app" => world.ecosystem.client_app(),
        "auth-server" => world.ecosystem.auth_server(),
        _ => world.ecosystem.resource_server(),
    };
    format!("{address}{}", route.concrete())
}

/// Every route that takes a body, with one that stalls after its first byte.
#[tokio::test]
async fn no_stalled_body_holds_a_connection() {
    let world = World::new().await;
    let with_body: Vec<Route> = routes().into_iter().filter(Route::is_unsafe).collect();
    assert!(with_body.len() > 40, "{with_body:#?}");
    let stalled = with_body.iter().map(|route| {
        let url: url::Url = base(&world, route).parse().unwrap();
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nContent-Length: 100\r\n\r\n{{",
            route.method,
            url.path(),
            url.authority(),
            content_type(route)
        );
        async move {
            let begun = Instant::now();
            let (answer, ended) = raw(&url, head.as_bytes(), LONGEST).await;
            (route, status(&answer), ended, begun.elapsed())
        }
    });
    let mut longest = Duration::ZERO;
    let mut held = Vec::new();
    for (route, status, ended, took) in futures_util::future::join_all(stalled).await {
        // What needs no body is done without it.
        let answered = (200..500).contains(&status) || status == 501;
        if !(ended && answered) {
            held.push(format!(
                "{} {} {}: {status}, ended: {ended}",
                route.service, route.method, route.path
            ));
        }
        longest = longest.max(took);
    }
    assert!(held.is_empty(), "{held:#?}");
    println!(
        "{} routes, the longest held for {longest:?}",
        with_body.len()
    );
}

/// A chunked body that goes on for ever: cut at its limit, however fast it comes.
#[tokio::test]
async fn an_endless_body_is_cut_at_its_limit() {
    let world = World::new().await;
    for (url, kind) in [
        (world.auth("/token"), "application/x-www-form-urlencoded"),
        (world.auth("/register"), "application/json"),
        (
            world.auth("/authorize"),
            "application/x-www-form-urlencoded",
        ),
        (world.api("/photos"), "application/json"),
        (
            world.app("/grants/password/run"),
            "application/x-www-form-urlencoded",
        ),
        (world.app("/api/clock"), "application/json"),
    ] {
        let target: url::Url = url.parse().unwrap();
        let mut stream = connect(&target).await;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n",
            target.path(),
            target.authority()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
        let (mut reader, mut writer) = stream.into_split();
        let sending = async {
            let mut sent = 0;
            while writer.write_all(chunk.as_bytes()).await.is_ok() {
                sent += chunk.len();
            }
            sent
        };
        let mut answer = Vec::new();
        let read = tokio::time::timeout(LONGEST, reader.read_to_end(&mut answer));
        let (sent, read) = tokio::join!(tokio::time::timeout(LONGEST, sending), read);
        let sent = sent.unwrap_or_else(|_| panic!("{url} takes the body for ever"));
        let _ = read.unwrap_or_else(|_| panic!("{url} holds the connection"));
        let answer = String::from_utf8_lossy(&answer);
        println!("{url} threw away {sent} bytes until it hung up");
        // Where the end of the connection was faster than the answer, there is none to read.
        let code = status(&answer);
        assert!(code == 0 || (400..500).contains(&code), "{url}: {answer}");
    }
}

/// RFC 9110 §8.4: nothing is decompressed, so a small body cannot become a large one.
#[tokio::test]
async fn a_compressed_body_stays_as_small_as_it_came() {
    let world = World::new().await;
    // 1 MiB of zeros by gzip would be some thousand bytes; any bytes that are no text will do.
    let bomb: Vec<u8> = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        .into_iter()
        .chain(std::iter::repeat_n([0xec, 0xc1, 1, 1], 500).flatten())
        .collect();
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        for path in [
            "/token",
            "/par",
            "/introspect",
            "/revoke",
            "/device_authorization",
        ] {
            let request = Request::post(&world.auth(path), &[]).body(bomb.clone());
            let request = request.header("content-encoding", encoding);
            let answer = world.send(World::signed(SERVICE, request)).await;
            answer.is_refused(400, "invalid_request").no_store();
        }
        let request = Request::new("POST", &world.auth("/register"))
            .header("content-type", "application/json")
            .header("content-encoding", encoding)
            .body(bomb.clone());
        let answer = world.send(request).await;
        assert!((400..500).contains(&answer.status()), "{answer}");
        assert!(answer.json()["error"].is_string(), "{answer}");
    }
}

/// JSON that is nested a hundred thousand levels deep, wherever JSON is read.
#[tokio::test]
async fn deep_json_is_refused_without_a_deep_stack() {
    let world = World::new().await;
    let deep = |open: &str| open.repeat(12_000);
    let json = |method: &str, url: String, body: String| {
        let request = Request::new(method, &url).header("content-type", "application/json");
        request.body(body)
    };
    let token = world
        .tokens(crate::support::WEB, "photos:write")
        .await
        .access;
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let body = deep(open).chars().take(60_000).collect::<String>();
        for request in [
            json("POST", world.auth("/register"), body.clone()),
            json(
                "POST",
                world.api("/photos"),
                body.chars().take(4_000).collect(),
            )
            .bearer(&token),
            json(
                "POST",
                world.app("/api/clock"),
                body.chars().take(1_000).collect(),
            ),
            json("PUT", world.app("/api/breakpoints"), body.clone()),
            json(
                "POST",
                world.app("/record/browser"),
                body.chars().take(4_000).collect(),
            ),
        ] {
            let answer = world.send(request).await;
            assert!((400..500).contains(&answer.status()), "{answer}");
            assert!(answer.json()["error"].is_string(), "{answer}");
        }
    }
}

/// The same in what stands in parameters and headers: claims, tokens, assertions, proofs, request objects.
#[tokio::test]
async fn deep_json_in_a_token_is_refused_too() {
    let world = World::new().await;
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let claims = open.repeat(6_000).chars().take(6_000).collect::<String>();
        let asked = world
            .authorize(crate::support::WEB, "openid")
            .with("claims", &claims);
        let answer = world.ask(&asked).await;
        assert!(matches!(answer.status(), 303 | 400), "{answer}");
        let header = crate::support::base64url(claims.as_bytes());
        let jwt = format!("{header}.{header}.AAAA");
        let asserted = world.token(&[
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &jwt),
        ]);
        world.send(asserted).await.is_refused(401, "invalid_client");
        let proof = world.client_credentials(SERVICE).header("dpop", &jwt);
        world
            .send(proof)
            .await
            .is_refused(400, "invalid_dpop_proof");
        let photos = Request::get(&world.api("/photos")).bearer(&jwt);
        // Too long for a token of any kind.
        world
            .send(photos)
            .await
            .refuses_token(400, "invalid_request");
        let object = world
            .authorize(crate::support::WEB, "openid")
            .with("request", &jwt);
        let answer = world.ask(&object).await;
        assert!(matches!(answer.status(), 303 | 400), "{answer}");
    }
}

/// As many parameters as a body holds, at every endpoint that takes a form.
#[tokio::test]
async fn thousands_of_parameters_are_judged_at_once() {
    let world = World::new().await;
    let mut form = String::new();
    for number in 0..7000 {
        let _ = write!(form, "p{number:x}=&");
    }
    form.push_str("a=&a=");
    let begun = Instant::now();
    for path in [
        "/token",
        "/par",
        "/introspect",
        "/revoke",
        "/device_authorization",
    ] {
        let request = Request::post(&world.auth(path), &[]).body(form.clone());
        let answer = world.send(World::signed(SERVICE, request)).await;
        answer.is_refused(400, "invalid_request");
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// Bytes that are no UTF-8, in every place of a request: refused or passed over, and never a failure of ours.
#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let world = World::new().await;
    let bad = b"\xff\xfe\xc0\x80";
    let mut answers = Vec::new();
    for path in [
        "/token",
        "/par",
        "/introspect",
        "/revoke",
        "/device_authorization",
        "/login",
    ] {
        let body = [b"a=".as_slice(), bad].concat();
        let request = Request::post(&world.auth(path), &[]).body(body);
        answers.push(world.send(World::signed(SERVICE, request)).await);
    }
    for (name, url) in [
        ("cookie", world.auth("/login")),
        ("authorization", world.auth("/token")),
        ("authorization", world.api("/photos")),
        ("dpop", world.auth("/token")),
        ("accept-language", world.app("/")),
        ("cookie", world.app("/flows")),
        ("user-agent", world.auth("/authorize")),
        ("x-forwarded-for", world.auth("/login")),
        ("exchange", world.auth("/token")),
        ("content-type", world.auth("/token")),
    ] {
        let method = if url.ends_with("/token") {
            "POST"
        } else {
            "GET"
        };
        answers.push(
            world
                .send(Request::new(method, &url).header(name, bad))
                .await,
        );
    }
    for answer in &answers {
        assert!((200..500).contains(&answer.status()), "{answer}");
        if answer.header("content-type").contains("json") {
            let body: Value = answer.json();
            // RFC 6750 §3.1: whoever brings no token is told no error.
            let told = body["error"].is_string() || answer.status() == 401;
            assert!(answer.status() < 400 || told, "{answer}");
        }
    }
    for path in [
        "/authorize?client_id=%ff",
        "/login?interaction=%ff%fe",
        "/device?user_code=%c0",
    ] {
        let answer = world.send(Request::get(&world.auth(path))).await;
        assert!((200..500).contains(&answer.status()), "{answer}");
    }
}

#[tokio::test]
async fn a_url_over_the_limit_is_told_from_a_body() {
    let world = World::new().await;
    let long = |length| {
        let padding = "x".repeat(length);
        Request::get(
            &world
                .authorize(WEB, "photos:read")
                .with("state", &padding)
                .url(),
        )
    };
    let answer = world.send(long(40_000)).await;
    answer.is(414).failed_check("request.size").await;
    assert_eq!(answer.response.header("location"), None);
    // As long as servers must read (RFC 9110 §4.1).
    let answer = world.send(long(8_000)).await;
    assert!(answer.status() < 400, "{answer}");
}
