//! Where exchanges go: a bounded channel that never blocks and counts what it drops.
//!
//! May use tokio's channel. In one process the client app reads the [`Feed`] directly; otherwise
//! [`super::forward`] sends it over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use crate::flow::Exchange;

/// The sending end, cheap to clone. [`Reporter::off`] records nothing.
#[derive(Clone, Debug)]
pub struct Reporter(Option<Sender>);

#[derive(Clone, Debug)]
struct Sender {
    queue: mpsc::Sender<Box<Exchange>>,
    dropped: Arc<AtomicU64>,
}

/// The receiving end.
#[derive(Debug)]
pub struct Feed {
    queue: mpsc::Receiver<Box<Exchange>>,
    dropped: Arc<AtomicU64>,
}

impl Reporter {
    /// A reporter that records nothing.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// A reporter whose feed holds at most `capacity` exchanges (at least 1).
    #[must_use]
    pub fn bounded(capacity: usize) -> (Self, Feed) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let dropped = Arc::new(AtomicU64::new(0));
        (
            Self(Some(Sender {
                queue: sender,
                dropped: Arc::clone(&dropped),
            })),
            Feed {
                queue: receiver,
                dropped,
            },
        )
    }

    /// Whether anything is recorded.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Hands over an exchange; where the feed is full or gone it is dropped and counted.
    pub fn report(&self, exchange: Exchange) {
        if let Some(sender) = &self.0
            && sender.queue.try_send(Box::new(exchange)).is_err()
        {
            sender.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Feed {
    /// The next exchange; `None` once every reporter is gone.
    pub async fn next(&mut self) -> Option<Box<Exchange>> {
        self.queue.recv().await
    }

    /// Another exchange if one waits already.
    pub fn try_next(&mut self) -> Option<Box<Exchange>> {
        self.queue.try_recv().ok()
    }

    /// How many exchanges were dropped since this was asked last.
    #[must_use]
    pub fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }

    /// Counts `count` exchanges as dropped after all (a batch that could not be delivered).
    pub fn count_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }
}
