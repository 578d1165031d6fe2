//! Grants: one authorization by a person (or by a client for itself), and all tokens that come from it.
//!
//! Revoking a grant kills every token of it at once: introspection, userinfo and refresh ask here.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::{clients, grants, people, revoked_tokens};
use super::{DbConnection, Stored};

/// A grant as stored.
#[derive(Clone, Debug, Queryable, QueryableByName, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub(crate) struct GrantRow {
    /// The realm.
    pub(crate) realm: String,
    /// Its random name: the claim `gid` of access tokens.
    pub(crate) grant_id: String,
    /// Who granted; absent when a client acts for itself.
    pub(crate) sub: Option<String>,
    /// To which client.
    pub(crate) client_id: String,
    /// By which grant: what people are shown as legacy depends on it.
    pub(crate) grant_type: String,
    /// The scope that was granted, joined by spaces.
    pub(crate) scope: String,
    /// The login session in which it was granted.
    pub(crate) sid: Option<String>,
    /// When the person had last proved who they are.
    pub(crate) auth_time: Option<i64>,
    /// `nonce` of the authorization request (OpenID Connect Core §3.1.2.1).
    pub(crate) nonce: Option<String>,
    /// When it was granted.
    pub(crate) created_at: i64,
    /// When it was taken back.
    pub(crate) revoked_at: Option<i64>,
    /// When the last token of it will have expired.
    pub(crate) expires_at: i64,
    /// What was granted besides: [`crate::issue::GrantDetails`] as JSON.
    pub(crate) details: String,
}

impl GrantRow {
    /// Whether tokens of this grant may live at `now`.
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        is_alive((self.revoked_at, self.expires_at), now)
    }
}

/// Whether tokens of a grant may live at `now`, by when it was taken back and until when it lasts.
fn is_alive((revoked_at, expires_at): (Option<i64>, i64), now: Timestamp) -> bool {
    revoked_at.is_none() && expires_at > now.as_unix()
}

/// What is known beside an access token: of its grant, of itself, and of whom it speaks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// When its grant was taken back, and until when it lasts; `None` where there is no grant.
    pub(crate) grant: Option<(Option<i64>, i64)>,
    /// Whether its client is still registered: nothing of one that was removed may be used.
    pub(crate) registered: bool,
    /// Whether the token itself is on the deny-list.
    pub(crate) denied: bool,
    /// The name with which the person signs in that it speaks for.
    pub(crate) username: Option<String>,
}

impl Standing {
    /// Whether tokens of the grant may live at `now`, and its client is there.
    pub(crate) fn is_granted(&self, now: Timestamp) -> bool {
        self.registered && self.grant.is_some_and(|grant| is_alive(grant, now))
    }
}

/// When a grant was revoked and when it ends, its client, the `jti` if it is denied, the name of the person.
type Found = (
    Option<i64>,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// How a token of this grant stands, by its `jti` and `sub`: one statement, which finds all four rows by their keys.
pub(crate) fn standing(
    tx: &mut DbConnection,
    realm: &RealmName,
    (grant_id, jti, sub): (&str, &str, &str),
) -> Stored<Standing> {
    let client = clients::realm
        .eq(grants::realm)
        .and(clients::client_id.eq(grants::client_id));
    let denied = revoked_tokens::realm
        .eq(grants::realm)
        .and(revoked_tokens::jti.eq(jti.to_owned()));
    let person = people::realm
        .eq(grants::realm)
        .and(people::sub.eq(sub.to_owned()));
    let standing = grants::table
        .left_join(clients::table.on(client))
        .left_join(revoked_tokens::table.on(denied))
        .left_join(people::table.on(person))
        .filter(grants::realm.eq(realm.as_str()))
        .filter(grants::grant_id.eq(grant_id))
        .select((
            grants::revoked_at,
            grants::expires_at,
            clients::client_id.nullable(),
            revoked_tokens::jti.nullable(),
            people::username.nullable(),
        ));
    let found: Option<Found> =
        on_dialect!(tx, |connection| standing.get_result(connection)).optional()?;
    let standing = found.map(
        |(revoked_at, expires_at, client, denied, username)| Standing {
            grant: Some((revoked_at, expires_at)),
            registered: client.is_some(),
            denied: denied.is_some(),
            username,
        },
    );
    Ok(standing.unwrap_or_default())
}

/// Stores a new grant.
pub(crate) fn insert(tx: &mut DbConnection, row: &GrantRow) -> Stored<()> {
    on_dialect!(tx, |connection| diesel::insert_into(grants::table)
        .values(row)
        .execute(connection))?;
    Ok(())
}

/// The grant of this name, alive or not.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    grant_id: &str,
) -> Stored<Option<GrantRow>> {
    let grant = grants::table.find((realm.as_str(), grant_id));
    Ok(on_dialect!(tx, |connection| grant.get_result(connection)).optional()?)
}

/// Lets a live grant last at least until `expires_at`; whether it is alive. On PostgreSQL this also locks the
/// row, so that a grant cannot be revoked between this and the commit that issues its tokens.
pub(crate) fn extend(
    tx: &mut DbConnection,
    realm: &RealmName,
    grant_id: &str,
    expires_at: Timestamp,
) -> Stored<bool> {
    let wanted = expires_at.as_unix();
    let grant = grants::table.find((realm.as_str(), grant_id));
    let extended = on_dialect!(tx, |connection| diesel::update(grant)
        .filter(grants::revoked_at.is_null())
        .filter(grants::expires_at.lt(wanted))
        .set(grants::expires_at.eq(wanted))
        .execute(connection))?;
    if extended > 0 {
        return Ok(true);
    }
    // It lasts as long already, or is not alive: nothing need be written.
    let alive = grant.filter(grants::revoked_at.is_null());
    let alive = alive.select(grants::grant_id);
    let found: Option<String> = match tx {
        DbConnection::Postgres(connection) => alive.for_no_key_update().get_result(connection),
        DbConnection::Sqlite(connection) => alive.get_result(connection),
    }
    .optional()?;
    Ok(found.is_some())
}

/// Writes what was granted besides scope: [`crate::issue::GrantDetails`] as JSON.
pub(crate) fn set_details(
    tx: &mut DbConnection,
    realm: &RealmName,
    grant_id: &str,
    details: &str,
) -> Stored<()> {
    diesel::update(grants::table.find((realm.as_str(), grant_id)))
        .set(grants::details.eq(details))
        .execute(tx)?;
    Ok(())
}

/// Revokes a grant; whether it was alive before.
pub(crate) fn revoke(
    tx: &mut DbConnection,
    realm: &RealmName,
    grant_id: &str,
    now: Timestamp,
) -> Stored<bool> {
    let revoked = diesel::update(grants::table.find((realm.as_str(), grant_id)))
        .filter(grants::revoked_at.is_null())
        .set(grants::revoked_at.eq(Some(now.as_unix())))
        .execute(tx)?;
    Ok(revoked > 0)
}
