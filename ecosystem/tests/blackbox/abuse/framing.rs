//! Requests that two programs may read in two ways (RFC 9112 §11.2), names that are not ours (RFC 9110 §7.4), and
//! targets of another form: refused, or read in the one harmless way.

use std::time::Duration;

use super::{raw, services, status};
use crate::support::World;

const PATIENCE: Duration = Duration::from_secs(12);

/// A request behind the first one: where it is answered, somebody else's request was smuggled in.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n";

/// Lengths that can be read in two ways, or in none.
const HEADS: [&str; 22] = [
    // RFC 9112 §6.1: both is an attempt at smuggling.
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "Content-Length: 0, 44\r\n\r\n",
    "Content-Length: +0\r\n\r\n",
    "Content-Length: -1\r\n\r\n",
    "Content-Length: 0x0\r\n\r\n",
    "Content-Length: 99999999999999999999999\r\n\r\n",
    "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
    "Transfer-Encoding: xchunked\r\n\r\n",
    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    // RFC 9112 §5.2: a folded line.
    "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "X: y\r\n Content-Length: 44\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    "X: a\0b\r\nContent-Length: 0\r\n\r\n",
    "X: a\rContent-Length: 0\r\n\r\n",
];

#[tokio::test]
async fn nothing_is_smuggled_behind_an_ambiguous_length() {
    let world = World::new().await;
    let mut all = Vec::new();
    for url in services(&world) {
        for head in HEADS {
            let hidden = HIDDEN.replace("HOST", url.authority());
            let path = if url.as_str().starts_with(world.ecosystem.auth_server()) {
                "/token"
            } else {
                "/nowhere"
            };
            let bytes = format!(
                "POST {path} HTTP/1.1\r\nHost: {}\r\n{head}{hidden}",
                url.authority()
            );
            let url = url.clone();
            all.push(async move {
                let (answer, ended) = raw(&url, bytes.as_bytes(), PATIENCE).await;
                (url, head, answer, ended)
            });
        }
    }
    let mut wrong = Vec::new();
    for (url, head, answer, ended) in futures_util::future::join_all(all).await {
        let answers = answer.matches("HTTP/1.1 ").count();
        let smuggled = answer.contains("\"status\":\"up\"");
        // An empty body is one: what stands behind it is a request of its own, and may be answered as one.
        let harmless = is_unambiguous(head) && answers == 2;
        // A chunk that is none may be found only after the answer was begun: then there is no answer.
        let refused = answers == 0 || status(&answer) / 100 == 4;
        if !(harmless || (answers <= 1 && !smuggled && ended && refused)) {
            wrong.push(format!("{url} {head:?}: {answer} (ended: {ended})"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// `Content-Length: 0` beside lines that say nothing of the length.
fn is_unambiguous(head: &str) -> bool {
    head.starts_with("X: a\0b") || head.starts_with("X: a\r")
}

#[tokio::test]
async fn only_one_host_of_ours_is_answered() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for url in services(&world) {
        let own = url.authority().to_owned();
        for (target, hosts, expected) in [
            ("/healthz", vec![own.as_str()], 200),
            ("/healthz", vec![], 400),
            ("/healthz", vec!["attacker.example"], 421),
            ("/healthz", vec!["localhost.attacker.example"], 421),
            ("/healthz", vec![own.as_str(), "attacker.example"], 400),
            ("/healthz", vec!["attacker.example", own.as_str()], 400),
            ("/healthz", vec![own.as_str(), own.as_str()], 400),
            ("/healthz", vec![""], 421),
            ("http://attacker.example/healthz", vec![own.as_str()], 421),
            (
                "http://user@attacker.example/healthz",
                vec![own.as_str()],
                421,
            ),
        ] {
            let lines: Vec<_> = hosts
                .iter()
                .map(|host| format!("Host: {host}\r\n"))
                .collect();
            let lines = lines.concat();
            let bytes = format!("GET {target} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
            let (answer, ended) = raw(&url, bytes.as_bytes(), PATIENCE).await;
            let status = status(&answer);
            // No host, or two: 400 (RFC 9112 §3.2) or 421, but no answer.
            let refused = expected == 400 && matches!(status, 400 | 421);
            if !(ended && (refused || status == expected)) {
                wrong.push(format!(
                    "{url} {target} {hosts:?}: {answer} (ended: {ended})"
                ));
            }
        }
        // RFC 9112 §3.2.2: a server must accept the absolute form, and its authority counts.
        let absolute = format!(
            "GET http://{own}/healthz HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n"
        );
        let (answer, _) = raw(&url, absolute.as_bytes(), PATIENCE).await;
        assert_eq!(status(&answer), 200, "{answer}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What a proxy would say, and nobody asked for.
#[tokio::test]
async fn what_headers_say_of_host_scheme_and_method_is_not_read() {
    let world = World::new().await;
    for url in services(&world) {
        let own = url.authority().to_owned();
        for forwarded in [
            "X-Forwarded-Host: attacker.example",
            "Forwarded: host=attacker.example;proto=https",
            "X-Forwarded-Proto: https",
            "X-Original-URL: /admin",
            "X-HTTP-Method-Override: DELETE",
        ] {
            let bytes = format!(
                "GET / HTTP/1.1\r\nHost: {own}\r\n{forwarded}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            );
            let (answer, _) = raw(&url, bytes.as_bytes(), PATIENCE).await;
            assert_eq!(status(&answer), 200, "{forwarded}: {answer}");
            assert!(
                !answer.contains("attacker.example"),
                "{forwarded}: {answer}"
            );
            assert!(
                !answer.contains("https://localhost"),
                "{forwarded}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn other_methods_versions_and_nonsense_are_refused() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for url in services(&world) {
        let own = url.authority().to_owned();
        for line in [
            format!("CONNECT attacker.example:443 HTTP/1.1\r\nHost: {own}"),
            format!("TRACE / HTTP/1.1\r\nHost: {own}\r\nX-Secret: canary-trace"),
            format!("GET /\u{7f} HTTP/1.1\r\nHost: {own}"),
            format!("GET  / HTTP/1.1\r\nHost: {own}"),
            format!("GET / HTTP/3.0\r\nHost: {own}"),
            format!("GET /{} HTTP/1.1\r\nHost: {own}", "a".repeat(200_000)),
            format!(
                "GET / HTTP/1.1\r\nHost: {own}\r\nX: {}",
                "a".repeat(200_000)
            ),
            format!(
                "GET / HTTP/1.1\r\nHost: {own}\r\n{}",
                "X: a\r\n".repeat(200)
            ),
            "PRI * HTTP/2.0".to_owned(),
            "\u{16}\u{3}\u{1}".to_owned(),
        ] {
            let (answer, ended) = raw(&url, format!("{line}\r\n\r\n").as_bytes(), PATIENCE).await;
            let status = status(&answer);
            let refused = (400..500).contains(&status) || matches!(status, 0 | 501 | 505);
            let shown: String = line.chars().take(60).collect();
            let closed = ended || line.starts_with("TRACE") || line.starts_with("CONNECT");
            if !refused || !closed || answer.contains("canary-trace") {
                wrong.push(format!("{url} {shown:?}: {answer} (ended: {ended})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// RFC 9110 §7.8: a server may pass over `Upgrade`. The HTTP server believes that what follows such a head has no end.
#[tokio::test]
async fn who_asks_for_another_protocol_is_answered_at_once_and_as_anybody() {
    let world = World::new().await;
    let url: url::Url = world.ecosystem.auth_server().parse().unwrap();
    let hidden = HIDDEN.replace("HOST", url.authority());
    let form = "grant_type=client_credentials&client_id=service&client_secret=service-secret";
    let length = form.len();
    for (head, expected) in [
        (format!("Content-Length: {length}\r\n"), 200),
        // Without a length there is no body, whatever comes.
        (String::new(), 400),
    ] {
        let bytes = format!(
            "POST /token HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\n{head}\r\n{form}{hidden}",
            url.authority()
        );
        let begun = std::time::Instant::now();
        let (answer, ended) = raw(&url, bytes.as_bytes(), PATIENCE).await;
        assert_eq!(status(&answer), expected, "{answer}");
        assert!(ended, "the connection goes on");
        assert!(
            begun.elapsed() < Duration::from_secs(4),
            "it was waited for: {:?}",
            begun.elapsed()
        );
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
        assert!(says_close(&answer), "{answer}");
    }
}

fn says_close(answer: &str) -> bool {
    let (head, _) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let head = head.to_ascii_lowercase();
    head.lines().any(|line| line == "connection: close") && !head.contains("upgrade\r\n")
}

/// RFC 9110 §7.6.1, §7.8, RFC 9112 §9.6: `curl --http2` asks for HTTP/2 with every request, most of which have no body.
/// It is answered by HTTP/1.1, and told where the connection ends with that.
#[tokio::test]
async fn who_asks_for_another_protocol_without_a_body_is_told_that_the_connection_ends() {
    let world = World::new().await;
    for url in services(&world) {
        for (request, ends) in [
            (
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
                true,
            ),
            ("Connection: upgrade\r\nUpgrade: websocket\r\n", true),
            ("Connection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n", true),
            ("Connection: Upgrade\r\n", true),
            // What is not for this connection (RFC 9110 §7.8) is no matter.
            ("Upgrade: h2c\r\n", false),
            ("", false),
        ] {
            let get = |headers: &str| {
                format!(
                    "GET /healthz HTTP/1.1\r\nHost: {}\r\n{headers}\r\n",
                    url.authority()
                )
            };
            let twice = format!("{}{}", get(request), get("Connection: close\r\n"));
            let (answers, ended) = raw(&url, twice.as_bytes(), PATIENCE).await;
            assert!(ended, "{request}: the connection goes on");
            assert!(answers.starts_with("HTTP/1.1 200"), "{request}: {answers}");
            assert_eq!(says_close(&answers), ends, "{request}: {answers}");
            let number = answers.matches("HTTP/1.1 200").count();
            assert_eq!(number, if ends { 1 } else { 2 }, "{request}: {answers}");
        }
    }
}
