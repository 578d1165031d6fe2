//! The page of a refusal: what happened, which check said no and where, what to do next, and the flow.

use askama::Template;
use shared::flow::{Check, ExchangeId};
use shared::oauth::Challenge;
use shared::page::Frame;

use super::CheckLine;
use super::home::name_of;
use crate::flow::{Answer, Grant, Refusal};

/// `templates/refusal.html`
#[derive(Template)]
#[template(path = "refusal.html")]
pub(crate) struct RefusalPage {
    frame: Frame,
    refusal: RefusalView,
    /// The exchange that leads to the flow, where there is one.
    exchange: Option<String>,
    /// The number of the request, by which the log knows it.
    request: Option<String>,
    again: Option<(String, String)>,
}

/// A refusal, ready to show: on its own page, or on top of the inspector.
pub(crate) struct RefusalView {
    /// What happened, in three words.
    pub(crate) title: String,
    /// What happened.
    pub(crate) text: String,
    /// What to do next.
    pub(crate) next: String,
    /// The party that said no: `auth-server` …
    pub(crate) by: &'static str,
    /// Its name.
    pub(crate) by_name: String,
    /// The protocol's code.
    pub(crate) error: Option<String>,
    /// The sentence that came with it: hostile text.
    pub(crate) description: Option<String>,
    /// All checks of that party, as far as they are known.
    pub(crate) checks: Vec<CheckLine>,
    /// The answer in full.
    pub(crate) answer: Option<AnswerView>,
}

/// A server's answer, ready to show.
pub(crate) struct AnswerView {
    /// The status code.
    pub(crate) status: u16,
    /// The body, JSON laid out.
    pub(crate) body: String,
    /// `WWW-Authenticate` as it came.
    pub(crate) challenge: Option<String>,
    /// The same, parameter by parameter.
    pub(crate) challenge_parts: Vec<(String, String)>,
}

impl AnswerView {
    /// The view of `answer`.
    pub(crate) fn new(answer: &Answer) -> Self {
        let laid_out = serde_json::from_str::<serde_json::Value>(&answer.body)
            .and_then(|value| serde_json::to_string_pretty(&value));
        let parts = answer.challenge.as_deref().map(Challenge::read);
        Self {
            status: answer.status,
            body: laid_out.unwrap_or_else(|_| answer.body.clone()),
            challenge: answer.challenge.clone(),
            challenge_parts: parts.unwrap_or_default(),
        }
    }
}

impl RefusalView {
    /// The view of `refusal`, which `decided` decided.
    pub(crate) fn new(frame: &Frame, refusal: &Refusal, decided: &[Check]) -> Self {
        let text = |part: &str| frame.t(format!("error-app-{}-{part}", refusal.kind.slug()));
        let by = refusal.by.role();
        Self {
            title: text("title"),
            text: text("text"),
            next: text("next"),
            by,
            by_name: frame.named("service", by),
            error: refusal.error.as_deref().map(str::to_owned),
            description: refusal.description.as_deref().map(str::to_owned),
            checks: CheckLine::all(frame, decided),
            answer: refusal.answer.as_deref().map(AnswerView::new),
        }
    }

    /// The check that said no.
    pub(crate) fn failed(&self) -> Option<&CheckLine> {
        CheckLine::failed(&self.checks)
    }
}

impl RefusalPage {
    /// The page of `refusal`; `grant` is what to try again, `exchange` what the record has of it.
    pub(crate) fn new(
        frame: Frame,
        refusal: &Refusal,
        grant: Option<Grant>,
        decided: &[Check],
        exchange: Option<&ExchangeId>,
    ) -> Self {
        let again = grant.map(|grant| {
            let link = frame.link(format!("/grants/{}", grant.slug()));
            (link, name_of(&frame, grant))
        });
        Self {
            refusal: RefusalView::new(&frame, refusal, decided),
            exchange: exchange.map(ToString::to_string),
            request: None,
            again,
            frame,
        }
    }

    /// The page with the number of the request that it answers, for whoever asks the operator.
    pub(crate) fn asked_as(mut self, request: &ExchangeId) -> Self {
        self.request = Some(request.to_string());
        self
    }
}
