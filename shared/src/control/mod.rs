//! Controls: breakpoints inside the servers, and the requests that wait at them.
//!
//! | file | what is in it |
//! |---|---|
//! | [`breakpoint`] | where a realm stops requests, and the routes that there are |
//! | [`request`] | a request taken off its connection and put back |
//! | [`edit`] | changes to it |
//! | [`decision`] | what becomes of it |
//! | [`waiting`] | a request that waits, as it is shown and as it is kept |
//! | [`follow`], `lead` | the same across processes: the client app leads, the others follow |
//! | `points` | routes, breakpoints and what a realm's controls are |
//! | `pausing` | requests that wait: stopped, found, decided, released |
//! | `presence` | pages that hold a browser, and those that were left |
//! | `books` | the breakpoints and the waiting of one realm |
//! | `limits` | how much may wait, and how long |
//! | `patience` | the time-outs of callers |
//!
//! May use actix's request types, tokio and serde. One [`Controls`] for all services of a process. Where no
//! breakpoint exists, a request costs one atomic load. Nothing waits for ever: every wait ends with a decision,
//! at its limit, when the service stops, when the record is cleared, or when the client app is away.

pub mod breakpoint;
pub mod decision;
pub mod edit;
pub mod follow;
pub mod request;
pub mod waiting;

mod books;
mod lead;
mod limits;
mod patience;
mod pausing;
mod points;
mod presence;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use breakpoint::{ANY_METHOD, Breakpoint, Mode, Route, RouteChannel, route_path};
pub use decision::{Answer, DecideError, Decision, Fate, Release, Verdict};
pub use edit::{Changed, EDITABLE_HEADERS, Edit, EditError, Place, parameters_of};
pub use limits::{BreakpointError, Full, PauseLimits};
pub use request::StoredRequest;
pub use waiting::{Arrival, HeldRequest, Hold, Paused, PausedParameter, Ticket, WaitState};

pub use presence::Presence;

use self::books::Books;
use crate::flow::{Party, ValueHash};
use crate::realm::RealmName;
use crate::time::Clocks;

/// The most realms that have breakpoints at once.
const MAX_REALMS: usize = 1024;

/// The breakpoints of all realms and what waits at them. Clones are the same.
#[derive(Clone, Debug)]
pub struct Controls(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Whether there is anything in any realm's books: all that an unstopped request looks at.
    active: AtomicBool,
    limits: PauseLimits,
    clocks: Clocks,
    changes: watch::Sender<u64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    routes: BTreeSet<Route>,
    realms: HashMap<RealmName, Books>,
    /// Services that stop, and stop nothing any more.
    closed: HashSet<Party>,
    /// How far each follower is.
    followers: HashMap<follow::Process, lead::Follower>,
}

/// Which requests a place stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stops {
    /// Each.
    All,
    /// Those for which one of these conditions holds.
    Those(Vec<Condition>),
}

/// Which of the requests of a route a breakpoint means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Only those that name this client.
    pub client_id: Option<String>,
    /// Only those that carry one of these values: those of one flow, as far as the record knows it.
    pub values: Option<BTreeSet<ValueHash>>,
}

impl Condition {
    /// Whether it holds for a request that names `client` and carries `values`.
    #[must_use]
    pub fn holds(&self, client: Option<&str>, values: &[ValueHash]) -> bool {
        let named = self.client_id.as_deref();
        let of_flow = self.values.as_ref();
        named.is_none_or(|named| client == Some(named))
            && of_flow.is_none_or(|known| values.iter().any(|value| known.contains(value)))
    }
}

/// What a realm's controls are at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Run or step.
    pub mode: Mode,
    /// Its breakpoints, in the order in which they were set.
    pub breakpoints: Vec<Breakpoint>,
    /// What waits, the oldest first.
    pub waiting: Vec<Paused>,
    /// How many requests passed a breakpoint because too many waited or they were too large.
    pub passed: u64,
    /// The number of the latest change of any realm.
    pub number: u64,
}

/// A page's request that goes on: its browser has come back.
#[derive(Debug)]
pub struct Resumed {
    /// The request as it came.
    pub held: Box<HeldRequest>,
    /// How it goes on.
    pub verdict: Verdict,
}

/// Nobody waits under that id for that browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing waits here for this browser")]
pub struct NotHeld;

impl Default for Controls {
    fn default() -> Self {
        Self::new(PauseLimits::default(), Clocks::default())
    }
}

impl Controls {
    /// Controls within `limits` that hold `clocks` while something waits.
    #[must_use]
    pub fn new(limits: PauseLimits, clocks: Clocks) -> Self {
        Self(Arc::new(Inner {
            active: AtomicBool::new(false),
            limits,
            clocks,
            changes: watch::Sender::new(0),
            state: Mutex::default(),
        }))
    }

    /// Whether any realm has a breakpoint, or anything that waits.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.0.active.load(Ordering::Acquire)
    }

    /// The limits.
    #[must_use]
    pub fn limits(&self) -> PauseLimits {
        self.0.limits
    }

    /// How long a request may wait.
    #[must_use]
    pub fn longest(&self) -> Duration {
        Duration::from_secs(self.0.limits.longest.as_seconds().into())
    }

    /// Tells when anything has changed.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    // --- the lock

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and tells everybody.
    fn change<T>(&self, how: impl FnOnce(&mut State) -> T) -> T {
        let changed = {
            let mut state = self.lock();
            let changed = how(&mut state);
            state.realms.retain(|_, books| !books.is_blank());
            self.0
                .active
                .store(!state.realms.is_empty(), Ordering::Release);
            changed
        };
        self.0
            .changes
            .send_modify(|number| *number = number.wrapping_add(1));
        changed
    }
}

#[cfg(test)]
mod tests;
