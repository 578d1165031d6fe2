//! The page on which a flow is broken: beside each parameter what can be done to it, and what came of it.

use std::collections::HashMap;

use askama::Template;
use shared::flow::ExchangeId;
use shared::page::{Frame, key_of};

use super::budget::Guess;
use super::endpoint::name_of;
use super::mutation::Mutation;
use super::offer::{MOST as AT_ONCE, Offer, Offered, Offers};
use super::outcome::Verdict;
use super::{BreakError, Executed};
use crate::opened::{CheckLine, Piece};
use crate::record::parameter::ParameterPlace;
use crate::record::view::{ExchangeView, FlowView};
use crate::viewer::{PartyLabel, Reference};

/// The most characters of a value that are shown beside its buttons.
const MOST: usize = 60;

/// `templates/break.html`
#[derive(Template)]
#[template(path = "break.html")]
pub(super) struct BreakPage {
    frame: Frame,
    id: String,
    grant: String,
    csrf: String,
    problem: Option<Problem>,
    exchanges: Vec<ExchangePart>,
    /// The step after which they begin.
    after: usize,
    /// What is said where there are more, and the step after which those begin.
    rest: Option<(String, usize)>,
    executed: usize,
    secrets: usize,
    passwords: usize,
    codes: usize,
    /// Whether a device takes part, which asks by the realm's clock.
    waits: bool,
}

/// `templates/flow_unknown.html`
#[derive(Template)]
#[template(path = "flow_unknown.html")]
pub(super) struct UnknownPage {
    pub(super) frame: Frame,
}

/// Why nothing came of it.
pub(super) struct Problem {
    text: String,
    detail: Option<String>,
    /// Whether the flow goes wrong elsewhere: at the buttons of its grant, and at breakpoints.
    elsewhere: bool,
}

/// One exchange.
struct ExchangePart {
    id: String,
    step: usize,
    method: String,
    path: String,
    from: PartyLabel,
    to: PartyLabel,
    parameters: Vec<ParameterPart>,
    why: Option<String>,
}

/// One parameter.
struct ParameterPart {
    name: String,
    place: &'static str,
    place_text: String,
    value: String,
    concealed: bool,
    sentence: Option<String>,
    buttons: Vec<Button>,
    without: Vec<(String, String)>,
    results: Vec<ResultPart>,
}

/// What can be done.
struct Button {
    name: &'static str,
    text: String,
    hint: String,
}

/// What came of it.
struct ResultPart {
    flow: String,
    mutation: String,
    /// `refused`, `accepted` or `left-to-client`.
    class: String,
    verdict: String,
    /// `POST /token · 400 invalid_grant`.
    at: String,
    check: Option<CheckLine>,
    why: Option<String>,
    reference: Reference,
    as_demanded: bool,
}

impl Problem {
    /// The words for an error.
    pub(super) fn new(frame: &Frame, error: &BreakError) -> Self {
        let text = match error {
            BreakError::TooManyGuesses(wait) => {
                let seconds = wait.as_seconds();
                frame.ta("break-error-too-many-guesses", [("seconds", seconds)])
            }
            error => frame.t(key_of("break-error", name_of(error))),
        };
        let detail = match error {
            BreakError::Http(error) => Some(error.to_string()),
            BreakError::NotOffered(reason) => frame.find(key_of("break-without", reason)),
            _ => None,
        };
        let elsewhere = matches!(error, BreakError::Undecided);
        Self {
            text,
            detail,
            elsewhere,
        }
    }
}

impl BreakPage {
    /// The page of `flow`.
    pub(super) fn new(
        frame: Frame,
        flow: &FlowView,
        (offers, after, executed): (Offers, usize, Vec<Executed>),
        (csrf, problem): (String, Option<Problem>),
    ) -> Self {
        let count = executed.len();
        let mut results: HashMap<(ExchangeId, String, ParameterPlace), Vec<ResultPart>> =
            HashMap::new();
        for one in &executed {
            let asked = &one.asked;
            let key = (asked.exchange.clone(), asked.parameter.clone(), asked.place);
            results
                .entry(key)
                .or_default()
                .push(ResultPart::new(&frame, one));
        }
        let mut exchanges = Vec::new();
        let counts = [("most", AT_ONCE), ("count", offers.left_out)];
        let rest = offers.next;
        let rest = rest.map(|next| (frame.ta("break-left-out", counts), next));
        for offered in offers.exchanges {
            let recorded = flow.exchanges.iter().find(|one| one.id == offered.exchange);
            if let Some(recorded) = recorded {
                exchanges.push(ExchangePart::new(&frame, recorded, offered, &mut results));
            }
        }
        Self {
            id: flow.summary.id.to_string(),
            grant: frame.t(key_of("grant-name", flow.summary.grant.name())),
            csrf,
            problem,
            exchanges,
            after,
            rest,
            executed: count,
            secrets: Guess::Secret.most(),
            passwords: Guess::Password.most(),
            codes: Guess::UserCode.most(),
            waits: flow
                .exchanges
                .iter()
                .any(|one| one.path == "/device_authorization"),
            frame,
        }
    }
}

