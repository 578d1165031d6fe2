//! What a peer may hold: how long it may leave an answer untaken, how far ahead it may send, how many there are.
//!
//! Actix reads whatever comes, up to 128 KiB a connection, makes requests of all of it before it asks how many there
//! are (some kilobytes each), and waits without end for a peer that takes no answer. So two layers stand between it
//! and the socket. May use tokio's input and output and actix-http's types.
//!
//! | layer | where | what |
//! |---|---|---|
//! | [`Watched`] | around the socket, below TLS | a write that the peer takes nothing of for a while ends the connection |
//! | [`Paced`] | above TLS, below HTTP | the next request is read once the last one is answered; a head is whole in time |
//! | [`answering`] | between HTTP and the service | says when a request begins and ends, and what body it has |

mod heads;
mod pace;
mod paced;
mod watched;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{config_values, descriptors};
use crate::time::Lifetime;

pub(super) use pace::{Answer, answering};
pub(super) use paced::Paced;
pub(super) use watched::Watched;

/// How long a head may take from its first byte to its last, the first of a connection from its beginning.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(5);

/// `[connections]`: what peers may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionsConfig {
    /// The most that one worker serves at a time; more wait in the system's queue until one ends. Default: 4 096, or
    /// less where this process may open too few.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "config_values::some_or_default"
    )]
    pub most: Option<usize>,
    /// How long a peer may take nothing of an answer that waits for it; then its connection is ended. Default `"20s"`.
    #[serde(deserialize_with = "config_values::span")]
    pub untaken: Lifetime,
}

impl Default for ConnectionsConfig {
    fn default() -> Self {
        Self {
            most: None,
            untaken: Lifetime::from_seconds(20),
        }
    }
}

impl ConnectionsConfig {
    /// The most that one of `workers` serves at a time, at least one.
    pub(super) fn most(&self, workers: usize) -> usize {
        self.most
            .unwrap_or_else(|| descriptors::connections(workers))
            .max(1)
    }
}
