//! A stream that hands on one request at a time. Uses tokio's input and output and the connection's [`Pace`].
//!
//! | while | is handed on |
//! |---|---|
//! | nothing is being answered | the next head, up to its end, and what came with it if no head ends in that; then nothing until the HTTP server looked at it |
//! | a request is being answered | its body, and nothing of the next request |
//! | an answer waits for its peer | its body, and nothing of the next request |
//!
//! Meanwhile at most [`AHEAD`] bytes are read and kept, so that a peer that leaves is noticed. A piece of a chunked
//! body ends with the end of [`IN_A_PIECE`] heads, were they heads: so many may come with its end.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use memchr::memchr;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::HEAD_TIME;
use super::heads::Heads;
use super::pace::{Leave, Pace};

/// The most bytes that are kept, and that are handed on at once.
const AHEAD: usize = 4096;

/// What is read at once where a head is expected, in bytes.
const HEAD: usize = 2048;
/// The same where nothing is expected.
const PIECE: usize = 512;

/// The most heads that may be behind the end of a chunked body, as far as it was handed on.
const IN_A_PIECE: usize = 16;

/// The most bytes that are thrown away when the connection ends: were they left, the peer would lose the answer.
const THROWN_AWAY: usize = 128 * 1024;

/// A stream that hands on one request at a time.
#[derive(Debug)]
pub(in crate::serve) struct Paced<IO> {
    stream: IO,
    pace: Rc<Pace>,
    heads: Heads,
    /// What was read and may not be handed on yet.
    ahead: BytesMut,
    /// Nothing more will come.
    ended: bool,
    /// A head was handed on: once, nothing follows.
    step: bool,
    /// An answer waits for its peer.
    blocked: bool,
    /// How long a head may take.
    head_time: Duration,
    /// When the head for which something came must have ended.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<IO> Paced<IO> {
    /// Over `stream`.
    pub(in crate::serve) fn new(stream: IO) -> Self {
        Self {
            stream,
            pace: Rc::default(),
            heads: Heads::default(),
            ahead: BytesMut::new(),
            ended: false,
            step: false,
            blocked: false,
            head_time: HEAD_TIME,
            deadline: None,
        }
    }

    /// For the requests that come in on it.
    pub(in crate::serve) fn pace(&self) -> Rc<Pace> {
        Rc::clone(&self.pace)
    }

    fn is_empty_handed(&self) -> bool {
        self.ahead.is_empty() && !self.ended
    }
}

impl<IO: AsyncRead + Unpin> Paced<IO> {
    /// Reads what there is, as far as it may be kept.
    fn look_ahead(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        while !self.ended && self.ahead.len() < AHEAD {
            let most = PIECE.min(AHEAD - self.ahead.len());
            let ahead = &mut self.ahead;
            let keep = |bytes: &[u8]| ahead.extend_from_slice(bytes);
            match read_some(&mut self.stream, context, most, keep) {
                Poll::Pending => break,
                Poll::Ready(Err(error)) if self.ahead.is_empty() => return Err(error),
                Poll::Ready(read) => self.ended = read.is_err() || matches!(read, Ok(0)),
            }
        }
        Ok(())
    }

    /// Hands on what was kept, up to the end of the head number `most`; whether that is among it, and how much it is.
    fn hand_on(&mut self, buffer: &mut ReadBuf<'_>, most: usize) -> (usize, bool) {
        let room = self.ahead.len().min(buffer.remaining());
        let bytes = self.ahead.get(..room).unwrap_or_default();
        let (length, whole) = self.heads.cut(bytes, most);
        self.give(buffer, length);
        (length, whole)
    }

    fn give(&mut self, buffer: &mut ReadBuf<'_>, length: usize) {
        buffer.put_slice(self.ahead.get(..length).unwrap_or_default());
        self.ahead.advance(length);
        if self.ahead.is_empty() {
            // An idle connection keeps no memory for it.
            self.ahead = BytesMut::new();
        }
    }

