//! A flow as anybody may see it: everything that the allow-list of `shared::flow::redaction` does not show is hidden.

use std::borrow::Cow;

use shared::flow::redaction::Redaction;

use super::names::Names;
use crate::record::parameter::{Parameter, header};
use crate::record::view::{ExchangeView, FlowView, Message};

/// Whether values are shown in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// Hidden, or named: what every export does unless it is asked otherwise.
    Redacted,
    /// In full: only a demo, and only when it is asked for.
    Shown,
}

impl Values {
    /// `flow` as it may be exported.
    pub(crate) fn of<'f>(self, flow: &'f FlowView, names: &Names) -> Cow<'f, FlowView> {
        match self {
            Self::Shown => Cow::Borrowed(flow),
            Self::Redacted => Cow::Owned(redacted(flow, names)),
        }
    }
}

/// `flow` without what may not be shown.
fn redacted(flow: &FlowView, names: &Names) -> FlowView {
    let redaction = &names.redaction();
    let mut kept = flow.clone();
    let summary = &mut kept.summary;
    let shown = |name: &str, value: &mut Option<String>| {
        if let Some(value) = value {
            *value = redaction.value(name, value);
        }
    };
    shown("username", &mut summary.person);
    shown("client_id", &mut summary.client_id);
    shown("error", &mut summary.result.error);
    for exchange in &mut kept.exchanges {
        *exchange = redacted_exchange(exchange, names, redaction);
    }
    kept
}

fn redacted_exchange(
    exchange: &ExchangeView,
    names: &Names,
    redaction: &Redaction,
) -> ExchangeView {
    let parameters = exchange.parameters.iter().map(|parameter| Parameter {
        name: redaction.name(&parameter.name),
        // A value has its name also where the record itself hides it.
        value: match names.find(exchange, parameter) {
            Some(value) => value.shown(),
            None => shown_parameter(parameter, redaction),
        },
        place: parameter.place,
    });
    let checks = exchange.checks.iter().map(|check| redaction.check(check));
    let notes = exchange.notes.iter();
    let notes = notes.map(|(name, fact)| (redaction.name(name), redaction.note(name, fact)));
    ExchangeView {
        path: redaction.path(&exchange.path),
        url: redaction.url(&exchange.url),
        failure: exchange
            .failure
            .as_deref()
            .map(|text| redaction.prose(text)),
        parameters: parameters.collect(),
        checks: checks.collect(),
        notes: notes.collect(),
        request: redacted_message(&exchange.request, redaction),
        response: redacted_message(&exchange.response, redaction),
        ..exchange.clone()
    }
}

/// A member of a JSON answer that is no text stands as JSON, and is hidden inside too.
fn shown_parameter(parameter: &Parameter, redaction: &Redaction) -> String {
    let value = parameter.value.as_str();
    let is_nested = value.starts_with(['{', '[']);
    let shown = redaction.value(&parameter.name, value);
    if is_nested && shown == value {
        let whole = format!("{{\"{}\":{value}}}", parameter.name);
        let inside = redaction.json(&whole);
        let inside = inside
            .split_once(':')
            .and_then(|(_, rest)| rest.strip_suffix('}'));
        return inside.map_or(shown, str::to_owned);
    }
    shown
}

fn redacted_message(message: &Message, redaction: &Redaction) -> Message {
    let content_type = header(&message.headers, "content-type").unwrap_or_default();
    Message {
        headers: redaction.headers(&message.headers),
        body: redaction.body(&message.body, content_type),
    }
}
