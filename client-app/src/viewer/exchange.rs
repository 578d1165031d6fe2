//! One exchange as a card: a line to scan, a sentence to read, how it was decided, and the way to its own page.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use shared::flow::{Channel, ExchangeId, Kind, Outcome, ValueKind};
use shared::page::{self, Frame, key_of};
use shared::realm::{Addresses, RealmName};

use super::PartyLabel;
use super::moment::milliseconds;
use super::sentence::sentence_of;
use crate::diagram::{self, ChipDrawn, Scene, step_of};
use crate::record::view::{ExchangeView, FlowView};
use crate::state::AppState;

/// `GET {base}/flows/{id}/exchanges/{exchange}`: one card, for the page's script.
pub(crate) async fn fragment(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<ExchangePath>,
) -> HttpResponse {
    let id = path.exchange.parse::<ExchangeId>().ok();
    let id = id.and_then(|id| Some((state.record.flow_of(&realm, &id)?, id)));
    let flow = id.and_then(|(flow, id)| Some((state.record.flow(&realm, &flow)?, id)));
    let Some((flow, id)) = flow else {
        return HttpResponse::NotFound().finish();
    };
    let mut cards = cards(&frame, &state.addresses, flow, |known| *known == id);
    match cards.pop() {
        Some(exchange) => page::html(&ExchangeFragment { frame, exchange }, StatusCode::OK),
        None => HttpResponse::NotFound().finish(),
    }
}

/// The cards of those exchanges of a flow that are wanted, in order.
pub(crate) fn cards(
    frame: &Frame,
    addresses: &Addresses,
    flow: FlowView,
    wanted: impl Fn(&ExchangeId) -> bool,
) -> Vec<ExchangeCard> {
    let scene = Scene::of(&flow);
    let total = flow.exchanges.len();
    let steps = flow.exchanges.into_iter().zip(&scene.steps);
    let steps = steps.filter(|(exchange, _)| wanted(&exchange.id));
    let card = |(exchange, step): (ExchangeView, &_)| ExchangeCard {
        chips: diagram::chips(frame, step),
        ..ExchangeCard::new(frame, addresses, exchange, total)
    };
    steps.map(card).collect()
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
    pub(crate) flow: String,
    pub(crate) started_us: i64,
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
    /// The check that said no.
    pub(crate) failed: Option<FailedCheck>,
    /// How many checks passed.
    pub(crate) passed: usize,
    /// `Step 4 of 9.`
    pub(crate) step_of: String,
    /// The values that it carried, each once.
    pub(crate) chips: Vec<ChipDrawn>,
    sends_on: bool,
}

/// The check that decided against a request.
pub(crate) struct FailedCheck {
    pub(crate) id: String,
    pub(crate) sentence: String,
}

impl ExchangeCard {
    /// The card of `exchange`, of a flow of `total`; without its values, which the flow numbers.
    pub(crate) fn new(
        frame: &Frame,
        addresses: &Addresses,
        exchange: ExchangeView,
        total: usize,
    ) -> Self {
        let checks = exchange.checks.iter();
        let failed = checks.clone().find(|made| made.outcome == Outcome::Failed);
        Self {
            sentence: sentence_of(frame, addresses, &exchange),
            failed: failed.map(|check| FailedCheck {
                id: check.id.clone(),
                sentence: frame
                    .find(key_of("check", &check.id))
                    .unwrap_or_else(|| check.id.clone()),
            }),
            passed: checks
                .filter(|made| made.outcome == Outcome::Passed)
                .count(),
            step_of: step_of(frame, exchange.step, total),
            chips: Vec::new(),
            sends_on: sends_on(&exchange),
            started_us: exchange.started_us,
            from: PartyLabel::of(frame, &exchange.from),
            to: PartyLabel::of(frame, &exchange.to),
            in_browser: exchange.kind == Kind::InBrowser,
            channel: match exchange.channel {
                Channel::Front => "front",
                Channel::Back => "back",
            },
            milliseconds: milliseconds(exchange.duration_ms),
            id: exchange.id.into(),
            flow: exchange.flow.into(),
            method: exchange.method,
            path: exchange.path,
            status: exchange.status,
            failure: exchange.failure,
        }
    }

    /// Whether somebody said no, or nobody answered.
    pub(crate) fn has_failed(&self) -> bool {
        let refused = self.status.is_some_and(|status| status >= 400) && !self.sends_on;
        self.failure.is_some() || refused || (self.failed.is_some() && !self.sends_on)
    }
}

/// Whether the browser was sent on to mend what failed (to sign in, say), or a device is to ask again.
pub(crate) fn sends_on(exchange: &ExchangeView) -> bool {
    let status = exchange.status;
    let redirects = status.is_some_and(|status| (300..400).contains(&status));
    let mut parameters = exchange.parameters.iter();
    let errs = parameters.any(|parameter| parameter.name == "error");
    (redirects && !errs) || exchange.is_not_yet()
}

/// What a value is called in the protocol, in every language.
pub(crate) const fn name_of(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Password => "password",
        ValueKind::ClientSecret => "client_secret",
        ValueKind::State => "state",
        ValueKind::Nonce => "nonce",
        ValueKind::RequestUri => "request_uri",
        ValueKind::Code => "code",
        ValueKind::DeviceCode => "device_code",
        ValueKind::UserCode => "user_code",
        ValueKind::CodeVerifier => "code_verifier",
        ValueKind::CodeChallenge => "code_challenge",
        ValueKind::KeyThumbprint => "jkt",
        ValueKind::AccessToken => "access_token",
        ValueKind::RefreshToken => "refresh_token",
        ValueKind::IdToken => "id_token",
        ValueKind::Interaction => "interaction",
        ValueKind::Run => "run",
        ValueKind::SessionId => "sid",
        ValueKind::LogoutToken => "logout_token",
    }
}

/// A card as HTML.
#[cfg(test)]
pub(super) fn rendered(frame: Frame, exchange: ExchangeCard) -> String {
    ExchangeFragment { frame, exchange }
        .render()
        .unwrap_or_default()
}
