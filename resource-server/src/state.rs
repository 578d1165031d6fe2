//! What the handlers of one running resource server share: one `web::Data<AppState>`, no globals.

use std::sync::Arc;

use shared::observe::{HttpClient, Observer};
use shared::realm::{Addresses, RealmName};
use shared::recent::Recent;
use shared::store::Store;
use shared::time::Clocks;

use crate::access::policy::TokenPolicies;
use crate::access::{Issuers, Proofs, Remembered, SeededRealms};
use crate::config::IntrospectionConfig;
use crate::counts::Counts;

/// One resource server.
#[derive(Debug)]
pub(crate) struct AppState {
    /// Observes what this service receives and sends.
    pub(crate) observer: Arc<Observer>,
    /// For every back-channel call.
    pub(crate) http: HttpClient,
    /// The public addresses of the three services.
    pub(crate) addresses: Addresses,
    /// The realms' clocks.
    pub(crate) clocks: Clocks,
    /// People and photos.
    pub(crate) store: Store,
    /// How many there are of them.
    pub(crate) counts: Counts,
    /// What the issuers of the realms say of themselves, and their keys.
    pub(crate) issuers: Issuers,
    /// Tokens whose signatures were found right of late.
    pub(crate) verified: Recent<Remembered>,
    /// The nonces that are given to clients, and the `DPoP` proofs that were used.
    pub(crate) proofs: Proofs,
    /// What is demanded of access tokens.
    pub(crate) tokens: TokenPolicies,
    /// What is known of the realms by their seeds.
    pub(crate) seeded: SeededRealms,
    /// How this service authenticates to the auth server.
    pub(crate) introspection: IntrospectionConfig,
}

impl AppState {
    /// Whether only tokens that are bound to a key are accepted in `realm`: the policy says so, or nothing of this realm,
    /// all tokens of which are.
    pub(crate) fn demands_bound_tokens(&self, realm: &RealmName) -> bool {
        let told = self.tokens.realms.contains_key(realm);
        self.tokens.of(realm).dpop_required || (!told && self.seeded.bind_all(realm))
    }
}
