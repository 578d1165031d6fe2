//! Attempts that take a while to decide, as a password does that has to be hashed: each holds a place under its
//! [limits](super::limits) from its beginning to its decision; shared by all processes.
//!
//! A limit counts failures *and* what is undecided, so that guesses at the same time are as few as guesses one after
//! another. Where the failures alone fill a limit an attempt is refused; where it is what is undecided, it waits
//! until that was decided, because it may be no failure. Only who still holds a place may decide. A process that
//! died decides nothing: after a while by the machine's clock (the realm's may stand still) its places lapse.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp, wall_clock_us};

use super::limits::{self, Limit, Room};
use super::schema::attempts;
use super::{DbConnection, Stored};

/// How long an attempt may be undecided: the time of a thousand hashes of passwords on an idle machine. It has a thread
/// to be hashed in next when it begins, so that it takes a hash or two and the writing of a row.
const LEASE: Lifetime = Lifetime::from_minutes(1);

/// What an attempt is, and what it is counted under, each with its limit. The last key is that of the largest
/// circle: whoever counts under any of them counts under that, too.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Its own name, which nobody else gives.
    pub(crate) id: String,
    /// What it is counted under.
    pub(crate) keys: Vec<(String, Limit)>,
}

/// How an attempt began, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It holds its places, and must be ended.
    Held,
    /// Others hold all places that are left; what becomes of them is not decided.
    Full,
    /// There were too many failures.
    Exhausted {
        /// Seconds until the window ends, 1 at least.
        retry_after: Lifetime,
    },
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The decision counts, and may be told.
    Counted,
    /// Its places had lapsed: nobody may learn what the decision was.
    Lapsed,
}

/// Takes a place under each key of an attempt, where there is one.
pub(crate) fn begin(
    tx: &mut DbConnection,
    realm: &RealmName,
    attempt: &Attempt,
    now: Timestamp,
) -> Stored<Begun> {
    hold(tx, realm, attempt, now)?;
    for (key, limit) in &attempt.keys {
        if let Room::Exhausted { retry_after } = limits::room(tx, realm, key, *limit, now)? {
            return Ok(Begun::Exhausted { retry_after });
        }
    }
    let wall = wall_clock();
    for (key, limit) in &attempt.keys {
        let failed = limits::failures(tx, realm, key, *limit, now)?;
        // A limit of nothing is one of one: somebody must be able to sign in.
        if failed.saturating_add(undecided(tx, realm, key, wall)?) >= limit.attempts.max(1) {
            return Ok(Begun::Full);
        }
    }
    let lapses_at = (wall + LEASE).as_unix();
    for (key, _) in &attempt.keys {
        diesel::insert_into(attempts::table)
            .values((
                attempts::realm.eq(realm.as_str()),
                attempts::key.eq(key),
                attempts::id.eq(&attempt.id),
                attempts::lapses_at.eq(lapses_at),
            ))
            .execute(tx)?;
    }
    Ok(Begun::Held)
}

/// Gives the places of an attempt back. One that failed is counted under each of its keys; one that succeeded lets
/// the failures of its first key be forgotten.
pub(crate) fn end(
    tx: &mut DbConnection,
    realm: &RealmName,
    attempt: &Attempt,
    (succeeded, now): (bool, Timestamp),
) -> Stored<Ended> {
    hold(tx, realm, attempt, now)?;
    let wall = wall_clock().as_unix();
    let mut held = true;
    for (key, limit) in &attempt.keys {
        let place = attempts::table
            .find((realm.as_str(), key, &attempt.id))
            .filter(attempts::lapses_at.gt(wall));
        held &= diesel::delete(place).execute(tx)? > 0;
        if !succeeded {
            limits::count(tx, realm, key, *limit, now)?;
        }
    }
    if let (true, true, Some((key, _))) = (held, succeeded, attempt.keys.first()) {
        limits::clear(tx, realm, key)?;
    }
    Ok(if held { Ended::Counted } else { Ended::Lapsed })
}

/// Deletes at most `most` places that lapsed; how many.
pub(crate) fn forget_lapsed(tx: &mut DbConnection, realm: &RealmName, most: i64) -> Stored<usize> {
    let lapsed: Vec<String> = attempts::table
        .filter(attempts::realm.eq(realm.as_str()))
        .filter(attempts::lapses_at.le(wall_clock().as_unix()))
        .select(attempts::id)
        .limit(most)
        .load(tx)?;
    if lapsed.is_empty() {
        return Ok(0);
    }
    Ok(diesel::delete(attempts::table)
        .filter(attempts::realm.eq(realm.as_str()))
        .filter(attempts::id.eq_any(&lapsed))
        .execute(tx)?)
}

/// Lets nobody else begin or end an attempt in the same circle until this transaction ends.
fn hold(tx: &mut DbConnection, realm: &RealmName, attempt: &Attempt, now: Timestamp) -> Stored<()> {
    match attempt.keys.last() {
        Some((circle, _)) => limits::hold(tx, realm, circle, now),
        None => Ok(()),
    }
}

/// How many attempts under `key` are not decided.
fn undecided(tx: &mut DbConnection, realm: &RealmName, key: &str, wall: Timestamp) -> Stored<u32> {
    let number: i64 = attempts::table
        .filter(attempts::realm.eq(realm.as_str()))
        .filter(attempts::key.eq(key))
        .filter(attempts::lapses_at.gt(wall.as_unix()))
        .count()
        .get_result(tx)?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The machine's clock, in whole seconds.
fn wall_clock() -> Timestamp {
    Timestamp::from_unix(wall_clock_us() / 1_000_000)
}
