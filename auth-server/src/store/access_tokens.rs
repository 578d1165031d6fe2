//! Opaque access tokens (RFC 6749 §1.4): for clients whose policy asks for them. A JWT is not stored.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;

use super::grants::Standing;
use super::schema::{access_tokens as tokens, clients, grants, people, revoked_tokens};
use super::{DbConnection, Stored};

/// An opaque access token as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
pub(crate) struct AccessTokenRow {
    /// The realm.
    pub(crate) realm: String,
    /// Digest of the token.
    pub(crate) digest: String,
    /// Its name in the deny-list.
    pub(crate) jti: String,
    /// The grant it belongs to; absent when a client acts for itself.
    pub(crate) grant_id: Option<String>,
    /// Whom it stands for: a person, or the client itself.
    pub(crate) sub: String,
    /// The client that got it.
    pub(crate) client_id: String,
    /// Its scope, joined by spaces.
    pub(crate) scope: String,
    /// The resource server that it is for.
    pub(crate) audience: String,
    /// When it was issued.
    pub(crate) issued_at: i64,
    /// When it expires.
    pub(crate) expires_at: i64,
    /// What it says besides: [`crate::issue::TokenDetails`] as JSON.
    pub(crate) details: String,
}

/// Stores a new token.
pub(crate) fn insert(tx: &mut DbConnection, row: &AccessTokenRow) -> Stored<()> {
    on_dialect!(tx, |connection| diesel::insert_into(tokens::table)
        .values(row)
        .execute(connection))?;
    Ok(())
}

/// A token, when its grant was taken back and until when it lasts, its client, its name in the deny-list, and its
/// person's name.
type Found = (
    AccessTokenRow,
    Option<(Option<i64>, i64)>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// The token with this digest, expired or not, and how it stands: one statement, which finds all rows by their keys.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
) -> Stored<Option<(AccessTokenRow, Standing)>> {
    let grant = grants::realm
        .eq(tokens::realm)
        .and(grants::grant_id.nullable().eq(tokens::grant_id));
    let client = clients::realm
        .eq(tokens::realm)
        .and(clients::client_id.eq(tokens::client_id));
    let denied = revoked_tokens::realm
        .eq(tokens::realm)
        .and(revoked_tokens::jti.eq(tokens::jti));
    let person = people::realm
        .eq(tokens::realm)
        .and(people::sub.eq(tokens::sub));
    let token = tokens::table
        .left_join(grants::table.on(grant))
        .left_join(clients::table.on(client))
        .left_join(revoked_tokens::table.on(denied))
        .left_join(people::table.on(person))
        .filter(tokens::realm.eq(realm.as_str()))
        .filter(tokens::digest.eq(digest))
        .select((
            tokens::all_columns,
            (grants::revoked_at, grants::expires_at).nullable(),
            clients::client_id.nullable(),
            revoked_tokens::jti.nullable(),
            people::username.nullable(),
        ));
    let found: Option<Found> =
        on_dialect!(tx, |connection| token.get_result(connection)).optional()?;
    Ok(found.map(|(row, grant, client, denied, username)| {
        let denied = denied.is_some();
        let standing = Standing {
            grant,
            registered: client.is_some(),
            denied,
            username,
        };
        (row, standing)
    }))
}
