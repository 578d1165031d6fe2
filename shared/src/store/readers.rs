//! The readers of a SQLite file: threads, each with a connection of its own, that look up what they are asked for.
//!
//! A few rows that are found by their keys are read in the calling thread, as long as a connection lies idle: to change
//! threads costs more than they do. Where the disk may hang, nobody who serves connections should ask it: such a thread
//! would stand still, and with it all of its connections, those that need nothing of the disk too. So there they are
//! looked up by these threads, by the first that is free, so that one stays awake rather than all are woken by turns;
//! longer reads begin at the other end, so that nobody who wants a few rows waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use super::connection::DbConnection;
use super::connections::{Connections, MOST_WAITING, too_many};
use super::error::StoreError;
use super::job::{Patience, Queue, Unit, hand_in};

/// The threads. They end with the last clone, and their connections are closed then.
#[derive(Clone)]
pub(super) struct Readers {
    all: Arc<[Reader]>,
    /// For reads in the calling thread; none where it must not stand still.
    here: Option<Connections>,
    patience: Patience,
}

/// One thread.
struct Reader {
    queue: Queue<(Size, Box<dyn Unit>)>,
    /// Units that it has not ended.
    pending: Arc<AtomicUsize>,
}

/// How much a unit reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// Rows that are found by their keys.
    Few,
    /// Anything.
    Many,
}

impl Readers {
    /// Starts `count` threads, 1 or more, on as many `connections`; `in_place` says whether few rows may be read in the
    /// calling thread.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the system gives no thread.
    pub(super) fn start(
        connections: &Connections,
        (count, in_place): (u32, bool),
        patience: Patience,
    ) -> Result<Self, StoreError> {
        let most = MOST_WAITING / usize::try_from(count.max(1)).unwrap_or(1);
        let start = |_| {
            let (connections, pending) = (connections.clone(), Arc::<AtomicUsize>::default());
            let ended = Arc::clone(&pending);
            let queue = Queue::start(("store-reader", most.max(1)), move |units| {
                serve(&units, (&connections, &ended));
            })?;
            Ok(Reader { queue, pending })
        };
        let all: Result<Vec<Reader>, StoreError> = (0..count.max(1)).map(start).collect();
        Ok(Self {
            all: all?.into(),
            here: in_place.then(|| connections.clone()),
            patience,
        })
    }

    /// Runs `work`, which only reads.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Busy`] where it was not done in time or too many wait, and
    /// [`StoreError::Unavailable`], as `E`.
    ///
    /// # Panics
    /// If `work` panics.
    pub(super) async fn run<T, E>(
        &self,
        size: Size,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let work = match &self.here {
            Some(connections) if size == Size::Few => match connections.run_here(work) {
                Ok(found) => return found,
                Err(work) => work,
            },
            _ => work,
        };
        let (unit, waiting) = hand_in(work, |_| true);
        self.add(size, unit)?;
        waiting.ended(("a reader", self.patience)).await
    }

    /// Gives the unit to a reader that has nothing to do, or else to the one that has least.
    fn add(&self, size: Size, unit: Box<dyn Unit>) -> Result<(), StoreError> {
        let pending = |reader: &&Reader| reader.pending.load(Ordering::Relaxed);
        let is_free = |reader: &&Reader| pending(reader) == 0;
        let free = match size {
            Size::Few => self.all.iter().find(is_free),
            Size::Many => self.all.iter().rev().find(is_free),
        };
        let least = free.or_else(|| self.all.iter().min_by_key(pending));
        let reader = least.ok_or_else(too_many)?;
        reader.pending.fetch_add(1, Ordering::Relaxed);
        let added = reader.queue.add((size, unit));
        if added.is_err() {
            reader.pending.fetch_sub(1, Ordering::Relaxed);
        }
        added
    }
}

/// Runs units until the last handle is gone.
fn serve(
    units: &Receiver<(Size, Box<dyn Unit>)>,
    (connections, pending): (&Connections, &AtomicUsize),
) {
    while let Ok((size, mut unit)) = units.recv() {
        let failure = unit.take_up().then(|| {
            let connection = match size {
                Size::Few => connections.get_of_late(),
                Size::Many => connections.get(),
            };
            connection
                .map(|mut connection| unit.run(&mut connection))
                .err()
        });
        // Before the answer: whoever is answered may ask again at once.
        pending.fetch_sub(1, Ordering::Relaxed);
        if let Some(failure) = failure {
            unit.answer(failure);
        }
    }
}
