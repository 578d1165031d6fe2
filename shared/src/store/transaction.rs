//! Units of work: where a closure over a connection begins, and how it ends.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::connection::DbConnection;
use super::error::{Outcome, StoreError};

type Manager = <DbConnection as Connection>::TransactionManager;

/// Runs `work` in a transaction of its own that may write. An error that [is a refusal](Outcome) commits
/// all the same; any other rolls back, and so does a panic.
pub(super) fn write<T, E: Outcome>(
    connection: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection)?;
    match catch_unwind(AssertUnwindSafe(|| work(connection))) {
        Ok(Ok(value)) => {
            commit(connection)?;
            Ok(value)
        }
        Ok(Err(refusal)) if refusal.is_refusal() => {
            commit(connection)?;
            Err(refusal)
        }
        Ok(Err(failure)) => {
            roll_back(connection);
            Err(failure)
        }
        Err(panic) => {
            roll_back(connection);
            resume_unwind(panic)
        }
    }
}

/// Runs `work` on a connection of the writer that must not write: what [`super::Store::read`]
/// does where there is only one connection, so that a database in memory refuses what a file
/// would.
pub(super) fn read_on_writer<T, E: From<StoreError>>(
    connection: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    query_only(connection, "ON")?;
    let result = catch_unwind(AssertUnwindSafe(|| work(connection)));
    query_only(connection, "OFF")?;
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

fn query_only(connection: &mut DbConnection, value: &str) -> Result<(), StoreError> {
    Ok(connection.batch_execute(&format!("PRAGMA query_only = {value};"))?)
}

/// SQLite takes the write lock at once: it refuses to upgrade a transaction that has read, and
/// no busy time-out helps there.
pub(super) fn begin(connection: &mut DbConnection) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(sqlite) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?;
        }
        DbConnection::Postgres(postgres) => {
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN")?;
        }
    }
    Ok(())
}

/// Makes what was done lasting.
pub(super) fn commit(connection: &mut DbConnection) -> Result<(), StoreError> {
    Manager::commit_transaction(connection).map_err(|error| {
        let error = StoreError::from(error);
        tracing::error!(%error, "a transaction could not be committed");
        error
    })
}

/// Begins a part of a transaction that can be undone alone (a savepoint).
pub(super) fn mark(connection: &mut DbConnection) -> Result<(), StoreError> {
    Ok(Manager::begin_transaction(connection)?)
}

/// Ends a part that [`mark`] began: it stays a part of the transaction, or is undone.
///
/// # Errors
/// When the transaction is lost: SQLite ends it by itself where a disk is full or fails.
pub(super) fn end_part(connection: &mut DbConnection, stays: bool) -> Result<(), StoreError> {
    if stays {
        Manager::commit_transaction(connection)?;
    } else {
        Manager::rollback_transaction(connection)?;
    }
    Ok(())
}

/// Undoes a whole transaction.
pub(super) fn roll_back(connection: &mut DbConnection) {
    if let Err(error) = Manager::rollback_transaction(connection) {
        // The connection reports itself as broken, and the pool drops it.
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}
