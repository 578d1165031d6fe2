//! What a store says when its database is moved, replaced, full, read-only, locked or gone, and how it comes back.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::EmbeddedMigrations;

use super::*;

const NO_MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[]);

fn in_file(directory: &Path) -> (Store, PathBuf) {
    let path = directory.join("store.db");
    let url = StoreUrl::sqlite_file(&path);
    (Store::open(&url, NO_MIGRATIONS).unwrap(), path)
}

async fn run(store: &Store, sql: &str) -> Result<(), StoreError> {
    let sql = sql.to_owned();
    let work = move |tx: &mut DbConnection| {
        sql_query(sql).execute(tx)?;
        Ok::<(), StoreError>(())
    };
    store.write(work).await
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    counted: i64,
}

async fn facts(store: &Store) -> Result<i64, StoreError> {
    let work = |tx: &mut DbConnection| {
        let found = sql_query("SELECT COUNT(*) AS counted FROM facts").get_result(tx);
        Ok::<Counted, StoreError>(found?)
    };
    Ok(store.read(work).await?.counted)
}

async fn fact(store: &Store) -> Result<(), StoreError> {
    run(store, "INSERT INTO facts VALUES ('one')").await
}

#[track_caller]
fn is_unavailable(result: &Result<impl std::fmt::Debug, StoreError>) {
    let unavailable = matches!(result, Err(StoreError::Unavailable(_)));
    assert!(unavailable, "{result:?}");
}

#[tokio::test]
async fn nothing_is_written_into_a_file_that_was_moved_away() {
    let directory = tempfile::tempdir().unwrap();
    let (store, path) = in_file(directory.path());
    run(&store, "CREATE TABLE facts (fact TEXT)").await.unwrap();
    fact(&store).await.unwrap();
    let away = directory.path().join("away.db");
    std::fs::rename(&path, &away).unwrap();
    let asked = Instant::now();
    is_unavailable(&fact(&store).await);
    is_unavailable(&facts(&store).await);
    is_unavailable(&store.ready().await);
    assert!(asked.elapsed() < Duration::from_secs(1), "it waited");
    assert!(!path.exists(), "an empty one was made in its place");
    std::fs::rename(&away, &path).unwrap();
    fact(&store).await.unwrap();
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_copy_in_the_files_place_is_opened_with_all_that_was_committed() {
    let directory = tempfile::tempdir().unwrap();
    let (store, path) = in_file(directory.path());
    run(&store, "CREATE TABLE facts (fact TEXT)").await.unwrap();
    fact(&store).await.unwrap();
    let copy = directory.path().join("copy.db");
    // The last commits are in the log beside it, which stays where it is.
    std::fs::copy(&path, &copy).unwrap();
    std::fs::remove_file(&path).unwrap();
    is_unavailable(&fact(&store).await);
    std::fs::rename(&copy, &path).unwrap();
    fact(&store).await.unwrap();
    store.ready().await.unwrap();
    drop(store);
    let again = Store::open(&StoreUrl::sqlite_file(&path), NO_MIGRATIONS).unwrap();
    assert_eq!(facts(&again).await.unwrap(), 2, "a fact was lost");
}

#[tokio::test]
async fn a_full_database_and_a_read_only_one_are_unavailable_and_recover() {
    let directory = tempfile::tempdir().unwrap();
    let (store, _) = in_file(directory.path());
    run(&store, "CREATE TABLE facts (fact TEXT)").await.unwrap();
    let pragma = |text: &'static str| {
        store.on_the_writer(move |tx: &mut DbConnection| {
            tx.batch_execute(text)?;
            Ok::<(), StoreError>(())
        })
    };
    pragma("PRAGMA max_page_count = 1").await.unwrap();
    let large = "INSERT INTO facts VALUES (hex(zeroblob(100000)))";
    is_unavailable(&run(&store, large).await);
    assert!(facts(&store).await.is_ok());
    pragma("PRAGMA max_page_count = 100000").await.unwrap();
    run(&store, large).await.unwrap();
    pragma("PRAGMA query_only = ON").await.unwrap();
    is_unavailable(&fact(&store).await);
    is_unavailable(&store.ready().await);
    pragma("PRAGMA query_only = OFF").await.unwrap();
    fact(&store).await.unwrap();
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_locked_file_is_not_ready_and_one_that_only_reads_is() {
    let directory = tempfile::tempdir().unwrap();
    let (store, path) = in_file(directory.path());
    let mut other =
        super::manager::Manager::new(StoreUrl::sqlite_file(&path), super::manager::Access::Write)
            .open()
            .unwrap();
    store.ready().await.unwrap();
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let busy = store.ready().await;
    assert!(matches!(busy, Err(StoreError::Busy(_))), "{busy:?}");
    store.ping().await.unwrap();
    other.batch_execute("ROLLBACK").unwrap();
    store.ready().await.unwrap();
}

#[tokio::test]
async fn all_connections_that_were_cut_are_replaced_after_one_failure() {
    let Ok(url) = std::env::var("TEST_DATABASE_URL") else {
        return;
    };
    let store = Store::open(&url.parse().unwrap(), NO_MIGRATIONS).unwrap();
    let name = format!("cut {}", std::process::id());
    // All eight are open, and bear a name.
    let named = (0..8).map(|_| {
        let (store, name) = (store.clone(), name.clone());
        async move {
            let name = format!("SET application_name = '{name}'; SELECT pg_sleep(0.2)");
            let work = move |tx: &mut DbConnection| Ok::<_, StoreError>(tx.batch_execute(&name)?);
            store.read(work).await
        }
    });
    for one in futures_util::future::join_all(named).await {
        one.unwrap();
    }
    let mut other =
        super::manager::Manager::new(url.parse().unwrap(), super::manager::Access::Write)
            .open()
            .unwrap();
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
    );
    assert_eq!(sql_query(cut).execute(&mut other).unwrap(), 8);
    // A read, which begins no transaction: nothing but the connection itself can tell that it is dead.
    let mut failed = 0;
    for _ in 0..20 {
        match store.ping().await {
            Ok(()) => {}
            Err(error) => {
                assert!(error.is_transient(), "{error:?}");
                failed += 1;
            }
        }
    }
    assert_eq!(failed, 1, "of 20 reads after 8 connections were cut");
}

