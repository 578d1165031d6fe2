//! The table `people`: what `/me` tells.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::store::{DbConnection, StoreError};

use super::schema::people;

/// Somebody who keeps photos here.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = people)]
pub(crate) struct Person {
    /// The realm.
    pub(crate) realm: String,
    /// The subject identifier.
    pub(crate) sub: String,
    /// What they type to sign in.
    pub(crate) username: String,
    /// Full name, as shown.
    pub(crate) name: String,
    /// E-mail address.
    pub(crate) email: Option<String>,
    /// Whether the provider has seen that the address is theirs.
    pub(crate) email_verified: bool,
}

/// Adds somebody.
pub(crate) fn insert(tx: &mut DbConnection, person: &Person) -> Result<(), StoreError> {
    diesel::insert_into(people::table)
        .values(person)
        .execute(tx)?;
    Ok(())
}

/// The person of this subject identifier.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
) -> Result<Option<Person>, StoreError> {
    let person = people::table
        .filter(people::realm.eq(realm.as_str()))
        .filter(people::sub.eq(sub))
        .select(people::all_columns);
    Ok(on_dialect!(tx, |connection| person.get_result(connection)).optional()?)
}

/// How many people the realm has.
pub(crate) fn count(tx: &mut DbConnection, realm: &RealmName) -> Result<i64, StoreError> {
    let count = people::table
        .filter(people::realm.eq(realm.as_str()))
        .count();
    Ok(on_dialect!(tx, |connection| count.get_result(connection))?)
}
