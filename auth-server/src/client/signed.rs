//! JWTs that a client signed (RFC 7515, RFC 7519, RFC 8725): client assertions, request objects, assertions of the
//! JWT bearer grant.
//!
//! May use jsonwebtoken, to verify, and aws-lc-rs, for MACs. A JWT is read first and believed later: its header
//! says by what it claims to be signed, its caller what it may be signed by.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};
use shared::flow::CheckDef;
use shared::oauth::unique_object;
use shared::observe::Observation;

use super::Client;
use super::keys::{PublicKeys, Wanted};
use crate::realms::Realm;
use crate::state::AppState;

/// How a client may sign (RFC 7518 §3.1, RFC 8037 §3.1). `none` has no value here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum JwsAlgorithm {
    /// RSA PKCS#1, SHA-256.
    Rs256,
    /// RSA PSS, SHA-256.
    Ps256,
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// A MAC by the client's secret.
    Hs256,
}

impl JwsAlgorithm {
    /// Those by which a private key signs.
    pub(crate) const ASYMMETRIC: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Rs256,
        Self::Ps256,
        Self::Es256,
        Self::EdDsa,
        Self::Hs256,
    ];

    /// Its registered name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// The algorithm of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.is_named(name))
    }

    /// All its registered names, the first as above: RFC 9864 §2.2 calls `EdDSA` on Ed25519 `Ed25519`.
    pub(crate) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Rs256 => &["RS256"],
            Self::Ps256 => &["PS256"],
            Self::Es256 => &["ES256"],
            Self::EdDsa => &["EdDSA", "Ed25519"],
            Self::Hs256 => &["HS256"],
        }
    }

    /// Whether it has this name.
    pub(crate) fn is_named(self, name: &str) -> bool {
        self.names().contains(&name)
    }

    /// Whether its key is the client's secret.
    pub(crate) const fn is_mac(self) -> bool {
        matches!(self, Self::Hs256)
    }
}

impl fmt::Display for JwsAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a JWT of a client is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignedError {
    /// RFC 7519 §7.2.
    #[error("it is no signed JWT")]
    Malformed,
    /// RFC 7515 §4.1.11: it demands an extension that is not understood.
    #[error("it demands an extension that is not understood")]
    Extension,
    /// RFC 8725 §3.11: it is another kind of JWT.
    #[error("it is another kind of JWT")]
    Type,
    /// RFC 8725 §3.1.
    #[error("its algorithm is not allowed")]
    Algorithm,
    /// The client's keys are not to be had, or none of them fits.
    #[error("no key of the client fits it")]
    Key,
    /// RFC 7515 §5.2.
    #[error("its signature is wrong")]
    Signature,
}

/// The checks of a signed JWT, by whichever names its use has: in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedChecks {
    /// The algorithm is one that is allowed.
    pub(crate) algorithm: &'static CheckDef,
    /// `typ` names this kind of JWT, or none.
    pub(crate) kind: &'static CheckDef,
    /// A key of the client fits it.
    pub(crate) key: &'static CheckDef,
    /// The signature is right.
    pub(crate) signature: &'static CheckDef,
}

/// What is demanded of a JWT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand<'a> {
    /// The algorithms that are allowed.
    pub(crate) algorithms: &'a [JwsAlgorithm],
    /// What `typ` may be beside `JWT` and nothing: without `application/`, compared in any case.
    pub(crate) types: &'a [&'a str],
    /// The names of the checks.
    pub(crate) checks: SignedChecks,
}

/// A JWT as it was read: nothing of it is believed before [`SignedJwt::verify`].
#[derive(Clone)]
pub(crate) struct SignedJwt {
    /// The algorithm that the header names.
    algorithm: String,
    /// `typ`, as it stands there.
    typ: Option<String>,
    /// Which key the header names.
    kid: Option<String>,
    /// The claims.
    pub(crate) claims: Map<String, Value>,
    /// What is signed: header and payload as they came.
    input: String,
    signature: String,
}

