//! What an operator sees of a running service: one log line a request, metrics, and traces.
//!
//! | room | what is in it |
//! |---|---|
//! | [`logs`] | where log lines go, and their shape |
//! | `lines` | many log lines in one write |
//! | [`request`] | the outermost middleware: the request's id, its line, its counts |
//! | [`metrics`] | what is counted, of every service |
//! | [`exposition`] | `GET /metrics`: who may read it, and in which format |
//! | [`traces`] | spans for an OpenTelemetry collector, with the feature `otel` |
//!
//! May use actix-web, tracing, prometheus-client and reqwest, and nothing of the protocol but the record's ids. Nothing here is
//! a process global but the log's subscriber, which only a program installs: many ecosystems live in one process.

pub mod exposition;
mod lines;
pub mod logs;
pub mod metrics;
pub mod request;
pub mod traces;

pub use exposition::{MetricsConfig, MetricsReaders};
pub use metrics::{Meters, Metrics};
pub use request::{REQUEST_ID_HEADER, RequestId, Requests};
pub use traces::{Tracers, TracesConfig, TracesError};
