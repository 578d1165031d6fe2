//! How exchanges are observed: what a service receives (actix middleware) and what it sends (HTTP client).
//!
//! May use actix-web and reqwest. Nothing here decides anything: it watches, and hands what it saw to the
//! [`Reporter`], which never blocks; only at a breakpoint (`crate::control`) a request waits. Switched off ([`Reporter::off`]) it records nothing.

mod alter;
mod answered;
mod capture;
mod client;
mod failure;
mod forward;
mod gate;
mod guard;
mod hung_up;
mod message;
mod middleware;
mod observation;
mod reporter;
mod seen;
mod sent;
mod values;

pub use alter::{Alter, Altered};
pub use capture::Capture;
pub use client::{HttpClient, Reach};
pub use failure::HttpError;
pub use forward::{Batch, authorize_batch, forward, verify_batch};
pub use guard::{Admission, Guard, Inadmissible, addresses_of};
pub use message::{HttpRequest, HttpResponse};
pub use middleware::{Observe, RouteClass};
pub use observation::{Observation, Verdict};
pub use reporter::{Feed, Pace, Reporter};
pub use values::{kind_of, values_of_form, values_of_json, values_of_query};

use crate::control::Controls;
use crate::flow::{Party, RecordKey};
use crate::realm::Addresses;
use crate::replica::ReplicaName;
use crate::telemetry::Metrics;
use crate::telemetry::traces::Traces;
use crate::time::Clocks;

/// The name of the header that joins both sides of one hop: `id;party;mac`.
pub const EXCHANGE_HEADER: &str = "grantscope-exchange";

/// What stands in place of the exchange where one of our services only looks: for its pages, not for a flow.
const ONLOOKER: &str = "onlooker";

/// The name of the response header that names the exchange (and stands on error pages).
pub const EXCHANGE_ID_HEADER: &str = "exchange-id";

/// What every observing part of one service shares.
#[derive(Clone, Debug)]
pub struct Observer {
    /// The service that observes.
    pub party: Party,
    /// Where exchanges go.
    pub reporter: Reporter,
    /// The key that the services of one ecosystem share.
    pub key: RecordKey,
    /// What this process is called, where it is one of several that are one service.
    pub replica: Option<ReplicaName>,
    /// The realms' clocks.
    pub clocks: Clocks,
    /// Breakpoints, and what waits at them.
    pub controls: Controls,
    /// The public addresses of the three services.
    pub addresses: Addresses,
    /// What is kept of bodies and headers.
    pub capture: Capture,
    /// What is counted.
    pub metrics: Metrics,
    /// What is traced.
    pub traces: Traces,
}

impl Observer {
    /// The public URL of the service that observes, without a trailing slash.
    #[must_use]
    pub fn address(&self) -> &str {
        match self.party {
            Party::AuthServer => &self.addresses.auth_server,
            Party::ResourceServer => &self.addresses.resource_server,
            _ => &self.addresses.client_app,
        }
    }
}
