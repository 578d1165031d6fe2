//! The gate before an observed service: where a request waits at a breakpoint, and what becomes of it there.
//!
//! | file | what is in it |
//! |---|---|
//! | `connection` | a request that waits on its connection |
//! | `page` | a browser that is held by a page, and comes back |
//! | `answer` | answers that are not the service's, and none at all |
//! | `shown` | a request as those see it who decide |
//!
//! Knows actix. A browser that navigates is not kept on its connection: it is given a page of the client app, and
//! comes back to the same URL with `?resumed={id}` and a cookie that only it has; then the request that it had
//! sent takes the place of the one that it comes back with. Everybody else waits on the connection.

mod answer;
mod connection;
mod page;
mod shown;

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;

use self::connection::hold_connection;
use self::page::{come_back, hold_by_page, resumed_id};
use super::Observer;
use super::middleware::Observe;
use super::values::{challenge_of, of_request};
use crate::control::edit::apply;
use crate::control::{Arrival, Decision, Stops, StoredRequest, Verdict};
use crate::flow::{Value, ValueHash};

/// What the record notes of a request that was stopped on its way.
#[derive(Debug, Default)]
pub(super) struct Passage {
    pub(super) notes: BTreeMap<String, String>,
    /// The values that its sender had put into it, where the service got others.
    pub(super) sent: Vec<Value>,
}

/// What the gate says.
pub(super) enum Gate {
    /// The service may have it.
    Open(Box<(ServiceRequest, Arrival, Passage)>),
    /// It was answered here.
    Answered(ServiceResponse),
}

impl Gate {
    fn open(request: ServiceRequest, arrival: Arrival, passage: Passage) -> Self {
        Self::Open(Box::new((request, arrival, passage)))
    }
}

/// Lets a request through, or lets it wait.
pub(super) async fn pass(observe: &Observe, mut request: ServiceRequest, arrival: Arrival) -> Gate {
    if let Some(id) = resumed_id(&request) {
        return come_back(observe, request, &arrival, &id);
    }
    let observer = observe.observer.as_ref();
    let controls = &observer.controls;
    let method = request.method().as_str();
    let Some(stops) = controls.stops(&arrival.realm, &observer.party, method, &arrival.path) else {
        return Gate::open(request, arrival, Passage::default());
    };
    let limit = controls.limits().body_bytes;
    let Some(stored) = StoredRequest::take(&mut request, limit).await else {
        controls.count_passed(&arrival.realm);
        return Gate::open(request, arrival, too_large());
    };
    if !is_meant(observer, &stops, &arrival, &stored) {
        return Gate::open(request, arrival, Passage::default());
    }
    if is_navigation(&request) {
        hold_by_page(observe, request, arrival, stored)
    } else {
        hold_connection(observe, request, arrival, stored).await
    }
}

/// Whether a breakpoint stops this very request: it names its client, or a value of its flow.
fn is_meant(observer: &Observer, stops: &Stops, arrival: &Arrival, stored: &StoredRequest) -> bool {
    let Stops::Those(conditions) = stops else {
        return true;
    };
    let client = stored.client_id();
    let carried: Vec<ValueHash> = {
        let values = values_of(observer, arrival, stored).into_iter();
        let challenge = challenge_of(&observer.key, stored);
        values.map(|value| value.hash).chain(challenge).collect()
    };
    let mut conditions = conditions.iter();
    conditions.any(|condition| condition.holds(client.as_deref(), &carried))
}

/// The values that a kept request carries.
fn values_of(observer: &Observer, arrival: &Arrival, stored: &StoredRequest) -> Vec<Value> {
    let url = stored.uri.to_string();
    of_request(
        &observer.key,
        (&url, &stored.headers, &stored.body),
        arrival.run.as_deref(),
    )
}

fn too_large() -> Passage {
    let mut passage = Passage::default();
    passage.note("not_paused", "the body is too large");
    passage
}

/// Whether a browser navigates, so that a page can hold it.
fn is_navigation(request: &ServiceRequest) -> bool {
    let text = |name: &str| {
        let value = request.headers().get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let navigates = match text("sec-fetch-mode") {
        Some(mode) => {
            mode == "navigate" && matches!(text("sec-fetch-dest"), None | Some("document"))
        }
        None => text("accept").is_some_and(|accept| accept.contains("text/html")),
    };
    navigates && matches!(*request.method(), Method::GET | Method::POST)
}

fn too_many() -> Passage {
    let mut passage = Passage::default();
    passage.note("not_paused", "too many requests wait");
    passage
}

impl Passage {
    fn after(paused: Duration) -> Self {
        let mut passage = Self::default();
        passage.note("paused_ms", &paused.as_millis().to_string());
        passage
    }

    fn note(&mut self, name: &str, fact: &str) {
        self.notes.insert(name.to_owned(), fact.to_owned());
    }

    /// Changes the request as it was decided, and notes what is different now.
    fn go_on(
        &mut self,
        observer: &Observer,
        (arrival, stored): (&Arrival, &mut StoredRequest),
        verdict: Verdict,
    ) {
        let sent = values_of(observer, arrival, stored);
        match verdict {
            Verdict::Decided(Decision::Change { edits }) => match apply(stored, &edits) {
                Ok(changed) if changed.names.is_empty() => {}
                Ok(changed) => {
                    let capture = observer.capture;
                    self.sent = sent;
                    let names = changed.names.iter().map(|name| capture.name(name));
                    self.note("changed", &names.collect::<Vec<_>>().join(" "));
                    for (name, sent) in changed.sent {
                        let kept = capture.parameter(&name, &sent);
                        self.note(&format!("sent.{}", capture.name(&name)), &kept);
                    }
                }
                Err(error) => self.note("not_changed", &error.to_string()),
            },
            Verdict::Released(release) => self.note("released", release.name()),
            Verdict::Decided(_) => {}
        }
    }
}
