//! Requests that wait: which are stopped, what is decided of them, and what releases them.
//!
//! May use tokio's channels.

use tokio::sync::oneshot;

use super::breakpoint::route_path;
use super::decision::{DecideError, Decision, Fate, Release, Verdict};
use super::presence::believed_at_first;
use super::waiting::{Entry, HeldRequest, Owner, Paused, Ticket};
use super::{Controls, Full, NotHeld, Resumed, Stops};
use crate::flow::{ExchangeId, Party};
use crate::realm::RealmName;

impl Controls {
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
                believed_until: believed_at_first(&paused.hold, limits),
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

    /// Lets everything that waits in `realm` go on as it came; how many that were.
    #[expect(
        clippy::must_use_candidate,
        reason = "it is done, whether anybody counts or not"
    )]
    pub fn release(&self, realm: &RealmName, why: Release) -> usize {
        self.change(|state| {
            let books = state.realms.get_mut(realm);
            books.map_or(0, |books| books.release(None, why))
        })
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
}
