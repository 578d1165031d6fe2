//! The log behind the live streams: numbered events, of which the last few thousand are kept for resuming.
//!
//! Numbers only grow, also over a restart: they begin at the microseconds of the wall clock. A reader that is
//! further behind than the log reaches is told to begin anew.

use std::collections::VecDeque;

use shared::flow::ExchangeId;
use shared::realm::RealmName;

/// How many events are kept.
const KEPT: usize = 4096;

/// What happened to the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An exchange arrived in a flow, or more became known of it.
    Exchange {
        /// The flow.
        flow: ExchangeId,
        /// The exchange.
        exchange: ExchangeId,
    },
    /// Two flows turned out to be one.
    Joined {
        /// The flow that stays.
        older: ExchangeId,
        /// The flow that is part of it now.
        younger: ExchangeId,
    },
    /// The realm's record was cleared.
    Cleared,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Its number.
    pub(super) number: u64,
    /// Where it happened.
    pub(super) realm: RealmName,
    /// What happened.
    pub(super) what: What,
}

/// What a reader gets who has seen everything up to a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// These happened after it (at most as many as asked for).
    Events(Vec<Event>),
    /// What happened after it is no longer known: begin anew.
    Lost,
}

/// The log.
#[derive(Debug)]
pub(super) struct EventLog {
    events: VecDeque<Event>,
    latest: u64,
}

impl EventLog {
    /// An empty log whose numbers begin after `start`.
    pub(super) const fn new(start: u64) -> Self {
        Self {
            events: VecDeque::new(),
            latest: start,
        }
    }

    /// The number of the latest event.
    pub(super) const fn latest(&self) -> u64 {
        self.latest
    }

    /// Adds an event.
    pub(super) fn push(&mut self, realm: RealmName, what: What) {
        self.latest += 1;
        self.events.push_back(Event {
            number: self.latest,
            realm,
            what,
        });
        if self.events.len() > KEPT {
            self.events.pop_front();
        }
    }

    /// At most `most` events after number `seen`.
    pub(super) fn since(&self, seen: u64, most: usize) -> Since {
        let kept = u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        let before_oldest = self.latest.saturating_sub(kept);
        if seen > self.latest || seen < before_oldest {
            return Since::Lost;
        }
        let skip = usize::try_from(seen - before_oldest).unwrap_or(usize::MAX);
        Since::Events(self.events.iter().skip(skip).take(most).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(events: u64) -> EventLog {
        let mut log = EventLog::new(1000);
        for _ in 0..events {
            log.push(RealmName::default_realm(), What::Cleared);
        }
        log
    }

    fn numbers(since: Since) -> Vec<u64> {
        match since {
            Since::Events(events) => events.iter().map(|event| event.number).collect(),
            Since::Lost => panic!("lost"),
        }
    }

    #[test]
    fn a_reader_resumes_without_loss_or_doubling() {
        let log = log(5);
        assert_eq!(numbers(log.since(1002, 100)), [1003, 1004, 1005]);
        assert_eq!(numbers(log.since(1002, 2)), [1003, 1004]);
        assert_eq!(numbers(log.since(1000, 100)).len(), 5);
        assert!(numbers(log.since(1005, 100)).is_empty());
    }

    #[test]
    fn a_reader_of_another_time_begins_anew() {
        let log = log(5);
        assert_eq!(
            log.since(999, 100),
            Since::Lost,
            "before the service started"
        );
        assert_eq!(log.since(2000, 100), Since::Lost, "a number that never was");
    }

    #[test]
    fn a_reader_who_is_too_far_behind_begins_anew() {
        let log = log(5000);
        assert_eq!(log.since(1903, 1), Since::Lost);
        assert_eq!(numbers(log.since(1904, 1)), [1905]);
        assert_eq!(numbers(log.since(5000, 100_000)).len(), 1000);
    }
}
