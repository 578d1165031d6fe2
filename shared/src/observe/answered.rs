//! What a service answered, told to the log and to the record.
//!
//! Knows actix. A complete body is copied out of the response; a stream passes uncopied.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpMessage, HttpRequest};
use bytes::Bytes;

use super::gate::Passage;
use super::observation::{Findings, Observation};
use super::seen::{Seen, header_text};
use super::values::{Collector, of_request};
use super::{Capture, Observer};
use crate::control::Arrival;
use crate::flow::{Body, Exchange, Kind, Side, Value, ValuePlace};
use crate::telemetry::request::Told;

/// What the record is told of an answer, besides the request.
#[derive(Default)]
pub(super) struct Answered {
    /// The status; `None` where the caller got no answer.
    pub(super) status: Option<u16>,
    pub(super) headers: HeaderMap,
    /// The body as it travelled, for its values; empty for a stream.
    pub(super) bytes: Bytes,
    /// The body as it may be kept.
    pub(super) body: Body,
    /// Why no answer came.
    pub(super) failure: Option<String>,
}

impl Answered {
    /// Copies the answer out of `response`.
    pub(super) fn copy(response: ServiceResponse, capture: Capture) -> (ServiceResponse, Self) {
        let content_type = header_text(response.headers(), &header::CONTENT_TYPE);
        let (request, response) = response.into_parts();
        let (response, body) = response.into_parts();
        let mut answered = Self {
            status: Some(response.status().as_u16()),
            headers: response.headers().clone(),
            ..Self::default()
        };
        let response = match body.try_into_bytes() {
            Ok(bytes) => {
                let total = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                answered.body = capture.body(&bytes, total, &content_type);
                answered.bytes = bytes.clone();
                response.set_body(BoxBody::new(bytes))
            }
            Err(stream) => {
                answered.body.truncated = true;
                response.set_body(stream)
            }
        };
        (ServiceResponse::new(request, response), answered)
    }

    /// No answer at all.
    pub(super) fn none(failure: &str) -> Self {
        Self {
            failure: Some(failure.to_owned()),
            ..Self::default()
        }
    }
}

/// What the log and the counters are told of the answer to `request`.
pub(super) fn tell(request: &HttpRequest, arrival: Arrival, observation: &Observation) {
    request.extensions_mut().insert(told(arrival, observation));
}

/// What they are told of a request.
pub(super) fn told(arrival: Arrival, observation: &Observation) -> Told {
    let (check, client_id) = observation.told();
    Told {
        id: arrival.id,
        realm: arrival.realm,
        route: arrival.path,
        from: arrival.from,
        check,
        client_id,
    }
}

/// Tells the record. Where the service itself never got the request (`served` is false), no value is said to
/// have reached it; what the sender had put into it is told apart, and so is what a change took out of it.
pub(super) fn report(
    observer: &Observer,
    seen: Seen,
    answered: Answered,
    findings: Findings,
    passage: Passage,
    served: bool,
) {
    let capture = observer.capture;
    let copied = seen.take_body();
    let request_type = header_text(&seen.headers, &header::CONTENT_TYPE);
    let run = seen.arrival.run.as_deref();
    let sent = of_request(
        &observer.key,
        (&seen.url, &seen.headers, &copied.bytes),
        run,
    );
    let (mut values, kept_back) = if served {
        let mut kept_back = passage.sent;
        kept_back.retain(|value| !sent.iter().any(|known| known.hash == value.hash));
        (values(observer, sent, &answered), kept_back)
    } else {
        (Vec::new(), sent)
    };
    for value in findings.values {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let replica = observer.replica.as_ref();
    let replica = replica.map(|name| ("replica".to_owned(), name.to_string()));
    let arrival = seen.arrival;
    observer.reporter.report(Exchange {
        id: arrival.id,
        realm_time: observer.clocks.of(&arrival.realm).now().as_unix(),
        realm: arrival.realm,
        kind: Kind::Http,
        observer: crate::flow::Observer {
            party: observer.party.clone(),
            side: Side::Received,
        },
        from: arrival.from,
        to: observer.party.clone(),
        channel: arrival.channel,
        caused_by: None,
        started_us: arrival.started_us,
        duration_us: u64::try_from(seen.started.elapsed().as_micros()).unwrap_or(u64::MAX),
        method: seen.method.to_string(),
        url: capture.url(&seen.url),
        path: capture.path(arrival.path.as_ref().to_owned()),
        request_headers: capture.headers(&seen.headers),
        request_body: capture.body(&copied.bytes, copied.total, &request_type),
        status: answered.status,
        response_headers: capture.headers(&answered.headers),
        response_body: answered.body,
        failure: answered.failure,
        checks: capture.checks(findings.checks),
        values,
        kept_back,
        notes: capture
            .notes(findings.notes)
            .into_iter()
            .chain(passage.notes)
            .chain(replica)
            .collect(),
    });
}

/// The values that request and answer carried.
fn values(observer: &Observer, sent: Vec<Value>, answered: &Answered) -> Vec<Value> {
    let mut collector = Collector::after(&observer.key, sent);
    collector.location(&header_text(&answered.headers, &header::LOCATION));
    if header_text(&answered.headers, &header::CONTENT_TYPE).contains("json") {
        let text = String::from_utf8_lossy(&answered.bytes);
        collector.json(&text, ValuePlace::ResponseBody);
    }
    collector.finish()
}
