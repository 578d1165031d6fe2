//! What the handlers of one running client app share: one `web::Data<AppState>`, no globals.

use std::sync::Arc;

use shared::observe::{HttpClient, Observer};
use shared::realm::Addresses;
use shared::serve::{Cookies, Csrf, Shutdown};
use tokio::sync::Semaphore;

use crate::breaking::Breaking;
use crate::clients::ClientsConfig;
use crate::config::DemoConfig;
use crate::flow::{RunStore, RunsInBrowser};
use crate::keys::KeyCache;
use crate::logout::{Departures, SeenTokens};
use crate::provider::Registrations;
use crate::realms::KnownRealms;
use crate::record::FlowStore;
use crate::sign_in::{Accounts, Attempts, SignInConfig};
use crate::signing::SigningKey;

/// One client app.
#[derive(Debug)]
pub(crate) struct AppState {
    /// Observes what this service receives and sends.
    pub(crate) observer: Arc<Observer>,
    /// For every back-channel call.
    pub(crate) http: HttpClient,
    /// The public addresses of the three services.
    pub(crate) addresses: Addresses,
    /// The grants that are being run by people at this moment.
    pub(crate) runs: RunStore,
    /// Whose are the runs that ended in a browser.
    pub(crate) runs_in_browser: RunsInBrowser,
    /// As which clients it is registered.
    pub(crate) clients: ClientsConfig,
    /// Whom the start page introduces.
    pub(crate) demo: DemoConfig,
    /// Browsers that are away to sign out.
    pub(crate) departures: Departures,
    /// Which logout tokens came already.
    pub(crate) seen_logout_tokens: SeenTokens,
    /// The key by which it signs.
    pub(crate) signing: SigningKey,
    /// The issuer's published keys.
    pub(crate) keys: KeyCache,
    /// With whom people may sign in.
    pub(crate) sign_in: SignInConfig,
    /// Sign-ins whose browser is away.
    pub(crate) attempts: Attempts,
    /// Who is signed in.
    pub(crate) accounts: Accounts,
    /// Clients that were registered from our page.
    pub(crate) registrations: Registrations,
    /// The realms that were found to exist.
    pub(crate) realms: KnownRealms,
    /// What happened.
    pub(crate) record: Arc<FlowStore>,
    /// The flows that are broken on purpose.
    pub(crate) breaking: Breaking,
    /// How many more live streams may be opened.
    pub(crate) streams: Arc<Semaphore>,
    /// Makes and checks the tokens of forms, and tells our own pages from others.
    pub(crate) csrf: Csrf,
    /// Ends the live streams.
    pub(crate) stop: Shutdown,
}

impl AppState {
    /// The cookies of this service.
    pub(crate) fn cookies(&self) -> Cookies {
        Cookies::of(&self.addresses.client_app)
    }
}
