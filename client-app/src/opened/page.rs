//! The page: where the exchange stands in its flow, and its six tabs.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use shared::flow::{Channel, ExchangeId, Kind};
use shared::page::{self, Frame, key_of};
use shared::realm::{Addresses, RealmName};

use super::checks::Decision;
use super::is_concealed;
use super::message::{BodyView, MessageView};
use super::parameters::ParameterLine;
use super::said::{Piece, Said};
use super::token::{self, Opened, Side, TokenCard};
use super::words::Words;
use crate::export::curl::{self, Field};
use crate::page::Moment;
use crate::record::parameter::header as header_of;
use crate::record::view::{ExchangeView, FlowView};
use crate::state::AppState;
use crate::viewer::{PartyLabel, UnknownFlowPage, milliseconds, sends_on};

/// The tabs, in order: what the query names, and the key of its title.
const TABS: [(&str, &str); 6] = [
    ("words", "opened-tab-words"),
    ("request", "opened-tab-request"),
    ("response", "opened-tab-response"),
    ("parameters", "opened-tab-parameters"),
    ("checks", "opened-tab-checks"),
    ("curl", "opened-tab-curl"),
];

/// The path of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct OpenedPath {
    id: String,
    exchange: String,
}

/// The query of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    tab: String,
}

/// `GET {base}/flows/{id}/exchanges/{exchange}/open?tab=`: one exchange, opened. An exchange that became part of
/// another flow leads there.
pub(crate) async fn show(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<OpenedPath>,
    asked: web::Query<Asked>,
) -> HttpResponse {
    let exchange = path.exchange.parse::<ExchangeId>().ok();
    let found = exchange.and_then(|id| {
        let flow = state.record.flow_of(&realm, &id)?;
        Some((id, state.record.flow(&realm, &flow)?))
    });
    let Some((id, flow)) = found else {
        return page::html(&UnknownFlowPage { frame }, StatusCode::NOT_FOUND);
    };
    let tab = TABS.iter().map(|(name, _)| *name);
    let tab = tab
        .clone()
        .find(|name| *name == asked.tab)
        .or(tab.clone().next());
    let tab = tab.unwrap_or_default();
    if flow.summary.id.as_str() != path.id {
        let here = address(&frame, &flow, &id, tab);
        return HttpResponse::SeeOther()
            .insert_header((header::LOCATION, here))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish();
    }
    let exchange = flow.exchanges.iter().find(|exchange| exchange.id == id);
    let tokens = match exchange {
        Some(exchange) => token::open(&state, &realm, Some(&flow), exchange).await,
        None => Vec::new(),
    };
    let now = state.observer.clocks.of(&realm).now().as_unix();
    let asked = (&id, tab);
    match OpenedPage::new(frame, &state.addresses, &flow, asked, (&tokens, now)) {
        Ok(page) => page::html(&page, StatusCode::OK),
        Err(frame) => page::html(&UnknownFlowPage { frame: *frame }, StatusCode::NOT_FOUND),
    }
}

/// Where an exchange of `flow` is opened.
fn address(frame: &Frame, flow: &FlowView, exchange: &ExchangeId, tab: &str) -> String {
    let flow = &flow.summary.id;
    frame.link(format!("/flows/{flow}/exchanges/{exchange}/open?tab={tab}"))
}

/// `templates/opened.html`
#[derive(Template)]
#[template(path = "opened.html")]
pub(super) struct OpenedPage {
    frame: Frame,
    tabs: Vec<TabLink>,
    flow: String,
    grant: String,
    step: usize,
    steps: usize,
    before: Option<Neighbour>,
    after: Option<Neighbour>,
    head: Head,
    words: Words,
    request: MessageView,
    response: MessageView,
    tokens: TokenCards,
    leads: Option<Leads>,
    parameters: Vec<ParameterLine>,
    decision: Decision,
    refused: bool,
    curl: Option<Curl>,
}

/// One tab.
struct TabLink {
    name: &'static str,
    title: String,
    href: String,
    current: bool,
}

/// The exchange before or after this one.
struct Neighbour {
    href: String,
    step: usize,
    name: String,
}

/// The tokens, by the message in which they stand.
#[derive(Default)]
struct TokenCards {
    request: Vec<TokenCard>,
    response: Vec<TokenCard>,
}

impl TokenCards {
    /// Where the token that stands in this parameter is opened.
    fn anchor_of(&self, parameter: &ParameterLine) -> Option<&str> {
        let mut all = self.request.iter().chain(&self.response);
        let card = all.find(|card| card.name == parameter.name && card.place == parameter.place);
        card.map(|card| card.anchor.as_str())
    }
}

/// What identifies the exchange.
struct Head {
    id: String,
    in_browser: bool,
    title: String,
    from: PartyLabel,
    to: PartyLabel,
    channel: &'static str,
    status: Option<u16>,
    failure: Option<String>,
    milliseconds: String,
    sender_milliseconds: Option<String>,
    started: Moment,
    realm_time: Moment,
    observers: Vec<PartyLabel>,
    /// The exchange that was being answered meanwhile: where it is opened, and its name.
    caused_by: Option<Neighbour>,
    notes: Vec<(String, Said)>,
}

