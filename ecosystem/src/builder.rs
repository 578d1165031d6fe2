//! What can be chosen before an ecosystem starts: ports, store, seed.
//!
//! Three listeners are bound first, so that three URLs are known, and then three configurations are made
//! that mention each other.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth_server::config::LimitsConfig;
use client_app::sign_in::ProviderConfig;
use shared::control::{Controls, PauseLimits};
use shared::flow::RecordKey;
use shared::observe::{Capture, Reporter};
use shared::page::Service;
use shared::realm::Addresses;
use shared::seed::{RealmSeed, Seed};
use shared::serve::{ConnectionsConfig, TrustedProxies, listen, tls};
use shared::store::StoreUrl;
use shared::telemetry::{Meters, Tracers};
use shared::time::Clocks;
use shared::wiring::Wiring;
use tempfile::TempDir;

use crate::Ecosystem;
use crate::https::{Authority, Https, PreparedHttps};
use crate::record::Record;
use crate::replicas::{Places, Replicas};
use crate::running::{Running, StartError};
use crate::services::{Plan, Realms};

/// How many exchanges may wait for the record before more are dropped (and counted).
const RECORD_QUEUE: usize = 4096;
/// The auth server's file in a data directory.
const AUTH_SERVER_FILE: &str = "auth-server.db";
/// The resource server's file in a data directory.
const RESOURCE_SERVER_FILE: &str = "resource-server.db";

/// Ports on loopback; 0 takes a free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The client app's.
    pub client_app: u16,
    /// The auth server's.
    pub auth_server: u16,
    /// The resource server's.
    pub resource_server: u16,
}

impl Ports {
    /// Three free ports.
    pub const FREE: Self = Self {
        client_app: 0,
        auth_server: 0,
        resource_server: 0,
    };
    /// The ports of the demo: 8080, 9000, 9001.
    pub const DEMO: Self = Self {
        client_app: 8080,
        auth_server: 9000,
        resource_server: 9001,
    };
}

/// Where the services keep their data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// In memory: gone when the ecosystem stops.
    Memory,
    /// SQLite files in this directory, which is made when it is missing.
    Directory(PathBuf),
    /// SQLite files in a directory of their own, removed when the ecosystem stops.
    Temporary,
    /// PostgreSQL, each service in a schema of its own that begins with `schema`.
    Postgres {
        /// The server and database.
        url: StoreUrl,
        /// 1 to 50 of `a`-`z`, `0`-`9` and `_`.
        schema: String,
    },
}

/// An ecosystem before it starts. Unless told otherwise: free ports, in memory, the demo's seed.
#[derive(Clone, Debug)]
pub struct Builder {
    ports: Ports,
    store: Store,
    seed: Option<Seed>,
    workers: usize,
    record: bool,
    pauses: PauseLimits,
    tls: Option<Https>,
    providers: Vec<ProviderConfig>,
    replicas: Replicas,
    proxies: TrustedProxies,
    tracers: Tracers,
    connections: ConnectionsConfig,
    limits: LimitsConfig,
    meters: Meters,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            ports: Ports::FREE,
            store: Store::Memory,
            seed: None,
            workers: 2,
            record: true,
            pauses: PauseLimits::default(),
            tls: None,
            providers: Vec::new(),
            replicas: Replicas::default(),
            proxies: TrustedProxies::default(),
            tracers: Tracers::default(),
            connections: ConnectionsConfig::default(),
            limits: LimitsConfig::default(),
            meters: Meters::default(),
        }
    }
}

impl Builder {
    /// On these ports.
    #[must_use]
    pub const fn ports(mut self, ports: Ports) -> Self {
        self.ports = ports;
        self
    }

    /// With its data here.
    #[must_use]
    pub fn store(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    /// With these realms in place of the demo's. The first is what [`Ecosystem::realm`] copies.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = Some(seed);
        self
    }

    /// With this many threads for each service (at least 1).
    #[must_use]
    pub const fn workers(mut self, workers: usize) -> Self {
        self.workers = if workers == 0 { 1 } else { workers };
        self
    }

    /// With or without the record of what happens: without it no flow is kept, and none can be asked for.
    #[must_use]
    pub const fn record(mut self, record: bool) -> Self {
        self.record = record;
        self
    }

    /// With these bounds on what waits at breakpoints.
    #[must_use]
    pub const fn pauses(mut self, limits: PauseLimits) -> Self {
        self.pauses = limits;
        self
    }

