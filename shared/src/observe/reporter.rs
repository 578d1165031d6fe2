//! Where exchanges go: a bounded channel that never blocks and counts what it drops.
//!
//! May use tokio's channel. In one process the client app reads the [`Feed`] directly; otherwise
//! [`super::forward`] sends it over HTTP. The record is for people and tests, not for a flood: beyond a [`Pace`]
//! an exchange is not recorded at all but counted as shed, so that recording cannot slow a busy server. What was
//! to be recorded and did not arrive is counted as dropped: that is another matter, and the pages say which.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;
use tokio::sync::mpsc;

use crate::flow::Exchange;
use crate::telemetry::Metrics;
use crate::time::wall_clock_us;

/// How many exchanges are recorded at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So many in a row are recorded, however fast they come (at least 1).
    pub burst: u32,
    /// So many a second are recorded in the long run (1 to 1 000 000).
    pub per_second: u32,
}

impl Default for Pace {
    /// A burst of 4 000, twice what the ring holds, and 100 a second.
    fn default() -> Self {
        Self {
            burst: 4_000,
            per_second: 100,
        }
    }
}

/// The sending end, cheap to clone. [`Reporter::off`] records nothing.
#[derive(Clone, Debug)]
pub struct Reporter(Option<Sender>);

#[derive(Clone, Debug)]
struct Sender {
    queue: mpsc::Sender<Box<Exchange>>,
    missed: Arc<Missed>,
    meter: Arc<Meter>,
    /// What the service that reports counts of its own: kept, lost.
    counts: Option<(Counter, Counter)>,
}

impl Sender {
    /// Counts one more that the record does not get, by `count` of [`Missed`].
    fn miss(&self, count: impl FnOnce(&Missed) -> &AtomicU64) {
        count(&self.missed).fetch_add(1, Ordering::Relaxed);
        if let Some((_, lost)) = &self.counts {
            lost.inc();
        }
    }
}

/// What the record does not get.
#[derive(Debug, Default)]
struct Missed {
    /// Observed, and lost on the way: the feed was full, or a batch could not be delivered.
    dropped: AtomicU64,
    /// Left out on purpose: it came faster than the pace.
    shed: AtomicU64,
}

/// Holds a pace (the generic cell rate algorithm): when, in microseconds of the wall clock, all that was recorded
/// would have been spread evenly; all in microseconds.
#[derive(Debug)]
struct Meter {
    even: AtomicI64,
    interval: i64,
    ahead: i64,
}

impl Meter {
    fn new(pace: Pace) -> Self {
        let interval = 1_000_000 / i64::from(pace.per_second.clamp(1, 1_000_000));
        Self {
            even: AtomicI64::new(0),
            interval,
            ahead: interval.saturating_mul(i64::from(pace.burst.max(1)) - 1),
        }
    }

    fn admits(&self, now_us: i64) -> bool {
        let next = |even: i64| {
            let begins = even.max(now_us);
            (begins - now_us <= self.ahead).then(|| begins + self.interval)
        };
        let relaxed = Ordering::Relaxed;
        self.even.fetch_update(relaxed, relaxed, next).is_ok()
    }
}

/// The receiving end.
#[derive(Debug)]
pub struct Feed {
    queue: mpsc::Receiver<Box<Exchange>>,
    missed: Arc<Missed>,
}

impl Reporter {
    /// A reporter that records nothing.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// A reporter whose feed holds at most `capacity` exchanges (at least 1), at the usual [`Pace`].
    #[must_use]
    pub fn bounded(capacity: usize) -> (Self, Feed) {
        Self::paced(capacity, Pace::default())
    }

    /// A reporter whose feed holds at most `capacity` exchanges (at least 1), at this pace.
    #[must_use]
    pub fn paced(capacity: usize, pace: Pace) -> (Self, Feed) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let missed = Arc::new(Missed::default());
        (
            Self(Some(Sender {
                queue: sender,
                missed: Arc::clone(&missed),
                meter: Arc::new(Meter::new(pace)),
                counts: None,
            })),
            Feed {
                queue: receiver,
                missed,
            },
        )
    }

    /// The same reporter, for a service that counts in `metrics` what it hands over and what is lost.
    #[must_use]
    pub fn counted_by(&self, metrics: &Metrics) -> Self {
        Self(self.0.clone().map(|sender| Sender {
            counts: Some((metrics.kept.clone(), metrics.lost.clone())),
            ..sender
        }))
    }

    /// Whether anything is recorded.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the exchange that begins now is recorded; what comes faster than the pace is counted as shed.
    #[must_use]
    pub fn admits(&self) -> bool {
        let Some(sender) = &self.0 else {
            return false;
        };
        let admitted = sender.meter.admits(wall_clock_us());
        if !admitted {
            sender.miss(|missed| &missed.shed);
        }
        admitted
    }

    /// Hands over an exchange; where the feed is full or gone it is dropped and counted.
    pub fn report(&self, exchange: Exchange) {
        let Some(sender) = &self.0 else {
            return;
        };
        if sender.queue.try_send(Box::new(exchange)).is_err() {
            sender.miss(|missed| &missed.dropped);
        } else if let Some((kept, _)) = &sender.counts {
            kept.inc();
        }
    }
}

impl Feed {
    /// The next exchange; `None` once every reporter is gone.
    pub async fn next(&mut self) -> Option<Box<Exchange>> {
        self.queue.recv().await
    }

    /// Another exchange if one waits already.
    pub fn try_next(&mut self) -> Option<Box<Exchange>> {
        self.queue.try_recv().ok()
    }

    /// How many exchanges were dropped since this was asked last.
    #[must_use]
    pub fn take_dropped(&self) -> u64 {
        self.missed.dropped.swap(0, Ordering::Relaxed)
    }

    /// How many exchanges came faster than the pace since this was asked last.
    #[must_use]
    pub fn take_shed(&self) -> u64 {
        self.missed.shed.swap(0, Ordering::Relaxed)
    }

    /// Counts `count` exchanges as dropped after all (a batch that could not be delivered).
    pub fn count_dropped(&self, count: u64) {
        self.missed.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// Counts `count` exchanges as shed again, where nobody could be told of them.
    pub fn count_shed(&self, count: u64) {
        self.missed.shed.fetch_add(count, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_recorded_whole_and_then_the_pace_holds() {
        let meter = Meter::new(Pace {
            burst: 10,
            per_second: 100,
        });
        let start = 1_000_000_000;
        assert_eq!((0..50).filter(|_| meter.admits(start)).count(), 10);
        // A second later a hundred more have become possible, of which ten at once.
        let later = start + 1_000_000;
        assert_eq!((0..50).filter(|_| meter.admits(later)).count(), 10);
        let spread = (1..=1000).filter(|ms| meter.admits(later + ms * 1000));
        assert_eq!(spread.count(), 100);
    }

    #[test]
    fn what_is_beyond_the_pace_is_counted_as_shed_and_not_as_dropped() {
        let slow = Pace {
            burst: 1,
            per_second: 1,
        };
        let (reporter, feed) = Reporter::paced(4, slow);
        assert!(reporter.admits());
        assert!(!reporter.admits());
        assert_eq!((feed.take_shed(), feed.take_dropped()), (1, 0));
        assert_eq!(feed.take_shed(), 0, "told once");
        assert!(!Reporter::off().admits());
    }
}
