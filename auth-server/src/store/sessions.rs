//! Login sessions of browsers (OpenID Connect Core §3.1.2.3). Only the digest of the cookie is stored.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::{Map, Value};
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::people::PersonRow;
use super::schema::{consents, people, sessions};
use super::{DbConnection, Stored, stored};

/// A login session as stored.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(crate) struct SessionRow {
    /// The realm.
    pub(crate) realm: String,
    /// Digest of the cookie's value.
    pub(crate) digest: String,
    /// Who signed in.
    pub(crate) sub: String,
    /// What the session is called in ID tokens (`sid`, OpenID Connect Front-Channel Logout §3).
    pub(crate) sid: String,
    /// When the person last proved who they are.
    pub(crate) auth_time: i64,
    /// When it began.
    pub(crate) created_at: i64,
    /// When it was last used.
    pub(crate) last_seen_at: i64,
    /// When it ends however much it is used.
    pub(crate) expires_at: i64,
    /// When the person signed out.
    pub(crate) ended_at: Option<i64>,
    /// How the person proved who they are: [`crate::person::SessionDetails`] as JSON. Beside that, as `clients`, those
    /// that were given something in it by grants that are gone: see [`clients_of`].
    pub(crate) details: String,
}

/// Stores a new session.
pub(crate) fn insert(tx: &mut DbConnection, row: &SessionRow) -> Stored<()> {
    diesel::insert_into(sessions::table)
        .values(row)
        .execute(tx)?;
    Ok(())
}

/// A live session, who signed in, and their consent to one client: its scope in all, and at each API.
pub(crate) type Found = (SessionRow, PersonRow, Option<(String, String)>);

/// The session of this cookie, unless it has ended or expired, with its person and what they consented to of this
/// client (none has an empty name): one statement, which finds all rows by their keys.
pub(crate) fn find_live(
    tx: &mut DbConnection,
    realm: &RealmName,
    (digest, client_id): (&str, &str),
    now: Timestamp,
) -> Stored<Option<Found>> {
    let person = people::realm
        .eq(sessions::realm)
        .and(people::sub.eq(sessions::sub));
    let consent = consents::realm
        .eq(sessions::realm)
        .and(consents::sub.eq(sessions::sub))
        .and(consents::client_id.eq(client_id.to_owned()));
    let session = sessions::table
        .inner_join(people::table.on(person))
        .left_join(consents::table.on(consent))
        .filter(sessions::realm.eq(realm.as_str()))
        .filter(sessions::digest.eq(digest))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.as_unix()))
        .select((
            sessions::all_columns,
            people::all_columns,
            (consents::scope, consents::scopes).nullable(),
        ));
    Ok(on_dialect!(tx, |connection| session.get_result(connection)).optional()?)
}

/// Notes that a session was used.
pub(crate) fn touch(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    now: Timestamp,
) -> Stored<()> {
    diesel::update(sessions::table.find((realm.as_str(), digest)))
        .set(sessions::last_seen_at.eq(now.as_unix()))
        .execute(tx)?;
    Ok(())
}

/// Ends a session; gives it back if it was live.
pub(crate) fn end(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    now: Timestamp,
) -> Stored<Option<SessionRow>> {
    Ok(
        diesel::update(sessions::table.find((realm.as_str(), digest)))
            .filter(sessions::ended_at.is_null())
            .set(sessions::ended_at.eq(Some(now.as_unix())))
            .returning(sessions::all_columns)
            .get_result(tx)
            .optional()?,
    )
}

/// The sessions that are stored under these digests and have not ended.
pub(crate) fn list_unended(
    tx: &mut DbConnection,
    realm: &RealmName,
    digests: &[String],
) -> Stored<Vec<SessionRow>> {
    Ok(sessions::table
        .filter(sessions::realm.eq(realm.as_str()))
        .filter(sessions::digest.eq_any(digests))
        .filter(sessions::ended_at.is_null())
        .load(tx)?)
}

