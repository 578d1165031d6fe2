//! The sweeper: deletes what has expired, but only some time after, so that *used* and *expired* are told
//! from *unknown* for as long as anybody may still ask.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::schema::{
    access_tokens, approvals, authorization_codes, grants, interactions, limits, pushed_requests,
    refresh_tokens, replays, revoked_tokens, sessions, signing_keys,
};
use super::{DbConnection, Stored, clients};

/// How long a row outlives its expiry. One hour: a replayed code (60 s) or a late retry is still recognised.
pub(crate) const KEPT_AFTER_EXPIRY: Lifetime = Lifetime::from_minutes(60);

/// The longest window of any limit; older ones count nothing.
const LONGEST_WINDOW: Lifetime = Lifetime::from_minutes(24 * 60);

/// How long a client that registered itself may do nothing before it is forgotten.
const UNUSED_CLIENT: Lifetime = Lifetime::from_minutes(7 * 24 * 60);

/// Deletes the expired rows of one realm; how many.
pub(crate) fn realm(tx: &mut DbConnection, realm: &RealmName, now: Timestamp) -> Stored<usize> {
    let before = (now - KEPT_AFTER_EXPIRY).as_unix();
    let mut deleted = 0;
    macro_rules! sweep {
        ($($table:ident),*) => {
            $(deleted += diesel::delete($table::table)
                .filter($table::realm.eq(realm.as_str()))
                .filter($table::expires_at.lt(before))
                .execute(tx)?;)*
        };
    }
    sweep!(
        sessions,
        interactions,
        pushed_requests,
        authorization_codes,
        approvals,
        refresh_tokens,
        access_tokens,
        revoked_tokens,
        replays
    );
    deleted += grants_of_no_session(tx, realm, now, before)?;
    deleted += diesel::delete(signing_keys::table)
        .filter(signing_keys::realm.eq(realm.as_str()))
        .filter(signing_keys::gone_at.lt(before))
        .execute(tx)?;
    deleted += diesel::delete(limits::table)
        .filter(limits::realm.eq(realm.as_str()))
        .filter(limits::window_started_at.lt((now - LONGEST_WINDOW).as_unix()))
        .execute(tx)?;
    deleted += clients::forget_unused(tx, realm, now - UNUSED_CLIENT)?;
    Ok(deleted)
}

/// Deletes grants whose last token has expired, but for those of a session that lives: when it ends, their
/// clients are told.
fn grants_of_no_session(
    tx: &mut DbConnection,
    realm: &RealmName,
    now: Timestamp,
    before: i64,
) -> Stored<usize> {
    let lives = sessions::table
        .filter(sessions::realm.eq(grants::realm))
        .filter(sessions::sid.nullable().eq(grants::sid))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.as_unix()));
    Ok(diesel::delete(grants::table)
        .filter(grants::realm.eq(realm.as_str()))
        .filter(grants::expires_at.lt(before))
        .filter(diesel::dsl::not(diesel::dsl::exists(lives)))
        .execute(tx)?)
}
