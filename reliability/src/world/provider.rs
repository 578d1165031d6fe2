//! An auth server as its clients see it: one issuer, behind which any number of processes answer.
//!
//! A request goes to the next process in turn, under the issuer's own name, as a load balancer without sticky
//! sessions sends it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use url::Url;

use super::cast::{self, Client};
use crate::fault::{Fault, Ran, system, unexpected};
use crate::wire::{Answer, Connection, Request, encode};

/// The code verifier of RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its S256 challenge, from the same place.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// How often a busy server is asked again, and after how long.
pub(super) const BUSY: usize = 5;
/// See [`BUSY`].
pub(super) const RETRY: Duration = Duration::from_secs(2);
/// `grant_type` of a poll (RFC 8628 §3.4).
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// An auth server; clones take turns together.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    issuer: String,
    host: String,
    peers: Arc<[String]>,
    callback: String,
    turn: Arc<AtomicUsize>,
    repeated: Arc<AtomicUsize>,
}

impl Provider {
    /// The issuer whose processes answer at `peers` (`127.0.0.1:9000`); answers to clients go to `callback`.
    pub(crate) fn new(issuer: &str, peers: &[String], callback: &str) -> Ran<Self> {
        let host = Url::parse(issuer)?.authority().to_owned();
        Ok(Self {
            issuer: issuer.to_owned(),
            host,
            peers: peers.into(),
            callback: callback.to_owned(),
            turn: Arc::default(),
            repeated: Arc::default(),
        })
    }

    /// The issuer that answers at these URLs, by its own metadata (RFC 8414).
    pub(crate) async fn discover(urls: &[String], callback: &str) -> Ran<Self> {
        let mut peers = Vec::new();
        for url in urls {
            let parsed = Url::parse(url)?;
            let host = parsed.host_str().unwrap_or_default();
            let port = parsed.port_or_known_default().unwrap_or_default();
            peers.push(format!("{host}:{port}"));
        }
        let first = urls.first().ok_or_else(|| unexpected("no --auth-server"))?;
        let there = Self::new(first, &peers, callback)?;
        let metadata = Request::get("/.well-known/oauth-authorization-server");
        let answer = there.send(&metadata).await?;
        let issuer = answer.text_of("issuer");
        let issuer = issuer.ok_or_else(|| unexpected(format!("{first}: {}", answer.shown())))?;
        Self::new(&issuer, &peers, callback)
    }

    /// Its issuer identifier.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How many addresses answer.
    pub(crate) fn size(&self) -> usize {
        self.peers.len()
    }

    /// A connection to process `number`, counted round.
    pub(crate) async fn connect(&self, number: usize) -> io::Result<Connection> {
        let peer = self.peers.get(number % self.peers.len().max(1));
        let peer = peer.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Connection::open(peer, &self.host).await
    }

    /// A connection to the process whose turn it is.
    pub(crate) async fn connect_next(&self) -> io::Result<Connection> {
        self.connect(self.turn.fetch_add(1, Ordering::Relaxed))
            .await
    }

