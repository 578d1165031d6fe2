//! Why there is no figure. A run with errors is no result: the first one ends it.

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A server answered something else than it had to.
    #[error("unexpected answer to {0}")]
    Answer(String),
    /// An answer was no HTTP that is understood here.
    #[error("HTTP: {0}")]
    Http(&'static str),
    /// A server did not start, or not in time.
    #[error("{0} does not start: {1}")]
    Start(String, String),
    /// Something took longer than it may.
    #[error("{0} takes too long")]
    TooLong(String),
    /// The kernel did not tell what it was asked.
    #[error("/proc: {0}")]
    Kernel(&'static str),
    /// The store that is filled does not look as expected.
    #[error("the store: {0}")]
    Store(String),
    /// The document is not as it has to be.
    #[error("{0}")]
    Document(String),
    /// A bound was not kept.
    #[error("{0}")]
    Bound(String),
    /// The operating system's own.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// JSON that is none.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// In whose figure it happened.
    #[error("{0}: {1}")]
    In(String, Box<Failure>),
}

impl Failure {
    /// The same, told with where it happened.
    #[must_use]
    pub fn within(self, what: impl Into<String>) -> Self {
        Self::In(what.into(), Box::new(self))
    }
}
