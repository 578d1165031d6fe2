//! What is known of a request before it is answered: who calls, on which channel, in which realm.
//!
//! Knows actix. A service of ours announces itself by a header that the record's key proves; a browser shows itself
//! by its fetch metadata; everybody else is a stranger.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use bytes::Bytes;
use futures_util::Stream;

use super::middleware::{Observe, RouteClass};
use super::{EXCHANGE_HEADER, ONLOOKER, Observer};
use crate::control::{Arrival, StoredRequest};
use crate::flow::{Channel, ExchangeId, Party};
use crate::telemetry::RequestId;
use crate::time::wall_clock_us;

/// [`EXCHANGE_HEADER`], read once.
const EXCHANGE: HeaderName = HeaderName::from_static(EXCHANGE_HEADER);
/// What browsers alone send, with every request (Fetch Metadata §2.2).
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// A request that is recorded, as it is given to the service.
pub(super) struct Seen {
    pub(super) arrival: Arrival,
    pub(super) started: Instant,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    body: Arc<Mutex<Copied>>,
}

/// The part of a body that was copied as it passed.
#[derive(Default)]
pub(super) struct Copied {
    pub(super) bytes: Vec<u8>,
    pub(super) total: u64,
}

impl Seen {
    /// A request that was kept whole, and that the service never gets.
    pub(super) fn of_stored(arrival: Arrival, stored: &StoredRequest, observer: &Observer) -> Self {
        let copied = Copied {
            bytes: stored.body.to_vec(),
            total: u64::try_from(stored.body.len()).unwrap_or(u64::MAX),
        };
        Self {
            arrival,
            started: Instant::now(),
            method: stored.method.clone(),
            url: public_url(&stored.uri.to_string(), observer),
            headers: stored.headers.clone(),
            body: Arc::new(Mutex::new(copied)),
        }
    }

    /// What was copied of the body.
    pub(super) fn take_body(&self) -> Copied {
        std::mem::take(&mut *self.body.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Who calls what, before anything of the request is read.
pub(super) fn arrival_of(request: &ServiceRequest, observe: &Observe) -> Arrival {
    let started_us = wall_clock_us();
    let announced = announced_caller(request.headers(), observe);
    let from = announced.as_ref().map_or_else(
        || infer_caller(request.headers()),
        |(_, party)| party.clone(),
    );
    let front = observe.class == RouteClass::Front || from == Party::Browser;
    Arrival {
        id: announced.map_or_else(|| id_of(request, started_us), |(id, _)| id),
        realm: request
            .match_info()
            .get("realm")
            .and_then(|name| name.parse().ok())
            .unwrap_or_default(),
        from,
        channel: if front { Channel::Front } else { Channel::Back },
        started_us,
        run: request.match_info().get("run").map(str::to_owned),
        path: Arc::clone(&observe.route),
    }
}

/// The id of a request that nobody announced: its request id.
fn id_of(request: &ServiceRequest, started_us: i64) -> ExchangeId {
    let extensions = request.extensions();
    let given = extensions.get::<RequestId>();
    given.map_or_else(|| ExchangeId::new(started_us), |RequestId(id)| id.clone())
}

/// Looks at a request that is recorded, and puts a copier before its body.
pub(super) fn see(request: &mut ServiceRequest, observe: &Observe, arrival: Arrival) -> Seen {
    let body = Arc::new(Mutex::new(Copied::default()));
    let copier = Copier {
        payload: request.take_payload(),
        body: Arc::clone(&body),
        limit: observe.observer.capture.body_limit,
    };
    request.set_payload(Payload::Stream {
        payload: Box::pin(copier),
    });
    Seen {
        arrival,
        started: Instant::now(),
        method: request.method().clone(),
        url: public_url(&request.uri().to_string(), observe.observer.as_ref()),
        headers: request.headers().clone(),
        body,
    }
}

/// The exchange and party that one of our own services announced with the request.
fn announced_caller(headers: &HeaderMap, observe: &Observe) -> Option<(ExchangeId, Party)> {
    let announcement = headers.get(EXCHANGE)?.to_str().ok()?;
    let (message, mac) = announcement.rsplit_once(';')?;
    if !observe.observer.key.verifies(message, mac) {
        return None;
    }
    let (id, party) = message.split_once(';')?;
    Some((id.parse().ok()?, Party::parse(party)?))
}

/// Whether one of our own services only looks: what it does for its pages is part of no flow.
pub(super) fn is_onlooker(headers: &HeaderMap, observer: &Observer) -> bool {
    let announcement = headers.get(EXCHANGE);
    let announcement = announcement.and_then(|value| value.to_str().ok());
    announcement
        .and_then(|announcement| announcement.rsplit_once(';'))
        .is_some_and(|(message, mac)| {
            let hop = message.split(';').next();
            hop == Some(ONLOOKER) && observer.key.verifies(message, mac)
        })
}

/// Who calls, when nobody announced it: a browser shows itself by its fetch metadata, or by asking for a page.
fn infer_caller(headers: &HeaderMap) -> Party {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let agent = text(header::USER_AGENT);
    if headers.contains_key(SEC_FETCH_MODE)
        || agent.starts_with("Mozilla/")
        || text(header::ACCEPT).contains("text/html")
    {
        return Party::Browser;
    }
    let product = agent.split(['/', ' ']).next().unwrap_or_default();
    let product: String = product
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .take(40)
        .collect();
    Party::Stranger(if product.is_empty() {
        "unknown".to_owned()
    } else {
        product
    })
}

/// The public URL of a request's target, wherever the connection came in.
pub(super) fn public_url(target: &str, observer: &Observer) -> String {
    format!("{}{target}", observer.address())
}

/// The first header of this name as text; empty without one.
pub(super) fn header_text(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).map_or_else(String::new, |value| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    })
}

/// Passes a body through and keeps a copy of its beginning.
struct Copier {
    payload: Payload,
    body: Arc<Mutex<Copied>>,
    limit: usize,
}

impl Stream for Copier {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.payload).poll_next(context);
        if let Poll::Ready(Some(Ok(chunk))) = &next {
            let mut copied = self.body.lock().unwrap_or_else(PoisonError::into_inner);
            let room = self
                .limit
                .saturating_sub(copied.bytes.len())
                .min(chunk.len());
            copied
                .bytes
                .extend_from_slice(chunk.get(..room).unwrap_or_default());
            copied.total = copied
                .total
                .saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        }
        next
    }
}
