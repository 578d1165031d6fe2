//! Plan: how a recorded flow is executed again, read off its exchanges.
//!
//! A flow that this client app ran is begun anew at this client app, which then does all that a client does. Of a flow
//! of anybody else's client the robot sends the requests itself, with fresh values wherever the client made fresh ones.

use shared::flow::{ExchangeId, Kind, Party};

use super::BreakError;
use super::edit::read;
use super::job::Target;
use super::offer::is_told_to_wait;
use super::robot::Conduct;
use crate::config::DemoConfig;
use crate::record::parameter::{ParameterPlace, header};
use crate::record::view::{ExchangeView, FlowView};

/// How a flow is executed again.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// Through this client app: what its person pressed.
    Own(Vec<Press>),
    /// In place of the client: what it sent.
    StandIn(Vec<Step>),
}

/// A button of this client app that somebody pressed.
#[derive(Clone, Debug)]
pub(super) struct Press {
    /// Where its form goes: the absolute URL of a run's start, else the last word of `/runs/{run}/…`.
    pub(super) target: Pressed,
    /// The form's fields, without its token.
    pub(super) fields: Vec<(String, String)>,
}

/// Where a form of this client app goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// To the start of a run: the absolute URL.
    Start(String),
    /// To something done with the run: `call`.
    Run(String),
}

/// Something that a client sent, itself or through the browser.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Who sent it.
    pub(super) party: Party,
    /// The method.
    pub(super) method: String,
    /// The absolute URL, without its query where `query` has parameters.
    pub(super) url: String,
    /// The parameters of the query.
    pub(super) query: Vec<(String, String)>,
    /// The headers that mean something: never a cookie.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: StepBody,
    /// Whether it is an authorization request, which leads through the forms of the provider.
    pub(super) authorizes: bool,
    /// What the servers gave in answer: name and recorded value.
    pub(super) given: Vec<(String, String)>,
}

/// The body of a step.
#[derive(Clone, Debug)]
pub(super) enum StepBody {
    /// Form parameters.
    Form(Vec<(String, String)>),
    /// Anything else, as it was.
    Text(String),
}

/// What of a request's headers is sent again.
const HEADERS: [&str; 6] = [
    "accept",
    "authorization",
    "content-type",
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
];

/// What servers give out, by the names of its parameters.
pub(super) const GIVEN: [&str; 5] = [
    "code",
    "device_code",
    "access_token",
    "refresh_token",
    "id_token",
];

/// What a client signs for one request: nobody makes a fresh one in its place.
const SIGNED: [&str; 3] = ["client_assertion", "assertion", "request"];

impl Plan {
    /// The plan of a recorded flow.
    ///
    /// # Errors
    /// [`BreakError::Incomplete`] when part of the flow fell out of the record, [`BreakError::NothingToRepeat`] when
    /// nothing of it can be sent again, [`BreakError::Undecided`] when a device's person did not decide,
    /// [`BreakError::NeedsKey`] when another client's key is needed.
    pub(super) fn of(flow: &FlowView) -> Result<Self, BreakError> {
        let cut = |exchange: &ExchangeView| exchange.request.body.truncated;
        if flow.summary.forgotten > 0 || flow.exchanges.iter().any(cut) {
            return Err(BreakError::Incomplete);
        }
        let asks_device = |one: &ExchangeView| one.path == "/device_authorization";
        if flow.exchanges.iter().any(asks_device) && !flow.exchanges.iter().any(decides) {
            return Err(BreakError::Undecided);
        }
        let presses: Vec<_> = flow.exchanges.iter().filter_map(press).collect();
        if let Some(first) = presses.first()
            && matches!(first.target, Pressed::Start(_))
        {
            return Ok(Self::Own(presses));
        }
        let sent = flow.exchanges.iter().enumerate();
        let sent = sent.filter(|(_, exchange)| is_sent_again(exchange));
        if sent.clone().any(|(_, exchange)| is_signed(exchange)) {
            return Err(BreakError::NeedsKey);
        }
        let steps: Vec<_> = sent
            .map(|(at, exchange)| step(exchange, flow.exchanges.get(at..).unwrap_or_default()))
            .collect();
        if steps.is_empty() {
            return Err(BreakError::NothingToRepeat);
        }
        Ok(Self::StandIn(steps))
    }

    /// Whether a device of this client app asks again and again, by the realm's clock.
    pub(super) fn polls(&self, flow: &FlowView) -> bool {
        let asks_device = |one: &ExchangeView| one.path == "/device_authorization";
        matches!(self, Self::Own(_)) && flow.exchanges.iter().any(asks_device)
    }
}

/// Whether the person of a device says yes or no in this exchange (RFC 8628 §3.3).
fn decides(exchange: &ExchangeView) -> bool {
    let location = header(&exchange.response.headers, "location").unwrap_or_default();
    let is_question = exchange.method == "POST" && exchange.path == "/device/confirm";
    is_question && location.contains("/device/done?")
}

/// Whether the client signed something for this one request.
fn is_signed(exchange: &ExchangeView) -> bool {
    let mut parameters = exchange.parameters.iter();
    let signed = parameters.any(|one| {
        let sent = matches!(
            one.place,
            ParameterPlace::RequestQuery | ParameterPlace::RequestBody
        );
        sent && SIGNED.contains(&one.name.as_str())
    });
    signed || header(&exchange.request.headers, "dpop").is_some()
}

/// Whether the robot sends this exchange again itself, when it stands in for the client.
fn is_sent_again(exchange: &ExchangeView) -> bool {
    let is_ours = exchange.kind == Kind::Http && exchange.from != Party::ResourceServer;
    if !is_ours || is_told_to_wait(exchange) {
        return false;
    }
    match (&exchange.to, exchange.path.as_str()) {
        (Party::AuthServer, "/authorize")
        | (Party::ClientApp, "/callback/implicit")
        | (Party::ResourceServer, _) => true,
        (Party::AuthServer, _) => exchange.from != Party::Browser,
        _ => false,
    }
}

