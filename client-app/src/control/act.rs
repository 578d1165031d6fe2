//! The forms of the pages: `POST {base}/paused/mode`, `/paused/breakpoints`, `/paused/next`, `/paused/release` and
//! `/paused/{id}`.
//!
//! Each is accepted only from our own pages, and answers 303.

use std::collections::HashMap;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use shared::control::{
    Answer, Decision, EDITABLE_HEADERS, Edit, Mode, Paused, PausedParameter, Place, Release,
};
use shared::page::{Frame, is_local};
use shared::realm::RealmName;
use shared::serve::read_body;

use super::flows::tell;
use super::held::{body_text, field_key, is_hidden};
use super::line::{Desk, breakpoint_of};
use super::{IN_TIME, MAX_BODY};
use crate::endpoint::flows::{PathId, id_in};
use crate::state::AppState;

/// A form that came from one of our own pages.
pub(super) struct Sent {
    fields: HashMap<String, String>,
}

impl FromRequest for Sent {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(sent(request, payload))
    }
}

/// The form of a request. One that is not believed leads to a page with a fresh one.
async fn sent(request: HttpRequest, payload: Payload) -> Result<Sent, actix_web::Error> {
    let state = web::Data::<AppState>::extract(&request).await?;
    let realm = RealmName::extract(&request).await?;
    let frame = Frame::extract(&request).await?;
    let body = read_body(payload, MAX_BODY, IN_TIME).await;
    let fields = body.map(|body| url::form_urlencoded::parse(&body).into_owned().collect());
    let fields: HashMap<String, String> = fields.unwrap_or_default();
    let token = fields.get("csrf").map(String::as_str);
    let desk = Desk::of(&state, &request, &realm);
    if desk.sent(&state, &request, &realm, token) {
        return Ok(Sent { fields });
    }
    let fresh = see_other(&frame.link("/paused?expired=1"));
    Err(InternalError::from_response("not a form of ours", fresh).into())
}

impl Sent {
    fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Where the form returns to.
    fn back(&self, frame: &Frame) -> String {
        let back = self.get("back").filter(|back| is_local(back));
        back.map_or_else(|| frame.link("/paused"), str::to_owned)
    }
}

fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// `POST {base}/paused/mode`: run or step.
pub(super) async fn mode(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    sent: Sent,
) -> HttpResponse {
    let mode = match sent.get("mode") {
        Some("step") => Mode::Step,
        _ => Mode::Run,
    };
    if let Err(error) = state.realm_exists(&realm).await {
        tracing::warn!(%realm, %error, "the mode stays as it is");
    } else if let Err(error) = state.observer.controls.set_mode(&realm, mode) {
        tracing::warn!(%realm, %error, "the mode stays as it is");
    }
    see_other(&sent.back(&frame))
}

/// `POST {base}/paused/breakpoints`: sets one, removes one, or removes all.
pub(super) async fn breakpoints(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    sent: Sent,
) -> HttpResponse {
    let controls = &state.observer.controls;
    if let Some(mut breakpoint) = sent.get("set").and_then(breakpoint_of) {
        let client = sent.get("client_id").map(str::trim);
        let client = client.filter(|client| !client.is_empty());
        breakpoint.client_id = client.map(str::to_owned);
        breakpoint.flow = sent.get("flow").and_then(|flow| flow.parse().ok());
        if let Err(error) = state.realm_exists(&realm).await {
            tracing::warn!(%realm, %error, "a breakpoint was not set");
        } else if let Err(error) = controls.set(&realm, breakpoint) {
            tracing::warn!(%realm, %error, "a breakpoint was not set");
        }
        tell(&state.record, controls);
    }
    if let Some(breakpoint) = sent.get("remove").and_then(breakpoint_of) {
        // Another tab may have removed it before.
        let _ = controls.remove(&realm, &breakpoint);
    }
    if sent.get("clear").is_some() {
        controls.clear(&realm);
    }
    see_other(&sent.back(&frame))
}

/// `POST {base}/paused/next`: the oldest that waits goes on as it came.
pub(super) async fn next(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    sent: Sent,
) -> HttpResponse {
    let controls = &state.observer.controls;
    let waiting = controls.look(&realm).waiting;
    if let Some(oldest) = waiting.iter().find(|paused| paused.is_undecided()) {
        // Somebody may have been faster; then it is on its way already.
        let _ = controls.decide(&realm, &oldest.id, Decision::Continue);
    }
    see_other(&sent.back(&frame))
}

/// `POST {base}/paused/release`: everything that waits goes on as it came.
pub(super) async fn release(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    sent: Sent,
) -> HttpResponse {
    state.observer.controls.release(&realm, Release::All);
    see_other(&sent.back(&frame))
}

