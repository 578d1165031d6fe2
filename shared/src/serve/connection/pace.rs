//! Turn by turn: which request of a connection is being answered, and what may be read meanwhile.
//!
//! A connection's [`Pace`] is shared by its reader ([`super::Paced`]) and by the requests that come in on it: both
//! run on one thread. Whatever changes what may be read wakes the reader; more may be read than is needed, never less.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use actix_http::error::PayloadError;
use actix_http::{ConnectionType, HttpMessage, Payload, Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, apply_fn_factory};
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header;
use bytes::Bytes;
use futures_util::Stream;
use pin_project_lite::pin_project;

/// The body of the request that is being answered, as far as it was not read from the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// There is none, or it was read whole.
    None,
    /// So many bytes, at least one.
    Sized(u64),
    /// It ends where it says (RFC 9112 §7.1): read as the service asks for it.
    Chunked {
        /// The service waits for more.
        asked: bool,
    },
    /// It ends with the connection.
    Endless,
}

/// What may be read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// The next head.
    Head,
    /// So many bytes of a body.
    Body(u64),
    /// A piece of a body whose end is not known.
    Piece,
    /// Nothing that would be handed on.
    Nothing,
}

/// Who has the turn on a connection.
#[derive(Debug)]
pub(in crate::serve) struct Pace {
    /// Requests that are being answered: one at most, but for the moment in which the next one begins.
    turns: Cell<usize>,
    body: Cell<Body>,
    /// Bytes that were handed on with the last head, none of them the end of another.
    with_head: Cell<usize>,
    /// Some of them are the beginning of the next head, and the reader does not know yet.
    next_begun: Cell<bool>,
    /// The reader, where it holds something back.
    reader: RefCell<Option<Waker>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            turns: Cell::new(0),
            body: Cell::new(Body::None),
            with_head: Cell::new(0),
            next_begun: Cell::new(false),
            reader: RefCell::new(None),
        }
    }
}

impl Pace {
    /// What may be read now; `blocked` says that an answer waits for its peer.
    pub(super) fn leave(&self, blocked: bool) -> Leave {
        match self.body.get() {
            Body::Sized(left) => Leave::Body(left),
            Body::Endless => Leave::Body(u64::MAX),
            Body::Chunked { asked: true } => Leave::Piece,
            _ if blocked || self.turns.get() > 0 => Leave::Nothing,
            _ => Leave::Head,
        }
    }

    /// `bytes` of the body were handed on.
    pub(super) fn given(&self, bytes: usize) {
        let body = match self.body.get() {
            Body::Sized(left) => {
                match left.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX)) {
                    0 => Body::None,
                    left => Body::Sized(left),
                }
            }
            Body::Chunked { .. } => Body::Chunked { asked: false },
            other => other,
        };
        self.body.set(body);
    }

    /// `bytes` were handed on together with a head.
    pub(super) fn came_with_head(&self, bytes: usize) {
        self.with_head.set(bytes);
    }

    /// A request with this body begins; whether what came with its head is all of the body.
    fn begin(&self, body: Body) -> bool {
        self.turns.set(self.turns.get().saturating_add(1));
        self.body.set(body);
        let early = self.with_head.take();
        if early == 0 {
            return false;
        }
        self.given(early);
        let early = u64::try_from(early).unwrap_or(u64::MAX);
        let (whole, too_much) = match body {
            Body::None => (false, true),
            Body::Sized(length) => (early >= length, early > length),
            Body::Chunked { .. } | Body::Endless => (false, false),
        };
        self.next_begun.set(too_much);
        whole
    }

    /// Whether the next head has begun behind the last body.
    pub(super) fn next_head_has_begun(&self) -> bool {
        self.next_begun.get()
    }

    /// The same, told once.
    pub(super) fn take_begun_head(&self) -> bool {
        self.next_begun.take()
    }

    /// The reader holds something back: it is to be woken when it may read again.
    pub(super) fn remember(&self, reader: &Waker) {
        let mut known = self.reader.borrow_mut();
        if !known.as_ref().is_some_and(|known| known.will_wake(reader)) {
            *known = Some(reader.clone());
        }
    }

    /// Wakes the reader.
    pub(super) fn wake(&self) {
        let reader = self.reader.borrow_mut().take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The service waits for more of its body.
    fn ask(&self) {
        if let Body::Chunked { asked: false } = self.body.get() {
            self.body.set(Body::Chunked { asked: true });
            self.wake();
        }
    }
}

