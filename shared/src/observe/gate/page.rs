//! A browser that is held by a page: its request waits without a connection, and it comes back for it.
//!
//! Knows actix and the templates of pages.

use std::time::{Duration, Instant};

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpResponse};
use askama::Template;

use super::answer::{DROPPED, LEFT, answer_here, unanswered};
use super::shown::paused_of;
use super::{Gate, Passage, too_many};
use crate::control::{
    Arrival, Decision, HeldRequest, Hold, Resumed, StoredRequest, Ticket, Verdict,
};
use crate::flow::ExchangeId;
use crate::oauth::SessionToken;
use crate::observe::Observer;
use crate::observe::middleware::Observe;
use crate::observe::seen::public_url;
use crate::page::{self, CameBack, Frame};
use crate::serve::Cookies;
use crate::serve::cookies::value_of;
use crate::time::wall_clock_us;

/// The parameter by which a browser comes back.
const RESUMED: &str = "resumed";
/// The beginning of the name of the cookie that only the held browser has.
const COOKIE: &str = "grantscope_hold_";
/// How long a browser may take to come back once its request may go on.
const COMES_BACK: Duration = Duration::from_mins(1);

/// Gives the browser a page in the place of an answer, and lets its request wait.
pub(super) fn hold_by_page(
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
    id: String,
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
        Some(frame) => {
            let id = arrival.id.to_string();
            page::html(&HoldPage { frame, id, next }, StatusCode::OK)
        }
        None => HttpResponse::SeeOther()
            .insert_header((header::LOCATION, next))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish(),
    };
    let cookies = Cookies::of(observer.address());
    let cookie = cookies.make(&format!("{COOKIE}{}", arrival.id), secret.expose());
    // Fails only for a cookie that is no header value; ours is hex and base64url.
    let _ = response.add_cookie(&cookie);
    request.into_response(response)
}

/// The frame of a page in the place of the service's answer.
pub(super) fn frame_of(request: &ServiceRequest) -> Option<Frame> {
    let frame = Frame::from_request(request.request(), &mut actix_web::dev::Payload::None);
    frame.into_inner().ok()
}

/// The id under which a browser comes back, if it does.
pub(super) fn resumed_id(request: &ServiceRequest) -> Option<ExchangeId> {
    let query = request.uri().query()?;
    let id = query.strip_prefix(RESUMED)?.strip_prefix('=')?;
    id.parse().ok()
}

/// A browser came back: its own request takes the place of this one.
pub(super) fn come_back(
    observe: &Observe,
    mut request: ServiceRequest,
    came: &Arrival,
    id: &ExchangeId,
) -> Gate {
    let observer = observe.observer.as_ref();
    let name = Cookies::of(observer.address()).name(&format!("{COOKIE}{id}"));
    let secret = take_cookie(request.headers_mut(), &name);
    let resumed = observer.controls.resume(
        &came.realm,
        id,
        (&observer.party, &came.path),
        secret.as_deref(),
    );
    let Ok(Resumed { held, verdict }) = resumed else {
        // Too late, too early, or another browser: the page says which. Or another replica holds it: then the page
        // sends the browser back again, until its turn comes to the right one.
        let held = observer.replica.as_ref().map_or("", |_| "?held");
        let client_app = observer.addresses.client(&came.realm);
        let there = HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("{client_app}/paused/{id}{held}")))
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
        request.extensions_mut().insert(CameBack);
        return Gate::Answered(answer_here(observe, request, arrival, answer, passage));
    }
    passage.go_on(observer, (&arrival, &mut stored), verdict);
    stored.put(&mut request);
    request.extensions_mut().insert(CameBack);
    Gate::open(request, arrival, passage)
}

/// Takes one cookie out of the request; the service shall not see it.
fn take_cookie(headers: &mut HeaderMap, name: &str) -> Option<String> {
    let mut taken = None;
    let mut kept = Vec::new();
    for value in headers.get_all(header::COOKIE) {
        for pair in value.as_bytes().split(|byte| *byte == b';') {
            match value_of(pair, name) {
                Some(value) => taken = Some(value),
                None => kept.push(pair.trim_ascii().to_owned()),
            }
        }
    }
    headers.remove(header::COOKIE);
    if let Ok(value) = HeaderValue::from_bytes(&kept.join(b"; ".as_slice()))
        && !kept.is_empty()
    {
        headers.insert(header::COOKIE, value);
    }
    taken
}
