//! A graceful stop: requests that are under way are answered, idle connections and open streams do not hold it, two
//! seconds are the most that it takes, and a second signal ends it at once.

use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, system, unexpected};
use crate::report::{Findings, Row, ms};
use crate::wire::{Connection, Request};
use crate::world::{Backend, Cluster, Demo, Provider};

/// Requests of which only half has arrived when the signal comes.
const SLOW: usize = 50;
/// Connections on which nothing happens.
const IDLE: usize = 50;
/// Open streams at the client app.
const STREAMS: usize = 4;
/// How long after the signal the second half arrives.
const LATE: Duration = Duration::from_millis(300);
/// The most that a stop may take.
const STOP: Duration = Duration::from_secs(2);
/// The most that a second signal may take.
const AT_ONCE: Duration = Duration::from_millis(500);

/// Stops the programs while they are busy.
pub(crate) async fn run(bench: &Bench) -> Ran<Findings> {
    let mut findings = Findings::of("stop");
    let demo = Demo::start(&bench.programs).await?;
    findings.rows.push(stop(demo).await?);
    let demo = Demo::start(&bench.programs).await?;
    findings.rows.push(stop_twice(demo).await?);
    for backend in &bench.backends {
        findings.rows.push(auth_server(bench, backend).await?);
    }
    Ok(findings)
}

/// Half of `count` token requests, each on a connection of its own.
async fn begin(peer: &str, request: &Request, count: usize) -> Ran<Vec<Connection>> {
    let mut begun = Vec::new();
    for _ in 0..count {
        let mut connection = Connection::open(peer, peer).await?;
        connection.begin(request).await?;
        begun.push(connection);
    }
    Ok(begun)
}

/// Connections that were used once and stay open.
async fn idle(peer: &str, count: usize) -> Ran<Vec<Connection>> {
    let mut open = Vec::new();
    for _ in 0..count {
        let mut connection = Connection::open(peer, peer).await?;
        connection.ask(&Request::get("/healthz")).await?;
        open.push(connection);
    }
    Ok(open)
}

/// Sends the second halves, and counts who got a token.
async fn finish(begun: Vec<Connection>, request: &Request) -> Ran<usize> {
    let finishing: Vec<_> = begun
        .into_iter()
        .map(|connection| {
            let request = request.clone();
            tokio::spawn(async move { connection.finish(&request).await })
        })
        .collect();
    let mut answered = 0;
    for one in finishing {
        answered += usize::from(one.await?.is_ok_and(|answer| answer.status == 200));
    }
    Ok(answered)
}

async fn auth_server(bench: &Bench, backend: &Backend) -> Ran<Row> {
    let mut cluster = Cluster::start(&bench.programs, backend, 1, "").await?;
    let peer = cluster.peer(0);
    let request = Provider::client_credentials();
    let open = idle(&peer, IDLE).await?;
    let begun = begin(&peer, &request, SLOW).await?;
    // The server has taken them up.
    tokio::time::sleep(LATE).await;
    let mut process = cluster.take(0)?;
    process.signal("TERM")?;
    let signalled = Instant::now();
    tokio::time::sleep(LATE).await;
    let answered = finish(begun, &request).await?;
    let (code, _) = process.ended().await?;
    let took = signalled.elapsed();
    drop(open);
    let figure = format!("{answered} of {SLOW} answered 200; gone after {}", ms(took));
    let holds = answered == SLOW && took <= STOP && code == Some(0);
    let n = format!("{SLOW} half-sent requests, {IDLE} idle connections");
    Ok(Row::new(
        "SIGTERM at the auth server",
        (backend.name(), n),
        figure,
        holds,
    ))
}

/// Streams of what happens, as pages of flows hold them open.
async fn streams(demo: &Demo) -> Ran<Vec<Connection>> {
    let mut open = Vec::new();
    let watched = Request::get("/api/stream").header("accept", "text/event-stream");
    for _ in 0..STREAMS {
        let peer = demo.peer(0);
        let mut connection = Connection::open(&peer, &peer).await?;
        if connection
            .watch(&watched)
            .await
            .map_err(system("a stream"))?
            != 200
        {
            return Err(unexpected("no stream"));
        }
        open.push(connection);
    }
    Ok(open)
}

/// Requests under way, idle connections and open streams.
async fn stop(mut demo: Demo) -> Ran<Row> {
    let request = Provider::client_credentials();
    let auth_server = demo.peer(1);
    let streams = streams(&demo).await?;
    let mut open = Vec::new();
    for number in 0..3 {
        open.extend(idle(&demo.peer(number), IDLE / 3).await?);
    }
    let begun = begin(&auth_server, &request, SLOW).await?;
    tokio::time::sleep(LATE).await;
    demo.program.signal("TERM")?;
    let signalled = Instant::now();
    tokio::time::sleep(LATE).await;
    let answered = finish(begun, &request).await?;
    let (code, _) = demo.program.ended().await?;
    let took = signalled.elapsed();
    let held = open.len() + streams.len();
    let figure = format!("{answered} of {SLOW} answered 200; gone after {}", ms(took));
    let holds = answered == SLOW && took <= STOP && code == Some(0) && held > 0;
    let n = format!(
        "{SLOW} half-sent requests, {} idle, {STREAMS} streams",
        open.len()
    );
    Ok(Row::new(
        "SIGTERM at all three in one process",
        ("SQLite file", n),
        figure,
        holds,
    ))
}

/// A second signal while the first is waited for.
async fn stop_twice(mut demo: Demo) -> Ran<Row> {
    let request = Provider::client_credentials();
    let begun = begin(&demo.peer(1), &request, SLOW).await?;
    tokio::time::sleep(LATE).await;
    demo.program.signal("TERM")?;
    tokio::time::sleep(LATE).await;
    demo.program.signal("TERM")?;
    let (code, took) = demo.program.ended().await?;
    drop(begun);
    let figure = format!("gone {} after the second, status {code:?}", ms(took));
    let holds = took <= AT_ONCE && code == Some(130);
    let n = format!("{SLOW} half-sent requests");
    Ok(Row::new(
        "a second signal",
        ("SQLite file", n),
        figure,
        holds,
    ))
}
