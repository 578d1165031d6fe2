//! What a health check asks, whom, and what it believes.

use super::*;

#[test]
fn a_service_that_listens_on_all_interfaces_is_asked_on_loopback() {
    let at = |bind: &str| reached_at(bind.parse().unwrap()).to_string();
    assert_eq!(at("0.0.0.0:9000"), "127.0.0.1:9000");
    assert_eq!(at("[::]:9000"), "[::1]:9000");
    assert_eq!(at("192.0.2.1:9000"), "192.0.2.1:9000");
}

#[test]
fn an_address_is_asked_by_what_is_configured_and_a_url_by_its_scheme() {
    for (text, configured, https, authority, name) in [
        (
            "localhost:9000",
            false,
            false,
            "localhost:9000",
            "localhost",
        ),
        ("localhost:9000", true, true, "localhost:9000", "localhost"),
        (
            "http://localhost:9000",
            true,
            false,
            "localhost:9000",
            "localhost",
        ),
        (
            "https://auth.example",
            false,
            true,
            "auth.example:443",
            "auth.example",
        ),
        ("https://[::1]:9000/", false, true, "[::1]:9000", "::1"),
    ] {
        let peer = Peer::parse(text, configured).unwrap();
        assert_eq!(
            (peer.https, peer.authority.as_str(), peer.name.as_str()),
            (https, authority, name),
            "{text}"
        );
    }
    for bad in ["", "localhost", "https://", "http://:9000"] {
        assert!(Peer::parse(bad, false).is_err(), "{bad}");
    }
}

#[test]
fn https_without_anything_to_believe_is_refused() {
    let listening = Listening {
        service: "auth-server",
        bind: "127.0.0.1:9000".parse().unwrap(),
        tls: TlsConfig::default(),
    };
    let check = Healthcheck {
        address: Some("https://localhost:9000".to_owned()),
    };
    let refused = check.ask(&listening).unwrap_err();
    assert!(matches!(refused, Unhealthy::NothingToBelieve), "{refused}");
}

/// What a health check of the auth server says of whoever answers `body` with 200.
fn asked(body: &'static str) -> Result<(), Unhealthy> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let bind = listener.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // All of it: who hangs up on what it has not read takes its answer back.
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut piece = [0; 1024];
            let length = stream.read(&mut piece).unwrap();
            asked.extend_from_slice(&piece[..length]);
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(head.as_bytes());
        // In two pieces, as a network may bring it.
        let (first, second) = body.split_at(body.len() / 2);
        for piece in [first, second] {
            std::thread::sleep(Duration::from_millis(20));
            let _ = stream.write_all(piece.as_bytes());
        }
    });
    let listening = Listening {
        service: "auth-server",
        bind,
        tls: TlsConfig::default(),
    };
    let said = Healthcheck::default().ask(&listening);
    answering.join().unwrap();
    said
}

#[test]
fn another_program_on_the_port_is_not_healthy() {
    let ready = r#"{"status":"ready","service":"auth-server","needs":{"store":"up"}}"#;
    asked(ready).unwrap();
    let endless = Box::leak("x".repeat(100_000).into_boxed_str());
    for foreign in [
        "",
        "ok",
        "<html>It works!</html>",
        r#"{"status":"ready"}"#,
        r#"{"status":"ready","service":"resource-server","needs":{}}"#,
        r#"{"status":"up","service":"auth-server","version":"1.0.0"}"#,
        endless,
    ] {
        let refused = asked(foreign).unwrap_err();
        let other = matches!(refused, Unhealthy::AnotherProgram { .. });
        assert!(other, "{foreign:.40}: {refused}");
    }
}

#[test]
fn many_short_waits_are_not_a_long_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let drip = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // A byte of the status line each time; the asker leaves before the last.
        for byte in b"HTTP/1.1 200" {
            std::thread::sleep(Duration::from_millis(300));
            if stream.write_all(&[*byte]).is_err() {
                break;
            }
        }
    });
    let check = Healthcheck {
        address: Some(address.to_string()),
    };
    let listening = Listening {
        service: "auth-server",
        bind: address,
        tls: TlsConfig::default(),
    };
    let refused = check.ask(&listening).unwrap_err();
    assert!(matches!(refused, Unhealthy::Silent { .. }), "{refused}");
    drip.join().unwrap();
}
