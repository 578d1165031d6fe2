//! An issuer of the rig's own: it signs whatever claims it is given, and answers well or as badly as it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::fault::{Ran, unexpected};

/// The name of its one key.
const KID: &str = "the-stand-in-s-key";

/// How an issuer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As it should.
    Well,
    /// Never: the connection stays open.
    Silent,
    /// One byte after the other, forever.
    Dripping,
    /// With a redirect to itself.
    InCircles,
    /// With a body of a gigabyte.
    Endless,
    /// With something that is no JSON.
    Garbage,
    /// With JSON of another shape.
    WrongShape,
    /// Not at all: the connection ends.
    HungUp,
}

impl Manner {
    /// All that are bad.
    pub(crate) const BAD: [Self; 7] = [
        Self::Silent,
        Self::Dripping,
        Self::InCircles,
        Self::Endless,
        Self::Garbage,
        Self::WrongShape,
        Self::HungUp,
    ];

    /// As it stands in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Silent => "never answers",
            Self::Dripping => "drips a byte every 100 ms",
            Self::InCircles => "redirects to itself",
            Self::Endless => "sends 1 GiB",
            Self::Garbage => "sends no JSON",
            Self::WrongShape => "sends JSON of another shape",
            Self::HungUp => "hangs up",
        }
    }
}

/// The issuer.
pub(crate) struct StandIn {
    /// Its identifier.
    pub(crate) issuer: String,
    key: EcdsaKeyPair,
    manner: watch::Sender<Manner>,
    asked: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

/// What its connections share.
#[derive(Clone)]
struct Desk {
    metadata: String,
    keys: String,
    manner: watch::Receiver<Manner>,
    asked: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

impl StandIn {
    /// Starts it on a free port; it answers well.
    pub(crate) async fn start() -> Ran<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://localhost:{}", listener.local_addr()?.port());
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| unexpected("no key could be made"))?;
        let manner = watch::Sender::new(Manner::Well);
        let mut jwk = public(&key)?;
        if let Some(members) = jwk.as_object_mut() {
            for (name, value) in [("kid", KID), ("use", "sig"), ("alg", "ES256")] {
                members.insert(name.to_owned(), value.into());
            }
        }
        let stand_in = Self {
            key,
            manner,
            asked: Arc::default(),
            sent: Arc::default(),
            issuer,
        };
        let desk = Desk {
            metadata: stand_in.metadata().to_string(),
            keys: json!({ "keys": [jwk] }).to_string(),
            manner: stand_in.manner.subscribe(),
            asked: Arc::clone(&stand_in.asked),
            sent: Arc::clone(&stand_in.sent),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(desk.clone().serve(stream));
            }
        });
        Ok(stand_in)
    }

    fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"),
            "introspection_endpoint": at("/introspect"),
            "revocation_endpoint": at("/revoke"),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "scopes_supported": ["photos:read"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// From now on it answers so.
    pub(crate) fn behave(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// How many bytes of body it got rid of.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Signs claims as a JWT access token (RFC 9068).
    pub(crate) fn sign(&self, claims: &Value) -> Ran<String> {
        self.sign_as(
            &json!({"typ": "at+jwt", "alg": "ES256", "kid": KID}),
            claims,
        )
    }

    /// Signs claims as a `DPoP` proof (RFC 9449 §4.2).
    pub(crate) fn prove(&self, claims: &Value) -> Ran<String> {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": public(&self.key)?});
        self.sign_as(&header, claims)
    }

    fn sign_as(&self, header: &Value, claims: &Value) -> Ran<String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(claims));
        let signed = self.key.sign(&SystemRandom::new(), input.as_bytes());
        let signature = signed.map_err(|_| unexpected("it does not sign"))?;
        let signature = URL_SAFE_NO_PAD.encode(signature.as_ref());
        Ok(format!("{input}.{signature}"))
    }
}

/// The public key as a JWK (RFC 7517, RFC 7518 §6.2).
fn public(key: &EcdsaKeyPair) -> Ran<Value> {
    let point = key.public_key().as_ref();
    let (x, y) = point
        .get(1..33)
        .zip(point.get(33..65))
        .ok_or_else(|| unexpected("no point"))?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    Ok(json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}))
}

impl Desk {
    async fn serve(mut self, mut stream: TcpStream) {
        while let Some(path) = head(&mut stream).await {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let manner = *self.manner.borrow_and_update();
            // Who waits in vain is not kept when the manner changes.
            let changed = self.manner.clone();
            tokio::select! {
                kept = self.answer(&mut stream, &path, manner) => if !kept { return },
                () = no_more(changed) => return,
            }
        }
    }

    /// Answers; whether the connection stays.
    async fn answer(&self, stream: &mut TcpStream, path: &str, manner: Manner) -> bool {
        let json = "application/json";
        match manner {
            Manner::Well if path.starts_with("/jwks") => write(stream, json, &self.keys).await,
            Manner::Well => write(stream, json, &self.metadata).await,
            Manner::Garbage => write(stream, json, "<html>no JSON</html>").await,
            Manner::WrongShape => write(stream, json, "[[1], {\"keys\": \"none\"}]").await,
            Manner::HungUp => false,
            Manner::Silent => std::future::pending().await,
            Manner::InCircles => {
                let answer =
                    format!("HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.is_ok()
            }
            Manner::Dripping => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
                self.pour(stream, head, " ", Duration::from_millis(100))
                    .await
            }
            Manner::Endless => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
                self.pour(stream, head, &" ".repeat(64 * 1024), Duration::ZERO)
                    .await
            }
        }
    }

    async fn pour(&self, stream: &mut TcpStream, head: &str, piece: &str, pause: Duration) -> bool {
        let mut sent = stream.write_all(head.as_bytes()).await;
        while sent.is_ok() {
            sent = stream.write_all(piece.as_bytes()).await;
            self.sent.fetch_add(piece.len(), Ordering::Relaxed);
            tokio::time::sleep(pause).await;
        }
        false
    }
}

/// Comes back when the manner changes.
async fn no_more(mut manner: watch::Receiver<Manner>) {
    if manner.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The path of the next request; its body, if any, is short and left in the same piece.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::with_capacity(8 * 1024);
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.split(' ').nth(1).map(str::to_owned)
}

async fn write(stream: &mut TcpStream, kind: &str, body: &str) -> bool {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.is_ok()
}