/// A server of ours that stands still with a row locked (frozen, or cut off) holds up the others for ten seconds.
#[tokio::test]
async fn a_transaction_that_stands_still_is_undone_and_its_locks_are_free() {
    use diesel::r2d2::ManageConnection;
    let Ok(url) = std::env::var("TEST_DATABASE_URL") else {
        return;
    };
    let manager = super::manager::Manager::new(url.parse().unwrap(), super::manager::Access::Write);
    let key = std::process::id();
    let lock = format!("BEGIN; SELECT pg_advisory_xact_lock({key})");
    let mut frozen = manager.connect().unwrap();
    frozen.batch_execute(&lock).unwrap();
    let mut other = manager.connect().unwrap();
    let busy = other.batch_execute(&lock);
    assert!(busy.is_err(), "it waited for the lock, and got it");
    other.batch_execute("ROLLBACK").unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    other.batch_execute(&lock).unwrap();
    assert!(frozen.batch_execute("COMMIT").is_err());
}

/// Short patience, so that a test need not have much.
fn impatient(directory: &Path) -> Store {
    let options = StoreOptions {
        sqlite_readers: 2,
        sqlite_in_place: false,
        checkout_timeout: Duration::from_millis(100),
        longest_work: Duration::from_millis(200),
        ..StoreOptions::default()
    };
    let url = StoreUrl::sqlite_file(directory.join("store.db"));
    Store::open_with(&url, NO_MIGRATIONS, &options).unwrap()
}

/// Work that stands still, as on a disk that hangs, until what is returned with it is dropped.
fn stands_still() -> (
    impl FnOnce(&mut DbConnection) -> Result<(), StoreError> + Send + 'static,
    std::sync::mpsc::Sender<()>,
) {
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let work = move |_: &mut DbConnection| {
        let _ = wait.recv();
        Ok(())
    };
    (work, release)
}

#[track_caller]
fn is_busy(result: &Result<impl std::fmt::Debug, StoreError>) {
    assert!(matches!(result, Err(StoreError::Busy(_))), "{result:?}");
}

/// The test's runtime is one thread, as that of a worker which serves connections.
#[tokio::test]
async fn a_read_that_stands_still_holds_nobody_who_asks_for_something_else() {
    let directory = tempfile::tempdir().unwrap();
    let store = impatient(directory.path());
    run(&store, "CREATE TABLE facts (fact TEXT)").await.unwrap();
    let held = [stands_still(), stands_still()];
    let mut releases = Vec::new();
    let mut standing = Vec::new();
    for (work, release) in held {
        let holder = store.clone();
        standing.push(tokio::spawn(async move { holder.look_up(work).await }));
        releases.push(release);
        tokio::task::yield_now().await;
        fact(&store).await.unwrap();
    }
    let asked = Instant::now();
    is_busy(&facts(&store).await);
    assert!(asked.elapsed() < Duration::from_secs(2), "it waited");
    for one in standing {
        is_busy(&one.await.unwrap());
    }
    drop(releases);
    let mut counted = facts(&store).await;
    while counted.is_err() && asked.elapsed() < Duration::from_secs(10) {
        counted = facts(&store).await;
    }
    assert_eq!(counted.unwrap(), 2);
}

/// What is given up before its commit is not done: neither it nor what waited behind it.
#[tokio::test]
async fn a_write_that_stands_still_is_given_up_and_not_done_when_it_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = impatient(directory.path());
    run(&store, "CREATE TABLE facts (fact TEXT)").await.unwrap();
    let (still, release) = stands_still();
    let work = move |tx: &mut DbConnection| {
        sql_query("INSERT INTO facts VALUES ('late')").execute(tx)?;
        still(tx)
    };
    let asked = Instant::now();
    let holder = store.clone();
    let standing = tokio::spawn(async move { holder.write(work).await });
    tokio::task::yield_now().await;
    is_busy(&fact(&store).await);
    is_busy(&store.ready().await);
    // Who only reads waits for no writer.
    assert_eq!(facts(&store).await.unwrap(), 0);
    is_busy(&standing.await.unwrap());
    assert!(asked.elapsed() < Duration::from_secs(2), "it waited");
    drop(release);
    while store.ready().await.is_err() && asked.elapsed() < Duration::from_secs(10) {}
    assert_eq!(facts(&store).await.unwrap(), 0, "given up, and done");
    fact(&store).await.unwrap();
    assert_eq!(facts(&store).await.unwrap(), 1);
}
