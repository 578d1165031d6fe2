//! The deny-list: access tokens that were revoked one by one (RFC 7009), by `jti`, until they expire.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::revoked_tokens;
use super::{DbConnection, Stored};

/// Puts a token on the list until `expires_at`. Putting it there twice changes nothing.
pub(crate) fn insert(
    tx: &mut DbConnection,
    realm: &RealmName,
    jti: &str,
    expires_at: Timestamp,
) -> Stored<()> {
    let row = (
        revoked_tokens::realm.eq(realm.as_str()),
        revoked_tokens::jti.eq(jti),
        revoked_tokens::expires_at.eq(expires_at.as_unix()),
    );
    macro_rules! insert {
        ($connection:expr) => {
            diesel::insert_into(revoked_tokens::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute($connection)
        };
    }
    match tx {
        DbConnection::Postgres(connection) => insert!(connection),
        DbConnection::Sqlite(connection) => insert!(connection),
    }?;
    Ok(())
}

/// Whether a token is on the list.
pub(crate) fn contains(tx: &mut DbConnection, realm: &RealmName, jti: &str) -> Stored<bool> {
    let token = revoked_tokens::table.find((realm.as_str(), jti));
    let jti = token.select(revoked_tokens::jti);
    let found: Option<String> =
        on_dialect!(tx, |connection| jti.get_result(connection)).optional()?;
    Ok(found.is_some())
}
