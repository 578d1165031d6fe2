//! The checks of a `DPoP` proof (RFC 9449 §4.3), one after the other, in the order of the RFC.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use super::key::{ProofAlgorithm, PublicKey, Thumbprint};
use super::nonce::{Freshness, Nonces};
use super::target::same_target;
use crate::flow::{CheckDef, ValueKind, ValuePlace, catalog};
use crate::oauth::{ErrorCode, unique_object};
use crate::observe::Observation;
use crate::time::{Lifetime, Timestamp};

/// The checks, in order.
pub const CHECKS: &[&CheckDef] = &[
    &catalog::DPOP_SINGLE_HEADER,
    &catalog::DPOP_WELL_FORMED,
    &catalog::DPOP_TYPE,
    &catalog::DPOP_ALGORITHM,
    &catalog::DPOP_PUBLIC_KEY,
    &catalog::DPOP_SIGNATURE,
    &catalog::DPOP_CLAIMS,
    &catalog::DPOP_METHOD,
    &catalog::DPOP_TARGET,
    &catalog::DPOP_NONCE,
    &catalog::DPOP_TIME,
];

/// The check that comes last, and is the caller's: it needs a memory.
pub const REPLAY_CHECKS: &[&CheckDef] = &[&catalog::DPOP_UNUSED];

/// How old a proof may be by its `iat` (§11.1: "seconds or minutes").
pub const OLDEST: Lifetime = Lifetime::from_seconds(300);
/// How far in the future its `iat` may lie: clocks differ.
pub const SOONEST: Lifetime = Lifetime::from_seconds(60);

/// The longest proof that is read, in bytes: a 4096-bit RSA key fits several times.
const MAX_PROOF: usize = 8 * 1024;

/// Why a proof is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpopFault {
    /// §5.2: the client is one whose tokens are always bound.
    #[error("a DPoP proof is needed: the tokens are bound to a key")]
    Missing,
    /// §4.3 (1).
    #[error("there is more than one DPoP header")]
    Repeated,
    /// §4.3 (2).
    #[error("the DPoP proof is no well-formed JWT, or says something twice")]
    Malformed,
    /// §4.3 (4).
    #[error("the DPoP proof is not typed dpop+jwt")]
    Type,
    /// §4.3 (5).
    #[error("the DPoP proof is signed with an algorithm that is not accepted")]
    Algorithm,
    /// §4.3 (7), and the key must suit the algorithm.
    #[error(
        "the DPoP proof needs a jwk with a public key that suits its algorithm, and no private one"
    )]
    Key,
    /// §4.3 (6).
    #[error("the signature of the DPoP proof is wrong")]
    Signature,
    /// §4.3 (3).
    #[error("the DPoP proof lacks jti, htm, htu or iat, or a claim has the wrong type")]
    Claims,
    /// §4.3 (8).
    #[error("htm of the DPoP proof is not the method of this request")]
    Method,
    /// §4.3 (9).
    #[error("htu of the DPoP proof is not the URL of this request")]
    Target,
    /// §8.
    #[error("the DPoP proof needs a nonce: use the one in the DPoP-Nonce header")]
    NonceMissing,
    /// §8.
    #[error(
        "the nonce of the DPoP proof is unknown or too old: use the one in the DPoP-Nonce header"
    )]
    NonceUnknown,
    /// §4.3 (11), RFC 7519 §4.1.4 and §4.1.5.
    #[error("the DPoP proof is too old, over, or from the future")]
    Time,
    /// §4.3 (12a).
    #[error("ath of the DPoP proof is not the hash of the access token")]
    AccessTokenHash,
    /// §11.1.
    #[error("the DPoP proof was used before")]
    Replayed,
}

impl DpopFault {
    /// What it is called on the wire (§5, §8).
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NonceMissing | Self::NonceUnknown => ErrorCode::UseDpopNonce,
            _ => ErrorCode::InvalidDpopProof,
        }
    }
}

/// What this server expects of a proof.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    /// The request's method.
    pub method: &'r str,
    /// The request's public URL; its query does not count.
    pub target: &'r str,
    /// The realm's time.
    pub now: Timestamp,
    /// How proofs may be signed.
    pub algorithms: &'r [ProofAlgorithm],
    /// The server's nonces.
    pub nonce: NonceRule<'r>,
    /// The access token that the proof goes with, at a resource (§4.3 (12)).
    pub access_token: Option<&'r str>,
}

/// The server's nonces, and whether a proof needs one. One that comes unasked must be good all the same.
#[derive(Clone, Copy, Debug)]
pub struct NonceRule<'r> {
    /// Those that this server gives.
    pub nonces: &'r Nonces,
    /// For which realm.
    pub realm: &'r str,
    /// Whether a proof without one is refused.
    pub required: bool,
}

