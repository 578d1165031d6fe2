//! The actix middleware that observes what a service receives.
//!
//! Wrapped round each observed resource (`.wrap(observe.back())`), so that the route table shows what is
//! observed and on which channel. It copies the bodies as they pass and changes nothing of them.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{Error, HttpMessage};
use bytes::Bytes;
use futures_util::Stream;

use super::observation::Observation;
use super::values::Collector;
use super::{EXCHANGE_HEADER, EXCHANGE_ID_HEADER, Observer};
use crate::flow::{Body, Channel, Exchange, ExchangeId, Kind, Party, Side, ValueKind, ValuePlace};
use crate::realm::RealmName;
use crate::time::wall_clock_us;

/// Who is expected to call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteClass {
    /// The browser, by navigating (the front channel).
    Front,
    /// Servers, and scripts in the browser.
    Back,
}

/// The middleware: made from the service's [`Observer`], one for each class.
#[derive(Clone, Debug)]
pub struct Observe {
    observer: Arc<Observer>,
    class: RouteClass,
}

impl Observe {
    /// Observes routes that the browser navigates to.
    #[must_use]
    pub const fn front(observer: Arc<Observer>) -> Self {
        Self {
            observer,
            class: RouteClass::Front,
        }
    }

    /// Observes routes that servers and scripts call.
    #[must_use]
    pub const fn back(observer: Arc<Observer>) -> Self {
        Self {
            observer,
            class: RouteClass::Back,
        }
    }
}

impl<S> Transform<S, ServiceRequest> for Observe
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type InitError = ();
    type Transform = Observing<S>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Observing {
            service: Rc::new(service),
            observe: self.clone(),
        }))
    }
}

/// The wrapped service.
#[derive(Debug)]
pub struct Observing<S> {
    service: Rc<S>,
    observe: Observe,
}

/// What is known of a request before it is answered.
struct Seen {
    id: ExchangeId,
    realm: RealmName,
    from: Party,
    channel: Channel,
    started_us: i64,
    started: Instant,
    method: String,
    url: String,
    path: String,
    headers: HeaderMap,
    run: Option<String>,
    body: Arc<Mutex<Copied>>,
}

/// The part of a body that was copied as it passed.
#[derive(Default)]
struct Copied {
    bytes: Vec<u8>,
    total: u64,
}

impl<S> Service<ServiceRequest> for Observing<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<ServiceResponse, Error>>>>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let observe = self.observe.clone();
        let observer = observe.observer.as_ref();
        let recording = observer.reporter.admits();
        let seen = see(&mut request, &observe, recording);
        let observation =
            Observation::new(seen.id.clone(), recording.then(|| observer.key.clone()));
        request.extensions_mut().insert(observation.clone());
        let service = Rc::clone(&self.service);
        Box::pin(async move {
            let mut response = service.call(request).await?;
            if let Ok(id) = HeaderValue::from_str(seen.id.as_str()) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(EXCHANGE_ID_HEADER), id);
            }
            log(&seen, &response, &observation);
            if !recording {
                return Ok(response);
            }
            let (response, body) = copy_response(response, observe.observer.capture);
            report(&observe.observer, seen, &response, body, &observation);
            Ok(response)
        })
    }
}

/// Looks at the request and, when recording, puts a copier before its body.
fn see(request: &mut ServiceRequest, observe: &Observe, recording: bool) -> Seen {
    let started_us = wall_clock_us();
    let announced = announced_caller(request.headers(), observe);
    let from = announced.as_ref().map_or_else(
        || infer_caller(request.headers()),
        |(_, party)| party.clone(),
    );
    let front = observe.class == RouteClass::Front || from == Party::Browser;
    let body = Arc::new(Mutex::new(Copied::default()));
    if recording {
        let limit = observe.observer.capture.body_limit;
        let payload = request.take_payload();
        let copier = Copier {
            payload,
            body: Arc::clone(&body),
            limit,
        };
        request.set_payload(Payload::Stream {
            payload: Box::pin(copier),
        });
    }
    let matched = request
        .match_pattern()
        .unwrap_or_else(|| request.path().to_owned());
    Seen {
        id: announced.map_or_else(|| ExchangeId::new(started_us), |(id, _)| id),
        realm: request
            .match_info()
            .get("realm")
            .and_then(|name| name.parse().ok())
            .unwrap_or_default(),
        from,
        channel: if front { Channel::Front } else { Channel::Back },
        started_us,
        started: Instant::now(),
        method: request.method().to_string(),
        url: public_url(request, observe.observer.as_ref()),
        path: matched
            .strip_prefix("/r/{realm}")
            .unwrap_or(&matched)
            .to_owned(),
        headers: request.headers().clone(),
        run: request.match_info().get("run").map(str::to_owned),
        body,
    }
}