/// The sessions of a person that have neither ended nor expired and were used after `used_after`, the latest first: all
/// of them, or as many as `most`.
pub(crate) fn list_live(
    tx: &mut DbConnection,
    realm: &RealmName,
    (sub, most): (&str, Option<usize>),
    (now, used_after): (Timestamp, Timestamp),
) -> Stored<Vec<SessionRow>> {
    let most = most.map_or(i64::MAX, |most| i64::try_from(most).unwrap_or(i64::MAX));
    Ok(sessions::table
        .filter(sessions::realm.eq(realm.as_str()))
        .filter(sessions::sub.eq(sub))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.as_unix()))
        .filter(sessions::last_seen_at.gt(used_after.as_unix()))
        .order((sessions::last_seen_at.desc(), sessions::sid))
        .limit(most)
        .load(tx)?)
}

/// The member of a session's details that names clients.
const CLIENTS: &str = "clients";

/// The clients that were given something in a session by grants that have expired and are deleted: when it ends, they
/// are told too.
///
/// # Errors
/// [`super::StoreError::Corrupt`].
pub(crate) fn clients_of(row: &SessionRow) -> Stored<BTreeSet<String>> {
    Ok(noted(&row.details)?.1)
}

/// Lets `next`, which is not stored yet, go on with the clients of `former`.
///
/// # Errors
/// [`super::StoreError::Corrupt`].
pub(crate) fn hand_clients_on(former: &SessionRow, next: &mut SessionRow) -> Stored<()> {
    let clients = clients_of(former)?;
    if !clients.is_empty() {
        let details = with_clients(&next.details, clients.iter())?;
        next.details = details.unwrap_or_else(|| next.details.clone());
    }
    Ok(())
}

/// Lets the live ones of these sessions, by `sid`, remember their clients.
///
/// # Errors
/// [`super::StoreError`].
pub(crate) fn remember_clients(
    tx: &mut DbConnection,
    realm: &RealmName,
    clients: &BTreeMap<String, BTreeSet<String>>,
    now: Timestamp,
) -> Stored<()> {
    for (sid, clients) in clients {
        for live in live_of(tx, realm, sid, now)? {
            if let Some(details) = with_clients(&live.details, clients.iter())? {
                diesel::update(sessions::table.find((realm.as_str(), live.digest)))
                    .filter(sessions::ended_at.is_null())
                    .set(sessions::details.eq(details))
                    .execute(tx)?;
            }
        }
    }
    Ok(())
}

/// As much of a session as remembers its clients.
#[derive(QueryableByName)]
#[diesel(table_name = sessions)]
struct Remembering {
    digest: String,
    details: String,
}

/// The live sessions of this name: one at most, as a rule. SQLite, which counts nothing of it, would rather go through
/// all sessions of the realm than by the index.
fn live_of(
    tx: &mut DbConnection,
    realm: &RealmName,
    sid: &str,
    now: Timestamp,
) -> Stored<Vec<Remembering>> {
    let table = match tx {
        DbConnection::Sqlite(_) => "sessions INDEXED BY sessions_sid",
        DbConnection::Postgres(_) => "sessions",
    };
    let live = format!(
        "SELECT digest, details FROM {table} \
         WHERE realm = $1 AND sid = $2 AND ended_at IS NULL AND expires_at > $3"
    );
    Ok(diesel::sql_query(live)
        .bind::<Text, _>(realm.as_str())
        .bind::<Text, _>(sid)
        .bind::<BigInt, _>(now.as_unix())
        .load(tx)?)
}

/// What is in a session's details, and the clients among it.
fn noted(details: &str) -> Stored<(Map<String, Value>, BTreeSet<String>)> {
    let all: Map<String, Value> = stored::read("sessions.details", details)?;
    let clients = all.get(CLIENTS).and_then(Value::as_array);
    let clients = clients.into_iter().flatten().filter_map(Value::as_str);
    let clients = clients.map(ToOwned::to_owned).collect();
    Ok((all, clients))
}

/// The details with more clients; `None` where all are there.
fn with_clients<'a>(
    details: &str,
    more: impl Iterator<Item = &'a String>,
) -> Stored<Option<String>> {
    let (mut all, mut clients) = noted(details)?;
    let before = clients.len();
    clients.extend(more.cloned());
    if clients.len() == before {
        return Ok(None);
    }
    all.insert(CLIENTS.to_owned(), Value::from_iter(clients));
    Ok(Some(stored::write(&all)))
}