impl ExchangePart {
    fn new(
        frame: &Frame,
        recorded: &ExchangeView,
        offered: Offered,
        results: &mut HashMap<(ExchangeId, String, ParameterPlace), Vec<ResultPart>>,
    ) -> Self {
        let parameters = offered.parameters.into_iter();
        let parameters = parameters.map(|offer| {
            let key = (
                offered.exchange.clone(),
                offer.parameter.clone(),
                offer.place,
            );
            let results = results.remove(&key).unwrap_or_default();
            ParameterPart::new(frame, recorded, offer, results)
        });
        Self {
            parameters: parameters.collect(),
            id: offered.exchange.to_string(),
            step: offered.step,
            method: offered.method,
            path: offered.path,
            from: PartyLabel::of(frame, &offered.from),
            to: PartyLabel::of(frame, &offered.to),
            why: offered.why.map(|why| frame.t(key_of("break-why-not", why))),
        }
    }
}

impl ParameterPart {
    fn new(frame: &Frame, recorded: &ExchangeView, offer: Offer, results: Vec<ResultPart>) -> Self {
        let mut all = recorded.parameters.iter();
        let found = all.find(|one| one.name == offer.parameter && one.place == offer.place);
        let value = found.map(|one| one.value.as_str()).unwrap_or_default();
        let mut short: String = value.chars().take(MOST).collect();
        if short.len() < value.len() {
            short.push('…');
        }
        let without = offer.without.iter().map(|(mutation, reason)| {
            let name = frame.t(key_of("break-mutation", mutation.name()));
            (name, frame.t(key_of("break-without", reason)))
        });
        Self {
            sentence: frame.about("parameter", &offer.parameter),
            place: place_name(offer.place),
            place_text: frame.t(key_of("record-place", place_name(offer.place))),
            value: short,
            concealed: matches!(offer.parameter.as_str(), "password" | "client_secret"),
            buttons: offer
                .mutations
                .iter()
                .map(|one| Button::new(frame, *one))
                .collect(),
            without: without.collect(),
            results,
            name: offer.parameter,
        }
    }
}

impl Button {
    fn new(frame: &Frame, mutation: Mutation) -> Self {
        Self {
            name: mutation.name(),
            text: frame.t(key_of("break-mutation", mutation.name())),
            hint: frame.t(key_of("break-hint", mutation.name())),
        }
    }
}

impl ResultPart {
    fn new(frame: &Frame, executed: &Executed) -> Self {
        let outcome = &executed.outcome;
        let mut at = Vec::new();
        at.extend(outcome.refused_at.clone());
        at.extend(outcome.status.map(|status| status.to_string()));
        at.extend(outcome.error.clone());
        let why = executed
            .demanded
            .why
            .filter(|_| outcome.result == Verdict::Accepted);
        Self {
            flow: executed.flow.to_string(),
            mutation: frame.t(key_of("break-mutation", executed.asked.mutation.name())),
            class: outcome.result.name().replace('_', "-"),
            verdict: frame.t(key_of("break-result", outcome.result.name())),
            at: at.join(" · "),
            check: outcome
                .check()
                .map(|check| CheckLine::new(frame, &check, outcome.realm_time)),
            why: why.map(|why| frame.t(key_of("break-why", why))),
            reference: Reference::of(executed.demanded.reference),
            as_demanded: executed.as_demanded,
        }
    }
}

/// The name of a place in JSON, in forms and in language keys.
fn place_name(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::RequestQuery => "request_query",
        ParameterPlace::RequestHeader => "request_header",
        ParameterPlace::RequestBody => "request_body",
        ParameterPlace::RedirectQuery => "redirect_query",
        ParameterPlace::RedirectFragment => "redirect_fragment",
        ParameterPlace::ResponseBody => "response_body",
    }
}
