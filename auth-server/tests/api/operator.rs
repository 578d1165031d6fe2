//! What an operator configures, of the program itself: who reads metrics, and whose request ids stand in the log.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What only the operator knows.
const TOKEN: &str = "sesame-7c1f";

/// The program, on a port of its own, its log as JSON.
struct Program {
    child: Child,
    bind: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Status, headers and body of what `address` answers to this head; `None` where it does not answer yet.
fn asked(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let wait = Some(Duration::from_secs(10));
    stream.set_read_timeout(wait).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nConnection: close\r\n").ok()?;
    if headers.iter().all(|(name, _)| *name != "Host") {
        write!(stream, "Host: localhost:{}\r\n", address.port()).ok()?;
    }
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n").ok()?;
    }
    stream.write_all(b"\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer))
}

impl Program {
    /// With these variables, after `AUTH_SERVER__`.
    fn start(variables: &[(&str, &str)]) -> Self {
        let bind = free();
        let public = format!("http://localhost:{}", bind.port());
        let mut command = Command::new(env!("CARGO_BIN_EXE_auth-server"));
        command
            .env("RUST_LOG", "info")
            .env("AUTH_SERVER__SERVER__BIND", bind.to_string())
            .env("AUTH_SERVER__SERVER__LOG_FORMAT", "json")
            .env("AUTH_SERVER__STORE__URL", "sqlite::memory:")
            .env("AUTH_SERVER__WIRING__ADDRESSES__AUTH_SERVER", public)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        for (name, value) in variables {
            command.env(format!("AUTH_SERVER__{name}"), value);
        }
        let mut program = Self {
            child: command.spawn().unwrap(),
            bind,
        };
        let begun = Instant::now();
        while asked(bind, "/healthz", &[]).is_none_or(|(status, _)| status != 200) {
            if let Some(status) = program.child.try_wait().unwrap() {
                let mut log = String::new();
                program
                    .child
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut log)
                    .unwrap();
                panic!("{status}: {log}");
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        program
    }

    /// Lets it end by itself, for its last lines are written then; what it logged of requests.
    fn log(mut self) -> Vec<Value> {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.unwrap().success());
        let mut log = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut log).unwrap();
        self.child.wait().unwrap();
        let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
        let requests = lines.filter(|line: &Value| line["request_id"].is_string());
        requests.collect()
    }
}

#[test]
fn a_port_of_their_own_has_the_metrics_and_the_services_port_none() {
    let own = free();
    let program = Program::start(&[("METRICS__BIND", &own.to_string())]);
    let (status, text) = asked(own, "/metrics", &[]).unwrap();
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("grantscope_build_info"), "{text}");
    assert_eq!(asked(program.bind, "/metrics", &[]).unwrap().0, 404);
    // Nothing else is there, and no page of the internet can read it under a name of its own.
    assert_eq!(asked(own, "/healthz", &[]).unwrap().0, 404);
    let rebound = asked(own, "/metrics", &[("Host", "evil.example:9464")]);
    let (status, text) = rebound.unwrap();
    assert!(status == 404 || status == 421, "{text}");
    assert!(!text.contains("grantscope_"), "{text}");
    let named = asked(own, "/metrics", &[("Host", "auth-server:9464")]);
    assert_eq!(named.unwrap().0, 200);
}

#[test]
fn a_token_opens_the_metrics_from_anywhere_and_nothing_else_does() {
    let program = Program::start(&[("METRICS__TOKEN", TOKEN)]);
    let read = |headers: &[(&str, &str)]| asked(program.bind, "/metrics", headers).unwrap();
    let bearer = format!("Bearer {TOKEN}");
    let (status, text) = read(&[("Authorization", &bearer)]);
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("grantscope_build_info"), "{text}");
    assert!(!text.contains(TOKEN));
    let by_proxy = [
        ("Authorization", bearer.as_str()),
        ("X-Forwarded-For", "192.0.2.7"),
    ];
    assert_eq!(read(&by_proxy).0, 200);
    // This machine is no key any more.
    assert_eq!(read(&[]).0, 404);
    for wrong in ["Bearer", "Bearer sesame", TOKEN, "Basic c2VzYW1l"] {
        assert_eq!(read(&[("Authorization", wrong)]).0, 404, "{wrong}");
    }
    assert!(!format!("{:?}", program.log()).contains(TOKEN));
}

#[test]
fn the_log_has_a_trusted_proxys_id_beside_ours_and_no_strangers() {
    let sent = "proxy-0123_abc";
    let ask = |program: &Program, id: &str| {
        let (_, text) = asked(program.bind, "/nothing", &[("X-Request-Id", id)]).unwrap();
        let own = text
            .lines()
            .find_map(|line| line.strip_prefix("x-request-id: "));
        own.unwrap().to_owned()
    };
    let line_of = |log: &[Value], id: &str| {
        let all = log.iter().filter(|line| line["request_id"] == id);
        let all: Vec<_> = all.cloned().collect();
        assert_eq!(all.len(), 1, "{log:?}");
        all[0].clone()
    };
    let behind = Program::start(&[("SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#)]);
    let told = ask(&behind, sent);
    assert_ne!(told, sent, "it is not taken over");
    let hostile = [
        "x".repeat(65),
        "a b".to_owned(),
        "{\"status\":200}".to_owned(),
    ];
    let refused: Vec<_> = hostile.iter().map(|id| ask(&behind, id)).collect();
    let log = behind.log();
    assert_eq!(line_of(&log, &told)["proxy_request_id"], sent);
    for id in refused {
        assert!(line_of(&log, &id)["proxy_request_id"].is_null(), "{log:?}");
    }
    let alone = Program::start(&[]);
    let told = ask(&alone, sent);
    let log = alone.log();
    assert!(
        line_of(&log, &told)["proxy_request_id"].is_null(),
        "{log:?}"
    );
}
