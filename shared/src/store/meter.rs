//! What is counted of a store: who waits for a connection and how long, and how its work ends.
//!
//! Counted round the whole unit of work, so that it is the same for every kind of database.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use super::connection::DbConnection;
use super::error::Outcome;
use crate::telemetry::Metrics;

/// The upper bounds of waits, in seconds.
const WAITS: [f64; 8] = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 1.0, 5.0];

/// What works for longer than this is slow: on SQLite, a write that is keeps everybody else's waiting.
const SLOW: Duration = Duration::from_millis(200);

/// How often at most the log says that something was slow; the counter counts all.
const SAID_EVERY: Duration = Duration::from_mins(1);

/// What a unit of work wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AccessLabels {
    /// `read` or `write`.
    access: &'static str,
}

/// Where units of work are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    access: &'static str,
    /// `waiting` for a connection, or `working`.
    state: &'static str,
}

/// How units of work ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    access: &'static str,
    /// `done` (also with a refusal), `failed`, `unavailable` where no connection could be had, or `abandoned` by
    /// whoever waited for it.
    outcome: &'static str,
}

/// What is counted of one store; clones count into the same.
#[derive(Clone, Debug)]
pub struct StoreMeter {
    read: Arc<Meter>,
    write: Arc<Meter>,
    waits: Family<AccessLabels, Histogram, fn() -> Histogram>,
    units: Family<StateLabels, Gauge>,
    ends: Family<OutcomeLabels, Counter>,
    slow: Family<AccessLabels, Counter>,
}

/// What is counted of one kind of access.
#[derive(Debug)]
struct Meter {
    access: &'static str,
    wait: Histogram,
    waiting: Gauge,
    working: Gauge,
    done: Counter,
    failed: Counter,
    unavailable: Counter,
    abandoned: Counter,
    slow: Counter,
    /// When the log said so last.
    said: Mutex<Option<Instant>>,
}

impl Default for StoreMeter {
    fn default() -> Self {
        let waits: Family<_, _, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(WAITS));
        let (units, ends, slow) = (Family::default(), Family::default(), Family::default());
        let meter = |access| {
            let in_state = |state| {
                let labels = StateLabels { access, state };
                Family::<StateLabels, Gauge>::get_or_create_owned(&units, &labels)
            };
            let ended = |outcome| {
                let labels = OutcomeLabels { access, outcome };
                Family::<OutcomeLabels, Counter>::get_or_create_owned(&ends, &labels)
            };
            Arc::new(Meter {
                access,
                wait: waits.get_or_create_owned(&AccessLabels { access }),
                waiting: in_state("waiting"),
                working: in_state("working"),
                done: ended("done"),
                failed: ended("failed"),
                unavailable: ended("unavailable"),
                abandoned: ended("abandoned"),
                slow: Family::<AccessLabels, Counter>::get_or_create_owned(
                    &slow,
                    &AccessLabels { access },
                ),
                said: Mutex::default(),
            })
        };
        let (read, write) = (meter("read"), meter("write"));
        Self {
            read,
            write,
            waits,
            units,
            ends,
            slow,
        }
    }
}

impl StoreMeter {
    /// Lets `metrics` be read with what is counted here.
    pub fn register(&self, metrics: &Metrics) {
        metrics.add_seconds(
            "store_wait",
            "How long units of work waited for a connection, by access",
            self.waits.clone(),
        );
        metrics.add(
            "store_units",
            "Units of work that wait for a connection or have one, by access",
            self.units.clone(),
        );
        metrics.add(
            "store_units_ended",
            "Units of work by access and outcome: done, failed, unavailable where no connection could be had, or abandoned by whoever waited",
            self.ends.clone(),
        );
        metrics.add(
            "store_slow_units",
            "Units of work that had a connection for more than 200 ms, by access",
            self.slow.clone(),
        );
    }

    /// A unit of work that reads begins to wait.
    pub(super) fn reads(&self) -> Unit {
        Unit::new(&self.read)
    }

    /// A unit of work that writes begins to wait.
    pub(super) fn writes(&self) -> Unit {
        Unit::new(&self.write)
    }
}

/// A unit of work as its caller sees it: dropped before it has ended, it was abandoned.
#[derive(Debug)]
pub(super) struct Unit {
    meter: Arc<Meter>,
    started: Arc<AtomicBool>,
    ended: bool,
}

/// A unit of work as the thread sees it that does it: counted as waiting, then as working, until it is dropped.
#[derive(Debug)]
struct Work {
    meter: Arc<Meter>,
    began: Instant,
    started: Arc<AtomicBool>,
}

impl Unit {
    fn new(meter: &Arc<Meter>) -> Self {
        Self {
            meter: Arc::clone(meter),
            started: Arc::default(),
            ended: false,
        }
    }

    /// `work`, counted from here on as waiting, and as working once it is called. What works long is told of, by the
    /// name that the compiler gave it: the path of the function that handed it in.
    pub(super) fn counting<T, W>(
        &self,
        work: W,
    ) -> impl FnOnce(&mut DbConnection) -> T + Send + 'static + use<T, W>
    where
        W: FnOnce(&mut DbConnection) -> T + Send + 'static,
    {
        let counted = self.work();
        move |connection| {
            counted.start();
            let began = Instant::now();
            let result = work(connection);
            counted
                .meter
                .took(began.elapsed(), std::any::type_name::<W>());
            result
        }
    }

    /// What goes to the thread that does the work.
    fn work(&self) -> Work {
        self.meter.waiting.inc();
        Work {
            meter: Arc::clone(&self.meter),
            began: Instant::now(),
            started: Arc::clone(&self.started),
        }
    }

