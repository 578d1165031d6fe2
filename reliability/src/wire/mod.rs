//! HTTP/1.1 as a client speaks it, byte by byte: rigs decide when a connection opens, when a request is sent and
//! when it is not.
//!
//! May use tokio's sockets. No redirects, no retries, no pool: a rig that wants one says so.

mod answer;
mod connection;
mod request;

pub(crate) use answer::Answer;
pub(crate) use connection::Connection;
pub(crate) use request::{Request, encode};
