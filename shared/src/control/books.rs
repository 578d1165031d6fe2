//! The books of one realm: its mode, its breakpoints, what waits and what became of what waited.
//!
//! Knows no lock and no connection: [`super::Controls`] holds the one, the middleware the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::breakpoint::{Breakpoint, Mode};
use super::decision::{DecideError, Decision, Fate, Release, Verdict};
use super::waiting::{Entry, Hold, Owner, WaitState};
use super::{BreakpointError, Condition, Look, Resumed, Stops};
use crate::flow::{ExchangeId, Party, ValueHash};

/// The most breakpoints of one realm.
const MAX_BREAKPOINTS: usize = 64;
/// How many fates are remembered.
const REMEMBERED: usize = 64;
/// How long a fate is remembered when nothing else happens.
const REMEMBERED_FOR: Duration = Duration::from_mins(10);

/// The controls of one realm.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) mode: Mode,
    pub(super) breakpoints: Vec<Breakpoint>,
    pub(super) waiting: Vec<Entry>,
    pub(super) passed: u64,
    /// Whether something of the realm waits in another process.
    pub(super) paused_elsewhere: bool,
    ended: VecDeque<(ExchangeId, Fate, Instant)>,
    /// The values of the flows on which breakpoints are set.
    flows: BTreeMap<ExchangeId, BTreeSet<ValueHash>>,
}

impl Books {
    pub(super) fn look(&self, number: u64) -> Look {
        Look {
            mode: self.mode,
            breakpoints: self.breakpoints.clone(),
            waiting: self
                .waiting
                .iter()
                .map(|entry| entry.paused.clone())
                .collect(),
            passed: self.passed,
            number,
        }
    }

    /// Whether there is nothing worth keeping in them.
    pub(super) fn is_blank(&self) -> bool {
        let remembered = |(_, _, at): &(_, _, Instant)| at.elapsed() < REMEMBERED_FOR;
        self.mode == Mode::Run
            && self.breakpoints.is_empty()
            && self.waiting.is_empty()
            && !self.paused_elsewhere
            && !self.ended.iter().any(remembered)
    }

    /// Whether anybody waits for a decision.
    pub(super) fn is_paused(&self) -> bool {
        let waits = |entry: &Entry| {
            entry.paused.state == WaitState::Waiting || matches!(entry.owner, Owner::There { .. })
        };
        self.paused_elsewhere || self.waiting.iter().any(waits)
    }

    pub(super) fn set(&mut self, breakpoint: Breakpoint) -> Result<(), BreakpointError> {
        if self.breakpoints.contains(&breakpoint) {
            return Ok(());
        }
        if self.breakpoints.len() >= MAX_BREAKPOINTS {
            return Err(BreakpointError::TooMany);
        }
        self.breakpoints.push(breakpoint);
        Ok(())
    }

    pub(super) fn remove(&mut self, breakpoint: &Breakpoint) -> bool {
        let before = self.breakpoints.len();
        self.breakpoints.retain(|known| known != breakpoint);
        self.forget_flows();
        self.breakpoints.len() < before
    }

    /// The flows on which breakpoints are set.
    pub(super) fn watched_flows(&self) -> BTreeSet<ExchangeId> {
        let flows = self.breakpoints.iter();
        flows.filter_map(|one| one.flow.clone()).collect()
    }

    /// Whether nothing is new in `values`.
    pub(super) fn knows_flow(&self, flow: &ExchangeId, values: &BTreeSet<ValueHash>) -> bool {
        !self.watched_flows().contains(flow) || self.flows.get(flow) == Some(values)
    }

    pub(super) fn know_flow(&mut self, flow: &ExchangeId, values: BTreeSet<ValueHash>) {
        self.flows.insert(flow.clone(), values);
        self.forget_flows();
    }

    /// Takes over what another process knows of flows.
    pub(super) fn know_flows(&mut self, flows: &BTreeMap<ExchangeId, BTreeSet<ValueHash>>) {
        self.flows.clone_from(flows);
    }

    /// The values of the flows on which breakpoints are set, for other processes.
    pub(super) const fn flow_values(&self) -> &BTreeMap<ExchangeId, BTreeSet<ValueHash>> {
        &self.flows
    }

    /// Forgets the values of flows on which no breakpoint is set any more.
    fn forget_flows(&mut self) {
        let watched = self.watched_flows();
        self.flows.retain(|flow, _| watched.contains(flow));
    }

    pub(super) fn clear(&mut self) {
        self.mode = Mode::Run;
        self.passed = 0;
        self.breakpoints.clear();
        self.flows.clear();
    }

