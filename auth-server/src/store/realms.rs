//! Realms: isolated worlds (RFC 8414 §2: each an issuer of its own).

use diesel::prelude::*;
use shared::realm::RealmName;

use super::schema::realms;
use super::{DbConnection, StoreError, Stored};

/// A realm as it is stored.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = realms, treat_none_as_default_value = false)]
pub(crate) struct RealmRow {
    /// Its name.
    pub(crate) realm: String,
    /// Its policy over the server's defaults, as JSON.
    pub(crate) policy: String,
    /// When it was made.
    pub(crate) created_at: i64,
    /// The secret salt of its pairwise subjects; empty in a realm that an older program made.
    pub(crate) subject_salt: String,
}

impl std::fmt::Debug for RealmRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RealmRow")
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}

/// Stores a new realm, unless there is one of that name: of several callers at once one does.
pub(crate) fn insert_new(tx: &mut DbConnection, row: &RealmRow) -> Stored<()> {
    macro_rules! insert {
        ($connection:expr) => {
            diesel::insert_into(realms::table)
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

/// Replaces the policy of a realm.
pub(crate) fn set_policy(tx: &mut DbConnection, realm: &RealmName, policy: &str) -> Stored<()> {
    diesel::update(realms::table.find(realm.as_str()))
        .set(realms::policy.eq(policy))
        .execute(tx)?;
    Ok(())
}

/// The realm of this name, if there is one.
pub(crate) fn find(tx: &mut DbConnection, realm: &RealmName) -> Stored<Option<RealmRow>> {
    Ok(realms::table.find(realm.as_str()).first(tx).optional()?)
}

/// The realm of this name, held until the transaction ends: whoever asks so at the same time, in whatever process,
/// waits. SQLite has one writer anyway.
pub(crate) fn hold(tx: &mut DbConnection, realm: &RealmName) -> Stored<Option<RealmRow>> {
    let row = realms::table.find(realm.as_str());
    Ok(match tx {
        DbConnection::Postgres(connection) => row.for_update().first(connection).optional(),
        DbConnection::Sqlite(connection) => row.first(connection).optional(),
    }?)
}

/// Gives a realm without a salt this one: of several callers one does, and a salt never changes.
pub(crate) fn put_salt(tx: &mut DbConnection, realm: &RealmName, salt: &str) -> Stored<()> {
    diesel::update(realms::table.find(realm.as_str()))
        .filter(realms::subject_salt.eq(""))
        .set(realms::subject_salt.eq(salt))
        .execute(tx)?;
    Ok(())
}

/// The names of all realms.
pub(crate) fn list(tx: &mut DbConnection) -> Stored<Vec<RealmName>> {
    let names: Vec<String> = realms::table
        .select(realms::realm)
        .order(realms::realm)
        .load(tx)?;
    names
        .into_iter()
        .map(|name| {
            RealmName::try_from(name).map_err(|error| StoreError::corrupt("realms.realm", error))
        })
        .collect()
}
