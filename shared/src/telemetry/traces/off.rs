//! What stands in place of traces in a program that was built without them: the same words, and nothing behind them.

#![expect(
    clippy::unused_self,
    clippy::unused_async,
    reason = "the same words as with the feature `otel`"
)]

use actix_web::http::header::HeaderMap;

use super::{Answered, TracesConfig, TracesError};
use crate::flow::{ExchangeId, Party};
use crate::replica::ReplicaName;

/// No traces of any service.
#[derive(Clone, Debug, Default)]
pub struct Tracers(());

impl Tracers {
    /// No traces; where some are configured, the log says that there are none.
    ///
    /// # Errors
    /// None.
    pub fn configured(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, TracesError> {
        if TracesConfig::of(variables).is_ok_and(|config| config.endpoint.is_some()) {
            tracing::warn!(
                "no spans are exported: this program was built without the feature `otel`"
            );
        }
        Ok(Self(()))
    }

    /// No traces.
    ///
    /// # Errors
    /// None.
    pub fn open(_: TracesConfig) -> Result<Self, TracesError> {
        Ok(Self(()))
    }

    /// No traces.
    #[must_use]
    pub const fn of(&self, _: &Party, _: Option<&ReplicaName>) -> Traces {
        Traces(())
    }

    /// There is nothing to wait for.
    pub async fn flush(&self) {}
}

/// No traces of one service.
#[derive(Clone, Debug, Default)]
pub struct Traces(());

impl Traces {
    pub(crate) const fn request(&self, _: &HeaderMap) -> RequestSpan {
        RequestSpan
    }

    pub(crate) const fn call(&self, _: &str, _: &Party, _: &ExchangeId) -> CallSpan {
        CallSpan
    }
}

/// No span.
#[derive(Debug)]
pub(crate) struct RequestSpan;

impl RequestSpan {
    pub(crate) async fn around<F: Future>(&self, answer: F) -> F::Output {
        answer.await
    }

    pub(crate) const fn trace_id(&self) -> Option<String> {
        None
    }

    pub(crate) const fn end(self, _: Answered<'_>) {}
}

/// No span.
#[derive(Debug)]
pub(crate) struct CallSpan;

impl CallSpan {
    pub(crate) const fn announce(&self, _: &mut reqwest::header::HeaderMap) {}

    pub(crate) const fn end(self, _: Option<u16>) {}
}
