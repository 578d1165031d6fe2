//! Limits on guesses at a client's secret (RFC 6749 §2.3.1).
//!
//! May use the store. Wrong secrets are counted for each client and address. An address is no person: where the
//! client itself lives at an address from which somebody guesses, its right secret is believed all the same. That
//! is so on loopback, which everybody on this machine shares, and where it proved itself before.

use std::net::IpAddr;

use shared::time::Lifetime;

use super::Client;
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::limits::{self, Limit, Room};
use crate::store::{DbConnection, StoreError, Stored, known_places};

/// How long a client that proved itself is at home at an address.
const AT_HOME: Lifetime = Lifetime::from_minutes(7 * 24 * 60);

/// Wrong secrets for one client from one address. All unknown clients of an address share one count, so that
/// strangers cannot fill the store.
pub(super) struct Guesses<'a> {
    state: &'a AppState,
    realm: &'a Realm,
    key: String,
    limit: Limit,
    shared: bool,
}

impl<'a> Guesses<'a> {
    pub(super) fn new(
        state: &'a AppState,
        realm: &'a Realm,
        client: Option<&Client>,
        address: IpAddr,
    ) -> Self {
        let name = client.map_or("", |client| client.id.as_str());
        Self {
            state,
            realm,
            key: format!("client-secret {address} {name}"),
            limit: Limit {
                attempts: state.limits.client_secret,
                window: state.limits.window,
            },
            shared: address.to_canonical().is_loopback(),
        }
    }

    /// Whether these credentials may be believed, if they are `right`; wrong ones are counted. Whether there is room
    /// and that it was used is one unit of work, so that many at once are as few as many one after another. The count
    /// is the store's, so that it is the same for all processes and after a restart; whoever proved themselves here a
    /// short time ago need not be looked up.
    pub(super) async fn allow(&self, right: bool) -> Stored<bool> {
        let (realm, key) = (self.realm.name.clone(), self.key.clone());
        let now = self.realm.now();
        if right {
            if self.shared || self.state.guessed.is_known(&realm, &key) {
                return Ok(true);
            }
            let look = move |tx: &mut DbConnection| known_places::is_known(tx, &realm, &key, now);
            if self.state.store.look_up(look).await? {
                return Ok(true);
            }
        }
        let (realm, key, limit) = (self.realm.name.clone(), self.key.clone(), self.limit);
        let judge = move |tx: &mut DbConnection| {
            limits::hold(tx, &realm, &key, now)?;
            let room = limits::room(tx, &realm, &key, limit, now)?;
            if !right {
                limits::count(tx, &realm, &key, limit, now)?;
            }
            Ok::<_, StoreError>(room == Room::Left)
        };
        self.state.store.write(judge).await
    }

    /// Remembers that the client is at home at this address: here, and for all processes.
    pub(super) async fn succeeded(&self) {
        let (realm, key) = (self.realm.name.clone(), self.key.clone());
        if self.shared || self.state.guessed.is_known(&realm, &key) {
            return;
        }
        let at_home = self.realm.now() + AT_HOME;
        let note = move |tx: &mut DbConnection| known_places::know(tx, &realm, &key, at_home);
        match Box::pin(self.state.store.write(note)).await {
            Ok(()) => self.state.guessed.know(&self.realm.name, &self.key),
            // It is who it is all the same.
            Err(error) => tracing::warn!(%error, "where a client is at home was not noted"),
        }
    }
}
