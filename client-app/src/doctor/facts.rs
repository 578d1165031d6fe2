//! What the doctor gathers: every question is asked at once, each waits two seconds at most.
//!
//! May use the HTTP client. Judges nothing.

use std::time::{Duration, Instant};

use futures_util::future::join;
use serde_json::Value;
use shared::flow::Party;
use shared::observe::HttpRequest;
use shared::page::Service;
use shared::realm::{Addresses, RealmName};
use shared::serve::vitals::{VitalSigns, proven, vitals_of};
use shared::time::wall_clock_us;

use super::finding::address_of;
use crate::record::view::RecordState;
use crate::state::AppState;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The peers of this service.
pub(super) const PEERS: [Service; 2] = [Service::AuthServer, Service::ResourceServer];

/// An answer, or why there is none.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    /// What was asked.
    pub(super) url: String,
    /// Status and body, or the reason.
    pub(super) answer: Result<(u16, Value), String>,
    /// How long it took, in milliseconds.
    pub(super) ms: u64,
}

impl Reached {
    /// In one line, for people.
    pub(super) fn line(&self) -> String {
        match &self.answer {
            Ok((status, _)) => format!("GET {} → {status}, {} ms", self.url, self.ms),
            Err(reason) => format!("GET {} → {reason}", self.url),
        }
    }

    /// Whether an answer came with this status.
    pub(super) fn has_status(&self, wanted: u16) -> bool {
        matches!(&self.answer, Ok((status, _)) if *status == wanted)
    }

    /// Which service says that it answered.
    pub(super) fn answered_as(&self) -> Option<&str> {
        let (_, body) = self.answer.as_ref().ok()?;
        body.get("service")?.as_str()
    }
}

/// What is known of one service.
#[derive(Clone, Debug)]
pub(super) struct ServiceFacts {
    /// Which.
    pub(super) service: Service,
    /// `/healthz`.
    pub(super) health: Reached,
    /// `/readyz`.
    pub(super) ready: Reached,
    /// `/vitals`, asked with proof of the record's key.
    pub(super) signs: Option<VitalSigns>,
    /// How far the service's machine is ahead of this one, in milliseconds.
    pub(super) wall_ahead_ms: Option<i64>,
    /// How far its realm's clock is ahead of ours, in milliseconds.
    pub(super) realm_ahead_ms: Option<i64>,
    /// Who answers on each spelling of this machine's own address: `127.0.0.1`, `[::1]`.
    pub(super) loopback: Vec<Reached>,
    /// How long ago it reported an exchange last, in seconds; none where it never did.
    pub(super) heard_seconds_ago: Option<i64>,
}

impl ServiceFacts {
    /// Whether the service itself answered.
    pub(super) fn answers(&self) -> bool {
        self.health.has_status(200) && self.health.answered_as() == Some(self.service.name())
    }
}

/// Everything that was gathered.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// The realm that was asked about.
    pub(super) realm: RealmName,
    /// Where this service believes all to be.
    pub(super) addresses: Addresses,
    /// The other two.
    pub(super) services: Vec<ServiceFacts>,
    /// How much the record lost.
    pub(super) record: RecordState,
    /// Whether this service records what it observes.
    pub(super) records: bool,
}

impl Facts {
    /// Asks everybody.
    pub(super) async fn gather(state: &AppState, realm: &RealmName) -> Self {
        let [auth_server, resource_server] = PEERS;
        let (auth_server, resource_server) = join(
            Box::pin(ask_about(state, realm, auth_server)),
            Box::pin(ask_about(state, realm, resource_server)),
        )
        .await;
        Self {
            realm: realm.clone(),
            addresses: state.addresses.clone(),
            services: vec![auth_server, resource_server],
            record: state.record.state(realm),
            records: state.observer.reporter.is_on(),
        }
    }

