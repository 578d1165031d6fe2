//! Rows in one SQLite file, as durable as the auth server's: WAL with `synchronous = FULL`.
//!
//! One thread writes. It begins a transaction with the first change that comes, takes what else is waiting, and
//! answers after the commit. Each thread that answers requests reads on a connection of its own.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use tokio::sync::oneshot;

use super::{ACCESS_LIVES, Change, Changed, Code, Digest, Grant, REFRESH_LIVES, now};

/// The most changes that one transaction takes.
const GROUP: usize = 256;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS codes (digest BLOB PRIMARY KEY, client TEXT NOT NULL, user TEXT NOT NULL,
        redirect_uri TEXT NOT NULL, scope TEXT NOT NULL, nonce TEXT NOT NULL, challenge BLOB NOT NULL,
        expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS refresh_tokens (digest BLOB PRIMARY KEY, client TEXT NOT NULL, user TEXT NOT NULL,
        scope TEXT NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS access_tokens (digest BLOB PRIMARY KEY, client TEXT NOT NULL, user TEXT NOT NULL,
        scope TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sessions (digest BLOB PRIMARY KEY, user TEXT NOT NULL) WITHOUT ROWID;";

type Waiting = (Change, oneshot::Sender<Changed>);

/// The file, and the way to its writer.
pub(crate) struct Sqlite {
    file: PathBuf,
    writer: mpsc::Sender<Waiting>,
}

thread_local! {
    /// The reading connection of this thread.
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

impl Sqlite {
    /// Opens the file and starts its writer.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) fn open(file: &Path) -> Result<Self, rusqlite::Error> {
        let connection = connect(file)?;
        connection.execute_batch(SCHEMA)?;
        let (writer, waiting) = mpsc::channel();
        std::thread::spawn(move || write(&connection, &waiting));
        Ok(Self {
            file: file.to_path_buf(),
            writer,
        })
    }

    /// Makes a change durable; `None` where the writer is gone.
    pub(crate) async fn change(&self, change: Change) -> Option<Changed> {
        let (answer, answered) = oneshot::channel();
        self.writer.send((change, answer)).ok()?;
        answered.await.ok()
    }

    /// Who is signed in.
    pub(crate) fn session(&self, digest: &Digest) -> Option<String> {
        self.read("SELECT user FROM sessions WHERE digest = ?", |select| {
            select.query_row(params![digest], |row| row.get(0))
        })
    }

    /// What an access token stands for.
    pub(crate) fn access_token(&self, digest: &Digest) -> Option<Grant> {
        let select = "SELECT client, user, scope, expires FROM access_tokens WHERE digest = ?";
        self.read(select, |select| select.query_row(params![digest], grant))
    }

    fn read<T>(
        &self,
        sql: &str,
        query: impl FnOnce(&mut CachedStatement<'_>) -> rusqlite::Result<T>,
    ) -> Option<T> {
        READER.with_borrow_mut(|reader| {
            if reader.is_none() {
                *reader = connect(&self.file).ok();
            }
            let mut statement = reader.as_ref()?.prepare_cached(sql).ok()?;
            query(&mut statement).optional().ok().flatten()
        })
    }
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    Ok(connection)
}

/// Writes what comes until nobody can send any more. A failure drops those who wait, which fails their requests.
fn write(connection: &Connection, waiting: &mpsc::Receiver<Waiting>) {
    let mut group = Vec::with_capacity(GROUP);
    while let Ok(first) = waiting.recv() {
        if connection.execute_batch("BEGIN IMMEDIATE").is_err() {
            continue;
        }
        let mut next = Some(first);
        while let Some((change, answer)) = next {
            if let Ok(changed) = apply(connection, change) {
                group.push((answer, changed));
            }
            next = (group.len() < GROUP)
                .then(|| waiting.try_recv().ok())
                .flatten();
        }
        if connection.execute_batch("COMMIT").is_err() {
            group.clear();
        }
        for (answer, changed) in group.drain(..) {
            // Whoever asked may have hung up.
            let _ = answer.send(changed);
        }
    }
}

fn apply(connection: &Connection, change: Change) -> rusqlite::Result<Changed> {
    Ok(match change {
        Change::Issue(digest, code) => {
            issue(connection, digest, &code)?;
            Changed::Done
        }
        Change::Redeem(digest, refresh, access) => {
            let redeem = "UPDATE codes SET used = 1 WHERE digest = ? AND used = 0
                 RETURNING client, user, redirect_uri, scope, nonce, challenge, expires";
            let mut redeem = connection.prepare_cached(redeem)?;
            let code = redeem.query_row(params![digest], code).optional()?;
            if let Some(code) = &code {
                let who = [code.client.as_str(), &code.user, &code.scope];
                keep(connection, who, (refresh, now() + REFRESH_LIVES), access)?;
            }
            Changed::Code(code)
        }
        Change::Rotate(old, new, access) => {
            let rotate = "UPDATE refresh_tokens SET used = 1 WHERE digest = ? AND used = 0
                 RETURNING client, user, scope, expires";
            let mut rotate = connection.prepare_cached(rotate)?;
            let grant = rotate.query_row(params![old], grant).optional()?;
            if let Some(grant) = &grant {
                let who = [grant.client.as_str(), &grant.user, &grant.scope];
                keep(connection, who, (new, grant.expires), access)?;
            }
            Changed::Grant(grant)
        }
        Change::SignIn(digest, user) => {
            let insert = "INSERT INTO sessions VALUES (?, ?)";
            let mut insert = connection.prepare_cached(insert)?;
            insert.execute(params![digest, user])?;
            Changed::Done
        }
    })
}

fn issue(connection: &Connection, digest: Digest, code: &Code) -> rusqlite::Result<usize> {
    let insert =
        "INSERT INTO codes (digest, client, user, redirect_uri, scope, nonce, challenge, expires)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(insert)?.execute(params![
        digest,
        code.client,
        code.user,
        code.redirect_uri,
        code.scope,
        code.nonce,
        code.challenge,
        code.expires
    ])
}

/// Keeps a refresh token until it expires, and with it an opaque access token, where there is one.
fn keep(
    connection: &Connection,
    [client, user, scope]: [&str; 3],
    (refresh, expires): (Digest, i64),
    access: Option<Digest>,
) -> rusqlite::Result<()> {
    let insert =
        "INSERT INTO refresh_tokens (digest, client, user, scope, expires) VALUES (?, ?, ?, ?, ?)";
    let mut insert = connection.prepare_cached(insert)?;
    insert.execute(params![refresh, client, user, scope, expires])?;
    if let Some(access) = access {
        let insert = "INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?)";
        let mut insert = connection.prepare_cached(insert)?;
        insert.execute(params![access, client, user, scope, now() + ACCESS_LIVES])?;
    }
    Ok(())
}

fn code(row: &Row<'_>) -> rusqlite::Result<Code> {
    Ok(Code {
        client: row.get(0)?,
        user: row.get(1)?,
        redirect_uri: row.get(2)?,
        scope: row.get(3)?,
        nonce: row.get(4)?,
        challenge: row.get(5)?,
        expires: row.get(6)?,
    })
}

fn grant(row: &Row<'_>) -> rusqlite::Result<Grant> {
    Ok(Grant {
        client: row.get(0)?,
        user: row.get(1)?,
        scope: row.get(2)?,
        expires: row.get(3)?,
    })
}
