//! The flow store: what happened, in memory and bounded; exchanges merged by hop and joined to flows by what they carried.
//!
//! | file | what is in it |
//! |---|---|
//! | [`hop`] | one exchange as both sides saw it, merged |
//! | [`parameter`] | the protocol's parameters of one exchange |
//! | `join` | what joins a hop to a flow |
//! | `guide` | where hops belong that are made on purpose with values of other flows |
//! | `ledger` | the exchanges, the flows, the index between them |
//! | `ring` | which exchange falls out first, fair to every realm |
//! | `events` | the numbered log behind the live streams |
//! | [`flow`], [`verdict`] | what a flow is and what can be said of it, read off its exchanges |
//! | [`knowledge`] | who knows which value, since when, and whether that is as it should be |
//! | [`view`] | the same as JSON |
//! | [`browser`] | what a script of ours saw in the browser, as an exchange |
//!
//! May use the record's types of `shared::flow`; knows no HTTP. Everything in it is hostile text.

pub mod browser;
pub mod flow;
pub mod hop;
pub mod knowledge;
pub mod parameter;
pub mod verdict;
pub mod view;

mod events;
mod guide;
mod join;
mod ledger;
mod ring;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::flow::{Check, Exchange, ExchangeId, Party};
use shared::realm::RealmName;
use shared::time::wall_clock_us;
use tokio::sync::watch;

use self::events::{Since, What};
use self::flow::{Grant, client_of};
use self::ledger::Ledger;
use self::view::{
    ExchangeBrief, ExchangeEvent, ExchangeView, FlowList, FlowSummary, FlowView, RecordState,
};
use crate::config::RecordConfig;
use crate::meter::RecordMeter;

pub use guide::Guide;

/// How many events a stream takes at a time.
const AT_A_TIME: usize = 64;

/// The record of all realms. Writers and readers share one lock, held for microseconds.
#[derive(Debug)]
pub struct FlowStore {
    ledger: Mutex<Ledger>,
    latest: watch::Sender<u64>,
    meter: RecordMeter,
}

/// Which flows of a list are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// At most so many; the newest.
    pub limit: usize,
    /// Only those of this client.
    pub client_id: Option<String>,
    /// Only those of this grant.
    pub grant: Option<Grant>,
}

/// What a live stream watches.
#[derive(Clone, Debug)]
pub enum Watched {
    /// Every flow of the realm.
    Flows,
    /// The exchanges of one flow.
    Flow(ExchangeId),
}

/// What a stream sends: the number up to which the reader has seen everything then, and the data as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    /// The event's number.
    pub number: u64,
    /// `flow`, `exchange`, `joined`, `cleared` or `reset`.
    pub name: &'static str,
    /// JSON.
    pub data: String,
}

/// What happened since a stream looked last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What to send.
    pub events: Vec<StreamEvent>,
    /// Everything up to here is dealt with.
    pub seen: u64,
    /// Whether the reader was too far behind and has to begin anew (the events say so).
    pub lost: bool,
}

impl FlowStore {
    /// An empty record within `limits`.
    #[must_use]
    pub fn new(limits: RecordConfig) -> Self {
        let ledger = Ledger::new(limits, wall_clock_us());
        let (latest, _) = watch::channel(ledger.events.latest());
        Self {
            ledger: Mutex::new(ledger),
            latest,
            meter: RecordMeter::default(),
        }
    }

    /// Takes in one observation.
    pub fn ingest(&self, exchange: Exchange) {
        let (id, realm) = (exchange.id.clone(), exchange.realm.clone());
        let (observer, status) = (exchange.observer.party.clone(), exchange.status);
        let mut ledger = self.lock();
        ledger.ingest(exchange, wall_clock_us());
        self.latest.send_replace(ledger.events.latest());
        if let Some((_, flow)) = ledger.hop(&realm, &id) {
            self.meter.took_in(&observer, status, flow);
        }
    }

    /// What is counted of what it takes in.
    pub(crate) const fn meter(&self) -> &RecordMeter {
        &self.meter
    }

