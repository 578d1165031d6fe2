//! Binding, running and stopping one client app. The caller owns the port.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{App, web};
use shared::flow::Party;
use shared::oauth::{NoRandomness, SessionToken};
use shared::observe::{Feed, HttpClient, HttpError};
use shared::page::{self, Assets, FrameConfig, Service, TextError, Texts};
use shared::realm::Addresses;
use shared::serve::host::InvalidPublicUrl;
use shared::serve::listen;
use shared::serve::vitals::Vitals;
use shared::serve::{
    Csrf, Health, HostGuard, HostPolicy, Readiness, SecurityHeaders, Serving, Shutdown, StopHandle,
    TrustedProxies, close_unread,
};
use shared::telemetry::{MetricsReaders, Requests};
use shared::wiring::Wiring;
use tokio::sync::Semaphore;

use crate::breaking::Breaking;
use crate::config::Config;
use crate::control;
use crate::flow::{RunStore, RunsInBrowser};
use crate::guard;
use crate::keys::KeyCache;
use crate::logout::{Departures, SeenTokens};
use crate::meter;
use crate::provider::Registrations;
use crate::realms::KnownRealms;
use crate::record::FlowStore;
use crate::routes;
use crate::sign_in::{Accounts, Attempts};
use crate::signing::SigningKey;
use crate::state::AppState;

