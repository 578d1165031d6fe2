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
        match error {
            DieselError::DatabaseError(kind, information) => {
                let message = information.message().to_owned();
                match Fault::of(kind, &message) {
                    Some(Fault::Busy) => Self::Busy(message),
                    Some(Fault::Unavailable) => Self::Unavailable(message),
                    None => Self::Query(DieselError::DatabaseError(kind, information)),
                }
            }
            // The first error is the reason; that it could not be rolled back follows from it.
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the connection was lost in a transaction".to_owned())
            }
            other => Self::Query(other),
        }
    }
}

/// What a database says when it is the database that fails, and not the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Busy,
    Unavailable,
}

/// Most codes arrive as text only: SQLite's all, and of PostgreSQL's those that diesel has no kind for (40P01,
/// 53100, 55P03, 57014, 57P01 to 57P03, 42P01).
const FAULTS: [(&str, Fault); 17] = [
    ("database is locked", Fault::Busy),
    ("database table is locked", Fault::Busy),
    ("locking protocol", Fault::Busy),
    ("deadlock detected", Fault::Busy),
    ("due to lock timeout", Fault::Busy),
    ("due to statement timeout", Fault::Busy),
    ("database or disk is full", Fault::Unavailable),
    ("No space left on device", Fault::Unavailable),
    ("disk I/O error", Fault::Unavailable),
    ("readonly database", Fault::Unavailable),
    ("unable to open database file", Fault::Unavailable),
    // The file was cut or overwritten: whoever mends it need not restart us.
    ("database disk image is malformed", Fault::Unavailable),
    ("file is not a database", Fault::Unavailable),
    // Somebody put an empty database in the place of ours.
    ("no such table", Fault::Unavailable),
    ("relation \"", Fault::Unavailable),
    ("terminating connection", Fault::Unavailable),
    ("the database system is", Fault::Unavailable),
];

impl Fault {
    fn of(kind: DatabaseErrorKind, message: &str) -> Option<Self> {
        match kind {
            DatabaseErrorKind::SerializationFailure => Some(Self::Busy),
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction => Some(Self::Unavailable),
            // What breaks a constraint quotes names and values of ours.
            DatabaseErrorKind::Unknown => FAULTS
                .iter()
                .find(|(text, _)| message.contains(text))
                .map(|(_, fault)| *fault),
            _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_databases_fault_may_be_tried_again() {
        let told = |kind, message: &str| {
            StoreError::from(DieselError::DatabaseError(
                kind,
                Box::new(message.to_owned()),
            ))
        };
        let unknown = || DatabaseErrorKind::Unknown;
        for message in [
            "database is locked",
            "canceling statement due to lock timeout",
        ] {
            assert!(matches!(told(unknown(), message), StoreError::Busy(_)));
        }
        for message in [
            "database or disk is full",
            "could not extend file \"base/5/1\": No space left on device",
            "attempt to write a readonly database",
            "relation \"codes\" does not exist",
            "terminating connection due to administrator command",
        ] {
            let error = told(unknown(), message);
            assert!(matches!(error, StoreError::Unavailable(_)), "{message}");
        }
        let error = told(DatabaseErrorKind::ReadOnlyTransaction, "cannot execute");
        assert!(error.is_transient());
        let unique = told(DatabaseErrorKind::UniqueViolation, "database is locked");
        assert!(
            matches!(unique, StoreError::Query(_)),
            "its text is a value"
        );
        assert!(!told(unknown(), "syntax error").is_transient());
    }
}
