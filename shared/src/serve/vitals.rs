//! `GET {base}/vitals`: what a service knows of itself that must fit with the others: addresses, issuer, clocks,
//! languages. For the doctor of the client app, for its page in the browser, and for a script.
//!
//! Not observed, never cached, without any secret. Whoever proves that he has the record's key is told besides how
//! this service reaches its peers; nobody else can make it call them. A page of the client app may read it
//! (Fetch Standard §3.3), so that a browser can tell whether it reaches this service.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::{HttpRequest as Request, HttpResponse, web};
use serde::{Deserialize, Serialize};

use crate::flow::{ExchangeId, RecordKey};
use crate::observe::{HttpClient, HttpRequest, Observer};
use crate::page::{Language, Service};
use crate::realm::{Addresses, RealmName};
use crate::time::wall_clock_us;

use super::{only_read, read};

/// The header by which a caller proves that he has the record's key.
const PROOF_HEADER: &str = "record-proof";
/// How long a peer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a service says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VitalSigns {
    /// `client-app`, `auth-server` or `resource-server`.
    pub service: String,
    /// Its version.
    pub version: String,
    /// The realm that was asked about.
    pub realm: RealmName,
    /// The issuer of that realm, as this service computes it (RFC 8414 §2).
    pub issuer: String,
    /// Where it believes the three services to be.
    pub addresses: Addresses,
    /// The realm's time, in milliseconds since the epoch.
    pub realm_time_ms: i64,
    /// The machine's time, in milliseconds since the epoch.
    pub wall_clock_ms: i64,
    /// The languages of its pages.
    pub languages: Vec<String>,
    /// Whether it reports what it observes.
    pub records: bool,
    /// Whether the caller has proven the record's key; absent where he did not try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_record_key: Option<bool>,
    /// How it reaches its peers; only for a caller who has proven the key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<PeerReach>,
}

/// How a service reaches one of its peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerReach {
    /// The peer: `auth-server`.
    pub service: String,
    /// What was asked.
    pub url: String,
    /// The status; absent when no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Which service says that it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_as: Option<String>,
    /// Why no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl PeerReach {
    /// Whether the peer itself answered.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.status == Some(200) && self.answered_as.as_ref() == Some(&self.service)
    }
}

/// The route of a service.
#[derive(Clone, Debug)]
pub struct Vitals {
    service: Service,
    version: &'static str,
    observer: Arc<Observer>,
    /// How it calls its peers, and which.
    peers: Option<(HttpClient, Vec<Service>)>,
}

impl Vitals {
    /// The vitals of `service`.
    #[must_use]
    pub const fn new(service: Service, version: &'static str, observer: Arc<Observer>) -> Self {
        Self {
            service,
            version,
            observer,
            peers: None,
        }
    }

    /// A service that calls these peers by `http`.
    #[must_use]
    pub fn calling(mut self, http: HttpClient, peers: Vec<Service>) -> Self {
        self.peers = Some((http, peers));
        self
    }

    /// Mounts `/vitals`, at the root and in every realm. Before the routes of the realms.
    pub fn mount(&self, routes: &mut web::ServiceConfig) {
        for path in ["/vitals", "/r/{realm}/vitals"] {
            let vitals = self.clone();
            let handler = move |request: Request, realm: RealmName| {
                let vitals = vitals.clone();
                async move { vitals.answer(&request, realm).await }
            };
            routes.service(only_read(path, read().to(handler)));
        }
    }

