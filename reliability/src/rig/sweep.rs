//! The sweeper against a great many expired rows, while clients go on writing: all are gone afterwards, and nobody
//! waited long or in vain. A busy machine makes everybody wait: what the sweep adds is what the client of a second server,
//! at the same time and with nothing to sweep, does not wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, unexpected};
use crate::report::{Findings, Row, TRIES, Verdict, ms, p99, tried};
use crate::world::cast::{ALICE, PATIENT};
use crate::world::database::Database;
use crate::world::provider::Tokens;
use crate::world::{Backend, Browser, Cluster, Provider};

/// The sweeper begins every two seconds; by default every minute.
const OFTEN: &str = "sweep_every = \"2s\"\n";
/// How much longer than twice without a sweep the slowest of a hundred writes may take.
const ADDED: Duration = Duration::from_millis(100);
/// The same of the slowest of all.
const STALL: Duration = Duration::from_secs(1);
/// How often is looked how much is left, at least; where there is much, to count it is work, too.
const LOOK: Duration = Duration::from_millis(500);
/// How much longer for each row.
const LOOK_A_ROW: Duration = Duration::from_micros(5);
/// The most that a sweep may take, whatever its size.
const PATIENCE: Duration = Duration::from_mins(20);
/// The same for each row on top: a busy machine sweeps three hundred a second.
const A_ROW: Duration = Duration::from_millis(4);
/// What expired, in which proportion.
const TABLES: [&str; 4] = [
    "authorization_codes",
    "refresh_tokens",
    "access_tokens",
    "revoked_tokens",
];

/// Lets `rows` rows expire on every back end.
pub(crate) async fn run(bench: &Bench, rows: usize) -> Ran<Findings> {
    let mut findings = Findings::of("sweep");
    for backend in &bench.backends {
        let once = async || on(bench, backend, rows).await;
        let tries = bench.pick(1, TRIES);
        findings.rows.push(tried(tries, once).await?);
    }
    Ok(findings)
}

async fn on(bench: &Bench, backend: &Backend, rows: usize) -> Ran<Row> {
    let mut cluster = Cluster::prepare_with(&bench.programs, backend, 1, ("", OFTEN))?;
    // The first start makes the tables.
    cluster.start_one(0).await?;
    let mut process = cluster.take(0)?;
    process.signal("TERM")?;
    process.ended().await?;
    fill(cluster.database(), backend, rows / TABLES.len())?;
    let filled = expired(cluster.database())?;
    let beside = Cluster::start(&bench.programs, backend, 1, "").await?;
    cluster.start_one(0).await?;
    let began = Instant::now();
    let client = Refreshing::new(&cluster.provider()?).await?;
    let other = Refreshing::new(&beside.provider()?).await?;
    let done = Arc::new(AtomicBool::new(false));
    let working = tokio::spawn(client.work(Arc::clone(&done)));
    let quiet = tokio::spawn(other.work(Arc::clone(&done)));
    let mut left = filled;
    let patience = PATIENCE + A_ROW.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX));
    while left > 0 && began.elapsed() < patience {
        let rows = u32::try_from(left).unwrap_or(u32::MAX);
        tokio::time::sleep(LOOK + LOOK_A_ROW.saturating_mul(rows)).await;
        left = expired(cluster.database())?;
    }
    let took = began.elapsed();
    done.store(true, Ordering::Relaxed);
    let (sweeping, quiet) = (working.await??, quiet.await??);
    let figure = format!(
        "{left} left after {:.0} s; {} refreshes meanwhile, {} × 503, p99 {}, longest {}; beside it, without: {}, {} × 503, \
         p99 {}, longest {}",
        took.as_secs_f64(),
        sweeping.waits.len(),
        sweeping.refused,
        ms(p99(&sweeping.waits)),
        ms(sweeping.longest()),
        quiet.waits.len(),
        quiet.refused,
        ms(p99(&quiet.waits)),
        ms(quiet.longest()),
    );
    let at_once = p99(&sweeping.waits) <= p99(&quiet.waits) * 2 + ADDED
        && sweeping.longest() <= quiet.longest() * 2 + STALL;
    // Where one who has nothing to do with the sweep is refused, too, it is the machine.
    let served = sweeping.refused == 0 || quiet.refused > 0;
    let kept = left == 0 && filled > 0 && served;
    let verdict = Verdict::of(kept, at_once && sweeping.refused == 0);
    let n = format!("{filled} expired rows");
    Ok(Row::new(
        "sweep while serving",
        (backend.name(), n),
        figure,
        verdict,
    ))
}

