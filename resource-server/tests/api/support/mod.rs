//! A resource server, an issuer, and a caller who reads the answers.

mod answer;
mod issuer;

use std::net::TcpListener;
use std::sync::Mutex;

use resource_server::{Config, Realms, Server, StopHandle};
use shared::flow::{Exchange, Party, RecordKey};
use shared::observe::{Capture, Feed, HttpClient, HttpRequest, Reporter};
use shared::realm::{Addresses, RealmName};
use shared::store::StoreUrl;
use shared::telemetry::{Meters, Tracers};
use shared::time::Clocks;
use shared::wiring::Wiring;

pub(crate) use answer::Answer;
pub(crate) use issuer::{Claims, Issuer};

/// A running resource server with an issuer of its own; stops when it is dropped.
pub(crate) struct World {
    /// The public URL of the API, default realm.
    pub(crate) api: String,
    /// The issuer that the API trusts.
    pub(crate) issuer: Issuer,
    /// Fills realms.
    pub(crate) realms: Realms,
    /// The realms' time.
    pub(crate) clocks: Clocks,
    client: HttpClient,
    feed: Mutex<Feed>,
    stop: StopHandle,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

impl World {
    /// A world as it is by default.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose configuration `change` changes.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        shared::serve::tls::install_crypto_provider();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = Issuer::start();
        let mut addresses = Addresses::localhost(8080, 0, listener.local_addr().unwrap().port());
        addresses.auth_server.clone_from(&issuer.url);
        let (reporter, feed) = Reporter::bounded(4096);
        let clocks = Clocks::default();
        let wiring = Wiring {
            addresses: addresses.clone(),
            connect_to: std::collections::HashMap::new(),
            tls: shared::serve::tls::Tls::default(),
            clocks: clocks.clone(),
            controls: shared::control::Controls::default(),
            reporter,
            record_key: RecordKey::from_text("a key for these tests"),
            replica: None,
            capture: Capture::default(),
            meters: Meters::default(),
            tracers: Tracers::default(),
        };
        let client = Wiring {
            reporter: Reporter::off(),
            ..wiring.clone()
        };
        let client = client.observer(Party::Stranger("test".to_owned()));
        let client = HttpClient::new(client, std::collections::HashMap::new()).unwrap();
        let mut config = Config::default();
        config.store.url = StoreUrl::SqliteMemory;
        config.server.workers = 1;
        change(&mut config);
        let server = Server::bind(config, listener, wiring).await.unwrap();
        let (realms, stop) = (server.realms(), server.stop_handle());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(server.run()).unwrap();
        });
        Self {
            api: addresses.resource_server,
            issuer,
            realms,
            clocks,
            client,
            feed: Mutex::new(feed),
            stop,
        }
    }

    /// The claims of a good token of Alice's with every scope.
    pub(crate) fn alice(&self) -> Claims {
        self.claims(
            "alice-0001",
            "web",
            "profile email photos:read photos:write",
        )
    }

    /// The claims of a good token in the default realm.
    pub(crate) fn claims(&self, sub: &str, client_id: &str, scope: &str) -> Claims {
        let now = self.clocks.of(&RealmName::default_realm()).now().as_unix();
        Claims::new(&self.issuer.url, &self.api, now)
            .with("sub", sub)
            .with("client_id", client_id)
            .with("scope", scope)
    }

    /// Sends a request to a path of the API.
    pub(crate) async fn send(&self, request: HttpRequest) -> Answer<'_> {
        let url = format!("{}{}", self.api, request.url);
        let request = HttpRequest { url, ..request };
        let realm = shared::realm::RealmName::default_realm();
        let response = self.client.send(request, &realm, None).await.unwrap();
        Answer::new(response, self)
    }

    /// `GET path` with a token.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer<'_> {
        self.send(HttpRequest::get(path).bearer(token)).await
    }

    /// `POST /photos` with a token and a JSON body.
    pub(crate) async fn post_photo(&self, token: &str, body: &str) -> Answer<'_> {
        let request = HttpRequest {
            method: "POST".to_owned(),
            body: body.as_bytes().to_vec(),
            ..HttpRequest::get("/photos")
        };
        let request = request
            .header("content-type", "application/json")
            .bearer(token);
        self.send(request).await
    }

    /// What the API observed of the exchange `id`; waits for it.
    async fn exchange(&self, id: &str) -> Exchange {
        for _ in 0..200 {
            while let Some(exchange) = self.feed.lock().unwrap().try_next() {
                if exchange.id.as_str() == id {
                    return *exchange;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("exchange {id} was not observed");
    }
}
