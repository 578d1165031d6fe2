//! What the auth server remembers: one file for each table, the only room that knows diesel.
//!
//! Rows in, domain enums out (`Redemption::{First, Again, Unknown}` rather than counts). Every function takes
//! the connection of a unit of work that `shared::store` began: refusals commit, failures roll back. Moments
//! in rows are Unix seconds of the realm's clock; digests are hex SHA-256.

pub(crate) mod access_tokens;
pub(crate) mod approvals;
pub(crate) mod attempts;
pub(crate) mod authorization_codes;
#[cfg(test)]
mod bounds_tests;
pub(crate) mod clients;
pub(crate) mod consents;
pub(crate) mod granted;
pub(crate) mod grants;
pub(crate) mod interactions;
pub(crate) mod known_places;
pub(crate) mod limits;
pub(crate) mod past_keys;
pub(crate) mod people;
pub(crate) mod pushed_requests;
pub(crate) mod realms;
pub(crate) mod refresh_tokens;
pub(crate) mod replays;
pub(crate) mod revoked_tokens;
mod schema;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod stored;
pub(crate) mod sweep;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub(crate) use shared::store::{DbConnection, Outcome, Store, StoreError};

/// The schema of both dialects.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Tables whose rows SQLite keeps in the tree of their primary key: those that are read for almost every request, and
/// those whose keys grow. Codes and refresh tokens are not among them: their keys are random, and each row is changed
/// once more, which would be another page each time.
pub(crate) const KEYED: &[&str] = &[
    "people",
    "sessions",
    "consents",
    "grants",
    "access_tokens",
    "revoked_tokens",
];

/// What a store function gives back.
pub(crate) type Stored<T> = Result<T, StoreError>;
