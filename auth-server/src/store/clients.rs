//! Registered clients (RFC 6749 §2), as stored. [`crate::client::Client`] is what they mean.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::clients;
use super::{DbConnection, Stored};

/// A client as stored. Lists are JSON arrays; sets of tokens are joined by spaces, as on the wire.
#[derive(Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct ClientRow {
    /// The realm.
    pub(crate) realm: String,
    /// RFC 6749 §2.2.
    pub(crate) client_id: String,
    /// For people to read.
    pub(crate) name: String,
    /// For people to read: what it does.
    pub(crate) description: String,
    /// `confidential` or `public` (RFC 6749 §2.1).
    pub(crate) kind: String,
    /// Digest of the secret of a confidential client.
    pub(crate) secret_digest: Option<String>,
    /// Methods of client authentication, joined by spaces (RFC 7591 §2).
    pub(crate) auth_methods: String,
    /// JSON array of redirection URIs.
    pub(crate) redirect_uris: String,
    /// JSON array of URIs where a browser may go after signing out.
    pub(crate) post_logout_redirect_uris: String,
    /// Grant types, joined by spaces.
    pub(crate) grant_types: String,
    /// Response types, as a JSON array: one may contain spaces (`code id_token`).
    pub(crate) response_types: String,
    /// The most that it may ask for, joined by spaces.
    pub(crate) scope: String,
    /// JSON array of origins whose scripts may call the server for it.
    pub(crate) allowed_origins: String,
    /// Whether it belongs to the provider, so that nobody is asked for consent.
    pub(crate) first_party: bool,
    /// Whether it is a resource server, which may ask about tokens meant for the realm's API.
    pub(crate) may_introspect: bool,
    /// Policy over the realm's, as JSON.
    pub(crate) policy: String,
    /// When it was registered.
    pub(crate) created_at: i64,
    /// When this row changed last. Of a client that registered itself: until when it is in use, as far as that is noted,
    /// which is when it was used last or, where that is later, when what people granted it ends.
    pub(crate) updated_at: i64,
    /// Registration metadata (RFC 7591 §2), as JSON.
    pub(crate) metadata: String,
    /// The secret itself, where the client proves it by a MAC: a digest cannot verify one.
    pub(crate) mac_secret: Option<String>,
    /// Digest of the registration access token (RFC 7592 §3) of a client that registered itself.
    pub(crate) registration_digest: Option<String>,
}

impl std::fmt::Debug for ClientRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientRow")
            .field("realm", &self.realm)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Stores a new client.
pub(crate) fn insert(tx: &mut DbConnection, row: &ClientRow) -> Stored<()> {
    diesel::insert_into(clients::table)
        .values(row)
        .execute(tx)?;
    Ok(())
}

/// Replaces a client by `row`, which has the same realm and identifier.
pub(crate) fn update(tx: &mut DbConnection, row: &ClientRow) -> Stored<()> {
    diesel::update(clients::table.find((&row.realm, &row.client_id)))
        .set(row)
        .execute(tx)?;
    Ok(())
}

/// The client with this identifier.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    client_id: &str,
) -> Stored<Option<ClientRow>> {
    // A text of PostgreSQL holds no NUL, so there is none such.
    if client_id.contains('\0') {
        return Ok(None);
    }
    let client = clients::table.find((realm.as_str(), client_id));
    Ok(on_dialect!(tx, |connection| client.get_result(connection)).optional()?)
}

/// Whether there is a client with this identifier.
pub(crate) fn contains(tx: &mut DbConnection, realm: &RealmName, client_id: &str) -> Stored<bool> {
    let client = clients::table.find((realm.as_str(), client_id));
    let id = client.select(clients::client_id);
    let found: Option<String> =
        on_dialect!(tx, |connection| id.get_result(connection)).optional()?;
    Ok(found.is_some())
}

/// Those of these clients that there are.
pub(crate) fn list_these(
    tx: &mut DbConnection,
    realm: &RealmName,
    ids: &[&String],
) -> Stored<Vec<ClientRow>> {
    Ok(clients::table
        .filter(clients::realm.eq(realm.as_str()))
        .filter(clients::client_id.eq_any(ids))
        .load(tx)?)
}

/// All clients of a realm, by identifier.
pub(crate) fn list(tx: &mut DbConnection, realm: &RealmName) -> Stored<Vec<ClientRow>> {
    Ok(clients::table
        .filter(clients::realm.eq(realm.as_str()))
        .order(clients::client_id)
        .load(tx)?)
}

/// Removes a client.
pub(crate) fn delete(tx: &mut DbConnection, realm: &RealmName, client_id: &str) -> Stored<()> {
    diesel::delete(clients::table.find((realm.as_str(), client_id))).execute(tx)?;
    Ok(())
}

/// Notes that a client that registered itself is in use until `until`, unless it is so for longer.
pub(crate) fn keep(
    tx: &mut DbConnection,
    realm: &RealmName,
    client_id: &str,
    until: Timestamp,
) -> Stored<()> {
    diesel::update(clients::table.find((realm.as_str(), client_id)))
        .filter(clients::registration_digest.is_not_null())
        .filter(clients::updated_at.lt(until.as_unix()))
        .set(clients::updated_at.eq(until.as_unix()))
        .execute(tx)?;
    Ok(())
}

/// How many clients of a realm have registered themselves.
pub(crate) fn count_registered(tx: &mut DbConnection, realm: &RealmName) -> Stored<i64> {
    Ok(clients::table
        .filter(clients::realm.eq(realm.as_str()))
        .filter(clients::registration_digest.is_not_null())
        .count()
        .get_result(tx)?)
}

/// Forgets clients that registered themselves and have not been in use since `before`; how many. Looks at clients
/// alone: while a grant lasts, its client is in use.
pub(crate) fn forget_unused(
    tx: &mut DbConnection,
    realm: &RealmName,
    before: Timestamp,
) -> Stored<usize> {
    Ok(diesel::delete(clients::table)
        .filter(clients::realm.eq(realm.as_str()))
        .filter(clients::registration_digest.is_not_null())
        .filter(clients::updated_at.lt(before.as_unix()))
        .execute(tx)?)
}
