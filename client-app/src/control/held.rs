//! `GET {base}/paused/{id}`: one request that waits, to be decided; and what became of it afterwards.
//!
//! With `?held` it is the page of the browser that is held: it goes on by itself once anybody has decided, here or
//! in another tab. Without scripts it asks again every few seconds, unless `&edit` says that somebody is writing.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use shared::control::{EDITABLE_HEADERS, Fate, Hold, Paused, Place, Presence, WaitState};
use shared::page::{Frame, key_of};
use shared::realm::RealmName;

use super::line::{Desk, WaitingLine};
use super::overview::answer;
use crate::endpoint::flows::{PathId, id_in};
use crate::state::AppState;

/// The query of the page.
#[derive(Debug, Deserialize)]
pub(super) struct HeldQuery {
    held: Option<String>,
    edit: Option<String>,
    /// A decision that could not be carried out.
    refused: Option<String>,
}

/// A parameter in a form.
struct ParameterField {
    /// Its name in the form: `q0`, `b3`.
    key: String,
    name: String,
    value: String,
    place: String,
    /// Its value is not known here, and stays unless another is given.
    hidden: bool,
    /// It stays covered until somebody asks.
    concealed: bool,
    sentence: Option<String>,
}

/// A header in a form.
struct HeaderField {
    name: &'static str,
    value: String,
    hidden: bool,
}

/// `templates/paused_one.html`
#[derive(Template)]
#[template(path = "paused_one.html")]
struct OnePage {
    frame: Frame,
    csrf: String,
    line: WaitingLine,
    url: String,
    request: String,
    parameters: Vec<ParameterField>,
    headers: Vec<HeaderField>,
    /// The body as a whole, where it is no form.
    body: Option<String>,
    is_form: bool,
    by_page: bool,
    asked: HeldQuery,
}

/// `templates/paused_gone.html`: it waits no more.
#[derive(Template)]
#[template(path = "paused_gone.html")]
struct GonePage {
    frame: Frame,
    id: String,
    /// The key's end: `continued`, …, `going`, `unknown`.
    fate: &'static str,
    /// Where the browser that is held goes now.
    next: Option<String>,
    /// Whether the record knows the exchange.
    recorded: bool,
    /// Whether to ask again in a moment.
    again: bool,
}

/// `GET {base}/paused/{id}`.
pub(super) async fn show(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    request: HttpRequest,
    path: web::Path<PathId>,
    query: web::Query<HeldQuery>,
) -> HttpResponse {
    let controls = &state.observer.controls;
    let desk = Desk::of(&state, &request, &realm);
    let held = query.held.is_some();
    let id = id_in(&path);
    if let Some(id) = id.as_ref().filter(|_| held) {
        let written = query.edit.is_some();
        let presence = if written {
            Presence::Written
        } else {
            Presence::Watched
        };
        controls.heard_from(&realm, id, presence);
    }
    let paused = id.as_ref().and_then(|id| controls.find(&realm, id));
    if let Some(paused) = paused.as_ref().filter(|paused| paused.is_undecided()) {
        let page = OnePage::new(frame, &desk, paused, query.into_inner());
        return answer(&desk, &page, StatusCode::OK);
    }
    let fate = id.as_ref().and_then(|id| controls.fate(&realm, id));
    let going = paused.filter(|paused| paused.state == WaitState::Going);
    let next = going.as_ref().filter(|_| held);
    let next = next.and_then(resume_url);
    let recorded = id
        .as_ref()
        .is_some_and(|id| state.record.exchange(&realm, id).is_some());
    let page = GonePage {
        // A process of its own tells a moment later what waits there.
        again: (held && fate.is_none() && going.is_none()) || (going.is_some() && next.is_none()),
        fate: going.map_or_else(|| fate.map_or("unknown", Fate::name), |_| "going"),
        id: id.map(|id| id.to_string()).unwrap_or_default(),
        next,
        recorded,
        frame,
    };
    let status = if page.fate == "unknown" {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::OK
    };
    answer(&desk, &page, status)
}

/// Where the browser comes back to that is held by a page.
fn resume_url(paused: &Paused) -> Option<String> {
    match &paused.hold {
        Hold::Page { resume } => Some(resume.clone()),
        Hold::Connection => None,
    }
}

impl OnePage {
    /// Whether it is shown to the browser that is held.
    fn held(&self) -> bool {
        self.asked.held.is_some()
    }

    /// Whether somebody writes, so that it must not be asked for again.
    fn editing(&self) -> bool {
        self.asked.edit.is_some()
    }

    /// Whether a decision could not be carried out.
    fn refused(&self) -> bool {
        self.asked.refused.is_some()
    }

    fn new(frame: Frame, desk: &Desk, paused: &Paused, query: HeldQuery) -> Self {
        let parameters = paused.parameters.iter();
        let value = |name: &str| {
            let mut headers = paused.headers.iter();
            let header = headers.find(|header| header.name == name);
            header
                .map(|header| header.value.clone())
                .unwrap_or_default()
        };
        Self {
            line: WaitingLine::new(&frame, paused),
            url: paused.url.clone(),
            request: request_text(paused),
            parameters: parameters
                .map(|parameter| ParameterField {
                    key: field_key(parameter.place, parameter.index),
                    place: frame.t(match parameter.place {
                        Place::RequestQuery => "record-place-request-query",
                        Place::RequestBody => "record-place-request-body",
                    }),
                    sentence: frame.find(key_of("parameter", &parameter.name)),
                    concealed: parameter.name == "password" && !parameter.hidden,
                    hidden: parameter.hidden,
                    value: if parameter.hidden {
                        String::new()
                    } else {
                        parameter.value.clone()
                    },
                    name: parameter.name.clone(),
                })
                .collect(),
            headers: EDITABLE_HEADERS
                .into_iter()
                .map(|name| {
                    let value = value(name);
                    let hidden = is_hidden(&value);
                    HeaderField {
                        name,
                        value: if hidden { String::new() } else { value },
                        hidden,
                    }
                })
                .collect(),
            body: body_text(paused),
            is_form: paused.is_form,
            by_page: matches!(paused.hold, Hold::Page { .. }),
            asked: query,
            csrf: desk.csrf.clone(),
            frame,
        }
    }
}

/// Whether something of a value is hidden.
pub(super) fn is_hidden(value: &str) -> bool {
    value.contains(shared::flow::redaction::HIDDEN)
}

/// The body that can be changed as a whole: text that is there in full, and no form.
pub(super) fn body_text(paused: &Paused) -> Option<String> {
    let body = &paused.body;
    let whole = !paused.is_form && !body.truncated && !body.text.contains('\u{fffd}');
    (whole && body.bytes > 0 && !is_hidden(&body.text)).then(|| body.text.clone())
}

/// The name of a parameter's field.
pub(super) fn field_key(place: Place, index: usize) -> String {
    match place {
        Place::RequestQuery => format!("q{index}"),
        Place::RequestBody => format!("b{index}"),
    }
}

/// The request as it travelled, without its body where that is a form: its parameters stand above.
fn request_text(paused: &Paused) -> String {
    let target = paused.url.splitn(4, '/').nth(3).unwrap_or_default();
    let first = format!("{} /{target} HTTP/1.1", paused.method);
    let headers = paused.headers.iter();
    let lines = headers.map(|header| format!("{}: {}", header.name, header.value));
    std::iter::once(first)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}
