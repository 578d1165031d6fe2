//! Commands are run by a real shell and a real curl, against a server that tells what arrived.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command as Process;
use std::thread;

use serde_json::json;

use super::*;

/// What a shell could take for something else.
const NASTY: &str = "it's \"two\" $(touch /tmp/grantscope-pwned) `id` ${HOME} \\ !! %41 +&=; * ?\n\tline two\r\u{1b}[31m 中文 \u{202e}x";

/// An exchange at `base` with these parts.
fn exchange(base: &str, target: &str, headers: &[(&str, &str)], body: &str) -> ExchangeView {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let empty = json!({"headers": [], "body": {"bytes": 0}});
    serde_json::from_value(json!({
        "id": "0".repeat(32), "flow": "0".repeat(32), "step": 1, "kind": "http",
        "from": "client-app", "to": "auth-server", "channel": "back", "observers": [],
        "method": "POST", "path": "/token", "url": format!("{base}{target}"), "status": 200,
        "started_us": 0, "duration_ms": 1.0, "realm_time": 0, "checks": [], "values": [], "parameters": [],
        "request": {"headers": headers, "body": {"text": body, "bytes": body.len()}},
        "response": empty, "notes": {},
    }))
    .unwrap()
}

/// What arrives when a shell runs the command: its request's head, in lines, and its body.
fn arrives(
    make: impl Fn(&str) -> ExchangeView,
    hides: &dyn Fn(Field<'_>) -> bool,
    set: &[(&str, &str)],
) -> (Vec<String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let command = command(&make(&base), hides).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut piece).unwrap();
            seen.extend_from_slice(&piece[..read]);
            let text = String::from_utf8_lossy(&seen).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                (name.eq_ignore_ascii_case("content-length")).then(|| value.parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).unwrap();
                let head = head.lines().map(str::to_owned).collect();
                return (head, body.to_owned());
            }
        }
    });
    let run = Process::new("bash")
        .args([
            "-c",
            &format!("{command} --silent --show-error --noproxy '*'"),
        ])
        .envs(set.iter().copied())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}\n{command}");
    server.join().unwrap()
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish()
}

fn shows_all(_: Field<'_>) -> bool {
    false
}

#[test]
fn a_form_arrives_as_it_was() {
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("code", NASTY),
        ("state", ""),
    ]);
    let make = |base: &str| {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [
            kind,
            ("host", "elsewhere"),
            ("content-length", "7"),
            ("accept", "application/json"),
            ("authorization", "Basic d2ViOmEnYg=="),
            ("x-note", "it's $(id) `id`"),
            ("@/etc/passwd", "x"),
        ];
        exchange(base, "/token", &headers, &body)
    };
    let (head, arrived) = arrives(make, &shows_all, &[]);
    let pairs: Vec<_> = url::form_urlencoded::parse(arrived.as_bytes()).collect();
    assert_eq!(pairs.len(), 3, "{arrived}");
    assert_eq!(pairs[1].1, NASTY);
    assert_eq!(head[0], "POST /token HTTP/1.1");
    for line in [
        "authorization: Basic d2ViOmEnYg==",
        "accept: application/json",
        "x-note: it's $(id) `id`",
        "content-type: application/x-www-form-urlencoded",
    ] {
        let found = head.iter().any(|given| given.eq_ignore_ascii_case(line));
        assert!(found, "{line}: {head:?}");
    }
    assert!(
        !head.iter().any(|line| line.contains("elsewhere")),
        "{head:?}"
    );
    assert!(!std::path::Path::new("/tmp/grantscope-pwned").exists());
}

#[test]
fn a_body_that_is_no_form_arrives_byte_for_byte() {
    for body in [
        NASTY,
        "@/etc/passwd",
        "{\"a\": \"it's\\n\"}",
        "nul \0 and %s\n",
    ] {
        let make = |base: &str| exchange(base, "/x", &[("content-type", "application/json")], body);
        let (head, arrived) = arrives(make, &shows_all, &[]);
        assert_eq!(arrived, body);
        assert!(head[0].starts_with("POST /x "), "{head:?}");
    }
}

#[test]
fn a_form_that_is_none_travels_as_it_is() {
    let body = "a=%ff&b&=c&d%20e=%00";
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let make = |base: &str| exchange(base, "/token", &[kind], body);
    assert_eq!(arrives(make, &shows_all, &[]).1, body);
}

#[test]
fn the_url_and_the_method_stay() {
    let make = |base: &str| {
        let target = "/a/../b?x={1,2}&y=[1-3]&z=%27%20&u='q'";
        let mut exchange = exchange(base, target, &[], "");
        exchange.method = "DELETE".to_owned();
        exchange
    };
    let (head, _) = arrives(make, &shows_all, &[]);
    assert_eq!(
        head[0],
        "DELETE /a/../b?x={1,2}&y=[1-3]&z=%27%20&u='q' HTTP/1.1"
    );
}

#[test]
fn what_is_hidden_is_a_variable_that_has_to_be_set() {
    let hides = |field: Field<'_>| {
        matches!(
            field,
            Field::Parameter("password" | "client_secret" | "code" | "home")
        )
    };
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let headers = [
        kind,
        ("authorization", "Basic d2ViOndlYi1zZWNyZXQ="),
        ("cookie", "as_session=‹hidden›; path=‹hidden›"),
    ];
    let body = "username=alice&password=alice-password&home=1&csrf=‹hidden›";
    let make = |base: &str| exchange(base, "/token?code=abc&a=b", &headers, body);
    let text = command(&make("http://localhost:9000"), &hides).unwrap();
    for kept in [
        "web-secret",
        "alice-password",
        "abc",
        "hidden›",
        "${HOME",
        "${PATH",
    ] {
        assert!(!text.contains(kept), "{kept}: {text}");
    }
    let alone = Process::new("bash").args(["-c", &text]).output().unwrap();
    assert!(!alone.status.success(), "it ran without its variables");

    let set = [
        ("PASSWORD", "p&'"),
        ("CLIENT_SECRET", "s"),
        ("CODE", "c"),
        ("HIDDEN_HOME", "h"),
        ("HIDDEN_CSRF", "t"),
        ("COOKIE_AS_SESSION", "1"),
        ("COOKIE_PATH", "2"),
    ];
    let (head, arrived) = arrives(make, &hides, &set);
    assert_eq!(arrived, "username=alice&password=p%26%27&home=h&csrf=t");
    assert_eq!(head[0], "POST /token?code=c&a=b HTTP/1.1");
    let cookie = head
        .iter()
        .any(|line| line == "Cookie: as_session=1; path=2");
    assert!(cookie, "{head:?}");
}

#[test]
fn what_never_was_a_request_has_no_command() {
    let mut inside = exchange("http://localhost:8080", "/", &[], "");
    inside.kind = Kind::InBrowser;
    assert_eq!(command(&inside, &shows_all), None);
}

#[test]
fn two_hidden_values_never_share_a_variable() {
    let hides = |field: Field<'_>| matches!(field, Field::Parameter(_));
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let body = "a-b=1&a_b=2&a.b=3&code=4";
    let hop = exchange("http://localhost:9000", "/token?code=5", &[kind], body);
    let text = command(&hop, &hides).unwrap();
    for variable in [
        "HIDDEN_A_B",
        "HIDDEN_A_B_2",
        "HIDDEN_A_B_3",
        "CODE",
        "CODE_2",
    ] {
        let asked = format!("${{{variable}:?}}");
        assert_eq!(text.matches(&asked).count(), 1, "{variable}: {text}");
    }
}
