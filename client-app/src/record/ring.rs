//! The ring: which exchange falls out first when the record is full, fair to every realm.
//!
//! Each realm has a queue of its own. When all of them together are beyond a bound, the longest queue loses its
//! oldest, as long as it holds more than a share of the bound: a flood in one realm pushes out its own exchanges
//! and nobody else's. Where no realm holds that much (names invented by the thousand), the oldest of all falls out.

use std::collections::{HashMap, VecDeque};

use shared::flow::ExchangeId;
use shared::realm::RealmName;

use crate::config::RecordConfig;

/// Into how many shares a bound is divided: a realm within one share loses nothing to a realm beyond it.
const SHARES: usize = 16;

/// How many queues are kept when they are empty.
const MOST_QUEUES: usize = 256;

/// The queues of all realms.
#[derive(Debug, Default)]
pub(super) struct Ring {
    queues: HashMap<RealmName, Queue>,
    exchanges: usize,
    bytes: usize,
}

/// The exchanges of one realm in the order of their arrival.
#[derive(Debug, Default)]
struct Queue {
    arrivals: VecDeque<Arrival>,
    bytes: usize,
    forgotten: u64,
}

/// One exchange in its queue.
#[derive(Debug)]
struct Arrival {
    id: ExchangeId,
    arrived_us: i64,
}

/// What one realm holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Exchanges.
    pub(super) exchanges: usize,
    /// Bytes, estimated.
    pub(super) bytes: usize,
    /// Exchanges that fell out since it was cleared.
    pub(super) forgotten: u64,
}

impl Ring {
    /// Takes in an exchange of `bytes` that arrived at `arrived_us`.
    pub(super) fn push(
        &mut self,
        realm: &RealmName,
        id: ExchangeId,
        (arrived_us, bytes): (i64, usize),
    ) {
        let queue = self.queues.entry(realm.clone()).or_default();
        queue.arrivals.push_back(Arrival { id, arrived_us });
        queue.bytes += bytes;
        self.exchanges += 1;
        self.bytes += bytes;
    }

    /// Counts what an exchange takes after another side of it was merged in.
    pub(super) fn weigh(&mut self, realm: &RealmName, before: usize, after: usize) {
        if let Some(queue) = self.queues.get_mut(realm) {
            queue.bytes = queue.bytes.saturating_sub(before) + after;
            self.bytes = self.bytes.saturating_sub(before) + after;
        }
    }

    /// Takes out an exchange of `bytes` that [`Ring::next`] named, and counts it.
    pub(super) fn forget(&mut self, realm: &RealmName, bytes: usize) {
        if let Some(queue) = self.queues.get_mut(realm) {
            queue.arrivals.pop_front();
            queue.bytes = queue.bytes.saturating_sub(bytes);
            queue.forgotten += 1;
            self.exchanges = self.exchanges.saturating_sub(1);
            self.bytes = self.bytes.saturating_sub(bytes);
            // An empty queue is kept for its count, within reason: realms can be invented.
            if queue.arrivals.is_empty() && self.queues.len() > MOST_QUEUES {
                self.queues.remove(realm);
            }
        }
    }

    /// Empties the queue of `realm`; the exchanges that stood in it.
    pub(super) fn clear(&mut self, realm: &RealmName) -> Vec<ExchangeId> {
        let Some(queue) = self.queues.remove(realm) else {
            return Vec::new();
        };
        self.exchanges = self.exchanges.saturating_sub(queue.arrivals.len());
        self.bytes = self.bytes.saturating_sub(queue.bytes);
        let arrivals = queue.arrivals.into_iter();
        arrivals.map(|arrival| arrival.id).collect()
    }

    /// What all realms take together, in bytes (estimated).
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What `realm` holds.
    pub(super) fn held(&self, realm: &RealmName) -> Held {
        let queue = self.queues.get(realm);
        queue.map_or_else(Held::default, |queue| Held {
            exchanges: queue.arrivals.len(),
            bytes: queue.bytes,
            forgotten: queue.forgotten,
        })
    }

    /// The exchange that falls out next because the ring is beyond a bound of `limits`, if it is.
    pub(super) fn next(&self, limits: &RecordConfig) -> Option<(RealmName, ExchangeId)> {
        let by_number = |queue: &Queue| queue.arrivals.len();
        let by_bytes = |queue: &Queue| queue.bytes;
        let realm = if self.exchanges > limits.max_exchanges {
            self.greediest(by_number, limits.max_exchanges)
        } else if self.bytes > limits.max_bytes {
            self.greediest(by_bytes, limits.max_bytes)
        } else {
            return None;
        };
        self.first(realm?)
    }

    /// The exchange of the longest standing that arrived before `oldest_us`, if there is one.
    pub(super) fn stale(&self, oldest_us: i64) -> Option<(RealmName, ExchangeId)> {
        let (realm, arrived_us) = self.oldest()?;
        (arrived_us < oldest_us)
            .then(|| self.first(realm))
            .flatten()
    }

