//! The ledger: hops in a ring bounded in number, bytes and time (`ring`), and the flows that they form.
//!
//! Synchronous and without a clock of its own; [`super::FlowStore`] gives it both a lock and the time.

use std::collections::HashMap;

use shared::flow::{Exchange, ExchangeId, ValueKind};
use shared::realm::RealmName;

use super::events::{EventLog, What};
use super::flow::client_named_by;
use super::guide::{Guide, Guides};
use super::hop::Hop;
use super::join::{JoinKey, JoinKeys};
use super::ring::{Held, Ring};
use crate::config::RecordConfig;

/// How often the ring is searched for what is too old, in microseconds.
const SWEEP_US: u64 = 1_000_000;

/// One flow: which hops belong to it, in the order in which they began.
#[derive(Debug)]
pub(super) struct FlowEntry {
    pub(super) realm: RealmName,
    pub(super) hops: Vec<ExchangeId>,
    /// Younger flows that became part of this one.
    aliases: Vec<ExchangeId>,
    /// Hops that fell out of the ring.
    pub(super) forgotten: u64,
}

/// A hop and how it is joined.
#[derive(Debug)]
struct Kept {
    hop: Hop,
    keys: JoinKeys,
    flow: ExchangeId,
}

/// Where a join key leads.
#[derive(Debug)]
struct Slot {
    flow: ExchangeId,
    /// How many hops hold the key.
    holders: usize,
}

/// What a flow has once only: two flows that have each their own of it are two.
#[derive(Clone, Copy, Debug, Default)]
struct Begun<'h> {
    /// An authorization request, in the browser or pushed; the two parts of one share its reference (RFC 9126 §2.2).
    request: bool,
    /// A push that is told a nonce: the same request is pushed again, with it.
    early: bool,
    code: bool,
    client: Option<&'h str>,
}

impl<'h> Begun<'h> {
    fn of(hop: &'h Hop) -> Self {
        let mut values = hop.exchange.values.iter();
        let asks = hop.asks_authorization();
        let early = asks && hop.is_told_a_nonce();
        Self {
            request: asks && !early,
            early,
            code: values.any(|value| value.kind == ValueKind::Code),
            client: client_named_by(hop),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            request: self.request || other.request,
            early: self.early || other.early,
            code: self.code || other.code,
            client: self.client.or(other.client),
        }
    }

    /// Whether what came now has its own of what `other` has.
    fn excludes(self, other: Self) -> bool {
        let foreign = self.client.zip(other.client).is_some_and(|(a, b)| a != b);
        let asks = self.request || self.early;
        foreign || (asks && other.request) || (self.code && other.code)
    }
}

/// The record of all realms.
#[derive(Debug)]
pub(super) struct Ledger {
    limits: RecordConfig,
    kept: HashMap<ExchangeId, Kept>,
    ring: Ring,
    /// When the ring was last searched for what is too old.
    swept_us: i64,
    flows: HashMap<ExchangeId, FlowEntry>,
    aliases: HashMap<ExchangeId, ExchangeId>,
    index: HashMap<JoinKey, Slot>,
    guides: Guides,
    pub(super) events: EventLog,
    /// Exchanges that never arrived.
    pub(super) dropped: u64,
    /// Exchanges that were left out because they came faster than the pace.
    pub(super) shed: u64,
}

impl Ledger {
    pub(super) fn new(limits: RecordConfig, now_us: i64) -> Self {
        Self {
            limits,
            kept: HashMap::new(),
            ring: Ring::default(),
            swept_us: i64::MIN,
            flows: HashMap::new(),
            aliases: HashMap::new(),
            index: HashMap::new(),
            guides: Guides::default(),
            events: EventLog::new(u64::try_from(now_us).unwrap_or(0)),
            dropped: 0,
            shed: 0,
        }
    }

    /// Keeps what is known of an exchange before it is observed.
    pub(super) fn guide(&mut self, exchange: ExchangeId, guide: Guide) {
        self.guides.insert(exchange, guide);
    }

    /// Takes in one observation.
    pub(super) fn ingest(&mut self, exchange: Exchange, now_us: i64) {
        let id = exchange.id.clone();
        let (hop, flow) = match self.kept.remove(&id) {
            None => {
                let hop = Hop::new(exchange, now_us);
                let realm = &hop.exchange.realm;
                self.ring.push(realm, id, (now_us, hop.bytes));
                (hop, None)
            }
            Some(mut known) => {
                let before = known.hop.bytes;
                if exchange.realm != known.hop.exchange.realm || !known.hop.merge(exchange) {
                    self.kept.insert(id, known);
                    return;
                }
                let realm = &known.hop.exchange.realm;
                self.ring.weigh(realm, before, known.hop.bytes);
                self.unregister(&known.keys);
                (known.hop, Some(known.flow))
            }
        };
        self.place(hop, flow.as_ref());
        self.purge(now_us);
    }

