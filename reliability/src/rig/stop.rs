//! A graceful stop: requests that are under way are answered, idle connections and open streams do not hold it, two
//! seconds are the most that it takes, and a second signal ends it at once.
//!
//! Two seconds are a promise about the program, not about the machine: as many requests are under way as it answers in
//! a part of that when nobody stops it, measured a moment before, and the bound has that much on top.

use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, system, unexpected};
use crate::report::{Findings, Row, ms};
use crate::wire::{Connection, Request};
use crate::world::{Backend, Cluster, Demo, Provider};

/// Requests of which only half has arrived when the signal comes, at most and at least.
const SLOW: (usize, usize) = (50, 5);
/// As long as they may take when nobody stops the server.
const SHARE: Duration = Duration::from_millis(600);
/// How often a stop is tried that does not hold: the machine may have been busier than a moment before. A program that
/// cuts what is under way does so every time.
const TRIES: usize = 3;
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
    let mut row = stop(Demo::start(&bench.programs).await?).await?;
    for _ in 1..TRIES {
        if !row.holds() {
            row = stop(Demo::start(&bench.programs).await?).await?;
        }
    }
    findings.rows.push(row);
    let demo = Demo::start(&bench.programs).await?;
    findings.rows.push(stop_twice(demo).await?);
    for backend in &bench.backends {
        let mut row = auth_server(bench, backend).await?;
        for _ in 1..TRIES {
            if !row.holds() {
                row = auth_server(bench, backend).await?;
            }
        }
        findings.rows.push(row);
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

/// What the machine can do at the moment.
struct Pace {
    /// How many half-sent requests are answered in [`SHARE`].
    requests: usize,
    /// How long that takes.
    takes: Duration,
}

impl Pace {
    async fn measure(peer: &str, request: &Request) -> Ran<Self> {
        let (most, least) = SLOW;
        let begun = begin(peer, request, most).await?;
        let started = Instant::now();
        let answered = finish(begun, request).await?;
        let took = started.elapsed();
        if answered != most {
            return Err(unexpected(format!("{answered} of {most} answered 200")));
        }
        let part = SHARE.as_secs_f64() / took.as_secs_f64().max(0.001);
        let fitting = (1..=most).rev().find(|&count| {
            f64::from(u32::try_from(count).unwrap_or(u32::MAX))
                <= f64::from(u32::try_from(most).unwrap_or(u32::MAX)) * part
        });
        Ok(Self {
            requests: fitting.unwrap_or(least).max(least),
            takes: took.min(SHARE),
        })
    }

    /// The most that a stop may take.
    fn bound(&self) -> Duration {
        STOP + self.takes
    }

    fn figure(&self, answered: usize, took: Duration) -> String {
        format!(
            "{answered} of {} answered 200; gone after {}; undisturbed they take {}",
            self.requests,
            ms(took),
            ms(self.takes)
        )
    }
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
    let pace = Pace::measure(&peer, &request).await?;
    let open = idle(&peer, IDLE).await?;
    let begun = begin(&peer, &request, pace.requests).await?;
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
    let figure = pace.figure(answered, took);
    let holds = answered == pace.requests && took <= pace.bound() && code == Some(0);
    let n = format!(
        "{} half-sent requests, {IDLE} idle connections",
        pace.requests
    );
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
    let pace = Pace::measure(&auth_server, &request).await?;
    let streams = streams(&demo).await?;
    let mut open = Vec::new();
    for number in 0..3 {
        open.extend(idle(&demo.peer(number), IDLE / 3).await?);
    }
    let begun = begin(&auth_server, &request, pace.requests).await?;
    tokio::time::sleep(LATE).await;
    demo.program.signal("TERM")?;
    let signalled = Instant::now();
    tokio::time::sleep(LATE).await;
    let answered = finish(begun, &request).await?;
    let (code, _) = demo.program.ended().await?;
    let took = signalled.elapsed();
    let held = open.len() + streams.len();
    let figure = pace.figure(answered, took);
    let kept = answered == pace.requests && took <= pace.bound();
    let holds = kept && code == Some(0) && held > 0;
    let n = format!(
        "{} half-sent requests, {} idle, {STREAMS} streams",
        pace.requests,
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
    let (most, _) = SLOW;
    let begun = begin(&demo.peer(1), &request, most).await?;
    tokio::time::sleep(LATE).await;
    demo.program.signal("TERM")?;
    tokio::time::sleep(LATE).await;
    demo.program.signal("TERM")?;
    let (code, took) = demo.program.ended().await?;
    drop(begun);
    let figure = format!("gone {} after the second, status {code:?}", ms(took));
    let holds = took <= AT_ONCE && code == Some(130);
    let n = format!("{most} half-sent requests");
    Ok(Row::new(
        "a second signal",
        ("SQLite file", n),
        figure,
        holds,
    ))
}