/// A proof that passed every check but [`REPLAY_CHECKS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Of the key that signed it.
    pub thumbprint: Thumbprint,
    /// SHA-256 of key and `jti`, in hex: the name under which its use is remembered.
    pub replay_key: String,
    /// Until when it could be presented again.
    pub expires_at: Timestamp,
    /// Whether it is time to send the client another nonce (§8.2).
    pub nonce_ageing: bool,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    typ: Option<String>,
    alg: String,
    #[serde(default)]
    jwk: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: Number,
    #[serde(default, deserialize_with = "number")]
    exp: Option<Number>,
    #[serde(default, deserialize_with = "number")]
    nbf: Option<Number>,
    #[serde(default)]
    ath: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
}

/// A number: what is there and is none, such as `null`, is wrong and not absent (RFC 7519 §4.1.4: "MUST be a number").
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
    Number::deserialize(deserializer).map(Some)
}

/// A proof in its three parts; nothing in it is to be believed yet.
struct Parts<'p> {
    header: Header,
    message: &'p str,
    payload: Map<String, Value>,
    signature: Vec<u8>,
}

/// Verifies the `DPoP` headers of a request: that there is one, and that it is right.
///
/// # Errors
/// [`DpopFault`]: the first check that fails.
pub fn verify(
    headers: &[String],
    rules: &Rules<'_>,
    observation: &Observation,
) -> Result<Proof, DpopFault> {
    let (proof, repeated) = match headers {
        [] => return Err(DpopFault::Missing),
        [one] => (one, false),
        [one, ..] => (one, true),
    };
    observation
        .require(
            &catalog::DPOP_SINGLE_HEADER,
            !repeated,
            "one DPoP header",
            headers.len(),
        )
        .or(DpopFault::Repeated)?;
    let got = format_args!(
        "{} characters, {} parts",
        proof.len(),
        proof.split('.').count()
    );
    let parts = observation
        .require_some(
            &catalog::DPOP_WELL_FORMED,
            decode(proof),
            "header.payload.signature, JSON in base64url, no crit",
            got,
        )
        .ok_or(DpopFault::Malformed)?;
    let key = trusted_key(&parts, rules, observation)?;
    let claims = claims(&parts.payload, observation)?;
    require_request(&claims, rules, observation)?;
    let nonce_ageing = require_nonce(&claims, rules.nonce, rules.now, observation)?;
    let issued_at = require_time(&claims, rules.now, observation)?;
    if let Some(token) = rules.access_token {
        require_hash(&claims, token, observation)?;
    }
    let thumbprint = key.thumbprint();
    let place = ValuePlace::RequestHeader;
    observation.carries(ValueKind::KeyThumbprint, thumbprint.as_str(), place);
    let name = digest(&SHA256, format!("{thumbprint} {}", claims.jti).as_bytes());
    Ok(Proof {
        replay_key: crate::flow::hex_of(name.as_ref()),
        thumbprint,
        expires_at: issued_at + OLDEST,
        nonce_ageing,
    })
}

/// Header and payload, each an object that says nothing twice (RFC 7515 §4, RFC 7519 §4).
fn decode(proof: &str) -> Option<Parts<'_>> {
    if proof.len() > MAX_PROOF {
        return None;
    }
    let (message, signature) = proof.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header = unique_object(&bytes(header)?)?;
    // RFC 7515 §4.1.11: an extension that must be understood, and is not.
    if header.contains_key("crit") {
        return None;
    }
    Some(Parts {
        header: serde_json::from_value(Value::Object(header)).ok()?,
        message,
        payload: unique_object(&bytes(payload)?)?,
        signature: bytes(signature)?,
    })
}

/// The key in the header, once type, algorithm and signature are right (§4.3 (4) to (7)).
fn trusted_key(
    parts: &Parts<'_>,
    rules: &Rules<'_>,
    observation: &Observation,
) -> Result<PublicKey, DpopFault> {
    let header = &parts.header;
    let typ = header.typ.as_deref().unwrap_or("none");
    let is_proof = ["dpop+jwt", "application/dpop+jwt"]
        .iter()
        .any(|known| typ.eq_ignore_ascii_case(known));
    observation
        .require(&catalog::DPOP_TYPE, is_proof, "dpop+jwt", typ)
        .or(DpopFault::Type)?;
    let mut allowed = rules.algorithms.iter().copied();
    let algorithm = allowed.find(|one| one.is_named(&header.alg));
    let algorithm = observation
        .require_some(
            &catalog::DPOP_ALGORITHM,
            algorithm,
            super::algs(rules.algorithms),
            &header.alg,
        )
        .ok_or(DpopFault::Algorithm)?;
    let key = header
        .jwk
        .as_ref()
        .and_then(PublicKey::read)
        .filter(|key| key.suits(algorithm));
    let got = match (&key, &header.jwk) {
        (Some(key), _) => format!("the key {}", key.thumbprint()),
        (None, Some(_)) => "a jwk that is not".to_owned(),
        (None, None) => "no jwk".to_owned(),
    };
    let key = observation
        .require_some(
            &catalog::DPOP_PUBLIC_KEY,
            key,
            format_args!("a public key for {}", algorithm.as_str()),
            got,
        )
        .ok_or(DpopFault::Key)?;
    let right = key.verifies(algorithm, parts.message.as_bytes(), &parts.signature);
    let got = if right { "right" } else { "wrong" };
    observation
        .require(&catalog::DPOP_SIGNATURE, right, "right", got)
        .or(DpopFault::Signature)?;
    Ok(key)
}

