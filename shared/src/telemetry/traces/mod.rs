//! Traces for OpenTelemetry: one span for each request that comes in and each call that goes out, exported by OTLP
//! (OpenTelemetry Protocol 1, HTTP with JSON). Built only with the feature `otel`; without it nothing here does
//! anything.
//!
//! | room | what is in it |
//! |---|---|
//! | [`config`] | the standard variables `OTEL_…` |
//! | `context` | `traceparent` (W3C Trace Context) |
//! | `span` | what a span says: an allow-list, by its type |
//! | `otlp` | spans as a collector takes them |
//! | `export` | the queue and who empties it |
//! | `off` | the same words, and nothing behind them |
//!
//! A call carries `traceparent`, and who is called goes on with the trace. It is believed for nothing but that: it
//! stands in no record and decides no answer. No request waits for an export or fails by it: spans wait in a bounded
//! queue, and where the collector is away they are dropped and counted. May use reqwest, serde and tokio.

pub mod config;
#[cfg(feature = "otel")]
mod context;
#[cfg(feature = "otel")]
mod export;
#[cfg(not(feature = "otel"))]
mod off;
#[cfg(feature = "otel")]
mod otlp;
#[cfg(feature = "otel")]
mod span;

pub use config::{InvalidTraces, TracesConfig};
#[cfg(feature = "otel")]
pub use export::Tracers;
#[cfg(not(feature = "otel"))]
pub use off::{Tracers, Traces};
#[cfg(feature = "otel")]
pub use span::Traces;

/// What a request's span is told when its answer begins: what may leave, and nothing else.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "otel"), expect(dead_code, reason = "nobody is told"))]
pub(crate) struct Answered<'a> {
    /// The method: one of HTTP's own.
    pub(crate) method: &'static str,
    /// The route's pattern, not the path.
    pub(crate) route: &'a str,
    /// The status.
    pub(crate) status: u16,
    /// The id of the request: of the exchange in the record.
    pub(crate) exchange: &'a str,
    /// The realm, where the route is observed.
    pub(crate) realm: Option<&'a str>,
    /// The id of the check that failed first.
    pub(crate) check: Option<&'a str>,
}

/// Why spans cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// A variable says what cannot be.
    #[error(transparent)]
    Invalid(#[from] InvalidTraces),
    /// The client cannot be made.
    #[error("the client of the OpenTelemetry collector cannot be made: {0}")]
    Client(#[source] reqwest::Error),
}
