//! The store: a service's database as async code uses it.

use std::time::Duration;

use diesel_migrations::EmbeddedMigrations;

use super::connection::DbConnection;
use super::connections::Connections;
use super::error::{Outcome, StoreError};
use super::job::Patience;
use super::manager::{Access, Manager};
use super::meter::StoreMeter;
use super::readers::{Readers, Size};
use super::url::StoreUrl;
use super::writer::Writer;
use super::{migrate, probe, transaction};

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
    /// Whether a few rows of a SQLite file are looked up in the thread that asks for them. Cheaper, but on a disk that
    /// hangs that thread stands still with all that it serves: then no. Default yes.
    pub sqlite_in_place: bool,
    /// How long a request waits for its unit of work once that was begun, before it is told the same: a database that
    /// answers nothing at all (its machine is gone, its process stopped, its disk hangs) is away. On PostgreSQL the work
    /// may be done all the same, later. Default 20 s.
    pub longest_work: Duration,
    /// Tables whose rows SQLite keeps in the tree of their primary key, by their names in the migrations. Default:
    /// none.
    pub sqlite_keyed: &'static [&'static str],
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            postgres_connections: 8,
            sqlite_readers: 4,
            sqlite_in_place: true,
            checkout_timeout: Duration::from_secs(5),
            longest_work: Duration::from_secs(20),
            sqlite_keyed: &[],
        }
    }
}

/// A service's database. Cheap to clone; the clones share their connections.
#[derive(Clone)]
pub struct Store {
    kind: Kind,
    url: StoreUrl,
    meter: StoreMeter,
}

#[derive(Clone)]
enum Kind {
    /// PostgreSQL: any connection reads and writes.
    Postgres(Connections),
    /// A SQLite file: one writer, and readers beside it that never wait for it.
    File { writer: Writer, readers: Readers },
    /// A SQLite database in memory lives in its one connection.
    Memory(Writer),
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
        let patience = Patience {
            queue: options.checkout_timeout,
            work: options.longest_work,
        };
        let keyed = options.sqlite_keyed;
        let manager = Manager::new(url.clone(), Access::Write);
        let pool = |access, size| Connections::new(manager.with(access), size, patience);
        if url.is_memory() {
            let connections = pool(Access::Write, 1)?;
            migrate::migrate(&mut *connections.get()?, url, migrations, keyed)?;
            let writer = Writer::start(connections, patience)?;
            return Ok(Self::new(Kind::Memory(writer), url));
        }
        // One plain attempt first: the pool would try again for seconds and lose the reason.
        let mut connection = manager
            .open()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        migrate::migrate(&mut connection, url, migrations, keyed)?;
        let kind = match url {
            StoreUrl::Postgres(_) => {
                Kind::Postgres(pool(Access::Write, options.postgres_connections)?)
            }
            StoreUrl::SqliteFile(_) | StoreUrl::SqliteMemory => {
                let size = options.sqlite_readers;
                let readers = (size, options.sqlite_in_place);
                Kind::File {
                    writer: Writer::start(pool(Access::Write, 1)?, patience)?,
                    readers: Readers::start(&pool(Access::Read, size)?, readers, patience)?,
                }
            }
        };
        Ok(Self::new(kind, url))
    }

    fn new(kind: Kind, url: &StoreUrl) -> Self {
        Self {
            kind,
            url: url.clone(),
            meter: StoreMeter::default(),
        }
    }

    /// What is counted of it.
    #[must_use]
    pub const fn meter(&self) -> &StoreMeter {
        &self.meter
    }

    /// Where the data is.
    #[must_use]
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// Runs `work`, which only reads, on another thread. It runs to its end even if the
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
        E: Outcome + Send + 'static,
    {
        let unit = self.meter.reads();
        let work = unit.counting(work);
        let result = match &self.kind {
            Kind::Postgres(connections) => connections.run(work).await,
            Kind::File { readers, .. } => readers.run(Size::Many, work).await,
            Kind::Memory(writer) => {
                let read = |tx: &mut DbConnection| transaction::read_on_writer(tx, work);
                writer.run(read, |_| true).await
            }
        };
        unit.has_ended(&result);
        result
    }

    /// As [`Store::read`], for a few rows that are found by their keys: they wait for no longer read, and on a SQLite
    /// file are read in the calling thread unless [`StoreOptions::sqlite_in_place`] says otherwise.
    ///
    /// # Errors
    /// As [`Store::read`].
    ///
    /// # Panics
    /// If `work` panics.
    pub async fn look_up<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Outcome + Send + 'static,
    {
        let Kind::File { readers, .. } = &self.kind else {
            return Box::pin(self.read(work)).await;
        };
        let unit = self.meter.reads();
        let result = readers.run(Size::Few, unit.counting(work)).await;
        unit.has_ended(&result);
        result
    }

    /// Runs `work` in one transaction on another thread: **refusals commit, failures roll
    /// back** (see [`Outcome`]). It runs to its end even if the caller goes away.
    ///
    /// Whoever is told [`StoreError::Busy`] because work that was begun took too long ([`StoreOptions::longest_work`])
    /// does not know what becomes of it. On PostgreSQL it goes on and **may still commit**: nobody can take back what
    /// was sent to the server. In a SQLite file it is rolled back, unless the commit itself stood still. So such work must
    /// be safe to repeat, as after any answer that was lost on its way.
    ///
    /// SQLite: the one writer, `BEGIN IMMEDIATE`; what waits together is committed together,
    /// and answered after that. PostgreSQL: READ COMMITTED, so redeem by one conditional
    /// `UPDATE … RETURNING`, never by reading first.
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
        let unit = self.meter.writes();
        let work = unit.counting(work);
        let result = match &self.kind {
            Kind::Postgres(connections) => {
                let write = |connection: &mut DbConnection| transaction::write(connection, work);
                Box::pin(connections.run(write)).await
            }
            Kind::File { writer, .. } | Kind::Memory(writer) => {
                writer.run(work, Outcome::is_refusal).await
            }
        };
        unit.has_ended(&result);
        result
    }

    /// Whether the database answers: for a readiness check.
    ///
    /// # Errors
    /// [`StoreError`] with the reason.
    pub async fn ping(&self) -> Result<(), StoreError> {
        use diesel::r2d2::R2D2Connection;
        self.read(|connection| Ok(connection.ping()?)).await
    }

    /// Whether the database answers *and* takes writes: for a readiness check. Costs one durable write in a SQLite
    /// file.
    ///
    /// # Errors
    /// [`StoreError`] with the reason.
    pub async fn ready(&self) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Postgres(connections) => connections.run(probe::write).await,
            Kind::File { writer, .. } => {
                writer.run(probe::write, Outcome::is_refusal).await?;
                self.ping().await
            }
            Kind::Memory(writer) => writer.run(probe::write, Outcome::is_refusal).await,
        }
    }
}

#[cfg(test)]
impl Store {
    /// Runs `work` on the connection that writes, in no transaction.
    pub(super) async fn on_the_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.kind {
            Kind::Postgres(connections) => connections.run(work).await,
            Kind::File { writer, .. } | Kind::Memory(writer) => writer.connections.run(work).await,
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