fn claims(payload: &Map<String, Value>, observation: &Observation) -> Result<Claims, DpopFault> {
    let claims = Claims::deserialize(payload);
    let got = match &claims {
        Ok(claims) if claims.jti.is_empty() => "an empty jti".to_owned(),
        Ok(_) => "all".to_owned(),
        Err(error) => error.to_string(),
    };
    observation
        .require(
            &catalog::DPOP_CLAIMS,
            got == "all",
            "jti, htm, htu and iat",
            &got,
        )
        .or(DpopFault::Claims)?;
    claims.map_err(|_| DpopFault::Claims)
}

/// §4.3 (8) and (9): made for this method at this URL.
fn require_request(
    claims: &Claims,
    rules: &Rules<'_>,
    observation: &Observation,
) -> Result<(), DpopFault> {
    observation
        .require(
            &catalog::DPOP_METHOD,
            claims.htm == rules.method,
            rules.method,
            &claims.htm,
        )
        .or(DpopFault::Method)?;
    let own = rules.target.split(['?', '#']).next().unwrap_or_default();
    observation
        .require(
            &catalog::DPOP_TARGET,
            same_target(&claims.htu, own),
            own,
            &claims.htu,
        )
        .or(DpopFault::Target)
}

/// §4.3 (10) and §8: one of ours, and not too old; whether it is time for another.
fn require_nonce(
    claims: &Claims,
    rule: NonceRule<'_>,
    now: Timestamp,
    observation: &Observation,
) -> Result<bool, DpopFault> {
    let freshness = claims
        .nonce
        .as_deref()
        .map(|nonce| rule.nonces.judge(nonce, rule.realm, now));
    let (held, got, fault) = match freshness {
        None => (!rule.required, "none", DpopFault::NonceMissing),
        Some(Freshness::Unknown) => (false, "unknown or too old", DpopFault::NonceUnknown),
        Some(Freshness::Ageing) => (true, "ours, ageing", DpopFault::NonceUnknown),
        Some(Freshness::Fresh) => (true, "ours, fresh", DpopFault::NonceUnknown),
    };
    let expected = if rule.required {
        "a nonce that this server gave lately"
    } else {
        "none, or one that this server gave lately"
    };
    observation
        .require(&catalog::DPOP_NONCE, held, expected, got)
        .or(fault)?;
    Ok(freshness == Some(Freshness::Ageing) || (rule.required && freshness.is_none()))
}

/// §4.3 (11): made a moment ago, by the realm's clock; and where the proof itself says when it begins and ends (RFC 7519
/// §4.1.4, §4.1.5), not before and not after, as far as clocks may differ. What is no moment is neither.
fn require_time(
    claims: &Claims,
    now: Timestamp,
    observation: &Observation,
) -> Result<Timestamp, DpopFault> {
    let (earliest, latest) = (now - OLDEST, now + SOONEST);
    let moment = |number: &Number| Timestamp::of_numeric_date(number);
    let held = |bound: &Option<Number>, holds: &dyn Fn(Timestamp) -> bool| {
        bound
            .as_ref()
            .is_none_or(|number| moment(number).is_some_and(holds))
    };
    let not_over = held(&claims.exp, &|end| now < end + SOONEST);
    let begun = held(&claims.nbf, &|begin| begin <= latest);
    let made = moment(&claims.iat).filter(|made| (earliest..=latest).contains(made));
    let over = now - SOONEST;
    let expected = format_args!(
        "iat between {earliest} and {latest}; exp after {over}, and nbf no later than {latest}, where they are there"
    );
    let got = fmt::from_fn(|f| {
        write!(f, "iat {}", claims.iat)?;
        for (name, bound) in [("exp", &claims.exp), ("nbf", &claims.nbf)] {
            if let Some(number) = bound {
                write!(f, ", {name} {number}")?;
            }
        }
        Ok(())
    });
    observation
        .require_some(
            &catalog::DPOP_TIME,
            made.filter(|_| not_over && begun),
            expected,
            got,
        )
        .ok_or(DpopFault::Time)
}

/// §4.3 (12a): bound to the access token beside it.
fn require_hash(claims: &Claims, token: &str, observation: &Observation) -> Result<(), DpopFault> {
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
    let ath = claims.ath.as_deref().unwrap_or("none");
    observation
        .require(&catalog::DPOP_TOKEN_HASH, ath == hash, &hash, ath)
        .or(DpopFault::AccessTokenHash)
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
