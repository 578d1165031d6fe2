//! The gate before an observed service: where a request waits at a breakpoint, and what becomes of it there.
//!
//! Knows actix. A browser that navigates is not kept on its connection: it is given a page of the client app, and
//! comes back to the same URL with `?resumed={id}` and a cookie that only it has; then the request that it had
//! sent takes the place of the one that it comes back with. Everybody else waits on the connection.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpResponse};
use askama::Template;
use bytes::Bytes;

use super::Observer;
use super::answered::{Answered, log, report};
use super::middleware::{Observe, name_exchange};
use super::observation::{Findings, Observation};
use super::seen::{public_url, see};
use crate::control::edit::apply;
use crate::control::{
    Answer, Arrival, Decision, HeldRequest, Hold, Paused, PausedParameter, Place, Resumed, Stops,
    StoredRequest, Ticket, Verdict, WaitState, parameters_of,
};
use crate::flow::ExchangeId;
use crate::flow::redaction::HIDDEN;
use crate::oauth::SessionToken;
use crate::page::{self, Frame};
use crate::time::wall_clock_us;

/// The parameter by which a browser comes back.
const RESUMED: &str = "resumed";
/// The beginning of the name of the cookie that only the held browser has.
const COOKIE: &str = "grantscope_hold_";
/// How long a browser may take to come back once its request may go on.
const COMES_BACK: Duration = Duration::from_mins(1);

