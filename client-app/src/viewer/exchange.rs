//! One exchange as a card: a line to scan, a sentence to read, and everything there is when opened.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use shared::flow::{Body, Channel, Header, Kind, Outcome};
use shared::page::{self, Frame, key_of};
use shared::realm::{Addresses, RealmName};

use super::PartyLabel;
use super::json::indented;
use super::moment::{Moment, milliseconds};
use super::reference::reference_of;
use super::sentence::sentence_of;
use crate::record::parameter::{Parameter, ParameterPlace, header};
use crate::record::view::ExchangeView;
use crate::state::AppState;

/// `GET {base}/flows/{id}/exchanges/{exchange}`: one card, for the page's script.
pub(crate) async fn fragment(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<ExchangePath>,
) -> HttpResponse {
    let id = path.exchange.parse().ok();
    match id.and_then(|id| state.record.exchange(&realm, &id)) {
        Some(exchange) => {
            let exchange = ExchangeCard::new(&frame, &state.addresses, exchange);
            page::html(&ExchangeFragment { frame, exchange }, StatusCode::OK)
        }
        None => HttpResponse::NotFound().finish(),
    }
}

/// The path of a card.
#[derive(Debug, Deserialize)]
pub(crate) struct ExchangePath {
    exchange: String,
}

/// `templates/exchange.html`, on its own.
#[derive(Template)]
#[template(path = "exchange.html")]
struct ExchangeFragment {
    frame: Frame,
    exchange: ExchangeCard,
}

/// What `templates/exchange.html` shows.
pub(crate) struct ExchangeCard {
    pub(crate) id: String,
    pub(crate) started_us: i64,
    pub(crate) started: Moment,
    pub(crate) from: PartyLabel,
    pub(crate) to: PartyLabel,
    pub(crate) in_browser: bool,
    pub(crate) channel: &'static str,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: Option<u16>,
    pub(crate) milliseconds: String,
    pub(crate) sentence: String,
    pub(crate) failure: Option<String>,
    pub(crate) checks: Vec<CheckLine>,
    pub(crate) leads: Option<Leads>,
    pub(crate) parameters: Vec<ParameterLine>,
    pub(crate) request: MessageText,
    pub(crate) response: MessageText,
    pub(crate) observers: Vec<PartyLabel>,
    pub(crate) caused_by: Option<String>,
    pub(crate) sender_milliseconds: Option<String>,
    pub(crate) notes: Vec<(String, String)>,
}

/// One check.
pub(crate) struct CheckLine {
    pub(crate) id: String,
    /// `passed`, `failed` or `not-reached`.
    pub(crate) outcome: &'static str,
    pub(crate) outcome_text: String,
    pub(crate) sentence: String,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) reference: String,
}

/// Where a redirect leads.
pub(crate) struct Leads {
    /// The location without its fragment.
    pub(crate) location: String,
    /// The fragment, which no server is sent.
    pub(crate) fragment: Option<String>,
}

/// One parameter.
pub(crate) struct ParameterLine {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether it is hidden until somebody asks.
    pub(crate) concealed: bool,
    pub(crate) place: String,
    pub(crate) sentence: Option<String>,
    pub(crate) reference: Option<&'static str>,
}

/// A request or a response as text.
pub(crate) struct MessageText {
    /// The first line and the headers.
    pub(crate) head: String,
    /// The body, JSON with its indentation.
    pub(crate) body: String,
    /// Whether the body is hidden until somebody asks: it holds a password.
    pub(crate) concealed: bool,
    /// Bytes that travelled and are not shown.
    pub(crate) cut: bool,
    pub(crate) bytes: u64,
}

impl ExchangeCard {
    /// The card of `exchange`.
    pub(crate) fn new(frame: &Frame, addresses: &Addresses, exchange: ExchangeView) -> Self {
        let sentence = sentence_of(frame, addresses, &exchange);
        let observers = exchange.observers.iter();
        let observers = observers
            .map(|observer| PartyLabel::of(frame, &observer.party))
            .collect();
        let has_password = exchange.parameters.iter().any(|parameter| {
            parameter.name == "password" && parameter.place == ParameterPlace::RequestBody
        });
        let parameters = exchange.parameters.iter();
        Self {
            started_us: exchange.started_us,
            started: Moment::of(exchange.started_us),
            from: PartyLabel::of(frame, &exchange.from),
            to: PartyLabel::of(frame, &exchange.to),
            in_browser: exchange.kind == Kind::InBrowser,
            channel: match exchange.channel {
                Channel::Front => "front",
                Channel::Back => "back",
            },
            milliseconds: milliseconds(exchange.duration_ms),
            sender_milliseconds: exchange.sender_duration_ms.map(milliseconds),
            checks: exchange
                .checks
                .iter()
                .map(|check| CheckLine::new(frame, check))
                .collect(),
            leads: leads(&exchange),
            parameters: parameters
                .map(|parameter| ParameterLine::new(frame, parameter, &exchange.path))
                .collect(),
            request: MessageText {
                head: request_head(&exchange),
                concealed: has_password,
                ..MessageText::of(&exchange.request.headers, &exchange.request.body)
            },
            response: MessageText {
                head: response_head(&exchange),
                ..MessageText::of(&exchange.response.headers, &exchange.response.body)
            },
            notes: exchange.notes.into_iter().collect(),
            caused_by: exchange.caused_by.map(String::from),
            id: exchange.id.into(),
            method: exchange.method,
            path: exchange.path,
            status: exchange.status,
            failure: exchange.failure,
            sentence,
            observers,
        }
    }

