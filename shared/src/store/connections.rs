//! Pools of connections, with a queue before each where threads of the runtime use them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::r2d2::{Error as R2d2Error, HandleError, Pool, PooledConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::DbConnection;
use super::error::StoreError;
use super::job::Patience;
use super::manager::{Manager, Open};

/// The most that wait before one pool or writer. No database that we know ends so many within their time-out, so whoever
/// comes later is told at once that it is busy, and what waits does not fill the memory.
pub(super) const MOST_WAITING: usize = 4096;

/// What is said to whoever finds so many there.
pub(super) fn too_many() -> StoreError {
    StoreError::Busy(format!("{MOST_WAITING} wait already"))
}

/// A pool, and the queue before it. Waiting happens in the queue, in order of arrival and
/// without holding a thread.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool<Manager>,
    manager: Manager,
    queue: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    patience: Patience,
}

/// A place among those that wait; free again when this value goes.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, StoreError> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) < MOST_WAITING {
            Ok(place)
        } else {
            Err(too_many())
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connections {
    pub(super) fn new(manager: Manager, size: u32, patience: Patience) -> Result<Self, StoreError> {
        let size = size.max(1);
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            // A database in memory lives in its connection: never replaced, never idled out.
            .max_lifetime(None)
            .idle_timeout(None)
            // Cheap: see `Manager::is_valid`.
            .test_on_check_out(true)
            .connection_timeout(patience.queue)
            .error_handler(Box::new(LogErrors))
            .build(manager.clone())
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let permits = usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self {
            pool,
            manager,
            queue: Arc::new(Semaphore::new(permits)),
            waiting: Arc::default(),
            patience,
        })
    }

    /// A connection; blocks for as long as the time-out says.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(super) fn get(&self) -> Result<PooledConnection<Manager>, StoreError> {
        // The pool would try again and again until its time-out.
        if let Err(moved) = self.manager.look() {
            return Err(StoreError::Unavailable(moved.to_string()));
        }
        self.pool
            .get()
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    /// The connection of whoever writes, with a log of the right name; blocks as [`Connections::get`] does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Busy`] where its log is gone and could not be rescued.
    pub(super) fn get_to_write(&self) -> Result<PooledConnection<Manager>, StoreError> {
        let mut connection = self.get()?;
        if !connection.has_lost_its_log() {
            return Ok(connection);
        }
        self.manager.rescue(&mut connection)?;
        drop(connection);
        self.get()
    }

    /// Runs `work` in the calling thread if a connection lies idle, and gives it back where none does.
    pub(super) fn run_here<T, E, W>(&self, work: W) -> Result<Result<T, E>, W>
    where
        W: FnOnce(&mut DbConnection) -> Result<T, E>,
    {
        if !self.manager.is_there() {
            return Err(work);
        }
        match self.pool.try_get() {
            Some(mut connection) => Ok(work(&mut connection)),
            None => Err(work),
        }
    }

    /// A connection for whoever looks a few rows up: that the file was there a moment ago is enough.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(super) fn get_of_late(&self) -> Result<PooledConnection<Manager>, StoreError> {
        if self.manager.is_there() {
            self.pool
                .get()
                .map_err(|error| StoreError::Unavailable(error.to_string()))
        } else {
            self.get()
        }
    }

    /// Waits for its turn.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(permit) = Arc::clone(&self.queue).try_acquire_owned() {
            return Ok(permit);
        }
        let _place = Place::take(&self.waiting)?;
        let queued = Arc::clone(&self.queue).acquire_owned();
        let patience = self.patience.queue;
        match tokio::time::timeout(patience, queued).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_closed)) => Err(StoreError::Unavailable("closed".to_owned())),
            Err(_elapsed) => {
                let waited = format!("no connection became free within {patience:?}");
                Err(StoreError::Busy(waited))
            }
        }
    }

    /// Runs `work` on a blocking thread, in its turn.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Busy`] and [`StoreError::Unavailable`] as `E`.
    ///
    /// # Panics
    /// If `work` panics.
    pub(super) async fn run<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = self.turn().await?;
        let connections = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            // The connection goes back before the next in the queue is let in.
            let _permit = permit;
            let mut connection = connections.get()?;
            let open: &mut Open = &mut connection;
            let result = work(open);
            if result.is_err() {
                connections.manager.suspect(open);
            }
            result
        });
        let longest = self.patience.work;
        let Ok(done) = tokio::time::timeout(longest, done).await else {
            let waited = format!("the database did not answer within {longest:?}");
            return Err(StoreError::Busy(waited).into());
        };
        match done {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => Err(StoreError::Unavailable("shutting down".to_owned()).into()),
            },
        }
    }
}

/// Puts the pool's connection errors into the log.
#[derive(Debug)]
struct LogErrors;

impl HandleError<R2d2Error> for LogErrors {
    fn handle_error(&self, error: R2d2Error) {
        tracing::warn!(%error, "no connection to the database");
    }
}
