//! Break it: executes a recorded flow anew with one parameter spoilt, and says who said no and why.
//!
//! | file | what is in it |
//! |---|---|
//! | `mutation` | the ways of spoiling a parameter |
//! | `offer` | what can be done to which parameter, and why not the rest |
//! | `plan` | how a recorded flow is executed again |
//! | `own`, `stand_in` | the two ways: through this client app, or in place of another client |
//! | `robot`, `form` | a browser without a person |
//! | `phone` | a second one, on which the person of a device decides |
//! | `job`, `edit` | what every request passes, and what is done to one of them |
//! | `execute` | one execution from the asking to the outcome |
//! | `outcome` | what came of it, read off the record |
//! | `demand` | what the standards demand, to be held against that |
//! | `budget` | how many guesses are made, so that nobody locks himself out |
//! | `page`, `endpoint` | the same for people and for programs |
//!
//! Nothing is simulated: every request is sent to the services that run, and every word about the outcome comes from
//! the record. The requests say that they are a replay (`replay` and `mutation` in the notes of their exchanges).

mod budget;
mod demand;
mod edit;
pub(crate) mod endpoint;
mod execute;
mod form;
mod job;
mod mutation;
mod offer;
mod outcome;
mod own;
mod page;
mod phone;
mod plan;
mod robot;
mod stand_in;

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use shared::flow::ExchangeId;
use shared::observe::HttpError;
use shared::realm::RealmName;
use shared::time::Lifetime;

pub(crate) use job::Gate;
use mutation::Asked;
use outcome::Outcome;

/// The most executions that are remembered.
const MOST: usize = 500;

/// Why a flow was not broken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BreakError {
    /// There is no such flow.
    #[error("no flow of this realm has this id, or it fell out of the record")]
    UnknownFlow,
    /// There is no such parameter.
    #[error("this flow has no such parameter at this exchange")]
    UnknownParameter,
    /// The mutation makes no sense for this parameter.
    #[error("this cannot be done to this parameter: {0}")]
    NotOffered(&'static str),
    /// The record hides secrets.
    #[error("the record of this realm hides secrets: without them nothing can be executed again")]
    Hidden,
    /// Part of the flow fell out of the record.
    #[error("part of this flow fell out of the record, or was too large for it")]
    Incomplete,
    /// The flow has no request that a client or a browser sent.
    #[error("nothing of this flow can be executed again")]
    NothingToRepeat,
    /// Nobody decided on the other device.
    #[error("nobody has decided on the other device in this flow: there is no end to compare with")]
    Undecided,
    /// The TV polls by a clock that stands still.
    #[error("the realm's clock stands still: the device would wait for ever before it asks again")]
    ClockStopped,
    /// The client signed something, and its key is not here.
    #[error("the client signed part of this flow with a key of its own: nobody here can sign anew")]
    NeedsKey,
    /// Nobody's password is known.
    #[error(
        "the password of the person is not known: the flow did not carry it, and the demo does not list it"
    )]
    NoPassword,
    /// The parameter did not occur when the flow was executed again.
    #[error("executed again, the flow did not come to this parameter")]
    NotReached,
    /// One is being executed.
    #[error("another flow of this realm is being broken at this moment")]
    Busy,
    /// The guesses have run out.
    #[error(
        "enough wrong passwords, secrets and codes for now: the auth server would lock you out; again in {0}"
    )]
    TooManyGuesses(Lifetime),
    /// It took too long; a breakpoint may hold it.
    #[error("the flow did not end in time; does a breakpoint hold it?")]
    TimedOut,
    /// A redirect or a form led nowhere.
    #[error("the flow could not be followed: a redirect or a form led nowhere")]
    Lost,
    /// The record did not tell in time.
    #[error("the record did not receive the flow in time")]
    NotRecorded,
    /// A service is away.
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// One execution and what came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Executed {
    /// The new flow.
    pub(crate) flow: ExchangeId,
    /// The flow that was executed again.
    pub(crate) good: ExchangeId,
    /// What was spoilt.
    pub(crate) asked: Asked,
    /// What came of it.
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
    /// What the standards demand.
    pub(crate) demanded: demand::Demand,
    /// Whether that is what came.
    pub(crate) as_demanded: bool,
}

/// What is being broken, and what was.
#[derive(Debug, Default)]
pub(crate) struct Breaking {
    gate: Arc<Gate>,
    budget: budget::Budget,
    running: Mutex<HashSet<RealmName>>,
    executed: Mutex<VecDeque<(RealmName, Executed)>>,
}

impl Breaking {
    /// What the client app's requests have to pass.
    pub(crate) fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate)
    }

    /// What was executed of a flow, the oldest first.
    fn executed_of(&self, realm: &RealmName, good: &ExchangeId) -> Vec<Executed> {
        let executed = lock(&self.executed);
        let of = executed
            .iter()
            .filter(|(of, one)| of == realm && one.good == *good);
        of.map(|(_, one)| one.clone()).collect()
    }

    /// Remembers an execution; the oldest gives way.
    fn remember(&self, realm: &RealmName, one: Executed) {
        let mut executed = lock(&self.executed);
        executed.retain(|(of, known)| {
            of != realm || known.good != one.good || known.asked != one.asked
        });
        if executed.len() >= MOST {
            executed.pop_front();
        }
        executed.push_back((realm.clone(), one));
    }

    /// The one turn of a realm.
    ///
    /// # Errors
    /// [`BreakError::Busy`].
    fn turn(&self, realm: &RealmName) -> Result<Turn<'_>, BreakError> {
        if !lock(&self.running).insert(realm.clone()) {
            return Err(BreakError::Busy);
        }
        Ok(Turn {
            breaking: self,
            realm: realm.clone(),
        })
    }
}

/// The right to execute in a realm, given back when it is dropped.
struct Turn<'a> {
    breaking: &'a Breaking,
    realm: RealmName,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(&self.breaking.running).remove(&self.realm);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
