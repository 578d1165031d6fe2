//! Limits on guesses, and on what strangers make the server keep, counted in fixed windows; shared by all processes, and
//! still there after a restart.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::schema::limits;
use super::{DbConnection, Stored};

/// How much of what is counted under a key there may be in how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Failures that are answered as usual; of what is weighed, bytes.
    pub(crate) attempts: u32,
    /// From the first of them, how long they count.
    pub(crate) window: Lifetime,
}

/// Whether there is room under a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// There is.
    Left,
    /// There is none for this many seconds.
    Exhausted {
        /// Seconds until the window ends, 1 at least.
        retry_after: Lifetime,
    },
}

/// Whether `key` may try once more. Reads only.
pub(crate) fn room(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    limit: Limit,
    now: Timestamp,
) -> Stored<Room> {
    Ok(match window(tx, realm, key, limit, now)? {
        Some((used, retry_after)) if used >= limit.attempts => Room::Exhausted { retry_after },
        _ => Room::Left,
    })
}

/// How often `key` failed within the window. Reads only.
pub(crate) fn failures(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    limit: Limit,
    now: Timestamp,
) -> Stored<u32> {
    Ok(window(tx, realm, key, limit, now)?.map_or(0, |(used, _)| used))
}

/// The failures of a window that is not over, and how long it still lasts. One that begins further ahead than a window
/// lasts was counted by a clock that has been put back since: it says nothing about now.
fn window(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    limit: Limit,
    now: Timestamp,
) -> Stored<Option<(u32, Lifetime)>> {
    let row: Option<(i64, i32)> = limits::table
        .find((realm.as_str(), key))
        .select((limits::window_started_at, limits::count))
        .first(tx)
        .optional()?;
    Ok(row.and_then(|(started, count)| {
        let window = limit.window.as_seconds();
        let left = (Timestamp::from_unix(started) + limit.window).seconds_since(now);
        let left = u32::try_from(left).ok().filter(|left| *left > 0)?;
        if left > window.saturating_mul(2) {
            return None;
        }
        let used = u32::try_from(count).unwrap_or(0);
        Some((used, Lifetime::from_seconds(left.min(window))))
    }))
}

/// Lets nobody else count under `key` until this transaction ends, so that what is read of it stays true. SQLite's
/// one writer is alone in any case.
pub(crate) fn hold(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    now: Timestamp,
) -> Stored<()> {
    let DbConnection::Postgres(connection) = tx else {
        return Ok(());
    };
    let row = (
        limits::realm.eq(realm.as_str()),
        limits::key.eq(key),
        limits::window_started_at.eq(now.as_unix()),
        limits::count.eq(0),
    );
    diesel::insert_into(limits::table)
        .values(row)
        .on_conflict((limits::realm, limits::key))
        .do_update()
        .set(limits::count.eq(limits::count))
        .execute(connection)?;
    Ok(())
}

/// Counts a failure of `key`; begins a new window when the last one is over or has none.
pub(crate) fn count(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    limit: Limit,
    now: Timestamp,
) -> Stored<()> {
    add(tx, realm, (key, limit), 1, now)
}

/// Takes `weight` of what is left under each of these keys, where all of them have something left; else nothing. The
/// same keys always come in the same order, so that nobody waits for anybody who waits for them.
pub(crate) fn take(
    tx: &mut DbConnection,
    realm: &RealmName,
    keys: &[(String, Limit)],
    weight: u32,
    now: Timestamp,
) -> Stored<Room> {
    for (key, _) in keys {
        hold(tx, realm, key, now)?;
    }
    for (key, limit) in keys {
        let room = room(tx, realm, key, *limit, now)?;
        if room != Room::Left {
            return Ok(room);
        }
    }
    let weight = i32::try_from(weight).unwrap_or(i32::MAX);
    for (key, limit) in keys {
        add(tx, realm, (key, *limit), weight, now)?;
    }
    Ok(Room::Left)
}

/// Counts `weight` more under a key; begins a new window when the last one is over or has nothing.
fn add(
    tx: &mut DbConnection,
    realm: &RealmName,
    (key, limit): (&str, Limit),
    weight: i32,
    now: Timestamp,
) -> Stored<()> {
    let begun_before = (now - limit.window).as_unix();
    let by_another_clock = (now + limit.window).as_unix();
    let restarted = diesel::update(limits::table.find((realm.as_str(), key)))
        .filter(
            limits::window_started_at
                .le(begun_before)
                .or(limits::window_started_at.gt(by_another_clock))
                .or(limits::count.eq(0)),
        )
        .set((
            limits::window_started_at.eq(now.as_unix()),
            limits::count.eq(weight),
        ))
        .execute(tx)?;
    if restarted > 0 {
        return Ok(());
    }
    let row = (
        limits::realm.eq(realm.as_str()),
        limits::key.eq(key),
        limits::window_started_at.eq(now.as_unix()),
        limits::count.eq(weight),
    );
    macro_rules! upsert {
        ($connection:expr) => {
            diesel::insert_into(limits::table)
                .values(row)
                .on_conflict((limits::realm, limits::key))
                .do_update()
                .set(limits::count.eq(limits::count + weight))
                .execute($connection)
        };
    }
    match tx {
        DbConnection::Postgres(connection) => upsert!(connection),
        DbConnection::Sqlite(connection) => upsert!(connection),
    }?;
    Ok(())
}

/// Takes one back of what was counted: it was no failure after all.
pub(crate) fn give_back(tx: &mut DbConnection, realm: &RealmName, key: &str) -> Stored<()> {
    diesel::update(limits::table.find((realm.as_str(), key)))
        .filter(limits::count.gt(0))
        .set(limits::count.eq(limits::count - 1))
        .execute(tx)?;
    Ok(())
}

/// Forgets the failures of `key`: it succeeded.
pub(crate) fn clear(tx: &mut DbConnection, realm: &RealmName, key: &str) -> Stored<()> {
    diesel::delete(limits::table.find((realm.as_str(), key))).execute(tx)?;
    Ok(())
}
