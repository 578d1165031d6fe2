//! The sweeper: deletes what has expired, but only some time after, so that *used* and *expired* are told
//! from *unknown* for as long as anybody may still ask.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::schema::{
    access_tokens, approvals, authorization_codes, grants, interactions, known_places, limits,
    pushed_requests, refresh_tokens, replays, revoked_tokens, sessions, signing_keys,
};
use super::sessions::remember_clients;
use super::{DbConnection, Stored, attempts, clients};

/// The condition of rows that were found, once more: another process may have written meanwhile. The `+` keeps SQLite
/// from finding them by it: each step would go through all that are left, instead of its own by their keys.
macro_rules! still {
    ($column_is_less_than:literal, $before:expr) => {
        sql::<Bool>($column_is_less_than).bind::<BigInt, _>($before)
    };
}

/// How long a row outlives its expiry. One hour: a replayed code (60 s) or a late retry is still recognised.
pub(crate) const KEPT_AFTER_EXPIRY: Lifetime = Lifetime::from_minutes(60);

/// The same of a pushed request: strangers make the server keep them, as large as they like. Ten minutes: who comes back
/// to one is told that it is over for as long as they remember it.
const PUSHED_KEPT: Lifetime = Lifetime::from_minutes(10);

/// The longest window of any limit; older ones count nothing.
const LONGEST_WINDOW: Lifetime = Lifetime::from_minutes(24 * 60);

/// How long a client that registered itself may do nothing before it is forgotten.
const UNUSED_CLIENT: Lifetime = Lifetime::from_minutes(7 * 24 * 60);

/// Deletes at most `most` expired rows of one realm; how many. Nothing where nothing is left. The rows are found by
/// their index before they are deleted by their keys, so that no transaction is longer than its rows. Where another
/// process is at it already, none.
pub(crate) fn batch(
    tx: &mut DbConnection,
    realm: &RealmName,
    now: Timestamp,
    most: usize,
) -> Stored<usize> {
    if !shared::store::alone(tx, "realms")? {
        return Ok(0);
    }
    let before = (now - KEPT_AFTER_EXPIRY).as_unix();
    let mut left = most;
    macro_rules! sweep {
        ($($table:ident.$key:ident),* => $before:expr) => {
            $({
                let before: i64 = $before;
                let old: Vec<String> = $table::table
                    .filter($table::realm.eq(realm.as_str()))
                    .filter($table::expires_at.lt(before))
                    .select($table::$key)
                    .limit(limit(left))
                    .load(tx)?;
                if !old.is_empty() {
                    let deleted = diesel::delete($table::table)
                        .filter($table::realm.eq(realm.as_str()))
                        .filter($table::$key.eq_any(&old))
                        .filter(still!("+expires_at < ", before))
                        .execute(tx)?;
                    left = left.saturating_sub(deleted);
                }
            })*
        };
    }
    // Nobody is told of one that has expired but that it is gone, and strangers make the server keep them.
    sweep!(interactions.digest => now.as_unix());
    sweep!(pushed_requests.digest => (now - PUSHED_KEPT).as_unix());
    sweep!(
        sessions.digest,
        authorization_codes.digest,
        approvals.poll_digest,
        refresh_tokens.digest,
        access_tokens.digest,
        revoked_tokens.jti,
        known_places.key
        => before
    );
    left = left.saturating_sub(replays_of_the_past(tx, realm, before, left)?);
    left = left.saturating_sub(expired_grants(tx, realm, (now, before), left)?);
    left = left.saturating_sub(limits_of_the_past(tx, realm, now, left)?);
    if left > 0 {
        left = left.saturating_sub(rest(tx, realm, (now, before), left)?);
    }
    Ok(most - left)
}

/// A number of rows as SQL takes it.
fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Deletes what there never is much of.
fn rest(
    tx: &mut DbConnection,
    realm: &RealmName,
    (now, before): (Timestamp, i64),
    most: usize,
) -> Stored<usize> {
    let mut deleted = attempts::forget_lapsed(tx, realm, limit(most))?;
    deleted += diesel::delete(signing_keys::table)
        .filter(signing_keys::realm.eq(realm.as_str()))
        .filter(signing_keys::gone_at.lt(before))
        .execute(tx)?;
    deleted += clients::forget_unused(tx, realm, now - UNUSED_CLIENT)?;
    Ok(deleted)
}

/// Deletes what may be used again: its key has the kind between realm and digest.
fn replays_of_the_past(
    tx: &mut DbConnection,
    realm: &RealmName,
    before: i64,
    most: usize,
) -> Stored<usize> {
    let old: Vec<(String, String)> = replays::table
        .filter(replays::realm.eq(realm.as_str()))
        .filter(replays::expires_at.lt(before))
        .select((replays::kind, replays::digest))
        .limit(limit(most))
        .load(tx)?;
    let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (kind, digest) in old {
        by_kind.entry(kind).or_default().push(digest);
    }
    let mut deleted = 0;
    for (kind, digests) in by_kind {
        deleted += diesel::delete(replays::table)
            .filter(replays::realm.eq(realm.as_str()))
            .filter(replays::kind.eq(kind))
            .filter(replays::digest.eq_any(&digests))
            .filter(still!("+expires_at < ", before))
            .execute(tx)?;
    }
    Ok(deleted)
}

/// Deletes counts whose window is long over: whoever guesses from many addresses makes many.
fn limits_of_the_past(
    tx: &mut DbConnection,
    realm: &RealmName,
    now: Timestamp,
    most: usize,
) -> Stored<usize> {
    let before = (now - LONGEST_WINDOW).as_unix();
    let old: Vec<String> = limits::table
        .filter(limits::realm.eq(realm.as_str()))
        .filter(limits::window_started_at.lt(before))
        .select(limits::key)
        .limit(limit(most))
        .load(tx)?;
    if old.is_empty() {
        return Ok(0);
    }
    Ok(diesel::delete(limits::table)
        .filter(limits::realm.eq(realm.as_str()))
        .filter(limits::key.eq_any(&old))
        .filter(still!("+window_started_at < ", before))
        .execute(tx)?)
}

/// Deletes grants whose last token has expired. Those of a session that lives leave their clients' names with it: when
/// it ends, they are told. So every row that is looked at is deleted, and none is looked at twice.
fn expired_grants(
    tx: &mut DbConnection,
    realm: &RealmName,
    (now, before): (Timestamp, i64),
    most: usize,
) -> Stored<usize> {
    let old: Vec<(String, Option<String>, String)> = grants::table
        .filter(grants::realm.eq(realm.as_str()))
        .filter(grants::expires_at.lt(before))
        .select((grants::grant_id, grants::sid, grants::client_id))
        .limit(limit(most))
        .load(tx)?;
    if old.is_empty() {
        return Ok(0);
    }
    let mut names = Vec::new();
    let mut clients: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (grant_id, sid, client_id) in old {
        names.push(grant_id);
        if let Some(sid) = sid {
            clients.entry(sid).or_default().insert(client_id);
        }
    }
    // Grants first, as who signs out does: two that lock the same rows do so in one order.
    let deleted = diesel::delete(grants::table)
        .filter(grants::realm.eq(realm.as_str()))
        .filter(grants::grant_id.eq_any(&names))
        .filter(still!("+expires_at < ", before))
        .execute(tx)?;
    if !clients.is_empty() {
        remember_clients(tx, realm, &clients, now)?;
    }
    Ok(deleted)
}
