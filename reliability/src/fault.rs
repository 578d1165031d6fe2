//! Why a rig could not be run at all: not what it found out, which is a row of the report.

use std::io;

use crate::wire::Answer;

/// A rig that could not be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The system refused something.
    #[error("{0}: {1}")]
    System(String, #[source] io::Error),
    /// A program did not start, or ended when it should not.
    #[error("{0}")]
    Program(String),
    /// A server answered what no server of ours answers.
    #[error("unexpected: {0}")]
    Unexpected(String),
    /// A server answered that it was too busy, or that its peer was too slow.
    #[error("busy: {0}")]
    Busy(String),
    /// The database refused.
    #[error("the database: {0}")]
    Database(#[from] diesel::result::Error),
    /// The database cannot be reached.
    #[error("the database: {0}")]
    Connection(#[from] diesel::ConnectionError),
    /// The seed cannot be made.
    #[error("the seed: {0}")]
    Seed(#[from] shared::seed::SeedError),
    /// A configuration cannot be written.
    #[error("a configuration: {0}")]
    Toml(#[from] toml::ser::Error),
    /// A task of the rig ended early.
    #[error("a task: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// No URL.
    #[error("{0}")]
    Url(#[from] url::ParseError),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::System("the system".to_owned(), error)
    }
}

impl Fault {
    /// An answer that should have been another.
    pub(crate) fn answered(answer: &Answer) -> Self {
        match answer.status {
            408 | 503 => Self::Busy(answer.shown()),
            _ => Self::Unexpected(answer.shown()),
        }
    }

    /// Whether a machine that is busy with something else may be why.
    pub(crate) const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

/// What a step of a rig gives.
pub(crate) type Ran<T> = Result<T, Fault>;

/// A [`Fault::System`] that says what was attempted.
pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Fault {
    let what = what.into();
    move |error| Fault::System(what, error)
}

/// A [`Fault::Unexpected`].
pub(crate) fn unexpected(what: impl Into<String>) -> Fault {
    Fault::Unexpected(what.into())
}
