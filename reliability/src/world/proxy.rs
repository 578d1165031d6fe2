//! A wire between two services that counts the requests which pass it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fault::Ran;

/// How much is carried at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// How often each path was asked for.
type Counts = Arc<Mutex<BTreeMap<String, usize>>>;

/// The wire; it is cut when the rig's runtime ends.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: String,
    counts: Counts,
}

impl Proxy {
    /// A wire to `upstream` (`127.0.0.1:9000`).
    pub(crate) async fn to(upstream: &str) -> Ran<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self {
            address: listener.local_addr()?.to_string(),
            counts: Counts::default(),
        };
        let (upstream, counts) = (upstream.to_owned(), Arc::clone(&proxy.counts));
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let (upstream, counts) = (upstream.clone(), Arc::clone(&counts));
                tokio::spawn(async move {
                    // Where the server is away the connection just ends, as it would without a wire.
                    if let Ok(server) = TcpStream::connect(&upstream).await {
                        carry(caller, server, counts).await;
                    }
                });
            }
        });
        Ok(proxy)
    }

    /// How often paths that begin so were asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let of = counts.iter().filter(|(known, _)| known.starts_with(path));
        of.map(|(_, count)| *count).sum()
    }
}

/// Carries both ways until one of them ends.
async fn carry(caller: TcpStream, server: TcpStream, counts: Counts) {
    let (mut from_caller, mut to_caller) = caller.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::io::copy(&mut from_server, &mut to_caller);
    let there = async {
        let mut bytes = Vec::with_capacity(CHUNK);
        while from_caller
            .read_buf(&mut bytes)
            .await
            .is_ok_and(|read| read > 0)
        {
            note(&bytes, &counts);
            if to_server.write_all(&bytes).await.is_err() {
                break;
            }
            bytes.clear();
        }
    };
    tokio::select! {
        _ = back => {}
        () = there => {}
    }
}

/// A request's head comes in one piece: our services send short ones.
fn note(bytes: &[u8], counts: &Counts) {
    let text = String::from_utf8_lossy(bytes);
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    if let (Some("GET" | "POST"), Some(target)) = (words.next(), words.next()) {
        let path = target.split('?').next().unwrap_or_default().to_owned();
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(path).or_default() += 1;
    }
}
