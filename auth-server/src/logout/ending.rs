//! Ending a session, and what ends with it (OpenID Connect Back-Channel Logout 1.0 §2.7).
//!
//! May use the store. Grants with `offline_access` outlive the session: the person allowed just that. All others
//! of the session end, so that their refresh tokens stop working.

use shared::oauth::Scope;
use shared::realm::RealmName;
use shared::time::Timestamp;

use crate::authorization::OFFLINE_ACCESS;
use crate::store::sessions::{self, SessionRow};
use crate::store::{DbConnection, StoreError, Stored, grants};

/// A session that has just ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// What it is called in ID tokens.
    pub(crate) sid: String,
    /// Who was signed in.
    pub(crate) sub: String,
    /// The clients that were given something in it.
    pub(crate) clients: Vec<String>,
}

/// Ends the session that is stored under `digest`; `None` when it had ended before.
pub(crate) fn end(
    tx: &mut DbConnection,
    realm: &RealmName,
    digest: &str,
    now: Timestamp,
) -> Stored<Option<Ended>> {
    let row = sessions::end(tx, realm, digest, now)?;
    row.map(|row| after(tx, realm, row, now)).transpose()
}

/// Ends the session that is stored under `digest`, since another is begun in its browser. Where that one goes on
/// under the same `sid`, because the same person signed in again, nothing else ends.
pub(crate) fn replace(
    tx: &mut DbConnection,
    realm: &RealmName,
    (digest, sid): (&str, &str),
    now: Timestamp,
) -> Stored<Option<Ended>> {
    match sessions::end(tx, realm, digest, now)? {
        Some(row) if row.sid != sid => after(tx, realm, row, now).map(Some),
        _ => Ok(None),
    }
}

/// What a session that ended leaves behind.
fn after(
    tx: &mut DbConnection,
    realm: &RealmName,
    row: SessionRow,
    now: Timestamp,
) -> Stored<Ended> {
    let session = (row.sub.as_str(), row.sid.as_str());
    let clients = grants::clients_of_session(tx, realm, session)?;
    for (grant_id, scope) in grants::of_session(tx, realm, session)? {
        let scope: Scope = scope
            .parse()
            .map_err(|error| StoreError::corrupt("grants.scope", error))?;
        if !scope.contains(OFFLINE_ACCESS) {
            grants::revoke(tx, realm, &grant_id, now)?;
        }
    }
    Ok(Ended {
        sid: row.sid,
        sub: row.sub,
        clients,
    })
}
