//! Peers that send request behind request and do not read: bounded memory, bounded time, and no harm to others. And
//! what honest peers send that looks like it: request behind request, bodies of empty lines.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystem::{Ecosystem, Https};
use shared::serve::ConnectionsConfig;
use shared::time::Lifetime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use url::Url;

use super::crowd::memory;
use super::status;
use crate::program::{self, url};
use crate::support::{Request, World, tls};

/// How many peers do not read at the same time.
const PEERS: usize = 60;

/// The most that one of them may cost, in KiB: buffers of the HTTP server and of TLS, one request and one answer.
const COST: usize = 64;

/// What the process may need besides, in KiB: sixty requests at once grow what it keeps for the next ones.
const BESIDES: usize = 16 * 1024;

/// How long an answer may lie untaken in these tests, in seconds.
const UNTAKEN: u32 = 2;

fn get(url: &Url) -> String {
    format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
        url.path(),
        url.authority()
    )
}

/// A connection whose peer has room for little.
async fn narrow(url: &Url) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let port = url.port().unwrap();
    socket.connect(([127, 0, 0, 1], port).into()).await.unwrap()
}

/// Sends without reading until nothing was taken for a second; whether the connection was cut by then.
async fn stuff(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> bool {
    let mut sent = 0;
    while sent < bytes.len() {
        let write = stream.write(&bytes[sent..]);
        match tokio::time::timeout(Duration::from_secs(1), write).await {
            Ok(Ok(length)) => sent += length,
            Ok(Err(_)) => return true,
            Err(_) => return false,
        }
    }
    panic!("{sent} bytes were taken, and no answer was");
}

#[tokio::test]
async fn peers_that_do_not_read_cost_little_memory() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = program::start(directory.path(), &["--memory"]);
    let urls = program.urls();
    let id = program.id().to_string();
    for (service, path) in [
        ("auth_server", "/jwks"),
        ("client_app", "/healthz"),
        ("resource_server", "/healthz"),
    ] {
        let target: Url = format!("{}{path}", url(&urls, service)).parse().unwrap();
        assert_eq!(Request::get(target.as_str()).send().await.status, 200);
        let heads = get(&target).repeat(200_000);
        let before = memory(&id);
        let stuffed = (0..PEERS).map(|_| async {
            let mut stream = narrow(&target).await;
            stuff(&mut stream, heads.as_bytes()).await;
            stream
        });
        let held = futures_util::future::join_all(stuffed).await;
        let begun = Instant::now();
        assert_eq!(Request::get(target.as_str()).send().await.status, 200);
        let beside = begun.elapsed();
        let grown = memory(&id).saturating_sub(before);
        println!(
            "{service}: {PEERS} peers that do not read: {grown} KiB on {before} KiB; beside them {beside:?}"
        );
        assert!(grown < PEERS * COST + BESIDES, "{grown} KiB");
        assert!(beside < Duration::from_secs(5), "{beside:?}");
        drop(held);
    }
}

async fn quick_to_cut(by: Option<Https>) -> World {
    let builder = Ecosystem::builder().connections(ConnectionsConfig {
        untaken: Lifetime::from_seconds(UNTAKEN),
        ..ConnectionsConfig::default()
    });
    let builder = match by {
        Some(https) => builder.tls(https),
        None => builder,
    };
    let ecosystem = builder.start().await.unwrap();
    if let Some(authority) = ecosystem.authority() {
        tls::trust(&authority.certificate);
    }
    World::at_root(Arc::new(ecosystem))
}

/// Sends without reading until it is cut: how long nothing was taken before.
async fn held(mut stream: impl AsyncWrite + Unpin, url: &Url) -> Duration {
    let bytes = get(url).repeat(200_000);
    if stuff(&mut stream, bytes.as_bytes()).await {
        return Duration::ZERO;
    }
    let stalled = Instant::now();
    loop {
        let write = stream.write(b"G");
        if let Ok(Err(_)) = tokio::time::timeout(Duration::from_secs(1), write).await {
            return stalled.elapsed();
        }
        assert!(stalled.elapsed() < Duration::from_secs(30), "held for ever");
    }
}

#[tokio::test]
async fn peers_that_do_not_read_are_cut() {
    for by in [None, Some(Https::Ephemeral)] {
        let world = quick_to_cut(by).await;
        for address in [
            world.ecosystem.client_app(),
            world.ecosystem.auth_server(),
            world.ecosystem.resource_server(),
        ] {
            let url: Url = format!("{address}/healthz").parse().unwrap();
            let held = if url.scheme() == "https" {
                held(tls::connect(&url).await, &url).await
            } else {
                held(narrow(&url).await, &url).await
            };
            println!("{url}: cut {held:?} after the second in which nothing went");
            let most = Duration::from_secs(u64::from(UNTAKEN) + 8);
            assert!(held < most, "{held:?}");
            assert_eq!(Request::get(url.as_str()).send().await.status, 200);
        }
    }
}

/// The next answer on a connection that stays open.
async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> (u16, String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    (status(&head), String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn a_peer_that_reads_gets_three_thousand_answers_in_order() {
    let world = World::new().await;
    let jwks: Url = world.auth("/jwks").parse().unwrap();
    let health: Url = format!("{}/healthz", world.ecosystem.auth_server())
        .parse()
        .unwrap();
    let (reader, mut writer) = crate::support::connect(&jwks).await.into_split();
    let mut reader = tokio::io::BufReader::new(reader);
    let heads = (get(&jwks) + &get(&health)).repeat(1500);
    let sending = async { writer.write_all(heads.as_bytes()).await.unwrap() };
    let reading = async {
        for number in 0..3000 {
            let (status, body) = answer(&mut reader).await;
            let expected = if number % 2 == 0 {
                "\"keys\""
            } else {
                "\"status\""
            };
            assert_eq!(status, 200, "{body}");
            assert!(body.contains(expected), "{number}: {body}");
        }
    };
    tokio::join!(sending, reading);
}

#[tokio::test]
async fn the_largest_body_of_empty_lines_is_judged() {
    let world = World::new().await;
    let url: Url = world.auth("/token").parse().unwrap();
    let body = "\r\n".repeat(32 * 1024);
    let head = |lines: &str| {
        format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n{lines}\r\n",
            url.path(),
            url.authority()
        )
    };
    let sized = head("Content-Length: 65536\r\n") + &body;
    let chunks = format!("1000\r\n{}\r\n", "\r\n".repeat(0x800)).repeat(16);
    let chunked = head("Transfer-Encoding: chunked\r\n") + &chunks + "0\r\n\r\n";
    for request in [sized, chunked] {
        let mut stream = crate::support::connect(&url).await;
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap();
        let (status, body) = answer(&mut stream).await;
        assert_eq!(status, 400, "{body}");
        assert!(body.contains("\"error\":\"invalid_request\""), "{body}");
        // The connection goes on.
        let next = get(&world.auth("/jwks").parse().unwrap());
        stream.write_all(next.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await.0, 200);
        println!("65 536 bytes of empty lines: {:?}", begun.elapsed());
    }
}
