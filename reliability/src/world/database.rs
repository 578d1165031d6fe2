//! A database of a rig's own, and what a rig does to it behind the server's back.
//!
//! The only room that knows diesel.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::fault::{Ran, unexpected};

/// What the auth server brings its database up to date with.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../auth-server/migrations");

/// Where a server keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A SQLite file.
    Sqlite,
    /// A database of its own on this PostgreSQL server.
    Postgres(String),
}

impl Backend {
    /// As it stands in the report.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite file",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// A database; a PostgreSQL one goes with this value, a file with its directory.
#[derive(Debug)]
pub(crate) enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A database on a PostgreSQL server.
    Postgres {
        /// The server, and a database that is not ours.
        server: String,
        /// Ours.
        name: String,
    },
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Integrity {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

impl Database {
    /// A new one, called `name` where the server is to know it by a name.
    pub(crate) fn create(backend: &Backend, directory: &Path, name: &str) -> Ran<Self> {
        match backend {
            Backend::Sqlite => Ok(Self::Sqlite(directory.join("auth-server.db"))),
            Backend::Postgres(server) => {
                let mut connection = PgConnection::establish(server)?;
                connection.batch_execute(&format!("CREATE DATABASE \"{name}\""))?;
                Ok(Self::Postgres {
                    server: server.clone(),
                    name: name.to_owned(),
                })
            }
        }
    }

    /// As `[store] url` takes it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres { server, name } => on(server, name),
        }
    }

    /// Brings an empty database as far as the first `count` migrations: what an older program made.
    pub(crate) fn migrate(&self, count: usize) -> Ran<()> {
        match self {
            Self::Sqlite(_) => {
                let mut connection = self.sqlite()?;
                // As every program of ours left it.
                connection.batch_execute("PRAGMA journal_mode = WAL")?;
                first::<Sqlite, _>(&mut connection, count)
            }
            Self::Postgres { server, name } => {
                first::<Pg, _>(&mut PgConnection::establish(&on(server, name))?, count)
            }
        }
    }

    /// Runs statements.
    pub(crate) fn execute(&self, sql: &str) -> Ran<()> {
        match self {
            Self::Sqlite(_) => self.sqlite()?.batch_execute(sql)?,
            Self::Postgres { server, name } => {
                PgConnection::establish(&on(server, name))?.batch_execute(sql)?;
            }
        }
        Ok(())
    }

    /// The number that a query gives as `count`.
    pub(crate) fn count(&self, sql: &str) -> Ran<i64> {
        let row: Count = match self {
            Self::Sqlite(_) => sql_query(sql).get_result(&mut self.sqlite()?)?,
            Self::Postgres { server, name } => {
                sql_query(sql).get_result(&mut PgConnection::establish(&on(server, name))?)?
            }
        };
        Ok(row.count)
    }

    /// SQLite's own word on its file; PostgreSQL has none, and its own recovery is trusted.
    pub(crate) fn integrity(&self) -> Ran<String> {
        match self {
            Self::Sqlite(_) => {
                let row: Integrity =
                    sql_query("PRAGMA integrity_check").get_result(&mut self.sqlite()?)?;
                Ok(row.integrity_check)
            }
            Self::Postgres { .. } => Ok("ok".to_owned()),
        }
    }

    /// Whoever looks again and again whether a migrator is at work.
    pub(crate) fn watch(&self) -> Ran<Watch> {
        Ok(match self {
            Self::Sqlite(_) => {
                let mut connection = self.sqlite()?;
                connection.batch_execute("PRAGMA busy_timeout = 0")?;
                Watch::Sqlite(Box::new(connection))
            }
            Self::Postgres { server, name } => {
                Watch::Postgres(Box::new(PgConnection::establish(&on(server, name))?))
            }
        })
    }

    fn sqlite(&self) -> Ran<SqliteConnection> {
        let Self::Sqlite(file) = self else {
            return Err(diesel::ConnectionError::BadConnection("no file".to_owned()).into());
        };
        let mut connection = SqliteConnection::establish(&file.display().to_string())?;
        connection.batch_execute("PRAGMA busy_timeout = 10000")?;
        Ok(connection)
    }
}

/// A look at a database from outside, by one connection.
pub(crate) enum Watch {
    /// At a file.
    Sqlite(Box<SqliteConnection>),
    /// At a database.
    Postgres(Box<PgConnection>),
}

impl Watch {
    /// Whether a migrator is at work at this moment: it holds the one lock of all migrators (`shared/src/store/migrate.rs`);
    /// of a file, that of its one writer.
    pub(crate) fn is_migrating(&mut self) -> Ran<bool> {
        match self {
            Self::Sqlite(connection) => match connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK")
            {
                Ok(()) => Ok(false),
                Err(diesel::result::Error::DatabaseError(_, about))
                    if about.message().contains("locked") =>
                {
                    Ok(true)
                }
                Err(error) => Err(error.into()),
            },
            Self::Postgres(connection) => {
                let row: Count = sql_query(MIGRATORS).get_result(&mut **connection)?;
                Ok(row.count > 0)
            }
        }
    }
}

/// Who holds the migrators' lock of this database.
const MIGRATORS: &str = "SELECT count(*) AS count FROM pg_locks \
     WHERE locktype = 'advisory' AND granted \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     AND (classid::bigint << 32 | objid::bigint) = x'6772616e74'::bigint";

/// How many migrations there are.
pub(crate) fn migrations() -> Ran<usize> {
    let all = MigrationSource::<Sqlite>::migrations(&MIGRATIONS);
    Ok(all.map_err(|error| unexpected(error.to_string()))?.len())
}

/// Runs the first `count` migrations, in their order.
fn first<DB, C>(connection: &mut C, count: usize) -> Ran<()>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| unexpected(error.to_string());
    let mut all: Vec<Box<dyn Migration<DB>>> = MIGRATIONS.migrations().map_err(failed)?;
    all.sort_by_key(|migration| migration.name().to_string());
    // Asking makes the table in which they are written down.
    connection.applied_migrations().map_err(failed)?;
    for migration in all.iter().take(count) {
        connection.run_migration(migration).map_err(failed)?;
    }
    Ok(())
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self
            && let Ok(mut connection) = PgConnection::establish(server)
            && let Err(error) =
                connection.batch_execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"))
        {
            eprintln!("database {name} is left behind: {error}");
        }
    }
}

/// The same server with another database.
fn on(server: &str, name: &str) -> String {
    let (before, query) = server.split_once('?').unwrap_or((server, ""));
    let base = before.rsplit_once('/').map_or(before, |(base, _)| base);
    match query {
        "" => format!("{base}/{name}"),
        query => format!("{base}/{name}?{query}"),
    }
}
