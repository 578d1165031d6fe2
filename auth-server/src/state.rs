//! What the handlers of one running auth server share: one `web::Data<AppState>`, no globals.

use std::sync::Arc;

use shared::observe::Observer;
use shared::realm::{Addresses, RealmName};
use shared::serve::Shutdown;

use crate::client::keys::ClientKeys;
use crate::client::{Client, Guessed};
use crate::config::LimitsConfig;
use crate::demo::Demo;
use crate::endpoint::logo::Logos;
use crate::meter::Meter;
use crate::outbound::Outbound;
use crate::password::Passwords;
use crate::person::Lines;
use crate::realms::{Realm, RealmError, Realms};
use crate::store::{Store, StoreError};

/// One auth server.
#[derive(Clone, Debug)]
pub(crate) struct AppState {
    /// Observes what this service receives.
    pub(crate) observer: Arc<Observer>,
    /// The public addresses of the three services.
    pub(crate) addresses: Addresses,
    /// Where everything is kept.
    pub(crate) store: Store,
    /// The realms, their keys and clients.
    pub(crate) realms: Realms,
    /// Hashes passwords.
    pub(crate) passwords: Passwords,
    /// Who waits for others to be decided before their own password is looked at.
    pub(crate) lines: Lines,
    /// How often may be guessed, and how much sent.
    pub(crate) limits: LimitsConfig,
    /// Which clients proved themselves of late, and from where.
    pub(crate) guessed: Guessed,
    /// Calls URLs that clients give.
    pub(crate) outbound: Outbound,
    /// The public keys of clients.
    pub(crate) client_keys: ClientKeys,
    /// Pictures of clients.
    pub(crate) logos: Logos,
    /// Whom the demo knows, for pages to print.
    pub(crate) demo: Demo,
    /// What is counted besides requests.
    pub(crate) meter: Meter,
    /// When it is time to stop.
    pub(crate) stop: Shutdown,
}

impl AppState {
    /// The realm of this name.
    ///
    /// # Errors
    /// [`RealmError::Unknown`] where there is none.
    pub(crate) async fn realm(&self, name: &RealmName) -> Result<Arc<Realm>, RealmError> {
        self.realms.find(name).await
    }

    /// The client of this id in a realm: a moment old at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn client(
        &self,
        realm: &Realm,
        client_id: &str,
    ) -> Result<Option<Arc<Client>>, StoreError> {
        let place = (&realm.name, &realm.policy);
        self.realms
            .clients()
            .find(&self.store, place, client_id)
            .await
    }
}