impl fmt::Debug for SignedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedJwt")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl SignedJwt {
    /// Reads a JWT in compact serialization: three parts, the first two JSON objects that say nothing twice.
    ///
    /// # Errors
    /// [`SignedError::Malformed`], [`SignedError::Extension`].
    pub(crate) fn read(jwt: &str) -> Result<Self, SignedError> {
        let (input, signature) = jwt.rsplit_once('.').ok_or(SignedError::Malformed)?;
        let (header, claims) = input.split_once('.').ok_or(SignedError::Malformed)?;
        if URL_SAFE_NO_PAD.decode(signature).is_err() {
            return Err(SignedError::Malformed);
        }
        let (header, claims) = (part(header)?, part(claims)?);
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(SignedError::Extension);
        }
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(SignedError::Malformed),
        };
        Ok(Self {
            algorithm: text("alg")?.ok_or(SignedError::Malformed)?,
            typ: text("typ")?,
            kid: text("kid")?,
            claims,
            input: input.to_owned(),
            signature: signature.to_owned(),
        })
    }

    /// The algorithm that it names, as far as it is known here.
    pub(crate) fn algorithm(&self) -> Option<JwsAlgorithm> {
        JwsAlgorithm::parse(&self.algorithm)
    }

    /// What is signed, as it came: what cannot be changed without another signature.
    pub(crate) fn signed_text(&self) -> &str {
        &self.input
    }

    /// A claim that is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// Verifies that `client` signed it, as `demand` says.
    ///
    /// # Errors
    /// [`SignedError`]: the first check that fails.
    pub(crate) async fn verify(
        &self,
        (state, realm): (&AppState, &Realm),
        client: &Client,
        demand: Demand<'_>,
        observation: &Observation,
    ) -> Result<(), SignedError> {
        let algorithm = self.allowed_algorithm(demand, observation)?;
        self.require_kind(demand, observation)?;
        let held = if algorithm.is_mac() {
            self.is_macced(client, demand, observation)?
        } else {
            let mut wanted = Wanted {
                kid: self.kid.as_deref(),
                algorithm,
                tried: None,
            };
            let place = (&state.outbound, realm);
            let find = |wanted| state.client_keys.find(place, client, wanted, observation);
            let keys = find(wanted).await;
            let (fits, fault) = match &keys {
                Ok(keys) => (
                    !keys.fitting(wanted.kid, algorithm).is_empty(),
                    String::new(),
                ),
                Err(error) => (false, error.to_string()),
            };
            self.require_key(fits, &fault, demand, observation)?;
            let keys = keys.unwrap_or_default();
            wanted.tried = Some(&keys);
            self.is_signed_by(&keys, wanted)
                || (client.metadata.jwks_uri.is_some()
                    && find(wanted)
                        .await
                        .is_ok_and(|newer| self.is_signed_by(&newer, wanted)))
        };
        observation
            .require(
                demand.checks.signature,
                held,
                "a signature by the client's key",
                if held { "such a signature" } else { "another" },
            )
            .or(SignedError::Signature)
    }

    fn allowed_algorithm(
        &self,
        demand: Demand<'_>,
        observation: &Observation,
    ) -> Result<JwsAlgorithm, SignedError> {
        let algorithm = self
            .algorithm()
            .filter(|algorithm| demand.algorithms.contains(algorithm));
        let names: Vec<_> = demand.algorithms.iter().map(|one| one.as_str()).collect();
        observation
            .require_some(
                demand.checks.algorithm,
                algorithm,
                names.join(" or "),
                &self.algorithm,
            )
            .ok_or(SignedError::Algorithm)
    }

    fn require_kind(
        &self,
        demand: Demand<'_>,
        observation: &Observation,
    ) -> Result<(), SignedError> {
        let typ = self.typ.as_deref().unwrap_or("none");
        let essence = typ.to_ascii_lowercase();
        let essence = essence.strip_prefix("application/").unwrap_or(&essence);
        let known = self.typ.is_none() || essence == "jwt" || demand.types.contains(&essence);
        let expected = [&["JWT"], demand.types].concat().join(", ");
        observation
            .require(
                demand.checks.kind,
                known,
                format_args!("{expected} or none"),
                typ,
            )
            .or(SignedError::Type)
    }

    fn require_key(
        &self,
        found: bool,
        fault: &str,
        demand: Demand<'_>,
        observation: &Observation,
    ) -> Result<(), SignedError> {
        let kid = self.kid.as_deref().unwrap_or("no kid");
        let got = if fault.is_empty() { kid } else { fault };
        let expected = "a key that the client registered, for signatures by this algorithm";
        observation
            .require(demand.checks.key, found, expected, got)
            .or(SignedError::Key)
    }

    fn is_macced(
        &self,
        client: &Client,
        demand: Demand<'_>,
        observation: &Observation,
    ) -> Result<bool, SignedError> {
        let secret = client.mac_secret.as_ref();
        let fault = secret.map_or("no secret is kept for MACs", |_| "");
        self.require_key(secret.is_some(), fault, demand, observation)?;
        Ok(self.is_macced_by(client))
    }

    /// Whether whoever made its signature knows the client's secret: a MAC with it (HS256).
    pub(super) fn is_macced_by(&self, client: &Client) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(&self.signature);
        match (&client.mac_secret, signature) {
            (Some(secret), Ok(tag)) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
                hmac::verify(&key, self.input.as_bytes(), &tag).is_ok()
            }
            _ => false,
        }
    }

    fn is_signed_by(&self, keys: &PublicKeys, wanted: Wanted<'_>) -> bool {
        let algorithm = match wanted.algorithm {
            JwsAlgorithm::Rs256 => Algorithm::RS256,
            JwsAlgorithm::Ps256 => Algorithm::PS256,
            JwsAlgorithm::Es256 => Algorithm::ES256,
            JwsAlgorithm::EdDsa => Algorithm::EdDSA,
            JwsAlgorithm::Hs256 => return false,
        };
        let input = self.input.as_bytes();
        let verifies = |key: &DecodingKey| {
            jsonwebtoken::crypto::verify(&self.signature, input, key, algorithm).unwrap_or(false)
        };
        keys.fitting(wanted.kid, wanted.algorithm)
            .into_iter()
            .any(|fit| verifies(&fit.key))
    }
}

/// A part of a JWT: a JSON object that says nothing twice (RFC 7515 §4, RFC 7519 §4).
fn part(part: &str) -> Result<Map<String, Value>, SignedError> {
    let json = URL_SAFE_NO_PAD.decode(part).ok();
    json.and_then(|json| object(&json))
        .ok_or(SignedError::Malformed)
}

/// A JSON object that says nothing twice, with no NUL in its texts: a text of PostgreSQL cannot hold one.
pub(crate) fn object(json: &[u8]) -> Option<Map<String, Value>> {
    unique_object(json).filter(|map| !members_hold_nul(map))
}

fn members_hold_nul(map: &Map<String, Value>) -> bool {
    map.iter()
        .any(|(name, value)| name.contains('\0') || holds_nul(value))
}

/// Whether any text in it, however deep, holds U+0000.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(holds_nul),
        Value::Object(map) => members_hold_nul(map),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
