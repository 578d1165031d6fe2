//! Opaque access tokens (RFC 6749 §1.4): for clients whose policy asks for them. A JWT is not stored.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;

use super::schema::access_tokens as tokens;
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

/// The token with this digest, expired or not.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
) -> Stored<Option<AccessTokenRow>> {
    let token = tokens::table.find((realm.as_str(), digest));
    Ok(on_dialect!(tx, |connection| token.get_result(connection)).optional()?)
}

/// Forgets the tokens of a client: it is removed.
pub(crate) fn delete_client(
    tx: &mut DbConnection,
    realm: &RealmName,
    client_id: &str,
) -> Stored<()> {
    diesel::delete(tokens::table)
        .filter(tokens::realm.eq(realm.as_str()))
        .filter(tokens::client_id.eq(client_id))
        .execute(tx)?;
    Ok(())
}
