//! The write-ahead log beside a SQLite file, by name.
//!
//! A log that somebody deletes or moves away stays open: what is committed goes on into it, and would be gone with the
//! process, however often it was acknowledged. So whoever writes looks its name up before each transaction; where it is
//! gone, all that is in it is brought into the file first, and then every connection is opened anew, with a log of the
//! right name. A connection that is opened in between would begin another log beside the lost one: it is not opened.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::sql_types::Integer;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::error::StoreError;
use super::file::FileId;

/// What all connections to one file know of its log. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Logs(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// The file, its log, and somebody who has it open.
    known: Mutex<Option<(FileId, Log)>>,
    /// How often a log was lost and brought into its file.
    rescues: AtomicU64,
}

/// The log that one connection writes, or reads. Clones stand for more connections with the same.
#[derive(Clone, Debug)]
pub(super) struct Log {
    /// Nothing where there is no log.
    file: Option<FileId>,
    rescues: u64,
    /// As many as there are connections, and one.
    open: Arc<()>,
}

/// A row of `PRAGMA wal_checkpoint`.
#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

impl Logs {
    /// Whether a connection to `file` may be opened: not while others write a log that has lost its name.
    pub(super) fn may_open(&self, file: &FileId) -> bool {
        let known = self.known();
        known.as_ref().is_none_or(|(of, log)| {
            let in_use = Arc::strong_count(&log.open) > 1;
            !(in_use && of.is_same(file) && log.is_lost())
        })
    }

    /// The log of a connection to `file` that was opened now.
    pub(super) fn of(&self, file: &FileId) -> Log {
        let found = file.log();
        let rescues = self.0.rescues.load(Ordering::Acquire);
        let mut known = self.known();
        if let Some((of, log)) = known.as_ref()
            && of.is_same(file)
            && log.rescues == rescues
            && log.is_log(found.as_ref())
        {
            return log.clone();
        }
        let log = Log {
            file: found,
            rescues,
            open: Arc::default(),
        };
        *known = Some((file.clone(), log.clone()));
        log
    }

    /// Whether a connection was opened after the last log was lost.
    pub(super) fn is_current(&self, log: &Log) -> bool {
        log.rescues == self.0.rescues.load(Ordering::Acquire)
    }

    /// Brings all that is in a lost log into its file, by a connection that writes it. From then on all connections of
    /// before are [out of date](Self::is_current).
    ///
    /// # Errors
    /// [`StoreError`] where that could not be done whole: then nothing may be written.
    pub(super) fn rescue(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let done: Checkpoint =
            sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection)?;
        if done.busy != 0 {
            let reading = "the log of the database is gone, and somebody still reads from it";
            return Err(StoreError::Busy(reading.to_owned()));
        }
        *self.known() = None;
        self.0.rescues.fetch_add(1, Ordering::AcqRel);
        tracing::warn!("somebody took the database's log away; what was in it is in the database");
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<(FileId, Log)>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Whether its name is another's, or nobody's.
    pub(super) fn is_lost(&self) -> bool {
        self.file.as_ref().is_some_and(FileId::has_moved)
    }

    fn is_log(&self, found: Option<&FileId>) -> bool {
        match (&self.file, found) {
            (Some(own), Some(found)) => own.is_same(found),
            (None, None) => true,
            _ => false,
        }
    }
}
