//! Whether the database takes writes now: for readiness, which must say so before a request finds out.
//!
//! A database that only reads is as useless to the services as none: no code, no token, no session can be kept. So
//! something is written, and as little as can be.

use diesel::connection::SimpleConnection;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::connection::DbConnection;
use super::error::StoreError;

/// Writes nothing of consequence.
///
/// # Errors
/// [`StoreError`] with the database's own reason.
pub(super) fn write(connection: &mut DbConnection) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(connection) => sqlite(connection),
        DbConnection::Postgres(connection) => postgres(connection),
    }
}

/// Writes the number that the file's header keeps for its owner, as it was: one page, durably. Before that every
/// table is looked into, for a file whose header is whole may hold nothing else that is.
fn sqlite(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for table in sql_query(tables).load::<Table>(connection)? {
        let name = table.name.replace('"', "\"\"");
        connection.batch_execute(&format!("SELECT 1 FROM \"{name}\" LIMIT 1"))?;
    }
    let version: UserVersion = sql_query("PRAGMA user_version").get_result(connection)?;
    let same = format!("PRAGMA user_version = {}", version.user_version);
    Ok(connection.batch_execute(&same)?)
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

#[derive(QueryableByName)]
struct UserVersion {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    user_version: i32,
}

/// Asks whether a transaction may write, whether we may use our tables, and whether somebody keeps writers out of one
/// of them: with any lock that forbids `ROW EXCLUSIVE`, which every writer takes.
fn postgres(connection: &mut PgConnection) -> Result<(), StoreError> {
    let state: Writable = sql_query(
        "SELECT current_setting('transaction_read_only') = 'off' AS takes_writes, \
         COALESCE((SELECT bool_and(has_table_privilege(ours.oid, 'SELECT') AND has_table_privilege(ours.oid, 'INSERT') \
         AND has_table_privilege(ours.oid, 'UPDATE') AND has_table_privilege(ours.oid, 'DELETE')) \
         FROM pg_class ours JOIN pg_namespace room ON room.oid = ours.relnamespace AND room.nspname = current_schema() \
         WHERE ours.relkind = 'r' AND NOT starts_with(ours.relname, '__')), TRUE) AND current_schema() IS NOT NULL AS allowed, \
         NOT EXISTS (SELECT 1 FROM pg_locks held \
         JOIN pg_class kept ON kept.oid = held.relation AND kept.relkind = 'r' \
         JOIN pg_namespace room ON room.oid = kept.relnamespace AND room.nspname = current_schema() \
         JOIN pg_database ours ON ours.oid = held.database AND ours.datname = current_database() \
         WHERE held.granted AND held.pid <> pg_backend_pid() AND held.mode IN \
         ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) AS free",
    )
    .get_result(connection)?;
    if !state.takes_writes {
        return Err(StoreError::Unavailable("read-only".to_owned()));
    }
    if !state.allowed {
        return Err(StoreError::Unavailable(
            "its role may not use our tables".to_owned(),
        ));
    }
    if !state.free {
        return Err(StoreError::Busy("a table is locked".to_owned()));
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Writable {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    takes_writes: bool,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    allowed: bool,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    free: bool,
}
