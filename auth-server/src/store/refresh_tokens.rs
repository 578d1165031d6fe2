//! Refresh tokens (RFC 6749 §6) and their rotation (RFC 9700 §4.14.2).
//!
//! A rotated token stays: presented again it is told from an unknown one. `successor_seed` lets the server
//! compute the same successor again for a client that lost the answer, without storing the successor. It is written
//! with the token: a row that grows when it is rotated would have to move into another page of the table.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::grants::GrantRow;
use super::schema::{grants, refresh_tokens as tokens};
use super::{DbConnection, Stored};

/// A refresh token as stored.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
pub(crate) struct RefreshTokenRow {
    /// The realm.
    pub(crate) realm: String,
    /// Digest of the token.
    pub(crate) digest: String,
    /// The grant it belongs to: all of its refresh tokens are one family.
    pub(crate) grant_id: String,
    /// How many rotations it is away from the first of its family.
    pub(crate) generation: i32,
    /// The scope that it can give, joined by spaces.
    pub(crate) scope: String,
    /// When it was issued.
    pub(crate) created_at: i64,
    /// When it expires.
    pub(crate) expires_at: i64,
    /// When it was exchanged for its successor.
    pub(crate) rotated_at: Option<i64>,
    /// Digest of its successor: of what it will be, until it is rotated.
    pub(crate) successor_digest: Option<String>,
    /// What, together with the token itself, gives its successor.
    pub(crate) successor_seed: Option<String>,
}

impl std::fmt::Debug for RefreshTokenRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshTokenRow")
            .field("realm", &self.realm)
            .field("grant_id", &self.grant_id)
            .field("generation", &self.generation)
            .field("rotated_at", &self.rotated_at)
            .finish_non_exhaustive()
    }
}

/// What became of an attempt to rotate a refresh token.
#[derive(Clone, Debug)]
pub(crate) enum Rotation {
    /// It was rotated now, and by nobody else.
    First,
    /// It had been rotated before: the row as it stands now.
    Again(RefreshTokenRow),
    /// There is no such token.
    Unknown,
}

/// Stores a new token.
pub(crate) fn insert(tx: &mut DbConnection, row: &RefreshTokenRow) -> Stored<()> {
    on_dialect!(tx, |connection| diesel::insert_into(tokens::table)
        .values(row)
        .execute(connection))?;
    Ok(())
}

/// Lets a token that is not rotated live until `expires_at`.
pub(crate) fn extend(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    expires_at: Timestamp,
) -> Stored<()> {
    diesel::update(tokens::table.find((realm.as_str(), digest)))
        .set(tokens::expires_at.eq(expires_at.as_unix()))
        .execute(tx)?;
    Ok(())
}

/// The token with this digest, rotated or not.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
) -> Stored<Option<RefreshTokenRow>> {
    let token = tokens::table.find((realm.as_str(), digest));
    Ok(on_dialect!(tx, |connection| token.get_result(connection)).optional()?)
}

/// The same with the grant that it belongs to: one statement, which finds both by their keys.
pub(crate) fn find_with_grant(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
) -> Stored<Option<(RefreshTokenRow, Option<GrantRow>)>> {
    let grant = grants::realm
        .eq(tokens::realm)
        .and(grants::grant_id.eq(tokens::grant_id));
    let token = tokens::table
        .left_join(grants::table.on(grant))
        .filter(tokens::realm.eq(realm.as_str()))
        .filter(tokens::digest.eq(digest))
        .select((tokens::all_columns, grants::all_columns.nullable()));
    Ok(on_dialect!(tx, |connection| token.get_result(connection)).optional()?)
}

/// Rotates a token in favour of its successor, given by digest and seed: one conditional statement, so that
/// of any number of callers one is the first.
pub(crate) fn rotate(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    (successor_digest, successor_seed): (&str, &str),
    now: Timestamp,
) -> Stored<Rotation> {
    let token = tokens::table.find((realm.as_str(), digest));
    let first = on_dialect!(tx, |connection| diesel::update(token)
        .filter(tokens::rotated_at.is_null())
        .set((
            tokens::rotated_at.eq(Some(now.as_unix())),
            tokens::successor_digest.eq(Some(successor_digest)),
            tokens::successor_seed.eq(Some(successor_seed)),
        ))
        .execute(connection))?;
    if first > 0 {
        return Ok(Rotation::First);
    }
    Ok(find(tx, realm, digest)?.map_or(Rotation::Unknown, Rotation::Again))
}
