//! Outcome: what came of an execution, read off the record: who said no, by which check; or that nobody did.

use serde::{Deserialize, Serialize};
use shared::flow::{Check, ExchangeId, Outcome as CheckOutcome};

use super::offer::is_told_to_wait;
use super::stand_in::Ended;
use crate::record::parameter::{ParameterPlace, header};
use crate::record::view::{ExchangeView, FlowView};

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Somebody said no.
    Refused,
    /// Nobody did.
    Accepted,
    /// No server did; a client has to, and the robot in its place stopped.
    LeftToClient,
}

impl Verdict {
    /// The name in JSON and in language keys.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::LeftToClient => "left_to_client",
        }
    }
}

/// What came of an execution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// How it ended.
    pub(crate) result: Verdict,
    /// The exchange that was spoilt.
    pub(crate) exchange: ExchangeId,
    /// The exchange whose answer was no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused_in: Option<ExchangeId>,
    /// `POST /token`: what that exchange was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused_at: Option<String>,
    /// The status of that answer; of the spoilt exchange where nobody said no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// The protocol's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The check that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failed_check: Option<String>,
    /// What would have passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<String>,
    /// What came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) got: Option<String>,
    /// The rule behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    /// The realm's time then, in seconds since the epoch.
    #[serde(skip)]
    pub(crate) realm_time: i64,
}

impl Outcome {
    /// What came of the execution that is recorded as `flow`, spoilt at exchange `struck`.
    pub(super) fn of(flow: &FlowView, struck: &ExchangeId, ended: Ended) -> Self {
        // What was being answered when it was sent began before it and was decided after.
        let within = enclosing(flow, struck);
        let at = flow.exchanges.iter().position(|one| one.id == *struck);
        let from_there = flow.exchanges.iter().enumerate();
        let from_there = from_there
            .filter(|(place, one)| at.is_some_and(|at| *place >= at) || within.contains(&&one.id))
            .map(|(_, one)| one);
        let spoilt = flow.exchanges.iter().find(|one| one.id == *struck);
        // The pictures of another person's list are not there for one's own token: the list decided.
        let decides = |one: &&ExchangeView| !one.path.ends_with("/picture.svg");
        let nos: Vec<_> = from_there
            .filter(decides)
            .filter(|one| says_no(one))
            .collect();
        let mut no = nos.first().copied();
        // A no that was got while another exchange was being answered came before that one's.
        while let Some(within) = no.and_then(|no| {
            nos.iter()
                .find(|one| one.caused_by.as_ref() == Some(&no.id))
        }) {
            no = Some(within);
        }
        let nothing = Self {
            result: Verdict::Accepted,
            exchange: struck.clone(),
            refused_in: None,
            refused_at: None,
            status: spoilt.and_then(|one| one.status),
            error: None,
            failed_check: None,
            expected: None,
            got: None,
            reference: None,
            realm_time: spoilt.map_or(0, |one| one.realm_time),
        };
        match (no, ended) {
            (Some(no), _) => nothing.refused(no),
            (None, Ended::ByClient(check)) => Self {
                result: Verdict::LeftToClient,
                failed_check: Some(check.id.to_owned()),
                reference: Some(check.reference.to_owned()),
                ..nothing
            },
            (None, Ended::There) => nothing,
        }
    }

    fn refused(self, no: &ExchangeView) -> Self {
        let check = failed(no);
        Self {
            result: Verdict::Refused,
            refused_in: Some(no.id.clone()),
            refused_at: Some(format!("{} {}", no.method, no.path)),
            status: no.status,
            error: error_of(no),
            failed_check: check.map(|check| check.id.clone()),
            expected: check.map(|check| check.expected.clone()),
            got: check.map(|check| check.got.clone()),
            reference: check.map(|check| check.reference.clone()),
            realm_time: no.realm_time,
            ..self
        }
    }

    /// The check that failed, as it ended.
    pub(crate) fn check(&self) -> Option<Check> {
        Some(Check {
            id: self.failed_check.clone()?,
            outcome: CheckOutcome::Failed,
            expected: self.expected.clone().unwrap_or_default(),
            got: self.got.clone().unwrap_or_default(),
            reference: self.reference.clone().unwrap_or_default(),
        })
    }
}

/// The exchanges while which `struck` was sent.
fn enclosing<'f>(flow: &'f FlowView, struck: &ExchangeId) -> Vec<&'f ExchangeId> {
    let cause = |of: &ExchangeId| {
        let found = flow.exchanges.iter().find(|one| one.id == *of)?;
        found.caused_by.as_ref()
    };
    let mut found = Vec::new();
    let mut next = cause(struck);
    while let Some(id) = next.filter(|id| !found.contains(id)) {
        found.push(id);
        next = cause(id);
    }
    found
}

/// Whether an answer is a no. Being sent to sign in or to agree is none, nor is being told to wait for it.
fn says_no(exchange: &ExchangeView) -> bool {
    if is_told_to_wait(exchange) {
        return false;
    }
    let redirects = exchange
        .status
        .is_some_and(|status| (300..400).contains(&status));
    let error = error_of(exchange).is_some();
    let sent_on = redirects
        && !error
        && header(&exchange.response.headers, "location")
            .is_some_and(|to| to.contains("/login?") || to.contains("/consent?"));
    let fails = exchange.status.is_none_or(|status| status >= 400);
    error || fails || (failed(exchange).is_some() && !sent_on)
}

fn failed(exchange: &ExchangeView) -> Option<&Check> {
    let mut checks = exchange.checks.iter();
    checks.find(|check| check.outcome == CheckOutcome::Failed)
}

/// The protocol's error code of an answer.
fn error_of(exchange: &ExchangeView) -> Option<String> {
    let said = |place: ParameterPlace| {
        matches!(
            place,
            ParameterPlace::ResponseBody
                | ParameterPlace::RedirectQuery
                | ParameterPlace::RedirectFragment
        )
    };
    let mut parameters = exchange.parameters.iter();
    let found = parameters.find(|one| one.name == "error" && said(one.place));
    let in_json = found.map(|one| one.value.clone());
    let challenge = || {
        let challenge = header(&exchange.response.headers, "www-authenticate")?;
        let (_, rest) = challenge.split_once("error=\"")?;
        rest.split('"').next().map(str::to_owned)
    };
    in_json.or_else(challenge)
}