    /// By HTTPS: all three services, and the calls between them.
    #[must_use]
    pub fn tls(mut self, tls: Https) -> Self {
        self.tls = Some(tls);
        self
    }

    /// With one OpenID provider more at which people can sign in to the client app: one of yours, under test.
    #[must_use]
    pub fn provider(mut self, provider: ProviderConfig) -> Self {
        self.providers.push(provider);
        self
    }

    /// With several servers of a service, on one store and behind one address. The record says which of them
    /// answered: the note `replica` of an exchange.
    #[must_use]
    pub const fn replicas(mut self, replicas: Replicas) -> Self {
        self.replicas = replicas;
        self
    }

    /// Behind proxies of these networks, whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// With spans of all three services exported so (with the feature `otel`). Opened by the caller, who may flush
    /// them before the program ends.
    #[must_use]
    pub fn tracers(mut self, tracers: Tracers) -> Self {
        self.tracers = tracers;
        self
    }

    /// With what the three services count counted here: for a program, whose log counts among it what it loses.
    #[must_use]
    pub fn meters(mut self, meters: Meters) -> Self {
        self.meters = meters;
        self
    }

    /// With these bounds on what peers may hold, at each service.
    #[must_use]
    pub const fn connections(mut self, connections: ConnectionsConfig) -> Self {
        self.connections = connections;
        self
    }

    /// With these limits at the auth server: how often may be guessed, and what is kept for strangers.
    #[must_use]
    pub fn limits(mut self, limits: LimitsConfig) -> Self {
        self.limits = limits;
        self
    }

    /// Starts the three services; they answer when this returns.
    ///
    /// # Errors
    /// [`StartError`]: a port is taken, the store cannot be opened, the seed does not fit together.
    pub async fn start(self) -> Result<Ecosystem, StartError> {
        let (plan, prepared) = self.prepare()?;
        let (running, realms, record) = Running::start(plan).await?;
        Ok(prepared.into_ecosystem(running, realms, record))
    }

    /// As [`Builder::start`], for a plain `main`: blocks this thread until the services answer.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub fn start_blocking(self) -> Result<Ecosystem, StartError> {
        let (plan, prepared) = self.prepare()?;
        let (running, realms, record) = Running::start_blocking(plan)?;
        Ok(prepared.into_ecosystem(running, realms, record))
    }

    /// Takes the ports, and makes the configurations that mention each other.
    fn prepare(self) -> Result<(Plan, Prepared), StartError> {
        let seed = match self.seed {
            Some(seed) => seed,
            None => Seed::demo()?,
        };
        seed.check()?;
        // Calling it again does nothing; without it no HTTP client can be made.
        tls::install_crypto_provider();
        let listeners = Listeners::bind(self.ports)?;
        let addresses = listeners.addresses(self.tls.is_some());
        let https = self.tls.as_ref().map(Https::prepare).transpose()?;
        let https: PreparedHttps = https.unwrap_or_default();
        let (reporter, feed) = Reporter::bounded(RECORD_QUEUE);
        let clocks = Clocks::default();
        let wiring = Wiring {
            addresses: addresses.clone(),
            connect_to: HashMap::new(),
            tls: https.tls,
            controls: Controls::new(self.pauses, clocks.clone()),
            clocks,
            reporter: if self.record {
                reporter
            } else {
                Reporter::off()
            },
            record_key: RecordKey::generate().map_err(|_| StartError::Randomness)?,
            replica: None,
            capture: Capture::default(),
            meters: self.meters,
            tracers: self.tracers,
        };
        let (stores, temporary) = self.store.open(self.replicas)?;
        let places = listeners
            .places(self.replicas)
            .map_err(StartError::Places)?;
        let prepared = Prepared {
            clocks: wiring.clocks.clone(),
            controls: wiring.controls.clone(),
            template: seed.realms.first().cloned().unwrap_or_default(),
            directory: match self.store {
                Store::Directory(directory) => Some(directory),
                _ => temporary.as_ref().map(|made| made.path().to_path_buf()),
            },
            addresses,
            authority: https.authority,
            places: places.addresses(),
        };
        let plan = Plan {
            places,
            stores,
            seed,
            wiring,
            feed,
            providers: self.providers,
            proxies: self.proxies,
            connections: self.connections,
            limits: self.limits,
            workers: self.workers,
            temporary,
        };
        Ok((plan, prepared))
    }
}

