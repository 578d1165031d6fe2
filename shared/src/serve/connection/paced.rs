//! A stream that hands on one request at a time. Uses tokio's input and output and the connection's [`Pace`].
//!
//! | while | is handed on |
//! |---|---|
//! | nothing is being answered | the next head, up to its end; then nothing until the HTTP server looked at it |
//! | a request is being answered | its body, and nothing of the next request |
//! | an answer waits for its peer | its body, and nothing of the next request |
//!
//! Meanwhile at most [`AHEAD`] bytes are read and kept, so that a peer that leaves is noticed. A piece of a chunked
//! body ends with the end of [`IN_A_PIECE`] heads, were they heads: so many may come with its end.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::HEAD_TIME;
use super::heads::Heads;
use super::pace::{Leave, Pace};

/// The most bytes that are kept, and that are handed on at once.
const AHEAD: usize = 4096;

/// What is read at once where a head is expected, in bytes: its room is cleared each time.
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
    /// Reads what there is, as far as it may be kept. `buffer` lends its room and stays as full as it is.
    fn look_ahead(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> io::Result<()> {
        while !self.ended && self.ahead.len() < AHEAD {
            let room = buffer.remaining().min(AHEAD - self.ahead.len()).min(PIECE);
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
            match Pin::new(&mut self.stream).poll_read(context, &mut part) {
                Poll::Pending => break,
                Poll::Ready(Err(error)) if self.ahead.is_empty() => return Err(error),
                Poll::Ready(Err(_)) => self.ended = true,
                Poll::Ready(Ok(())) if part.filled().is_empty() => self.ended = true,
                Poll::Ready(Ok(())) => self.ahead.extend_from_slice(part.filled()),
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
        if !self.step && self.is_empty_handed() {
            return self.read_new_head(context, buffer);
        }
        self.look_ahead(context, buffer)?;
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
        let room = buffer.remaining().min(HEAD);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        match Pin::new(&mut self.stream).poll_read(context, &mut part) {
            Poll::Pending => return self.wait_for_head(context),
            Poll::Ready(read) => read?,
        }
        let bytes = part.filled();
        self.ended = bytes.is_empty();
        let (length, whole) = self.heads.cut(bytes, 1);
        let rest = bytes.get(length..).unwrap_or_default();
        self.ahead.extend_from_slice(rest);
        buffer.advance(length);
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
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
            let length = part.filled().len();
            buffer.advance(length);
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
        self.look_ahead(context, buffer)?;
        if self.is_empty_handed() {
            return Poll::Pending;
        }
        let (given, _) = self.hand_on(buffer, IN_A_PIECE);
        self.pace.given(given);
        Poll::Ready(Ok(()))
    }

    /// Keeps what comes; a peer that left is told of at once.
    fn hold(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.deadline = None;
        self.look_ahead(context, buffer)?;
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
            Leave::Nothing => self.hold(context, buffer),
        };
        // Where nothing is kept, the stream itself wakes its reader.
        if read.is_pending() && !self.ahead.is_empty() {
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
mod tests {
    use std::future::poll_fn;

    use super::*;
    use crate::serve::connection::pace::tests::{chunked, nothing, sized};

    type Peer = tokio::io::DuplexStream;

    fn connected() -> (Peer, Paced<Peer>) {
        let (peer, stream) = tokio::io::duplex(64 * 1024);
        (peer, Paced::new(stream))
    }

    fn send(peer: &mut Peer, bytes: &[u8]) {
        let waker = std::task::Waker::noop();
        let sent = Pin::new(peer).poll_write(&mut Context::from_waker(waker), bytes);
        assert!(matches!(sent, Poll::Ready(Ok(length)) if length == bytes.len()));
    }

    /// All that one look of the HTTP server reads, and whether the stream ended: it reads until there is no more.
    async fn look(stream: &mut Paced<Peer>) -> (String, bool) {
        let mut read = Vec::new();
        let ended = poll_fn(|context| {
            loop {
                let mut room = [0; 8192];
                let mut buffer = ReadBuf::new(&mut room);
                match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                    Poll::Pending => return Poll::Ready(false),
                    Poll::Ready(result) => result.unwrap(),
                }
                if buffer.filled().is_empty() {
                    return Poll::Ready(true);
                }
                read.extend_from_slice(buffer.filled());
            }
        });
        let ended = ended.await;
        (String::from_utf8(read).unwrap(), ended)
    }

    fn some(text: &str) -> (String, bool) {
        (text.to_owned(), false)
    }

    #[tokio::test]
    async fn one_head_at_a_time_and_none_while_one_is_answered() {
        let (mut peer, mut stream) = connected();
        send(&mut peer, b"GET /1\r\n\r\nGET /2\r\n\r\nGET /");
        assert_eq!(look(&mut stream).await, some("GET /1\r\n\r\n"));
        let turn = nothing(&stream.pace());
        assert_eq!(look(&mut stream).await, some(""));
        drop(turn);
        assert_eq!(look(&mut stream).await, some("GET /2\r\n\r\n"));
        let turn = nothing(&stream.pace());
        assert_eq!(look(&mut stream).await, some(""));
        drop(turn);
        assert_eq!(look(&mut stream).await, some("GET /"));
        send(&mut peer, b"3\r\n\r\n");
        assert_eq!(look(&mut stream).await, some("3\r\n\r\n"));
    }

    #[tokio::test]
    async fn the_end_of_an_answer_wakes_the_reader() {
        let (mut peer, mut stream) = connected();
        send(&mut peer, b"a\n\nb\n\n");
        let pace = stream.pace();
        assert_eq!(look(&mut stream).await, some("a\n\n"));
        let turn = nothing(&pace);
        let reading = tokio::task::LocalSet::new();
        reading.spawn_local(async move {
            tokio::task::yield_now().await;
            drop(turn);
        });
        let next = async {
            let mut room = [0; 64];
            let mut buffer = ReadBuf::new(&mut room);
            poll_fn(|context| Pin::new(&mut stream).poll_read(context, &mut buffer))
                .await
                .unwrap();
            buffer.filled().to_vec()
        };
        let within = Duration::from_secs(5);
        let next = reading.run_until(tokio::time::timeout(within, next));
        assert_eq!(next.await.unwrap(), b"b\n\n");
    }

    #[tokio::test]
    async fn a_sized_body_is_read_whole_and_no_further() {
        let (mut peer, mut stream) = connected();
        let body = "\r\n\r\n".repeat(5000);
        send(&mut peer, format!("POST\n\n{body}GET\n\n").as_bytes());
        assert_eq!(look(&mut stream).await, some("POST\n\n"));
        let turn = sized(&stream.pace(), 20_000);
        assert_eq!(look(&mut stream).await, some(&body));
        drop(turn);
        assert_eq!(look(&mut stream).await, some("GET\n\n"));
    }

    #[tokio::test]
    async fn a_chunked_body_is_read_as_it_is_asked_for() {
        let (mut peer, mut stream) = connected();
        send(
            &mut peer,
            format!("P\n\n1\r\na\r\n0\r\n\r\n{}", "G\n\n".repeat(50)).as_bytes(),
        );
        assert_eq!(look(&mut stream).await, some("P\n\n"));
        let (turn, ask) = chunked(&stream.pace());
        assert_eq!(look(&mut stream).await, some(""));
        ask();
        let (piece, _) = look(&mut stream).await;
        assert_eq!(piece, format!("1\r\na\r\n0\r\n\r\n{}", "G\n\n".repeat(15)));
        assert_eq!(look(&mut stream).await, some(""));
        drop(turn);
        assert_eq!(look(&mut stream).await, some("G\n\n"));
    }

    #[tokio::test]
    async fn a_peer_that_leaves_is_noticed_while_it_is_answered() {
        let (mut peer, mut stream) = connected();
        send(&mut peer, b"a\n\nb\n\n");
        assert_eq!(look(&mut stream).await, some("a\n\n"));
        let _turn = nothing(&stream.pace());
        assert_eq!(look(&mut stream).await, some(""));
        drop(peer);
        assert_eq!(look(&mut stream).await, (String::new(), true));
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_ends_the_stream() {
        let (mut peer, mut stream) = connected();
        stream.head_time = Duration::from_millis(100);
        assert_eq!(look(&mut stream).await, some(""));
        sleep(stream.head_time * 2).await;
        send(&mut peer, b"GET /");
        assert_eq!(look(&mut stream).await, some("GET /"));
        sleep(stream.head_time * 2).await;
        assert_eq!(look(&mut stream).await, (String::new(), true));
    }

    #[tokio::test]
    async fn empty_lines_wait_for_a_head_no_longer_than_its_first_line_does() {
        let (mut peer, mut stream) = connected();
        stream.head_time = Duration::from_millis(100);
        send(&mut peer, b"a\n\n");
        assert_eq!(look(&mut stream).await, some("a\n\n"));
        assert_eq!(look(&mut stream).await, some(""));
        sleep(stream.head_time * 2).await;
        send(&mut peer, b"\r\n");
        assert_eq!(look(&mut stream).await, some("\r\n"));
        sleep(stream.head_time * 2).await;
        assert_eq!(look(&mut stream).await, (String::new(), true));
    }

    #[tokio::test]
    async fn nothing_is_read_on_while_an_answer_waits_for_its_peer() {
        let (mut peer, stream) = tokio::io::duplex(16);
        let mut stream = Paced::new(stream);
        let waker = std::task::Waker::noop();
        let context = &mut Context::from_waker(waker);
        let whole = Pin::new(&mut stream).poll_write(context, &[b'x'; 16]);
        assert!(whole.is_ready());
        assert!(Pin::new(&mut stream).poll_write(context, b"x").is_pending());
        send(&mut peer, b"a\n\n");
        assert_eq!(look(&mut stream).await, some(""));
        let mut room = [0; 64];
        let taken = Pin::new(&mut peer).poll_read(context, &mut ReadBuf::new(&mut room));
        assert!(taken.is_ready());
        assert!(Pin::new(&mut stream).poll_flush(context).is_ready());
        assert_eq!(look(&mut stream).await, some("a\n\n"));
    }
}
