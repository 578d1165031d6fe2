//! An OpenID provider that lies: it says exactly what a test puts into its mouth.
//!
//! Written over raw sockets, with a key of its own; nothing of our auth server is in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ecosystem::{ClientConfig, ProviderConfig};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The client that the client app is there.
pub(super) const CLIENT: &str = "shop-at-liar";

/// What it says, by path.
type Answers = Arc<Mutex<HashMap<String, Value>>>;
/// How often it was asked, by path.
type Asked = Arc<Mutex<HashMap<String, usize>>>;

/// The provider.
#[derive(Clone)]
pub(super) struct Liar {
    /// Its issuer identifier.
    pub(super) issuer: String,
    answers: Answers,
    asked: Asked,
    key: Arc<EncodingKey>,
}

impl Liar {
    /// Starts it, honest so far.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let mut liar = Self {
            answers: Arc::default(),
            asked: Arc::default(),
            key: Arc::new(new_key()),
            issuer: issuer.clone(),
        };
        liar.rotate("liar-1");
        liar.say("/.well-known/openid-configuration", liar.metadata());
        let (answers, asked) = (Arc::clone(&liar.answers), Arc::clone(&liar.asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&answers), Arc::clone(&asked)));
            }
        });
        liar
    }

    /// Has a new key of this name from now on, and withdraws the one before. What was cloned before keeps that one.
    pub(super) fn rotate(&mut self, kid: &str) {
        let key = new_key();
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some(kid.to_owned());
        self.key = Arc::new(key);
        self.say("/jwks", json!({"keys": [jwk]}));
    }

    /// How often it was asked for its keys.
    pub(super) fn asked_for_keys(&self) -> usize {
        self.asked
            .lock()
            .unwrap()
            .get("/jwks")
            .copied()
            .unwrap_or(0)
    }

    /// What the client app is configured with.
    pub(super) fn provider(&self) -> ProviderConfig {
        ProviderConfig {
            slug: "liar".to_owned(),
            name: "A provider that lies".to_owned(),
            issuer: self.issuer.clone(),
            client: ClientConfig {
                client_id: CLIENT.to_owned(),
                private_key_jwt: false,
                client_secret: Some(shared::serve::ConfigSecret::new("a-secret")),
            },
        }
    }

    /// Honest metadata.
    pub(super) fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"),
            "userinfo_endpoint": at("/userinfo"),
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// Answers `path` with this from now on.
    pub(super) fn say(&self, path: &str, answer: Value) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// A JWT with this header and these claims, signed with its key by ES256, whatever the header says.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, Algorithm::ES256);
        format!("{message}.{}", signature.unwrap())
    }
}

fn new_key() -> EncodingKey {
    let pkcs8 =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    EncodingKey::from_ec_der(pkcs8.unwrap().as_ref())
}

/// Reads one request and answers what was told for its path, else 404.
async fn answer(mut stream: tokio::net::TcpStream, answers: Answers, asked: Asked) {
    let mut received = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        let Ok(read) = stream.read(&mut buffer).await else {
            return;
        };
        received.extend(&buffer[..read]);
        let text = String::from_utf8_lossy(&received).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return;
            }
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |length| length.trim().parse().unwrap());
        if body.len() >= length {
            break;
        }
    }
    let text = String::from_utf8_lossy(&received);
    let path = text.split(' ').nth(1).unwrap_or("/");
    let path = path.split('?').next().unwrap_or("/");
    *asked.lock().unwrap().entry(path.to_owned()).or_default() += 1;
    let told = answers.lock().unwrap().get(path).cloned();
    let (status, body) = match told {
        Some(told) => ("200 OK", told.to_string()),
        None => ("404 Not Found", String::new()),
    };
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(response.as_bytes()).await;
}