/// One request's turn: from when it is handed to the service until its answer was given out.
#[derive(Debug)]
pub(super) struct Turn {
    pace: Rc<Pace>,
    has_body: bool,
}

impl Turn {
    /// The turn of `request`; none where its connection has no pace.
    fn begin(request: &mut Request) -> Option<Self> {
        let pace = Rc::clone(request.conn_data::<Rc<Pace>>()?);
        let body = body_of(request);
        if asks_for_another_protocol(request) {
            let (payload, left) = (request.take_payload(), length_of(request).unwrap_or(0));
            *request.payload() = Payload::Stream {
                payload: Box::pin(Ended { payload, left }),
            };
            return Some(Self::of(pace, if left > 0 { body } else { Body::None }));
        }
        if matches!(body, Body::Chunked { .. }) {
            let unasked = request.take_payload();
            let pace = Rc::clone(&pace);
            *request.payload() = Payload::Stream {
                payload: Box::pin(Asked { unasked, pace }),
            };
        }
        Some(Self::of(pace, body))
    }

    /// Whether all of the body came with the head.
    pub(super) const fn has_body(&self) -> bool {
        self.has_body
    }

    fn of(pace: Rc<Pace>, body: Body) -> Self {
        let has_body = pace.begin(body);
        pace.wake();
        Self { pace, has_body }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.pace.turns.set(self.pace.turns.get().saturating_sub(1));
        // What is left of another body is still read, until the HTTP server closes the connection because of it.
        if let Body::Chunked { .. } = self.pace.body.get() {
            self.pace.body.set(Body::None);
        }
        self.pace.wake();
    }
}

/// As the HTTP server reads it: an ambiguous length does not come here.
fn body_of(request: &mut Request) -> Body {
    if matches!(request.payload(), Payload::None) {
        return Body::None;
    }
    let headers = request.headers();
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Body::Chunked { asked: false };
    }
    match length_of(request) {
        None => Body::Endless,
        Some(0) => Body::None,
        Some(length) => Body::Sized(length),
    }
}

/// The length that a request says its body has (RFC 9112 §6.2).
fn length_of(request: &Request) -> Option<u64> {
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.trim().parse().ok()
}

/// Whether a request asks to go on in another protocol (RFC 9110 §7.8). The HTTP server takes what follows such a head
/// for that protocol's and gives the body no end. None is spoken here: `Upgrade` is passed over, the body ends where it
/// says, and the connection with its answer, so that nothing can hide behind it.
fn asks_for_another_protocol(request: &mut Request) -> bool {
    let has_body = !matches!(request.payload(), Payload::None);
    let headers = request.headers();
    has_body
        && headers.contains_key(header::UPGRADE)
        && !headers.contains_key(header::TRANSFER_ENCODING)
}

/// A body that ends after so many bytes, whatever the HTTP server believes.
struct Ended {
    payload: Payload,
    left: u64,
}

impl Stream for Ended {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let next = ready!(Pin::new(&mut self.payload).poll_next(context));
        Poll::Ready(match next {
            Some(Ok(mut bytes)) => {
                bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
                let given = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.left = self.left.saturating_sub(given);
                Some(Ok(bytes))
            }
            None => Some(Err(PayloadError::Incomplete(None))),
            error => error,
        })
    }
}

/// A chunked body: whoever waits for it asks the reader for more.
struct Asked {
    unasked: Payload,
    pace: Rc<Pace>,
}

impl Stream for Asked {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.unasked).poll_next(context);
        if next.is_pending() {
            self.pace.ask();
        }
        next
    }
}

pin_project! {
    /// The body of an answer; its request's turn ends with it.
    #[derive(Debug)]
    pub(in crate::serve) struct Answer<B> {
        #[pin]
        body: B,
        turn: Option<Turn>,
    }
}

