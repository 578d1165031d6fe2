//! What one person granted, looked at step by step: however many grants there are, no query here reads more rows than
//! it is told, so that no unit of work is longer than that.
//!
//! All follow the index of a person's grants by client. On SQLite it holds the grants' names too, so that a step begins
//! where the last one ended; on PostgreSQL, whose writers do not wait for each other, one may sort what it steps over.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::grants::GrantRow;
use super::schema::grants;
use super::{DbConnection, Stored};

/// As much of a grant as says whether it ends with something else.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = grants)]
pub(crate) struct GrantInBrief {
    /// Its name.
    pub(crate) grant_id: String,
    /// The login session in which it was granted.
    pub(crate) sid: Option<String>,
    /// The scope that was granted, joined by spaces.
    pub(crate) scope: String,
    /// When it was taken back.
    pub(crate) revoked_at: Option<i64>,
}

/// The first client after `after`, by identifier, of which there is a grant of this person: one look at the index.
pub(crate) fn next_client(
    tx: &mut DbConnection,
    realm: &RealmName,
    (sub, after): (&str, &str),
) -> Stored<Option<String>> {
    let client = grants::table
        .filter(grants::realm.eq(realm.as_str()))
        .filter(grants::sub.eq(sub))
        .filter(grants::client_id.gt(after))
        .order(grants::client_id)
        .select(grants::client_id);
    Ok(client.first(tx).optional()?)
}

/// At most `most` grants of a person to a client, alive or not: those after `after`, by name.
pub(crate) fn some(
    tx: &mut DbConnection,
    realm: &RealmName,
    (sub, client_id, after): (&str, &str, &str),
    most: usize,
) -> Stored<Vec<GrantInBrief>> {
    let some = format!(
        "SELECT grant_id, sid, scope, revoked_at FROM {} \
         WHERE realm = $1 AND sub = $2 AND client_id = $3 AND grant_id > $4 \
         ORDER BY grant_id LIMIT $5",
        by_client(tx)
    );
    Ok(diesel::sql_query(some)
        .bind::<Text, _>(realm.as_str())
        .bind::<Text, _>(sub)
        .bind::<Text, _>(client_id)
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(rows(most))
        .load(tx)?)
}

/// At most `most` grants of a person to a client, alive or not, the latest first: names begin with their moment. Those
/// that were made before the one of a name, where one is given.
pub(crate) fn latest(
    tx: &mut DbConnection,
    realm: &RealmName,
    (sub, client_id, before): (&str, &str, Option<&str>),
    most: usize,
) -> Stored<Vec<GrantRow>> {
    // SQLite numbers what is bound in the order in which it stands there.
    let (earlier, limit) = before.map_or(("", "$4"), |_| (" AND grant_id < $4", "$5"));
    let latest = format!(
        "SELECT * FROM {} WHERE realm = $1 AND sub = $2 AND client_id = $3{earlier} \
         ORDER BY grant_id DESC LIMIT {limit}",
        by_client(tx),
    );
    let latest = diesel::sql_query(latest)
        .bind::<Text, _>(realm.as_str())
        .bind::<Text, _>(sub)
        .bind::<Text, _>(client_id);
    let most = rows(most);
    Ok(match before {
        Some(before) => latest
            .bind::<Text, _>(before)
            .bind::<BigInt, _>(most)
            .load(tx)?,
        None => latest.bind::<BigInt, _>(most).load(tx)?,
    })
}

/// The table by the index of a person's grants by client. SQLite, which counts nothing of it, would rather go along
/// the names of all people's grants; PostgreSQL knows what there is, and has no such word.
const fn by_client(tx: &DbConnection) -> &'static str {
    match tx {
        DbConnection::Sqlite(_) => "grants INDEXED BY grants_sub",
        DbConnection::Postgres(_) => "grants",
    }
}

/// Whether a person has more than `most` grants, alive or not.
pub(crate) fn are_more_than(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
    most: usize,
) -> Stored<bool> {
    let beyond = grants::table
        .filter(grants::realm.eq(realm.as_str()))
        .filter(grants::sub.eq(sub))
        .order(grants::client_id)
        .select(grants::client_id)
        .offset(rows(most));
    let beyond: Option<String> = beyond.first(tx).optional()?;
    Ok(beyond.is_some())
}

/// Revokes these grants, as far as they are not; how many.
pub(crate) fn revoke(
    tx: &mut DbConnection,
    realm: &RealmName,
    names: &[&str],
    now: Timestamp,
) -> Stored<usize> {
    if names.is_empty() {
        return Ok(0);
    }
    Ok(diesel::update(grants::table)
        .filter(grants::realm.eq(realm.as_str()))
        .filter(grants::grant_id.eq_any(names))
        .filter(grants::revoked_at.is_null())
        .set(grants::revoked_at.eq(Some(now.as_unix())))
        .execute(tx)?)
}

/// A number of rows as SQL takes it.
fn rows(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
