//! Three auth servers and two resource servers on one PostgreSQL database, each asked in its turn. Run when
//! `TEST_DATABASE_URL` is set.
//!
//! | file | what is in it |
//! |---|---|
//! | `turns` | whole flows, each step at another server, and what the record says of it |
//! | `races` | what has one winner has one at all servers together |
//! | `staleness` | how soon one server sees what another changed |
//! | `proofs` | used proofs and nonces (RFC 9449) are the same at all servers |
//! | `assertions` | an assertion (RFC 7523) is good once at all servers together |
//! | `start` | starting at once; a server that goes; a database of a newer program |

mod assertions;
mod proofs;
mod races;
mod staleness;
mod start;
mod turns;

use std::net::SocketAddr;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use ecosystem::{Ecosystem, Replicas, Store};
use shared::page::Service;
use shared::seed::RealmSeed;
use shared::store::StoreUrl;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use url::Url;

use crate::support::{Answer, Request, World};

/// Auth servers.
const AUTH_SERVERS: usize = 3;
/// Resource servers.
const RESOURCE_SERVERS: usize = 2;
/// How many of these worlds run at once: each may hold forty connections to the database.
const AT_ONCE: usize = 2;

static TURN: OnceCell<Semaphore> = OnceCell::const_new();

/// A database of its own, dropped with this value.
pub(crate) struct Database {
    server: Url,
    name: String,
}

impl Database {
    /// A new one on the server that `TEST_DATABASE_URL` names, or none where it names none.
    pub(crate) fn new(purpose: &str) -> Option<Self> {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            eprintln!("TEST_DATABASE_URL is not set: not run");
            return None;
        };
        let database = Self {
            server: server.parse().expect("TEST_DATABASE_URL"),
            name: format!("replicas_{purpose}_{}", std::process::id()),
        };
        database.tell("CREATE DATABASE", "");
        Some(database)
    }

    fn tell(&self, what: &str, how: &str) {
        let mut connection = PgConnection::establish(self.server.as_str()).expect("PostgreSQL");
        let command = format!("{what} {} {how}", self.name);
        connection.batch_execute(&command).expect("it is done");
    }

    /// Where it is.
    pub(crate) fn url(&self) -> StoreUrl {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url.as_str().parse().expect("a store's address")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.tell("DROP DATABASE IF EXISTS", "WITH (FORCE)");
    }
}

/// A world with several servers of each kind.
struct Farm {
    world: World,
    _database: Database,
    _turn: SemaphorePermit<'static>,
}

impl Farm {
    /// The demo's cast.
    async fn new(purpose: &str) -> Option<Self> {
        Self::with(purpose, |seed| seed).await
    }

    /// The demo's cast, changed.
    async fn with(purpose: &str, change: impl FnOnce(RealmSeed) -> RealmSeed) -> Option<Self> {
        let turn = TURN.get_or_init(async || Semaphore::new(AT_ONCE)).await;
        let turn = turn.acquire().await.expect("open");
        let database = Database::new(purpose)?;
        let store = Store::Postgres {
            url: database.url(),
            schema: "farm".to_owned(),
        };
        let replicas = Replicas {
            auth_server: AUTH_SERVERS,
            resource_server: RESOURCE_SERVERS,
        };
        let builder = Ecosystem::builder().store(store).replicas(replicas);
        let ecosystem = builder.start().await;
        let ecosystem = Arc::new(ecosystem.unwrap_or_else(|error| panic!("{error}")));
        Some(Self {
            world: World::inside(ecosystem, change).await,
            _database: database,
            _turn: turn,
        })
    }

    /// Where each auth server listens by itself.
    fn auth_servers(&self) -> Vec<SocketAddr> {
        self.world.ecosystem.replicas(Service::AuthServer).to_vec()
    }

    /// Where each resource server listens by itself.
    fn resource_servers(&self) -> Vec<SocketAddr> {
        let ecosystem = &self.world.ecosystem;
        ecosystem.replicas(Service::ResourceServer).to_vec()
    }

    /// The answers of these servers to one request, which all get at the same time, each as often as it stands there.
    async fn all_at_once(&self, places: Vec<SocketAddr>, request: &Request) -> Vec<Answer> {
        let sending: Vec<_> = places
            .into_iter()
            .map(|place| tokio::spawn(request.clone().at(place).send()))
            .collect();
        let mut answers = Vec::new();
        for sent in sending {
            answers.push(self.world.answer(sent.await.unwrap()));
        }
        answers
    }

    /// The answer of one server.
    async fn send(&self, place: SocketAddr, request: Request) -> Answer {
        self.world.send(request.at(place)).await
    }
}

/// Which server gave an answer, as the record has it.
async fn answered_by(answer: &Answer) -> String {
    let exchange = answer.exchange().await;
    exchange.notes["replica"].clone()
}
