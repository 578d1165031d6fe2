//! An auth server of its own for each test, and requests as a client would make them.

use std::collections::HashMap;
use std::net::TcpListener;

use auth_server::{Config, Realms, Server, StopHandle};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use shared::flow::{Exchange, Outcome, RecordKey};
use shared::observe::{Capture, Feed, HttpClient, HttpRequest, HttpResponse, Reporter};
use shared::realm::Addresses;
use shared::seed::{AccessTokenFormat, ClientSeed, Seed, SigningAlgorithm};
use shared::store::StoreUrl;
use shared::telemetry::{Meters, Tracers};
use shared::time::Clocks;
use shared::wiring::Wiring;
use tokio::sync::Mutex;

/// A running server.
pub(crate) struct World {
    /// Its address: the issuer of the default realm.
    pub(crate) url: String,
    /// The clocks of its realms.
    pub(crate) clocks: Clocks,
    /// Its realms.
    pub(crate) realms: Realms,
    client: HttpClient,
    feed: Mutex<Feed>,
    stop: StopHandle,
    _directory: tempfile::TempDir,
}

/// The demo's cast, and clients with a name that must be encoded, with opaque tokens, and with RS256.
fn seed() -> Seed {
    let mut seed = Seed::demo().unwrap();
    let mut opaque = ClientSeed::confidential("opaque", "s", "{client_app}/callback")
        .with_grants(&["client_credentials", "password", "refresh_token"])
        .with_scopes(&["openid", "stats:read"]);
    opaque.policy.access_token_format = Some(AccessTokenFormat::Opaque);
    opaque.policy.id_token_signed_response_alg = Some(SigningAlgorithm::Rs256);
    let reserved = ClientSeed::confidential("a b:c", "s%&=+:ecret", "{client_app}/callback")
        .with_grants(&["client_credentials"])
        .with_scopes(&["stats:read"]);
    let realm = seed.realms.remove(0);
    seed.realms = vec![realm.with_client(opaque).with_client(reserved)];
    seed
}

impl World {
    /// Starts a server on a free port, with a store in a file.
    pub(crate) async fn start() -> Self {
        Self::start_on(None).await
    }

    /// Starts a server on a free port, with this store or one in a file.
    pub(crate) async fn start_on(store: Option<StoreUrl>) -> Self {
        Self::start_with(store, |_| {}).await
    }

    /// The same, with a configuration that was changed.
    pub(crate) async fn start_with(
        store: Option<StoreUrl>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        shared::serve::tls::install_crypto_provider();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (reporter, feed) = Reporter::bounded(4096);
        let wiring = Wiring {
            addresses: Addresses::localhost(1, port, 2),
            connect_to: HashMap::new(),
            tls: shared::serve::tls::Tls::default(),
            clocks: Clocks::default(),
            controls: shared::control::Controls::default(),
            reporter,
            record_key: RecordKey::from_text("the record's key of this test"),
            replica: None,
            capture: Capture::default(),
            meters: Meters::default(),
            tracers: Tracers::default(),
        };
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.workers = 1;
        let file = || StoreUrl::sqlite_file(directory.path().join("auth-server.db"));
        config.store.url = store.unwrap_or_else(file);
        config.seed.given = Some(seed());
        change(&mut config);
        let observer = wiring.observer(shared::flow::Party::Stranger("test".to_owned()));
        let quiet = shared::observe::Observer {
            reporter: Reporter::off(),
            ..(*observer).clone()
        };
        let client = HttpClient::new(quiet.into(), HashMap::new()).unwrap();
        let clocks = wiring.clocks.clone();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = Server::bind(config, listener, wiring).await.unwrap();
                let _ = sender.send((server.stop_handle(), server.realms()));
                server.run().await.unwrap();
            });
        });
        let (stop, realms) = receiver.await.unwrap();
        Self {
            url: format!("http://localhost:{port}"),
            clocks,
            realms,
            client,
            feed: Mutex::new(feed),
            stop,
            _directory: directory,
        }
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: HttpRequest) -> Answer<'_> {
        let realm = shared::realm::RealmName::default_realm();
        let response = self.client.send(request, &realm, None).await.unwrap();
        Answer {
            response,
            world: self,
        }
    }

    /// `GET` of a path.
    pub(crate) async fn get(&self, path: &str) -> Answer<'_> {
        self.send(HttpRequest::get(self.at(path))).await
    }

    /// `POST` of a form by a client that authenticates with Basic, its name and secret form-encoded first.
    pub(crate) async fn post_as(
        &self,
        (client_id, secret): (&str, &str),
        path: &str,
        form: &[(&str, &str)],
    ) -> Answer<'_> {
        let encode = |text: &str| {
            let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            encoded
        };
        let pair = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret)));
        let request = HttpRequest::post_form(self.at(path), form);
        self.send(request.header("authorization", format!("Basic {pair}")))
            .await
    }

    /// `POST` of a form without credentials of its own.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer<'_> {
        self.send(HttpRequest::post_form(self.at(path), form)).await
    }

    /// `POST /token` of a raw body.
    pub(crate) async fn post_raw(&self, content_type: &str, body: &[u8]) -> Answer<'_> {
        let mut request = HttpRequest::post_form(self.at("/token"), &[]);
        request.headers = vec![("content-type".to_owned(), content_type.to_owned())];
        request.body = body.to_vec();
        self.send(request).await
    }

    /// Alice's tokens, through the password grant of `trusted`.
    pub(crate) async fn alice(&self, scope: &str) -> Value {
        let form = [
            ("grant_type", "password"),
            ("username", "alice"),
            ("password", "alice-password"),
            ("scope", scope),
        ];
        self.post_as(TRUSTED, "/token", &form).await.ok().json()
    }

    /// What the resource server learns of a token.
    pub(crate) async fn introspect(&self, token: &str) -> Value {
        let form = [("token", token)];
        self.post_as(RESOURCE_SERVER, "/introspect", &form)
            .await
            .ok()
            .json()
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    async fn exchange(&self, id: &str) -> Exchange {
        let mut feed = self.feed.lock().await;
        loop {
            let exchange = feed.next().await.unwrap();
            if exchange.id.as_str() == id {
                return *exchange;
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// The demo's clients.
pub(crate) const TRUSTED: (&str, &str) = ("trusted", "trusted-secret");
pub(crate) const SERVICE: (&str, &str) = ("service", "service-secret");
pub(crate) const WEB: (&str, &str) = ("web", "web-secret");
pub(crate) const RESOURCE_SERVER: (&str, &str) = ("resource-server", "resource-server-secret");

/// An answer, and the world that it came from.
pub(crate) struct Answer<'w> {
    response: HttpResponse,
    world: &'w World,
}

impl Answer<'_> {
    /// The status code.
    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.response.header(name).unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        self.response.text()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        self.response.json().unwrap()
    }

    /// Asserts success.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status(), 200, "{}", self.text());
        self
    }

    /// Asserts a refusal: status, code, `no-store`, and the one failed check.
    pub(crate) async fn is_refused(&self, status: u16, error: &str, check: &str) {
        assert_eq!(self.status(), status, "{}", self.text());
        assert_eq!(self.json()["error"], error);
        assert_eq!(self.header("cache-control"), "no-store");
        let exchange = self.world.exchange(self.header("exchange-id")).await;
        let failed: Vec<_> = exchange
            .checks
            .into_iter()
            .filter(|check| check.outcome == Outcome::Failed)
            .map(|check| check.id)
            .collect();
        assert_eq!(failed, [check]);
    }
}
