//! An answer of the API, and what it must be.

use serde_json::Value;
use shared::flow::Outcome;
use shared::oauth::Challenge;
use shared::observe::HttpResponse;

use super::World;

/// An answer, and the world that it came from.
pub(crate) struct Answer<'w> {
    response: HttpResponse,
    world: &'w World,
}

impl<'w> Answer<'w> {
    pub(super) fn new(response: HttpResponse, world: &'w World) -> Self {
        Self { response, world }
    }

    /// The status code.
    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.response.header(name).unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        self.response.text()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        self.response
            .json()
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A parameter of the challenge.
    pub(crate) fn challenge(&self, name: &str) -> Option<String> {
        Challenge::read(self.header("www-authenticate"))
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Asserts success.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status(), 200, "{}", self.text());
        self
    }

    /// The ids of the checks that failed.
    pub(crate) async fn failed_checks(&self) -> Vec<String> {
        let exchange = self.world.exchange(self.header("exchange-id")).await;
        let failed = exchange.checks.into_iter();
        failed
            .filter(|check| check.outcome == Outcome::Failed)
            .map(|check| check.id)
            .collect()
    }

    /// Asserts a refusal: status, error code in header and body, `no-store`, and the one failed check.
    pub(crate) async fn is_refused(&self, status: u16, error: &str, check: &str) {
        assert_eq!(self.status(), status, "{}", self.text());
        assert_eq!(self.challenge("error").as_deref(), Some(error));
        assert_eq!(self.json()["error"], error);
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.failed_checks().await, [check]);
    }
}
