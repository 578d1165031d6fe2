//! Units of work: where a closure over a connection begins, and how it ends.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;
use diesel::{Connection, QueryResult, RunQueryDsl, SqliteConnection};

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

/// A statement about parts of a transaction. Each is a type of its own, by which diesel finds it prepared: written out
/// and parsed anew it costs as much as many a unit does.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:literal),+ $(,)?) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        struct $name;

        impl QueryId for $name {
            type QueryId = Self;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl QueryFragment<Sqlite> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }

        impl RunQueryDsl<SqliteConnection> for $name {})+
    };
}

statements! {
    /// Begins a part.
    Mark = "SAVEPOINT part",
    /// Lets it stay.
    Release = "RELEASE part",
    /// Undoes it, and leaves it open.
    Undo = "ROLLBACK TO part",
}

/// Begins a part of a transaction that can be undone alone (a savepoint).
pub(super) fn mark(connection: &mut DbConnection) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(sqlite) => {
            Mark.execute(sqlite)?;
        }
        DbConnection::Postgres(_) => Manager::begin_transaction(connection)?,
    }
    Ok(())
}

/// Ends a part that [`mark`] began: it stays a part of the transaction, or is undone.
///
/// # Errors
/// When the transaction is lost: SQLite ends it by itself where a disk is full or fails.
pub(super) fn end_part(connection: &mut DbConnection, stays: bool) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(sqlite) => {
            if !stays {
                Undo.execute(sqlite)?;
            }
            Release.execute(sqlite)?;
        }
        DbConnection::Postgres(_) if stays => Manager::commit_transaction(connection)?,
        DbConnection::Postgres(_) => Manager::rollback_transaction(connection)?,
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
