//! Connections to SQLite and PostgreSQL, and units of work: the only shared room that knows
//! diesel.
//!
//! A service opens one [`Store`] and writes plain functions that take `&mut DbConnection`, one
//! file for each table. One migrations directory serves both dialects, if columns stay within
//! `TEXT`, `BOOLEAN`, `INTEGER` and `BIGINT`: text keys, Unix seconds as `BIGINT`, JSON as `TEXT`.
//!
//! ```ignore
//! let store = Store::open(&config.store.url, MIGRATIONS)?;
//! let code = store.write(move |tx| authorization_codes::redeem(tx, &digest)).await?;
//! ```
//!
//! A query over [`DbConnection`] is written out as SQL each time it runs, and several times over. Those that every
//! request runs are run on the dialect's own connection instead ([`on_dialect!`](crate::on_dialect)): there diesel
//! finds the prepared statement by the query's type.
//!
//! # Upsert
//! Diesel's two-dialect connection has no `on_conflict`. Where a row must be made or changed in
//! one statement, match once inside the table's file:
//!
//! ```ignore
//! macro_rules! upsert {
//!     ($connection:expr) => {
//!         diesel::insert_into(consents::table)
//!             .values(&row)
//!             .on_conflict((consents::realm, consents::subject, consents::client_id))
//!             .do_update()
//!             .set(consents::scope.eq(&row.scope))
//!             .execute($connection)
//!     };
//! }
//! match tx {
//!     DbConnection::Postgres(connection) => upsert!(connection),
//!     DbConnection::Sqlite(connection) => upsert!(connection),
//! }?;
//! ```
//!
//! Inside [`Store::write`] on SQLite, "update, and insert if nothing was updated" is as good:
//! there is one writer. On PostgreSQL it is not.

mod alone;
mod connection;
mod connections;
mod error;
mod file;
mod job;
mod keyed;
mod log;
mod manager;
mod meter;
mod migrate;
mod pool;
mod probe;
mod readers;
mod transaction;
mod url;
mod writer;

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod tests;

pub use alone::alone;
pub use connection::DbConnection;
pub use diesel_migrations::EmbeddedMigrations;
pub use error::{Outcome, StoreError};
pub use meter::StoreMeter;
pub use pool::{Store, StoreOptions};
pub use url::{InvalidStoreUrl, PostgresUrl, StoreUrl};
