//! Opening connections: the URL's scheme decides, and the real error comes through.
//!
//! The `establish` that diesel derives tries each dialect in turn: a stopped PostgreSQL reads
//! "invalid connection url", and a misspelt URL becomes a SQLite file of that name.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{Error as R2d2Error, ManageConnection, R2D2Connection};
use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection, SqliteConnection};

use super::connection::DbConnection;
use super::error::StoreError;
use super::file::{FileId, LastLook, Moved};
use super::log::{Log, Logs};
use super::url::{PostgresUrl, StoreUrl};

/// What every SQLite connection starts with.
///
/// `synchronous = FULL`: with NORMAL, the last commits may be lost in a power cut, and a code
/// that was redeemed would live again. `busy_timeout` is in milliseconds and comes first, so
/// that the switch to WAL waits too. The cache (in KiB, taken as it is needed) and the WAL (in
/// pages of 4 KiB) are large enough that a page which is written again and again is neither read
/// nor moved into the database each time.
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; \
     PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; \
     PRAGMA cache_size = -16384; \
     PRAGMA wal_autocheckpoint = 4000; \
     PRAGMA temp_store = MEMORY;";

/// What a connection that only reads has besides: SQLite refuses writes on it, and nothing but the
/// recovery after a crash makes it wait.
const SQLITE_READER: &str = "PRAGMA query_only = ON; PRAGMA busy_timeout = 500;";

/// What every pooled PostgreSQL connection starts with: as SQLite's busy time-out, nobody waits longer than 5 s for
/// a lock, and no statement runs for longer than 15 s. Migrations wait for each other as long as it takes.
///
/// A server of ours that stands still in the middle of a transaction, or is cut off, holds its locks no longer than
/// 10 s: the transaction is undone, and the other servers go on. Of one that is cut off PostgreSQL hears nothing more
/// and asks: after 10 s, and is sure 15 s later.
const POSTGRES_LIMITS: &str = "SET lock_timeout = '5s'; SET statement_timeout = '15s'; \
     SET idle_in_transaction_session_timeout = '10s'; \
     SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;";

/// How long a connection to PostgreSQL may take, in seconds: a server that accepts and says nothing would hold us.
const POSTGRES_CONNECT: &str = "connect_timeout=5";

/// What a connection will be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading and writing.
    Write,
    /// Reading only: SQLite refuses writes on it.
    Read,
}

/// Opens and checks the connections of a pool. Clones share what they learn.
#[derive(Clone, Debug)]
pub(super) struct Manager {
    url: StoreUrl,
    access: Access,
    /// How often a connection was found dead: those that were good before that are tested before they are used.
    deaths: Arc<AtomicU64>,
    looked: LastLook,
    logs: Logs,
}

/// A connection of a pool, and what tells whether it is still good.
pub(super) struct Open {
    /// `None` only while it is dropped.
    connection: Option<Box<DbConnection>>,
    /// The file that it is open on.
    file: Option<FileId>,
    /// The log of that file.
    log: Option<Log>,
    /// The number of deaths when it was last known to be alive.
    tested: u64,
    dead: bool,
}

impl Manager {
    pub(super) fn new(url: StoreUrl, access: Access) -> Self {
        Self {
            url,
            access,
            deaths: Arc::default(),
            looked: LastLook::default(),
            logs: Logs::default(),
        }
    }

    /// The same for another use: they share what they learn.
    pub(super) fn with(&self, access: Access) -> Self {
        Self {
            access,
            ..self.clone()
        }
    }

    /// One connection, with the reason if there is none. Makes the file of a new database.
    pub(super) fn open(&self) -> Result<DbConnection, R2d2Error> {
        match &self.url {
            StoreUrl::Postgres(url) => postgres(url),
            StoreUrl::SqliteFile(path) => self.sqlite(&file(path)?),
            StoreUrl::SqliteMemory => self.sqlite(":memory:"),
        }
    }

    /// Whether the file is there at all. Who asks this first need not wait for a connection that cannot be made.
    pub(super) fn look(&self) -> Result<Option<FileId>, Moved> {
        match &self.url {
            StoreUrl::SqliteFile(path) => self.looked.now(path).map(Some),
            StoreUrl::Postgres(_) | StoreUrl::SqliteMemory => Ok(None),
        }
    }

    /// The same for whoever only reads, to whom a moment ago is as good as now.
    pub(super) fn is_there(&self) -> bool {
        match &self.url {
            StoreUrl::SqliteFile(path) => self.looked.is_there(path),
            StoreUrl::Postgres(_) | StoreUrl::SqliteMemory => true,
        }
    }

