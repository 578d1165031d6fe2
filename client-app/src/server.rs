//! Binding, running and stopping one client app. The caller owns the port.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::{App, HttpServer, web};
use shared::flow::Party;
use shared::observe::{Feed, HttpClient, HttpError};
use shared::wiring::Wiring;
use tokio::sync::watch;

use crate::config::Config;
use crate::flow::RunStore;
use crate::record::FlowStore;
use crate::routes;
use crate::state::AppState;

/// How long what is in flight may take when the service stops, in seconds.
const STOP_SECONDS: u64 = 2;

/// Why the client app cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The HTTP client could not be made.
    #[error("the HTTP client: {0}")]
    Http(#[from] HttpError),
    /// The port could not be listened on.
    #[error("listening: {0}")]
    Listen(#[from] io::Error),
}

/// A bound client app.
#[derive(Debug)]
pub struct Server {
    state: web::Data<AppState>,
    feed: Feed,
    listener: TcpListener,
    workers: usize,
}

/// Stops a [`Server`] gracefully; cheap to clone.
#[derive(Clone, Debug)]
pub struct StopHandle(watch::Sender<bool>);

impl Default for StopHandle {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl StopHandle {
    /// Ends the live streams and stops the server once what is in flight is answered.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Waits until somebody stops the server.
    pub(crate) async fn stopped(&self) {
        let mut asked = self.0.subscribe();
        // Fails only without a sender, and we are one.
        let _ = asked.wait_for(|stop| *stop).await;
    }
}

impl Server {
    /// Makes everything ready to answer on `listener`; `feed` is the receiving end of the reporter.
    ///
    /// # Errors
    /// [`StartError`] when the HTTP client cannot be made.
    #[expect(clippy::unused_async, reason = "the same shape as the other services")]
    pub async fn bind(
        config: Config,
        listener: TcpListener,
        wiring: Wiring,
        feed: Feed,
    ) -> Result<Self, StartError> {
        let observer = wiring.observer(Party::ClientApp);
        let http = HttpClient::new(Arc::clone(&observer), wiring.connect_to.clone())?;
        Ok(Self {
            state: web::Data::new(AppState {
                observer,
                http,
                addresses: wiring.addresses,
                runs: RunStore::default(),
                record: FlowStore::new(config.record),
                stop: StopHandle::default(),
            }),
            feed,
            listener,
            workers: config.server.workers,
        })
    }

    /// A handle that stops the server.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.state.stop.clone()
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// [`StartError::Listen`] when the listener cannot be used.
    pub async fn run(self) -> Result<(), StartError> {
        let Self {
            state,
            mut feed,
            listener,
            workers,
        } = self;
        let stop = state.stop.clone();
        let keeper = tokio::spawn({
            let state = state.clone();
            async move {
                while let Some(exchange) = feed.next().await {
                    state.record.ingest(*exchange);
                    state.record.count_dropped(feed.take_dropped());
                }
            }
        });
        let server = HttpServer::new(move || {
            let observer = Arc::clone(&state.observer);
            App::new()
                .app_data(state.clone())
                .configure(|routes| routes::mount(routes, &observer))
        })
        .listen(listener)?
        .workers(workers)
        .disable_signals()
        .shutdown_timeout(STOP_SECONDS)
        .run();
        let handle = server.handle();
        let stopping = tokio::spawn(async move {
            stop.stopped().await;
            handle.stop(true).await;
        });
        let ended = server.await;
        stopping.abort();
        keeper.abort();
        Ok(ended?)
    }
}
