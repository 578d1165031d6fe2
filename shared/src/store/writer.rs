//! The one writer of a SQLite database: a thread that runs units of work, and commits together what waits together.
//!
//! A commit makes the disk write, whatever there is in it. So units that wait when one has run join its transaction,
//! each in a savepoint of its own: what fails is undone alone, and a refusal stays. Nobody is answered before the
//! commit, so what was answered is on the disk; where the commit fails, every unit of it has failed.
//!
//! Whoever was answered together often comes back together, a moment after the next transaction has begun. So one that
//! is smaller than the last was stays open for a part of what a commit takes: half as many commits write half as many
//! pages, and more is done in a second. Who comes alone never waits for company.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, TryRecvError};
use std::time::{Duration, Instant};

use super::connection::DbConnection;
use super::connections::{Connections, MOST_WAITING};
use super::error::StoreError;
use super::job::{Patience, Queue, Unit, hand_in};
use super::transaction;

/// The most units of one transaction.
const MOST: usize = 64;

/// How long a transaction takes more units in: the first waits for the last.
const OPEN: Duration = Duration::from_millis(2);

/// What part of the last commit's time a transaction waits for company: as the divisor.
const LINGER: u32 = 3;

/// A commit that took no longer than this is not worth waiting for: it was not the disk's.
const AT_ONCE: Duration = Duration::from_micros(200);

/// The way to the writer's thread. It ends with the last clone, and its connection is closed then.
#[derive(Clone)]
pub(super) struct Writer {
    queue: Arc<Queue<Box<dyn Unit>>>,
    patience: Patience,
    /// The connection itself, which is nobody's while no unit runs.
    #[cfg(test)]
    pub(super) connections: Connections,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the system gives no thread.
    pub(super) fn start(connections: Connections, patience: Patience) -> Result<Self, StoreError> {
        #[cfg(test)]
        let kept = connections.clone();
        let queue = Queue::start(("store-writer", MOST_WAITING), move |units| {
            serve(&units, &connections);
        })?;
        Ok(Self {
            queue: Arc::new(queue),
            patience,
            #[cfg(test)]
            connections: kept,
        })
    }

    /// Runs `work` in a transaction; `refuses` says whether an error of it leaves what was done.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Busy`] where it was not done in time or too many wait, and
    /// [`StoreError::Unavailable`], as `E`.
    ///
    /// # Panics
    /// If `work` panics.
    pub(super) async fn run<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        refuses: fn(&E) -> bool,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (unit, waiting) = hand_in(work, refuses);
        self.queue.add(unit)?;
        waiting.ended(("the writer", self.patience)).await
    }
}

/// What the last transaction was like.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    /// How many units it had.
    units: usize,
    /// How long its commit took.
    commit: Duration,
}

/// Runs units until the last handle is gone.
fn serve(units: &Receiver<Box<dyn Unit>>, connections: &Connections) {
    let mut last = Last::default();
    loop {
        // Whoever waits already came while the last transaction was under way.
        let (first, waited) = match units.try_recv() {
            Ok(first) => (first, true),
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => match units.recv() {
                Ok(first) => (first, false),
                Err(RecvError) => return,
            },
        };
        if first.take_up() {
            last = transact(first, units, connections, Company { last, waited });
        }
    }
}

/// What speaks for it that more units will come.
#[derive(Clone, Copy, Debug)]
struct Company {
    last: Last,
    /// Whether units waited when the last transaction had ended.
    waited: bool,
}

impl Company {
    /// How many units there are likely to be, where `at_once` could be taken up without waiting: those that were
    /// answered together, and those that waited meanwhile.
    const fn expected(self, at_once: usize) -> usize {
        match (self.last.units, self.waited) {
            (last, true) => last.saturating_add(at_once),
            (last, false) => last,
        }
    }

