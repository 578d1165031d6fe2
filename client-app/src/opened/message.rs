//! Request and response as they travelled: first line, headers, body; JSON and forms laid out to be read.

use actix_web::http::StatusCode;
use shared::flow::{Body, Header};
use shared::page::{Frame, key_of};

use super::is_concealed;
use crate::record::parameter::header;
use crate::record::view::{ExchangeView, Message};
use crate::viewer::{Reference, header_reference, indented};

/// The headers that the protocol speaks with.
const OF_PROTOCOL: [&str; 13] = [
    "authorization",
    "www-authenticate",
    "content-type",
    "accept",
    "cache-control",
    "location",
    "retry-after",
    "cookie",
    "set-cookie",
    "origin",
    "allow",
    "dpop",
    "exchange-id",
];
/// The most pairs of a form that are laid out one by one.
const MOST_PAIRS: usize = 200;

/// A request or a response.
pub(crate) struct MessageView {
    /// `POST /token HTTP/1.1`; empty where no answer came.
    pub(crate) start: String,
    /// The headers that the protocol speaks with.
    pub(crate) headers: Vec<HeaderLine>,
    /// The headers that any message has.
    pub(crate) others: Vec<HeaderLine>,
    pub(crate) body: BodyView,
    /// The bytes that travelled, where not all of them were kept.
    pub(crate) cut: Option<u64>,
}

/// One header.
pub(crate) struct HeaderLine {
    pub(crate) name: String,
    pub(crate) value: String,
    /// What stands in its place until somebody asks for a secret in it.
    pub(crate) concealed: Option<String>,
    pub(crate) sentence: Option<String>,
    pub(crate) reference: Option<Reference>,
}

/// A body, to be read.
pub(crate) enum BodyView {
    /// Nothing travelled.
    Empty,
    /// A form: its pairs decoded, and the text as it travelled.
    Form(Vec<FormLine>, String),
    /// JSON, indented.
    Json(String),
    /// Any other text.
    Text(String),
}

/// One pair of a form.
pub(crate) struct FormLine {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether it is hidden until somebody asks.
    pub(crate) concealed: bool,
}

impl MessageView {
    /// The request of `exchange`.
    pub(crate) fn request(frame: &Frame, exchange: &ExchangeView) -> Self {
        let target = exchange.url.splitn(4, '/').nth(3).unwrap_or_default();
        let start = format!("{} /{target} HTTP/1.1", exchange.method);
        Self::new(frame, start, &exchange.request)
    }

    /// The response of `exchange`.
    pub(crate) fn response(frame: &Frame, exchange: &ExchangeView) -> Self {
        let status = exchange.status.map(|status| {
            let known = StatusCode::from_u16(status).ok();
            known.map_or_else(|| status.to_string(), |status| status.to_string())
        });
        let start = status.map_or_else(String::new, |status| format!("HTTP/1.1 {status}"));
        Self::new(frame, start, &exchange.response)
    }

    fn new(frame: &Frame, start: String, message: &Message) -> Self {
        let headers = message.headers.iter();
        let headers = headers.map(|line| HeaderLine::new(frame, line));
        let (headers, others) = headers.partition(HeaderLine::is_of_protocol);
        let body = &message.body;
        Self {
            start,
            headers,
            others,
            body: BodyView::of(&message.headers, body),
            cut: body.truncated.then_some(body.bytes),
        }
    }

    /// Whether nothing of it is there.
    pub(crate) fn is_empty(&self) -> bool {
        self.start.is_empty() && self.headers.is_empty() && self.others.is_empty()
    }
}

impl HeaderLine {
    fn new(frame: &Frame, header: &Header) -> Self {
        let name = header.name.to_ascii_lowercase();
        let scheme = header.value.split(' ').next().unwrap_or_default();
        let holds_secret = name == "authorization" && scheme.eq_ignore_ascii_case("basic");
        Self {
            concealed: holds_secret.then(|| format!("{scheme} ••••••")),
            sentence: frame.find(key_of("header", &name)),
            reference: header_reference(&name).map(Reference::of),
            name: header.name.clone(),
            value: header.value.clone(),
        }
    }
}

impl HeaderLine {
    /// Whether the protocol speaks with it; any other header is shown when it is asked for.
    fn is_of_protocol(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        OF_PROTOCOL.contains(&name.as_str()) || name.starts_with("access-control-")
    }
}

impl BodyView {
    fn of(headers: &[Header], body: &Body) -> Self {
        if body.text.is_empty() {
            return Self::Empty;
        }
        let kind = header(headers, "content-type").unwrap_or_default();
        if kind.starts_with("application/x-www-form-urlencoded") {
            let pairs = url::form_urlencoded::parse(body.text.as_bytes());
            let pairs = pairs.take(MOST_PAIRS).map(|(name, value)| FormLine {
                concealed: is_concealed(&name),
                name: name.into_owned(),
                value: value.into_owned(),
            });
            return Self::Form(pairs.collect(), body.text.clone());
        }
        if kind.contains("json") {
            return match indented(&body.text) {
                Some(text) => Self::Json(text),
                None => Self::Text(body.text.clone()),
            };
        }
        Self::Text(body.text.clone())
    }

    /// Whether the text as it travelled holds what is hidden until somebody asks.
    pub(crate) fn holds_secret(&self) -> bool {
        matches!(self, Self::Form(lines, _) if lines.iter().any(|line| line.concealed))
    }
}
