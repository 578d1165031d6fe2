//! A complete OAuth 2 world in your process: an authorization server, a protected API and a client app.
//!
//! For test suites, and for `cargo run`. Everything is real: three HTTP servers on ports of `localhost`,
//! people who sign in, tokens that are signed. Start it once, and give each test a [`Realm`] of its own, an
//! isolated world with its own issuer, clients, people, keys and clock, which takes milliseconds to make.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use ecosystem::Ecosystem;
//! use shared::time::Lifetime;
//!
//! let world = Ecosystem::start().await?;            // free ports, nothing on disk
//! let realm = world.realm("my-test").await?;        // alice, bob and the demo's clients
//!
//! // Point the client under test at `realm.issuer()`; discovery tells it the rest.
//! println!("{}/.well-known/oauth-authorization-server", realm.issuer());
//!
//! realm.clock().advance(Lifetime::from_minutes(11)); // access tokens have expired now
//! for flow in realm.flows().await? {                 // what really happened, request by request
//!     println!("{:?} {:?}", flow.grant, flow.result);
//! }
//! world.stop().await;                                // or drop it
//! # Ok(()) }
//! ```
//!
//! It runs on threads of its own, so that it can be started from `#[tokio::test]`, from `#[actix_web::test]`
//! and, by [`Builder::start_blocking`], from a plain `main`. Many may live in one process.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Builder`] | ports, store, seed |
//! | [`Ecosystem`] | the three addresses, clocks, stopping |
//! | [`Realm`] | an isolated world in it |
//! | [`Https`] | a certificate authority of this machine, or certificates of yours |
//! | [`record`] | what was observed: exchanges with their checks, flows |
//! | [`Replicas`] | several servers of one service, behind one address |
//! | `services` | the only place that knows how each service is configured and started |

mod builder;
mod https;
mod realm;
pub mod record;
mod replicas;
mod running;
mod services;

use std::net::SocketAddr;
use std::path::PathBuf;

use shared::control::Controls;
use shared::flow::ExchangeId;
use shared::page::Service;
use shared::realm::{Addresses, RealmName};
use shared::seed::RealmSeed;
use shared::time::{Clock, Clocks, Timestamp};

pub use builder::{Builder, Ports, Store};
pub use client_app::clients::ClientConfig;
pub use client_app::sign_in::ProviderConfig;
pub use https::{Authority, Https, HttpsError};
pub use realm::{Realm, RealmError};
pub use record::RecordError;
pub use replicas::Replicas;
pub use running::StartError;

use record::{ExchangeView, FlowSummary, Record};
use running::Running;
use services::Realms;

/// Three services that run, wired to each other. Dropping it stops them.
#[derive(Debug)]
pub struct Ecosystem {
    addresses: Addresses,
    clocks: Clocks,
    controls: Controls,
    record: Record,
    realms: Realms,
    template: RealmSeed,
    directory: Option<PathBuf>,
    authority: Option<Authority>,
    places: Vec<(Service, Vec<SocketAddr>)>,
    running: Running,
}

impl Ecosystem {
    /// Starts the demo on free ports with nothing on disk.
    ///
    /// # Errors
    /// [`StartError`], which says what stands in the way.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Chooses ports, store and seed before starting.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The public URLs of the three services, without a trailing slash.
    #[must_use]
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The client app's URL: `http://localhost:PORT`.
    #[must_use]
    pub fn client_app(&self) -> &str {
        &self.addresses.client_app
    }

    /// The auth server's URL: the issuer of the default realm.
    #[must_use]
    pub fn auth_server(&self) -> &str {
        &self.addresses.auth_server
    }

    /// The resource server's URL: the audience of the default realm's access tokens.
    #[must_use]
    pub fn resource_server(&self) -> &str {
        &self.addresses.resource_server
    }

    /// Where its data is kept; `None` for an ecosystem in memory or on PostgreSQL.
    #[must_use]
    pub fn directory(&self) -> Option<&std::path::Path> {
        self.directory.as_deref()
    }

