//! A unit of work on its way to a thread of the store's own, and whoever waits for it: who gives up, and when.
//!
//! A disk may hang: a write or a read that never comes back. The thread that met it stands still with it, so nobody else
//! may stand there: whoever waits gives up, and what was not yet being committed then is not done afterwards either.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::connection::DbConnection;
use super::connections::too_many;
use super::error::StoreError;

/// How a unit of work ended: with its result, or in a panic.
type Ended<T, E> = Result<Result<T, E>, Box<dyn Any + Send>>;

/// How long whoever hands in a unit waits for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until it is begun.
    pub(super) queue: Duration,
    /// From then on until it has ended.
    pub(super) work: Duration,
}

/// How far a unit is; whoever sets it next decides what becomes of it.
#[derive(Clone, Debug, Default)]
struct Progress(Arc<AtomicU8>);

/// Waits in the queue.
const QUEUED: u8 = 0;
/// A thread has taken it up.
const BEGUN: u8 = 1;
/// Its transaction is being ended: what it did is done, or not, and nobody can tell before that has ended.
const ENDING: u8 = 2;
/// Nobody waits for it any more.
const GIVEN_UP: u8 = 3;

impl Progress {
    /// Goes on from `from` to `to`; `false` where somebody else did.
    fn go(&self, from: u8, to: u8) -> bool {
        let went = self
            .0
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
        went.is_ok()
    }
}

/// A unit of work on its way.
pub(super) trait Unit: Send {
    /// Takes it up; `false` where nobody waits for it any more.
    fn take_up(&self) -> bool;

    /// Runs it; whether what it did stays.
    fn run(&mut self, connection: &mut DbConnection) -> bool;

    /// Says that it is about to be committed; `false` where nobody waits for it any more, so that it must not be.
    fn ends(&self) -> bool;

    /// Answers, once its transaction has ended: with its result, or with why that does not hold.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

/// What a caller handed over.
struct Job<T, E, W> {
    work: Option<W>,
    refuses: fn(&E) -> bool,
    ended: Option<Ended<T, E>>,
    back: oneshot::Sender<Ended<T, E>>,
    progress: Progress,
}

impl<T, E, W> Job<T, E, W> {
    /// Whether what was done is to stay.
    fn stays(&self) -> bool {
        match &self.ended {
            Some(Ok(Ok(_))) => true,
            Some(Ok(Err(error))) => (self.refuses)(error),
            Some(Err(_)) | None => false,
        }
    }
}

impl<T, E, W> Unit for Job<T, E, W>
where
    T: Send,
    E: From<StoreError> + Send,
    W: FnOnce(&mut DbConnection) -> Result<T, E> + Send,
{
    fn take_up(&self) -> bool {
        self.progress.go(QUEUED, BEGUN)
    }

    fn run(&mut self, connection: &mut DbConnection) -> bool {
        if let Some(work) = self.work.take() {
            self.ended = Some(catch_unwind(AssertUnwindSafe(|| work(connection))));
        }
        self.stays()
    }

    fn ends(&self) -> bool {
        self.progress.go(BEGUN, ENDING)
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let stays = self.stays();
        let ended = match (self.ended, failure) {
            // Its own error says more than what became of a transaction in which it left nothing.
            (Some(ended), Some(_)) if !stays => ended,
            (Some(ended), None) => ended,
            (_, Some(failure)) => Ok(Err(failure.into())),
            (None, None) => Ok(Err(closed().into())),
        };
        // The caller may have gone away; what was done is done.
        let _ = self.back.send(ended);
    }
}

/// Whoever handed in a unit.
pub(super) struct Waiting<T, E> {
    answer: oneshot::Receiver<Ended<T, E>>,
    progress: Progress,
}

/// `work` on its way, and who waits for it; `refuses` says whether an error of it leaves what was done.
pub(super) fn hand_in<T, E>(
    work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    refuses: fn(&E) -> bool,
) -> (Box<dyn Unit>, Waiting<T, E>)
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (back, answer) = oneshot::channel();
    let progress = Progress::default();
    let job = Job {
        work: Some(work),
        refuses,
        ended: None,
        back,
        progress: progress.clone(),
    };
    (Box::new(job), Waiting { answer, progress })
}

impl<T, E: From<StoreError>> Waiting<T, E> {
    /// What became of it; `thread` names who does the work.
    ///
    /// # Errors
    /// What the work returned; [`StoreError::Busy`] where patience ended, as `E`. Then nothing of it is done, now or
    /// later, unless its transaction was being ended already: that is as with any answer that is lost.
    ///
    /// # Panics
    /// If the work did.
    pub(super) async fn ended(
        mut self,
        (thread, patience): (&'static str, Patience),
    ) -> Result<T, E> {
        let Patience { queue, work } = patience;
        let answered = match tokio::time::timeout(queue, &mut self.answer).await {
            Ok(answered) => answered,
            Err(_elapsed) if self.progress.go(QUEUED, GIVEN_UP) => {
                let waited = format!("{thread} was not free within {queue:?}");
                return Err(StoreError::Busy(waited).into());
            }
            Err(_elapsed) => match tokio::time::timeout(work, &mut self.answer).await {
                Ok(answered) => answered,
                Err(_elapsed) => {
                    let undone = self.progress.go(BEGUN, GIVEN_UP);
                    tracing::warn!(undone, "{thread} did not come back within {work:?}");
                    let waited = format!("{thread} did not come back within {work:?}");
                    return Err(StoreError::Busy(waited).into());
                }
            },
        };
        match answered {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_gone) => Err(closed().into()),
        }
    }
}

pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("shutting down".to_owned())
}

/// The way to a thread that takes up what is added, in its order.
pub(super) struct Queue<U> {
    units: Option<SyncSender<U>>,
    thread: Option<JoinHandle<()>>,
}

impl<U: Send + 'static> Queue<U> {
    /// Starts the thread `name`, which runs `serve`; at most `most` units wait for it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the system gives no thread.
    pub(super) fn start(
        (name, most): (&str, usize),
        serve: impl FnOnce(Receiver<U>) + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (queue, units) = sync_channel(most);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serve(units))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            units: Some(queue),
            thread: Some(thread),
        })
    }

    /// Adds a unit.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where too many wait, [`StoreError::Unavailable`] where the thread has ended.
    pub(super) fn add(&self, unit: U) -> Result<(), StoreError> {
        let units = self.units.as_ref().ok_or_else(closed)?;
        units.try_send(unit).map_err(|error| match error {
            TrySendError::Full(_) => too_many(),
            TrySendError::Disconnected(_) => closed(),
        })
    }
}

impl<U> Drop for Queue<U> {
    /// Waits until what is queued has run and the connection is closed, so that whoever dropped the store may open the
    /// file.
    fn drop(&mut self) {
        drop(self.units.take());
        if let Some(thread) = self.thread.take()
            // A unit may hold the last handle.
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("a thread of the store ended in a panic");
        }
    }
}