/// Why the client app cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The HTTP client could not be made.
    #[error("the HTTP client: {0}")]
    Http(#[from] HttpError),
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// Its own key could not be made.
    #[error("a key to sign with: {0}")]
    Signing(String),
    /// `wiring.addresses.client_app` is no public URL.
    #[error("wiring.addresses.client_app: {0}")]
    PublicUrl(#[from] InvalidPublicUrl),
    /// A language file cannot be read.
    #[error("the language files: {0}")]
    Texts(#[from] TextError),
    /// The port could not be listened on.
    #[error("listening: {0}")]
    Listen(#[from] io::Error),
    /// The metrics' own port could not be listened on.
    #[error(transparent)]
    Metrics(#[from] shared::serve::ListenError),
}

/// A bound client app.
#[derive(Debug)]
pub struct Server {
    state: web::Data<AppState>,
    frame: web::Data<FrameConfig>,
    headers: SecurityHeaders,
    hosts: HostGuard,
    feed: Feed,
    serving: Serving,
    proxies: TrustedProxies,
    metrics: MetricsReaders,
}

impl Server {
    /// Makes everything ready to answer on `listener`; `feed` is the receiving end of the reporter.
    ///
    /// # Errors
    /// [`StartError`] when the HTTP client, the languages or the public address are not what they should be.
    #[expect(clippy::unused_async, reason = "the same shape as the other services")]
    pub async fn bind(
        config: Config,
        listener: TcpListener,
        wiring: Wiring,
        feed: Feed,
    ) -> Result<Self, StartError> {
        let observer = wiring.observer(Party::ClientApp);
        let record = Arc::new(FlowStore::new(config.record));
        let counted = observer.metrics.clone();
        let most = config.record.max_streams;
        let streams = Arc::new(Semaphore::new(most));
        meter::register(&counted, &record, (&streams, most));
        let public = &wiring.addresses.client_app;
        let metrics = MetricsReaders::open(counted, &config.metrics, public)?;
        let breaking = Breaking::default();
        let http =
            HttpClient::new(Arc::clone(&observer), wiring.reach())?.altered_by(breaking.gate());
        let addresses = wiring.addresses;
        let port = listener.local_addr()?.port();
        let also = listen::by_ipv6(&listener, &addresses.client_app);
        let hosts = HostPolicy::new(&addresses.client_app, port, &config.server.extra_hosts)?;
        let frame = frames(&addresses, wiring.capture.secrets)?;
        // The script of the implicit grant calls the API from the browser (RFC 6749 §4.2).
        let called_by_scripts = vec![addresses.resource_server.clone()];
        let csrf_key = SessionToken::generate()?;
        let signing =
            SigningKey::generate().map_err(|error| StartError::Signing(error.to_string()))?;
        Ok(Self {
            headers: SecurityHeaders::new(&addresses.client_app, called_by_scripts),
            hosts: HostGuard::new(hosts),
            frame: web::Data::new(frame),
            state: web::Data::new(AppState {
                observer,
                http,
                runs: RunStore::default(),
                runs_in_browser: RunsInBrowser::default(),
                clients: config.clients,
                demo: config.demo,
                departures: Departures::default(),
                seen_logout_tokens: SeenTokens::default(),
                signing,
                keys: KeyCache::default(),
                sign_in: config.sign_in,
                attempts: Attempts::default(),
                accounts: Accounts::default(),
                registrations: Registrations::default(),
                realms: KnownRealms::default(),
                record,
                breaking,
                streams,
                csrf: Csrf::new(csrf_key.expose().as_bytes(), &addresses.client_app),
                stop: Shutdown::new(),
                addresses,
            }),
            feed,
            serving: Serving {
                also,
                listener,
                tls: wiring.tls.server,
                workers: config.server.workers,
                connections: config.connections,
            },
            proxies: config.server.trusted_proxies,
            metrics,
        })
    }

    /// A handle that stops the server.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.state.stop.clone().into()
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// [`StartError::Listen`] when the listener cannot be used.
    pub async fn run(self) -> Result<(), StartError> {
        let stop = self.state.stop.clone();
        let keeper = tokio::spawn(keep(self.state.clone(), self.feed));
        let controls = self.state.observer.controls.clone();
        let closer = tokio::spawn(controls.close_after(stop.requested(), Party::ClientApp));
        let silence = tokio::spawn(control::forget_silent(self.state.observer.controls.clone()));
        let record = Arc::clone(&self.state.record);
        let watcher = tokio::spawn(control::watch_flows(
            record,
            self.state.observer.controls.clone(),
        ));
        let health = Health::new("client-app", env!("CARGO_PKG_VERSION"), || async {
            Readiness::new()
        });
        let vitals = Vitals::new(
            Service::ClientApp,
            env!("CARGO_PKG_VERSION"),
            Arc::clone(&self.state.observer),
        );
        let metrics = self.metrics;
        actix_web::rt::spawn(metrics.clone().serve(stop.requested()));
        let (state, frame) = (self.state, self.frame);
        let (headers, hosts) = (self.headers, self.hosts);
        let proxies = self.proxies;
        let server = self.serving.server(move || {
            let observer = Arc::clone(&state.observer);
            App::new()
                .app_data(state.clone())
                .app_data(frame.clone())
                .app_data(proxies.clone())
                .configure(|routes| health.mount(routes))
                .configure(|routes| vitals.mount(routes))
                .configure(|routes| metrics.mount(routes))
                .configure(page::asset_routes)
                .configure(|routes| routes::mount(routes, &observer))
                .wrap(from_fn(guard::own_pages))
                .wrap(headers.clone())
                .wrap(hosts.clone())
                .wrap(from_fn(close_unread))
                .wrap(Requests::new(observer))
        })?;
        let ended = stop.serve(server).await;
        keeper.abort();
        closer.abort();
        silence.abort();
        watcher.abort();
        Ok(ended?)
    }
}

/// What pages may link to besides the shared style.
fn assets() -> Assets {
    Assets::new()
        .with("live.js", include_str!("../assets/live.js"))
        .with("control.css", include_str!("../assets/control.css"))
        .with("control.js", include_str!("../assets/control.js"))
        .with("flow.js", include_str!("../assets/flow.js"))
        .with("predict.js", include_str!("../assets/predict.js"))
        .with("time.css", include_str!("../assets/time.css"))
        .with("time.js", include_str!("../assets/time.js"))
        .with("flows.js", include_str!("../assets/flows.js"))
        .with("steps.js", include_str!("../assets/steps.js"))
        .with("present.js", include_str!("../assets/present.js"))
        .with("beside.js", include_str!("../assets/beside.js"))
        .with("diagram.css", include_str!("../assets/diagram.css"))
        .with("present.css", include_str!("../assets/present.css"))
        .with("viewer.css", include_str!("../assets/viewer.css"))
        .with("opened.css", include_str!("../assets/opened.css"))
        .with("opened.js", include_str!("../assets/opened.js"))
        .with(
            "settings-link.js",
            include_str!("../assets/settings-link.js"),
        )
        .with("export.js", include_str!("../assets/export.js"))
        .with("export.css", include_str!("../assets/export.css"))
        .with("break.css", include_str!("../assets/break.css"))
        .with("grants.css", include_str!("../assets/grants.css"))
        .with("doctor.css", include_str!("../assets/doctor.css"))
        .with("doctor.js", include_str!("../assets/doctor.js"))
        .with("score.css", include_str!("../assets/score.css"))
        .with("lesson.css", include_str!("../assets/lesson.css"))
        .with("compare.css", include_str!("../assets/compare.css"))
        .with("knowledge.css", include_str!("../assets/knowledge.css"))
        .with("knowledge.js", include_str!("../assets/knowledge.js"))
        .with("tv.css", include_str!("../assets/tv.css"))
        .with("tv.js", include_str!("../assets/tv.js"))
        .with("status.js", include_str!("../assets/status.js"))
        .with("address.js", include_str!("../assets/address.js"))
        .with("implicit.js", include_str!("../assets/implicit.js"))
        .with(
            "implicit-start.js",
            include_str!("../assets/implicit-start.js"),
        )
}

/// What all pages have in common; `demo` warns of its people and secrets.
fn frames(addresses: &Addresses, demo: bool) -> Result<FrameConfig, StartError> {
    Ok(FrameConfig {
        service: Service::ClientApp,
        addresses: addresses.clone(),
        texts: Texts::load()?,
        assets: assets(),
        demo,
    })
}

/// Takes what the services of this process report into the record.
async fn keep(state: web::Data<AppState>, mut feed: Feed) {
    while let Some(exchange) = feed.next().await {
        state.record.ingest(*exchange);
        let (dropped, shed) = (feed.take_dropped(), feed.take_shed());
        if dropped > 0 || shed > 0 {
            state.record.count_missed(dropped, shed);
        }
    }
}

/// The state of a client app on the demo's addresses that nobody listens to.
#[cfg(test)]
pub(crate) async fn test_state() -> web::Data<AppState> {
    shared::serve::tls::install_crypto_provider();
    let config = Config::default();
    let (wiring, feed) = config.wiring.wire().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    Server::bind(config, listener, wiring, feed)
        .await
        .unwrap()
        .state
}
