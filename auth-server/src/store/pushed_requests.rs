//! Authorization requests that clients pushed (RFC 9126): each is answered once, and kept for a while after, so
//! that *used* is told from *unknown*.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::pushed_requests;
use super::{DbConnection, Stored};

/// A pushed request as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = pushed_requests, treat_none_as_default_value = false)]
pub(crate) struct PushedRequestRow {
    /// The realm.
    pub(crate) realm: String,
    /// Digest of what follows the URN in the `request_uri`.
    pub(crate) digest: String,
    /// The client that pushed it (RFC 9126 §2.2: it is bound to that client).
    pub(crate) client_id: String,
    /// The parameters, form-encoded, without what authenticated the client.
    pub(crate) parameters: String,
    /// Whether they came in a request object whose signature was verified (RFC 9126 §3).
    pub(crate) signed: bool,
    /// When it was pushed.
    pub(crate) created_at: i64,
    /// Until when an authorization request may refer to it.
    pub(crate) expires_at: i64,
    /// When it was answered.
    pub(crate) used_at: Option<i64>,
}

/// What became of an attempt to answer a pushed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It is answered now, and by nobody else.
    First,
    /// It was answered before, or is gone.
    Over,
}

/// Stores a new pushed request.
pub(crate) fn insert(tx: &mut DbConnection, row: &PushedRequestRow) -> Stored<()> {
    diesel::insert_into(pushed_requests::table)
        .values(row)
        .execute(tx)?;
    Ok(())
}

/// The request with this digest, answered or not, expired or not.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
) -> Stored<Option<PushedRequestRow>> {
    Ok(pushed_requests::table
        .find((realm.as_str(), digest))
        .first(tx)
        .optional()?)
}

/// Marks a request as answered: one conditional statement, so that of any number of callers one is the first.
/// That it may have expired meanwhile does not matter: it was referred to in time, and then waited for its person.
pub(crate) fn use_up(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    now: Timestamp,
) -> Stored<Use> {
    let first: Option<String> =
        diesel::update(pushed_requests::table.find((realm.as_str(), digest)))
            .filter(pushed_requests::used_at.is_null())
            .set(pushed_requests::used_at.eq(Some(now.as_unix())))
            .returning(pushed_requests::digest)
            .get_result(tx)
            .optional()?;
    Ok(first.map_or(Use::Over, |_| Use::First))
}
