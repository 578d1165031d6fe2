//! Memory under load, with viewers open and one that has stopped to read: flat.
//!
//! All three services in one process, as a workshop runs them. Whole flows and single requests; what is weighed is the
//! resident set, once a second, when everything that is bounded by design has filled.

use std::fmt::Write;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Fault, Ran, system, unexpected};
use crate::report::{Findings, Row, TRIES, Verdict, tried};
use crate::wire::{Answer, Connection, Request};
use crate::world::cast::{ALICE, API, WEB};
use crate::world::program::Program;
use crate::world::provider::Tokens;
use crate::world::{Browser, Demo, Pace, Provider, pace};

/// Viewers that read.
const VIEWERS: usize = 3;
/// Clients at work.
const CLIENTS: usize = 4;
/// How long a client rests after three requests where no rate is asked for: what bounds the load on a quick machine.
const REST: Duration = Duration::from_millis(8);
/// It is weighed once so many requests were answered: caches and the record are full, however slow the machine is.
const WARM: usize = 2500;
/// The longest that is waited for that.
const WARM_PATIENCE: Duration = Duration::from_mins(2);
/// How long it rests after a failure.
const FAILED: Duration = Duration::from_secs(1);
/// The most that the last quarter may weigh more than the second, in KiB.
const GROWTH: f64 = 8.0 * 1024.0;
/// The most that it may grow by the hour once it is warm, in KiB.
const GROWTH_AN_HOUR: f64 = 16.0 * 1024.0;
/// Below this span the slope by the hour says nothing.
const LONG: Duration = Duration::from_mins(10);

/// Loads the demo for `span`: with so many requests a second where a rate is asked for, and as far as the machine keeps
/// it up.
pub(crate) async fn run(bench: &Bench, span: Duration, rate: Option<u32>) -> Ran<Findings> {
    let mut findings = Findings::of("memory");
    let attempt = async || once(bench, span, rate).await;
    findings
        .rows
        .push(tried(bench.pick(1, TRIES), attempt).await?);
    Ok(findings)
}

