//! Authorization codes (RFC 6749 §4.1.2): redeemed once, and kept for a while after, so that *used* is told
//! from *unknown*.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::grants::GrantRow;
use super::schema::{authorization_codes as codes, grants};
use super::{DbConnection, Stored};

/// A code as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = codes, treat_none_as_default_value = false)]
pub(crate) struct CodeRow {
    /// The realm.
    pub(crate) realm: String,
    /// Digest of the code.
    pub(crate) digest: String,
    /// The grant that it stands for.
    pub(crate) grant_id: String,
    /// The client to which it was issued.
    pub(crate) client_id: String,
    /// `redirect_uri` of the authorization request, if it was sent: the token request must repeat it.
    pub(crate) redirect_uri: Option<String>,
    /// `code_challenge` (S256) of the authorization request.
    pub(crate) code_challenge: Option<String>,
    /// When it expires.
    pub(crate) expires_at: i64,
    /// How often a wrong verifier was presented with it.
    pub(crate) wrong_verifiers: i32,
    /// When it was redeemed.
    pub(crate) redeemed_at: Option<i64>,
}

/// What became of an attempt to redeem a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redemption {
    /// It was redeemed now, and by nobody else.
    First,
    /// It had been redeemed before.
    Again,
    /// There is no such code.
    Unknown,
}

/// Stores a new code.
pub(crate) fn insert(tx: &mut DbConnection, row: &CodeRow) -> Stored<()> {
    on_dialect!(tx, |connection| diesel::insert_into(codes::table)
        .values(row)
        .execute(connection))?;
    Ok(())
}

/// The code with this digest, redeemed or not, and the grant that it stands for: one statement, which finds both by
/// their keys.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
) -> Stored<Option<(CodeRow, Option<GrantRow>)>> {
    let grant = grants::realm
        .eq(codes::realm)
        .and(grants::grant_id.eq(codes::grant_id));
    let code = codes::table
        .left_join(grants::table.on(grant))
        .filter(codes::realm.eq(realm.as_str()))
        .filter(codes::digest.eq(digest))
        .select((codes::all_columns, grants::all_columns.nullable()));
    Ok(on_dialect!(tx, |connection| code.get_result(connection)).optional()?)
}

/// Redeems a code: one conditional statement, so that of any number of callers one is the first.
pub(crate) fn redeem(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    now: Timestamp,
) -> Stored<Redemption> {
    let key = codes::table.find((realm.as_str(), digest));
    let first = on_dialect!(tx, |connection| diesel::update(key)
        .filter(codes::redeemed_at.is_null())
        .set(codes::redeemed_at.eq(Some(now.as_unix())))
        .execute(connection))?;
    if first > 0 {
        return Ok(Redemption::First);
    }
    let known: Option<String> = key.select(codes::digest).first(tx).optional()?;
    Ok(match known {
        Some(_) => Redemption::Again,
        None => Redemption::Unknown,
    })
}

/// Counts a wrong verifier against a code; how many there have been.
pub(crate) fn count_wrong_verifier(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
) -> Stored<i32> {
    Ok(diesel::update(codes::table.find((realm.as_str(), digest)))
        .set(codes::wrong_verifiers.eq(codes::wrong_verifiers + 1))
        .returning(codes::wrong_verifiers)
        .get_result(tx)?)
}
