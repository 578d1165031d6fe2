//! Clients kept in memory for a moment, so that a token request need not read the one it already knows.
//!
//! Staleness is bounded: a change that another process made is seen after [`STALENESS`] at the latest; one
//! that this process made, at once. Unknown clients are not kept, so strangers cannot fill the memory.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use shared::realm::RealmName;
use shared::time::Timestamp;

use super::{Client, PolicyDefaults};
use crate::store::{Store, StoreError, clients};

/// How old what is kept may be.
pub(crate) const STALENESS: Duration = Duration::from_secs(2);

/// The most clients that are kept; beyond it all are forgotten, and read again as they come.
const MOST: usize = 10_000;

/// The clients of all realms, as far as they are in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients(Arc<RwLock<HashMap<RealmName, Known>>>);

/// The clients of one realm that are in memory, and when they were read.
type Known = HashMap<String, (Instant, Arc<Client>)>;

impl Clients {
    /// The client of this id: from memory, else from the store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn find(
        &self,
        store: &Store,
        (realm, policy): (&RealmName, &PolicyDefaults),
        client_id: &str,
    ) -> Result<Option<Arc<Client>>, StoreError> {
        match self.remembered(realm, client_id) {
            Some(client) => Ok(Some(client)),
            None => Box::pin(self.reload(store, (realm, policy), client_id)).await,
        }
    }

    /// The client as it is kept in memory.
    pub(crate) fn remembered(&self, realm: &RealmName, client_id: &str) -> Option<Arc<Client>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (read_at, client) = all.get(realm)?.get(client_id)?;
        (read_at.elapsed() < STALENESS).then(|| Arc::clone(client))
    }

    /// The client of this id, from the store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn reload(
        &self,
        store: &Store,
        (realm, policy): (&RealmName, &PolicyDefaults),
        client_id: &str,
    ) -> Result<Option<Arc<Client>>, StoreError> {
        let (name, id) = (realm.clone(), client_id.to_owned());
        let read_at = Instant::now();
        let row = store
            .look_up(move |tx| clients::find(tx, &name, &id))
            .await?;
        let Some(row) = row else { return Ok(None) };
        let client = Arc::new(Client::from_row(&row, policy)?);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(realm.clone()).or_default();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(client_id.to_owned(), (read_at, Arc::clone(&client)));
        Ok(Some(client))
    }

    /// Notes that a client that registered itself is in use, where it is kept in memory: until it is read again nobody
    /// else need write that down.
    pub(crate) fn in_use(&self, realm: &RealmName, client: &Client, now: Timestamp) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = all.get_mut(realm);
        if let Some((_, kept)) = known.and_then(|known| known.get_mut(client.id.as_str())) {
            let noted = kept.self_registered;
            Arc::make_mut(kept).self_registered = noted.map(|noted| noted.max(now));
        }
    }

    /// Forgets the clients of a realm: they changed.
    pub(crate) fn forget(&self, realm: &RealmName) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(realm);
    }
}