    /// Who vouches for its certificate; `None` by plain HTTP and with given certificates.
    #[must_use]
    pub const fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// The clock of the default realm.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clocks.of(&RealmName::default_realm())
    }

    /// The realm at the root of every service.
    #[must_use]
    pub fn default_realm(&self) -> Realm {
        self.realm_named(RealmName::default_realm())
    }

    /// Makes an isolated copy of the demo: alice, bob, the clients and the photos, under another issuer.
    ///
    /// `name` is 1 to 40 of `a`-`z`, `0`-`9` and `-`.
    ///
    /// # Errors
    /// [`RealmError`]: the name is malformed or taken, or the store refuses.
    pub async fn realm(&self, name: &str) -> Result<Realm, RealmError> {
        let name: RealmName = name.parse()?;
        let seed = RealmSeed {
            name,
            ..self.template.clone()
        };
        self.realm_from(seed).await
    }

    /// Makes a realm of your own cast. `{client_app}`, `{auth_server}` and `{resource_server}` in its URIs
    /// become the realm's addresses.
    ///
    /// ```no_run
    /// # async fn example(world: ecosystem::Ecosystem) -> Result<(), Box<dyn std::error::Error>> {
    /// use shared::seed::{ClientSeed, RealmSeed};
    ///
    /// let seed = RealmSeed::demo_named("native".parse()?)?
    ///     .with_client(ClientSeed::public("app", "http://127.0.0.1/callback"));
    /// let realm = world.realm_from(seed).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Ecosystem::realm`].
    pub async fn realm_from(&self, seed: RealmSeed) -> Result<Realm, RealmError> {
        let name = seed.name.clone();
        self.realms.create(&seed).await?;
        Ok(self.realm_named(name))
    }

    /// Rotates the signing keys of a realm: new ones are published at once and sign a few seconds later, the old
    /// ones verify until the last token that they signed has expired. Returns the moment from which the new ones
    /// sign, on the realm's clock.
    ///
    /// # Errors
    /// [`RealmError::AuthServer`] when there is no such realm, or the store fails.
    pub async fn rotate_keys(&self, realm: &RealmName) -> Result<Timestamp, RealmError> {
        self.realms.rotate_keys(realm).await
    }

    /// [`Realm::exchange`] of the realm at the root.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn exchange(&self, id: &ExchangeId) -> Result<ExchangeView, RecordError> {
        self.record.exchange(self.client_app(), id).await
    }

    /// [`Realm::flows`] of the realm at the root.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn flows(&self) -> Result<Vec<FlowSummary>, RecordError> {
        Ok(self.record.flows(self.client_app()).await?.flows)
    }

    /// Waits until all three services answer `/healthz`, ten seconds at most; whether they do.
    pub async fn ready(&self) -> bool {
        let bases = [
            self.client_app(),
            self.auth_server(),
            self.resource_server(),
        ];
        for base in bases {
            if !self.record.comes_up(base).await {
                return false;
            }
        }
        true
    }

    /// Waits until the services end by themselves, which they only do when something is badly wrong.
    pub async fn ended(&mut self) {
        self.running.ended().await;
    }

    /// Asks one service to finish what is in flight and stop; the others go on. For seeing what a client does when
    /// its provider is away.
    pub fn stop_one(&self, service: Service) {
        self.running.stop_one(service);
    }

    /// Where each server of a service listens by itself, behind the public address: one address for a service that
    /// has one server, none for the client app.
    #[must_use]
    pub fn replicas(&self, service: Service) -> &[SocketAddr] {
        let of_service = self.places.iter().find(|(known, _)| *known == service);
        of_service.map_or(&[], |(_, places)| places)
    }

    /// Asks one server of a service to finish what is in flight and stop, by its place in [`Ecosystem::replicas`];
    /// the others go on.
    pub fn stop_replica(&self, service: Service, number: usize) {
        self.running.stop_replica(service, number);
    }

    /// Finishes what is in flight, one second at most, and stops.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    fn realm_named(&self, name: RealmName) -> Realm {
        let record = self.record.clone();
        Realm::new(name, &self.addresses, &self.clocks, &self.controls, record)
    }
}
