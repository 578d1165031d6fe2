//! The only place that knows how each service is configured, bound and run.
//!
//! May use the three services, which know nothing of each other.

use std::sync::Arc;

use client_app::config::DemoPerson;
use client_app::sign_in::ProviderConfig;
use shared::observe::Feed;
use shared::page::Service;
use shared::realm::RealmName;
use shared::seed::{RealmSeed, Seed};
use shared::serve::ConfigSecret;
use shared::time::Timestamp;
use shared::wiring::Wiring;
use tempfile::TempDir;

use crate::builder::{Listeners, Stores};
use crate::realm::RealmError;
use crate::record::Record;
use crate::running::{Handles, StartError};

/// Everything that the three services need to start.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) listeners: Listeners,
    pub(crate) stores: Stores,
    pub(crate) seed: Seed,
    pub(crate) wiring: Wiring,
    pub(crate) feed: Feed,
    /// With whom people may sign in besides.
    pub(crate) providers: Vec<ProviderConfig>,
    /// Threads of each service.
    pub(crate) workers: usize,
    /// A directory that goes when the services have ended.
    pub(crate) temporary: Option<Arc<TempDir>>,
}

/// The three services, bound and ready to answer.
#[derive(Debug)]
pub(crate) struct Bound {
    auth_server: auth_server::Server,
    resource_server: resource_server::Server,
    client_app: client_app::Server,
}

/// Stops the three services; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Stops {
    auth_server: auth_server::StopHandle,
    resource_server: resource_server::StopHandle,
    client_app: client_app::StopHandle,
}

impl Stops {
    /// Finishes what is in flight, and stops. Asking twice does nothing more.
    pub(crate) fn trigger(&self) {
        self.client_app.stop();
        self.resource_server.stop();
        self.auth_server.stop();
    }

    /// Stops one of them; the others go on.
    pub(crate) fn trigger_one(&self, service: Service) {
        match service {
            Service::ClientApp => self.client_app.stop(),
            Service::AuthServer => self.auth_server.stop(),
            Service::ResourceServer => self.resource_server.stop(),
        }
    }
}

/// Opens the stores, fills them from the seed, and binds the three services.
pub(crate) async fn bind(plan: Plan) -> Result<(Bound, Handles), StartError> {
    let Plan {
        listeners,
        wiring,
        feed,
        ..
    } = plan;
    let auth_config = auth_server_config(&plan.stores, &plan.seed, plan.workers);
    let resource_config = resource_server_config(&plan.stores, &plan.seed, plan.workers);
    let mut client_config = client_app_config(&plan.seed, plan.workers);
    client_config.sign_in.providers = plan.providers;
    let record = Record::new(&wiring)?;
    let (auth_server, resource_server, client_app) = tokio::join!(
        auth_server::Server::bind(auth_config, listeners.auth_server, wiring.clone()),
        resource_server::Server::bind(resource_config, listeners.resource_server, wiring.clone()),
        client_app::Server::bind(client_config, listeners.client_app, wiring, feed),
    );
    let bound = Bound {
        auth_server: auth_server?,
        resource_server: resource_server?,
        client_app: client_app?,
    };
    let handles = Handles {
        stops: bound.stops(),
        realms: bound.realms(),
        record,
    };
    Ok((bound, handles))
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
        Stops {
            auth_server: self.auth_server.stop_handle(),
            resource_server: self.resource_server.stop_handle(),
            client_app: self.client_app.stop_handle(),
        }
    }

    fn realms(&self) -> Realms {
        Realms {
            auth_server: self.auth_server.realms(),
            resource_server: self.resource_server.realms(),
        }
    }

    /// Answers until all three are stopped; where one ends with an error, the others are stopped too.
    pub(crate) async fn run(self) {
        let stops = self.stops();
        let ended = |name: &str, error: Option<String>| {
            if let Some(error) = error {
                tracing::error!(service = name, error, "ended");
                stops.trigger();
            }
        };
        let failure = |error: &dyn std::error::Error| Some(error.to_string());
        let auth_server = async {
            let end = self.auth_server.run().await;
            ended("auth-server", end.err().and_then(|error| failure(&error)));
        };
        let resource_server = async {
            let end = self.resource_server.run().await;
            ended(
                "resource-server",
                end.err().and_then(|error| failure(&error)),
            );
        };
        let client_app = async {
            let end = self.client_app.run().await;
            ended("client-app", end.err().and_then(|error| failure(&error)));
        };
        tokio::join!(auth_server, resource_server, client_app);
    }
}

/// Makes realms in services that run; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Realms {
    auth_server: auth_server::Realms,
    resource_server: resource_server::Realms,
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
        self.resource_server.create(seed).await.map_err(refused)?;
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
