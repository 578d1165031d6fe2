//! People: resource owners who sign in (RFC 6749 §1.1).

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::people;
use super::{DbConnection, Stored};

/// A person as stored.
#[derive(Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
pub(crate) struct PersonRow {
    /// The realm.
    pub(crate) realm: String,
    /// The subject identifier: never changes, never given to anybody else.
    pub(crate) sub: String,
    /// What the person types to sign in; unique in the realm.
    pub(crate) username: String,
    /// Argon2id, as a PHC string.
    pub(crate) password_hash: String,
    /// Claims of OpenID Connect Core §5.1, as a JSON object.
    pub(crate) claims: String,
    /// When this row changed last.
    pub(crate) updated_at: i64,
}

impl std::fmt::Debug for PersonRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonRow")
            .field("realm", &self.realm)
            .field("sub", &self.sub)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Stores a new person.
pub(crate) fn insert(tx: &mut DbConnection, row: &PersonRow) -> Stored<()> {
    diesel::insert_into(people::table).values(row).execute(tx)?;
    Ok(())
}

/// Replaces a person by `row`, which has the same realm and subject.
pub(crate) fn update(tx: &mut DbConnection, row: &PersonRow) -> Stored<()> {
    diesel::update(people::table.find((&row.realm, &row.sub)))
        .set(row)
        .execute(tx)?;
    Ok(())
}

/// Replaces the hash of a person's password, where it is still `before`.
pub(crate) fn replace_password(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
    (before, hash): (&str, &str),
    now: Timestamp,
) -> Stored<()> {
    diesel::update(people::table.find((realm.as_str(), sub)))
        .filter(people::password_hash.eq(before))
        .set((
            people::password_hash.eq(hash),
            people::updated_at.eq(now.as_unix()),
        ))
        .execute(tx)?;
    Ok(())
}

/// The person with this subject identifier.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
) -> Stored<Option<PersonRow>> {
    // A text of PostgreSQL holds no NUL, so there is none such.
    if sub.contains('\0') {
        return Ok(None);
    }
    let person = people::table.find((realm.as_str(), sub));
    Ok(on_dialect!(tx, |connection| person.get_result(connection)).optional()?)
}

/// The person who signs in with this name.
pub(crate) fn find_by_username(
    tx: &mut DbConnection,
    realm: &RealmName,
    username: &str,
) -> Stored<Option<PersonRow>> {
    // A text of PostgreSQL holds no NUL, so there is none such.
    if username.contains('\0') {
        return Ok(None);
    }
    Ok(people::table
        .filter(people::realm.eq(realm.as_str()))
        .filter(people::username.eq(username))
        .first(tx)
        .optional()?)
}

/// All people of a realm, by username.
pub(crate) fn list(tx: &mut DbConnection, realm: &RealmName) -> Stored<Vec<PersonRow>> {
    Ok(people::table
        .filter(people::realm.eq(realm.as_str()))
        .order(people::username)
        .load(tx)?)
}

/// Removes a person.
pub(crate) fn delete(tx: &mut DbConnection, realm: &RealmName, sub: &str) -> Stored<()> {
    diesel::delete(people::table.find((realm.as_str(), sub))).execute(tx)?;
    Ok(())
}