    /// How many checks ended so: `passed`, `failed` or `not-reached`.
    pub(crate) fn count(&self, outcome: &str) -> usize {
        self.checks
            .iter()
            .filter(|check| check.outcome == outcome)
            .count()
    }

    /// The check that said no.
    pub(crate) fn failed(&self) -> Option<&CheckLine> {
        self.checks.iter().find(|check| check.outcome == "failed")
    }

    /// Whether somebody said no, or nobody answered.
    pub(crate) fn has_failed(&self) -> bool {
        let refused = self.status.is_some_and(|status| status >= 400);
        self.failure.is_some() || refused || (self.failed().is_some() && !self.sends_on())
    }

    /// Whether the browser was sent on to mend what failed (to sign in, say).
    fn sends_on(&self) -> bool {
        let redirects = self
            .status
            .is_some_and(|status| (300..400).contains(&status));
        redirects
            && !self
                .parameters
                .iter()
                .any(|parameter| parameter.name == "error")
    }
}

impl CheckLine {
    fn new(frame: &Frame, check: &shared::flow::Check) -> Self {
        let outcome = match check.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::NotReached => "not-reached",
        };
        let sentence = frame.find(key_of("check", &check.id));
        Self {
            outcome,
            outcome_text: frame.t(key_of("outcome", outcome)),
            sentence: sentence.unwrap_or_else(|| check.id.clone()),
            id: check.id.clone(),
            expected: check.expected.clone(),
            got: check.got.clone(),
            reference: check.reference.clone(),
        }
    }
}

impl ParameterLine {
    fn new(frame: &Frame, parameter: &Parameter, path: &str) -> Self {
        let place = match parameter.place {
            ParameterPlace::RequestQuery => "record-place-request-query",
            ParameterPlace::RequestHeader => "record-place-request-header",
            ParameterPlace::RequestBody => "record-place-request-body",
            ParameterPlace::RedirectQuery => "record-place-redirect-query",
            ParameterPlace::RedirectFragment => "record-place-redirect-fragment",
            ParameterPlace::ResponseBody => "record-place-response-body",
        };
        Self {
            place: frame.t(place),
            concealed: parameter.name == "password",
            sentence: frame.find(key_of("parameter", &parameter.name)),
            reference: reference_of(&parameter.name, parameter.place, path),
            name: parameter.name.clone(),
            value: parameter.value.clone(),
        }
    }
}

impl MessageText {
    fn of(headers: &[Header], body: &Body) -> Self {
        let kind = header(headers, "content-type").unwrap_or_default();
        let pretty = if kind.contains("json") {
            indented(&body.text)
        } else {
            None
        };
        Self {
            head: String::new(),
            body: pretty.unwrap_or_else(|| body.text.clone()),
            concealed: false,
            cut: body.truncated,
            bytes: body.bytes,
        }
    }
}

fn leads(exchange: &ExchangeView) -> Option<Leads> {
    let location = header(&exchange.response.headers, "location")?;
    let (location, fragment) = match location.split_once('#') {
        Some((location, fragment)) => (location, Some(fragment.to_owned())),
        None => (location, None),
    };
    Some(Leads {
        location: location.to_owned(),
        fragment,
    })
}

fn request_head(exchange: &ExchangeView) -> String {
    let target = exchange.url.splitn(4, '/').nth(3).unwrap_or_default();
    let line = format!("{} /{target} HTTP/1.1", exchange.method);
    with_headers(line, &exchange.request.headers)
}

fn response_head(exchange: &ExchangeView) -> String {
    let status = exchange
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    let line = status.map_or_else(String::new, |status| format!("HTTP/1.1 {status}"));
    with_headers(line, &exchange.response.headers)
}

fn with_headers(mut text: String, headers: &[Header]) -> String {
    for header in headers {
        text.push('\n');
        text.push_str(&header.name);
        text.push_str(": ");
        text.push_str(&header.value);
    }
    text
}

/// A card as HTML.
#[cfg(test)]
pub(super) fn rendered(frame: Frame, exchange: ExchangeCard) -> String {
    ExchangeFragment { frame, exchange }
        .render()
        .unwrap_or_default()
}
