//! Units of work on every kind of database: a file, memory, and PostgreSQL where
//! `TEST_DATABASE_URL` names one.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::{RunQueryDsl, sql_query};
use diesel_migrations::EmbeddedMigrations;

use super::connections::MOST_WAITING;
use super::*;

const NO_MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[]);

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

#[derive(Debug, thiserror::Error)]
enum CountError {
    #[error("used already")]
    Used,
    #[error("stopped half-way")]
    Stopped,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for CountError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Outcome for CountError {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Used)
    }
}

/// A database of its own, gone with this value (a PostgreSQL schema stays for a look).
struct Database {
    url: StoreUrl,
    directory: Option<tempfile::TempDir>,
}

/// One database of each kind, with a counter at 0.
async fn databases(test: &str) -> Vec<(Store, Database)> {
    let mut urls = vec![StoreUrl::SqliteMemory];
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        let url: StoreUrl = url.parse().unwrap();
        urls.push(
            url.in_schema(&format!("store_{test}_{}", std::process::id()))
                .unwrap(),
        );
    }
    let directory = tempfile::tempdir().unwrap();
    urls.push(StoreUrl::sqlite_file(directory.path().join("new/store.db")));
    let mut stores = Vec::new();
    let mut directory = Some(directory);
    for url in urls {
        let store = Store::open(&url, NO_MIGRATIONS).unwrap();
        store
            .write(|tx| {
                sql_query("DROP TABLE IF EXISTS counters").execute(tx)?;
                sql_query("CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)")
                    .execute(tx)?;
                diesel::insert_into(counters::table)
                    .values((counters::name.eq("codes"), counters::value.eq(0)))
                    .execute(tx)?;
                Ok::<(), CountError>(())
            })
            .await
            .unwrap();
        let directory = match url {
            StoreUrl::SqliteFile(_) => directory.take(),
            _ => None,
        };
        stores.push((store, Database { url, directory }));
    }
    stores
}

fn value(tx: &mut DbConnection) -> Result<i64, CountError> {
    Ok(counters::table.select(counters::value).first(tx)?)
}

fn set(tx: &mut DbConnection, value: i64) -> Result<(), CountError> {
    diesel::update(counters::table)
        .set(counters::value.eq(value))
        .execute(tx)?;
    Ok(())
}

#[tokio::test]
async fn a_refusal_commits_and_a_failure_rolls_back() {
    for (store, database) in databases("outcome").await {
        let refused = store.write(|tx| {
            set(tx, 1)?;
            Err::<(), _>(CountError::Used)
        });
        assert!(matches!(refused.await, Err(CountError::Used)));
        assert_eq!(store.read(value).await.unwrap(), 1, "{}", database.url);

        let failed = store.write(|tx| {
            set(tx, 2)?;
            Err::<(), _>(CountError::Stopped)
        });
        assert!(matches!(failed.await, Err(CountError::Stopped)));
        assert_eq!(store.read(value).await.unwrap(), 1, "{}", database.url);
    }
}

