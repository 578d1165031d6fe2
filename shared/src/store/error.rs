//! What can go wrong between a service and its database.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

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
                match Fault::of(kind, information.as_ref()) {
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
/// 55P03, 57014). What is not here is the database's fault all the same, unless it is [ours](OURS): a server that speaks
/// another language says all of this in other words.
const FAULTS: [(&str, Fault); 9] = [
    ("database is locked", Fault::Busy),
    ("database table is locked", Fault::Busy),
    ("locking protocol", Fault::Busy),
    ("deadlock detected", Fault::Busy),
    // A time-out, a standby that catches up, or an operator who had enough.
    ("canceling statement", Fault::Busy),
    // The file was cut or overwritten: whoever mends it need not restart us.
    ("file is not a database", Fault::Unavailable),
    // Somebody put an empty database in the place of ours, or took rights away.
    ("no such table", Fault::Unavailable),
    ("relation \"", Fault::Unavailable),
    ("permission denied", Fault::Unavailable),
];

/// What a database says of a statement or a value that it cannot take: no other moment helps. PostgreSQL says of most
/// where in the statement it is.
const OURS: [&str; 17] = [
    "syntax error",
    "no such column",
    "no such function",
    "has no column named",
    "ambiguous column",
    "wrong number of arguments",
    "misuse",
    "datatype mismatch",
    "constraint failed",
    "string or blob too big",
    "too many SQL variables",
    "integer overflow",
    "out of range",
    "invalid byte sequence",
    "invalid input",
    "value too long",
    "current transaction is aborted",
];

impl Fault {
    fn of(kind: DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Option<Self> {
        let message = information.message();
        match kind {
            DatabaseErrorKind::SerializationFailure => Some(Self::Busy),
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction => Some(Self::Unavailable),
            // What breaks a constraint quotes names and values of ours.
            DatabaseErrorKind::Unknown => {
                let told = FAULTS.iter().find(|(text, _)| message.contains(text));
                let ours = information.statement_position().is_some()
                    || OURS.iter().any(|text| message.contains(text));
                told.map(|(_, fault)| *fault)
                    .or((!ours).then_some(Self::Unavailable))
            }
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
            "canceling statement due to user request",
        ] {
            assert!(matches!(told(unknown(), message), StoreError::Busy(_)));
        }
        for message in [
            "database or disk is full",
            "could not extend file \"base/5/1\": No space left on device",
            "attempt to write a readonly database",
            "relation \"codes\" does not exist",
            "terminating connection due to administrator command",
            "disk I/O error",
            "database disk image is malformed",
            "out of shared memory",
            "permission denied for table codes",
            "由于管理员命令中断联接",
            "la base de données est en cours d'arrêt",
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
        for message in [
            "near \"SELCT\": syntax error",
            "no such column: codes.x",
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        ] {
            assert!(!told(unknown(), message).is_transient(), "{message}");
        }
    }
}
