//! What can go wrong between a service and its database.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failure of the store, never an answer to a request: it rolls the transaction back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Every connection is in use, or another process holds the database, for longer than the
    /// time-out. Worth another try.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached, read or written at the moment.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A statement failed.
    #[error("a query failed: {0}")]
    Query(#[source] DieselError),
    /// A row holds what this program cannot have written.
    #[error("corrupt data in {what}: {detail}")]
    Corrupt {
        /// Table and column, as `clients.scope`.
        what: &'static str,
        /// What was found, without secrets.
        detail: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {0}")]
    Migration(String),
    /// The database was written by a newer program. It is left alone.
    #[error(
        "the database was written by a newer version of this program (unknown migration {version}); use that version, another database, or a fresh one"
    )]
    Newer {
        /// The first migration that this program does not know.
        version: String,
    },
}

impl StoreError {
    /// A value in `what` (`table.column`) that cannot be read back.
    #[must_use]
    pub fn corrupt(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Corrupt {
            what,
            detail: detail.to_string(),
        }
    }

    /// Whether the same request may succeed a little later (`temporarily_unavailable`, HTTP 503).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy(_) | Self::Unavailable(_) => true,
            Self::Query(_) | Self::Corrupt { .. } | Self::Migration(_) | Self::Newer { .. } => {
                false
            }
        }
    }

    /// The same failure for another who met it: who shared a transaction shares its end.
    pub(super) fn for_another(&self) -> Self {
        match self {
            Self::Busy(reason) => Self::Busy(reason.clone()),
            Self::Unavailable(reason) => Self::Unavailable(reason.clone()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, information) = &error else {
            return Self::Query(error);
        };
        let message = information.message();
        match kind {
            DatabaseErrorKind::SerializationFailure => Self::Busy(message.to_owned()),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Self::Unavailable(message.to_owned())
            }
            // SQLite's codes arrive as text only; PostgreSQL's deadlock has no kind of its own.
            _ if message.contains("database is locked")
                || message.contains("database table is locked")
                || message.contains("deadlock detected") =>
            {
                Self::Busy(message.to_owned())
            }
            _ if message.contains("database or disk is full")
                || message.contains("disk I/O error")
                || message.contains("readonly database")
                || message.contains("unable to open database file") =>
            {
                Self::Unavailable(message.to_owned())
            }
            _ => Self::Query(error),
        }
    }
}

/// What an error means for the transaction in which it arose: **refusals commit, failures roll
/// back**. A replayed code is answered with `invalid_grant`, and the tokens that it gave stay
/// revoked; a full disk undoes everything.
pub trait Outcome: From<StoreError> {
    /// Whether this error answers the request (commit) or reports a failure (roll back).
    fn is_refusal(&self) -> bool;
}

impl Outcome for StoreError {
    fn is_refusal(&self) -> bool {
        false
    }
}
