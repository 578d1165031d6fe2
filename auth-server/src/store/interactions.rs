//! Authorization requests that wait for a person to sign in or to consent (RFC 6749 §4.1 steps A and B).
//!
//! The browser holds a random handle, the store its digest; the request belongs to that browser alone.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::interactions;
use super::{DbConnection, Stored};

/// A waiting request as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = interactions, treat_none_as_default_value = false)]
pub(crate) struct InteractionRow {
    /// The realm.
    pub(crate) realm: String,
    /// Digest of the handle.
    pub(crate) digest: String,
    /// Digest of the cookie of the browser in which it began.
    pub(crate) browser_digest: String,
    /// The validated authorization request, as JSON.
    pub(crate) request: String,
    /// When it came.
    pub(crate) created_at: i64,
    /// Until when it waits.
    pub(crate) expires_at: i64,
}

/// Stores a new waiting request.
pub(crate) fn insert(tx: &mut DbConnection, row: &InteractionRow) -> Stored<()> {
    diesel::insert_into(interactions::table)
        .values(row)
        .execute(tx)?;
    Ok(())
}

/// The request that waits under this handle.
pub(crate) fn find_live(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    now: Timestamp,
) -> Stored<Option<InteractionRow>> {
    Ok(interactions::table
        .find((realm.as_str(), digest))
        .filter(interactions::expires_at.gt(now.as_unix()))
        .first(tx)
        .optional()?)
}

/// Changes what waits under a handle (a person signed in meanwhile); whether it was there.
pub(crate) fn update_request(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    request: &str,
) -> Stored<bool> {
    let updated = diesel::update(interactions::table.find((realm.as_str(), digest)))
        .set(interactions::request.eq(request))
        .execute(tx)?;
    Ok(updated > 0)
}

/// Takes a request out, so that it is answered only once: of several callers one gets it.
pub(crate) fn take(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    now: Timestamp,
) -> Stored<Option<InteractionRow>> {
    let row: Option<InteractionRow> =
        diesel::delete(interactions::table.find((realm.as_str(), digest)))
            .returning(interactions::all_columns)
            .get_result(tx)
            .optional()?;
    Ok(row.filter(|row| row.expires_at > now.as_unix()))
}
