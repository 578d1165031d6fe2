//! Where somebody has proven who they are: a browser in which a person signed in, an address from which a client
//! authenticated (OWASP Authentication Cheat Sheet, "device cookies"); shared by all processes.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::known_places;
use super::{DbConnection, Stored};

/// Remembers a place until `expires_at`, or for longer than before.
pub(crate) fn know(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    expires_at: Timestamp,
) -> Stored<()> {
    let expires_at = expires_at.as_unix();
    let row = (
        known_places::realm.eq(realm.as_str()),
        known_places::key.eq(key),
        known_places::expires_at.eq(expires_at),
    );
    macro_rules! upsert {
        ($connection:expr) => {
            diesel::insert_into(known_places::table)
                .values(row)
                .on_conflict((known_places::realm, known_places::key))
                .do_update()
                .set(known_places::expires_at.eq(expires_at))
                .execute($connection)
        };
    }
    match tx {
        DbConnection::Postgres(connection) => upsert!(connection),
        DbConnection::Sqlite(connection) => upsert!(connection),
    }?;
    Ok(())
}

/// Whether a place is known. Reads only.
pub(crate) fn is_known(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    now: Timestamp,
) -> Stored<bool> {
    let expires_at: Option<i64> = known_places::table
        .find((realm.as_str(), key))
        .select(known_places::expires_at)
        .first(tx)
        .optional()?;
    Ok(expires_at.is_some_and(|end| end > now.as_unix()))
}
