//! Taking everything back that an app may do for a person, and forgetting the consent to it.
//!
//! There may be any number of grants, and others write meanwhile: each unit of work looks at [`STEP`] of them at most.
//! The consent goes with the last of them, so that what is granted on the way is taken back too.

use shared::realm::RealmName;
use shared::time::Timestamp;

use crate::store::{DbConnection, Store, StoreError, Stored, consents, granted};

/// The most grants that one unit of work looks at.
const STEP: usize = 1000;

/// Takes everything back that a person granted to a client. Goes on where whoever asked for it goes away.
///
/// # Errors
/// [`StoreError`]; then the consent stands, and perhaps some of the grants.
pub(super) async fn everything(
    store: &Store,
    realm: &RealmName,
    (sub, client_id): (String, String),
    now: Timestamp,
) -> Stored<()> {
    let (store, realm) = (store.clone(), realm.clone());
    let taking = tokio::spawn(async move {
        let mut at = Some(String::new());
        while let Some(after) = at {
            let (realm, sub, client_id) = (realm.clone(), sub.clone(), client_id.clone());
            let some =
                move |tx: &mut DbConnection| step(tx, &realm, (&sub, &client_id, &after), now);
            at = store.write(some).await?;
        }
        Ok(())
    });
    let stopped = |error| StoreError::Unavailable(format!("taking back stopped: {error}"));
    taking.await.map_err(stopped)?
}

/// Takes some grants back, those after `after`; after which to go on, where these were not the last.
fn step(
    tx: &mut DbConnection,
    realm: &RealmName,
    (sub, client_id, after): (&str, &str, &str),
    now: Timestamp,
) -> Stored<Option<String>> {
    let found = granted::some(tx, realm, (sub, client_id, after), STEP)?;
    let live = found.iter().filter(|grant| grant.revoked_at.is_none());
    let live: Vec<&str> = live.map(|grant| grant.grant_id.as_str()).collect();
    granted::revoke(tx, realm, &live, now)?;
    if found.len() < STEP {
        consents::delete(tx, realm, sub, client_id)?;
        return Ok(None);
    }
    Ok(found.into_iter().last().map(|grant| grant.grant_id))
}

#[cfg(test)]
mod tests;