impl<B: MessageBody> MessageBody for Answer<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        self.project().body.poll_next(context)
    }
}

/// Lets the HTTP server take the body that lies behind the head it has just read. It looks at a request at once, then reads
/// on in what it has, and then looks again, without being woken: so the service finds its body there, waits for nothing, and
/// sets no alarm.
async fn until_body_is_read() {
    let mut looked = false;
    poll_fn(|_| {
        if std::mem::replace(&mut looked, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// `app`, whose requests take turns.
pub(in crate::serve) fn answering<S, B>(
    app: impl IntoServiceFactory<S, Request>,
) -> impl ServiceFactory<
    Request,
    Config = S::Config,
    Response = Response<Answer<B>>,
    Error = S::Error,
    InitError = S::InitError,
>
where
    S: ServiceFactory<Request>,
    S::Response: Into<Response<B>>,
{
    apply_fn_factory(app, |mut request: Request, app: &S::Service| {
        // By `Connection: Upgrade`, with a body or none, it ends the connection after the answer: the peer is told.
        let last = asks_for_another_protocol(&mut request) || request.head().upgrade();
        let turn = Turn::begin(&mut request);
        let answer = app.call(request);
        let has_body = turn.as_ref().is_some_and(Turn::has_body);
        async move {
            if has_body {
                until_body_is_read().await;
            }
            let mut answer: Response<B> = answer.await?.into();
            if last {
                answer.head_mut().set_connection_type(ConnectionType::Close);
            }
            Ok(answer.map_body(|_, body| Answer { body, turn }))
        }
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A request without a body.
    pub(in crate::serve::connection) fn nothing(pace: &Rc<Pace>) -> Turn {
        Turn::of(Rc::clone(pace), Body::None)
    }

    /// A request with a body of `length` bytes.
    pub(in crate::serve::connection) fn sized(pace: &Rc<Pace>, length: u64) -> Turn {
        Turn::of(Rc::clone(pace), Body::Sized(length))
    }

    /// A request with a chunked body, and the service asking for more of it.
    pub(in crate::serve::connection) fn chunked(pace: &Rc<Pace>) -> (Turn, impl Fn() + use<>) {
        let asking = Rc::clone(pace);
        let turn = Turn::of(Rc::clone(pace), Body::Chunked { asked: false });
        (turn, move || asking.ask())
    }

    #[test]
    fn heads_wait_for_the_answer_and_bodies_do_not() {
        let pace = Rc::new(Pace::default());
        assert_eq!(pace.leave(false), Leave::Head);
        assert_eq!(pace.leave(true), Leave::Nothing);
        let turn = Turn::of(Rc::clone(&pace), Body::Sized(3));
        assert_eq!(pace.leave(true), Leave::Body(3));
        pace.given(2);
        assert_eq!(pace.leave(false), Leave::Body(1));
        pace.given(1);
        assert_eq!(pace.leave(false), Leave::Nothing);
        drop(turn);
        assert_eq!(pace.leave(false), Leave::Head);
    }

    #[test]
    fn a_chunked_body_is_read_as_it_is_asked_for() {
        let pace = Rc::new(Pace::default());
        let turn = Turn::of(Rc::clone(&pace), Body::Chunked { asked: false });
        assert_eq!(pace.leave(false), Leave::Nothing);
        pace.ask();
        assert_eq!(pace.leave(true), Leave::Piece);
        pace.given(1);
        assert_eq!(pace.leave(false), Leave::Nothing);
        pace.ask();
        drop(turn);
        assert_eq!(pace.leave(false), Leave::Head);
    }

    #[test]
    fn the_next_turn_may_begin_before_the_last_one_is_forgotten() {
        let pace = Rc::new(Pace::default());
        let first = Turn::of(Rc::clone(&pace), Body::None);
        let second = Turn::of(Rc::clone(&pace), Body::Sized(7));
        drop(first);
        assert_eq!(pace.leave(false), Leave::Body(7));
        pace.given(7);
        assert_eq!(pace.leave(false), Leave::Nothing);
        drop(second);
        assert_eq!(pace.leave(false), Leave::Head);
    }
}
