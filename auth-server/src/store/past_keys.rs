//! The public halves of keys that were retired: what an old `id_token_hint` is verified with
//! (RP-Initiated Logout 1.0 §2).
//!
//! A key that is gone verifies no token any more; that it once signed an ID token stays true. The private
//! half is deleted with the key.

use diesel::prelude::*;
use shared::realm::RealmName;

use super::schema::past_keys;
use super::{DbConnection, Stored};

/// A retired key as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = past_keys, treat_none_as_default_value = false)]
pub(crate) struct PastKeyRow {
    /// The realm whose tokens it signed.
    pub(crate) realm: String,
    /// Its RFC 7638 thumbprint.
    pub(crate) kid: String,
    /// The public key, as JSON (RFC 7517).
    pub(crate) jwk: String,
    /// When it stopped to sign.
    pub(crate) retired_at: i64,
}

/// Keeps a key. Keeping it twice changes nothing.
pub(crate) fn put(tx: &mut DbConnection, row: &PastKeyRow) -> Stored<()> {
    macro_rules! put {
        ($connection:expr) => {
            diesel::insert_into(past_keys::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute($connection)
        };
    }
    match tx {
        DbConnection::Postgres(connection) => put!(connection),
        DbConnection::Sqlite(connection) => put!(connection),
    }?;
    Ok(())
}

/// The key of this name.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    kid: &str,
) -> Stored<Option<PastKeyRow>> {
    Ok(past_keys::table
        .find((realm.as_str(), kid))
        .first(tx)
        .optional()?)
}
