//! What must hold of everything that reads hostile text, whatever it is fed with.
//!
//! One file a target. `fuzz/` feeds them with what libFuzzer finds, for hours; the tests feed them with the same
//! corpora and blind changes of them, for seconds (`tests.rs`). Compiled for those two alone (feature `fuzzing`): it
//! opens no door to a program. May use whatever it tries, and panics where a property does not hold.

mod authorize;
mod basic;
mod challenge;
mod dpop;
mod hint;
mod jwt;
mod params;
mod redirect_uri;
mod registration;
mod request_object;
mod scope;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use shared::dpop::Nonces;
use shared::oauth::{GrantType, ResponseType, TokenEndpointAuthMethod};
use shared::realm::RealmName;
use shared::seed::{ClientMetadata, ClientPolicy, SecurityProfile, SigningAlgorithm};
use shared::time::Timestamp;

use crate::client::{Client, ClientKind, Policy, PolicyDefaults};
use crate::issue::keys::{KeySet, SigningKey};

/// The issuer of the world of these properties.
const ISSUER: &str = "http://localhost:9000";
/// Its time.
const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
/// A redirection URI of its client.
const CALLBACK: &str = "http://localhost:8080/callback";

/// What is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A query or a form.
    Params,
    /// A registered redirection URI and one that is asked for, a line each.
    RedirectUri,
    /// Two scopes, a line each.
    Scope,
    /// A `WWW-Authenticate` header.
    Challenge,
    /// An `Authorization` header; an identifier and a secret, a line each.
    Basic,
    /// A signed JWT; the header and the claims of one, a line each.
    Jwt,
    /// The claims of an ID token that comes back as a hint.
    Hint,
    /// A `DPoP` proof; what header and claims of one say otherwise, a line each.
    Dpop,
    /// What stands beside a request object, and its claims, a line each.
    RequestObject,
    /// An authorization request.
    Authorize,
    /// What a client says of itself when it registers.
    Registration,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Params,
        Self::RedirectUri,
        Self::Scope,
        Self::Challenge,
        Self::Basic,
        Self::Jwt,
        Self::Hint,
        Self::Dpop,
        Self::RequestObject,
        Self::Authorize,
        Self::Registration,
    ];

    /// Its name: of its file in `fuzz/fuzz_targets`, and of its folder in `fuzz/corpus`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::RedirectUri => "redirect_uri",
            Self::Scope => "scope",
            Self::Challenge => "challenge",
            Self::Basic => "basic",
            Self::Jwt => "jwt",
            Self::Hint => "hint",
            Self::Dpop => "dpop",
            Self::RequestObject => "request_object",
            Self::Authorize => "authorize",
            Self::Registration => "registration",
        }
    }
}

/// Keys and clients, made once: what does the reading needs them.
#[derive(Debug)]
pub struct World {
    /// Signs proofs.
    signer: EcdsaKeyPair,
    /// Signs ID tokens.
    keys: KeySet,
    nonces: Nonces,
    client: Arc<Client>,
    /// One of which every request must be signed.
    strict: Arc<Client>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A world with fresh keys.
    ///
    /// # Panics
    /// Where no keys can be made.
    #[must_use]
    pub fn new() -> Self {
        let row = SigningKey::generate(
            &RealmName::default_realm(),
            SigningAlgorithm::Es256,
            (NOW, NOW),
        );
        let keys = KeySet::from_rows(&[must(row.ok(), "a key")]);
        let signer = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let strict = ClientPolicy {
            require_signed_request_object: Some(true),
            profile: Some(SecurityProfile::Fapi2),
            ..ClientPolicy::default()
        };
        Self {
            signer: must(signer.ok(), "a key pair"),
            keys: must(keys.ok(), "keys"),
            nonces: Nonces::new([&b"fuzzing"[..]]),
            client: Arc::new(client(&ClientPolicy::default())),
            strict: Arc::new(client(&strict)),
        }
    }

    /// Feeds `data` to a target.
    ///
    /// # Panics
    /// Where a property does not hold: that is a finding.
    pub fn feed(&self, target: Target, data: &[u8]) {
        let text = std::str::from_utf8(data);
        match (target, text) {
            (Target::Params, _) => params::hold(data),
            (Target::Authorize, _) => authorize::hold(self, data),
            (Target::Registration, _) => registration::hold(data),
            (_, Err(_)) => {}
            (Target::RedirectUri, Ok(text)) => redirect_uri::hold(text),
            (Target::Scope, Ok(text)) => scope::hold(text),
            (Target::Challenge, Ok(text)) => challenge::hold(text),
            (Target::Basic, Ok(text)) => basic::hold(text),
            (Target::Jwt, Ok(text)) => jwt::hold(text),
            (Target::Hint, Ok(text)) => hint::hold(self, text),
            (Target::Dpop, Ok(text)) => dpop::hold(self, text),
            (Target::RequestObject, Ok(text)) => request_object::hold(self, text),
        }
    }

    /// The public half of the key that signs proofs.
    fn jwk(&self) -> Value {
        let point = self.signer.public_key().as_ref();
        let (x, y) = must(point.split_first(), "a point").1.split_at(32);
        json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
    }

    /// A JWT with this text for header and claims, signed.
    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.signer.sign(&SystemRandom::new(), message.as_bytes());
        format!("{message}.{}", encode(must(signature.ok(), "a signature")))
    }
}

/// The world's client, with a policy of its own.
fn client(policy: &ClientPolicy) -> Client {
    let known = "the world's client";
    let policy = Policy::resolve(&PolicyDefaults::default(), policy, true);
    let redirect_uris = [CALLBACK, "http://127.0.0.1/cb", "com.example.app:/cb?x=1"];
    let read = |text: &&str| must(text.parse().ok(), known);
    Client {
        id: must("spa".parse().ok(), known),
        name: "Print Shop".to_owned(),
        description: String::new(),
        kind: ClientKind::Public,
        mac_secret: None,
        self_registered: None,
        auth_methods: vec![TokenEndpointAuthMethod::None],
        redirect_uris: redirect_uris.iter().map(read).collect(),
        post_logout_redirect_uris: Vec::new(),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::Implicit],
        response_types: vec![
            ResponseType::Code,
            ResponseType::Token,
            ResponseType::IdToken,
            ResponseType::CodeIdToken,
        ],
        scope: must("openid profile photos:read".parse().ok(), known),
        allowed_origins: Vec::new(),
        first_party: false,
        may_introspect: false,
        policy: must(policy.ok(), known),
        metadata: ClientMetadata::default(),
    }
}

/// The value that must be there.
fn must<T>(value: Option<T>, what: &str) -> T {
    value.unwrap_or_else(|| panic!("{what}"))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
