//! Limits on guesses at a client's secret (RFC 6749 §2.3.1).
//!
//! May use the store. Wrong secrets are counted for each client and address. An address is no person: where the
//! client itself lives at an address from which somebody guesses, its right secret is believed all the same. That
//! is so on loopback, which everybody on this machine shares, and where it proved itself before.

use std::net::IpAddr;

use super::Client;
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::Stored;
use crate::store::limits::{self, Limit, Room};

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

    /// Whether these credentials may be believed, if they are `right`.
    pub(super) async fn allow(&self, right: bool) -> Stored<bool> {
        let guessed = &self.state.guessed;
        if !guessed.may_hold(&self.realm.name, &self.key) {
            return Ok(true);
        }
        let (realm, key, limit) = (self.realm.name.clone(), self.key.clone(), self.limit);
        if right && (self.shared || guessed.is_known(&realm, &key)) {
            return Ok(true);
        }
        let now = self.realm.now();
        let store = &self.state.store;
        let room = store.look_up(move |tx| limits::room(tx, &realm, &key, limit, now));
        Ok(room.await? == Room::Left)
    }

    /// Remembers that the client is at home at this address.
    pub(super) fn succeeded(&self) {
        if !self.shared {
            self.state.guessed.know(&self.realm.name, &self.key);
        }
    }

    /// Counts a wrong one.
    pub(super) async fn count(&self) -> Stored<()> {
        let (realm, key, limit) = (self.realm.name.clone(), self.key.clone(), self.limit);
        let now = self.realm.now();
        self.state.guessed.add(&realm, &key);
        let store = &self.state.store;
        store
            .write(move |tx| limits::count(tx, &realm, &key, limit, now))
            .await
    }
}
