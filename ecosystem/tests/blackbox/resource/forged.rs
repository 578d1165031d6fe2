//! Forged tokens — RFC 9068 §4, RFC 8725: everything that only somebody with the issuer's key could make.
//!
//! Here the resource server stands alone and believes in an issuer that the test plays, so that a test can sign
//! what no authorization server of ours would: another issuer, another audience, no expiry.

use std::sync::mpsc;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use shared::flow::{Exchange, Outcome, RecordKey, Side};
use shared::observe::{Capture, Feed, Reporter};
use shared::realm::Addresses;
use shared::seed::Seed;
use shared::store::StoreUrl;
use shared::telemetry::{Meters, Tracers};
use shared::time::{Clocks, wall_clock_us};
use shared::wiring::Wiring;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Request;

/// A P-256 key made for this test and used nowhere else.
const PRIVATE_KEY: &str = include_str!("forger.pem");
/// The key id under which the test publishes it.
const KEY_ID: &str = "forger";

/// A resource server that believes in an issuer played by the test.
pub(super) struct Forge {
    pub(super) addresses: Addresses,
    feed: Feed,
    stop: resource_server::StopHandle,
}

impl Drop for Forge {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
}

/// The public half of the key.
fn jwks() -> Value {
    json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_ID,
        "x": "L0Wv9VGXpN6KPa622d38rrFGEXryi90U-l1aPrtPtP8",
        "y": "mYWogNtOoRzwqw6465jhaFOIMwcoDJ5hKClub0zWPnQ",
    }]})
}

/// Plays an authorization server: its metadata, its keys, and an introspection that knows every token.
async fn play_issuer(listener: TcpListener, issuer: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let issuer = issuer.clone();
        tokio::spawn(async move {
            let _ = answer_one(stream, &issuer).await;
        });
    }
}

async fn answer_one(mut stream: TcpStream, issuer: &str) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut more = [0; 1024];
        let read = stream.read(&mut more).await?;
        if read == 0 {
            return Ok(());
        }
        head.extend(&more[..read]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let body = if path.contains("jwks") {
        jwks()
    } else if path.contains("introspect") {
        json!({"active": true})
    } else {
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/jwks"),
            "introspection_endpoint": format!("{issuer}/introspect"),
            "token_endpoint": format!("{issuer}/token"),
            "response_types_supported": ["code"],
        })
    }
    .to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await
}

impl Forge {
    pub(super) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// A resource server that demands something else.
    pub(super) async fn start_with(
        change: impl FnOnce(&mut resource_server::Config) + Send + 'static,
    ) -> Self {
        shared::serve::tls::install_crypto_provider();
        let issuer = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = |address: std::net::SocketAddr| address.port();
        let ports = (
            port(issuer.local_addr().unwrap()),
            port(api.local_addr().unwrap()),
        );
        let addresses = Addresses::localhost(1, ports.0, ports.1);
        tokio::spawn(play_issuer(issuer, addresses.auth_server.clone()));
        let (reporter, feed) = Reporter::bounded(64);
        let wiring = Wiring {
            addresses: addresses.clone(),
            connect_to: std::collections::HashMap::new(),
            tls: shared::serve::tls::Tls::default(),
            clocks: Clocks::default(),
            controls: shared::control::Controls::default(),
            reporter,
            record_key: RecordKey::from_text("forge"),
            replica: None,
            capture: Capture::default(),
            meters: Meters::default(),
            tracers: Tracers::default(),
        };
        let (say, hear) = mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let mut config = resource_server::Config::default();
                config.store.url = StoreUrl::SqliteMemory;
                config.server.workers = 1;
                change(&mut config);
                let server = resource_server::Server::bind(config, api, wiring);
                let server = server.await.expect("the resource server starts");
                say.send(server.stop_handle()).expect("the test waits");
                server.run().await.expect("the resource server runs");
            });
        });
        let stop = tokio::task::spawn_blocking(move || hear.recv()).await;
        Self {
            addresses,
            feed,
            stop: stop.unwrap().expect("the resource server starts"),
        }
    }

    /// Claims with which a token would be good.
    pub(super) fn claims(&self) -> Value {
        let now = wall_clock_us() / 1_000_000;
        let alice = Seed::demo().unwrap().realms[0].people[0].sub.clone();
        json!({
            "iss": self.addresses.auth_server,
            "aud": self.addresses.resource_server,
            "sub": alice,
            "client_id": "web",
            "scope": "openid profile photos:read",
            "iat": now,
            "exp": now + 600,
            "jti": "a-token",
        })
    }

    /// The good claims with one changed; `null` leaves it out.
    pub(super) fn with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        let members = claims.as_object_mut().unwrap();
        members.remove(name);
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
        claims
    }

    /// Shows `token` to the API: the status, and the check that failed.
    async fn show(&mut self, token: &str) -> (u16, Option<String>) {
        let url = format!("{}/photos", self.addresses.resource_server);
        let response = Request::get(&url).bearer(token).send().await;
        let id = response.header("exchange-id").expect("an exchange");
        let exchange = loop {
            let next = *self.feed.next().await.expect("the feed is open");
            if next.id.as_str() == id && next.observer.side == Side::Received {
                break next;
            }
        };
        if response.status != 200 {
            let challenge = response.header("www-authenticate").unwrap_or_default();
            assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        }
        (response.status, failed(&exchange))
    }

    /// `token` is refused because of exactly this check.
    async fn refuses(&mut self, token: &str, check: &str) {
        let shown = self.show(token).await;
        assert_eq!(shown, (401, Some(check.to_owned())), "{token}");
    }
}