    /// The realm that holds the most, where that is more than its share; else the realm of the oldest exchange.
    fn greediest(&self, measure: impl Fn(&Queue) -> usize, limit: usize) -> Option<&RealmName> {
        let measured = self.queues.iter();
        let measured = measured.map(|(realm, queue)| (measure(queue), realm));
        let (most, realm) = measured.max_by(|(a, one), (b, other)| {
            a.cmp(b).then_with(|| one.as_str().cmp(other.as_str()))
        })?;
        if most > limit / SHARES {
            Some(realm)
        } else {
            self.oldest().map(|(realm, _)| realm)
        }
    }

    fn oldest(&self) -> Option<(&RealmName, i64)> {
        let fronts = self.queues.iter();
        let fronts = fronts.filter_map(|(realm, queue)| {
            let first = queue.arrivals.front()?;
            Some((realm, first.arrived_us, &first.id))
        });
        let oldest = fronts.min_by(|one, other| (one.1, one.2).cmp(&(other.1, other.2)));
        oldest.map(|(realm, arrived_us, _)| (realm, arrived_us))
    }

    fn first(&self, realm: &RealmName) -> Option<(RealmName, ExchangeId)> {
        let first = self.queues.get(realm)?.arrivals.front()?;
        Some((realm.clone(), first.id.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn realm(name: &str) -> RealmName {
        name.parse().unwrap()
    }

    fn limits(max_exchanges: usize, max_bytes: usize) -> RecordConfig {
        RecordConfig {
            max_exchanges,
            max_bytes,
            ..RecordConfig::default()
        }
    }

    /// Takes in exchanges of this size and lets fall out what is beyond the limits.
    fn flood(ring: &mut Ring, name: &str, number: i64, bytes: usize, limits: &RecordConfig) {
        for at in 0..number {
            ring.push(&realm(name), ExchangeId::new(at), (at, bytes));
            while let Some((realm, _)) = ring.next(limits) {
                ring.forget(&realm, bytes);
            }
        }
    }

    #[test]
    fn a_flood_in_one_realm_pushes_out_its_own() {
        let (mut ring, limits) = (Ring::default(), limits(100, usize::MAX));
        flood(&mut ring, "quiet", 20, 10, &limits);
        flood(&mut ring, "loud", 5_000, 10, &limits);
        let quiet = ring.held(&realm("quiet"));
        assert_eq!((quiet.exchanges, quiet.forgotten), (20, 0));
        let loud = ring.held(&realm("loud"));
        assert_eq!((loud.exchanges, loud.forgotten), (80, 4_920));
    }

    #[test]
    fn bytes_are_shared_like_numbers() {
        let (mut ring, limits) = (Ring::default(), limits(usize::MAX, 1_000));
        flood(&mut ring, "quiet", 20, 10, &limits);
        flood(&mut ring, "loud", 500, 10, &limits);
        assert_eq!(ring.held(&realm("quiet")).bytes, 200);
        assert_eq!(ring.held(&realm("loud")).bytes, 800);
    }

    #[test]
    fn two_floods_share_the_ring() {
        let (mut ring, limits) = (Ring::default(), limits(100, usize::MAX));
        for _ in 0..40 {
            flood(&mut ring, "one", 10, 1, &limits);
            flood(&mut ring, "other", 10, 1, &limits);
        }
        let (one, other) = (ring.held(&realm("one")), ring.held(&realm("other")));
        assert_eq!(one.exchanges + other.exchanges, 100);
        assert!(
            one.exchanges.abs_diff(other.exchanges) <= 10,
            "{one:?} {other:?}"
        );
    }

    #[test]
    fn names_by_the_thousand_push_out_the_oldest_and_never_more_than_the_bound() {
        let (mut ring, limits) = (Ring::default(), limits(64, usize::MAX));
        for at in 0..1_000 {
            let name = format!("r-{at}");
            ring.push(&realm(&name), ExchangeId::new(at), (at, 1));
            while let Some((realm, _)) = ring.next(&limits) {
                ring.forget(&realm, 1);
            }
        }
        assert_eq!(ring.held(&realm("r-999")).exchanges, 1);
        assert_eq!(ring.held(&realm("r-0")).exchanges, 0);
        assert_eq!(ring.exchanges, 64);
        assert!(
            ring.queues.len() <= MOST_QUEUES + 1,
            "{}",
            ring.queues.len()
        );
    }

    #[test]
    fn what_is_old_goes_whatever_realm_it_is_of() {
        let mut ring = Ring::default();
        ring.push(&realm("a"), ExchangeId::new(5), (5, 1));
        ring.push(&realm("b"), ExchangeId::new(3), (3, 1));
        assert_eq!(ring.stale(4).unwrap().0, realm("b"));
        ring.forget(&realm("b"), 1);
        assert!(ring.stale(4).is_none());
        assert_eq!(ring.clear(&realm("a")).len(), 1);
        assert_eq!((ring.exchanges, ring.bytes), (0, 0));
    }
}
