//! An ecosystem of a test's own: free ports, in memory, in this process.

use std::net::TcpStream;
use std::time::Duration;

use ecosystem::Ecosystem;
use serde_json::Value;
use shared::page::Service;
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
        Self::of(started.unwrap_or_else(|error| panic!("{error}")))
    }

    /// Services that were started otherwise.
    pub(crate) const fn of(ecosystem: Ecosystem) -> Self {
        Self { ecosystem }
    }

    /// A browser that has never been here.
    pub(crate) async fn browser(&self) -> Browser {
        self.browser_with(Habits::default()).await
    }

    /// A browser with habits.
    pub(crate) async fn browser_with(&self, habits: Habits) -> Browser {
        let authority = self.ecosystem.authority();
        let certificate = authority.map(|authority| authority.certificate.as_str());
        Browser::trusting(self.ecosystem.addresses(), habits, certificate).await
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

    /// The same, by seconds.
    pub(crate) fn seconds_pass(&self, seconds: u32) {
        self.ecosystem
            .clock()
            .advance(Lifetime::from_seconds(seconds));
    }

    /// Stops the auth server; the others go on.
    pub(crate) async fn stop_auth_server(&self) {
        self.ecosystem.stop_one(Service::AuthServer);
        until_away(self.ecosystem.auth_server()).await;
    }

    /// Stops the resource server; the others go on.
    pub(crate) async fn stop_resource_server(&self) {
        self.ecosystem.stop_one(Service::ResourceServer);
        until_away(self.ecosystem.resource_server()).await;
    }

    /// The newest flow of the record, as `GET /api/flows/{id}` gives it.
    pub(crate) async fn newest_flow(&self) -> Value {
        let realm = self.ecosystem.default_realm();
        let flows = realm.flows().await.expect("the record's flows");
        let newest = flows.first().expect("a flow");
        let flow = realm.flow(&newest.id).await.expect("that flow");
        serde_json::to_value(flow).expect("JSON")
    }
}

/// Waits until nobody listens there any more.
async fn until_away(url: &str) {
    let address = url
        .trim_start_matches("http://")
        .replace("localhost", "127.0.0.1");
    for _ in 0..200 {
        if TcpStream::connect(&address).is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{url} is still there");
}