    /// How many exchanges and flows it holds, and how many bytes they take (estimated).
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        self.lock().size()
    }

    /// Says of an exchange that is about to be made where it belongs.
    pub fn guide(&self, exchange: ExchangeId, guide: Guide) {
        self.lock().guide(exchange, guide);
    }

    /// Counts exchanges that never arrived, and those that were left out because they came faster than the pace.
    pub fn count_missed(&self, dropped: u64, shed: u64) {
        let mut ledger = self.lock();
        ledger.dropped = ledger.dropped.saturating_add(dropped);
        ledger.shed = ledger.shed.saturating_add(shed);
    }

    /// Clears the record of `realm`; gives how many exchanges it held.
    pub fn clear(&self, realm: &RealmName) -> usize {
        let mut ledger = self.lock();
        let gone = ledger.clear(realm);
        self.latest.send_replace(ledger.events.latest());
        gone
    }

    /// The flows of `realm` that are wanted, newest first.
    #[must_use]
    pub fn flows(&self, realm: &RealmName, wanted: &Wanted) -> FlowList {
        let mut ledger = self.lock();
        ledger.purge(wall_clock_us());
        let summaries = ledger.flows_in(realm).into_iter();
        let summaries = summaries
            .filter_map(|id| summary(&ledger, id))
            .filter(|flow| {
                let client = wanted.client_id.is_none() || wanted.client_id == flow.client_id;
                client && wanted.grant.is_none_or(|grant| grant == flow.grant)
            });
        let flows = summaries.take(wanted.limit).collect();
        FlowList {
            flows,
            record: state(&ledger, realm),
        }
    }

    /// The flows of each of these clients, newest first and at most `each` of one: one pass over the record of `realm`.
    #[must_use]
    pub fn newest_of(
        &self,
        realm: &RealmName,
        clients: &[&str],
        each: usize,
    ) -> HashMap<String, Vec<ExchangeId>> {
        let empty = clients.iter().map(|id| ((*id).to_owned(), Vec::new()));
        let mut found: HashMap<_, Vec<_>> = empty.collect();
        let mut ledger = self.lock();
        ledger.purge(wall_clock_us());
        for id in ledger.flows_in(realm) {
            let client = ledger.hops_of(id).and_then(|(hops, _)| client_of(&hops));
            if let Some(flows) = client.and_then(|client| found.get_mut(&client))
                && flows.len() < each
            {
                flows.push(id.clone());
            }
        }
        found
    }

    /// How much of `realm` is kept, and what was lost.
    #[must_use]
    pub fn state(&self, realm: &RealmName) -> RecordState {
        state(&self.lock(), realm)
    }

    /// The flow that `id` names or has become part of.
    #[must_use]
    pub fn flow(&self, realm: &RealmName, id: &ExchangeId) -> Option<FlowView> {
        let mut ledger = self.lock();
        ledger.purge(wall_clock_us());
        let id = ledger.resolve(realm, id)?.clone();
        let (hops, forgotten) = ledger.hops_of(&id)?;
        Some(FlowView::of(&id, &hops, forgotten, ledger.events.latest()))
    }

    /// The summary of the flow that `id` names or has become part of.
    #[must_use]
    pub fn summary(&self, realm: &RealmName, id: &ExchangeId) -> Option<FlowSummary> {
        let ledger = self.lock();
        let id = ledger.resolve(realm, id)?;
        summary(&ledger, id)
    }

    /// One exchange.
    #[must_use]
    pub fn exchange(&self, realm: &RealmName, id: &ExchangeId) -> Option<ExchangeView> {
        let ledger = self.lock();
        let (hop, flow) = ledger.hop(realm, id)?;
        Some(ExchangeView::of(hop, flow, step_of(&ledger, flow, id)))
    }

    /// The checks of an exchange as its receiver reported them; empty until that report has arrived.
    #[must_use]
    pub fn checks_of(&self, realm: &RealmName, id: &ExchangeId) -> Vec<Check> {
        let ledger = self.lock();
        let hop = ledger.hop(realm, id).map(|(hop, _)| hop);
        hop.map(|hop| hop.exchange.checks.clone())
            .unwrap_or_default()
    }

    /// The flow to which an exchange belongs.
    #[must_use]
    pub fn flow_of(&self, realm: &RealmName, id: &ExchangeId) -> Option<ExchangeId> {
        let ledger = self.lock();
        ledger.hop(realm, id).map(|(_, flow)| flow.clone())
    }

    /// When the last exchange that `party` observed in `realm` arrived here, in microseconds since the epoch.
    #[must_use]
    pub fn heard_from(&self, realm: &RealmName, party: &Party) -> Option<i64> {
        let ledger = self.lock();
        let flows = ledger.flows_in(realm).into_iter();
        let hops = flows
            .filter_map(|id| ledger.hops_of(id))
            .flat_map(|(hops, _)| hops);
        hops.filter(|hop| {
            hop.observers
                .iter()
                .any(|observer| observer.party == *party)
        })
        .map(|hop| hop.arrived_us)
        .max()
    }

    /// The number of the latest event.
    #[must_use]
    pub fn latest_event(&self) -> u64 {
        *self.latest.borrow()
    }

    /// Tells when there is something after the number that was seen last.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// What happened in `realm` to what is `watched` after event `seen`.
    #[must_use]
    pub fn news(&self, realm: &RealmName, watched: &Watched, seen: u64) -> News {
        let ledger = self.lock();
        let Since::Events(events) = ledger.events.since(seen, AT_A_TIME) else {
            let latest = ledger.events.latest();
            let reset = StreamEvent {
                number: latest,
                name: "reset",
                data: "{}".to_owned(),
            };
            return News {
                events: vec![reset],
                seen: latest,
                lost: true,
            };
        };
        let seen = events.last().map_or(seen, |event| event.number);
        let mut news: Vec<StreamEvent> = Vec::new();
        // Of several events about one thing only the last is sent: it shows the thing as it is now.
        for (index, event) in events.iter().enumerate() {
            let repeated = events.iter().skip(index + 1).any(|later| {
                later.realm == event.realm && same_subject(watched, &event.what, &later.what)
            });
            if event.realm == *realm
                && !repeated
                && let Some((name, data)) = told(&ledger, realm, watched, &event.what)
            {
                let number = event.number;
                news.push(StreamEvent { number, name, data });
            }
        }
        News {
            events: news,
            seen,
            lost: false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a reader who is told `later` need not be told `earlier`.
fn same_subject(watched: &Watched, earlier: &What, later: &What) -> bool {
    match (watched, earlier, later) {
        (
            Watched::Flow(_),
            What::Exchange { exchange: a, .. },
            What::Exchange { exchange: b, .. },
        )
        | (Watched::Flows, What::Exchange { flow: a, .. }, What::Exchange { flow: b, .. }) => {
            a == b
        }
        _ => false,
    }
}

/// An event as a reader is told it, if it concerns what is watched.
fn told(
    ledger: &Ledger,
    realm: &RealmName,
    watched: &Watched,
    what: &What,
) -> Option<(&'static str, String)> {
    let json = |value: serde_json::Result<String>| value.ok();
    match (watched, what) {
        (_, What::Cleared) => Some(("cleared", "{}".to_owned())),
        (Watched::Flows, What::Exchange { flow, .. }) => {
            let id = ledger.resolve(realm, flow)?;
            Some(("flow", json(serde_json::to_string(&summary(ledger, id)?))?))
        }
        (Watched::Flow(watched), What::Exchange { flow, exchange }) => {
            let id = ledger.resolve(realm, flow)?;
            if ledger.resolve(realm, watched)? != id {
                return None;
            }
            let (hop, _) = ledger.hop(realm, exchange)?;
            let event = ExchangeEvent {
                flow: summary(ledger, id)?,
                exchange: ExchangeBrief::of(hop, step_of(ledger, id, exchange)),
            };
            Some(("exchange", json(serde_json::to_string(&event))?))
        }
        (_, What::Joined { older, younger }) => {
            let concerns = match watched {
                Watched::Flows => true,
                Watched::Flow(id) => id == younger,
            };
            let data = serde_json::json!({ "flow": older, "joined": younger });
            concerns.then(|| ("joined", data.to_string()))
        }
    }
}

fn summary(ledger: &Ledger, id: &ExchangeId) -> Option<FlowSummary> {
    let (hops, forgotten) = ledger.hops_of(id)?;
    Some(FlowSummary::of(id, &hops, forgotten))
}

fn state(ledger: &Ledger, realm: &RealmName) -> RecordState {
    let held = ledger.held(realm);
    RecordState {
        exchanges: held.exchanges,
        bytes: held.bytes,
        forgotten: held.forgotten,
        dropped: ledger.dropped,
        shed: ledger.shed,
        latest_event: ledger.events.latest(),
    }
}

/// The place of an exchange in its flow, from 1.
fn step_of(ledger: &Ledger, flow: &ExchangeId, id: &ExchangeId) -> usize {
    let hops = ledger
        .hops_of(flow)
        .map(|(hops, _)| hops)
        .unwrap_or_default();
    hops.iter()
        .position(|hop| hop.id() == id)
        .map_or(0, |at| at + 1)
}