    async fn answer(&self, request: &Request, realm: RealmName) -> HttpResponse {
        let signs = self.signs(request, realm).await;
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::VARY, "Origin"));
        let origin = request.headers().get(header::ORIGIN);
        let page = url::Url::parse(&self.observer.addresses.client_app);
        let page = page.map(|url| url.origin().ascii_serialization());
        if let (Some(origin), Ok(page)) = (origin, page)
            && origin.as_bytes() == page.as_bytes()
        {
            response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, page));
        }
        response.json(signs)
    }

    async fn signs(&self, request: &Request, realm: RealmName) -> VitalSigns {
        let proof = request.headers().get(PROOF_HEADER);
        let same_record_key = proof.map(|proof| {
            let proof = proof.to_str().unwrap_or_default();
            proves(&self.observer.key, self.service, proof)
        });
        let mut peers = Vec::new();
        if same_record_key == Some(true)
            && let Some((http, services)) = &self.peers
        {
            for service in services {
                let url = vitals_of(&self.observer.addresses, *service, &realm);
                peers.push(reach(http, *service, url).await);
            }
        }
        VitalSigns {
            service: self.service.name().to_owned(),
            version: self.version.to_owned(),
            issuer: self.observer.addresses.issuer(&realm),
            addresses: self.observer.addresses.clone(),
            realm_time_ms: self.observer.clocks.of(&realm).now_ms(),
            wall_clock_ms: wall_clock_us().div_euclid(1000),
            languages: Language::ALL.map(|one| one.tag().to_owned()).to_vec(),
            records: self.observer.reporter.is_on(),
            same_record_key,
            peers,
            realm,
        }
    }
}

/// Where the vitals of `service` are asked for in `realm`.
#[must_use]
pub fn vitals_of(addresses: &Addresses, service: Service, realm: &RealmName) -> String {
    let base = match service {
        Service::ClientApp => addresses.client(realm),
        Service::AuthServer => addresses.issuer(realm),
        Service::ResourceServer => addresses.resource(realm),
    };
    format!("{base}/vitals")
}

/// A request for the vitals of `service` at `url` that proves the record's key.
#[must_use]
pub fn proven(key: &RecordKey, service: Service, url: &str) -> HttpRequest {
    let nonce = ExchangeId::new(wall_clock_us());
    let proof = format!("{nonce};{}", key.mac(&message(service, nonce.as_str())));
    HttpRequest::get(url).header(PROOF_HEADER, proof)
}

/// Whether a request proves the record's key to `service`.
#[must_use]
pub fn is_proven(request: &Request, key: &RecordKey, service: Service) -> bool {
    let proof = request.headers().get(PROOF_HEADER);
    proof
        .and_then(|proof| proof.to_str().ok())
        .is_some_and(|proof| proves(key, service, proof))
}

fn proves(key: &RecordKey, service: Service, proof: &str) -> bool {
    let Some((nonce, mac)) = proof.split_once(';') else {
        return false;
    };
    nonce.len() <= 64 && key.verifies(&message(service, nonce), mac)
}

fn message(service: Service, nonce: &str) -> String {
    format!("vitals:{}:{nonce}", service.name())
}

/// Asks a peer for its vitals, as anybody could.
async fn reach(http: &HttpClient, service: Service, url: String) -> PeerReach {
    let started = Instant::now();
    let asked = http.send_unobserved(HttpRequest::get(url.clone()));
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut reached = PeerReach {
        service: service.name().to_owned(),
        url,
        status: None,
        answered_as: None,
        failure: None,
        ms,
    };
    match answer {
        Ok(Ok(answer)) => {
            reached.status = Some(answer.status);
            let signs = answer.json::<VitalSigns>();
            reached.answered_as = signs.ok().map(|signs| signs.service);
        }
        Ok(Err(error)) => reached.failure = Some(error.to_string()),
        Err(_) => reached.failure = Some(format!("no answer within {PATIENCE:?}")),
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_proves_and_only_to_the_service_that_was_asked() {
        let (key, other) = (RecordKey::from_text("one"), RecordKey::from_text("other"));
        let request = proven(&key, Service::AuthServer, "http://localhost:9000/vitals");
        let proof = &request.headers[0].1;
        assert!(proves(&key, Service::AuthServer, proof));
        assert!(!proves(&other, Service::AuthServer, proof));
        assert!(!proves(&key, Service::ResourceServer, proof));
        for nonsense in ["", ";", "x", &"x".repeat(10_000)] {
            assert!(!proves(&key, Service::AuthServer, nonsense));
        }
    }
}