    /// It ended so. What answers the request is no failure of the store, however it is wrapped; where there was no
    /// connection nothing was answered.
    pub(super) fn has_ended<T, E: Outcome>(self, result: &Result<T, E>) {
        let failed = result.as_ref().is_err_and(|error| !error.is_refusal());
        self.ended(failed);
    }

    /// It ended; `failed` says whether with a failure of the store.
    fn ended(mut self, failed: bool) {
        self.ended = true;
        let counter = match (failed, self.started.load(Ordering::Relaxed)) {
            (false, _) => &self.meter.done,
            (true, true) => &self.meter.failed,
            (true, false) => &self.meter.unavailable,
        };
        counter.inc();
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if !self.ended {
            self.meter.abandoned.inc();
        }
    }
}

impl Meter {
    /// A unit of work, by its name, had its connection for so long.
    fn took(&self, took: Duration, unit: &'static str) {
        if took <= SLOW {
            return;
        }
        self.slow.inc();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|at| at.elapsed() >= SAID_EVERY) {
            *said = Some(Instant::now());
            let access = self.access;
            tracing::warn!(
                access,
                unit,
                ?took,
                "a unit of work of the store took long; others are counted"
            );
        }
    }
}

impl Work {
    /// There is a connection.
    fn start(&self) {
        if !self.started.swap(true, Ordering::Relaxed) {
            self.meter.wait.observe(self.began.elapsed().as_secs_f64());
            self.meter.waiting.dec();
            self.meter.working.inc();
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.started.load(Ordering::Relaxed) {
            self.meter.working.dec();
        } else {
            self.meter.waiting.dec();
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::RunQueryDsl;
    use diesel_migrations::EmbeddedMigrations;

    use super::*;
    use crate::store::{Store, StoreError, StoreUrl};

    #[test]
    fn a_unit_waits_then_works_then_has_ended() {
        let all = StoreMeter::default();
        let meter = &all.write;
        let unit = all.writes();
        let work = unit.work();
        assert_eq!((meter.waiting.get(), meter.working.get()), (1, 0));
        work.start();
        assert_eq!((meter.waiting.get(), meter.working.get()), (0, 1));
        drop(work);
        assert_eq!((meter.waiting.get(), meter.working.get()), (0, 0));
        unit.ended(false);
        assert_eq!(meter.done.get(), 1);
    }

    /// An error of a caller's own, round the store's and beside it.
    #[derive(Debug)]
    enum Wrapped {
        Refused,
        Store,
    }

    impl From<StoreError> for Wrapped {
        fn from(_: StoreError) -> Self {
            Self::Store
        }
    }

    impl Outcome for Wrapped {
        fn is_refusal(&self) -> bool {
            matches!(self, Self::Refused)
        }
    }

    #[tokio::test]
    async fn a_failure_is_counted_as_one_however_it_is_wrapped_and_a_refusal_as_an_answer() {
        let directory = tempfile::tempdir().unwrap();
        let file = StoreUrl::sqlite_file(directory.path().join("store.db"));
        for url in [file, StoreUrl::SqliteMemory] {
            let store = Store::open(&url, EmbeddedMigrations::new(&[])).unwrap();
            let missing = |tx: &mut DbConnection| {
                let found = diesel::sql_query("SELECT 1 FROM nothing").execute(tx);
                found.map_err(|error| Wrapped::from(StoreError::from(error)))
            };
            let refused = |_: &mut DbConnection| Err::<(), _>(Wrapped::Refused);
            assert!(matches!(store.read(missing).await, Err(Wrapped::Store)));
            assert!(matches!(store.look_up(missing).await, Err(Wrapped::Store)));
            assert!(matches!(store.write(missing).await, Err(Wrapped::Store)));
            assert!(matches!(store.read(refused).await, Err(Wrapped::Refused)));
            assert!(matches!(
                store.look_up(refused).await,
                Err(Wrapped::Refused)
            ));
            assert!(matches!(store.write(refused).await, Err(Wrapped::Refused)));
            for (meter, ended) in [(&store.meter().read, 2), (&store.meter().write, 1)] {
                assert_eq!((meter.failed.get(), meter.done.get()), (ended, ended));
            }
        }
    }

    #[tokio::test]
    async fn what_takes_long_is_counted_and_what_does_not_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let url = StoreUrl::sqlite_file(directory.path().join("store.db"));
        let store = Store::open(&url, EmbeddedMigrations::new(&[])).unwrap();
        let quick = |_: &mut DbConnection| Ok::<(), StoreError>(());
        store.write(quick).await.unwrap();
        let slow = &store.meter().write.slow;
        assert_eq!(slow.get(), 0);
        let long = |_: &mut DbConnection| {
            std::thread::sleep(SLOW + Duration::from_millis(10));
            Ok::<(), StoreError>(())
        };
        store.write(long).await.unwrap();
        store.write(long).await.unwrap();
        assert_eq!((slow.get(), store.meter().read.slow.get()), (2, 0));
        assert!(store.meter().write.said.lock().unwrap().is_some());
    }

    #[test]
    fn without_a_connection_a_unit_is_unavailable_and_waits_no_longer() {
        let all = StoreMeter::default();
        let unit = all.reads();
        drop(unit.work());
        unit.ended(true);
        assert_eq!(all.read.waiting.get(), 0);
        assert_eq!(all.read.unavailable.get(), 1);
        assert_eq!(all.read.failed.get(), 0);
        assert_eq!(all.read.abandoned.get(), 0);
    }

    #[test]
    fn a_unit_that_nobody_waits_for_any_more_is_abandoned() {
        let all = StoreMeter::default();
        drop(all.writes());
        assert_eq!((all.write.abandoned.get(), all.write.done.get()), (1, 0));
    }
}