/// `POST {base}/paused/{id}`: decides what becomes of one.
pub(super) async fn one(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<PathId>,
    sent: Sent,
) -> HttpResponse {
    let controls = &state.observer.controls;
    let Some(id) = id_in(&path) else {
        return see_other(&frame.link("/paused"));
    };
    let here = frame.link(format!("/paused/{id}"));
    let held = sent.get("held").is_some();
    if let Some(paused) = controls.find(&realm, &id) {
        let decided = sent
            .decision(&paused)
            .map(|decision| controls.decide(&realm, &id, decision));
        if !matches!(decided, Some(Ok(()))) && paused.is_undecided() {
            let mark = if held { "held&edit&" } else { "" };
            return see_other(&format!("{here}?{mark}refused"));
        }
    }
    if held {
        see_other(&format!("{here}?held"))
    } else {
        see_other(&sent.back(&frame))
    }
}

impl Sent {
    /// What the form says; `None` for nothing that can be done.
    fn decision(&self, paused: &Paused) -> Option<Decision> {
        match self.get("do")? {
            "continue" => Some(Decision::Continue),
            "drop" => Some(Decision::Drop),
            "change" => {
                let edits = self.edits(paused);
                Some(if edits.is_empty() {
                    Decision::Continue
                } else {
                    Decision::Change { edits }
                })
            }
            "answer" => Some(Decision::Answer {
                answer: Answer {
                    status: self.get("status")?.parse().ok()?,
                    error: self.get("error")?.trim().to_owned(),
                    error_description: self.get("error_description")?.trim().to_owned(),
                },
            }),
            quick => {
                let (what, key) = quick.split_once('-')?;
                let mut parameters = paused.parameters.iter();
                let parameter = parameters.find(|one| field_key(one.place, one.index) == key)?;
                let edit = match what {
                    "omit" => parameter.remove(),
                    "flip" if !parameter.hidden => parameter.set(one_character(&parameter.value)),
                    _ => return None,
                };
                Some(Decision::Change { edits: vec![edit] })
            }
        }
    }

    fn edits(&self, paused: &Paused) -> Vec<Edit> {
        let parameters = paused.parameters.iter();
        let mut edits: Vec<Edit> = parameters.filter_map(|one| self.parameter(one)).collect();
        if let Some(name) = self.get("add-name").filter(|name| !name.is_empty()) {
            let place = match self.get("add-place") {
                Some("request_body") if paused.is_form => Place::RequestBody,
                _ => Place::RequestQuery,
            };
            edits.push(Edit::Add {
                place,
                name: name.to_owned(),
                value: self.get("add-value").unwrap_or_default().to_owned(),
            });
        }
        edits.extend(
            EDITABLE_HEADERS
                .iter()
                .filter_map(|name| self.header(paused, name)),
        );
        if let (Some(sent), Some(shown)) = (self.get("body"), body_text(paused))
            && with_line_feeds(sent) != with_line_feeds(&shown)
        {
            edits.push(Edit::Body {
                text: with_line_feeds(sent),
            });
        }
        edits
    }

    fn parameter(&self, parameter: &PausedParameter) -> Option<Edit> {
        let key = field_key(parameter.place, parameter.index);
        if self.get(&format!("x-{key}")).is_some() {
            return Some(parameter.remove());
        }
        let value = self.get(&format!("v-{key}"))?;
        let kept = if parameter.hidden {
            value.is_empty()
        } else {
            value == parameter.value
        };
        (!kept).then(|| parameter.set(value))
    }

    fn header(&self, paused: &Paused, name: &str) -> Option<Edit> {
        let value = self.get(&format!("h-{name}"))?.trim();
        let mut headers = paused.headers.iter();
        let shown = headers.find(|header| header.name == name);
        let shown = shown.map_or("", |header| header.value.as_str());
        let kept = value == shown || (is_hidden(shown) && value.is_empty());
        (!kept).then(|| Edit::Header {
            name: name.to_owned(),
            value: (!value.is_empty()).then(|| value.to_owned()),
        })
    }
}

/// A text area sends CR LF.
fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The same value with one character in its middle changed: the last of a signature may mean nothing.
fn one_character(value: &str) -> String {
    let middle = value.chars().count() / 2;
    let changed = value.chars().enumerate().map(|(at, c)| match c {
        _ if at != middle => c,
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        'a'..='y' | 'A'..='Y' | '0'..='8' => char::from_u32(u32::from(c) + 1).unwrap_or('x'),
        _ => 'x',
    });
    let changed: String = changed.collect();
    if changed == value {
        format!("{value}x")
    } else {
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_is_always_changed() {
        for value in ["", "x", "abc", "9", "a.b", "https://a.example/cb", "é"] {
            let changed = one_character(value);
            assert_ne!(changed, value);
            assert!(changed.chars().count() - value.chars().count() <= 1);
        }
        assert_eq!(one_character("abc"), "acc");
    }
}