fn press(exchange: &ExchangeView) -> Option<Press> {
    let to_us = exchange.from == Party::Browser && exchange.to == Party::ClientApp;
    if !to_us || exchange.method != "POST" {
        return None;
    }
    let target = if exchange.path == "/grants/{grant}/run" {
        Pressed::Start(exchange.url.clone())
    } else {
        let what = exchange.path.strip_prefix("/runs/{run}/")?;
        Pressed::Run(what.to_owned())
    };
    let mut fields = read(&exchange.request.body.text);
    fields.retain(|(name, _)| name != "csrf");
    Some(Press { target, fields })
}

fn step(exchange: &ExchangeView, rest: &[ExchangeView]) -> Step {
    let (url, query) = exchange.url.split_once('?').unwrap_or((&exchange.url, ""));
    let headers = exchange.request.headers.iter();
    let kept = headers.filter(|header| HEADERS.contains(&header.name.as_str()));
    let is_form = header(&exchange.request.headers, "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let text = &exchange.request.body.text;
    let authorizes = exchange.path == "/authorize";
    Step {
        party: exchange.from.clone(),
        method: exchange.method.clone(),
        url: url.to_owned(),
        query: read(query),
        headers: kept
            .map(|header| (header.name.clone(), header.value.clone()))
            .collect(),
        body: if is_form {
            StepBody::Form(read(text))
        } else {
            StepBody::Text(text.clone())
        },
        authorizes,
        given: if authorizes {
            rest.iter().find_map(given_to_browser).unwrap_or_default()
        } else {
            given(exchange, &[ParameterPlace::ResponseBody])
        },
    }
}

/// What a redirect back to the client carried.
fn given_to_browser(exchange: &ExchangeView) -> Option<Vec<(String, String)>> {
    let places = [
        ParameterPlace::RedirectQuery,
        ParameterPlace::RedirectFragment,
    ];
    let found = given(exchange, &places);
    (exchange.to == Party::AuthServer && !found.is_empty()).then_some(found)
}

fn given(exchange: &ExchangeView, places: &[ParameterPlace]) -> Vec<(String, String)> {
    let parameters = exchange.parameters.iter();
    let found =
        parameters.filter(|one| places.contains(&one.place) && GIVEN.contains(&one.name.as_str()));
    found
        .map(|one| (one.name.clone(), one.value.clone()))
        .collect()
}

/// How the person of a recorded flow behaved; whose name is not recorded is taken for the first of the demo's people.
pub(super) fn conduct_of(flow: &FlowView, demo: &DemoConfig) -> Conduct {
    let at = |path: &str, name: &str| -> Vec<String> {
        let posts = flow.exchanges.iter().rev();
        let mut posts = posts.filter(|one| one.method == "POST" && one.path == path);
        let last = posts.find(|one| one.status.is_some_and(|status| status < 400));
        let found = last.map(|one| one.parameters.iter());
        let found = found
            .into_iter()
            .flatten()
            .filter(|one| one.name == name && one.place == ParameterPlace::RequestBody);
        found.map(|one| one.value.clone()).collect()
    };
    let typed = at("/login", "username")
        .pop()
        .zip(at("/login", "password").pop());
    let name = flow.summary.person.as_ref();
    let mut people = demo.people.iter();
    let known = people
        .find(|person| name.is_none_or(|name| *name == person.username))
        .map(|person| (person.username.clone(), person.password.expose().to_owned()));
    let on_page = |name: &str| {
        let found = at("/consent", name);
        if found.is_empty() {
            at("/device/confirm", name)
        } else {
            found
        }
    };
    let scopes = on_page("scope");
    Conduct {
        person: typed.or(known),
        scopes: (!scopes.is_empty()).then_some(scopes),
        decision: on_page("decision")
            .pop()
            .unwrap_or_else(|| "allow".to_owned()),
        added: Vec::new(),
    }
}

/// The target that a parameter of a recorded exchange is.
pub(super) fn target_of(
    flow: &FlowView,
    id: &ExchangeId,
    name: &str,
    place: ParameterPlace,
) -> Option<Target> {
    let endpoint = |exchange: &ExchangeView| {
        let end = exchange.url.find(['?', '#']).unwrap_or(exchange.url.len());
        exchange.url.get(..end).unwrap_or_default().to_owned()
    };
    let at = flow.exchanges.iter().position(|one| one.id == *id)?;
    let exchange = flow.exchanges.get(at)?;
    let has = |one: &&crate::record::parameter::Parameter| one.name == name && one.place == place;
    exchange.parameters.iter().find(has)?;
    let earlier = flow.exchanges.iter().take(at);
    let same = earlier.filter(|one| {
        let again = one.method == exchange.method && endpoint(one) == endpoint(exchange);
        let counts = one.kind == Kind::Http && !is_told_to_wait(one);
        again && counts && one.from != Party::ResourceServer
    });
    // Who mistyped a password sent the form twice; the robot sends it once.
    let once = matches!(
        exchange.path.as_str(),
        "/login" | "/consent" | "/authorize" | "/device" | "/device/confirm"
    );
    Some(Target {
        method: exchange.method.clone(),
        endpoint: endpoint(exchange),
        nth: if once { 0 } else { same.count() },
        name: name.to_owned(),
        place,
    })
}

/// Whether the provider asked for consent in a recorded flow.
pub(super) fn asked_for_consent(flow: &FlowView) -> bool {
    flow.exchanges.iter().any(|one| one.path == "/consent")
}
