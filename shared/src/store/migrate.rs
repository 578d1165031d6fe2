//! Bringing the schema up to date: one migrator at a time, and never backwards.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::{Connection, RunQueryDsl, sql_query};
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
        DbConnection::Sqlite(sqlite) => keep_by_key(sqlite, keyed),
        DbConnection::Postgres(_) => Ok(()),
    }
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
