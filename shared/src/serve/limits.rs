//! Reading a body that may be too big or never end.
//!
//! Actix limits the size where its own extractors read, answers in plain text, and never cuts a
//! body that stalls. Here the caller gets a typed error and answers in its own form.

use std::time::Duration;

use actix_web::error::PayloadError;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// More bytes than the limit (HTTP 413).
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// It did not end in time (HTTP 408).
    #[error("the body did not arrive within {0:?}")]
    TimedOut(Duration),
    /// The connection broke, or the framing is wrong (HTTP 400).
    #[error("the body could not be read: {0}")]
    Broken(#[from] PayloadError),
}

impl BodyError {
    /// The HTTP status that says it.
    #[must_use]
    pub fn status(&self) -> actix_web::http::StatusCode {
        use actix_web::http::StatusCode;
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a whole body: at most `limit` bytes, all of them within `timeout`.
///
/// # Errors
/// [`BodyError`]. The rest of the body is not read; close the connection after answering.
pub async fn read_body(
    payload: impl Stream<Item = Result<Bytes, PayloadError>>,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, BodyError> {
    let read = async {
        let mut payload = std::pin::pin!(payload);
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk?;
            if chunk.len() > limit.saturating_sub(body.len()) {
                return Err(BodyError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    match tokio::time::timeout(timeout, read).await {
        Ok(result) => result,
        Err(_elapsed) => Err(BodyError::TimedOut(timeout)),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    type Chunk = Result<Bytes, PayloadError>;

    fn chunks<const N: usize>(texts: [&'static str; N]) -> impl Stream<Item = Chunk> {
        stream::iter(texts.map(|text| Ok(Bytes::from_static(text.as_bytes()))))
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_read() {
        let body = chunks(["grant_", "type"]);
        assert_eq!(read_body(body, 10, SOON).await.unwrap(), "grant_type");
    }

    #[tokio::test]
    async fn one_byte_more_is_too_large() {
        let body = chunks(["grant_", "type="]);
        let error = read_body(body, 10, SOON).await.unwrap_err();
        assert!(matches!(error, BodyError::TooLarge { limit: 10 }));
    }

    #[tokio::test]
    async fn a_stalled_body_is_cut() {
        let body = chunks(["grant_"]).chain(stream::pending());
        let error = read_body(body, 10, SOON).await.unwrap_err();
        assert!(matches!(error, BodyError::TimedOut(_)));
    }
}
