//! Wiring: what the services of one ecosystem are given in common, however many processes they run in.
//!
//! Made by `ecosystem` for all three, or by a service's own `main` from its configuration.

use std::collections::HashMap;
use std::sync::Arc;

use crate::flow::{Party, RecordKey};
use crate::observe::{Capture, Observer, Reporter};
use crate::realm::Addresses;
use crate::time::Clocks;

/// What a service is given besides its own configuration.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// The public addresses of the three services.
    pub addresses: Addresses,
    /// Where peers are really connected to: public authority (`localhost:9000`) to authority (`auth-server:9000`).
    pub connect_to: HashMap<String, String>,
    /// The realms' clocks, shared where the services share a process.
    pub clocks: Clocks,
    /// Where exchanges go.
    pub reporter: Reporter,
    /// The key by which values and peers are recognised.
    pub record_key: RecordKey,
    /// What the record keeps.
    pub capture: Capture,
}

impl Wiring {
    /// The observer of `party` in this wiring.
    #[must_use]
    pub fn observer(&self, party: Party) -> Arc<Observer> {
        Arc::new(Observer {
            party,
            reporter: self.reporter.clone(),
            key: self.record_key.clone(),
            clocks: self.clocks.clone(),
            addresses: self.addresses.clone(),
            capture: self.capture,
        })
    }
}
