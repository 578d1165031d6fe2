//! What recording costs a server that issues tokens, and what bounds it:
//! `cargo build --release -p ecosystem && cargo run --release -p benches --bin recording`.
//!
//! Starts the demo with and without the record, and asks each in turn for client credentials tokens over kept-alive
//! connections: more than the record keeps pace with, few enough that every one is recorded, and with viewers that
//! read nothing. Times differ from machine to machine and from minute to minute, so what counts is the ratio within
//! one run: of the servers' processor time for one token, and of the tokens in the same time.

mod server;

use std::error::Error;
use std::time::Duration;

use server::{Server, Until};

/// How long a round lasts that asks for more than is recorded.
const ROUND: Duration = Duration::from_secs(3);
/// How many tokens a round has that is recorded whole: fewer than the record takes in a row.
const BURST: u32 = 3_000;
/// How many rounds each server gets, in turn.
const ROUNDS: usize = 7;
/// How many viewers read nothing.
const VIEWERS: usize = 60;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let (on, off): (&[&str], &[&str]) = (&[], &["--no-record"]);
    println!("| what | tokens a second | processor time a token |\n|---|---|---|");
    flood(on, off)?;
    burst(on, off)?;
    dead_viewers(on)?;
    ends(on)
}

/// More tokens than the record keeps pace with.
fn flood(on: &[&str], off: &[&str]) -> Result<(), Failure> {
    let (on, off) = (Server::start("on", on)?, Server::start("off", off)?);
    for server in [&on, &off] {
        server.load(Until::Time(ROUND))?; // warm
    }
    let pair = in_turn(|recorded| {
        let server = if recorded { &on } else { &off };
        server.measure(Until::Time(ROUND))
    })?;
    pair.print("flooded: recording on / off");
    let kept = on.record()?;
    println!(
        "\nthe ring after it: {} exchanges in {:.1} MB; {} fell out, {} were left out by its pace, {} were lost\n",
        kept.exchanges,
        megabytes(kept.bytes),
        kept.forgotten,
        kept.shed,
        kept.dropped
    );
    Ok(())
}

/// So few tokens that every one is recorded: what a recorded one costs.
fn burst(on: &[&str], off: &[&str]) -> Result<(), Failure> {
    let pair = in_turn(|recorded| {
        let server = Server::start("burst", if recorded { on } else { off })?;
        server.load(Until::Tokens(500))?; // warm
        let measured = server.measure(Until::Tokens(BURST))?;
        if recorded {
            let record = server.record()?;
            if record.shed + record.dropped > 0 {
                return Err("not every token was recorded".into());
            }
        }
        Ok(measured)
    })?;
    pair.print("every one recorded: on / off");
    Ok(())
}

/// Viewers that open a live stream and never read from it, against none.
fn dead_viewers(on: &[&str]) -> Result<(), Failure> {
    let server = Server::start("viewers", on)?;
    server.load(Until::Time(ROUND))?; // warm
    let pair = in_turn(|watched| {
        let viewers = server.viewers(if watched { VIEWERS } else { 0 })?;
        let measured = server.measure(Until::Time(ROUND));
        drop(viewers);
        measured
    })?;
    pair.print(&format!("{VIEWERS} viewers that read nothing / none"));
    Ok(())
}

/// `SIGTERM` while viewers look on.
fn ends(on: &[&str]) -> Result<(), Failure> {
    let server = Server::start("ends", on)?;
    let viewers = server.viewers(VIEWERS)?;
    server.load(Until::Tokens(BURST))?;
    let took = server.end()?;
    drop(viewers);
    println!("\nSIGTERM with {VIEWERS} viewers open: gone after {took:.1?}");
    Ok(())
}

/// Measures with and without something in turn. Who begins changes, so that neither always follows the other.
fn in_turn(mut measure: impl FnMut(bool) -> Result<Measured, Failure>) -> Result<Pair, Failure> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for first in [true, false] {
            if first == (round % 2 == 0) {
                with.push(measure(true)?);
            } else {
                without.push(measure(false)?);
            }
        }
    }
    Ok(Pair {
        with: Measured::median(&with),
        without: Measured::median(&without),
    })
}

/// The medians of what was measured in turn.
#[derive(Clone, Copy, Debug)]
struct Pair {
    with: Measured,
    without: Measured,
}

impl Pair {
    fn print(self, what: &str) {
        let Self { with, without } = self;
        println!(
            "| {what} | {:.0} / {:.0} = {:.3} | {:.1} / {:.1} µs = {:.3} |",
            with.per_second,
            without.per_second,
            with.per_second / without.per_second,
            with.cpu_us,
            without.cpu_us,
            with.cpu_us / without.cpu_us
        );
    }
}

/// Bytes in megabytes (10⁶).
fn megabytes(bytes: u64) -> f64 {
    u32::try_from(bytes).map_or(f64::INFINITY, f64::from) / 1e6
}

/// One round.
#[derive(Clone, Copy, Debug)]
struct Measured {
    per_second: f64,
    cpu_us: f64,
}

impl Measured {
    /// The median of each figure.
    fn median(rounds: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Self {
            per_second: middle(|round| round.per_second),
            cpu_us: middle(|round| round.cpu_us),
        }
    }
}
