//! One connection type for both dialects.

use diesel::{PgConnection, SqliteConnection};

/// A connection to PostgreSQL or SQLite: every query of the services is written against it once.
///
/// What the enum cannot do, because the dialects differ in it: `on_conflict` (see
/// [`crate::store`] for the pattern), `as_returning()` (use `table::all_columns`), JSON and UUID
/// columns (use `TEXT`).
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// PostgreSQL, through libpq.
    Postgres(PgConnection),
    /// SQLite, in a file or in memory.
    Sqlite(SqliteConnection),
}

/// Runs a query on the connection of whichever dialect `$tx` is: `on_dialect!(tx, |connection| codes::table.find(key)
/// .get_result(connection))`.
///
/// A row that is found by its key is asked for by `get_result`, not by `first`: that adds `LIMIT ?`, and SQLite then
/// plans the query anew for each value that is bound there.
#[macro_export]
macro_rules! on_dialect {
    ($tx:expr, |$connection:ident| $query:expr) => {
        match $tx {
            $crate::store::DbConnection::Postgres($connection) => $query,
            $crate::store::DbConnection::Sqlite($connection) => $query,
        }
    };
}
