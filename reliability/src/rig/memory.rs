//! Memory under load, with viewers open and one that has stopped to read: flat.
//!
//! All three services in one process, as a workshop runs them. Whole flows and single requests; what is weighed is the
//! resident set, once a second.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, system, unexpected};
use crate::report::{Findings, Row};
use crate::wire::{Connection, Request};
use crate::world::cast::{ALICE, API, WEB};
use crate::world::program::Program;
use crate::world::provider::Tokens;
use crate::world::{Browser, Demo, Provider};

/// Viewers that read.
const VIEWERS: usize = 3;
/// Clients at work.
const CLIENTS: usize = 4;
/// How long a client rests after each request: what the load is bounded by on a quick machine.
const REST: Duration = Duration::from_millis(8);
/// The most that the last quarter may weigh more than the second, in KiB.
const GROWTH: f64 = 8.0 * 1024.0;
/// The most that it may grow by the hour once it is warm, in KiB.
const GROWTH_AN_HOUR: f64 = 16.0 * 1024.0;
/// Below this span the slope by the hour says nothing.
const LONG: Duration = Duration::from_mins(10);

/// Loads the demo for `span`.
pub(crate) async fn run(bench: &Bench, span: Duration) -> Ran<Findings> {
    let mut findings = Findings::of("memory");
    let demo = Demo::start(&bench.programs).await?;
    let app = demo.peer(0);
    let (stop, done) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let seen = Arc::new(AtomicUsize::new(0));
    let stalled = watch(&app).await?;
    for _ in 0..VIEWERS {
        let mut viewer = watch(&app).await?;
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok(read @ 1..) = viewer.read_some().await {
                seen.fetch_add(read, Ordering::Relaxed);
            }
        });
    }
    let provider = demo.provider()?;
    let mut working = Vec::new();
    for _ in 0..CLIENTS {
        let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
        working.push(tokio::spawn(work(
            provider.clone(),
            demo.peer(2),
            stop,
            done,
        )));
    }
    let weights = weigh(&demo.program, span).await?;
    stop.store(true, Ordering::Relaxed);
    for client in working {
        client.await??;
    }
    drop(stalled);
    let requests = done.load(Ordering::Relaxed);
    let row = row(&weights, span, (requests, seen.load(Ordering::Relaxed)));
    findings.rows.push(row);
    Ok(findings)
}

/// A live view of all flows, as its page holds it.
async fn watch(peer: &str) -> Ran<Connection> {
    let request = Request::get("/api/stream").header("accept", "text/event-stream");
    let mut connection = Connection::open(peer, peer).await?;
    match connection
        .watch(&request)
        .await
        .map_err(system("a viewer"))?
    {
        200 => Ok(connection),
        status => Err(unexpected(format!("a viewer was answered {status}"))),
    }
}

/// Whole flows, refreshes, calls of the API and questions about tokens, until told to stop.
async fn work(
    provider: Provider,
    api: String,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
) -> Ran<()> {
    let mut browser = Browser::new(provider.clone());
    let mut back = provider.connect(0).await?;
    let mut front = Connection::open(&api, &api).await?;
    while !stop.load(Ordering::Relaxed) {
        let mut tokens = browser.tokens(WEB, ALICE).await?;
        for _ in 0..20 {
            let refreshed = back.ask(&Provider::refresh(WEB, &tokens.refresh)).await;
            tokens = Tokens::required(&refreshed.map_err(system("refresh"))?)?;
            let asked = [("token", tokens.access.as_str())];
            let asked = Provider::as_client(API, "/introspect", &asked);
            back.ask(&asked).await.map_err(system("introspect"))?;
            let called = Request::get("/photos").bearer(&tokens.access);
            let called = front.ask(&called).await.map_err(system("the API"))?;
            if called.status != 200 {
                return Err(unexpected(called.shown()));
            }
            done.fetch_add(3, Ordering::Relaxed);
            tokio::time::sleep(REST).await;
        }
    }
    Ok(())
}

/// What the program weighs, once a second, in KiB.
async fn weigh(program: &Program, span: Duration) -> Ran<Vec<f64>> {
    let began = Instant::now();
    let mut weights = Vec::new();
    while began.elapsed() < span {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let kib = u32::try_from(program.resident_kib()?).unwrap_or(u32::MAX);
        weights.push(f64::from(kib));
    }
    Ok(weights)
}

fn mean(weights: &[f64]) -> f64 {
    let count = u32::try_from(weights.len()).unwrap_or(u32::MAX).max(1);
    weights.iter().sum::<f64>() / f64::from(count)
}

/// How much it grew by the second, by least squares.
fn slope(weights: &[f64]) -> f64 {
    let count = u32::try_from(weights.len()).unwrap_or(u32::MAX);
    let middle = f64::from(count.saturating_sub(1)) / 2.0;
    let average = mean(weights);
    let (mut above, mut below) = (0.0, 0.0);
    for (second, weight) in (0_u32..).zip(weights) {
        let off = f64::from(second) - middle;
        above += off * (weight - average);
        below += off * off;
    }
    if below > 0.0 { above / below } else { 0.0 }
}

fn row(weights: &[f64], span: Duration, (requests, seen): (usize, usize)) -> Row {
    let quarter = weights.len() / 4;
    let (_, warm) = weights.split_at(quarter);
    let second = mean(weights.get(quarter..quarter * 2).unwrap_or_default());
    let last = mean(weights.get(quarter * 3..).unwrap_or_default());
    let most = weights.iter().copied().fold(0.0, f64::max);
    let an_hour = slope(warm) * 3600.0;
    let mib = |kib: f64| format!("{:.1} MiB", kib / 1024.0);
    let mut figure = format!(
        "{} at most; second quarter {}, last quarter {}",
        mib(most),
        mib(second),
        mib(last)
    );
    let long = span >= LONG;
    if long {
        let _ = write!(figure, "; slope {} an hour", mib(an_hour));
    }
    let _ = write!(
        figure,
        "; {requests} requests, viewers read {} KiB",
        seen / 1024
    );
    let flat = last - second <= GROWTH && (!long || an_hour <= GROWTH_AN_HOUR);
    let n = format!("{} s, {VIEWERS} viewers, 1 stalled", span.as_secs());
    let holds = flat && requests > 0 && seen > 0;
    Row::new(
        "memory of all three in one process",
        ("SQLite file", n),
        figure,
        holds,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_and_a_mean() {
        let line: Vec<f64> = (0..10).map(|x| 5.0 + 2.0 * f64::from(x)).collect();
        assert!((slope(&line) - 2.0).abs() < 1e-9);
        assert!((mean(&line) - 14.0).abs() < 1e-9);
        assert!(slope(&[]).abs() < 1e-9);
    }
}
