//! The three services apart, as three containers run them: nothing in common but HTTP and the record's key.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::flow::Party;
use shared::realm::Addresses;
use shared::serve::{ConfigSecret, StopHandle};
use shared::store::StoreUrl;
use shared::wiring::{Wiring, WiringConfig};
use tokio::sync::oneshot;

use crate::support::{Request, Response};

/// Three services, each on a thread with a wiring of its own.
struct Apart {
    addresses: Addresses,
    client_wiring: Wiring,
    stop_client: StopHandle,
    stop_auth: StopHandle,
    stop_resource: StopHandle,
}

impl Drop for Apart {
    fn drop(&mut self) {
        for stop in [&self.stop_client, &self.stop_auth, &self.stop_resource] {
            stop.stop();
        }
    }
}

/// Runs `serve` on a thread of its own; what it says once it is bound.
async fn on_a_thread<T, F>(serve: impl FnOnce(oneshot::Sender<T>) -> F + Send + 'static) -> T
where
    T: Send + 'static,
    F: Future<Output = ()>,
{
    let (say, hear) = oneshot::channel();
    std::thread::spawn(move || actix_web::rt::System::new().block_on(serve(say)));
    hear.await.expect("it is bound")
}

impl Apart {
    async fn start() -> Self {
        shared::serve::tls::install_crypto_provider();
        let bind = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (client, auth, resource) = (bind(), bind(), bind());
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let addresses = Addresses::localhost(port(&client), port(&auth), port(&resource));
        let wiring = WiringConfig {
            addresses: addresses.clone(),
            record_key: Some(ConfigSecret::new("the key of three services apart")),
            ..WiringConfig::default()
        };
        let (of_client, of_auth, of_resource) = (wiring.clone(), wiring.clone(), wiring);
        let (client_wiring, stop_client) = on_a_thread(async move |say| {
            let (wiring, feed) = of_client.wire().unwrap();
            let config = client_app::Config::default();
            let server = client_app::Server::bind(config, client, wiring.clone(), feed);
            let server = server.await.unwrap();
            let _ = say.send((wiring, server.stop_handle()));
            server.run().await.unwrap();
        })
        .await;
        let stop_auth = on_a_thread(async move |say| {
            let wiring = of_auth.wire_and_forward(Party::AuthServer).unwrap();
            let mut config = auth_server::Config::default();
            config.store.url = StoreUrl::SqliteMemory;
            let server = auth_server::Server::bind(config, auth, wiring)
                .await
                .unwrap();
            let _ = say.send(server.stop_handle());
            server.run().await.unwrap();
        })
        .await;
        let stop_resource = on_a_thread(async move |say| {
            let wiring = of_resource.wire_and_forward(Party::ResourceServer).unwrap();
            let mut config = resource_server::Config::default();
            config.store.url = StoreUrl::SqliteMemory;
            let server = resource_server::Server::bind(config, resource, wiring)
                .await
                .unwrap();
            let _ = say.send(server.stop_handle());
            server.run().await.unwrap();
        })
        .await;
        Self {
            addresses,
            client_wiring,
            stop_client,
            stop_auth,
            stop_resource,
        }
    }

    async fn api(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Request::new(method, &format!("{}{path}", self.addresses.client_app))
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = request.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn token(&self) -> Request {
        let url = format!("{}/token", self.addresses.auth_server);
        Request::post(&url, &[("grant_type", "client_credentials")])
            .basic("service", "service-secret")
    }

    /// Sets a breakpoint on `POST /token`, and waits until it stops a request.
    async fn pause_token(&self) -> (tokio::task::JoinHandle<Response>, Value) {
        let breakpoint = json!({"service": "auth-server", "method": "POST", "path": "/token"});
        self.api("PUT", "/api/breakpoints", &breakpoint).await;
        let begun = Instant::now();
        loop {
            let answer = tokio::spawn(self.token().send());
            for _ in 0..30 {
                let waiting = self.api("GET", "/api/paused", &Value::Null).await;
                if let Some(first) = waiting["waiting"].get(0) {
                    return (answer, first.clone());
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            // The auth server had not heard yet: it answered as ever.
            assert!(begun.elapsed() < Duration::from_secs(30), "it never waits");
        }
    }
}

#[tokio::test]
async fn a_breakpoint_reaches_another_process_and_so_does_the_decision() {
    let apart = Apart::start().await;
    let (answer, paused) = apart.pause_token().await;
    assert_eq!(paused["to"], "auth-server");
    // Each service tells its routes as soon as it has found the client app.
    for service in ["auth-server", "client-app", "resource-server"] {
        wait_for(async || {
            let routes = apart.api("GET", "/api/breakpoints", &Value::Null).await;
            let mut known = routes["routes"].as_array().unwrap().iter();
            known.any(|route| route["service"] == service).then_some(())
        })
        .await;
    }
    let path = format!("/api/paused/{}", paused["id"].as_str().unwrap());
    let change = json!({"action": "change", "set": {"grant_type": "magic"}});
    apart.api("POST", &path, &change).await;
    let answer = answer.await.unwrap();
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("unsupported_grant_type"),
        "{}",
        answer.text()
    );
    let fate = wait_for(async || {
        let fate = apart.api("GET", &path, &Value::Null).await;
        fate.get("fate").cloned()
    });
    assert_eq!(fate.await, "changed");
}

/// What `ask` gives, as soon as it gives something.
async fn wait_for<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "in vain");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn clocks_go_together_across_processes() {
    let apart = Apart::start().await;
    let clock = apart
        .client_wiring
        .clocks
        .of(&shared::realm::RealmName::default_realm());
    let issued_at = async || {
        let answer = apart.token().send().await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        let token = body["access_token"].as_str().unwrap().to_owned();
        let claims = token.split('.').nth(1).unwrap().to_owned();
        let bytes =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims);
        let claims: Value = serde_json::from_slice(&bytes.unwrap()).unwrap();
        claims["iat"].as_i64().unwrap()
    };
    let before = issued_at().await;
    clock.advance(shared::time::Lifetime::from_minutes(60));
    wait_for(async || (issued_at().await >= before + 3600).then_some(())).await;
    clock.pause();
    let at = clock.now().as_unix();
    wait_for(async || (issued_at().await == at).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(issued_at().await, at, "it stands still there too");
    clock.resume();
    wait_for(async || (issued_at().await > at).then_some(())).await;
}

/// Nobody is left who could decide: everything goes on, and nothing is stopped any more.
#[tokio::test]
async fn without_the_client_app_everything_goes_on() {
    let apart = Apart::start().await;
    let (answer, _) = apart.pause_token().await;
    assert!(!answer.is_finished());
    apart.stop_client.stop();
    let answer = tokio::time::timeout(Duration::from_secs(8), answer).await;
    assert_eq!(answer.expect("it does not hang").unwrap().status, 200);
    let begun = Instant::now();
    wait_for(async || {
        let answer = tokio::time::timeout(Duration::from_secs(1), apart.token().send()).await;
        answer.ok().filter(|answer| answer.status == 200)
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(8));
}

/// A report without the record's key is not believed.
#[tokio::test]
async fn nobody_else_leads_or_follows() {
    let apart = Apart::start().await;
    let url = format!("{}/control", apart.addresses.client_app);
    let forged = Request::new("POST", &url)
        .header("content-type", "application/json")
        .header("authorization", "Record 00")
        .body("{}")
        .send()
        .await;
    assert_eq!(forged.status, 401);
}
