//! Login sessions of browsers (OpenID Connect Core §3.1.2.3). Only the digest of the cookie is stored.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::people::PersonRow;
use super::schema::{consents, people, sessions};
use super::{DbConnection, Stored};

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
    /// How the person proved who they are: [`crate::person::SessionDetails`] as JSON.
    pub(crate) details: String,
}

/// Stores a new session.
pub(crate) fn insert(tx: &mut DbConnection, row: &SessionRow) -> Stored<()> {
    diesel::insert_into(sessions::table)
        .values(row)
        .execute(tx)?;
    Ok(())
}

/// A live session, who signed in, and the scope of their consent to one client.
pub(crate) type Found = (SessionRow, PersonRow, Option<String>);

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
            consents::scope.nullable(),
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

/// The sessions of a person that have neither ended nor expired and were used after `used_after`, the latest first.
pub(crate) fn list_live(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
    (now, used_after): (Timestamp, Timestamp),
) -> Stored<Vec<SessionRow>> {
    Ok(sessions::table
        .filter(sessions::realm.eq(realm.as_str()))
        .filter(sessions::sub.eq(sub))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.as_unix()))
        .filter(sessions::last_seen_at.gt(used_after.as_unix()))
        .order((sessions::last_seen_at.desc(), sessions::sid))
        .load(tx)?)
}
