//! The only place that knows how each service is configured, bound and run.
//!
//! May use the three services, which know nothing of each other.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use auth_server::config::LimitsConfig;
use client_app::config::DemoPerson;
use client_app::sign_in::ProviderConfig;
use futures_util::future::{join_all, try_join_all};
use shared::observe::Feed;
use shared::page::Service;
use shared::realm::RealmName;
use shared::seed::{RealmSeed, Seed};
use shared::serve::{ConfigSecret, ConnectionsConfig, StopHandle, TrustedProxies};
use shared::time::Timestamp;
use shared::wiring::Wiring;
use tempfile::TempDir;

use crate::builder::{AllPlaces, Stores};
use crate::realm::RealmError;
use crate::record::Record;
use crate::replicas::Door;
use crate::running::{Handles, StartError};

/// Everything that the three services need to start.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) places: AllPlaces,
    pub(crate) stores: Stores,
    pub(crate) seed: Seed,
    pub(crate) wiring: Wiring,
    pub(crate) feed: Feed,
    /// With whom people may sign in besides.
    pub(crate) providers: Vec<ProviderConfig>,
    /// Whose word on callers is believed.
    pub(crate) proxies: TrustedProxies,
    /// What peers may hold.
    pub(crate) connections: ConnectionsConfig,
    /// How often may be guessed at the auth server, and what it keeps for strangers.
    pub(crate) limits: LimitsConfig,
    /// Threads of each service.
    pub(crate) workers: usize,
    /// A directory that goes when the services have ended.
    pub(crate) temporary: Option<Arc<TempDir>>,
}

/// The three services, bound and ready to answer.
#[derive(Debug)]
pub(crate) struct Bound {
    auth_servers: Vec<auth_server::Server>,
    resource_servers: Vec<resource_server::Server>,
    client_app: client_app::Server,
    doors: Vec<Door>,
}

/// Stops the three services; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Stops {
    auth_servers: Vec<StopHandle>,
    resource_servers: Vec<StopHandle>,
    client_app: StopHandle,
}

impl Stops {
    /// Finishes what is in flight, and stops. Asking twice does nothing more.
    pub(crate) fn trigger(&self) {
        for service in [
            Service::ClientApp,
            Service::ResourceServer,
            Service::AuthServer,
        ] {
            self.trigger_one(service);
        }
    }

    /// Stops one of them; the others go on.
    pub(crate) fn trigger_one(&self, service: Service) {
        match service {
            Service::ClientApp => self.client_app.stop(),
            Service::AuthServer => self.auth_servers.iter().for_each(StopHandle::stop),
            Service::ResourceServer => self.resource_servers.iter().for_each(StopHandle::stop),
        }
    }

    /// Stops one server of a service; the others go on.
    pub(crate) fn trigger_replica(&self, service: Service, number: usize) {
        let stop = match service {
            Service::ClientApp => Some(&self.client_app),
            Service::AuthServer => self.auth_servers.get(number),
            Service::ResourceServer => self.resource_servers.get(number),
        };
        if let Some(stop) = stop {
            stop.stop();
        }
    }
}

/// Opens the stores, fills them from the seed, and binds the three services.
pub(crate) async fn bind(plan: Plan) -> Result<(Bound, Handles), StartError> {
    let Plan {
        places,
        wiring,
        feed,
        ..
    } = plan;
    let mut auth_config = auth_server_config(&plan.stores, &plan.seed, plan.workers);
    let mut resource_config = resource_server_config(&plan.stores, &plan.seed, plan.workers);
    let mut client_config = client_app_config(&plan.seed, plan.workers);
    client_config.sign_in.providers = plan.providers;
    auth_config.server.trusted_proxies = plan.proxies.clone();
    resource_config.server.trusted_proxies = plan.proxies.clone();
    client_config.server.trusted_proxies = plan.proxies;
    auth_config.connections = plan.connections;
    auth_config.limits = plan.limits;
    resource_config.connections = plan.connections;
    client_config.connections = plan.connections;
    let record = Record::new(&wiring)?;
    let (auth, resource) = (places.auth_server, places.resource_server);
    let bind_auth = |place, wiring| auth_server::Server::bind(auth_config.clone(), place, wiring);
    let bind_resource =
        |place, wiring| resource_server::Server::bind(resource_config.clone(), place, wiring);
    let (auth_servers, resource_servers, client_app) = tokio::join!(
        each(auth.listeners, "auth-server", &wiring, bind_auth),
        each(
            resource.listeners,
            "resource-server",
            &wiring,
            bind_resource
        ),
        client_app::Server::bind(client_config, places.client_app, wiring.clone(), feed),
    );
    let (auth_servers, resource_servers) = (auth_servers?, resource_servers?);
    let first = |name| StartError::Thread(io::Error::other(format!("no {name}")));
    let realms = Realms {
        auth_server: auth_servers
            .first()
            .ok_or_else(|| first("auth server"))?
            .realms(),
        resource_servers: resource_servers
            .iter()
            .map(resource_server::Server::realms)
            .collect(),
    };
    let bound = Bound {
        auth_servers,
        resource_servers,
        client_app: client_app?,
        doors: [auth.door, resource.door].into_iter().flatten().collect(),
    };
    let handles = Handles {
        stops: bound.stops(),
        realms,
        record,
    };
    Ok((bound, handles))
}

