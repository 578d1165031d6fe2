//! Bringing the schema up to date: one migrator at a time, and never backwards.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use super::connection::DbConnection;
use super::error::StoreError;
use super::keyed::keep_by_key;
use super::url::StoreUrl;

/// The key of the advisory lock that migrators of one PostgreSQL database take: any number that
/// no other program uses ("grant" in ASCII).
const MIGRATOR: i64 = 0x67_72_61_6e_74;

/// Runs the pending migrations, in one transaction that no other migrator shares; `keyed` are the tables that SQLite
/// keeps by their keys.
pub(super) fn migrate(
    connection: &mut DbConnection,
    url: &StoreUrl,
    migrations: EmbeddedMigrations,
    keyed: &[&'static str],
) -> Result<(), StoreError> {
    type Manager = <DbConnection as Connection>::TransactionManager;
    begin(connection, url)?;
    match run(connection, migrations, keyed) {
        Ok(()) => Ok(Manager::commit_transaction(connection)?),
        Err(error) => {
            // The first error is the one to report.
            if let Err(also) = Manager::rollback_transaction(connection) {
                tracing::warn!(error = %also, "a failed migration could not be rolled back");
            }
            Err(error)
        }
    }
}

fn begin(connection: &mut DbConnection, url: &StoreUrl) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(sqlite) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN EXCLUSIVE")?;
        }
        DbConnection::Postgres(postgres) => {
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN")?;
            // Released with the transaction.
            sql_query(format!("SELECT pg_advisory_xact_lock({MIGRATOR})")).execute(postgres)?;
            if let StoreUrl::Postgres(url) = url
                && let Some(schema) = url.schema()
            {
                postgres.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""))?;
            }
        }
    }
    Ok(())
}

fn run(
    connection: &mut DbConnection,
    migrations: EmbeddedMigrations,
    keyed: &[&'static str],
) -> Result<(), StoreError> {
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string());
    let known = versions(&migrations)?;
    let applied = connection.applied_migrations().map_err(failed)?;
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(StoreError::Newer {
            version: newer.to_string(),
        });
    }
    connection
        .run_pending_migrations(migrations)
        .map_err(failed)?;
    match connection {
        DbConnection::Sqlite(sqlite) => {
            keep_by_key(sqlite, keyed)?;
            forget_statistics(sqlite)
        }
        DbConnection::Postgres(_) => Ok(()),
    }
}

/// Takes away what somebody's `ANALYZE` or `PRAGMA optimize` counted. Every statement of ours finds its rows by a key,
/// which SQLite sees without counting; what it counted while a table had one row lets it read the whole table for ever
/// after, as the way to one row costs no less. PostgreSQL counts anew by itself.
fn forget_statistics(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    Ok(connection
        .batch_execute("DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4")?)
}

/// The migrations that this program knows.
fn versions(migrations: &EmbeddedMigrations) -> Result<Vec<MigrationVersion<'static>>, StoreError> {
    type Backend = <DbConnection as Connection>::Backend;
    let known = MigrationSource::<Backend>::migrations(migrations)
        .map_err(|error| StoreError::Migration(error.to_string()))?;
    Ok(known
        .iter()
        .map(|migration| migration.name().version().as_owned())
        .collect())
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::sql_types::Text;
    use diesel::{QueryableByName, RunQueryDsl, sql_query};
    use diesel_migrations::EmbeddedMigrations;

    use crate::store::{DbConnection, Store, StoreError, StoreUrl};

    /// One step of the way to the rows, as SQLite tells it.
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    fn open(url: &StoreUrl) -> Store {
        Store::open(url, EmbeddedMigrations::new(&[])).unwrap()
    }

    /// How SQLite goes about a code and its grant.
    async fn way(store: &Store) -> String {
        let plan =
            "EXPLAIN QUERY PLAN SELECT * FROM codes LEFT JOIN grants ON grants.realm = codes.realm
                    AND grants.id = codes.id WHERE codes.realm = 'a' AND codes.digest = 'x'";
        let read = store.read(move |connection| {
            let steps: Vec<Step> = match connection {
                DbConnection::Sqlite(sqlite) => sql_query(plan).load(sqlite)?,
                DbConnection::Postgres(_) => Vec::new(),
            };
            Ok::<_, StoreError>(steps)
        });
        let steps = read.await.unwrap().into_iter();
        steps.map(|step| step.detail + "\n").collect()
    }

    #[tokio::test]
    async fn what_was_counted_when_a_table_was_small_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let url = StoreUrl::sqlite_file(directory.path().join("store.db"));
        let make = |tx: &mut DbConnection| {
            tx.batch_execute(
                "CREATE TABLE codes (realm TEXT, digest TEXT, id TEXT, PRIMARY KEY (realm, digest));
                 CREATE TABLE grants (realm TEXT, id TEXT, PRIMARY KEY (realm, id)) WITHOUT ROWID;
                 INSERT INTO codes VALUES ('a', 'x', 'g');
                 INSERT INTO grants VALUES ('a', 'g');
                 ANALYZE;",
            )?;
            Ok::<_, StoreError>(())
        };
        open(&url).write(make).await.unwrap();
        let way = way(&open(&url)).await;
        assert_eq!(way.matches("SEARCH").count(), 2, "{way}");
    }
}
