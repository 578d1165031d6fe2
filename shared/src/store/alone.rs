//! Work that one process does at a time, however many share the database.

use diesel::sql_types::Bool;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::connection::DbConnection;
use super::error::StoreError;

#[derive(QueryableByName)]
struct Alone {
    #[diesel(sql_type = Bool)]
    alone: bool,
}

/// Whether nobody else looks after `table` at this moment; until this transaction ends, nobody else will. Whoever
/// is not alone leaves the work to the other. `table` is the name of one in a migration, never a caller's text.
///
/// SQLite has one writer: there, who writes is alone.
///
/// # Errors
/// [`StoreError`].
pub fn alone(tx: &mut DbConnection, table: &'static str) -> Result<bool, StoreError> {
    let DbConnection::Postgres(connection) = tx else {
        return Ok(true);
    };
    // The table's own number: worlds in schemas of one database do not wait for each other.
    let lock =
        format!("SELECT pg_try_advisory_xact_lock('{table}'::regclass::oid::bigint) AS alone");
    let found: Alone = sql_query(lock).get_result(connection)?;
    Ok(found.alone)
}