/// What an ecosystem is made of, besides its running services.
struct Prepared {
    addresses: Addresses,
    clocks: Clocks,
    controls: Controls,
    template: RealmSeed,
    directory: Option<PathBuf>,
    authority: Option<Authority>,
    places: Vec<(Service, Vec<SocketAddr>)>,
}

impl Prepared {
    fn into_ecosystem(self, running: Running, realms: Realms, record: Record) -> Ecosystem {
        Ecosystem {
            addresses: self.addresses,
            clocks: self.clocks,
            controls: self.controls,
            record,
            realms,
            template: self.template,
            directory: self.directory,
            authority: self.authority,
            places: self.places,
            running,
        }
    }
}

/// One bound socket for each service: its public address.
#[derive(Debug)]
struct Listeners {
    client_app: TcpListener,
    auth_server: TcpListener,
    resource_server: TcpListener,
}

/// Where the servers of each service listen.
#[derive(Debug)]
pub(crate) struct AllPlaces {
    pub(crate) client_app: TcpListener,
    pub(crate) auth_server: Places,
    pub(crate) resource_server: Places,
}

impl AllPlaces {
    /// Where each server of a service that may have several is reached by itself.
    fn addresses(&self) -> Vec<(Service, Vec<SocketAddr>)> {
        vec![
            (Service::AuthServer, self.auth_server.addresses()),
            (Service::ResourceServer, self.resource_server.addresses()),
        ]
    }
}

impl Listeners {
    fn bind(ports: Ports) -> Result<Self, StartError> {
        let bind = |port| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            listen::bind(address, "--ports CLIENT,AUTH,RESOURCE")
        };
        Ok(Self {
            client_app: bind(ports.client_app)?,
            auth_server: bind(ports.auth_server)?,
            resource_server: bind(ports.resource_server)?,
        })
    }

    fn places(self, replicas: Replicas) -> io::Result<AllPlaces> {
        Ok(AllPlaces {
            client_app: self.client_app,
            auth_server: Places::behind(self.auth_server, replicas.auth_server)?,
            resource_server: Places::behind(self.resource_server, replicas.resource_server)?,
        })
    }

    fn addresses(&self, https: bool) -> Addresses {
        let port = |listener: &TcpListener| listener.local_addr().map_or(0, |bound| bound.port());
        let make = if https {
            Addresses::localhost_by_https
        } else {
            Addresses::localhost
        };
        make(
            port(&self.client_app),
            port(&self.auth_server),
            port(&self.resource_server),
        )
    }
}

/// The address of each service's own database.
#[derive(Clone, Debug)]
pub(crate) struct Stores {
    pub(crate) auth_server: StoreUrl,
    pub(crate) resource_server: StoreUrl,
}

impl Stores {
    fn in_directory(directory: &Path) -> Self {
        let file = |name| StoreUrl::sqlite_file(directory.join(name));
        Self {
            auth_server: file(AUTH_SERVER_FILE),
            resource_server: file(RESOURCE_SERVER_FILE),
        }
    }
}

impl Store {
    /// The files that an ecosystem makes in a [`Store::Directory`].
    pub const FILES: [&str; 2] = [AUTH_SERVER_FILE, RESOURCE_SERVER_FILE];

    fn open(&self, replicas: Replicas) -> Result<(Stores, Option<Arc<TempDir>>), StartError> {
        if replicas.several() && !matches!(self, Self::Postgres { .. }) {
            return Err(StartError::Replicas);
        }
        Ok(match self {
            Self::Memory => {
                let (auth_server, resource_server) =
                    (StoreUrl::SqliteMemory, StoreUrl::SqliteMemory);
                let stores = Stores {
                    auth_server,
                    resource_server,
                };
                (stores, None)
            }
            Self::Directory(directory) => {
                std::fs::create_dir_all(directory).map_err(StartError::Directory)?;
                (Stores::in_directory(directory), None)
            }
            Self::Temporary => {
                let made = tempfile::Builder::new().prefix("ecosystem-").tempdir();
                let made = made.map_err(StartError::Directory)?;
                (Stores::in_directory(made.path()), Some(Arc::new(made)))
            }
            Self::Postgres { url, schema } => {
                let stores = Stores {
                    auth_server: url.in_schema(&format!("{schema}_auth"))?,
                    resource_server: url.in_schema(&format!("{schema}_resource"))?,
                };
                (stores, None)
            }
        })
    }
}
