//! Routes, breakpoints, and what the controls of a realm are.
//!
//! Knows no HTTP.

use std::collections::BTreeSet;

use super::books::Books;
use super::breakpoint::{Breakpoint, Mode, Route, route_path};
use super::{BreakpointError, Controls, Look, MAX_REALMS};
use crate::flow::{ExchangeId, Party, ValueHash};
use crate::realm::RealmName;

impl Controls {
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

    /// The flows of each realm on which breakpoints are set.
    #[must_use]
    pub fn watched_flows(&self) -> Vec<(RealmName, ExchangeId)> {
        let state = self.lock();
        let realms = state.realms.iter();
        let flows = realms.flat_map(|(realm, books)| {
            let flows = books.watched_flows().into_iter();
            flows.map(|flow| (realm.clone(), flow))
        });
        flows.collect()
    }

    /// Takes in the values by which requests of a flow are recognised; a flow without breakpoints is forgotten.
    pub fn know_flow(&self, realm: &RealmName, flow: &ExchangeId, values: BTreeSet<ValueHash>) {
        let known = {
            let state = self.lock();
            let books = state.realms.get(realm);
            books.is_none_or(|books| books.knows_flow(flow, &values))
        };
        if !known {
            self.change(|state| {
                if let Some(books) = state.realms.get_mut(realm) {
                    books.know_flow(flow, values);
                }
            });
        }
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
}