/// What the record notes of a request that was stopped on its way.
#[derive(Debug, Default)]
pub(super) struct Passage {
    pub(super) notes: BTreeMap<String, String>,
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
    if let Stops::Clients(clients) = stops
        && stored.client_id().is_none_or(|id| !clients.contains(&id))
    {
        return Gate::open(request, arrival, Passage::default());
    }
    if is_navigation(&request) {
        hold_by_page(observe, request, arrival, stored)
    } else {
        hold_connection(observe, request, arrival, stored).await
    }
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

// --- on the connection

async fn hold_connection(
    observe: &Observe,
    mut request: ServiceRequest,
    arrival: Arrival,
    mut stored: StoredRequest,
) -> Gate {
    let observer = observe.observer.as_ref();
    let paused = paused_of(observer, &arrival, &stored, Hold::Connection);
    let begun = Instant::now();
    let Ok(mut ticket) = observer.controls.wait(paused, None) else {
        return Gate::open(request, arrival, too_many());
    };
    let verdict = ticket.verdict().await;
    let mut passage = Passage::after(begun.elapsed());
    match verdict {
        Verdict::Decided(Decision::Drop) => {
            passage.note("dropped", "true");
            unanswered(observe, arrival, &stored, passage, DROPPED);
            Gate::Answered(request.into_response(hung_up()))
        }
        Verdict::Decided(Decision::Answer { answer }) => {
            Gate::Answered(answer_here(observe, request, arrival, &answer, passage))
        }
        other => {
            passage.go_on(observer, &mut stored, other);
            stored.put(&mut request);
            Gate::open(request, arrival, passage)
        }
    }
}

fn too_many() -> Passage {
    let mut passage = Passage::default();
    passage.note("not_paused", "too many requests wait");
    passage
}

const DROPPED: &str = "dropped at a breakpoint: the server never got it";
const LEFT: &str = "held at a breakpoint: the browser did not come back for it";

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
    fn go_on(&mut self, observer: &Observer, stored: &mut StoredRequest, verdict: Verdict) {
        match verdict {
            Verdict::Decided(Decision::Change { edits }) => match apply(stored, &edits) {
                Ok(changed) if changed.names.is_empty() => {}
                Ok(changed) => {
                    let capture = observer.capture;
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

/// An answer that is none: actix has written nothing of it when its body fails, and closes the connection.
fn hung_up() -> HttpResponse {
    HttpResponse::Ok().body(Broken)
}

/// A body that breaks at once.
struct Broken;

impl MessageBody for Broken {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("dropped at a breakpoint"))))
    }
}

// --- by a page

fn hold_by_page(
    observe: &Observe,
    request: ServiceRequest,
    arrival: Arrival,
    stored: StoredRequest,
) -> Gate {
    let observer = observe.observer.as_ref();
    let Ok(secret) = SessionToken::generate() else {
        return Gate::open(request, arrival, Passage::default());
    };
    let target = format!("{}?{RESUMED}={}", stored.uri.path(), arrival.id);
    let by_page = Hold::Page {
        resume: public_url(&target, observer),
    };
    let paused = paused_of(observer, &arrival, &stored, by_page);
    let held = HeldRequest {
        request: stored.clone(),
        arrival: arrival.clone(),
        secret: SessionToken::from_text(secret.expose()),
    };
    let Ok(ticket) = observer.controls.wait(paused, Some(Box::new(held))) else {
        return Gate::open(request, arrival, too_many());
    };
    let response = holding_page(observer, request, &arrival, &secret);
    tokio::spawn(watch_over(observe.clone(), ticket, arrival, stored));
    Gate::Answered(response)
}

/// Waits until a page's request is decided and its browser has come back; tells the record of one that the
/// service never gets.
async fn watch_over(observe: Observe, mut ticket: Ticket, arrival: Arrival, stored: StoredRequest) {
    let begun = Instant::now();
    let verdict = ticket.verdict().await;
    let failure = match verdict {
        Verdict::Decided(Decision::Drop) => DROPPED,
        _ if ticket.resumed(COMES_BACK).await => return,
        _ => LEFT,
    };
    let mut passage = Passage::after(begun.elapsed());
    let note = if failure == DROPPED {
        "dropped"
    } else {
        "left"
    };
    passage.note(note, "true");
    unanswered(&observe, arrival, &stored, passage, failure);
}

/// `templates/hold.html`: sends the browser on to the page of the client app that holds it. Not a redirect: one
/// that follows a form would be refused by the `form-action` of the page that the form stands on.
#[derive(Template)]
#[template(path = "hold.html")]
struct HoldPage {
    frame: Frame,
    next: String,
}

fn holding_page(
    observer: &Observer,
    request: ServiceRequest,
    arrival: &Arrival,
    secret: &SessionToken,
) -> ServiceResponse {
    let client_app = observer.addresses.client(&arrival.realm);
    let next = format!("{client_app}/paused/{}?held", arrival.id);
    let mut response = match frame_of(&request) {
        Some(frame) => page::html(&HoldPage { frame, next }, StatusCode::OK),
        None => HttpResponse::SeeOther()
            .insert_header((header::LOCATION, next))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish(),
    };
    let cookie = Cookie::build(
        format!("{COOKIE}{}", arrival.id),
        secret.expose().to_owned(),
    )
    .path("/")
    .http_only(true)
    .same_site(SameSite::Lax)
    .secure(observer.address().starts_with("https://"))
    .finish();
    // Fails only for a cookie that is no header value; ours is hex and base64url.
    let _ = response.add_cookie(&cookie);
    request.into_response(response)
}

fn frame_of(request: &ServiceRequest) -> Option<Frame> {
    let frame = Frame::from_request(request.request(), &mut actix_web::dev::Payload::None);
    frame.into_inner().ok()
}

/// The id under which a browser comes back, if it does.
fn resumed_id(request: &ServiceRequest) -> Option<ExchangeId> {
    let query = request.uri().query()?;
    let id = query.strip_prefix(RESUMED)?.strip_prefix('=')?;
    id.parse().ok()
}

/// A browser came back: its own request takes the place of this one.
fn come_back(
    observe: &Observe,
    mut request: ServiceRequest,
    came: &Arrival,
    id: &ExchangeId,
) -> Gate {
    let observer = observe.observer.as_ref();
    let name = format!("{COOKIE}{id}");
    let secret = take_cookie(request.headers_mut(), &name);
    let resumed = observer.controls.resume(
        &came.realm,
        id,
        (&observer.party, &came.path),
        secret.as_deref(),
    );
    let Ok(Resumed { held, verdict }) = resumed else {
        // Too late, too early, or another browser: the page says which.
        let client_app = observer.addresses.client(&came.realm);
        let there = HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("{client_app}/paused/{id}")))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish();
        return Gate::Answered(request.into_response(there));
    };
    let HeldRequest {
        request: mut stored,
        arrival,
        ..
    } = *held;
    // The wall clock, as the wait began on another connection.
    let paused_us = wall_clock_us().saturating_sub(arrival.started_us).max(0);
    let mut passage = Passage::default();
    passage.note("paused_ms", &paused_us.div_euclid(1000).to_string());
    if let Verdict::Decided(Decision::Answer { answer }) = &verdict {
        stored.put(&mut request);
        return Gate::Answered(answer_here(observe, request, arrival, answer, passage));
    }
    passage.go_on(observer, &mut stored, verdict);
    stored.put(&mut request);
    Gate::open(request, arrival, passage)
}