    /// Notes that `open` gave an error: was it the connection's own? Then it is not used again, and all others are
    /// tested before they are. A connection to a file has nobody at its other end.
    pub(super) fn suspect(&self, open: &mut Open) {
        if matches!(**open, DbConnection::Postgres(_)) && open.ping().is_err() {
            open.dead = true;
            self.deaths.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Brings a log that has lost its name into its file, by the connection that writes it; that is not used again.
    ///
    /// # Errors
    /// [`StoreError`]: then nothing may be written.
    pub(super) fn rescue(&self, open: &mut Open) -> Result<(), StoreError> {
        match &mut **open {
            DbConnection::Sqlite(connection) => self.logs.rescue(connection),
            DbConnection::Postgres(_) => Ok(()),
        }
    }

    fn sqlite(&self, name: &str) -> Result<DbConnection, R2d2Error> {
        let mut connection =
            SqliteConnection::establish(name).map_err(R2d2Error::ConnectionError)?;
        connection
            .batch_execute(SQLITE_PRAGMAS)
            .map_err(R2d2Error::QueryError)?;
        if self.access == Access::Read {
            connection
                .batch_execute(SQLITE_READER)
                .map_err(R2d2Error::QueryError)?;
        }
        Ok(DbConnection::Sqlite(connection))
    }
}

impl Open {
    /// Whether the log that it writes has lost its name: what is committed would be gone with the process.
    pub(super) fn has_lost_its_log(&self) -> bool {
        self.log.as_ref().is_some_and(Log::is_lost)
    }
}

impl Deref for Open {
    type Target = DbConnection;

    #[expect(clippy::expect_used, reason = "it is there until it is dropped")]
    fn deref(&self) -> &DbConnection {
        self.connection.as_deref().expect("not dropped")
    }
}

impl DerefMut for Open {
    #[expect(clippy::expect_used, reason = "it is there until it is dropped")]
    fn deref_mut(&mut self) -> &mut DbConnection {
        self.connection.as_deref_mut().expect("not dropped")
    }
}

impl Drop for Open {
    /// Closing the last connection to a SQLite file deletes its write-ahead log *by name*. Where another file has
    /// taken that name, the log is that file's, and so this connection is left open until the process ends.
    fn drop(&mut self) {
        let moved = self.file.as_ref().is_some_and(FileId::has_moved);
        if let Some(connection) = self.connection.take().filter(|_| moved) {
            Box::leak(connection);
        }
    }
}

fn postgres(url: &PostgresUrl) -> Result<DbConnection, R2d2Error> {
    let mut connection =
        PgConnection::establish(&bounded(url.expose())).map_err(R2d2Error::ConnectionError)?;
    if let Some(schema) = url.schema() {
        // The name was checked when the URL was made: a-z, 0-9 and _ only.
        connection
            .batch_execute(&format!("SET search_path TO \"{schema}\""))
            .map_err(R2d2Error::QueryError)?;
    }
    Ok(DbConnection::Postgres(connection))
}

/// Makes the file where there is none, and the directory that holds it, readable for its owner only: signing keys
/// are in it. SQLite gives its side files the same permissions.
///
/// A file that is there is never opened: closing it again would take from this process all its locks on the file
/// (POSIX `fcntl`), and the next program that looks into the database would believe itself alone and delete the log
/// that our connections write.
fn file(path: &Path) -> ConnectionResult<String> {
    let because = |error: std::io::Error| {
        ConnectionError::BadConnection(format!("{}: {error}", path.display()))
    };
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(because)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(because(error)),
        _ => {}
    }
    let name = path
        .to_str()
        .ok_or_else(|| ConnectionError::BadConnection(format!("{}: not UTF-8", path.display())))?;
    // "file:…" would be read as a SQLite URI.
    Ok(if name.starts_with("file:") {
        format!("./{name}")
    } else {
        name.to_owned()
    })
}

/// The URL with a limit on how long connecting may take, unless it has one.
fn bounded(url: &str) -> String {
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{POSTGRES_CONNECT}")
}

impl ManageConnection for Manager {
    type Connection = Open;
    type Error = R2d2Error;

    /// Opens what is there: an empty database in the place of one that was lost would hide the loss.
    fn connect(&self) -> Result<Open, R2d2Error> {
        let tested = self.deaths.load(Ordering::Relaxed);
        let gone = |moved: Moved| {
            R2d2Error::ConnectionError(ConnectionError::BadConnection(moved.to_string()))
        };
        let file = self.look().map_err(gone)?;
        if file.as_ref().is_some_and(|file| !self.logs.may_open(file)) {
            let lost = "its log is gone".to_owned();
            return Err(R2d2Error::ConnectionError(ConnectionError::BadConnection(
                lost,
            )));
        }
        let mut connection = self.open()?;
        if let DbConnection::Postgres(postgres) = &mut connection {
            postgres
                .batch_execute(POSTGRES_LIMITS)
                .map_err(R2d2Error::QueryError)?;
        }
        Ok(Open {
            connection: Some(Box::new(connection)),
            log: file.as_ref().map(|file| self.logs.of(file)),
            file,
            tested,
            dead: false,
        })
    }

    /// Asked before every use: costs a look at the file, where nobody has just looked, and a round trip only after
    /// another connection has died.
    fn is_valid(&self, open: &mut Open) -> Result<(), R2d2Error> {
        let gone =
            |reason: String| R2d2Error::ConnectionError(ConnectionError::BadConnection(reason));
        if let Some(file) = &open.file
            && self.looked.has_moved(file)
        {
            return Err(gone("another file has taken its place".to_owned()));
        }
        if let Some(log) = &open.log
            && !self.logs.is_current(log)
        {
            return Err(gone("its log was lost".to_owned()));
        }
        let deaths = self.deaths.load(Ordering::Relaxed);
        if open.tested != deaths {
            open.ping().map_err(R2d2Error::QueryError)?;
            open.tested = deaths;
        }
        Ok(())
    }

    fn has_broken(&self, open: &mut Open) -> bool {
        open.dead || open.is_broken()
    }
}
