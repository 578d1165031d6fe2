//! Several servers that are one service: they share a store, and answer at one address by turns.
//!
//! May use tokio's sockets. What stands before them knows no HTTP: each new connection goes to the next server, so
//! that nobody stays with one, and to the one after it where that server is away.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

/// How long is waited after a connection that could not be taken (no file descriptors are left, for instance).
const PAUSE: Duration = Duration::from_millis(50);

/// How many servers each service has. More than one need a store that they can share: a PostgreSQL database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// Auth servers, 1 or more.
    pub auth_server: usize,
    /// Resource servers, 1 or more.
    pub resource_server: usize,
}

impl Default for Replicas {
    fn default() -> Self {
        Self {
            auth_server: 1,
            resource_server: 1,
        }
    }
}

impl Replicas {
    /// Whether any service has more than one.
    pub(crate) const fn several(self) -> bool {
        self.auth_server > 1 || self.resource_server > 1
    }
}

/// What stands before the servers of one service: their public address.
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
    behind: Vec<SocketAddr>,
}

/// The listeners of a service's servers, and the door before them where there are several.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) door: Option<Door>,
}

impl Places {
    /// Places for `count` servers whose public address is that of `listener`.
    pub(crate) fn behind(listener: TcpListener, count: usize) -> io::Result<Self> {
        if count <= 1 {
            return Ok(Self {
                listeners: vec![listener],
                door: None,
            });
        }
        let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listeners = (0..count).map(bind).collect::<io::Result<Vec<_>>>()?;
        let behind = listeners.iter().map(TcpListener::local_addr);
        let behind = behind.collect::<io::Result<Vec<_>>>()?;
        Ok(Self {
            listeners,
            door: Some(Door { listener, behind }),
        })
    }

    /// Where each server is reached by itself.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let addresses = self.listeners.iter().map(TcpListener::local_addr);
        addresses.filter_map(Result::ok).collect()
    }
}

impl Door {
    /// Lets everybody in, for ever.
    pub(crate) async fn open(self) -> io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let behind: Arc<[SocketAddr]> = self.behind.into();
        let turn = AtomicUsize::new(0);
        loop {
            let Ok((mut guest, _)) = listener.accept().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let (behind, first) = (Arc::clone(&behind), turn.fetch_add(1, Ordering::Relaxed));
            tokio::spawn(async move {
                for after in 0..behind.len() {
                    let number = first.wrapping_add(after).checked_rem(behind.len());
                    let Some(address) = number.and_then(|number| behind.get(number)) else {
                        return;
                    };
                    if let Ok(mut server) = TcpStream::connect(address).await {
                        // Either side may hang up as it likes.
                        let _ = copy_bidirectional(&mut guest, &mut server).await;
                        return;
                    }
                }
            });
        }
    }
}
