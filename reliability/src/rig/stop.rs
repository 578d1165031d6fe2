//! A graceful stop: requests that are under way are answered, idle connections and open streams do not hold it, two
//! seconds are the most that it takes, and a second signal ends it at once.
//!
//! Two seconds are a promise about the program, not about the machine: as many requests are under way as it answers in
//! a part of that when nobody stops it, measured a moment before, and the bound has that much on top. A machine that was
//! busier than a moment before is tried anew; a program that cuts what is under way before its time is over is not.

use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, system, unexpected};
use crate::report::{Findings, Row, TRIES, Verdict, ms, tried};
use crate::wire::{Connection, Request};
use crate::world::{Backend, Cluster, Demo, Provider};

/// Requests of which only half has arrived when the signal comes, at most and at least.
const SLOW: (usize, usize) = (50, 5);
/// As long as they may take when nobody stops the server.
const SHARE: Duration = Duration::from_millis(600);
/// Connections on which nothing happens.
const IDLE: usize = 50;
/// Open streams at the client app.
const STREAMS: usize = 4;
/// How long after the signal the second half arrives.
const LATE: Duration = Duration::from_millis(300);
/// The most that a stop may take.
const STOP: Duration = Duration::from_secs(2);
/// A program that was gone sooner after the signal had time left for what was under way.
const SPENT: Duration = Duration::from_millis(1_800);
/// Connections that are opened and answered after the half-sent requests, so that every worker has looked at those.
const AFTER: usize = 8;
/// The most that a second signal may take.
const AT_ONCE: Duration = Duration::from_millis(500);

/// Stops the programs while they are busy.
pub(crate) async fn run(bench: &Bench) -> Ran<Findings> {
    let mut findings = Findings::of("stop");
    let all = async || stop(Demo::start(&bench.programs).await?).await;
    findings.rows.push(tried(TRIES, all).await?);
    let twice = async || stop_twice(Demo::start(&bench.programs).await?).await;
    findings.rows.push(tried(TRIES, twice).await?);
    for backend in &bench.backends {
        let one = async || auth_server(bench, backend).await;
        findings.rows.push(tried(TRIES, one).await?);
    }
    Ok(findings)
}

/// Half of `count` token requests, each on a connection of its own, which the server has taken up: connections are taken
/// up in the order in which they come, and those that came after these are answered.
async fn begin(peer: &str, request: &Request, count: usize) -> Ran<Vec<Connection>> {
    let mut begun = Vec::new();
    for _ in 0..count {
        let mut connection = Connection::open(peer, peer).await?;
        connection.begin(request).await?;
        begun.push(connection);
    }
    idle(peer, AFTER).await?;
    Ok(begun)
}

/// What became of half-sent requests.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    /// Answered 200.
    given: usize,
    /// Answered anything else.
    wrong: usize,
    /// Not answered.
    cut: usize,
}

impl Answers {
    /// What a stop that took so long makes of them, which may take `bound` and is to end with status 0.
    fn verdict(self, (took, bound): (Duration, Duration), code: Option<i32>) -> Verdict {
        // What is cut while there was time is lost; what is cut when there was none left was late.
        let lost = self.cut > 0 && took < SPENT;
        let kept = self.wrong == 0 && !lost && code == Some(0);
        Verdict::of(kept, self.cut == 0 && took <= bound)
    }
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
        let answers = finish(begun, request).await?;
        let took = started.elapsed();
        if answers.given != most {
            return Err(unexpected(format!("undisturbed, of {most}: {answers:?}")));
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

    fn figure(&self, answers: Answers, took: Duration) -> String {
        let wrong = match answers.wrong {
            0 => String::new(),
            wrong => format!(", {wrong} otherwise"),
        };
        format!(
            "{} of {} answered 200{wrong}; gone after {}; undisturbed they take {}",
            answers.given,
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
async fn finish(begun: Vec<Connection>, request: &Request) -> Ran<Answers> {
    let finishing: Vec<_> = begun
        .into_iter()
        .map(|connection| {
            let request = request.clone();
            tokio::spawn(async move { connection.finish(&request).await })
        })
        .collect();
    let mut answers = Answers::default();
    for one in finishing {
        match one.await? {
            Ok(answer) if answer.status == 200 => answers.given += 1,
            Ok(_) => answers.wrong += 1,
            Err(_) => answers.cut += 1,
        }
    }
    Ok(answers)
}

async fn auth_server(bench: &Bench, backend: &Backend) -> Ran<Row> {
    let mut cluster = Cluster::start(&bench.programs, backend, 1, "").await?;
    let peer = cluster.peer(0);
    let request = Provider::client_credentials();
    let pace = Pace::measure(&peer, &request).await?;
    let open = idle(&peer, IDLE).await?;
    let begun = begin(&peer, &request, pace.requests).await?;
    let mut process = cluster.take(0)?;
    process.signal("TERM")?;
    let signalled = Instant::now();
    tokio::time::sleep(LATE).await;
    let answers = finish(begun, &request).await?;
    let (code, _) = process.ended().await?;
    let took = signalled.elapsed();
    drop(open);
    let figure = pace.figure(answers, took);
    let verdict = answers.verdict((took, pace.bound()), code);
    let n = format!(
        "{} half-sent requests, {IDLE} idle connections",
        pace.requests
    );
    Ok(Row::new(
        "SIGTERM at the auth server",
        (backend.name(), n),
        figure,
        verdict,
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
    demo.program.signal("TERM")?;
    let signalled = Instant::now();
    tokio::time::sleep(LATE).await;
    let answers = finish(begun, &request).await?;
    let (code, _) = demo.program.ended().await?;
    let took = signalled.elapsed();
    let figure = pace.figure(answers, took);
    let verdict = answers.verdict((took, pace.bound()), code);
    let n = format!(
        "{} half-sent requests, {} idle, {STREAMS} streams",
        pace.requests,
        open.len()
    );
    drop(streams);
    Ok(Row::new(
        "SIGTERM at all three in one process",
        ("SQLite file", n),
        figure,
        verdict,
    ))
}

/// A second signal while the first is waited for.
async fn stop_twice(mut demo: Demo) -> Ran<Row> {
    let request = Provider::client_credentials();
    let (most, _) = SLOW;
    let begun = begin(&demo.peer(1), &request, most).await?;
    demo.program.signal("TERM")?;
    tokio::time::sleep(LATE).await;
    demo.program.signal("TERM")?;
    let (code, took) = demo.program.ended().await?;
    drop(begun);
    let figure = format!("gone {} after the second, status {code:?}", ms(took));
    let verdict = Verdict::of(code == Some(130), took <= AT_ONCE);
    let n = format!("{most} half-sent requests");
    Ok(Row::new(
        "a second signal",
        ("SQLite file", n),
        figure,
        verdict,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_while_there_was_time_is_lost_and_what_is_cut_at_the_end_was_late() {
        let verdict = |(given, wrong, cut), took, code| {
            let answers = Answers { given, wrong, cut };
            answers.verdict((Duration::from_millis(took), STOP), code)
        };
        assert_eq!(verdict((50, 0, 0), 1017, Some(0)), Verdict::Holds);
        assert_eq!(verdict((50, 0, 0), 2100, Some(0)), Verdict::Strained);
        assert_eq!(verdict((49, 0, 1), 1870, Some(0)), Verdict::Strained);
        assert_eq!(verdict((49, 0, 1), 1017, Some(0)), Verdict::Broken);
        assert_eq!(verdict((49, 1, 0), 1870, Some(0)), Verdict::Broken);
        assert_eq!(verdict((50, 0, 0), 1017, Some(1)), Verdict::Broken);
    }
}
