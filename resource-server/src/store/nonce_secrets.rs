//! The table `nonce_secrets`: what the nonces for proofs are made under (RFC 9449 §8), one secret a realm for all
//! processes of the API. Made once, and never changed.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::store::{DbConnection, StoreError};

use super::schema::nonce_secrets;

/// The secret of `realm`: the one that is there, else `fresh`. Of several callers at once one puts its own, and all
/// get that.
pub(crate) fn find_or_put(
    tx: &mut DbConnection,
    realm: &RealmName,
    fresh: &str,
) -> Result<String, StoreError> {
    let row = (
        nonce_secrets::realm.eq(realm.as_str()),
        nonce_secrets::secret.eq(fresh),
    );
    macro_rules! insert {
        ($connection:expr) => {
            diesel::insert_into(nonce_secrets::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute($connection)
        };
    }
    match tx {
        DbConnection::Postgres(connection) => insert!(connection),
        DbConnection::Sqlite(connection) => insert!(connection),
    }?;
    let secret = nonce_secrets::table.find(realm.as_str());
    Ok(secret.select(nonce_secrets::secret).first(tx)?)
}

/// The secret of `realm`, where it has one.
pub(crate) fn find(tx: &mut DbConnection, realm: &RealmName) -> Result<Option<String>, StoreError> {
    let secret = nonce_secrets::table.find(realm.as_str());
    let secret = secret.select(nonce_secrets::secret).first(tx);
    Ok(secret.optional()?)
}
