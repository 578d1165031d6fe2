//! Why the observed HTTP client got no usable answer.
//!
//! May use reqwest, to name what began an error.

use std::time::Duration;

use super::guard::Inadmissible;

/// Why a call gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be made (no TLS roots, for instance).
    #[error("the HTTP client could not be made: {0}")]
    Setup(#[source] reqwest::Error),
    /// The URL is not an absolute http(s) URL.
    #[error("{0:?} is not an absolute http URL")]
    Url(String),
    /// A header's name or value cannot travel.
    #[error("the header {0} cannot be sent")]
    Header(String),
    /// The peer could not be reached, or broke off.
    #[error("{peer} cannot be reached: {}", root_cause(source))]
    Unreachable {
        /// Who was called.
        peer: String,
        /// What went wrong.
        #[source]
        source: reqwest::Error,
    },
    /// The answer did not come in time.
    #[error("{peer} did not answer within {seconds} s")]
    TimedOut {
        /// Who was called.
        peer: String,
        /// How long was waited, in seconds; time at a breakpoint is not counted.
        seconds: u64,
    },
    /// The answer is larger than the client reads.
    #[error("the answer of {peer} is larger than {} KiB", limit / 1024)]
    TooLarge {
        /// Who was called.
        peer: String,
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// A guarded client may not call there.
    #[error(transparent)]
    Inadmissible(#[from] Inadmissible),
    /// [`Alter`] held the request back.
    #[error("the request was held back on purpose")]
    HeldBack,
}

/// The error of an answer that did not come within `limit`.
pub(super) fn timed_out(url: &str, limit: Duration) -> HttpError {
    HttpError::TimedOut {
        peer: url.split('?').next().unwrap_or(url).to_owned(),
        seconds: limit.as_secs(),
    }
}

/// What began it: `Connection refused`, rather than that a request failed.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
