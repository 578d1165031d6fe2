//! Job: one execution of a flow, through which every request of it passes on its way out: there the one parameter is
//! spoilt, or looked at; and the gate by which the client app's own requests find the job that they belong to.
//!
//! May use the observed client's request, and the record to say where the exchanges belong.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::flow::{ExchangeId, ValueHash};
use shared::oauth::GrantType;
use shared::observe::{Alter, Altered, HttpRequest};
use shared::time::wall_clock_us;

use super::edit::{Edit, apply, read};
use crate::record::parameter::ParameterPlace;
use crate::record::{FlowStore, Guide};

/// Which parameter of which request: the `nth` one (from 0) to this endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The method.
    pub(super) method: String,
    /// The absolute URL without query and fragment.
    pub(super) endpoint: String,
    /// How many requests to the same endpoint come before it.
    pub(super) nth: usize,
    /// The parameter.
    pub(super) name: String,
    /// Where it stands.
    pub(super) place: ParameterPlace,
}

/// What happens at the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The parameter is spoilt.
    Spoil(Edit),
    /// The request is sent twice.
    Again,
    /// The parameter's value is noted, and the flow goes on.
    Look,
    /// The parameter's value is noted, and its request is not sent: the value stays unused.
    Take,
}

/// One execution.
#[derive(Debug)]
pub(super) struct Job {
    target: Target,
    act: Act,
    notes: BTreeMap<String, String>,
    foreign: Vec<ValueHash>,
    record: Arc<FlowStore>,
    seen: Mutex<Seen>,
}

/// What has passed so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Requests to the target's endpoint.
    count: usize,
    /// The person on the other device is done.
    person_done: bool,
    /// The exchanges that were sent, in order.
    pub(super) sent: Vec<ExchangeId>,
    /// The exchange at which it happened.
    pub(super) struck: Option<ExchangeId>,
    /// The parameter's value there, as it would have been.
    pub(super) value: Option<String>,
}

impl Job {
    /// A job that does `act` at `target`. `foreign` are values of other flows; `notes` are kept with each exchange.
    pub(super) fn new(
        record: &Arc<FlowStore>,
        (target, act): (Target, Act),
        foreign: Vec<ValueHash>,
        notes: BTreeMap<String, String>,
    ) -> Self {
        Self {
            target,
            act,
            notes,
            foreign,
            record: Arc::clone(record),
            seen: Mutex::default(),
        }
    }

    /// What has passed so far.
    pub(super) fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// Whether what was to happen has happened.
    pub(super) fn has_struck(&self) -> bool {
        self.lock().struck.is_some()
    }

    /// Whether the value was taken: then the rest of the flow is of no use.
    pub(super) fn is_over(&self) -> bool {
        self.act == Act::Take && self.has_struck()
    }

    /// The person on the other device is done: what the first device asks from now on is answered.
    pub(super) fn person_is_done(&self) {
        self.lock().person_done = true;
    }

    /// Lets a request pass: what is sent in its place.
    pub(super) fn pass(&self, request: HttpRequest) -> Altered {
        let mut seen = self.lock();
        let mut request = self.own(request, &mut seen);
        let endpoint = request.url.split(['?', '#']).next().unwrap_or_default();
        if request.method != self.target.method || endpoint != self.target.endpoint {
            return Altered::Send(request);
        }
        // A device that asks too early is told to wait: that poll is not the one that is meant.
        if !seen.person_done && is_poll(&request) {
            return Altered::Send(request);
        }
        let is_target = seen.count == self.target.nth;
        seen.count += 1;
        if !is_target {
            return Altered::Send(request);
        }
        let before = HttpRequest {
            notes: self.notes.clone(),
            ..request.clone()
        };
        let parameter = (self.target.name.as_str(), self.target.place);
        let edit = match &self.act {
            Act::Spoil(edit) => edit,
            Act::Again | Act::Look | Act::Take => &Edit::Keep,
        };
        let Some(value) = apply(&mut request, parameter, edit) else {
            return Altered::Send(request);
        };
        seen.value = Some(value);
        seen.struck.clone_from(&request.exchange);
        match self.act {
            Act::Again => {
                let again = self.own(
                    HttpRequest {
                        exchange: None,
                        ..before
                    },
                    &mut seen,
                );
                seen.struck.clone_from(&again.exchange);
                Altered::SendBoth(request, self.marked(again))
            }
            Act::Spoil(_) => Altered::Send(self.marked(request)),
            Act::Look => Altered::Send(request),
            Act::Take => Altered::HoldBack,
        }
    }

    /// The request under an exchange of this flow.
    fn own(&self, request: HttpRequest, seen: &mut Seen) -> HttpRequest {
        let id = ExchangeId::new(wall_clock_us());
        let guide = Guide {
            with: seen.sent.first().unwrap_or(&id).clone(),
            foreign: self.foreign.clone(),
        };
        self.record.guide(id.clone(), guide);
        seen.sent.push(id.clone());
        let mut notes = self.notes.clone();
        notes.remove("mutation");
        HttpRequest {
            exchange: Some(id),
            notes,
            ..request
        }
    }

    /// The request with the note of what was done to it.
    fn marked(&self, request: HttpRequest) -> HttpRequest {
        HttpRequest {
            notes: self.notes.clone(),
            ..request
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a device asks for its tokens (RFC 8628 §3.4).
fn is_poll(request: &HttpRequest) -> bool {
    let body = std::str::from_utf8(&request.body).unwrap_or_default();
    read(body).iter().any(|(name, value)| {
        name == "grant_type" && value.as_str() == GrantType::DeviceCode.as_str()
    })
}

/// The most causes that are kept at once: a job has some twenty requests, and one job a realm runs at a time.
const MOST_CAUSES: usize = 10_000;

/// By which exchange of a robot's browser the client app's own requests are caused, and so to which job they belong.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<HashMap<ExchangeId, Arc<Job>>>);

impl Gate {
    /// What `cause` makes the client app send belongs to `job`.
    pub(super) fn open(&self, cause: &ExchangeId, job: &Arc<Job>) {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.len() < MOST_CAUSES {
            jobs.insert(cause.clone(), Arc::clone(job));
        }
    }

    /// Forgets what belongs to `job`.
    pub(super) fn close(&self, job: &Arc<Job>) {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.retain(|_, known| !Arc::ptr_eq(known, job));
    }
}

impl Alter for Gate {
    fn alter(&self, cause: &ExchangeId, request: HttpRequest) -> Altered {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let job = jobs.get(cause).cloned();
        drop(jobs);
        let Some(job) = job else {
            return Altered::Send(request);
        };
        let altered = job.pass(request);
        // It may be sent to this client app too: the laboratory behind the shop sends more on its account.
        let sent = match &altered {
            Altered::Send(one) => [Some(one), None],
            Altered::SendBoth(one, other) => [Some(one), Some(other)],
            Altered::HoldBack => [None, None],
        };
        for exchange in sent
            .into_iter()
            .flatten()
            .filter_map(|one| one.exchange.as_ref())
        {
            self.open(exchange, &job);
        }
        altered
    }
}