/// A client that refreshes, again and again.
struct Refreshing {
    provider: Provider,
    tokens: Tokens,
    seen: Seen,
}

/// What it met.
#[derive(Default)]
struct Seen {
    waits: Vec<Duration>,
    refused: usize,
}

impl Seen {
    fn longest(&self) -> Duration {
        self.waits.iter().max().copied().unwrap_or_default()
    }
}

impl Refreshing {
    async fn new(provider: &Provider) -> Ran<Self> {
        let mut browser = Browser::new(provider.clone());
        Ok(Self {
            provider: provider.clone(),
            tokens: browser.tokens(PATIENT, ALICE).await?,
            seen: Seen::default(),
        })
    }

    /// Refreshes until told that it is done.
    async fn work(mut self, done: Arc<AtomicBool>) -> Ran<Seen> {
        while !done.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let request = Provider::refresh(PATIENT, &self.tokens.refresh);
            let answer = self.provider.send(&request).await?;
            self.seen.waits.push(asked.elapsed());
            match Tokens::of(&answer) {
                Some(next) => self.tokens = next,
                None if answer.status == 503 => self.seen.refused += 1,
                None => return Err(unexpected(answer.shown())),
            }
        }
        Ok(self.seen)
    }
}

/// How many rows of the rig's are left.
fn expired(database: &Database) -> Ran<i64> {
    let mut all = 0;
    for table in TABLES {
        let sql = format!(
            "SELECT count(*) AS count FROM {table} WHERE realm = 'default' AND expires_at < 1000000"
        );
        all += database.count(&sql)?;
    }
    Ok(all)
}

/// Makes `each` rows of each table that expired long ago, a thousand each second.
fn fill(database: &Database, backend: &Backend, each: usize) -> Ran<()> {
    let (numbers, digest) = match backend {
        Backend::Sqlite => (
            format!(
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {each}) "
            ),
            "lower(hex(randomblob(32)))",
        ),
        Backend::Postgres(_) => (
            format!("WITH n(x) AS (SELECT * FROM generate_series(1, {each})) "),
            "md5(random()::text) || md5(random()::text)",
        ),
    };
    let tables = [
        (
            "authorization_codes (realm, digest, grant_id, client_id, expires_at, wrong_verifiers)",
            format!("'default', {digest}, 'gone', 'web', x / 1000, 0"),
        ),
        (
            "refresh_tokens (realm, digest, grant_id, generation, scope, created_at, expires_at)",
            format!("'default', {digest}, 'gone', 0, 'openid', 0, x / 1000"),
        ),
        (
            "access_tokens (realm, digest, jti, sub, client_id, scope, audience, issued_at, expires_at, details)",
            format!(
                "'default', {digest}, {digest}, 'alice-0001', 'web', 'openid', '[]', 0, x / 1000, '{{}}'"
            ),
        ),
        (
            "revoked_tokens (realm, jti, expires_at)",
            format!("'default', {digest}, x / 1000"),
        ),
    ];
    for (table, values) in tables {
        let sql = match backend {
            Backend::Sqlite => format!("INSERT INTO {table} {numbers} SELECT {values} FROM n"),
            Backend::Postgres(_) => format!("{numbers} INSERT INTO {table} SELECT {values} FROM n"),
        };
        database.execute(&sql)?;
    }
    Ok(())
}
