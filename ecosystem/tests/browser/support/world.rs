//! An ecosystem of a test's own: free ports, in memory, in this process.

use ecosystem::Ecosystem;
use serde_json::Value;
use shared::time::Lifetime;

use super::browser::{Browser, Habits};

/// Three services, and browsers that visit them.
pub(crate) struct World {
    pub(crate) ecosystem: Ecosystem,
}

impl World {
    /// Starts the services.
    pub(crate) async fn start() -> Self {
        let started = Ecosystem::start().await;
        let ecosystem = started.unwrap_or_else(|error| panic!("{error}"));
        Self { ecosystem }
    }

    /// A browser that has never been here.
    pub(crate) async fn browser(&self) -> Browser {
        Browser::new(self.ecosystem.addresses()).await
    }

    /// A browser with habits.
    pub(crate) async fn browser_with(&self, habits: Habits) -> Browser {
        Browser::with(self.ecosystem.addresses(), habits).await
    }

    /// A URL of the client app.
    pub(crate) fn app(&self, path: &str) -> String {
        format!("{}{path}", self.ecosystem.client_app())
    }

    /// A URL of the auth server.
    pub(crate) fn auth(&self, path: &str) -> String {
        format!("{}{path}", self.ecosystem.auth_server())
    }

    /// A URL of the API.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}{path}", self.ecosystem.resource_server())
    }

    /// Lets time pass for all three services.
    pub(crate) fn minutes_pass(&self, minutes: u32) {
        let clock = self.ecosystem.clock();
        clock.advance(Lifetime::from_minutes(minutes));
    }

    /// The newest flow of the record, as `GET /api/flows/{id}` gives it.
    pub(crate) async fn newest_flow(&self) -> Value {
        let realm = self.ecosystem.default_realm();
        let flows = realm.flows().await.expect("the record's flows");
        let id = flows.first().and_then(|flow| flow["id"].as_str());
        let id = id.expect("a flow");
        realm.flow(id).await.expect("that flow")
    }
}