/// One such load, on a demo of its own.
async fn once(bench: &Bench, span: Duration, rate: Option<u32>) -> Ran<Row> {
    let clients = rate.map_or(CLIENTS, pace::clients);
    let pace = rate.map(|rate| Arc::new(Pace::of(rate)));
    let demo = Demo::start(&bench.programs).await?;
    let app = demo.peer(0);
    let stop = Arc::new(AtomicBool::new(false));
    let (answered, seen) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
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
    for _ in 0..clients {
        let mut client = Worker::new(provider.clone(), demo.peer(2));
        client.answered = Arc::clone(&answered);
        client.pace.clone_from(&pace);
        working.push(tokio::spawn(client.work(Arc::clone(&stop))));
    }
    let began = Instant::now();
    while answered.load(Ordering::Relaxed) < WARM && began.elapsed() < WARM_PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let before = answered.load(Ordering::Relaxed);
    let weights = weigh(&demo.program, span).await?;
    let served = answered.load(Ordering::Relaxed) - before;
    stop.store(true, Ordering::Relaxed);
    let mut done = Done::default();
    for client in working {
        done.add(client.await?);
    }
    drop(stalled);
    let load = Load {
        clients,
        asked: rate,
        answered: served,
    };
    Ok(row(
        &weights,
        (span, &load),
        (&done, seen.load(Ordering::Relaxed)),
    ))
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

/// A client: whole flows, refreshes, calls of the API and questions about tokens.
struct Worker {
    provider: Provider,
    api: String,
    browser: Browser,
    /// Kept connections to the auth server and to the API.
    back: Option<Connection>,
    front: Option<Connection>,
    done: Done,
    /// What all clients together were answered.
    answered: Arc<AtomicUsize>,
    /// When the next request may be sent, where a rate is asked for.
    pace: Option<Arc<Pace>>,
}

/// What the program was loaded with while it was weighed.
struct Load {
    clients: usize,
    /// Requests a second that were asked for.
    asked: Option<u32>,
    /// Requests that were answered, whole flows' own apart.
    answered: usize,
}

impl Worker {
    fn new(provider: Provider, api: String) -> Self {
        Self {
            browser: Browser::new(provider.clone()),
            provider,
            api,
            back: None,
            front: None,
            done: Done::default(),
            answered: Arc::default(),
            pace: None,
        }
    }

    /// Works until told to stop. What goes wrong is counted, and the next flow begins: an hour is not lost to it.
    async fn work(mut self, stop: Arc<AtomicBool>) -> Done {
        while !stop.load(Ordering::Relaxed) {
            if let Err(fault) = self.flow(&stop).await {
                self.done.failed.push(fault);
                tokio::time::sleep(FAILED).await;
            }
        }
        self.done
    }

    async fn flow(&mut self, stop: &AtomicBool) -> Ran<()> {
        let mut tokens = self.browser.tokens(WEB, ALICE).await?;
        self.done.flows += 1;
        for _ in 0..20 {
            let refresh = Provider::refresh(WEB, &tokens.refresh);
            tokens = Tokens::required(&self.ask(&refresh).await?)?;
            let asked = [("token", tokens.access.as_str())];
            let asked = Provider::as_client(API, "/introspect", &asked);
            Self::required(&self.ask(&asked).await?)?;
            let photos = Request::get("/photos").bearer(&tokens.access);
            Self::required(&self.call(&photos).await?)?;
            self.done.requests += 3;
            self.answered.fetch_add(3, Ordering::Relaxed);
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if self.pace.is_none() {
                tokio::time::sleep(REST).await;
            }
        }
        Ok(())
    }

    fn required(answer: &Answer) -> Ran<()> {
        match answer.status {
            200 => Ok(()),
            _ => Err(Fault::answered(answer)),
        }
    }

    /// Waits until the next request may be sent.
    async fn its_turn(&self) {
        if let Some(pace) = &self.pace {
            pace.next().await;
        }
    }

    async fn ask(&mut self, request: &Request) -> Ran<Answer> {
        self.its_turn().await;
        let provider = &self.provider;
        let sent = kept(&mut self.back, || provider.connect(0), request).await;
        sent.map_err(system("the auth server"))
    }

    async fn call(&mut self, request: &Request) -> Ran<Answer> {
        self.its_turn().await;
        let api = &self.api;
        let sent = kept(&mut self.front, || Connection::open(api, api), request).await;
        sent.map_err(system("the API"))
    }
}

/// Sends a request on a kept connection. Where the server has closed that in the meantime, as it does with idle ones,
/// it is sent once more on a new one: a refresh token that was rotated is answered with its successor for a while.
async fn kept<F>(
    connection: &mut Option<Connection>,
    open: impl Fn() -> F,
    request: &Request,
) -> io::Result<Answer>
where
    F: Future<Output = io::Result<Connection>>,
{
    if let Some(mut kept) = connection.take()
        && let Ok(answer) = kept.ask(request).await
    {
        *connection = Some(kept);
        return Ok(answer);
    }
    let mut new = open().await?;
    let answer = new.ask(request).await?;
    *connection = Some(new);
    Ok(answer)
}

/// What the clients did.
#[derive(Debug, Default)]
struct Done {
    flows: usize,
    requests: usize,
    failed: Vec<Fault>,
}

impl Done {
    fn add(&mut self, other: Self) {
        self.flows += other.flows;
        self.requests += other.requests;
        self.failed.extend(other.failed);
    }
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

fn row(weights: &[f64], (span, load): (Duration, &Load), (done, seen): (&Done, usize)) -> Row {
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
    let first = done.failed.first();
    let first = first.map_or_else(String::new, |first| format!(" (first: {first})"));
    let long = span >= LONG;
    if long {
        let _ = write!(figure, "; slope {} an hour", mib(an_hour));
    }
    let _ = write!(
        figure,
        "; {} flows and {} requests ({} a second while it was weighed), {} failed{first}; viewers read {} KiB",
        done.flows,
        done.requests,
        load.answered / usize::try_from(span.as_secs()).unwrap_or(usize::MAX).max(1),
        done.failed.len(),
        seen / 1024
    );
    let flat = last - second <= GROWTH && (!long || an_hour <= GROWTH_AN_HOUR);
    let asked = load.asked.map_or_else(String::new, |rate| {
        format!(", {rate} requests a second asked for")
    });
    let n = format!(
        "{} s, {} clients{asked}, {VIEWERS} viewers, 1 stalled",
        span.as_secs(),
        load.clients
    );
    // A client that a busy machine does not let send in time is cut off with 408: that says nothing of memory.
    let few = done.failed.len().saturating_mul(1000) <= done.requests;
    let busy = done.failed.iter().all(Fault::is_busy);
    let kept = done.requests > 0 && seen > 0 && (few || busy);
    let verdict = Verdict::of(kept, flat && few);
    Row::new(
        "memory of all three in one process",
        ("SQLite file", n),
        figure,
        verdict,
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