#[tokio::test]
async fn a_panic_rolls_back_and_the_store_lives_on() {
    for (store, database) in databases("panic").await {
        let store_of_task = store.clone();
        let panicked = tokio::spawn(async move {
            store_of_task
                .write(|tx| {
                    set(tx, 2)?;
                    assert_eq!(value(tx)?, 3, "on purpose");
                    Ok::<(), CountError>(())
                })
                .await
        });
        assert!(panicked.await.unwrap_err().is_panic());
        assert_eq!(store.read(value).await.unwrap(), 0, "{}", database.url);
        store.write(|tx| set(tx, 3)).await.unwrap();
        assert_eq!(store.read(value).await.unwrap(), 3, "{}", database.url);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn parallel_transactions_that_read_then_write_do_not_fail() {
    for (store, database) in databases("parallel").await {
        let is_postgres = matches!(database.url, StoreUrl::Postgres(_));
        let store = Arc::new(store);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    for _ in 0..50 {
                        store
                            .write(move |tx| {
                                let before = value(tx)?;
                                if is_postgres {
                                    // READ COMMITTED: what was read may be old by now.
                                    diesel::update(counters::table)
                                        .set(counters::value.eq(counters::value + 1))
                                        .execute(tx)?;
                                } else {
                                    set(tx, before + 1)?;
                                }
                                Ok::<(), CountError>(())
                            })
                            .await?;
                        store.read(value).await?;
                    }
                    Ok::<(), CountError>(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(store.read(value).await.unwrap(), 400, "{}", database.url);
    }
}

#[tokio::test]
async fn a_read_cannot_write_on_sqlite() {
    for (store, database) in databases("read").await {
        if matches!(database.url, StoreUrl::Postgres(_)) {
            continue;
        }
        assert!(store.read(|tx| set(tx, 1)).await.is_err());
        store.write(|tx| set(tx, 1)).await.unwrap();
    }
}

#[tokio::test]
async fn data_outlives_the_process_only_in_a_file() {
    for (store, database) in databases("reopen").await {
        store.write(|tx| set(tx, 7)).await.unwrap();
        drop(store);
        if database.url.is_memory() {
            continue;
        }
        let store = Store::open(&database.url, NO_MIGRATIONS).unwrap();
        assert_eq!(store.read(value).await.unwrap(), 7, "{}", database.url);
        store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    for (store, database) in databases("newer").await {
        if database.url.is_memory() {
            continue;
        }
        store
            .write(|tx| {
                sql_query("DELETE FROM __diesel_schema_migrations").execute(tx)?;
                sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101')")
                    .execute(tx)?;
                Ok::<(), CountError>(())
            })
            .await
            .unwrap();
        drop(store);
        let error = Store::open(&database.url, NO_MIGRATIONS).unwrap_err();
        assert!(error.to_string().contains("29990101"), "{error}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_full_queue_is_busy_not_broken() {
    let options = StoreOptions {
        checkout_timeout: std::time::Duration::from_millis(30),
        ..StoreOptions::default()
    };
    let store = Store::open_with(&StoreUrl::SqliteMemory, NO_MIGRATIONS, &options).unwrap();
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let holder = store.clone();
    let holding = tokio::spawn(async move {
        holder
            .write(move |_| {
                let _ = wait.recv();
                Ok::<(), StoreError>(())
            })
            .await
    });
    tokio::task::yield_now().await;
    let refused = store.write(|_| Ok::<(), StoreError>(())).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    assert!(error.is_transient());
    drop(release);
    holding.await.unwrap().unwrap();
}

/// Keeps the writer busy until what is returned is dropped.
async fn occupy(store: &Store) -> std::sync::mpsc::Sender<()> {
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let holder = store.clone();
    tokio::spawn(async move {
        holder
            .write(move |_| {
                let _ = begun.send(());
                let _ = wait.recv();
                Ok::<(), StoreError>(())
            })
            .await
    });
    has_begun.await.unwrap();
    release
}

/// As many tasks of `work` as may wait and a hundred more, while nothing can end; how many were told that too many wait.
async fn refused_of_a_crowd<F>(work: impl Fn() -> F, release: impl FnOnce()) -> usize
where
    F: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let crowd: Vec<_> = (0..MOST_WAITING + 100)
        .map(|_| tokio::spawn(work()))
        .collect();
    // Tasks are run in their order: all of those have been.
    tokio::spawn(async {}).await.unwrap();
    release();
    let mut refused = 0;
    for one in crowd {
        match one.await.unwrap() {
            Ok(()) => {}
            Err(StoreError::Busy(why)) if why.contains("wait already") => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    refused
}

#[tokio::test]
async fn whoever_comes_when_too_many_wait_is_told_so_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("crowd.db");
    let url: StoreUrl = format!("sqlite://{}", file.display()).parse().unwrap();
    let options = StoreOptions {
        checkout_timeout: std::time::Duration::from_mins(1),
        sqlite_readers: 1,
        ..StoreOptions::default()
    };
    let store = Store::open_with(&url, NO_MIGRATIONS, &options).unwrap();
    let release = occupy(&store).await;
    let writing = || {
        let store = store.clone();
        async move { store.write(|_| Ok::<(), StoreError>(())).await }
    };
    let refused = refused_of_a_crowd(writing, || drop(release)).await;
    assert_eq!(refused, 100, "of those that write");

    let (release, wait) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let holder = store.clone();
    let hold = move |_: &mut DbConnection| {
        let _ = begun.send(());
        let _ = wait.recv();
        Ok::<(), StoreError>(())
    };
    let holding = tokio::spawn(async move { holder.read(hold).await });
    has_begun.await.unwrap();
    let reading = || {
        let store = store.clone();
        async move { store.read(|_| Ok::<(), StoreError>(())).await }
    };
    let refused = refused_of_a_crowd(reading, || drop(release)).await;
    assert_eq!(refused, 100, "of those that read");
    holding.await.unwrap().unwrap();
}

fn add(tx: &mut DbConnection, by: i64) -> Result<i64, CountError> {
    let sum = value(tx)? + by;
    set(tx, sum)?;
    Ok(sum)
}

type Unit = fn(&mut DbConnection) -> Result<i64, CountError>;

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_together_ends_each_in_its_own_way() {
    for (store, database) in databases("group").await {
        if matches!(database.url, StoreUrl::Postgres(_)) {
            continue;
        }
        let release = occupy(&store).await;
        let units: [Unit; 5] = [
            |tx| add(tx, 1),
            |tx| add(tx, 10).and(Err(CountError::Stopped)),
            |tx| add(tx, 100).and(Err(CountError::Used)),
            |tx| {
                add(tx, 1000)?;
                panic!("on purpose")
            },
            |tx| add(tx, 10_000),
        ];
        let mut ended = Vec::new();
        for unit in units {
            let store = store.clone();
            ended.push(tokio::spawn(async move { store.write(unit).await }));
            // So that they wait in this order.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let [first, failed, refused, panicked, last] = <[_; 5]>::try_from(ended).unwrap();
        drop(release);
        assert_eq!(first.await.unwrap().unwrap(), 1, "{}", database.url);
        assert!(matches!(failed.await.unwrap(), Err(CountError::Stopped)));
        assert!(matches!(refused.await.unwrap(), Err(CountError::Used)));
        assert!(panicked.await.unwrap_err().is_panic());
        assert_eq!(last.await.unwrap().unwrap(), 10_101, "{}", database.url);
        assert_eq!(store.read(value).await.unwrap(), 10_101);
        assert_eq!(store.look_up(value).await.unwrap(), 10_101);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_lost_is_lost_for_all_of_it() {
    for (store, database) in databases("lost").await {
        if matches!(database.url, StoreUrl::Postgres(_)) {
            continue;
        }
        let release = occupy(&store).await;
        let spawn = |how: Unit| {
            let store = store.clone();
            tokio::spawn(async move { store.write(how).await })
        };
        let first = spawn(|tx| add(tx, 1));
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        // As SQLite does by itself where the disk is full.
        let breaks = spawn(|tx| {
            sql_query("ROLLBACK").execute(tx)?;
            Ok(0)
        });
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        drop(release);
        for lost in [first, breaks] {
            let Err(CountError::Store(error)) = lost.await.unwrap() else {
                panic!("{}: it should have failed", database.url);
            };
            assert!(error.is_transient(), "{error}");
        }
        assert_eq!(store.read(value).await.unwrap(), 0, "{}", database.url);
        assert_eq!(store.write(|tx| add(tx, 2)).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn what_its_caller_gave_up_is_not_done_afterwards() {
    let options = StoreOptions {
        checkout_timeout: std::time::Duration::from_millis(30),
        ..StoreOptions::default()
    };
    let directory = tempfile::tempdir().unwrap();
    let url = StoreUrl::sqlite_file(directory.path().join("store.db"));
    let store = Store::open_with(&url, NO_MIGRATIONS, &options).unwrap();
    store
        .write(|tx| {
            sql_query("CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)")
                .execute(tx)?;
            diesel::insert_into(counters::table)
                .values((counters::name.eq("codes"), counters::value.eq(0)))
                .execute(tx)?;
            Ok::<(), CountError>(())
        })
        .await
        .unwrap();
    let release = occupy(&store).await;
    let given_up = store.write(|tx| add(tx, 1)).await;
    assert!(matches!(
        given_up,
        Err(CountError::Store(StoreError::Busy(_)))
    ));
    // Who only reads waits for no writer.
    assert_eq!(store.look_up(value).await.unwrap(), 0);
    drop(release);
    assert_eq!(store.write(|tx| add(tx, 10)).await.unwrap(), 10);
}

#[tokio::test]
async fn a_connection_that_breaks_is_replaced() {
    let Ok(url) = std::env::var("TEST_DATABASE_URL") else {
        return;
    };
    let options = StoreOptions {
        postgres_connections: 1,
        ..StoreOptions::default()
    };
    let store = Store::open_with(&url.parse().unwrap(), NO_MIGRATIONS, &options).unwrap();
    let broken = store.write(|tx| {
        sql_query("SELECT pg_terminate_backend(pg_backend_pid())").execute(tx)?;
        Ok::<(), CountError>(())
    });
    let Err(CountError::Store(error)) = broken.await else {
        panic!("the connection should be gone");
    };
    assert!(error.is_transient(), "{error:?}");
    store.ping().await.unwrap();
}

#[test]
fn a_database_that_is_away_says_why() {
    let url: StoreUrl = "postgres://127.0.0.1:1/none".parse().unwrap();
    let error = Store::open(&url, NO_MIGRATIONS).unwrap_err();
    assert!(error.is_transient());
    assert!(error.to_string().contains("refused"), "{error}");
    let error = Store::open(&StoreUrl::sqlite_file("/dev/null/x.db"), NO_MIGRATIONS).unwrap_err();
    assert!(error.to_string().contains("/dev/null/x.db"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    for (_store, database) in databases("mode").await {
        if let StoreUrl::SqliteFile(path) = &database.url {
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert!(database.directory.is_some());
        }
    }
}