/// The exchange and party that one of our own services announced with the request.
fn announced_caller(headers: &HeaderMap, observe: &Observe) -> Option<(ExchangeId, Party)> {
    let announcement = headers.get(EXCHANGE_HEADER)?.to_str().ok()?;
    let (message, mac) = announcement.rsplit_once(';')?;
    if !observe.observer.key.verifies(message, mac) {
        return None;
    }
    let (id, party) = message.split_once(';')?;
    Some((id.parse().ok()?, Party::parse(party)?))
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
    if headers.contains_key("sec-fetch-mode")
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

/// The public URL of the request, wherever the connection came in.
fn public_url(request: &ServiceRequest, observer: &Observer) -> String {
    let base = match observer.party {
        Party::AuthServer => &observer.addresses.auth_server,
        Party::ResourceServer => &observer.addresses.resource_server,
        _ => &observer.addresses.client_app,
    };
    format!("{base}{}", request.uri())
}

fn log(seen: &Seen, response: &ServiceResponse, observation: &Observation) {
    let failed = observation.failed_check();
    let (check, got) = failed
        .as_ref()
        .map_or(("-", ""), |check| (check.id.as_str(), check.got.as_str()));
    tracing::info!(
        exchange = %seen.id, realm = %seen.realm, from = %seen.from, method = %seen.method, path = %seen.path,
        status = response.status().as_u16(), failed_check = check, got, "answered"
    );
}

/// Copies a complete body out of the response; a stream passes uncopied.
fn copy_response(
    response: ServiceResponse,
    capture: super::Capture,
) -> (ServiceResponse, (Bytes, Body)) {
    let content_type = header_text(response.headers(), &header::CONTENT_TYPE);
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    match body.try_into_bytes() {
        Ok(bytes) => {
            let total = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let kept = capture.body(&bytes, total, &content_type);
            let response = response.set_body(BoxBody::new(bytes.clone()));
            (ServiceResponse::new(request, response), (bytes, kept))
        }
        Err(stream) => (
            ServiceResponse::new(request, response.set_body(stream)),
            (
                Bytes::new(),
                Body {
                    truncated: true,
                    ..Body::default()
                },
            ),
        ),
    }
}

fn report(
    observer: &Observer,
    seen: Seen,
    response: &ServiceResponse,
    (bytes, response_body): (Bytes, Body),
    observation: &Observation,
) {
    let capture = observer.capture;
    let copied = std::mem::take(&mut *seen.body.lock().unwrap_or_else(PoisonError::into_inner));
    let request_type = header_text(&seen.headers, &header::CONTENT_TYPE);
    let mut collector = Collector::new(&observer.key);
    collector.form(
        seen.url.split_once('?').map_or("", |(_, query)| query),
        ValuePlace::RequestQuery,
    );
    collector.authorization(&header_text(&seen.headers, &header::AUTHORIZATION));
    if request_type.starts_with("application/x-www-form-urlencoded") {
        collector.form(
            &String::from_utf8_lossy(&copied.bytes),
            ValuePlace::RequestBody,
        );
    }
    if let Some(run) = &seen.run {
        collector.add(ValueKind::Run, run, ValuePlace::RequestQuery);
    }
    collector.location(&header_text(response.headers(), &header::LOCATION));
    if header_text(response.headers(), &header::CONTENT_TYPE).contains("json") {
        collector.json(&String::from_utf8_lossy(&bytes), ValuePlace::ResponseBody);
    }
    let findings = observation.take();
    let mut values = collector.finish();
    values.extend(
        findings
            .values
            .into_iter()
            .filter(|value| !values.contains(value))
            .collect::<Vec<_>>(),
    );
    observer.reporter.report(Exchange {
        id: seen.id,
        realm_time: observer.clocks.of(&seen.realm).now().as_unix(),
        realm: seen.realm,
        kind: Kind::Http,
        observer: crate::flow::Observer {
            party: observer.party.clone(),
            side: Side::Received,
        },
        from: seen.from,
        to: observer.party.clone(),
        channel: seen.channel,
        caused_by: None,
        started_us: seen.started_us,
        duration_us: u64::try_from(seen.started.elapsed().as_micros()).unwrap_or(u64::MAX),
        method: seen.method,
        url: capture.url(&seen.url),
        path: capture.path(seen.path),
        request_headers: capture.headers(&seen.headers),
        request_body: capture.body(&copied.bytes, copied.total, &request_type),
        status: Some(response.status().as_u16()),
        response_headers: capture.headers(response.headers()),
        response_body,
        failure: None,
        checks: capture.checks(findings.checks),
        values,
        notes: capture.notes(findings.notes),
    });
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> String {
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
