//! How much may wait, how long, and what is said when that is too little.
//!
//! May use serde, and the bounds of values of a configuration.

use serde::{Deserialize, Serialize};

use crate::flow::Party;
use crate::serve::config_values;
use crate::time::Lifetime;

/// `[wiring.pause]`: how much may wait at breakpoints, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PauseLimits {
    /// The most requests of one realm that wait at once; more pass through and are counted. Default 16.
    pub per_realm: usize,
    /// The most requests of all realms together. Default 64.
    pub in_all: usize,
    /// How long a request waits before it goes on as it came. Default `"10m"`.
    #[serde(deserialize_with = "config_values::span")]
    pub longest: Lifetime,
    /// How long a page that holds a browser is believed to be open after it was heard last; in a tab that is not
    /// looked at eight times as long. Then its request goes on as it came. Default `"15s"`.
    #[serde(deserialize_with = "config_values::span")]
    pub page: Lifetime,
    /// The largest body of a request that is stopped, in bytes; a larger one passes through. Default 32 KiB,
    /// which is also what the record keeps of a body.
    pub body_bytes: usize,
}

impl Default for PauseLimits {
    fn default() -> Self {
        Self {
            per_realm: 16,
            in_all: 64,
            longest: Lifetime::from_minutes(10),
            page: Lifetime::from_seconds(15),
            body_bytes: 32 * 1024,
        }
    }
}

/// Why a breakpoint is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BreakpointError {
    /// No service mounts that route.
    #[error("{service} has no observed route {method} {path}")]
    NoRoute {
        /// The service.
        service: Party,
        /// The method.
        method: String,
        /// The path.
        path: String,
    },
    /// There are too many.
    #[error("there are too many breakpoints")]
    TooMany,
    /// It stops.
    #[error("the service stops")]
    Stopping,
}

/// As many wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many requests wait as may")]
pub struct Full;
