//! A realm of a running ecosystem: an isolated world, as a test suite holds it.
//!
//! May use the record's client. Everything in it has its own issuer (RFC 8414 §2), so that two realms
//! can have clients of the same name that never meet.

use shared::flow::ExchangeId;
use shared::realm::{Addresses, InvalidRealmName, RealmName};
use shared::time::{Clock, Clocks};

use crate::record::{ExchangeView, FlowSummary, FlowView, Knowledge, Record, RecordError};

/// Why a realm could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RealmError {
    /// The name cannot be a realm's.
    #[error(transparent)]
    Name(#[from] InvalidRealmName),
    /// There is a realm of this name already.
    #[error("there is a realm {0} already")]
    Taken(RealmName),
    /// The seed does not fit together.
    #[error("the seed: {0}")]
    Seed(#[from] shared::seed::SeedError),
    /// The auth server refused it.
    #[error("the auth server: {0}")]
    AuthServer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The resource server refused it.
    #[error("the resource server: {0}")]
    ResourceServer(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An isolated world: issuer, clients, people, keys, clock and flows of its own. Cheap to clone.
///
/// It does not keep its ecosystem running.
#[derive(Clone, Debug)]
pub struct Realm {
    name: RealmName,
    issuer: String,
    client_app: String,
    resource_server: String,
    clock: Clock,
    record: Record,
}

impl Realm {
    pub(crate) fn new(
        name: RealmName,
        addresses: &Addresses,
        clocks: &Clocks,
        record: Record,
    ) -> Self {
        Self {
            issuer: addresses.issuer(&name),
            client_app: addresses.client(&name),
            resource_server: addresses.resource(&name),
            clock: clocks.of(&name),
            record,
            name,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &RealmName {
        &self.name
    }

    /// Its issuer identifier (RFC 8414 §2): every endpoint of its auth server is below it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The base URL of the client app in this realm, without a trailing slash.
    #[must_use]
    pub fn client_app(&self) -> &str {
        &self.client_app
    }

    /// The base URL of the API in this realm, without a trailing slash: the audience of its access tokens.
    #[must_use]
    pub fn resource_server(&self) -> &str {
        &self.resource_server
    }

    /// Its clock: advance or pause it, and nobody else's time moves.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What was observed of exchange `id` (the `Exchange-Id` header of any answer in this realm): the request,
    /// the answer, and the checks behind it. Waits until the record has it, two seconds at most.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn exchange(&self, id: &ExchangeId) -> Result<ExchangeView, RecordError> {
        self.record.exchange(&self.client_app, id).await
    }

    /// The flows of this realm that the record holds, newest first.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn flows(&self) -> Result<Vec<FlowSummary>, RecordError> {
        Ok(self.record.flows(&self.client_app).await?.flows)
    }

    /// One flow with all its exchanges, in order.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn flow(&self, id: &ExchangeId) -> Result<FlowView, RecordError> {
        self.record.flow(&self.client_app, id).await
    }

    /// Who knows what in one flow: which party held which value, since which exchange, and whether that is as it
    /// should be.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn knowledge(&self, flow: &ExchangeId) -> Result<Knowledge, RecordError> {
        self.record.knowledge(&self.client_app, flow).await
    }
}
