//! Approvals: what a client asked for on one device and a person decides on another (RFC 8628 §3).
//!
//! Every step from one state to the next is one conditional statement, so that of any number of callers, in any
//! number of processes, one takes it. Expiry is no state: it follows from the clock.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::schema::approvals;
use super::{DbConnection, Stored};

/// The states of an approval, as stored.
pub(crate) mod state {
    /// Nobody has looked at it.
    pub(crate) const CREATED: &str = "created";
    /// Its page was shown to somebody.
    pub(crate) const SEEN: &str = "seen";
    /// A person said yes.
    pub(crate) const CONFIRMED: &str = "confirmed";
    /// A person said no.
    pub(crate) const DENIED: &str = "denied";
    /// Its tokens were given out.
    pub(crate) const REDEEMED: &str = "redeemed";
}

/// An approval as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = approvals, treat_none_as_default_value = false)]
pub(crate) struct ApprovalRow {
    /// The realm.
    pub(crate) realm: String,
    /// Digest of the secret with which the client asks what became of it.
    pub(crate) poll_digest: String,
    /// Digest of the short code with which a person finds it, where they do.
    pub(crate) code_digest: Option<String>,
    /// By which grant its tokens are given out.
    pub(crate) grant_type: String,
    /// Who asks.
    pub(crate) client_id: String,
    /// For what, joined by spaces.
    pub(crate) scope: String,
    /// How it was asked for: [`crate::approval::Details`] as JSON.
    pub(crate) details: String,
    /// One of [`state`].
    pub(crate) state: String,
    /// When it was asked for.
    pub(crate) created_at: i64,
    /// Until when it can be decided and redeemed.
    pub(crate) expires_at: i64,
    /// Seconds between two polls.
    pub(crate) poll_interval: i64,
    /// From when on a poll is in time.
    pub(crate) next_poll_at: i64,
    /// When its page was shown for the first time.
    pub(crate) seen_at: Option<i64>,
    /// When a person decided.
    pub(crate) decided_at: Option<i64>,
    /// Who decided.
    pub(crate) sub: Option<String>,
    /// What came of a yes.
    pub(crate) grant_id: Option<String>,
    /// When its tokens were given out.
    pub(crate) redeemed_at: Option<i64>,
}

/// Whether a poll came in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It did.
    InTime,
    /// It did not: from now on the client waits this many seconds between two polls.
    TooSoon {
        /// Seconds.
        interval: i64,
    },
}

/// Stores a new approval; `false` where its short code is taken.
pub(crate) fn insert(tx: &mut DbConnection, row: &ApprovalRow) -> Stored<bool> {
    macro_rules! insert {
        ($connection:expr) => {
            diesel::insert_into(approvals::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute($connection)
        };
    }
    let inserted = match tx {
        DbConnection::Postgres(connection) => insert!(connection),
        DbConnection::Sqlite(connection) => insert!(connection),
    }?;
    Ok(inserted > 0)
}

/// The approval that a client polls with this digest, in whatever state.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    poll_digest: &str,
) -> Stored<Option<ApprovalRow>> {
    Ok(approvals::table
        .find((realm.as_str(), poll_digest))
        .first(tx)
        .optional()?)
}

/// The approval that a person finds with this digest, in whatever state.
pub(crate) fn find_by_code(
    tx: &mut DbConnection,
    realm: &RealmName,
    code_digest: &str,
) -> Stored<Option<ApprovalRow>> {
    Ok(approvals::table
        .filter(approvals::realm.eq(realm.as_str()))
        .filter(approvals::code_digest.eq(code_digest))
        .first(tx)
        .optional()?)
}

/// Its page is shown to somebody: created → seen. Whether it was the first time.
pub(crate) fn see(
    tx: &mut DbConnection,
    realm: &RealmName,
    poll_digest: &str,
    now: Timestamp,
) -> Stored<bool> {
    let changed = diesel::update(approvals::table.find((realm.as_str(), poll_digest)))
        .filter(approvals::state.eq(state::CREATED))
        .filter(approvals::expires_at.gt(now.as_unix()))
        .set((
            approvals::state.eq(state::SEEN),
            approvals::seen_at.eq(Some(now.as_unix())),
        ))
        .execute(tx)?;
    Ok(changed > 0)
}

/// A person decides: seen → `decision` ([`state::CONFIRMED`] or [`state::DENIED`]). Whether it was open until
/// then: of any number of decisions the first stands.
pub(crate) fn decide(
    tx: &mut DbConnection,
    realm: &RealmName,
    poll_digest: &str,
    (decision, sub): (&str, &str),
    now: Timestamp,
) -> Stored<bool> {
    let changed = diesel::update(approvals::table.find((realm.as_str(), poll_digest)))
        .filter(approvals::state.eq(state::SEEN))
        .filter(approvals::expires_at.gt(now.as_unix()))
        .set((
            approvals::state.eq(decision),
            approvals::decided_at.eq(Some(now.as_unix())),
            approvals::sub.eq(Some(sub)),
        ))
        .execute(tx)?;
    Ok(changed > 0)
}

/// Notes the grant that came of a yes, in the transaction of [`decide`].
pub(crate) fn set_grant(
    tx: &mut DbConnection,
    realm: &RealmName,
    poll_digest: &str,
    grant_id: &str,
) -> Stored<()> {
    diesel::update(approvals::table.find((realm.as_str(), poll_digest)))
        .set(approvals::grant_id.eq(Some(grant_id)))
        .execute(tx)?;
    Ok(())
}

/// Counts a poll. One that comes too soon makes the interval longer by `penalty`, for good (RFC 8628 §3.5). A next poll
/// that is further ahead than the interval was noted by a clock that has been put back since: it is due.
pub(crate) fn pace(
    tx: &mut DbConnection,
    realm: &RealmName,
    poll_digest: &str,
    penalty: Lifetime,
    now: Timestamp,
) -> Stored<Pace> {
    let key = approvals::table.find((realm.as_str(), poll_digest));
    let spread = i64::from(penalty.as_seconds());
    let due = approvals::next_poll_at
        .le(now.as_unix())
        .or(approvals::next_poll_at.gt(approvals::poll_interval + (now.as_unix() + spread)));
    let in_time = diesel::update(key)
        .filter(due)
        .set(approvals::next_poll_at.eq(approvals::poll_interval + now.as_unix()))
        .execute(tx)?;
    if in_time > 0 {
        return Ok(Pace::InTime);
    }
    let penalty = spread;
    let interval: Option<i64> = diesel::update(key)
        .set((
            approvals::poll_interval.eq(approvals::poll_interval + penalty),
            approvals::next_poll_at.eq(approvals::poll_interval + (now.as_unix() + penalty)),
        ))
        .returning(approvals::poll_interval)
        .get_result(tx)
        .optional()?;
    Ok(interval.map_or(Pace::InTime, |interval| Pace::TooSoon { interval }))
}

/// Its tokens are given out: confirmed → redeemed. Whether this caller is the one that gets them.
pub(crate) fn redeem(
    tx: &mut DbConnection,
    realm: &RealmName,
    poll_digest: &str,
    now: Timestamp,
) -> Stored<bool> {
    let changed = diesel::update(approvals::table.find((realm.as_str(), poll_digest)))
        .filter(approvals::state.eq(state::CONFIRMED))
        .filter(approvals::expires_at.gt(now.as_unix()))
        .set((
            approvals::state.eq(state::REDEEMED),
            approvals::redeemed_at.eq(Some(now.as_unix())),
        ))
        .execute(tx)?;
    Ok(changed > 0)
}