    pub(super) fn stops(&self, service: &Party, method: &str, path: &str) -> Option<Stops> {
        if self.mode == Mode::Step {
            return Some(Stops::All);
        }
        let mut conditions = Vec::new();
        let here = self.breakpoints.iter();
        for breakpoint in here.filter(|known| known.is_on(service, method, path)) {
            let of_flow = breakpoint.flow.as_ref();
            if breakpoint.client_id.is_none() && of_flow.is_none() {
                return Some(Stops::All);
            }
            conditions.push(Condition {
                client_id: breakpoint.client_id.clone(),
                values: of_flow.map(|flow| self.flows.get(flow).cloned().unwrap_or_default()),
            });
        }
        (!conditions.is_empty()).then_some(Stops::Those(conditions))
    }

    pub(super) fn entry(&self, id: &ExchangeId) -> Option<&Entry> {
        self.waiting.iter().find(|entry| entry.paused.id == *id)
    }

    pub(super) fn fate(&self, id: &ExchangeId) -> Option<Fate> {
        let mut ended = self.ended.iter().rev();
        ended
            .find(|(known, _, _)| known == id)
            .map(|(_, fate, _)| *fate)
    }

    pub(super) fn decide(
        &mut self,
        id: &ExchangeId,
        decision: Decision,
    ) -> Result<(), DecideError> {
        let Some(entry) = self.entry(id) else {
            let decided = self.fate(id).is_some();
            return Err(if decided {
                DecideError::Decided
            } else {
                DecideError::Unknown
            });
        };
        if entry.paused.state == WaitState::Going {
            return Err(DecideError::Decided);
        }
        decision.check(&entry.paused)?;
        self.settle(id, Verdict::Decided(decision));
        Ok(())
    }

    /// Ends the wait of one, if nobody did before.
    pub(super) fn settle(&mut self, id: &ExchangeId, verdict: Verdict) {
        let Some(entry) = self.waiting.iter_mut().find(|entry| entry.paused.id == *id) else {
            return;
        };
        if entry.paused.state == WaitState::Going {
            return;
        }
        entry.paused.state = WaitState::Going;
        entry.clock = None;
        let fate = Fate::from(&verdict);
        let by_page = matches!(entry.paused.hold, Hold::Page { .. });
        match &mut entry.owner {
            Owner::There { verdict: told, .. } => *told = Some(verdict),
            Owner::Here {
                decide,
                verdict: kept,
                ..
            } => {
                let comes_back = by_page && fate != Fate::Dropped;
                if comes_back {
                    *kept = Some(verdict.clone());
                }
                if let Some(decide) = decide.take() {
                    // Nobody hears it when the caller has hung up meanwhile.
                    let _ = decide.send(verdict);
                }
                if !comes_back {
                    self.end(id, fate);
                }
            }
        }
    }

    /// Releases what waits at `service`, or everywhere; how many that were.
    pub(super) fn release(&mut self, service: Option<&Party>, why: Release) -> usize {
        let here = self.waiting.iter().filter(|entry| {
            let waits = entry.paused.state == WaitState::Waiting;
            waits && service.is_none_or(|service| entry.paused.to == *service)
        });
        let ids: Vec<ExchangeId> = here.map(|entry| entry.paused.id.clone()).collect();
        for id in &ids {
            self.settle(id, Verdict::Released(why));
        }
        ids.len()
    }

    /// Gives out the request of a browser that came back with the right secret.
    pub(super) fn resume(
        &mut self,
        (id, to, path): (&ExchangeId, &Party, &str),
        secret: Option<&str>,
    ) -> Option<Resumed> {
        let entry = self.waiting.iter_mut().find(|entry| {
            let paused = &entry.paused;
            // It goes on where it was held: at no other service and by no other route.
            paused.id == *id && paused.to == *to && paused.path == path
        })?;
        let Owner::Here { held, verdict, .. } = &mut entry.owner else {
            return None;
        };
        let digest = held.as_ref()?.secret.digest();
        let given = crate::oauth::SessionToken::from_text(secret?);
        if !digest.matches(&given.digest()) {
            return None;
        }
        let verdict = verdict.take()?;
        let held = held.take()?;
        self.end(id, Fate::from(&verdict));
        Some(Resumed { held, verdict })
    }

    /// Forgets what waits under `id`, and remembers what became of it.
    pub(super) fn end(&mut self, id: &ExchangeId, fate: Fate) {
        let before = self.waiting.len();
        self.waiting.retain_mut(|entry| {
            if entry.paused.id != *id {
                return true;
            }
            if let Owner::Here { gone, .. } = &mut entry.owner
                && let Some(gone) = gone.take()
            {
                // A page's task waits for this; nobody does for a connection.
                let _ = gone.send(());
            }
            false
        });
        if self.waiting.len() < before {
            if self.ended.len() >= REMEMBERED {
                self.ended.pop_front();
            }
            self.ended.push_back((id.clone(), fate, Instant::now()));
        }
    }
}