    /// Joins a hop (that may have been in flow `was` already) to where it belongs.
    fn place(&mut self, hop: Hop, was: Option<&ExchangeId>) {
        let realm = hop.exchange.realm.clone();
        let guide = self.guides.of(hop.id(), hop.exchange.caused_by.as_ref());
        let keys = JoinKeys::of(&hop).guided(guide, &realm);
        let id = hop.id().clone();
        let mut flows = self.flows_of(&hop, &keys, was);
        flows.sort();
        flows.dedup();
        let mut flows = flows.into_iter();
        let flow = flows.next().unwrap_or_else(|| id.clone());
        if let Some(was) = was
            && let Some(entry) = self.flows.get_mut(was)
        {
            entry.hops.retain(|known| *known != id);
        }
        for younger in flows {
            self.unite(&flow, &younger);
        }
        self.register(&keys, &flow);
        let order = hop.order();
        let entry = self.flows.entry(flow.clone());
        let entry = entry.or_insert_with(|| FlowEntry {
            realm: realm.clone(),
            hops: Vec::new(),
            aliases: Vec::new(),
            forgotten: 0,
        });
        let at = entry.hops.partition_point(|known| {
            self.kept
                .get(known)
                .is_none_or(|known| known.hop.order() < order)
        });
        entry.hops.insert(at, id.clone());
        let what = What::Exchange {
            flow: flow.clone(),
            exchange: id.clone(),
        };
        self.kept.insert(id, Kept { hop, keys, flow });
        self.events.push(realm, what);
    }

    /// The flows that the keys of `hop` lead to, besides the one it was in already.
    fn flows_of(
        &mut self,
        hop: &Hop,
        keys: &JoinKeys,
        was: Option<&ExchangeId>,
    ) -> Vec<ExchangeId> {
        let lead = |key: &JoinKey| self.index.get(key).map(|slot| slot.flow.clone());
        let mut flows: Vec<_> = keys.strong.iter().filter_map(lead).collect();
        flows.extend(was.cloned());
        let mut has = Begun::of(hop);
        for flow in &flows {
            has = has.and(self.begun(flow));
        }
        for flow in keys.weak.iter().filter_map(lead).collect::<Vec<_>>() {
            let other = self.begun(&flow);
            // A constant of somebody's script: the same value in two requests is still two flows.
            if !flows.contains(&flow) && !has.excludes(other) {
                has = has.and(other);
                flows.push(flow);
            }
        }
        if let Some(claimed) = &keys.claims
            && let Some(slot) = self.index.remove(claimed)
        {
            flows.push(slot.flow);
        }
        flows
    }

