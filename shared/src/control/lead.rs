//! The client app's side of [`super::follow`]: it hears what waits with the other services, and gives orders.
//!
//! Knows no HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::books::Books;
use super::follow::{Orders, Process, RealmOrders, Report};
use super::presence::believed_at_first;
use super::waiting::{Entry, Owner};
use super::{Controls, Fate, PauseLimits, State, Verdict};
use crate::flow::ExchangeId;
use crate::realm::RealmName;
use crate::time::Clocks;

/// How long a follower that says nothing is believed to be there.
const SILENCE: Duration = Duration::from_secs(30);

/// How far a follower is, in the books of the client app.
#[derive(Debug)]
pub(super) struct Follower {
    run: String,
    sequence: u64,
    heard: Instant,
    passed: BTreeMap<RealmName, u64>,
}

/// The report of another run, or an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a later report was heard already")]
pub struct Outdated;

impl Controls {
    /// Takes in what a follower tells.
    ///
    /// # Errors
    /// [`Outdated`].
    pub fn hear(&self, report: &Report) -> Result<(), Outdated> {
        let process = report.process();
        let changed = {
            let mut state = self.lock();
            let before = state.heard(report)?;
            let routes = state.routes.len();
            state.routes.extend(report.routes.iter().cloned());
            let more_routes = state.routes.len() > routes;
            let passed = state.passed(report, &before);
            let began = state.began(report, &self.0.clocks, self.0.limits);
            let mut gone = false;
            for books in state.realms.values_mut() {
                gone |= books.keep_of(&process, &report.waiting);
            }
            more_routes || passed || began || gone
        };
        if changed {
            self.change(|_| ());
        }
        Ok(())
    }

    /// Removes what waits with followers that were not heard for long.
    pub fn forget_silent(&self) {
        let silent: Vec<Process> = {
            let state = self.lock();
            let followers = state.followers.iter();
            let silent = followers.filter(|(_, follower)| follower.heard.elapsed() > SILENCE);
            silent.map(|(process, _)| process.clone()).collect()
        };
        for process in silent {
            self.change(|state| {
                state.followers.remove(&process);
                for books in state.realms.values_mut() {
                    books.keep_of(&process, &BTreeSet::new());
                }
            });
        }
    }

    /// What a follower has to know.
    #[must_use]
    pub fn orders(&self, process: &Process, clocks: &Clocks) -> Orders {
        let number = self.orders_number(clocks);
        let clocks = clocks.moved();
        let state = self.lock();
        let realms = state.realms.iter();
        let mut orders = Orders {
            number,
            clocks,
            realms: realms
                .map(|(realm, books)| RealmOrders {
                    realm: realm.clone(),
                    mode: books.mode,
                    breakpoints: books.breakpoints.clone(),
                    paused: books.is_paused(),
                    flows: books.flow_values().clone(),
                })
                .collect(),
            ..Orders::default()
        };
        for entry in state.realms.values().flat_map(|books| &books.waiting) {
            if let Owner::There {
                process: there,
                verdict,
            } = &entry.owner
                && there == process
            {
                let id = entry.paused.id.clone();
                orders.known.insert(id.clone());
                match verdict.clone() {
                    Some(Verdict::Decided(decision)) => orders.decisions.push((id, decision)),
                    Some(Verdict::Released(why)) => orders.released.push((id, why)),
                    None => {}
                }
            }
        }
        orders
    }

    /// The number of the orders at this moment.
    #[must_use]
    pub fn orders_number(&self, clocks: &Clocks) -> u64 {
        let controls = *self.0.changes.borrow();
        controls.wrapping_add(*clocks.watch().borrow())
    }
}

impl State {
    /// Writes down who was heard; what had passed there before.
    fn heard(&mut self, report: &Report) -> Result<BTreeMap<RealmName, u64>, Outdated> {
        let process = report.process();
        let known = self.followers.get(&process);
        let known = known.filter(|known| known.run == report.run);
        if known.is_some_and(|known| known.sequence >= report.sequence) {
            return Err(Outdated);
        }
        let before = known.map(|known| known.passed.clone());
        let follower = Follower {
            run: report.run.clone(),
            sequence: report.sequence,
            heard: Instant::now(),
            passed: report.passed.clone(),
        };
        self.followers.insert(process, follower);
        Ok(before.unwrap_or_default())
    }

    /// Counts what has passed there since.
    fn passed(&mut self, report: &Report, before: &BTreeMap<RealmName, u64>) -> bool {
        let mut changed = false;
        for (realm, count) in &report.passed {
            let more = count.saturating_sub(before.get(realm).copied().unwrap_or(0));
            if let Some(books) = self.realms.get_mut(realm).filter(|_| more > 0) {
                books.passed = books.passed.saturating_add(more);
                changed = true;
            }
        }
        changed
    }

    /// Writes down what began to wait there.
    fn began(&mut self, report: &Report, clocks: &Clocks, limits: PauseLimits) -> bool {
        let mut changed = false;
        for paused in &report.began {
            let books = self.realms.entry(paused.realm.clone()).or_default();
            let known = books.entry(&paused.id).is_some() || books.fate(&paused.id).is_some();
            if paused.to == report.service && !known {
                books.waiting.push(Entry {
                    clock: Some(clocks.of(&paused.realm).hold()),
                    owner: Owner::There {
                        process: report.process(),
                        verdict: None,
                    },
                    believed_until: believed_at_first(&paused.hold, limits),
                    paused: paused.clone(),
                });
                changed = true;
            }
        }
        changed
    }
}

impl Books {
    /// Keeps of what waits in `process` only what still does; whether anything is gone.
    fn keep_of(&mut self, process: &Process, waiting: &BTreeSet<ExchangeId>) -> bool {
        let gone = self.waiting.iter().filter_map(|entry| match &entry.owner {
            Owner::There {
                process: there,
                verdict,
            } if there == process && !waiting.contains(&entry.paused.id) => {
                let fate = verdict.as_ref().map_or(Fate::Left, Fate::from);
                Some((entry.paused.id.clone(), fate))
            }
            _ => None,
        });
        let gone: Vec<(ExchangeId, Fate)> = gone.collect();
        for (id, fate) in &gone {
            self.end(id, *fate);
        }
        !gone.is_empty()
    }
}
