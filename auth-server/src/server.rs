//! Binding, running and stopping one auth server. The caller owns the port.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{App, web};
use shared::flow::Party;
use shared::page::{self, Assets, FrameConfig, Service, TextError, Texts};
use shared::serve::listen::{by_ipv6, refuse_public_demo};
use shared::serve::vitals::Vitals;
use shared::serve::{
    Health, HostGuard, HostPolicy, PublicDemo, Readiness, SecurityHeaders, Serving, Shutdown,
    StopHandle, TrustedProxies, close_unread,
};
use shared::store::StoreOptions;
use shared::telemetry::{MetricsReaders, Requests};
use shared::time::Lifetime;
use shared::wiring::Wiring;

use crate::client::Guessed;
use crate::client::keys::ClientKeys;
use crate::config::Config;
use crate::demo::Demo;
use crate::endpoint::logo::Logos;
use crate::meter::Meter;
use crate::outbound::Outbound;
use crate::password::Passwords;
use crate::person::Lines;
use crate::realms::{Foundation, RealmError, Realms};
use crate::routes;
use crate::state::AppState;
use crate::store::{KEYED, MIGRATIONS, Store, StoreError};
use crate::upkeep;

/// Why the auth server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// The seed cannot be read.
    #[error("the seed: {0}")]
    Seed(#[from] shared::seed::SeedError),
    /// A realm cannot be filled.
    #[error("filling a realm: {0}")]
    Realm(#[from] RealmError),
    /// The public address is no address.
    #[error("[wiring] addresses.auth_server: {0}")]
    Address(#[from] shared::serve::host::InvalidPublicUrl),
    /// The demo would be open to a network.
    #[error(transparent)]
    Public(#[from] PublicDemo),
    /// A certificate cannot be read.
    #[error("[outbound] trusted_certificates: {0}")]
    Trust(#[from] shared::serve::tls::TlsError),
    /// A language file is malformed.
    #[error("the pages: {0}")]
    Texts(#[from] TextError),
    /// The port could not be listened on.
    #[error("listening: {0}")]
    Listen(#[from] io::Error),
    /// The metrics' own port could not be listened on.
    #[error(transparent)]
    Metrics(#[from] shared::serve::ListenError),
}

/// A bound auth server.
#[derive(Debug)]
pub struct Server {
    state: AppState,
    serving: Serving,
    hosts: HostPolicy,
    upkeep: Upkeep,
    proxies: TrustedProxies,
    metrics: MetricsReaders,
}

/// How often the server looks after itself.
#[derive(Clone, Copy, Debug)]
struct Upkeep {
    sweep_every: Lifetime,
    rotate_every: Option<Lifetime>,
}

impl Upkeep {
    const fn of(config: &Config) -> Self {
        Self {
            sweep_every: config.store.sweep_every,
            rotate_every: config.keys.rotate_every,
        }
    }
}

impl Server {
    /// Opens and migrates the store, fills it from the seed, and makes everything ready to answer on `listener`.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn bind(
        config: Config,
        listener: TcpListener,
        wiring: Wiring,
    ) -> Result<Self, StartError> {
        let address = listener.local_addr()?;
        let upkeep = Upkeep::of(&config);
        let seed = config.seed.read()?;
        let credentials = seed.demo_credentials();
        refuse_public_demo(address, config.server.allow_public_demo, credentials)?;
        let demo = Demo::of(&seed, &wiring.addresses)?;
        let hosts = hosts(&config, &wiring, address.port())?;
        let store = open(&config).await?;
        let passwords = Passwords::new(config.limits.password_hashes);
        let realms = Realms::new(Foundation {
            store: store.clone(),
            addresses: wiring.addresses.clone(),
            clocks: wiring.clocks.clone(),
            announcement: config.keys.announcement,
            passwords: passwords.clone(),
        });
        realms.fill(&seed).await?;
        let observer = wiring.observer(Party::AuthServer);
        let own = wiring.addresses.auth_server.clone();
        let metrics = MetricsReaders::open(observer.metrics.clone(), &config.metrics, &own)?;
        let meter = Meter::registered(&observer.metrics, &realms);
        store.meter().register(&observer.metrics);
        let outbound = Outbound::new(
            Arc::clone(&observer),
            config.outbound.extend(wiring.reach())?,
            &config.outbound,
        );
        Ok(Self {
            state: AppState {
                observer,
                addresses: wiring.addresses,
                store,
                realms,
                passwords,
                lines: Lines::new(config.limits.password_hashes, config.limits.password_queue),
                guessed: Guessed::default(),
                limits: config.limits,
                outbound,
                client_keys: ClientKeys::default(),
                logos: Logos::default(),
                demo,
                meter,
                stop: Shutdown::new(),
            },
            serving: Serving {
                also: by_ipv6(&listener, &own),
                listener,
                tls: wiring.tls.server,
                workers: config.server.workers,
                connections: config.connections,
            },
            hosts,
            upkeep,
            proxies: config.server.trusted_proxies,
            metrics,
        })
    }

    /// The realms: to make one, or to rotate its keys.
    #[must_use]
    pub fn realms(&self) -> Realms {
        self.state.realms.clone()
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
        let Self {
            state,
            serving,
            hosts,
            upkeep,
            proxies,
            metrics,
        } = self;
        let sweeper = tokio::spawn(upkeep::sweep_forever(state.clone(), upkeep.sweep_every));
        let rotation = upkeep
            .rotate_every
            .map(|every| tokio::spawn(upkeep::rotate_forever(state.clone(), every)));
        let stop = state.stop.clone();
        let controls = state.observer.controls.clone();
        let closer = tokio::spawn(controls.close_after(stop.requested(), Party::AuthServer));
        let headers = SecurityHeaders::new(&state.addresses.auth_server, Vec::new());
        actix_web::rt::spawn(metrics.clone().serve(stop.requested()));
        let health = health(state.store.clone());
        let observer = Arc::clone(&state.observer);
        let vitals = Vitals::new(
            Service::AuthServer,
            env!("CARGO_PKG_VERSION"),
            Arc::clone(&observer),
        );
        let frame = web::Data::new(frame(&state)?);
        let data = web::Data::new(state);
        let server = serving.server(move || {
            App::new()
                .app_data(data.clone())
                .app_data(frame.clone())
                .app_data(proxies.clone())
                .configure(|routes| {
                    routes::mount(routes, &observer, |own| {
                        page::asset_routes(own);
                        health.mount(own);
                        vitals.mount(own);
                        metrics.mount(own);
                    });
                })
                .wrap(headers.clone())
                .wrap(HostGuard::new(hosts.clone()))
                .wrap(from_fn(close_unread))
                .wrap(Requests::new(Arc::clone(&observer)))
        })?;
        let ended = stop.serve(server).await;
        sweeper.abort();
        if let Some(rotation) = rotation {
            rotation.abort();
        }
        closer.abort();
        Ok(ended?)
    }
}

/// Whether it lives, and whether it can answer.
fn health(store: Store) -> Health {
    Health::new("auth-server", env!("CARGO_PKG_VERSION"), move || {
        let store = store.clone();
        async move { Readiness::new().with("store", store.ready().await) }
    })
}

/// What every page of this server has in common.
fn frame(state: &AppState) -> Result<FrameConfig, TextError> {
    Ok(FrameConfig {
        service: Service::AuthServer,
        addresses: state.addresses.clone(),
        texts: Texts::load()?,
        assets: Assets::new().with("form-post.js", include_str!("../assets/form-post.js")),
        demo: state.demo.is_in_use(),
    })
}

/// The names by which this server may be called.
fn hosts(config: &Config, wiring: &Wiring, port: u16) -> Result<HostPolicy, StartError> {
    let extra = config.server.extra_hosts.iter().map(String::as_str);
    let public = &wiring.addresses.auth_server;
    Ok(HostPolicy::new(
        public,
        port,
        connected(wiring).chain(extra),
    )?)
}

/// The authorities that peers really connect to instead of this server's public one.
fn connected(wiring: &Wiring) -> impl Iterator<Item = &str> {
    let public = wiring
        .addresses
        .auth_server
        .split_once("://")
        .map_or("", |(_, authority)| authority);
    wiring
        .connect_to
        .iter()
        .filter(move |(from, _)| *from == public)
        .map(|(_, to)| to.as_str())
}

/// The realms of a store, without a server: for commands that look after them.
///
/// # Errors
/// [`StartError::Store`].
pub async fn open_realms(config: &Config) -> Result<Realms, StartError> {
    Ok(Realms::new(Foundation {
        store: open(config).await?,
        addresses: config.wiring.addresses.clone(),
        clocks: shared::time::Clocks::default(),
        announcement: config.keys.announcement,
        passwords: Passwords::new(config.limits.password_hashes),
    }))
}

/// Opens the store and brings its schema up to date.
///
/// # Errors
/// [`StoreError`].
async fn open(config: &Config) -> Result<Store, StoreError> {
    let url = config.store.url.clone();
    let options = StoreOptions {
        postgres_connections: config.store.postgres_connections,
        sqlite_in_place: config.store.sqlite_in_place,
        sqlite_keyed: KEYED,
        ..StoreOptions::default()
    };
    tokio::task::spawn_blocking(move || Store::open_with(&url, MIGRATIONS, &options))
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
}