    /// What a flow has that it can have once only.
    fn begun(&self, flow: &ExchangeId) -> Begun<'_> {
        let hops = self
            .flows
            .get(flow)
            .into_iter()
            .flat_map(|entry| &entry.hops);
        let kept = hops.filter_map(|id| self.kept.get(id));
        kept.fold(Begun::default(), |has, kept| has.and(Begun::of(&kept.hop)))
    }

    fn register(&mut self, keys: &JoinKeys, flow: &ExchangeId) {
        for key in keys.registered() {
            let slot = self.index.entry(key.clone()).or_insert_with(|| Slot {
                flow: flow.clone(),
                holders: 0,
            });
            slot.holders += 1;
            // A client's constant leads to the flow in which it was used last.
            slot.flow.clone_from(flow);
        }
    }

    fn unregister(&mut self, keys: &JoinKeys) {
        for key in keys.registered() {
            if let Some(slot) = self.index.get_mut(key) {
                slot.holders = slot.holders.saturating_sub(1);
                if slot.holders == 0 {
                    self.index.remove(key);
                }
            }
        }
    }

    /// Makes `younger` a part of `older`; its id keeps resolving.
    fn unite(&mut self, older: &ExchangeId, younger: &ExchangeId) {
        let Some(joining) = self.flows.remove(younger) else {
            return;
        };
        let realm = joining.realm.clone();
        for id in &joining.hops {
            let Some(kept) = self.kept.get_mut(id) else {
                continue;
            };
            kept.flow.clone_from(older);
            for key in kept.keys.registered() {
                if let Some(slot) = self.index.get_mut(key)
                    && slot.flow == *younger
                {
                    slot.flow.clone_from(older);
                }
            }
        }
        let moved = joining.hops.clone();
        if let Some(entry) = self.flows.get_mut(older) {
            entry.forgotten += joining.forgotten;
            entry.hops.extend(joining.hops);
            let kept = &self.kept;
            let began = |id: &ExchangeId| kept.get(id).map(|kept| kept.hop.exchange.started_us);
            entry.hops.sort_by(|a, b| (began(a), a).cmp(&(began(b), b)));
            entry.aliases.push(younger.clone());
            entry.aliases.extend(joining.aliases);
            for alias in &entry.aliases {
                self.aliases.insert(alias.clone(), older.clone());
            }
        }
        let (older, younger) = (older.clone(), younger.clone());
        let joined = What::Joined {
            older: older.clone(),
            younger,
        };
        self.events.push(realm.clone(), joined);
        for exchange in moved {
            let flow = older.clone();
            self.events
                .push(realm.clone(), What::Exchange { flow, exchange });
        }
    }

    /// Lets fall out of the ring what is beyond its bounds: too old, or too much of the realm that holds the most.
    pub(super) fn purge(&mut self, now_us: i64) {
        if now_us.abs_diff(self.swept_us) >= SWEEP_US {
            self.swept_us = now_us;
            let age = i64::from(self.limits.max_minutes).saturating_mul(60_000_000);
            while let Some((realm, id)) = self.ring.stale(now_us.saturating_sub(age)) {
                self.forget(&realm, &id);
            }
        }
        while let Some((realm, id)) = self.ring.next(&self.limits) {
            self.forget(&realm, &id);
        }
    }

    /// Lets the exchange fall out that the ring named.
    fn forget(&mut self, realm: &RealmName, id: &ExchangeId) {
        let bytes = self.remove(id);
        self.ring.forget(realm, bytes);
    }

    /// Takes a hop out of the record and its flow; a flow without hops is gone. How many bytes it took.
    fn remove(&mut self, id: &ExchangeId) -> usize {
        let Some(gone) = self.kept.remove(id) else {
            return 0;
        };
        self.unregister(&gone.keys);
        if let Some(entry) = self.flows.get_mut(&gone.flow) {
            entry.hops.retain(|known| known != id);
            entry.forgotten += 1;
            if entry.hops.is_empty() {
                let aliases = std::mem::take(&mut entry.aliases);
                self.flows.remove(&gone.flow);
                for alias in aliases {
                    self.aliases.remove(&alias);
                }
            }
        }
        gone.hop.bytes
    }

    /// Clears the record of `realm`; how many exchanges it held.
    pub(super) fn clear(&mut self, realm: &RealmName) -> usize {
        let gone = self.ring.clear(realm);
        for id in &gone {
            self.remove(id);
        }
        self.events.push(realm.clone(), What::Cleared);
        gone.len()
    }

    /// The flow that `id` names or has become part of, if it is of `realm`.
    pub(super) fn resolve(&self, realm: &RealmName, id: &ExchangeId) -> Option<&ExchangeId> {
        let id = self.aliases.get(id).unwrap_or(id);
        let (id, entry) = self.flows.get_key_value(id)?;
        (entry.realm == *realm).then_some(id)
    }

    /// The hops of a flow in order, and how many fell out.
    pub(super) fn hops_of(&self, flow: &ExchangeId) -> Option<(Vec<&Hop>, u64)> {
        let entry = self.flows.get(flow)?;
        let kept = entry.hops.iter().filter_map(|id| self.kept.get(id));
        Some((kept.map(|kept| &kept.hop).collect(), entry.forgotten))
    }

    /// One hop and its flow, if it is of `realm`.
    pub(super) fn hop(&self, realm: &RealmName, id: &ExchangeId) -> Option<(&Hop, &ExchangeId)> {
        let kept = self.kept.get(id)?;
        (kept.hop.exchange.realm == *realm).then_some((&kept.hop, &kept.flow))
    }

    /// The flows of `realm`, newest first.
    pub(super) fn flows_in(&self, realm: &RealmName) -> Vec<&ExchangeId> {
        let flows = self.flows.iter().filter(|(_, entry)| entry.realm == *realm);
        let mut ids: Vec<_> = flows.map(|(id, _)| id).collect();
        ids.sort_by(|a, b| b.cmp(a));
        ids
    }

    /// How many exchanges and flows there are, and how many bytes they take (estimated).
    pub(super) fn size(&self) -> (usize, usize, usize) {
        (self.kept.len(), self.flows.len(), self.ring.bytes())
    }

    /// What the ring holds of `realm`.
    pub(super) fn held(&self, realm: &RealmName) -> Held {
        self.ring.held(realm)
    }
}