/// Where a redirect leads.
struct Leads {
    /// The location without its fragment.
    location: String,
    /// The fragment, which no server is sent.
    fragment: Option<String>,
}

/// The same request as a command.
struct Curl {
    command: String,
    /// The command with its passwords, where it has any.
    full: Option<String>,
    /// Whether the record hides what the command needs.
    has_gaps: bool,
}

impl OpenedPage {
    /// The page of exchange `id` of `flow`, with its tokens as they stand `now` (realm time, seconds); the frame
    /// back, where the flow does not have it.
    pub(super) fn new(
        frame: Frame,
        addresses: &Addresses,
        flow: &FlowView,
        (id, tab): (&ExchangeId, &'static str),
        (tokens, now): (&[Opened], i64),
    ) -> Result<Self, Box<Frame>> {
        let all = &flow.exchanges;
        let Some(at) = all.iter().position(|exchange| exchange.id == *id) else {
            return Err(Box::new(frame));
        };
        let Some(exchange) = all.get(at) else {
            return Err(Box::new(frame));
        };
        let neighbour = |exchange: &ExchangeView| Neighbour {
            href: address(&frame, flow, &exchange.id, tab),
            step: exchange.step,
            name: name(&frame, exchange),
        };
        let parameters = exchange.parameters.iter();
        let mut cards = TokenCards::default();
        for (opened, at) in tokens.iter().zip(1..) {
            let card = opened.card(&frame, at, exchange, now);
            match opened.side() {
                Side::Request => cards.request.push(card),
                Side::Response => cards.response.push(card),
            }
        }
        let decision = Decision::new(&frame, &exchange.checks, exchange.realm_time);
        let caused_by = exchange.caused_by.as_ref();
        let caused_by = caused_by.and_then(|id| all.iter().find(|other| other.id == *id));
        Ok(Self {
            tabs: TABS
                .map(|(name, key)| TabLink {
                    name,
                    title: frame.t(key),
                    href: address(&frame, flow, id, name),
                    current: name == tab,
                })
                .into(),
            flow: flow.summary.id.to_string(),
            grant: frame.t(key_of("grant-name", flow.summary.grant.name())),
            step: exchange.step,
            steps: all.len(),
            before: at.checked_sub(1).and_then(|at| all.get(at)).map(neighbour),
            after: all.get(at.saturating_add(1)).map(neighbour),
            head: Head::new(&frame, exchange, caused_by.map(neighbour)),
            words: Words::new(&frame, addresses, exchange),
            request: MessageView::request(&frame, exchange),
            response: MessageView::response(&frame, exchange),
            tokens: cards,
            leads: Leads::of(exchange),
            parameters: parameters
                .map(|parameter| ParameterLine::new(&frame, parameter, &exchange.path))
                .collect(),
            refused: decision.failed().is_some() && !sends_on(exchange),
            decision,
            curl: Curl::of(exchange),
            frame,
        })
    }
}

/// `POST /token`, or what stands in its place in the browser.
fn name(frame: &Frame, exchange: &ExchangeView) -> String {
    match exchange.kind {
        Kind::InBrowser => frame.t("opened-in-browser"),
        Kind::Http => format!("{} {}", exchange.method, exchange.path),
    }
}

impl Head {
    fn new(frame: &Frame, exchange: &ExchangeView, caused_by: Option<Neighbour>) -> Self {
        let observers = exchange.observers.iter();
        Self {
            id: exchange.id.to_string(),
            in_browser: exchange.kind == Kind::InBrowser,
            title: name(frame, exchange),
            from: PartyLabel::of(frame, &exchange.from),
            to: PartyLabel::of(frame, &exchange.to),
            channel: match exchange.channel {
                Channel::Front => "front",
                Channel::Back => "back",
            },
            status: exchange.status,
            failure: exchange.failure.clone(),
            milliseconds: milliseconds(exchange.duration_ms),
            sender_milliseconds: exchange.sender_duration_ms.map(milliseconds),
            started: Moment::of(exchange.started_us),
            realm_time: Moment::of(exchange.realm_time.saturating_mul(1_000_000)),
            observers: observers
                .map(|observer| PartyLabel::of(frame, &observer.party))
                .collect(),
            caused_by,
            notes: exchange
                .notes
                .iter()
                .map(|(name, fact)| {
                    (
                        name.clone(),
                        Said::fact(frame, name, fact, exchange.realm_time),
                    )
                })
                .collect(),
        }
    }
}

impl Leads {
    fn of(exchange: &ExchangeView) -> Option<Self> {
        let location = header_of(&exchange.response.headers, "location")?;
        let (location, fragment) = match location.split_once('#') {
            Some((location, fragment)) => (location, Some(fragment.to_owned())),
            None => (location, None),
        };
        Some(Self {
            location: location.to_owned(),
            fragment,
        })
    }
}

impl Curl {
    fn of(exchange: &ExchangeView) -> Option<Self> {
        let hides =
            |field: Field<'_>| matches!(field, Field::Parameter(name) if is_concealed(name));
        let command = curl::command(exchange, &hides)?;
        let full = curl::Command::of(exchange, &|_| false)?;
        let has_gaps = full.has_variable();
        let full = full.to_string();
        Some(Self {
            full: (full != command).then_some(full),
            command,
            has_gaps,
        })
    }
}
