//! Reading a body that may be too big or never end.
//!
//! Actix limits the size where its own extractors read, answers in plain text, and never cuts a
//! body that stalls. Here the caller gets a typed error and answers in its own form.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
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
        // Most bodies are one piece, which is not copied.
        let (mut first, mut all) = (Bytes::new(), BytesMut::new());
        while let Some(chunk) = payload.next().await {
            let chunk = chunk?;
            if chunk.len() > limit.saturating_sub(first.len().max(all.len())) {
                return Err(BodyError::TooLarge { limit });
            }
            if first.is_empty() {
                first = chunk;
                continue;
            }
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&chunk);
        }
        Ok(if all.is_empty() { first } else { all.freeze() })
    };
    match tokio::time::timeout(timeout, read).await {
        Ok(result) => result,
        Err(_elapsed) => Err(BodyError::TimedOut(timeout)),
    }
}

/// Closes the connection of a request whose chunked body was not read to its end, once it is answered. Actix would
/// read on for as long as anybody sends, without a limit and without a time-out. Wrap it last, so that it runs first.
///
/// # Errors
/// What the service answers.
pub async fn close_unread<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, Holding<B>>>, Error> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let unread = Rc::new(RefCell::new(request.take_payload()));
    request.set_payload(Payload::Stream {
        payload: Box::pin(Lent(Rc::clone(&unread))),
    });
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| {
        EitherBody::right(Holding {
            body: Box::pin(body),
            _unread: unread,
        })
    }))
}

/// A request's body that somebody else holds too.
struct Lent(Rc<RefCell<Payload>>);

impl Stream for Lent {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.try_borrow_mut() {
            Ok(mut payload) => Pin::new(&mut *payload).poll_next(context),
            Err(_) => Poll::Ready(None),
        }
    }
}

/// An answer that holds the body of its request until it was sent: what is held was not read, and so actix closes the
/// connection instead of reading on.
pub struct Holding<B> {
    body: Pin<Box<B>>,
    _unread: Rc<RefCell<Payload>>,
}

impl<B: MessageBody> MessageBody for Holding<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.as_ref().get_ref().size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        self.body.as_mut().poll_next(context)
    }
}

impl<B> std::fmt::Debug for Holding<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holding").finish_non_exhaustive()
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