fn failed(exchange: &Exchange) -> Option<String> {
    let mut failed = exchange
        .checks
        .iter()
        .filter(|check| check.outcome == Outcome::Failed)
        .map(|check| check.id.clone());
    let first = failed.next();
    assert_eq!(failed.next(), None, "{:#?}", exchange.checks);
    first
}

fn header(algorithm: Algorithm) -> Header {
    Header {
        typ: Some("at+jwt".to_owned()),
        kid: Some(KEY_ID.to_owned()),
        ..Header::new(algorithm)
    }
}

/// Signs as the issuer would.
fn sign(header: &Header, claims: &Value) -> String {
    let key = EncodingKey::from_ec_pem(PRIVATE_KEY.as_bytes()).expect("a key");
    encode(header, claims, &key).expect("a token")
}

pub(super) fn signed(claims: &Value) -> String {
    sign(&header(Algorithm::ES256), claims)
}

#[tokio::test]
async fn a_token_of_the_issuer_passes_so_that_the_others_fail_for_their_own_reason() {
    let mut forge = Forge::start().await;
    let token = signed(&forge.claims());
    assert_eq!(forge.show(&token).await, (200, None));
    let audience = json!(["http://other", forge.addresses.resource_server]);
    let token = signed(&forge.with("aud", audience));
    assert_eq!(forge.show(&token).await, (200, None));
}

#[tokio::test]
async fn a_token_of_another_issuer_is_invalid() {
    let mut forge = Forge::start().await;
    let issuer = forge.addresses.auth_server.clone();
    for other in [
        "http://attacker.example",
        &format!("{issuer}/"),
        &format!("{issuer}/r/other"),
    ] {
        let token = signed(&forge.with("iss", json!(other)));
        forge.refuses(&token, "token.issuer").await;
    }
}

#[tokio::test]
async fn a_token_for_another_audience_is_invalid() {
    let mut forge = Forge::start().await;
    let own = forge.addresses.resource_server.clone();
    for other in [
        json!("http://other"),
        json!(["http://a", "http://b"]),
        json!(format!("{own}/")),
    ] {
        let token = signed(&forge.with("aud", other));
        forge.refuses(&token, "token.audience").await;
    }
}

#[tokio::test]
async fn a_token_without_a_signature_is_invalid() {
    let mut forge = Forge::start().await;
    for algorithm in ["none", "None", "NONE"] {
        let head = json!({"alg": algorithm, "typ": "at+jwt", "kid": KEY_ID});
        let body = base64url(forge.claims().to_string());
        let token = format!("{}.{body}.", base64url(head.to_string()));
        forge.refuses(&token, "token.algorithm").await;
    }
}

