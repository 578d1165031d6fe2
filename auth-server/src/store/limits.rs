//! Limits on guesses, counted in fixed windows; shared by all processes, and still there after a restart.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::schema::limits;
use super::{DbConnection, Stored};

/// How many failures a key may have in how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Failures that are answered as usual.
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
    let row: Option<(i64, i32)> = limits::table
        .find((realm.as_str(), key))
        .select((limits::window_started_at, limits::count))
        .first(tx)
        .optional()?;
    Ok(row.map_or(Room::Left, |(started, count)| {
        judge((Timestamp::from_unix(started), count), limit, now)
    }))
}

fn judge((started, count): (Timestamp, i32), limit: Limit, now: Timestamp) -> Room {
    let left = (started + limit.window).seconds_since(now);
    let used = u32::try_from(count).unwrap_or(0);
    if left <= 0 || used < limit.attempts {
        return Room::Left;
    }
    Room::Exhausted {
        retry_after: Lifetime::from_seconds(u32::try_from(left).unwrap_or(u32::MAX)),
    }
}

/// Counts a failure of `key`; begins a new window when the last one is over.
pub(crate) fn count(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &str,
    limit: Limit,
    now: Timestamp,
) -> Stored<()> {
    let begun_before = (now - limit.window).as_unix();
    let restarted = diesel::update(limits::table.find((realm.as_str(), key)))
        .filter(limits::window_started_at.le(begun_before))
        .set((
            limits::window_started_at.eq(now.as_unix()),
            limits::count.eq(1),
        ))
        .execute(tx)?;
    if restarted > 0 {
        return Ok(());
    }
    let row = (
        limits::realm.eq(realm.as_str()),
        limits::key.eq(key),
        limits::window_started_at.eq(now.as_unix()),
        limits::count.eq(1),
    );
    macro_rules! upsert {
        ($connection:expr) => {
            diesel::insert_into(limits::table)
                .values(row)
                .on_conflict((limits::realm, limits::key))
                .do_update()
                .set(limits::count.eq(limits::count + 1))
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