    /// Sends a request to the process whose turn it is; once more where that did not get it whole (408, RFC 9110
    /// §15.5.9) or the connection ended without an answer, as an honest client does.
    pub(crate) async fn send(&self, request: &Request) -> Ran<Answer> {
        let answer = match self.send_once(request).await {
            Ok(answer) if answer.status != 408 => return Ok(answer),
            _ => self.send_once(request).await,
        };
        if answer.is_ok() {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
        answer.map_err(system(format!("{}{}", self.issuer, request.target())))
    }

    async fn send_once(&self, request: &Request) -> io::Result<Answer> {
        self.connect_next().await?.ask_last(request).await
    }

    /// [`Provider::send`]; where the server says that it is busy (503) it is asked again after a while, [`BUSY`] times.
    /// Nothing was done then, so nothing is done twice.
    pub(crate) async fn insist(&self, request: &Request) -> Ran<Answer> {
        let mut answer = self.send(request).await?;
        for _ in 0..BUSY {
            if answer.status != 503 {
                break;
            }
            tokio::time::sleep(RETRY).await;
            self.repeated.fetch_add(1, Ordering::Relaxed);
            answer = self.send(request).await?;
        }
        Ok(answer)
    }

    /// How many answers came only when a request was sent again.
    pub(crate) fn repeated(&self) -> usize {
        self.repeated.load(Ordering::Relaxed)
    }

    /// A back-channel request of `client`: Basic, or its id in the body when it is public.
    pub(crate) fn as_client(client: Client, path: &str, form: &[(&str, &str)]) -> Request {
        let request = Request::post(path, form);
        match client.secret {
            Some(secret) => request.basic(client.id, secret),
            None => request.with("client_id", client.id),
        }
    }

    /// The parameters of an authorization request for a code.
    pub(crate) fn authorization(&self, client: Client, more: &[(&str, &str)]) -> String {
        let fixed = [
            ("response_type", "code"),
            ("client_id", client.id),
            ("redirect_uri", self.callback.as_str()),
            ("scope", cast::SCOPE),
            ("state", "the-state"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        encode(&[&fixed, more].concat())
    }

    /// The request that redeems a code.
    pub(crate) fn redeem(&self, client: Client, code: &str) -> Request {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.callback.as_str()),
            ("code_verifier", VERIFIER),
        ];
        Self::as_client(client, "/token", &form)
    }

    /// The request that refreshes.
    pub(crate) fn refresh(client: Client, token: &str) -> Request {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        Self::as_client(client, "/token", &form)
    }

    /// The request that revokes.
    pub(crate) fn revoke(client: Client, token: &str) -> Request {
        Self::as_client(client, "/revoke", &[("token", token)])
    }

    /// A request for a token of the machine's own.
    pub(crate) fn client_credentials() -> Request {
        let form = [("grant_type", "client_credentials")];
        Self::as_client(cast::SERVICE, "/token", &form)
    }

    /// The poll of a device.
    pub(crate) fn poll(device_code: &str) -> Request {
        let form = [("grant_type", DEVICE_CODE), ("device_code", device_code)];
        Self::as_client(cast::TV, "/token", &form)
    }

    /// The TV asks: its device code and its user code.
    pub(crate) async fn device(&self) -> Ran<(String, String)> {
        let form = [("scope", "openid photos:read")];
        let asked = Self::as_client(cast::TV, "/device_authorization", &form);
        let answer = self.insist(&asked).await?;
        let codes = answer
            .text_of("device_code")
            .zip(answer.text_of("user_code"));
        codes.ok_or_else(|| unexpected(answer.shown()))
    }

    /// A client pushes a request (RFC 9126): its `request_uri`.
    pub(crate) async fn push(&self, client: Client) -> Ran<String> {
        let query = self.authorization(client, &[]);
        let form: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (&**n, &**v)).collect();
        let answer = self.insist(&Self::as_client(client, "/par", &form)).await?;
        let uri = answer.text_of("request_uri");
        uri.ok_or_else(|| unexpected(answer.shown()))
    }

    /// Whether the auth server says to `client` that a token may be used (RFC 7662).
    pub(crate) async fn is_active(&self, client: Client, token: &str) -> Ran<bool> {
        let asked = Self::as_client(client, "/introspect", &[("token", token)]);
        let answer = self.insist(&asked).await?;
        let active = answer
            .json()
            .get("active")
            .and_then(serde_json::Value::as_bool);
        active.ok_or_else(|| unexpected(answer.shown()))
    }
}

/// What a token response gave (RFC 6749 §5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// The access token.
    pub(crate) access: String,
    /// The refresh token; empty without one.
    pub(crate) refresh: String,
}

impl Tokens {
    /// The tokens of a good answer.
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
        (answer.status == 200).then(|| Self {
            access: answer.text_of("access_token").unwrap_or_default(),
            refresh: answer.text_of("refresh_token").unwrap_or_default(),
        })
    }

    /// The tokens of an answer that has to be good.
    pub(crate) fn required(answer: &Answer) -> Ran<Self> {
        Self::of(answer).ok_or_else(|| Fault::answered(answer))
    }
}
