//! The sweeper against a great many expired rows, while clients go on writing: all are gone afterwards, and nobody
//! waited long or in vain.

use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, unexpected};
use crate::report::{Findings, Row, ms, p99};
use crate::world::cast::{ALICE, PATIENT};
use crate::world::database::Database;
use crate::world::provider::Tokens;
use crate::world::{Backend, Browser, Cluster, Provider};

/// The sweeper begins every two seconds; by default every minute.
const OFTEN: &str = "sweep_every = \"2s\"\n";
/// The longest that a write may wait for the sweep.
const STALL: Duration = Duration::from_secs(1);
/// The most that a sweep may take.
const PATIENCE: Duration = Duration::from_mins(20);
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
        findings.rows.push(on(bench, backend, rows).await?);
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
    cluster.start_one(0).await?;
    let began = Instant::now();
    let provider = cluster.provider()?;
    let mut browser = Browser::new(provider.clone());
    let (mut left, mut waits, mut refused) = (filled, Vec::new(), 0);
    let mut tokens = browser.tokens(PATIENT, ALICE).await?;
    let mut looked = Instant::now();
    while left > 0 && began.elapsed() < PATIENCE {
        let asked = Instant::now();
        let answer = provider
            .send(&Provider::refresh(PATIENT, &tokens.refresh))
            .await?;
        waits.push(asked.elapsed());
        match Tokens::of(&answer) {
            Some(next) => tokens = next,
            None if answer.status == 503 => refused += 1,
            None => return Err(unexpected(answer.shown())),
        }
        if looked.elapsed() > Duration::from_millis(500) {
            left = expired(cluster.database())?;
            looked = Instant::now();
        }
    }
    let took = began.elapsed();
    let longest = waits.iter().max().copied().unwrap_or_default();
    let figure = format!(
        "{left} left after {:.0} s; {} refreshes meanwhile, {refused} × 503, p99 {}, longest {}",
        took.as_secs_f64(),
        waits.len(),
        ms(p99(&waits)),
        ms(longest)
    );
    let holds = left == 0 && refused == 0 && longest <= STALL && filled > 0;
    let n = format!("{filled} expired rows");
    Ok(Row::new(
        "sweep while serving",
        (backend.name(), n),
        figure,
        holds,
    ))
}

/// How many rows of the rig's are left.
fn expired(database: &Database) -> Ran<i64> {
    let mut all = 0;
    for table in TABLES {
        let sql = format!("SELECT count(*) AS count FROM {table} WHERE expires_at < 1000000");
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
