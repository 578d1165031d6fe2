//! A realm of a running ecosystem: an isolated world, as a test suite holds it.
//!
//! May use the record's client. Everything in it has its own issuer (RFC 8414 §2), so that two realms
//! can have clients of the same name that never meet.

use std::time::Duration;

use shared::control::{Breakpoint, BreakpointError, Controls, DecideError, Decision, Mode, Paused};
use shared::flow::{ExchangeId, Party};
use shared::realm::{Addresses, InvalidRealmName, RealmName};
use shared::time::{Clock, Clocks};

use crate::record::{
    Comparison, ExchangeView, FlowSummary, FlowView, Knowledge, Record, RecordError,
};

/// How long is waited for a request to come to a breakpoint.
const PATIENCE: Duration = Duration::from_secs(2);

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
    controls: Controls,
    record: Record,
}

impl Realm {
    pub(crate) fn new(
        name: RealmName,
        addresses: &Addresses,
        clocks: &Clocks,
        controls: &Controls,
        record: Record,
    ) -> Self {
        Self {
            issuer: addresses.issuer(&name),
            client_app: addresses.client(&name),
            resource_server: addresses.resource(&name),
            clock: clocks.of(&name),
            controls: controls.clone(),
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

    /// Lets requests of `method` (`*` for each) on `path` of `service` wait from now on: in this realm, and for
    /// whoever sends them.
    ///
    /// ```no_run
    /// # async fn example(realm: ecosystem::Realm) -> Result<(), Box<dyn std::error::Error>> {
    /// use shared::control::Decision;
    /// use shared::flow::Party;
    ///
    /// realm.pause_at(Party::AuthServer, "POST", "/token")?;
    /// // … the client under test asks for a token, and waits …
    /// let paused = realm.next_paused().await.ok_or("nothing came")?;
    /// let verifier = paused.parameter("code_verifier").ok_or("no PKCE")?;
    /// let edits = vec![verifier.set("another one")];
    /// realm.decide(&paused, Decision::Change { edits })?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`BreakpointError`]: there is no such route, or there are too many breakpoints.
    pub fn pause_at(
        &self,
        service: Party,
        method: &str,
        path: &str,
    ) -> Result<(), BreakpointError> {
        let breakpoint = Breakpoint::on(service, method, path);
        self.controls.set(&self.name, breakpoint)
    }

    /// Lets every observed request wait ([`Mode::Step`]), or only those at breakpoints ([`Mode::Run`]).
    ///
    /// # Errors
    /// [`BreakpointError`].
    pub fn set_mode(&self, mode: Mode) -> Result<(), BreakpointError> {
        self.controls.set_mode(&self.name, mode)
    }

    /// Removes every breakpoint, and lets requests run. What waits already goes on waiting.
    pub fn clear_breakpoints(&self) {
        self.controls.clear(&self.name);
    }

    /// What waits, the oldest first.
    #[must_use]
    pub fn paused(&self) -> Vec<Paused> {
        self.controls.look(&self.name).waiting
    }

    /// The oldest request that waits for a decision, as soon as there is one; `None` after two seconds.
    pub async fn next_paused(&self) -> Option<Paused> {
        let mut changes = self.controls.watch();
        let next = async {
            loop {
                changes.borrow_and_update();
                let next = self.paused().into_iter().find(Paused::is_undecided);
                if next.is_some() || changes.changed().await.is_err() {
                    return next;
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.ok().flatten()
    }

    /// Decides what becomes of a request that waits.
    ///
    /// # Errors
    /// [`DecideError`]: it waits no more, or the change cannot be made.
    pub fn decide(&self, paused: &Paused, decision: Decision) -> Result<(), DecideError> {
        self.controls.decide(&self.name, &paused.id, decision)
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

    /// Two flows side by side: what differs beyond values that are new in every run, and which check said no.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn compare(
        &self,
        left: &ExchangeId,
        right: &ExchangeId,
    ) -> Result<Comparison, RecordError> {
        let flows = (left, right);
        self.record.comparison(&self.client_app, flows).await
    }

    /// One flow as a file for other tools, without its secrets: `sh`, `har`, `md`, `mmd` or `svg` (`docs/api.md`).
    /// To keep with a test that failed, for instance.
    ///
    /// # Errors
    /// [`RecordError`]; `Unknown` for a flow that the record does not have, and for another format.
    pub async fn export(&self, id: &ExchangeId, format: &str) -> Result<String, RecordError> {
        self.record.file(&self.client_app, id, format).await
    }
}