/// RFC 8725 §2.1: the public key must not become the secret of an HMAC.
#[tokio::test]
async fn a_token_of_another_algorithm_is_invalid() {
    let mut forge = Forge::start().await;
    let public = jwks()["keys"][0].to_string();
    let key = EncodingKey::from_secret(public.as_bytes());
    let token = encode(&header(Algorithm::HS256), &forge.claims(), &key).unwrap();
    forge.refuses(&token, "token.algorithm").await;
}

#[tokio::test]
async fn a_token_of_another_type_is_invalid() {
    let mut forge = Forge::start().await;
    for typ in ["application/at+jwt", "AT+JWT"] {
        let head = Header {
            typ: Some(typ.to_owned()),
            ..header(Algorithm::ES256)
        };
        let token = sign(&head, &forge.claims());
        assert_eq!(forge.show(&token).await, (200, None), "{typ}");
    }
    for typ in [
        Some("JWT"),
        Some("id_token+jwt"),
        Some("dpop+jwt"),
        Some("at+jwt; charset=utf-8"),
        Some(""),
        None,
    ] {
        let head = Header {
            typ: typ.map(str::to_owned),
            ..header(Algorithm::ES256)
        };
        forge
            .refuses(&sign(&head, &forge.claims()), "token.type")
            .await;
    }
}

#[tokio::test]
async fn a_token_of_an_unknown_key_is_invalid() {
    let mut forge = Forge::start().await;
    let head = Header {
        kid: Some("nobody's".to_owned()),
        ..header(Algorithm::ES256)
    };
    let token = sign(&head, &forge.claims());
    forge.refuses(&token, "token.key_known").await;
}

#[tokio::test]
async fn a_tampered_token_is_invalid() {
    let mut forge = Forge::start().await;
    let token = signed(&forge.claims());
    let parts: Vec<&str> = token.split('.').collect();
    let more = forge.with("scope", json!("photos:read photos:write"));
    let tampered = format!("{}.{}.{}", parts[0], base64url(more.to_string()), parts[2]);
    forge.refuses(&tampered, "token.signature").await;
}

/// RFC 9068 §4: an encrypted token is decrypted by keys that were agreed on. None was, so that none is accepted.
#[tokio::test]
async fn an_encrypted_token_is_invalid() {
    let mut forge = Forge::start().await;
    let head = json!({"alg": "RSA-OAEP", "enc": "A256GCM", "typ": "at+jwt", "kid": KEY_ID});
    let part = base64url("part");
    let token = format!(
        "{}.{part}.{part}.{part}.{part}",
        base64url(head.to_string())
    );
    let (status, failed) = forge.show(&token).await;
    assert_eq!(status, 401);
    assert!(failed.is_some(), "a check says why");
}

#[tokio::test]
async fn a_token_that_is_not_good_yet_is_invalid() {
    let mut forge = Forge::start().await;
    let soon = wall_clock_us() / 1_000_000 + 3600;
    for claim in ["nbf", "iat"] {
        let (status, failed) = forge.show(&signed(&forge.with(claim, json!(soon)))).await;
        assert_eq!((status, failed.is_some()), (401, true), "{claim}");
    }
}

#[tokio::test]
async fn an_expired_token_is_invalid() {
    let mut forge = Forge::start().await;
    let past = wall_clock_us() / 1_000_000 - 3600;
    let token = signed(&forge.with("exp", json!(past)));
    forge.refuses(&token, "token.not_expired").await;
}

#[tokio::test]
async fn a_token_with_a_missing_or_mistyped_claim_is_invalid() {
    let mut forge = Forge::start().await;
    for name in ["exp", "sub", "client_id", "iat", "jti"] {
        let token = signed(&forge.with(name, Value::Null));
        forge.refuses(&token, "token.claims").await;
    }
    // CVE-2026-25537: an expiry that is text must not count as none.
    let token = signed(&forge.with("exp", json!("4102444800")));
    forge.refuses(&token, "token.claims").await;
}
