//! The table `used_proofs`: a proof is good once (RFC 9449 §11.1), at whatever process of the API it comes first.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::store::{DbConnection, StoreError, alone};
use shared::time::Timestamp;

use super::schema::used_proofs;

/// Whether this is the first use of a proof: exact even where it comes to two processes at once. It is remembered
/// up to and including `expires_at`, its last second.
pub(crate) fn first(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let row = (
        used_proofs::realm.eq(realm.as_str()),
        used_proofs::digest.eq(digest),
        used_proofs::expires_at.eq(expires_at.as_unix()),
    );
    macro_rules! insert {
        ($connection:expr) => {
            diesel::insert_into(used_proofs::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute($connection)
        };
    }
    let inserted = match tx {
        DbConnection::Postgres(connection) => insert!(connection),
        DbConnection::Sqlite(connection) => insert!(connection),
    }?;
    Ok(inserted == 1)
}

/// The realms in which proofs are remembered.
pub(crate) fn realms(tx: &mut DbConnection) -> Result<Vec<RealmName>, StoreError> {
    let names: Vec<String> = used_proofs::table
        .select(used_proofs::realm)
        .distinct()
        .load(tx)?;
    let read = |name| {
        RealmName::try_from(name).map_err(|error| StoreError::corrupt("used_proofs.realm", error))
    };
    names.into_iter().map(read).collect()
}

/// Forgets the proofs of `realm` that could not come again at `now`, the realm's time; how many. Where another
/// process is at it already, none.
pub(crate) fn sweep(
    tx: &mut DbConnection,
    realm: &RealmName,
    now: Timestamp,
) -> Result<usize, StoreError> {
    if !alone(tx, "used_proofs")? {
        return Ok(0);
    }
    let old = used_proofs::table
        .filter(used_proofs::realm.eq(realm.as_str()))
        .filter(used_proofs::expires_at.lt(now.as_unix()));
    Ok(diesel::delete(old).execute(tx)?)
}
