//! Alter: a place at which a service's own requests can be changed on their way out, to learn what is said to that.
//!
//! May use nothing but the observed client's request. Where nothing alters, it costs one comparison.

use super::HttpRequest;
use crate::flow::ExchangeId;

/// Changes what a service is about to send: for requests that somebody breaks on purpose, to learn from.
pub trait Alter: std::fmt::Debug + Send + Sync {
    /// What is sent in place of `request`, which is made to answer the exchange `cause`.
    fn alter(&self, cause: &ExchangeId, request: HttpRequest) -> Altered;
}

/// What [`Alter`] makes of a request.
#[derive(Debug)]
pub enum Altered {
    /// It is sent.
    Send(HttpRequest),
    /// The first is sent, its answer dropped, and the second sent: the second's answer counts.
    SendBoth(HttpRequest, HttpRequest),
    /// Nothing is sent: the caller is told [`HttpError::HeldBack`].
    HoldBack,
}
