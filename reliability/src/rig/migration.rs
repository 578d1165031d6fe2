//! Databases of older programs: every earlier schema is brought up to date, a kill while a migrator is at work leaves
//! the old one or the new one, several processes may start at once, and a newer one than the program knows is left alone.

use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, unexpected};
use crate::report::{Findings, Row, ms};
use crate::world::cast::ALICE;
use crate::world::database::Watch;
use crate::world::{Backend, Browser, Cluster};

/// A version that no program knows.
const NEWER: &str = "99999999999999";
/// The most that is waited for a start to migrate.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often is looked whether a migrator is at work.
const LOOK: Duration = Duration::from_millis(1);
/// What an old program had put there.
const OLD_ROW: &str =
    "INSERT INTO realms (realm, policy, created_at) VALUES ('an-old-one', '{}', 1)";

/// Migrates on every back end, killing `kills` starts in the middle.
pub(crate) async fn run(bench: &Bench, kills: usize) -> Ran<Findings> {
    let mut findings = Findings::of("migration");
    for backend in &bench.backends {
        findings.rows.push(old(bench, backend).await?);
        findings.rows.push(killed(bench, backend, kills).await?);
        if *backend != Backend::Sqlite {
            findings.rows.push(at_once(bench, backend).await?);
        }
        findings.rows.push(newer(bench, backend).await?);
    }
    Ok(findings)
}

fn applied(cluster: &Cluster) -> Ran<i64> {
    let sql = "SELECT count(*) AS count FROM __diesel_schema_migrations";
    cluster.database().count(sql)
}

/// A cluster that has not run, on a database with the first `count` migrations and a row of that time.
fn on_old(bench: &Bench, backend: &Backend, (replicas, count): (usize, usize)) -> Ran<Cluster> {
    let cluster = Cluster::prepare(&bench.programs, backend, replicas, "")?;
    cluster.database().migrate(count)?;
    cluster.database().execute(OLD_ROW)?;
    Ok(cluster)
}

/// Whether the realm of before is there, and somebody can sign in.
async fn serves(cluster: &Cluster) -> Ran<bool> {
    let sql = "SELECT count(*) AS count FROM realms WHERE realm = 'an-old-one'";
    let kept = cluster.database().count(sql)? == 1;
    Browser::new(cluster.provider()?).sign_in(ALICE).await?;
    Ok(kept)
}

async fn old(bench: &Bench, backend: &Backend) -> Ran<Row> {
    let all = crate::world::database::migrations()?;
    let (mut good, mut slowest) = (0, Duration::ZERO);
    for count in 1..all {
        let mut cluster = on_old(bench, backend, (1, count))?;
        slowest = slowest.max(cluster.start_one(0).await?);
        let up_to_date = usize::try_from(applied(&cluster)?).is_ok_and(|now| now == all);
        good += usize::from(up_to_date && serves(&cluster).await?);
    }
    let figure = format!(
        "{good} of {} brought up to date and serving; slowest start {}",
        all - 1,
        ms(slowest)
    );
    let n = format!("{} old schemas", all - 1);
    let holds = good + 1 == all;
    Ok(Row::new(
        "database of an older program",
        (backend.name(), n),
        figure,
        holds,
    ))
}

/// Waits until a migrator is at work, or is no more.
async fn until_migrating(watch: &mut Watch, at_work: bool) -> Ran<()> {
    let began = Instant::now();
    while watch.is_migrating()? != at_work {
        if began.elapsed() > PATIENCE {
            return Err(unexpected(
                "a start that does not migrate, or does not end with it",
            ));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// For how long a migrator that nobody disturbs is at work.
async fn migrates_for(bench: &Bench, backend: &Backend) -> Ran<Duration> {
    let cluster = on_old(bench, backend, (1, 1))?;
    let mut watch = cluster.database().watch()?;
    let _program = cluster.launch(0)?;
    until_migrating(&mut watch, true).await?;
    let began = Instant::now();
    until_migrating(&mut watch, false).await?;
    Ok(began.elapsed())
}

async fn killed(bench: &Bench, backend: &Backend, kills: usize) -> Ran<Row> {
    let all = i64::try_from(crate::world::database::migrations()?).unwrap_or(i64::MAX);
    let (mut old, mut new, mut torn) = (0, 0, Vec::new());
    let takes = migrates_for(bench, backend).await?;
    for kill in 0..kills {
        let mut cluster = on_old(bench, backend, (1, 1))?;
        let mut watch = cluster.database().watch()?;
        let program = cluster.launch(0)?;
        until_migrating(&mut watch, true).await?;
        // At a later part of its work each time.
        let part = f64::from(u32::try_from(kill).unwrap_or_default())
            / f64::from(u32::try_from(kills).unwrap_or(1).max(1));
        tokio::time::sleep(takes.mul_f64(part)).await;
        program.kill()?;
        // The server of a database finishes its statement before it notices.
        until_migrating(&mut watch, false).await?;
        match applied(&cluster)? {
            1 => old += 1,
            now if now == all => new += 1,
            now => torn.push(format!("{now} of {all}")),
        }
        let integrity = cluster.database().integrity()?;
        if integrity != "ok" {
            torn.push(integrity);
        }
        drop(watch);
        cluster.start_one(0).await?;
        if !serves(&cluster).await? {
            torn.push("a row of before is gone".to_owned());
        }
    }
    let first = torn.first();
    let first = first.map_or_else(String::new, |first| format!(" ({first})"));
    let figure = format!(
        "a migrator is at work for {}; {old} in the middle of it, and undone, {new} after it, {} torn{first}; all \
         started afterwards",
        ms(takes),
        torn.len()
    );
    let n = format!("{kills} kills");
    let what = "SIGKILL while migrating";
    Ok(Row::new(
        what,
        (backend.name(), n),
        figure,
        torn.is_empty() && old > 0,
    ))
}

async fn at_once(bench: &Bench, backend: &Backend) -> Ran<Row> {
    let mut cluster = on_old(bench, backend, (3, 1))?;
    let mut programs = Vec::new();
    for number in 0..3 {
        programs.push(cluster.launch(number)?);
    }
    let mut slowest = Duration::ZERO;
    for (number, program) in programs.iter_mut().enumerate() {
        slowest = slowest.max(program.ready(&cluster.peer(number)).await?);
    }
    let serve = serves(&cluster).await?;
    let figure = format!("all three ready after {}", ms(slowest));
    drop(programs);
    cluster.start_one(0).await?;
    let n = "3 auth servers";
    Ok(Row::new(
        "old schema, all start at once",
        (backend.name(), n),
        figure,
        serve,
    ))
}

async fn newer(bench: &Bench, backend: &Backend) -> Ran<Row> {
    let mut cluster = Cluster::start(&bench.programs, backend, 1, "").await?;
    let mut process = cluster.take(0)?;
    process.signal("TERM")?;
    process.ended().await?;
    let sql = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{NEWER}')");
    cluster.database().execute(&sql)?;
    let mut program = cluster.launch(0)?;
    let (code, took) = program.ended().await?;
    let log = program.log();
    let said = log
        .lines()
        .last()
        .ok_or_else(|| unexpected("it says nothing"))?;
    let named = said.contains(NEWER);
    let code = code.map_or("none".to_owned(), |code| code.to_string());
    let figure = format!(
        "refused after {}, status {code}, and names the version: {named}",
        ms(took)
    );
    let holds = code == "1" && named;
    Ok(Row::new(
        "database of a newer program",
        (backend.name(), "1"),
        figure,
        holds,
    ))
}