    /// How long to wait for them, from the moment at which the first unit was done.
    fn patience(self) -> Duration {
        if self.last.commit <= AT_ONCE {
            return Duration::ZERO;
        }
        (self.last.commit / LINGER).min(OPEN)
    }
}

/// One transaction: `first`, what waits when it has run, and what comes soon.
fn transact(
    mut first: Box<dyn Unit>,
    units: &Receiver<Box<dyn Unit>>,
    connections: &Connections,
    company: Company,
) -> Last {
    let mut connection = match connections.get_to_write() {
        Ok(connection) => connection,
        Err(error) => return refuse(first, Some(error)),
    };
    if let Err(error) = transaction::begin(&mut connection) {
        return refuse(first, Some(error));
    }
    if !first.run(&mut connection) {
        transaction::roll_back(&mut connection);
        return refuse(first, None);
    }
    let mut done = vec![first];
    let joined = join(&mut done, units, &mut connection, company);
    let committing = Instant::now();
    let ended = joined.and_then(|()| {
        // All of them are asked: each decides for itself whether it may still be given up.
        let given_up = done.iter().filter(|unit| !unit.ends()).count();
        if given_up == 0 {
            return transaction::commit(&mut connection);
        }
        transaction::roll_back(&mut connection);
        let late = format!("{given_up} of the transaction were waited for no longer");
        Err(StoreError::Busy(late))
    });
    let last = Last {
        units: done.len(),
        commit: committing.elapsed(),
    };
    drop(connection);
    for unit in done {
        unit.answer(ended.as_ref().err().map(StoreError::for_another));
    }
    last
}

/// Answers a unit of which nothing was committed.
fn refuse(unit: Box<dyn Unit>, failure: Option<StoreError>) -> Last {
    unit.answer(failure);
    Last::default()
}

/// Takes waiting units into the transaction that `done` began, and those that come soon.
///
/// # Errors
/// When the transaction is lost.
fn join(
    done: &mut Vec<Box<dyn Unit>>,
    units: &Receiver<Box<dyn Unit>>,
    connection: &mut DbConnection,
    company: Company,
) -> Result<(), StoreError> {
    let begun = Instant::now();
    let mut expected = None;
    while done.len() < MOST && begun.elapsed() < OPEN {
        let mut next = match units.try_recv() {
            Ok(next) => next,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                let expected = *expected.get_or_insert_with(|| company.expected(done.len()));
                let left = company.patience().saturating_sub(begun.elapsed());
                if done.len() >= expected || left.is_zero() {
                    break;
                }
                let Ok(next) = units.recv_timeout(left) else {
                    break;
                };
                next
            }
        };
        if !next.take_up() {
            continue;
        }
        let part = transaction::mark(connection).and_then(|()| {
            let stays = next.run(connection);
            transaction::end_part(connection, stays)
        });
        done.push(next);
        if let Err(error) = part {
            tracing::error!(%error, "a transaction of several units was lost");
            transaction::roll_back(connection);
            return Err(error);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn after(units: usize, commit: Duration, waited: bool) -> Company {
        Company {
            last: Last { units, commit },
            waited,
        }
    }

    #[test]
    fn who_comes_alone_is_not_kept_waiting_and_who_comes_back_is_waited_for() {
        let slow = Duration::from_millis(3);
        assert_eq!(after(1, slow, false).expected(1), 1);
        assert_eq!(
            after(8, slow, true).expected(8),
            16,
            "two halves that alternate"
        );
        assert_eq!(
            after(16, slow, false).expected(1),
            16,
            "all of them, together"
        );
        assert_eq!(after(16, slow, false).patience(), slow / LINGER);
    }

    #[test]
    fn nobody_waits_long_nor_for_a_commit_that_costs_nothing() {
        let company = after(16, Duration::from_secs(1), true);
        assert_eq!(company.patience(), OPEN);
        assert_eq!(after(16, AT_ONCE, true).patience(), Duration::ZERO);
    }
}
