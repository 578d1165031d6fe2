//! Remembered consents: what a person lets a client do without being asked again.

use diesel::prelude::*;
use shared::oauth::Scope;
use shared::on_dialect;
use shared::realm::RealmName;

use super::schema::consents;
use super::{DbConnection, StoreError, Stored};

/// A consent as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = consents, treat_none_as_default_value = false)]
pub(crate) struct ConsentRow {
    /// The realm.
    pub(crate) realm: String,
    /// Who consented.
    pub(crate) sub: String,
    /// To which client.
    pub(crate) client_id: String,
    /// To which scope, joined by spaces: that of all APIs together.
    pub(crate) scope: String,
    /// When.
    pub(crate) granted_at: i64,
    /// To which of it at each API, as JSON; empty in rows of before there were several.
    pub(crate) scopes: String,
}

/// A consent's scope as it is stored.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(crate) fn scope(stored: &str) -> Stored<Scope> {
    let corrupt = |error| StoreError::corrupt("consents.scope", error);
    stored.parse().map_err(corrupt)
}

/// The consent that a person gave to a client.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
    client_id: &str,
) -> Stored<Option<ConsentRow>> {
    let consent = consents::table.find((realm.as_str(), sub, client_id));
    Ok(on_dialect!(tx, |connection| consent.get_result(connection)).optional()?)
}

/// Stores a consent in place of an earlier one to the same client.
pub(crate) fn put(tx: &mut DbConnection, row: &ConsentRow) -> Stored<()> {
    macro_rules! upsert {
        ($connection:expr) => {
            diesel::insert_into(consents::table)
                .values(row)
                .on_conflict((consents::realm, consents::sub, consents::client_id))
                .do_update()
                .set((
                    consents::scope.eq(&row.scope),
                    consents::granted_at.eq(row.granted_at),
                    consents::scopes.eq(&row.scopes),
                ))
                .execute($connection)
        };
    }
    match tx {
        DbConnection::Postgres(connection) => upsert!(connection),
        DbConnection::Sqlite(connection) => upsert!(connection),
    }?;
    Ok(())
}

/// The consents of a person, the latest first.
pub(crate) fn list(tx: &mut DbConnection, realm: &RealmName, sub: &str) -> Stored<Vec<ConsentRow>> {
    Ok(consents::table
        .filter(consents::realm.eq(realm.as_str()))
        .filter(consents::sub.eq(sub))
        .order((consents::granted_at.desc(), consents::client_id))
        .load(tx)?)
}

/// Takes a consent back; whether there was one.
pub(crate) fn delete(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
    client_id: &str,
) -> Stored<bool> {
    let deleted =
        diesel::delete(consents::table.find((realm.as_str(), sub, client_id))).execute(tx)?;
    Ok(deleted > 0)
}