/// Binds the servers of one service, all at once, as processes of their own would start. Where there are several,
/// each has a name.
async fn each<S, E, F>(
    listeners: Vec<TcpListener>,
    name: &str,
    wiring: &Wiring,
    bind: impl Fn(TcpListener, Wiring) -> F,
) -> Result<Vec<S>, E>
where
    F: Future<Output = Result<S, E>>,
{
    let several = listeners.len() > 1;
    let binding = (1..).zip(listeners).map(|(number, listener)| {
        let called = several.then(|| format!("{name}-{number}").try_into().ok());
        let wiring = Wiring {
            replica: called.flatten(),
            ..wiring.clone()
        };
        bind(listener, wiring)
    });
    try_join_all(binding).await
}

fn auth_server_config(stores: &Stores, seed: &Seed, workers: usize) -> auth_server::Config {
    let mut config = auth_server::Config::default();
    config.server.workers = workers;
    config.store.url = stores.auth_server.clone();
    config.seed.given = Some(seed.clone());
    config
}

fn resource_server_config(stores: &Stores, seed: &Seed, workers: usize) -> resource_server::Config {
    let mut config = resource_server::Config::default();
    config.server.workers = workers;
    config.store.url = stores.resource_server.clone();
    config.seed.given = Some(seed.clone());
    let introspection = &mut config.introspection;
    if let Some(secret) = secret_in(seed, &introspection.client_id) {
        introspection.client_secret = secret;
    }
    config
}

fn client_app_config(seed: &Seed, workers: usize) -> client_app::Config {
    let mut config = client_app::Config::default();
    config.server.workers = workers;
    let clients = &mut config.clients;
    for client in [&mut clients.web, &mut clients.trusted, &mut clients.service] {
        if let Some(secret) = secret_in(seed, &client.client_id) {
            client.client_secret = Some(secret);
        }
    }
    let portal = &mut config.sign_in.client;
    if let Some(secret) = secret_in(seed, &portal.client_id) {
        portal.client_secret = Some(secret);
    }
    let people = seed.realms.first().map(|realm| realm.people.as_slice());
    config.demo.people = people
        .unwrap_or_default()
        .iter()
        .map(|person| DemoPerson {
            username: person.username.clone(),
            password: ConfigSecret::new(person.password.clone()),
        })
        .collect();
    config
}

/// The secret that the seed's first realm gives a client of ours: whoever edits the seed edits it here too.
fn secret_in(seed: &Seed, client_id: &str) -> Option<ConfigSecret> {
    let mut clients = seed.realms.first()?.clients.iter();
    let client = clients.find(|client| client.client_id == client_id)?;
    client.client_secret.clone().map(ConfigSecret::new)
}

impl Bound {
    fn stops(&self) -> Stops {
        let auth_servers = self.auth_servers.iter();
        let resource_servers = self.resource_servers.iter();
        Stops {
            auth_servers: auth_servers.map(auth_server::Server::stop_handle).collect(),
            resource_servers: resource_servers
                .map(resource_server::Server::stop_handle)
                .collect(),
            client_app: self.client_app.stop_handle(),
        }
    }

    /// Answers until all are stopped; where one ends with an error, the others are stopped too.
    pub(crate) async fn run(self) {
        let stops = self.stops();
        let ended = |name: &str, error: Option<String>| {
            if let Some(error) = error {
                tracing::error!(service = name, error, "ended");
                stops.trigger();
            }
        };
        let ended = &ended;
        let failure = |error: &dyn std::error::Error| Some(error.to_string());
        let auth_servers = self.auth_servers.into_iter().map(async |server| {
            let end = server.run().await;
            ended("auth-server", end.err().and_then(|error| failure(&error)));
        });
        let resource_servers = self.resource_servers.into_iter().map(async |server| {
            let end = server.run().await;
            let failed = end.err().and_then(|error| failure(&error));
            ended("resource-server", failed);
        });
        let client_app = async {
            let end = self.client_app.run().await;
            ended("client-app", end.err().and_then(|error| failure(&error)));
        };
        let doors = self.doors.into_iter();
        let doors: Vec<_> = doors.map(|door| tokio::spawn(door.open())).collect();
        tokio::join!(
            join_all(auth_servers),
            join_all(resource_servers),
            client_app
        );
        for door in doors {
            door.abort();
        }
    }
}

/// Makes realms in services that run; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Realms {
    auth_server: auth_server::Realms,
    /// Of each: they share a store, and each keeps for itself what its realms demand.
    resource_servers: Vec<resource_server::Realms>,
}

impl Realms {
    /// Makes the realm of `seed` in all services that keep something of it.
    pub(crate) async fn create(&self, seed: &RealmSeed) -> Result<(), RealmError> {
        Seed {
            realms: vec![seed.clone()],
        }
        .check()?;
        if self.has(&seed.name).await? {
            return Err(RealmError::Taken(seed.name.clone()));
        }
        let refused = |error| RealmError::ResourceServer(Box::new(error));
        for resource_server in &self.resource_servers {
            resource_server.create(seed).await.map_err(refused)?;
        }
        let refused = |error| RealmError::AuthServer(Box::new(error));
        self.auth_server.create(seed).await.map_err(refused)
    }

    /// Rotates the signing keys of a realm.
    pub(crate) async fn rotate_keys(&self, realm: &RealmName) -> Result<Timestamp, RealmError> {
        let refused = |error| RealmError::AuthServer(Box::new(error));
        self.auth_server.rotate_keys(realm).await.map_err(refused)
    }

    async fn has(&self, name: &RealmName) -> Result<bool, RealmError> {
        let refused = |error| RealmError::AuthServer(Box::new(error));
        let realms = self.auth_server.list().await.map_err(refused)?;
        Ok(realms.contains(name))
    }
}
