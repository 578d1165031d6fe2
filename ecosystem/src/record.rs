//! What was observed, read from the client app's API.
//!
//! May use the observed HTTP client, unobserved: watching is no part of a flow. Reports travel beside the
//! protocol and may arrive a moment after the answer, so everything here waits a little before it gives up.

use std::time::Duration;

use serde::de::DeserializeOwned;
use shared::flow::{ExchangeId, Party};
use shared::observe::{HttpClient, HttpError, HttpRequest, Reporter};
use shared::wiring::Wiring;
use tokio::runtime::Handle;

pub use client_app::compare::{self, Comparison};
pub use client_app::record::knowledge::danger::Exposure;
pub use client_app::record::knowledge::{Cell, How, Knower, Knowledge, KnownValue, Learned};
pub use client_app::record::view::{ExchangeBrief, ExchangeView, FlowList, FlowSummary, FlowView};

/// How often the record is asked for something that is not there yet.
const ATTEMPTS: u32 = 100;
/// How long to wait between two attempts: with [`ATTEMPTS`], two seconds in all.
const PAUSE: Duration = Duration::from_millis(20);

/// How often a service that starts is asked for its health: ten seconds in all.
const START_ATTEMPTS: u32 = 500;

/// Why the record gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The client app cannot be reached.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The ecosystem has stopped.
    #[error("the ecosystem has stopped")]
    Stopped,
    /// The record does not have it, even after two seconds.
    #[error("the record has nothing at {0}")]
    Unknown(String),
    /// The record answered in another shape than its documentation says.
    #[error("{url} answered {status} in a shape that cannot be read: {reason}")]
    Shape {
        /// What was asked.
        url: String,
        /// The status of the answer.
        status: u16,
        /// What cannot be read.
        reason: String,
    },
}

/// The record of one ecosystem.
///
/// Its calls run on the ecosystem's own thread: the connections that they keep belong to that runtime, and
/// outlive the runtime of the test that asked.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    http: HttpClient,
    runtime: Handle,
}

impl Record {
    /// The record that the client app of `wiring` keeps; called on the thread of the services.
    pub(crate) fn new(wiring: &Wiring) -> Result<Self, HttpError> {
        let unobserved = Wiring {
            reporter: Reporter::off(),
            ..wiring.clone()
        };
        let observer = unobserved.observer(Party::Stranger("ecosystem".to_owned()));
        Ok(Self {
            http: HttpClient::new(observer, wiring.reach())?,
            runtime: Handle::current(),
        })
    }

    /// One exchange of the realm whose client app is at `base`.
    pub(crate) async fn exchange(
        &self,
        base: &str,
        id: &ExchangeId,
    ) -> Result<ExchangeView, RecordError> {
        self.wait_for(format!("{base}/api/exchanges/{id}")).await
    }

    /// The flows of a realm, newest first.
    pub(crate) async fn flows(&self, base: &str) -> Result<FlowList, RecordError> {
        self.wait_for(format!("{base}/api/flows")).await
    }

    /// One flow of a realm with its exchanges.
    pub(crate) async fn flow(&self, base: &str, id: &ExchangeId) -> Result<FlowView, RecordError> {
        self.wait_for(format!("{base}/api/flows/{id}")).await
    }

    /// Who knows what in one flow of a realm.
    pub(crate) async fn knowledge(
        &self,
        base: &str,
        id: &ExchangeId,
    ) -> Result<Knowledge, RecordError> {
        let url = format!("{base}/api/flows/{id}/knowledge");
        self.wait_for(url).await
    }

    /// Two flows of a realm side by side.
    pub(crate) async fn comparison(
        &self,
        base: &str,
        (left, right): (&ExchangeId, &ExchangeId),
    ) -> Result<Comparison, RecordError> {
        let url = format!("{base}/api/flows/{left}/compare?with={right}");
        self.wait_for(url).await
    }

    /// One flow of a realm as a file.
    pub(crate) async fn file(
        &self,
        base: &str,
        id: &ExchangeId,
        format: &str,
    ) -> Result<String, RecordError> {
        let url = format!("{base}/flows/{id}/flow.{format}");
        let http = self.http.clone();
        let asked = self.runtime.spawn(async move {
            let answer = http.send_unobserved(HttpRequest::get(url.clone())).await?;
            if answer.status == 200 {
                Ok(answer.text())
            } else {
                Err(RecordError::Unknown(url))
            }
        });
        asked.await.unwrap_or(Err(RecordError::Stopped))
    }

    /// Waits until `base` answers `/healthz`; whether it did in time.
    pub(crate) async fn comes_up(&self, base: &str) -> bool {
        let (http, url) = (self.http.clone(), format!("{base}/healthz"));
        let asked = self.runtime.spawn(async move {
            for _ in 0..START_ATTEMPTS {
                let answer = http.send_unobserved(HttpRequest::get(url.clone())).await;
                if answer.is_ok_and(|answer| answer.status == 200) {
                    return true;
                }
                tokio::time::sleep(PAUSE).await;
            }
            false
        });
        asked.await.unwrap_or(false)
    }

    /// What is at `url`, as soon as it is there.
    async fn wait_for<T>(&self, url: String) -> Result<T, RecordError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let http = self.http.clone();
        let asked = self.runtime.spawn(async move {
            for _ in 0..ATTEMPTS {
                let request = HttpRequest::get(url.clone());
                let answer = http.send_unobserved(request).await?;
                if answer.status != 404 {
                    return answer.json().map_err(|error| RecordError::Shape {
                        url,
                        status: answer.status,
                        reason: error.to_string(),
                    });
                }
                tokio::time::sleep(PAUSE).await;
            }
            Err(RecordError::Unknown(url))
        });
        asked.await.unwrap_or(Err(RecordError::Stopped))
    }
}