    fn read_head(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.pace.take_begun_head() {
            self.heads.go_on();
        }
        if !self.step && self.is_empty_handed() {
            return self.read_new_head(context, buffer);
        }
        self.look_ahead(context)?;
        if std::mem::take(&mut self.step) {
            if !self.is_empty_handed() {
                context.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        if self.ahead.is_empty() {
            return if self.ended {
                Poll::Ready(Ok(()))
            } else {
                self.wait_for_head(context)
            };
        }
        self.pace.came_with_head(0);
        (_, self.step) = self.hand_on(buffer, 1);
        if self.step {
            self.deadline = None;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads where nothing was kept: a head, or a part of one, is handed on from where it was read, and what follows it
    /// is kept.
    fn read_new_head(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut whole = false;
        let (heads, ahead, pace) = (&mut self.heads, &mut self.ahead, &self.pace);
        let most = buffer.remaining().min(HEAD);
        let read = read_some(&mut self.stream, context, most, |bytes| {
            let (head, is_whole) = heads.cut(bytes, 1);
            let (head, rest) = bytes.split_at_checked(head).unwrap_or((bytes, &[]));
            buffer.put_slice(head);
            whole = is_whole;
            // Line ends alone, behind a body that was longer than it said, are no head: the rest is the next one's.
            let is_head = whole && head.iter().any(|byte| !b"\r\n".contains(byte));
            pace.came_with_head(0);
            if is_head && !rest.is_empty() && memchr(b'\n', rest).is_none() {
                // A form, most often: with it the HTTP server need not look twice.
                buffer.put_slice(rest);
                pace.came_with_head(rest.len());
            } else {
                ahead.extend_from_slice(rest);
            }
        });
        match read {
            Poll::Pending => return self.wait_for_head(context),
            Poll::Ready(length) => self.ended = length? == 0,
        }
        self.step = whole;
        if whole {
            self.deadline = None;
        }
        Poll::Ready(Ok(()))
    }

    /// The end of the stream, where a head does not end in time after the first byte that came for it.
    fn wait_for_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.heads.is_waited_for() {
            return Poll::Pending;
        }
        let head_time = self.head_time;
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep(head_time)));
        ready!(deadline.as_mut().poll(context));
        self.ended = true;
        Poll::Ready(Ok(()))
    }

    fn read_body(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        left: u64,
    ) -> Poll<io::Result<()>> {
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let most = most.min(AHEAD).min(buffer.remaining());
        let given = if !self.ahead.is_empty() {
            let length = most.min(self.ahead.len());
            self.give(buffer, length);
            length
        } else if self.ended {
            0
        } else {
            let hand_on = |bytes: &[u8]| buffer.put_slice(bytes);
            let length = ready!(read_some(&mut self.stream, context, most, hand_on))?;
            self.ended = length == 0;
            length
        };
        self.pace.given(given);
        Poll::Ready(Ok(()))
    }

    fn read_piece(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.look_ahead(context)?;
        if self.is_empty_handed() {
            return Poll::Pending;
        }
        let (given, _) = self.hand_on(buffer, IN_A_PIECE);
        self.pace.given(given);
        Poll::Ready(Ok(()))
    }

    /// Keeps what comes; a peer that left is told of at once.
    fn hold(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.deadline = None;
        self.look_ahead(context)?;
        if self.ended {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }

    /// Throws away what came and nobody will read, as far as it is there.
    fn throw_away(&mut self, context: &mut Context<'_>) {
        let mut bytes = [0; AHEAD];
        let mut thrown = 0;
        while !self.ended && thrown < THROWN_AWAY {
            let mut part = ReadBuf::new(&mut bytes);
            match Pin::new(&mut self.stream).poll_read(context, &mut part) {
                Poll::Pending => return,
                Poll::Ready(read) => self.ended = read.is_err() || part.filled().is_empty(),
            }
            thrown += part.filled().len();
        }
    }
}

/// Reads at most `most` bytes for `take`; how many they were.
fn read_some<IO: AsyncRead + Unpin>(
    stream: &mut IO,
    context: &mut Context<'_>,
    most: usize,
    take: impl FnOnce(&[u8]),
) -> Poll<io::Result<usize>> {
    // Room that need not be cleared first.
    let mut room = [MaybeUninit::<u8>::uninit(); AHEAD];
    let mut part = ReadBuf::uninit(room.get_mut(..most.min(AHEAD)).unwrap_or_default());
    ready!(Pin::new(stream).poll_read(context, &mut part))?;
    take(part.filled());
    Poll::Ready(Ok(part.filled().len()))
}

impl<IO: AsyncRead + Unpin> AsyncRead for Paced<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = match self.pace.leave(self.blocked) {
            Leave::Head => self.read_head(context, buffer),
            Leave::Body(left) => self.read_body(context, buffer, left),
            Leave::Piece => self.read_piece(context, buffer),
            Leave::Nothing => self.hold(context),
        };
        // Where nothing is kept, the stream itself wakes its reader.
        if read.is_pending() && (!self.ahead.is_empty() || self.pace.next_head_has_begun()) {
            self.pace.remember(context.waker());
        }
        read
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Paced<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.blocked |= written.is_pending();
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.blocked |= written.is_pending();
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// After it, all that was written is on its way: the next request may come.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        let was_blocked = std::mem::replace(&mut self.blocked, flushed.is_pending());
        if was_blocked && !self.blocked {
            self.pace.wake();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.throw_away(context);
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[path = "paced_tests.rs"]
mod tests;
