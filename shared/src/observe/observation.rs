//! Observation: what a handler adds to the exchange that it is answering: its checks, values and notes.
//!
//! May use actix-web only to be extracted. Validation is written as an ordered list of checks; the first
//! that fails decides the error.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::flow::{Check, CheckDef, ExchangeId, Outcome, RecordKey, Value, ValueKind, ValuePlace};
use crate::telemetry::{RequestId, request};
use crate::time::wall_clock_us;

/// The note that names the client.
const CLIENT_ID: &str = "client_id";

/// A handle on the exchange that is being answered; clones write to the same one and may cross threads.
///
/// As an extractor it never fails: on a route that is not observed it writes to nowhere.
#[derive(Clone, Debug)]
pub struct Observation {
    id: ExchangeId,
    recording: Option<RecordKey>,
    findings: Arc<Mutex<Findings>>,
}

/// What a handler found out.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) checks: Vec<Check>,
    pub(super) values: Vec<Value>,
    pub(super) notes: BTreeMap<String, String>,
    /// The client, for the log alone: where nothing is recorded.
    client_id: Option<String>,
}

/// The outcome of one check.
#[must_use = "a check that decides nothing is no check"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict(bool);

impl Verdict {
    /// The refusal that follows when the check failed.
    ///
    /// # Errors
    /// `refusal`, when the check failed.
    pub fn or<E>(self, refusal: E) -> Result<(), E> {
        if self.0 { Ok(()) } else { Err(refusal) }
    }

    /// As [`Verdict::or`], with the refusal made only when it is needed.
    ///
    /// # Errors
    /// What `refusal` makes, when the check failed.
    pub fn or_else<E>(self, refusal: impl FnOnce() -> E) -> Result<(), E> {
        if self.0 { Ok(()) } else { Err(refusal()) }
    }

    /// Whether the check passed.
    #[must_use]
    pub const fn passed(self) -> bool {
        self.0
    }
}

impl Observation {
    /// An observation of exchange `id`; without a key nothing but failures is kept.
    pub(super) fn new(id: ExchangeId, recording: Option<RecordKey>) -> Self {
        Self {
            id,
            recording,
            findings: Arc::default(),
        }
    }

