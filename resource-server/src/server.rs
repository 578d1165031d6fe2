//! Binding, running and stopping one resource server, and filling realms. The caller owns the port.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, web};
use shared::flow::Party;
use shared::observe::{HttpClient, HttpError};
use shared::page::{Assets, FrameConfig, Service, TextError, Texts};
use shared::realm::Addresses;
use shared::seed::{RealmSeed, SeedError};
use shared::serve::host::InvalidPublicUrl;
use shared::serve::listen;
use shared::serve::vitals::Vitals;
use shared::serve::{
    Health, HostGuard, HostPolicy, Readiness, SecurityHeaders, Serving, Shutdown, StopHandle,
    TrustedProxies, close_unread,
};
use shared::store::{Store, StoreError, StoreOptions};
use shared::telemetry::{MetricsReaders, Requests};
use shared::time::Clocks;
use shared::wiring::Wiring;

use crate::access::{Issuers, Proofs, SeededRealms, none_verified, proof};
use crate::config::Config;
use crate::cors::{self, AllowedOrigins};
use crate::counts::Counts;
use crate::state::AppState;
use crate::{routes, store};

/// How long between two sweeps of the store.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Why the resource server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store could not be opened or filled.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// The seed cannot be used.
    #[error("the seed: {0}")]
    Seed(#[from] SeedError),
    /// The HTTP client could not be made.
    #[error("the HTTP client: {0}")]
    Http(#[from] HttpError),
    /// `wiring.addresses.resource_server` is no public URL.
    #[error("wiring.addresses.resource_server: {0}")]
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

/// A bound resource server.
#[derive(Debug)]
pub struct Server {
    state: web::Data<AppState>,
    frame: web::Data<FrameConfig>,
    origins: web::Data<AllowedOrigins>,
    headers: SecurityHeaders,
    hosts: HostGuard,
    serving: Serving,
    proxies: TrustedProxies,
    stop: Shutdown,
    metrics: MetricsReaders,
}

/// Fills realms of a running server; cheap to clone.
#[derive(Clone, Debug)]
pub struct Realms {
    store: Store,
    counts: Counts,
    seeded: SeededRealms,
    clocks: Clocks,
    addresses: Addresses,
}

/// Why a realm could not be filled.
#[derive(Debug, thiserror::Error)]
#[error("the realm could not be filled: {0}")]
pub struct RealmError(#[from] StoreError);

impl Realms {
    /// Puts in the people and photos of `seed`, all or nothing. A realm that is there already stays as it is;
    /// returns whether it was made.
    ///
    /// # Errors
    /// [`RealmError`] when the store fails.
    pub async fn create(&self, seed: &RealmSeed) -> Result<bool, RealmError> {
        self.seeded.learn(seed);
        let seed = seed.resolve(&self.addresses);
        let (name, now) = (seed.name.clone(), self.clocks.of(&seed.name).now());
        let made = self
            .store
            .write(move |tx| store::realms::create(tx, &seed, now))
            .await?;
        self.counts.forget(&name);
        Ok(made)
    }
}

impl Server {
    /// Opens, migrates and, where realms are missing, fills the store; then all is ready to answer on `listener`.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn bind(
        config: Config,
        listener: TcpListener,
        wiring: Wiring,
    ) -> Result<Self, StartError> {
        let addresses = wiring.addresses.clone();
        let observer = wiring.observer(Party::ResourceServer);
        let counted = observer.metrics.clone();
        let metrics = MetricsReaders::open(counted, &config.metrics, &addresses.resource_server)?;
        let http = HttpClient::new(Arc::clone(&observer), wiring.reach())?;
        let store = open(&config).await?;
        store.meter().register(&observer.metrics);
        let port = listener.local_addr()?.port();
        let also = listen::by_ipv6(&listener, &addresses.resource_server);
        let hosts = HostPolicy::new(&addresses.resource_server, port, &config.server.extra_hosts)?;
        let frame = FrameConfig {
            service: Service::ResourceServer,
            addresses: addresses.clone(),
            texts: Texts::load()?,
            assets: Assets::new(),
            demo: !config.demo_credentials().is_empty(),
        };
        let origins = AllowedOrigins::new(config.cors.allowed_origins, &addresses.client_app);
        let server = Self {
            headers: SecurityHeaders::new(&addresses.resource_server, Vec::new()),
            hosts: HostGuard::new(hosts),
            frame: web::Data::new(frame),
            origins: web::Data::new(origins),
            state: web::Data::new(AppState {
                issuers: Issuers::new(http.clone(), addresses.clone(), config.keys),
                observer,
                http,
                addresses,
                clocks: wiring.clocks,
                proofs: Proofs::new(store.clone()),
                store,
                counts: Counts::default(),
                verified: none_verified(),
                tokens: config.tokens,
                seeded: SeededRealms::new(&config.introspection.client_id),
                introspection: config.introspection,
            }),
            serving: Serving {
                also,
                listener,
                tls: wiring.tls.server,
                workers: config.server.workers,
                connections: config.connections,
            },
            proxies: config.server.trusted_proxies,
            stop: Shutdown::new(),
            metrics,
        };
        let realms = server.realms();
        for seed in config.seed.read()?.realms {
            realms
                .create(&seed)
                .await
                .map_err(|RealmError(error)| error)?;
        }
        Ok(server)
    }

    /// A handle that stops the server.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone().into()
    }

    /// A handle that fills realms while the server runs.
    #[must_use]
    pub fn realms(&self) -> Realms {
        Realms {
            store: self.state.store.clone(),
            counts: self.state.counts.clone(),
            seeded: self.state.seeded.clone(),
            clocks: self.state.clocks.clone(),
            addresses: self.state.addresses.clone(),
        }
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// [`StartError::Listen`] when the listener cannot be used.
    pub async fn run(self) -> Result<(), StartError> {
        let Self {
            state,
            frame,
            origins,
            headers,
            hosts,
            serving,
            proxies,
            stop,
            metrics,
        } = self;
        actix_web::rt::spawn(metrics.clone().serve(stop.requested()));
        let ready = state.store.clone();
        let controls = state.observer.controls.clone();
        let sweeper = tokio::spawn(sweep_forever(web::Data::clone(&state)));
        let closer = tokio::spawn(controls.close_after(stop.requested(), Party::ResourceServer));
        let health = Health::new("resource-server", env!("CARGO_PKG_VERSION"), move || {
            let store = ready.clone();
            async move { Readiness::new().with("store", store.ready().await) }
        });
        let vitals = Vitals::new(
            Service::ResourceServer,
            env!("CARGO_PKG_VERSION"),
            Arc::clone(&state.observer),
        )
        .calling(state.http.clone(), vec![Service::AuthServer]);
        let server = serving.server(move || {
            App::new()
                .app_data(state.clone())
                .app_data(frame.clone())
                .app_data(proxies.clone())
                .app_data(origins.clone())
                .configure(|routes| health.mount(routes))
                .configure(|routes| vitals.mount(routes))
                .configure(|routes| metrics.mount(routes))
                .configure(|routes| routes::mount(routes, &state.observer))
                .wrap(from_fn(proof::send_nonce))
                .wrap(from_fn(cors::share))
                .wrap(headers.clone())
                .wrap(hosts.clone())
                .wrap(from_fn(close_unread))
                .wrap(Requests::new(Arc::clone(&state.observer)))
        })?;
        let ended = stop.serve(server).await;
        sweeper.abort();
        closer.abort();
        Ok(ended?)
    }
}

/// Opens and migrates the store on a blocking thread.
async fn open(config: &Config) -> Result<Store, StoreError> {
    let url = config.store.url.clone();
    let options = StoreOptions {
        postgres_connections: config.store.postgres_connections,
        sqlite_in_place: config.store.sqlite_in_place,
        ..StoreOptions::default()
    };
    tokio::task::spawn_blocking(move || Store::open_with(&url, store::MIGRATIONS, &options))
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
}

/// Forgets what could not come again, from time to time.
async fn sweep_forever(state: web::Data<AppState>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(error) = state.proofs.sweep(&state.clocks).await {
            tracing::warn!(%error, "a sweep failed");
        }
    }
}
