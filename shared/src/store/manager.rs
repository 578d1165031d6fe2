//! Opening connections: the URL's scheme decides, and the real error comes through.
//!
//! The `establish` that diesel derives tries each dialect in turn: a stopped PostgreSQL reads
//! "invalid connection url", and a misspelt URL becomes a SQLite file of that name.

use std::fs::OpenOptions;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{Error as R2d2Error, ManageConnection, R2D2Connection};
use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection, SqliteConnection};

use super::connection::DbConnection;
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
/// recovery after a crash makes it wait, so that it may be used on a thread that must not stand
/// still.
const SQLITE_READER: &str = "PRAGMA query_only = ON; PRAGMA busy_timeout = 500;";

/// What a connection will be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading and writing.
    Write,
    /// Reading only: SQLite refuses writes on it.
    Read,
}

/// Opens and checks the connections of a pool.
#[derive(Debug)]
pub(super) struct Manager {
    url: StoreUrl,
    access: Access,
}

impl Manager {
    pub(super) fn new(url: StoreUrl, access: Access) -> Self {
        Self { url, access }
    }

    /// One connection, with the reason if there is none.
    pub(super) fn open(&self) -> Result<DbConnection, R2d2Error> {
        match &self.url {
            StoreUrl::Postgres(url) => postgres(url),
            StoreUrl::SqliteFile(path) => self.sqlite(&file(path)?),
            StoreUrl::SqliteMemory => self.sqlite(":memory:"),
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

fn postgres(url: &PostgresUrl) -> Result<DbConnection, R2d2Error> {
    let mut connection =
        PgConnection::establish(url.expose()).map_err(R2d2Error::ConnectionError)?;
    if let Some(schema) = url.schema() {
        // The name was checked when the URL was made: a-z, 0-9 and _ only.
        connection
            .batch_execute(&format!("SET search_path TO \"{schema}\""))
            .map_err(R2d2Error::QueryError)?;
    }
    Ok(DbConnection::Postgres(connection))
}

/// Makes the file, and the directory that holds it, readable for its owner only: signing keys
/// are in it. SQLite gives its side files the same permissions.
fn file(path: &Path) -> ConnectionResult<String> {
    let because = |error: std::io::Error| {
        ConnectionError::BadConnection(format!("{}: {error}", path.display()))
    };
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(because)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(because)?;
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

impl ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = R2d2Error;

    fn connect(&self) -> Result<DbConnection, R2d2Error> {
        self.open()
    }

    fn is_valid(&self, connection: &mut DbConnection) -> Result<(), R2d2Error> {
        connection.ping().map_err(R2d2Error::QueryError)
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        connection.is_broken()
    }
}