    /// An observation that goes nowhere, for unit tests and for work that answers no request.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::new(ExchangeId::new(wall_clock_us()), None)
    }

    /// The exchange's id: the request id of logs and error pages.
    #[must_use]
    pub const fn id(&self) -> &ExchangeId {
        &self.id
    }

    /// Whether the exchange is reported to the record: its route is observed, and the record is on.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// Announces the checks that lie ahead, in order; those that are never required stay *not reached*.
    pub fn plan(&self, checks: &[&CheckDef]) {
        if self.recording.is_some() {
            self.lock()
                .checks
                .extend(checks.iter().map(|check| Check::not_reached(check)));
        }
    }

    /// Records whether `check` held, with what would have passed and what came (descriptions, never secrets).
    pub fn require(
        &self,
        check: &CheckDef,
        held: bool,
        expected: impl Display,
        got: impl Display,
    ) -> Verdict {
        if self.recording.is_some() || !held {
            let outcome = if held {
                Outcome::Passed
            } else {
                Outcome::Failed
            };
            let (expected, got) = (expected.to_string(), got.to_string());
            let mut findings = self.lock();
            let planned =
                |made: &&mut Check| made.id == check.id && made.outcome == Outcome::NotReached;
            if let Some(made) = findings.checks.iter_mut().find(planned) {
                (made.outcome, made.expected, made.got) = (outcome, expected, got);
            } else {
                // Made without having been announced, or once more: it stands where it was made.
                let reached = |made: &Check| made.outcome != Outcome::NotReached;
                let place = findings.checks.iter().rposition(reached);
                findings.checks.insert(
                    place.map_or(0, |last| last.saturating_add(1)),
                    Check {
                        outcome,
                        expected,
                        got,
                        ..Check::not_reached(check)
                    },
                );
            }
        }
        Verdict(held)
    }

    /// As [`Observation::require`] for something that must be there: gives it back.
    pub fn require_some<T>(
        &self,
        check: &CheckDef,
        thing: Option<T>,
        expected: impl Display,
        got: impl Display,
    ) -> Option<T> {
        let _ = self.require(check, thing.is_some(), expected, got);
        thing
    }

    /// Records that the exchange carries `value`, for values that cannot be recognised by their parameter.
    pub fn carries(&self, kind: ValueKind, value: &str, place: ValuePlace) {
        if let Some(key) = &self.recording {
            let value = Value {
                kind,
                hash: key.hash(value),
                place,
            };
            let mut findings = self.lock();
            if !findings.values.contains(&value) {
                findings.values.push(value);
            }
        }
    }

    /// Keeps a plain fact with the exchange (`client_id`, `grant`): never a secret.
    pub fn note(&self, name: &str, fact: impl Display) {
        if self.recording.is_some() {
            self.lock().notes.insert(name.to_owned(), fact.to_string());
        } else if name == CLIENT_ID && request::is_logged() {
            self.lock().client_id = Some(fact.to_string());
        }
    }

    /// For the log, once: the id of the first check that failed, and the client that was noted, which is hostile text.
    pub(super) fn told(&self) -> (Option<String>, Option<String>) {
        let mut findings = self.lock();
        let mut checks = findings.checks.iter();
        let failed = checks.find(|check| check.outcome == Outcome::Failed);
        let failed = failed.map(|check| check.id.clone());
        let client_id = findings.client_id.take();
        (
            failed,
            client_id.or_else(|| findings.notes.get(CLIENT_ID).cloned()),
        )
    }

    /// The first check that failed so far, for logs and error pages.
    #[must_use]
    pub fn failed_check(&self) -> Option<Check> {
        self.lock()
            .checks
            .iter()
            .find(|check| check.outcome == Outcome::Failed)
            .cloned()
    }

    /// All checks so far, in order, for pages that show their own decision.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        self.lock().checks.clone()
    }

    /// Takes everything out, at the end of the exchange.
    pub(super) fn take(&self) -> Findings {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromRequest for Observation {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let observed = extensions.get::<Self>().cloned();
        ready(Ok(observed.unwrap_or_else(|| {
            match extensions.get::<RequestId>() {
                Some(RequestId(id)) => Self::new(id.clone(), None),
                None => Self::nowhere(),
            }
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: CheckDef = CheckDef {
        id: "first",
        reference: "RFC 1 §1",
    };
    const SECOND: CheckDef = CheckDef {
        id: "second",
        reference: "RFC 1 §2",
    };
    const THIRD: CheckDef = CheckDef {
        id: "third",
        reference: "RFC 1 §3",
    };

    fn validate(observation: &Observation, second: bool) -> Result<(), &'static str> {
        observation.plan(&[&FIRST, &SECOND, &THIRD]);
        observation.require(&FIRST, true, "a", "a").or("first")?;
        observation
            .require(&SECOND, second, "b", "c")
            .or("second")?;
        observation.require(&THIRD, true, "d", "d").or("third")
    }

    #[test]
    fn the_first_check_that_fails_decides_and_the_rest_is_not_reached() {
        let observation = Observation::new(ExchangeId::new(0), Some(RecordKey::from_text("k")));
        assert_eq!(validate(&observation, false), Err("second"));
        let outcomes: Vec<_> = observation
            .checks()
            .into_iter()
            .map(|check| check.outcome)
            .collect();
        assert_eq!(
            outcomes,
            [Outcome::Passed, Outcome::Failed, Outcome::NotReached]
        );
        assert_eq!(observation.failed_check().unwrap().got, "c");
    }

    #[test]
    fn switched_off_only_the_failure_is_kept_for_the_log() {
        let observation = Observation::nowhere();
        assert_eq!(validate(&observation, false), Err("second"));
        assert_eq!(observation.checks().len(), 1);
    }
}
