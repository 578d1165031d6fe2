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

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};

pub use breakpoint::{ANY_METHOD, Breakpoint, Mode, Route, RouteChannel, route_path};
pub use decision::{Answer, DecideError, Decision, Fate, Release, Verdict};
pub use edit::{Changed, EDITABLE_HEADERS, Edit, EditError, Place, parameters_of};
pub use limits::{BreakpointError, Full, PauseLimits};
pub use request::StoredRequest;
pub use waiting::{Arrival, HeldRequest, Hold, Paused, PausedParameter, Ticket, WaitState};

use self::books::Books;
use self::waiting::{Entry, Owner};
use crate::flow::{ExchangeId, Party};
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
    followers: HashMap<Party, lead::Follower>,
}

/// Which requests a place stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stops {
    /// Each.
    All,
    /// Those that name one of these clients.
    Clients(Vec<String>),
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

    // --- routes

    /// Makes an observed route known; each service does so as it mounts it.
    pub fn register(&self, route: Route) {
        let known = self.lock().routes.contains(&route);
        if !known {
            self.change(|state| state.routes.insert(route));
        }
    }

    /// Every observed route of every service, in order.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        self.lock().routes.iter().cloned().collect()
    }

    // --- breakpoints

    /// What the controls of `realm` are.
    #[must_use]
    pub fn look(&self, realm: &RealmName) -> Look {
        let number = *self.0.changes.borrow();
        let state = self.lock();
        let books = state.realms.get(realm);
        books.map_or_else(
            || Look {
                mode: Mode::Run,
                breakpoints: Vec::new(),
                waiting: Vec::new(),
                passed: 0,
                number,
            },
            |books| books.look(number),
        )
    }

    /// Lets requests of `realm` run, or wait one by one. What waits already goes on waiting.
    ///
    /// # Errors
    /// [`BreakpointError::TooMany`], [`BreakpointError::Stopping`].
    pub fn set_mode(&self, realm: &RealmName, mode: Mode) -> Result<(), BreakpointError> {
        self.with_books(realm, |books| {
            books.mode = mode;
            Ok(())
        })
    }

    /// Sets a breakpoint; one that is there already stays.
    ///
    /// # Errors
    /// [`BreakpointError`].
    pub fn set(
        &self,
        realm: &RealmName,
        mut breakpoint: Breakpoint,
    ) -> Result<(), BreakpointError> {
        let path = route_path(&breakpoint.path).to_owned();
        breakpoint.path = path;
        if !self.has_route(&breakpoint) {
            let Breakpoint {
                service,
                method,
                path,
                ..
            } = breakpoint;
            return Err(BreakpointError::NoRoute {
                service,
                method,
                path,
            });
        }
        self.with_books(realm, |books| books.set(breakpoint))
    }

    /// Whether the route exists; of a service that has not told its routes, any may.
    fn has_route(&self, breakpoint: &Breakpoint) -> bool {
        let state = self.lock();
        let mut of_service = state
            .routes
            .iter()
            .filter(|route| route.service == breakpoint.service)
            .peekable();
        of_service.peek().is_none()
            || of_service.any(|route| breakpoint.is_on(&route.service, &route.method, &route.path))
    }

    /// Removes a breakpoint; whether it was there. What waits at it goes on waiting.
    #[must_use]
    pub fn remove(&self, realm: &RealmName, breakpoint: &Breakpoint) -> bool {
        self.change(|state| {
            let books = state.realms.get_mut(realm);
            books.is_some_and(|books| books.remove(breakpoint))
        })
    }

    /// Removes every breakpoint of `realm` and lets its requests run.
    pub fn clear(&self, realm: &RealmName) {
        self.change(|state| {
            if let Some(books) = state.realms.get_mut(realm) {
                books.clear();
            }
        });
    }

    fn with_books(
        &self,
        realm: &RealmName,
        how: impl FnOnce(&mut Books) -> Result<(), BreakpointError>,
    ) -> Result<(), BreakpointError> {
        self.change(|state| {
            if state.closed.contains(&Party::ClientApp) {
                return Err(BreakpointError::Stopping);
            }
            if state.realms.len() >= MAX_REALMS && !state.realms.contains_key(realm) {
                return Err(BreakpointError::TooMany);
            }
            how(state.realms.entry(realm.clone()).or_default())
        })
    }

    // --- what waits

    /// Which requests of this kind are stopped; `None` for none.
    #[must_use]
    pub fn stops(
        &self,
        realm: &RealmName,
        service: &Party,
        method: &str,
        path: &str,
    ) -> Option<Stops> {
        let state = self.lock();
        if state.closed.contains(service) {
            return None;
        }
        let books = state.realms.get(realm)?;
        books.stops(service, method, route_path(path))
    }

    /// Counts a request that should have waited and could not.
    pub fn count_passed(&self, realm: &RealmName) {
        self.change(|state| {
            if let Some(books) = state.realms.get_mut(realm) {
                books.passed = books.passed.saturating_add(1);
            }
        });
    }

    /// Lets a request wait: for a decision, and `held` by a page also for its browser. The realm's clock stands
    /// still until it is decided.
    ///
    /// # Errors
    /// [`Full`]: it is counted, and has to go on as it came.
    pub fn wait(&self, paused: Paused, held: Option<Box<HeldRequest>>) -> Result<Ticket, Full> {
        let (decide, verdict) = oneshot::channel();
        let (gone, until_gone) = oneshot::channel();
        let (realm, id) = (paused.realm.clone(), paused.id.clone());
        let clock = self.0.clocks.of(&realm);
        let limits = self.0.limits;
        self.change(|state| {
            let waiting: usize = state.realms.values().map(|books| books.waiting.len()).sum();
            let closed = state.closed.contains(&paused.to);
            let books = state.realms.entry(realm.clone()).or_default();
            if closed || waiting >= limits.in_all || books.waiting.len() >= limits.per_realm {
                books.passed = books.passed.saturating_add(1);
                return Err(Full);
            }
            let owner = Owner::Here {
                decide: Some(decide),
                held,
                verdict: None,
                gone: Some(gone),
            };
            books.waiting.push(Entry {
                paused,
                owner,
                clock: Some(clock.hold()),
            });
            Ok(())
        })?;
        Ok(Ticket {
            controls: self.clone(),
            realm,
            id,
            verdict: Some(verdict),
            gone: Some(until_gone),
        })
    }

    /// What waits under this id.
    #[must_use]
    pub fn find(&self, realm: &RealmName, id: &ExchangeId) -> Option<Paused> {
        let state = self.lock();
        let entry = state.realms.get(realm)?.entry(id)?;
        Some(entry.paused.clone())
    }

    /// What became of a request that waited a while ago.
    #[must_use]
    pub fn fate(&self, realm: &RealmName, id: &ExchangeId) -> Option<Fate> {
        self.lock().realms.get(realm)?.fate(id)
    }

    /// Decides what becomes of a request that waits.
    ///
    /// # Errors
    /// [`DecideError`].
    pub fn decide(
        &self,
        realm: &RealmName,
        id: &ExchangeId,
        decision: Decision,
    ) -> Result<(), DecideError> {
        self.change(|state| {
            let books = state.realms.get_mut(realm).ok_or(DecideError::Unknown)?;
            books.decide(id, decision)
        })
    }

    /// Lets one request go on as it came.
    pub(super) fn release_one(&self, realm: &RealmName, id: &ExchangeId, why: Release) {
        self.change(|state| {
            if let Some(books) = state.realms.get_mut(realm) {
                books.settle(id, Verdict::Released(why));
            }
        });
    }

    /// Lets everything that waits in `realm` go on as it came.
    pub fn release(&self, realm: &RealmName, why: Release) {
        self.change(|state| {
            if let Some(books) = state.realms.get_mut(realm) {
                books.release(None, why);
            }
        });
    }

    /// A browser came back for its request: gives it out, once.
    ///
    /// # Errors
    /// [`NotHeld`]: nothing waits under that id at this service and route (`here`), it is not decided, or it is
    /// another browser's.
    pub fn resume(
        &self,
        realm: &RealmName,
        id: &ExchangeId,
        here: (&Party, &str),
        secret: Option<&str>,
    ) -> Result<Resumed, NotHeld> {
        self.change(|state| {
            let books = state.realms.get_mut(realm).ok_or(NotHeld)?;
            books.resume((id, here.0, here.1), secret).ok_or(NotHeld)
        })
    }

    /// Removes what waits no more.
    pub(super) fn end(&self, realm: &RealmName, id: &ExchangeId, fate: Fate) {
        let known = {
            let state = self.lock();
            let books = state.realms.get(realm);
            books.is_some_and(|books| books.entry(id).is_some())
        };
        if known {
            self.change(|state| {
                if let Some(books) = state.realms.get_mut(realm) {
                    books.end(id, fate);
                }
            });
        }
    }

    // --- stopping

    /// `service` stops: what waits there goes on at once, and nothing is stopped there any more. Without the
    /// client app nobody can decide: then everything goes on, and every breakpoint is gone.
    pub fn close(&self, service: &Party) {
        self.change(|state| {
            state.closed.insert(service.clone());
            let all = *service == Party::ClientApp;
            for books in state.realms.values_mut() {
                books.release((!all).then_some(service), Release::Shutdown);
                if all {
                    books.clear();
                }
            }
        });
    }

    /// As [`Controls::close`], as soon as `stop` ends: to be run beside a server.
    pub async fn close_after(self, stop: impl Future<Output = ()>, service: Party) {
        stop.await;
        self.close(&service);
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
