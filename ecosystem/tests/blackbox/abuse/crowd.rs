//! Many at once: heads that come a byte at a time, and connections that do nothing. Bounded time, and no harm to
//! others.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{raw, services};
use crate::support::{Request, World, connect};

/// The most that is waited for a head, and a slow machine.
const LONGEST: Duration = Duration::from_secs(12);

/// A head that comes with a byte every 200 ms: never silent, and never whole.
async fn drip(url: &url::Url) -> Duration {
    let head = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nX: ", url.authority());
    held(url, "", head.bytes().chain(std::iter::repeat(b'a'))).await
}

/// How long the service holds a connection on which `bytes` follow `first` and its answer, one every 200 ms.
async fn held(url: &url::Url, first: &str, bytes: impl Iterator<Item = u8>) -> Duration {
    let mut stream = connect(url).await;
    let mut answer = [0; 4096];
    if !first.is_empty() {
        stream.write_all(first.as_bytes()).await.unwrap();
        let length = stream.read(&mut answer).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
    }
    let begun = Instant::now();
    for byte in bytes {
        if begun.elapsed() > LONGEST || stream.write_all(&[byte]).await.is_err() {
            break;
        }
        let pause = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut answer));
        if matches!(pause.await, Ok(Ok(0) | Err(_))) {
            break;
        }
    }
    begun.elapsed()
}

#[tokio::test]
async fn a_head_that_drips_is_cut() {
    let world = World::new().await;
    let services = services(&world);
    let drips = services.iter().map(drip);
    for held in futures_util::future::join_all(drips).await {
        assert!(held < LONGEST, "a head was waited for {held:?}");
        println!("a dripping head was held for {held:?}");
    }
}

/// Empty lines before a head are passed over (RFC 9112 §2.2), but they hold a connection no longer than a head does,
/// the first on it or one after many.
#[tokio::test]
async fn empty_lines_hold_no_connection() {
    let world = World::new().await;
    let services = services(&world);
    let drips = services.iter().flat_map(|url| {
        let whole = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", url.authority());
        [String::new(), whole]
            .map(|first| async move { held(url, &first, b"\r\n".iter().copied().cycle()).await })
    });
    for held in futures_util::future::join_all(drips).await {
        assert!(held < LONGEST, "empty lines held a connection for {held:?}");
        println!("empty lines held a connection for {held:?}");
    }
    // One that was passed over does no harm.
    let url: url::Url = world.ecosystem.auth_server().parse().unwrap();
    let whole = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n", url.authority());
    let twice = format!("{whole}\r\n\r\n\r\n{whole}Connection: close\r\n\r\n");
    let (answers, _) = raw(&url, twice.as_bytes(), LONGEST).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
}

/// A second head on a connection that was used: as bounded as the first.
#[tokio::test]
async fn a_second_head_that_stops_half_way_is_cut_too() {
    let world = World::new().await;
    let url: url::Url = world.ecosystem.auth_server().parse().unwrap();
    let whole = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", url.authority());
    let bytes = format!("{whole}GET /healthz HTTP/1.1\r\nHost: ");
    let begun = Instant::now();
    let (answer, ended) = raw(&url, bytes.as_bytes(), LONGEST).await;
    assert!(ended, "held for {:?}: {answer}", begun.elapsed());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// How many connections this process may still open: both ends are in it, and a service takes a third at most.
fn room() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    let most: usize = soft.unwrap_or(1024);
    (most.saturating_sub(600) / 3).min(2000)
}

/// Resident memory of a process in KiB, of this one as `self`.
pub(super) fn memory(process: &str) -> usize {
    let status = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(status).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.unwrap_or(0)
}

async fn percentile_99(url: &str) -> Duration {
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        assert_eq!(Request::get(url).send().await.status, 200);
        times.push(begun.elapsed());
    }
    times.sort();
    times[197]
}

#[tokio::test]
async fn thousands_of_idle_connections_do_not_slow_others_and_are_closed() {
    let world = World::new().await;
    let (jwks, number) = (world.auth("/jwks"), room());
    let alone = percentile_99(&jwks).await;
    let before = memory("self");
    let url: url::Url = jwks.parse().unwrap();
    let mut idle: Vec<TcpStream> = Vec::new();
    for _ in 0..number {
        idle.push(connect(&url).await);
    }
    let beside = percentile_99(&jwks).await;
    let grown = memory("self").saturating_sub(before);
    println!(
        "{number} idle connections: p99 {alone:?} alone, {beside:?} beside them; {grown} KiB for both ends"
    );
    let bound = Duration::from_secs(1).max(3 * alone);
    assert!(beside < bound, "{beside:?}, and {alone:?} alone");
    assert!(grown < number * 64 + 32 * 1024, "{grown} KiB");
    let begun = Instant::now();
    for stream in &mut idle {
        let mut end = [0; 64];
        let left = LONGEST
            .saturating_sub(begun.elapsed())
            .max(Duration::from_millis(50));
        let read = tokio::time::timeout(left, stream.read(&mut end)).await;
        assert!(read.is_ok(), "a silent connection is held for ever");
    }
}
