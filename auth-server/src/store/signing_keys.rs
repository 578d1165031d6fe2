//! The keys that tokens are signed with, and their lives: announced, active, retired, gone.
//!
//! A key's state follows from its moments and the realm's clock, so every process that shares the store
//! agrees on it without telling the others.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::signing_keys;
use super::{DbConnection, Stored, realms};

/// A signing key as it is stored.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub(crate) struct SigningKeyRow {
    /// The realm whose tokens it signs.
    pub(crate) realm: String,
    /// Its RFC 7638 thumbprint.
    pub(crate) kid: String,
    /// `ES256` or `RS256` (RFC 7518 §3.1).
    pub(crate) algorithm: String,
    /// The private key, PKCS#8 PEM.
    pub(crate) private_key_pem: String,
    /// Published since.
    pub(crate) announced_at: i64,
    /// Signs from this moment on.
    pub(crate) active_from: i64,
    /// Signs no more from this moment on.
    pub(crate) retired_at: Option<i64>,
    /// Verifies nothing from this moment on: the last token signed with it has expired.
    pub(crate) gone_at: Option<i64>,
}

impl std::fmt::Debug for SigningKeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeyRow")
            .field("realm", &self.realm)
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Stores a new key.
pub(crate) fn insert(tx: &mut DbConnection, row: &SigningKeyRow) -> Stored<()> {
    diesel::insert_into(signing_keys::table)
        .values(row)
        .execute(tx)?;
    Ok(())
}

/// Stores the first key of its algorithm, unless there is one that has no end: of several processes that make one
/// at once, one does.
pub(crate) fn insert_first(
    tx: &mut DbConnection,
    realm: &RealmName,
    row: &SigningKeyRow,
) -> Stored<()> {
    realms::hold(tx, realm)?;
    let known: i64 = signing_keys::table
        .filter(signing_keys::realm.eq(realm.as_str()))
        .filter(signing_keys::algorithm.eq(&row.algorithm))
        .filter(signing_keys::retired_at.is_null())
        .count()
        .get_result(tx)?;
    if known == 0 {
        insert(tx, row)?;
    }
    Ok(())
}

/// The keys of a realm that are not gone, the newest first.
pub(crate) fn list(
    tx: &mut DbConnection,
    realm: &RealmName,
    now: Timestamp,
) -> Stored<Vec<SigningKeyRow>> {
    Ok(signing_keys::table
        .filter(signing_keys::realm.eq(realm.as_str()))
        .filter(
            signing_keys::gone_at
                .is_null()
                .or(signing_keys::gone_at.gt(now.as_unix())),
        )
        .order((
            signing_keys::active_from.desc(),
            signing_keys::announced_at.desc(),
            signing_keys::kid,
        ))
        .load(tx)?)
}

/// Lets every key of `algorithm` that has no end yet retire at `retired_at` and be gone at `gone_at`.
pub(crate) fn retire(
    tx: &mut DbConnection,
    realm: &RealmName,
    algorithm: &str,
    (retired_at, gone_at): (Timestamp, Timestamp),
) -> Stored<usize> {
    Ok(diesel::update(signing_keys::table)
        .filter(signing_keys::realm.eq(realm.as_str()))
        .filter(signing_keys::algorithm.eq(algorithm))
        .filter(signing_keys::retired_at.is_null())
        .set((
            signing_keys::retired_at.eq(Some(retired_at.as_unix())),
            signing_keys::gone_at.eq(Some(gone_at.as_unix())),
        ))
        .execute(tx)?)
}
