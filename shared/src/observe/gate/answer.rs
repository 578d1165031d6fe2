//! Answers that are not the service's: an error that the breakpoint gives, and none at all.
//!
//! Knows actix and the templates of pages.

use actix_web::HttpResponse;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use askama::Template;

use super::page::frame_of;
use super::{Passage, is_navigation};
use crate::control::{Answer, Arrival, StoredRequest};
use crate::observe::answered::{Answered, report, tell};
use crate::observe::middleware::{Observe, name_exchange};
use crate::observe::observation::{Findings, Observation};
use crate::observe::seen::{Seen, see};
use crate::page::{self, Frame};

/// What the record says of a request that was taken away.
pub(super) const DROPPED: &str = "dropped at a breakpoint: the server never got it";
/// What it says of one whose browser went elsewhere.
pub(super) const LEFT: &str = "held at a breakpoint: the browser did not come back for it";

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
pub(super) fn answer_here(
    observe: &Observe,
    mut request: ServiceRequest,
    arrival: Arrival,
    answer: &Answer,
    mut passage: Passage,
) -> ServiceResponse {
    let observer = observe.observer.as_ref();
    passage.note("answered_by", "breakpoint");
    let seen = see(&mut request, observe, arrival.clone());
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
    name_exchange(&mut response, &arrival);
    tell(response.request(), arrival, &Observation::nowhere());
    let (response, answered) = Answered::copy(response, observer.capture);
    let nothing = Findings::default();
    report(observer, seen, answered, nothing, passage, false);
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
pub(super) fn unanswered(
    observe: &Observe,
    arrival: Arrival,
    stored: &StoredRequest,
    passage: Passage,
    failure: &str,
) {
    let observer = observe.observer.as_ref();
    tracing::info!(exchange = %arrival.id, realm = %arrival.realm, path = %arrival.path, failure, "not answered");
    let seen = Seen::of_stored(arrival, stored, observer);
    let nothing = Findings::default();
    let answered = Answered::none(failure);
    report(observer, seen, answered, nothing, passage, false);
}