    /// What is known of one service.
    pub(super) fn about(&self, service: Service) -> Option<&ServiceFacts> {
        self.services.iter().find(|facts| facts.service == service)
    }
}

async fn ask_about(state: &AppState, realm: &RealmName, service: Service) -> ServiceFacts {
    let address = address_of(&state.addresses, service);
    let get = |url: String| HttpRequest::get(url);
    let vitals_url = vitals_of(&state.addresses, service, realm);
    let vitals = proven(&state.observer.key, service, &vitals_url);
    let asked = join(
        join(
            ask(state, get(format!("{address}/healthz"))),
            ask(state, get(format!("{address}/readyz"))),
        ),
        join(timed(state, realm, vitals), ask_loopback(state, address)),
    );
    let ((health, ready), (vitals, loopback)) = Box::pin(asked).await;
    let (vitals, at) = vitals;
    let signs: Option<VitalSigns> = vitals
        .answer
        .as_ref()
        .ok()
        .and_then(|(_, body)| serde_json::from_value(body.clone()).ok());
    let ahead = |theirs: fn(&VitalSigns) -> i64, ours: i64| {
        signs
            .as_ref()
            .map(|signs| theirs(signs).saturating_sub(ours))
    };
    let party = match service {
        Service::ClientApp => Party::ClientApp,
        Service::AuthServer => Party::AuthServer,
        Service::ResourceServer => Party::ResourceServer,
    };
    let heard = state.record.heard_from(realm, &party);
    ServiceFacts {
        service,
        health,
        ready,
        loopback,
        wall_ahead_ms: ahead(|signs| signs.wall_clock_ms, at.wall_ms),
        realm_ahead_ms: ahead(|signs| signs.realm_time_ms, at.realm_ms),
        heard_seconds_ago: heard.map(|us| {
            wall_clock_us()
                .saturating_sub(us)
                .div_euclid(1_000_000)
                .max(0)
        }),
        signs,
    }
}

/// The clocks of this service in the middle of a question.
struct At {
    wall_ms: i64,
    realm_ms: i64,
}

/// Asks, and reads our own clocks as they stood halfway between question and answer.
async fn timed(state: &AppState, realm: &RealmName, request: HttpRequest) -> (Reached, At) {
    let reached = ask(state, request).await;
    let half = i64::try_from(reached.ms / 2).unwrap_or_default();
    let wall_ms = wall_clock_us().div_euclid(1000).saturating_sub(half);
    let realm_ms = state
        .observer
        .clocks
        .of(realm)
        .now_ms()
        .saturating_sub(half);
    (reached, At { wall_ms, realm_ms })
}

/// Who answers under the other names of this machine, where the public address is one of them.
async fn ask_loopback(state: &AppState, address: &str) -> Vec<Reached> {
    let Ok(url) = url::Url::parse(address) else {
        return Vec::new();
    };
    let (Some("localhost" | "127.0.0.1" | "[::1]"), Some(port), "http") =
        (url.host_str(), url.port_or_known_default(), url.scheme())
    else {
        return Vec::new();
    };
    let at = |host: &str| HttpRequest::get(format!("http://{host}:{port}/healthz"));
    let (four, six) = join(ask(state, at("127.0.0.1")), ask(state, at("[::1]"))).await;
    vec![four, six]
}

async fn ask(state: &AppState, request: HttpRequest) -> Reached {
    let url = request.url.clone();
    let started = Instant::now();
    let answer = tokio::time::timeout(PATIENCE, state.http.send_unobserved(request)).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let answer = match answer {
        Ok(Ok(answer)) => Ok((answer.status, answer.json().unwrap_or(Value::Null))),
        Ok(Err(error)) => Err(cause(&error.to_string())),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    Reached { url, answer, ms }
}

/// The reason alone: the address stands before it already.
fn cause(error: &str) -> String {
    let reason = error.split_once("cannot be reached: ");
    reason.map_or(error, |(_, reason)| reason).to_owned()
}
