//! Wiring: what the services of one ecosystem are given in common, however many processes they run in.
//!
//! Made by `ecosystem` for all three, or by a service's own `main` from its configuration.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::control::follow::Following;
use crate::control::{Controls, PauseLimits};
use crate::flow::{Party, RecordKey};
use crate::oauth::NoRandomness;
use crate::observe::{Capture, Feed, HttpClient, HttpError, Observer, Reach, Reporter, forward};
use crate::realm::Addresses;
use crate::replica::ReplicaName;
use crate::serve::ConfigSecret;
use crate::serve::tls::{Tls, TlsConfig, TlsError};
use crate::telemetry::{Meters, Tracers};
use crate::time::Clocks;

/// What a service is given besides its own configuration.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// The public addresses of the three services.
    pub addresses: Addresses,
    /// Where peers are really connected to: public authority (`localhost:9000`) to authority (`auth-server:9000`).
    pub connect_to: HashMap<String, String>,
    /// What services show and trust where they speak HTTPS.
    pub tls: Tls,
    /// The realms' clocks, shared where the services share a process.
    pub clocks: Clocks,
    /// Breakpoints and what waits at them, shared where the services share a process.
    pub controls: Controls,
    /// Where exchanges go.
    pub reporter: Reporter,
    /// The key by which values and peers are recognised.
    pub record_key: RecordKey,
    /// What this process is called, where it is one of several that are one service.
    pub replica: Option<ReplicaName>,
    /// What the record keeps.
    pub capture: Capture,
    /// What is counted of each service.
    pub meters: Meters,
    /// What is traced of each service.
    pub tracers: Tracers,
}

impl Wiring {
    /// The observer of `party` in this wiring.
    #[must_use]
    pub fn observer(&self, party: Party) -> Arc<Observer> {
        let metrics = self.meters.of(&party);
        let traces = self.tracers.of(&party, self.replica.as_ref());
        Arc::new(Observer {
            party,
            reporter: self.reporter.counted_by(&metrics),
            key: self.record_key.clone(),
            replica: self.replica.clone(),
            clocks: self.clocks.clone(),
            controls: self.controls.clone(),
            addresses: self.addresses.clone(),
            capture: self.capture,
            metrics,
            traces,
        })
    }

    /// How this wiring reaches peers.
    #[must_use]
    pub fn reach(&self) -> Reach {
        Reach {
            connect_to: self.connect_to.clone(),
            roots: self.tls.roots.clone(),
        }
    }
}

/// The most exchanges that wait to be forwarded.
const FEED_CAPACITY: usize = 4096;

/// `[wiring]`: what the services of one ecosystem must agree on when each runs in a process of its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WiringConfig {
    /// The public addresses of the three services. Default `http://localhost:8080`, `:9000` and `:9001`.
    pub addresses: Addresses,
    /// Where a public authority is really connected to: `{ "localhost:9000" = "auth-server:9000" }`. Default none.
    pub connect_to: HashMap<String, String>,
    /// `[wiring.tls]`: HTTPS by given certificates. Default none.
    pub tls: TlsConfig,
    /// The key that all three services share: by it they recognise each other's calls, and the client app the
    /// record that they send. Default none: then nothing is sent to the client app's record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_key: Option<ConfigSecret>,
    /// What the record keeps of secrets: `true` (a demo) in full, `false` hidden. Default `true`.
    pub keep_secrets: KeepSecrets,
    /// What this process is called, where several share a store and are one service: each has a name of its own, and
    /// the record says which of them answered. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replica: Option<ReplicaName>,
    /// `[wiring.pause]`: how much may wait at breakpoints, and how long.
    pub pause: PauseLimits,
}

/// Whether the record keeps the protocol's secrets in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeepSecrets(pub bool);

impl Default for KeepSecrets {
    fn default() -> Self {
        Self(true)
    }
}

impl WiringConfig {
    /// The wiring of a service in a process of its own, and the feed of what it observes.
    ///
    /// # Errors
    /// [`WiringError`] where no key is configured and none can be made, or a certificate cannot be used.
    pub fn wire(&self) -> Result<(Wiring, Feed), WiringError> {
        let (reporter, feed) = Reporter::bounded(FEED_CAPACITY);
        let record_key = match &self.record_key {
            Some(key) => RecordKey::from_text(key.expose()),
            None => RecordKey::generate().map_err(|_| NoRandomness)?,
        };
        let clocks = Clocks::default();
        let wiring = Wiring {
            addresses: self.addresses.clone(),
            connect_to: self.connect_to.clone(),
            tls: self.tls.read()?,
            controls: Controls::new(self.pause, clocks.clone()),
            clocks,
            reporter,
            record_key,
            replica: self.replica.clone(),
            capture: Capture {
                secrets: self.keep_secrets.0,
                ..Capture::default()
            },
            meters: Meters::default(),
            tracers: Tracers::default(),
        };
        Ok((wiring, feed))
    }

    /// As [`WiringConfig::wire`] for a service that is not the client app: what it observes is sent there in the
    /// background (on the current tokio runtime), and its breakpoints and clocks follow those of the client app,
    /// where a key is configured; otherwise nothing is recorded.
    ///
    /// # Errors
    /// [`WiringError`].
    pub fn wire_and_forward(&self, party: Party) -> Result<Wiring, WiringError> {
        let (mut wiring, feed) = self.wire()?;
        if self.record_key.is_none() {
            wiring.reporter = Reporter::off();
            return Ok(wiring);
        }
        let observer = wiring.observer(party.clone());
        let client = HttpClient::new(observer, wiring.reach())?;
        let following = Following {
            service: party,
            replica: wiring.replica.clone(),
            controls: wiring.controls.clone(),
            clocks: wiring.clocks.clone(),
            client: client.clone(),
            client_app: wiring.addresses.client_app.clone(),
            key: wiring.record_key.clone(),
        };
        tokio::spawn(following.run());
        let url = format!("{}/record/exchanges", wiring.addresses.client_app);
        tokio::spawn(forward(feed, client, url, wiring.record_key.clone()));
        Ok(wiring)
    }
}

/// Why a service cannot be wired.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// HTTPS cannot be served or trusted.
    #[error("[wiring] tls: {0}")]
    Tls(#[from] TlsError),
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Http(#[from] HttpError),
}