/// Takes one cookie out of the request; the service shall not see it.
fn take_cookie(headers: &mut HeaderMap, name: &str) -> Option<String> {
    let mut taken = None;
    let mut kept = Vec::new();
    for value in headers.get_all(header::COOKIE) {
        for pair in String::from_utf8_lossy(value.as_bytes()).split(';') {
            match pair.trim().split_once('=') {
                Some((known, value)) if known == name => taken = Some(value.to_owned()),
                _ => kept.push(pair.trim().to_owned()),
            }
        }
    }
    headers.remove(header::COOKIE);
    if let Ok(value) = HeaderValue::from_str(&kept.join("; "))
        && !kept.is_empty()
    {
        headers.insert(header::COOKIE, value);
    }
    taken
}

// --- answers that are not the service's

/// `templates/answered.html`: an error that the breakpoint gave.
#[derive(Template)]
#[template(path = "answered.html")]
struct AnsweredPage {
    frame: Frame,
    status: u16,
    error: String,
    description: String,
    paused: String,
}

/// Answers in place of the service, and says so in the record.
fn answer_here(
    observe: &Observe,
    mut request: ServiceRequest,
    arrival: Arrival,
    answer: &Answer,
    mut passage: Passage,
) -> ServiceResponse {
    let observer = observe.observer.as_ref();
    passage.note("answered_by", "breakpoint");
    let seen = see(&mut request, observe, arrival, false);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let frame = frame_of(&request).filter(|_| is_navigation(&request));
    let response = match frame {
        Some(frame) => {
            let page = AnsweredPage {
                paused: frame.client_app("/paused"),
                frame,
                status: answer.status,
                error: answer.error.clone(),
                description: answer.error_description.clone(),
            };
            page::html(&page, status)
        }
        None => error_json(status, answer),
    };
    let mut response = request.into_response(response);
    name_exchange(&mut response, &seen);
    log(&seen, answer.status, &Observation::nowhere());
    let (response, answered) = Answered::copy(response, observer.capture);
    let nothing = Findings::default();
    report(observer, seen, answered, nothing, passage.notes, false);
    response
}

fn error_json(status: StatusCode, answer: &Answer) -> HttpResponse {
    let mut body = serde_json::json!({ "error": answer.error });
    if !answer.error_description.is_empty()
        && let Some(members) = body.as_object_mut()
    {
        let text = answer.error_description.clone();
        members.insert("error_description".to_owned(), text.into());
    }
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}

/// Tells the record of a request that the service never got.
fn unanswered(
    observe: &Observe,
    arrival: Arrival,
    stored: &StoredRequest,
    passage: Passage,
    failure: &str,
) {
    let observer = observe.observer.as_ref();
    tracing::info!(exchange = %arrival.id, realm = %arrival.realm, path = %arrival.path, failure, "not answered");
    let seen = super::seen::Seen::of_stored(arrival, stored, observer);
    let nothing = Findings::default();
    let answered = Answered::none(failure);
    report(observer, seen, answered, nothing, passage.notes, false);
}

// --- how it is shown

/// A request as those see it who decide: by the rules of the record.
fn paused_of(observer: &Observer, arrival: &Arrival, stored: &StoredRequest, hold: Hold) -> Paused {
    let capture = observer.capture;
    let url = capture.url(&public_url(&stored.uri.to_string(), observer));
    let total = u64::try_from(stored.body.len()).unwrap_or(u64::MAX);
    let body = capture.body(&stored.body, total, &stored.header("content-type"));
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut parameters = shown(query, Place::RequestQuery);
    let is_form = stored.is_form() && std::str::from_utf8(&stored.body).is_ok();
    if is_form {
        parameters.extend(shown(&body.text, Place::RequestBody));
    }
    let longest = i64::from(observer.controls.limits().longest.as_seconds());
    Paused {
        id: arrival.id.clone(),
        realm: arrival.realm.clone(),
        from: arrival.from.clone(),
        to: observer.party.clone(),
        channel: arrival.channel,
        method: stored.method.to_string(),
        headers: capture.headers(&stored.headers),
        path: capture.path(arrival.path.clone()),
        url,
        parameters,
        body,
        is_form,
        since_us: arrival.started_us,
        until_us: wall_clock_us().saturating_add(longest.saturating_mul(1_000_000)),
        hold,
        state: WaitState::Waiting,
    }
}

fn shown(text: &str, place: Place) -> Vec<PausedParameter> {
    let parameters = parameters_of(text).into_iter().enumerate();
    parameters
        .map(|(index, (name, value))| PausedParameter {
            place,
            index,
            hidden: value == HIDDEN,
            name,
            value,
        })
        .collect()
}
