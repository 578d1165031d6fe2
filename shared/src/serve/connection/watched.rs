//! A socket whose peer has to take what it is sent. Uses tokio's input and output, and socket2.
//!
//! It stands below TLS, where what a peer takes is seen: above, TLS keeps some of it and calls that written.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::net::{ActixStream, Ready, TcpStream};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How much of an answer the system keeps for a peer, in bytes (Linux takes twice as much, and its own expense counts):
/// it would keep 4 MiB. A writer goes on once a third is free again, so a peer has taken something where it took some
/// 80 KiB.
const KEPT_BY_THE_SYSTEM: usize = 128 * 1024;

/// A socket that fails where a write had to wait for its peer, and the peer took nothing for a while.
#[derive(Debug)]
pub(in crate::serve) struct Watched {
    socket: TcpStream,
    untaken: Duration,
    /// When it fails; none while nothing waits.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    /// Fails after `untaken` without progress.
    pub(in crate::serve) fn new(socket: TcpStream, untaken: Duration) -> Self {
        // Where the system does not let us, it keeps more.
        let _ = SockRef::from(&socket).set_send_buffer_size(KEPT_BY_THE_SYSTEM);
        Self {
            socket,
            untaken,
            deadline: None,
        }
    }

    /// Who is at the other end.
    pub(in crate::serve) fn peer_addr(&self) -> Option<SocketAddr> {
        self.socket.peer_addr().ok()
    }

    /// What came of a write, or that it waits for too long.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.deadline = None;
            return written;
        }
        let untaken = self.untaken;
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep(untaken)));
        if deadline.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        // What the system keeps for the peer goes, too: it would try to deliver it for minutes.
        let _ = self.socket.set_zero_linger();
        let reason = format!("the peer took nothing for {untaken:?}");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

impl ActixStream for Watched {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(&self.socket, context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(&self.socket, context)
    }
}
