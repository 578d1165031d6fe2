//! The store: pools of connections, used from async code on blocking threads.

use std::sync::Arc;
use std::time::Duration;

use diesel::r2d2::{Error as R2d2Error, HandleError, Pool, PooledConnection};
use diesel_migrations::EmbeddedMigrations;
use tokio::sync::Semaphore;

use super::connection::DbConnection;
use super::error::{Outcome, StoreError};
use super::manager::{Access, Manager};
use super::url::StoreUrl;
use super::{migrate, transaction};

/// How many connections, and how long to wait for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Connections to PostgreSQL, 1 or more. Default 8. SQLite has one writer whatever this says.
    pub postgres_connections: u32,
    /// Connections that read a SQLite file beside its one writer, 1 or more. Default 4.
    pub sqlite_readers: u32,
    /// How long a request waits for a connection before it is told that the store is busy.
    /// Default 5 s.
    pub checkout_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            postgres_connections: 8,
            sqlite_readers: 4,
            checkout_timeout: Duration::from_secs(5),
        }
    }
}

/// A service's database. Cheap to clone; the clones share their connections.
#[derive(Clone)]
pub struct Store {
    writers: Connections,
    readers: Readers,
    url: StoreUrl,
}

#[derive(Clone)]
enum Readers {
    /// Connections of their own, beside the one writer of a SQLite file.
    Own(Connections),
    /// PostgreSQL: any connection reads and writes.
    Writers,
    /// A SQLite database in memory lives in its one connection.
    OneForAll,
}

impl Store {
    /// Opens the database and brings its schema up to date. Blocks: call it before serving, or
    /// on a blocking thread.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with the database's own reason, [`StoreError::Migration`],
    /// [`StoreError::Newer`].
    pub fn open(url: &StoreUrl, migrations: EmbeddedMigrations) -> Result<Self, StoreError> {
        Self::open_with(url, migrations, &StoreOptions::default())
    }

    /// [`Store::open`] with other pool sizes and time-outs.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(
        url: &StoreUrl,
        migrations: EmbeddedMigrations,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        // One plain attempt first: the pool would try again for seconds and lose the reason.
        if !url.is_memory() {
            let mut connection = Manager::new(url.clone(), Access::Write)
                .open()
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            migrate::migrate(&mut connection, url, migrations)?;
            return Self::with_pools(url, options);
        }
        let store = Self::with_pools(url, options)?;
        migrate::migrate(&mut *store.writers.get()?, url, migrations)?;
        Ok(store)
    }

    fn with_pools(url: &StoreUrl, options: &StoreOptions) -> Result<Self, StoreError> {
        let pool = |access, size| Connections::new(url, access, size, options.checkout_timeout);
        let (writers, readers) = match url {
            StoreUrl::Postgres(_) => (
                pool(Access::Write, options.postgres_connections)?,
                Readers::Writers,
            ),
            StoreUrl::SqliteFile(_) => (
                pool(Access::Write, 1)?,
                Readers::Own(pool(Access::Read, options.sqlite_readers)?),
            ),
            StoreUrl::SqliteMemory => (pool(Access::Write, 1)?, Readers::OneForAll),
        };
        Ok(Self {
            writers,
            readers,
            url: url.clone(),
        })
    }

    /// Where the data is.
    #[must_use]
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// Runs `work`, which only reads, on a blocking thread. It runs to its end even if the
    /// caller goes away.
    ///
    /// There is no transaction round it: where two queries must see the same moment, use
    /// [`Store::write`]. SQLite refuses writes here.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Busy`] and [`StoreError::Unavailable`] as `E`.
    ///
    /// # Panics
    /// If `work` panics.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.readers {
            Readers::Own(readers) => readers.run(work).await,
            Readers::Writers => self.writers.run(work).await,
            Readers::OneForAll => {
                self.writers
                    .run(|connection| transaction::read_on_writer(connection, work))
                    .await
            }
        }
    }

    /// Runs `work` in one transaction on a blocking thread: **refusals commit, failures roll
    /// back** (see [`Outcome`]). It runs to its end even if the caller goes away.
    ///
    /// SQLite: the one writer, `BEGIN IMMEDIATE`. PostgreSQL: READ COMMITTED, so redeem by one
    /// conditional `UPDATE … RETURNING`, never by reading first.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Busy`] and [`StoreError::Unavailable`] as `E`.
    ///
    /// # Panics
    /// If `work` panics (after rolling back).
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Outcome + Send + 'static,
    {
        self.writers
            .run(|connection| transaction::write(connection, work))
            .await
    }

    /// Whether the database answers: for a readiness check.
    ///
    /// # Errors
    /// [`StoreError`] with the reason.
    pub async fn ping(&self) -> Result<(), StoreError> {
        use diesel::r2d2::R2D2Connection;
        self.read(|connection| Ok(connection.ping()?)).await
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// A pool, and the queue before it. Waiting happens in the queue, in order of arrival and
/// without holding a thread.
#[derive(Clone)]
struct Connections {
    pool: Pool<Manager>,
    queue: Arc<Semaphore>,
    timeout: Duration,
}

impl Connections {
    fn new(
        url: &StoreUrl,
        access: Access,
        size: u32,
        timeout: Duration,
    ) -> Result<Self, StoreError> {
        let size = size.max(1);
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            // A database in memory lives in its connection: never replaced, never idled out.
            .max_lifetime(None)
            .idle_timeout(None)
            // Costs a round trip each time; a broken connection is noticed by its first query.
            .test_on_check_out(false)
            .connection_timeout(timeout)
            .error_handler(Box::new(LogErrors))
            .build(Manager::new(url.clone(), access))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let permits = usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self {
            pool,
            queue: Arc::new(Semaphore::new(permits)),
            timeout,
        })
    }

    fn get(&self) -> Result<PooledConnection<Manager>, StoreError> {
        self.pool
            .get()
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn run<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let queued = tokio::time::timeout(self.timeout, Arc::clone(&self.queue).acquire_owned());
        let permit = match queued.await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_closed)) => return Err(StoreError::Unavailable("closed".to_owned()).into()),
            Err(_elapsed) => {
                let waited = format!("no connection became free within {:?}", self.timeout);
                return Err(StoreError::Busy(waited).into());
            }
        };
        let connections = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            // The connection goes back before the next in the queue is let in.
            let _permit = permit;
            let mut connection = connections.get()?;
            work(&mut connection)
        });
        match done.await {
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
