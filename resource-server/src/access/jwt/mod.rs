//! Validating a JWT access token (RFC 9068 §4), with the care that RFC 8725 asks for.
//!
//! Knows no HTTP. The token's own header chooses nothing: `alg` must be the key's, the key comes from the
//! issuer's key set by `kid`, and `jwk`, `jku` and `x5u` are not even read. Time is the realm's.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use shared::flow::CheckDef;
use shared::flow::catalog as check;
use shared::oauth::AccessTokenClaims;
use shared::observe::Observation;
use shared::time::Timestamp;

use super::error::AccessError;
use super::key::VerificationKey;
use super::policy::TokenPolicy;

/// The checks of this file, in order.
pub(super) const CHECKS: [&CheckDef; 11] = [
    &check::TOKEN_DECODES,
    &check::TOKEN_TYPE,
    &check::TOKEN_EXTENSIONS,
    &check::TOKEN_ALGORITHM,
    &check::TOKEN_KEY_KNOWN,
    &check::TOKEN_SIGNATURE,
    &check::TOKEN_CLAIMS,
    &check::TOKEN_ISSUER,
    &check::TOKEN_AUDIENCE,
    &check::TOKEN_NOT_EXPIRED,
    &check::TOKEN_NOT_BEFORE,
];

/// What this server expects of a token.
#[derive(Debug)]
pub(super) struct Expected<'e> {
    /// The issuer of the realm.
    pub(super) issuer: &'e str,
    /// The resource identifier of the realm.
    pub(super) audience: &'e str,
    /// The realm's time.
    pub(super) now: Timestamp,
    /// The realm's policy.
    pub(super) policy: &'e TokenPolicy,
}

/// The members of a JOSE header that are read (RFC 7515 §4.1).
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// What a JWT says: read, and no more.
#[derive(Debug)]
struct Said {
    header: Header,
    /// The claims, or what is wrong with them.
    claims: Result<AccessTokenClaims, String>,
    not_before: Option<Timestamp>,
}

/// A token whose signature was found right: what it says, and by which key. Whether it is good is judged each time.
#[derive(Debug)]
pub(crate) struct Remembered {
    said: Arc<Said>,
    thumbprint: String,
}

/// A JWT whose header was accepted; nothing in it is to be believed yet.
#[derive(Debug)]
pub(super) struct UnverifiedJwt<'t> {
    said: Arc<Said>,
    message: &'t str,
    signature: &'t str,
    /// The thumbprint of the key whose signature it was when it came before.
    signed_by: Option<String>,
}

impl<'t> UnverifiedJwt<'t> {
    /// Reads the token's parts and judges its header; `before` is the same token as it came before.
    ///
    /// # Errors
    /// [`AccessError::NotAJwt`], [`AccessError::WrongType`], [`AccessError::UnknownExtension`],
    /// [`AccessError::Algorithm`].
    pub(super) fn read(
        token: &'t str,
        before: Option<&Remembered>,
        policy: &TokenPolicy,
        observation: &Observation,
    ) -> Result<Self, AccessError> {
        let parts = token.split('.').count();
        let jwt = observation
            .require_some(
                &check::TOKEN_DECODES,
                Self::decode(token, before),
                "header.payload.signature, JSON in base64url",
                format_args!("{parts} parts"),
            )
            .ok_or(AccessError::NotAJwt)?;
        let header = &jwt.said.header;
        let typ = header.typ.as_deref().unwrap_or("none");
        observation
            .require(&check::TOKEN_TYPE, is_access_token(typ), "at+jwt", typ)
            .or(AccessError::WrongType)?;
        let crit = header.crit.as_ref();
        let extensions = crit.map_or_else(|| "none".to_owned(), Value::to_string);
        observation
            .require(&check::TOKEN_EXTENSIONS, crit.is_none(), "none", extensions)
            .or(AccessError::UnknownExtension)?;
        let mut allowed = policy.algorithms.iter().map(|algorithm| algorithm.name());
        if !allowed.clone().any(|name| name == header.alg) {
            let expected = allowed.by_ref().collect::<Vec<_>>().join(" or ");
            observation
                .require(&check::TOKEN_ALGORITHM, false, expected, &header.alg)
                .or(AccessError::Algorithm)?;
        }
        Ok(jwt)
    }

    fn decode(token: &'t str, before: Option<&Remembered>) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let said = match before {
            Some(before) => Arc::clone(&before.said),
            None => Arc::new(Said::decode(message)?),
        };
        Some(Self {
            said,
            message,
            signature,
            signed_by: before.map(|before| before.thumbprint.clone()),
        })
    }

    /// The id of the key that it says it was signed with; empty where it says nothing.
    pub(super) fn kid(&self) -> &str {
        self.said.header.kid.as_deref().unwrap_or_default()
    }

    /// What is to be remembered of it once it was verified with `key`; `None` where that is remembered already.
    pub(super) fn to_remember(&self, key: &VerificationKey) -> Option<Remembered> {
        let known = self.signed_by.as_deref() == Some(key.thumbprint());
        (!known).then(|| Remembered {
            said: Arc::clone(&self.said),
            thumbprint: key.thumbprint().to_owned(),
        })
    }

    /// Verifies the signature with `key`, which is the issuer's key of [`UnverifiedJwt::kid`] if it has one, and
    /// then what the token claims.
    ///
    /// # Errors
    /// [`AccessError`], one for each check.
    pub(super) fn verify(
        &self,
        key: Option<&VerificationKey>,
        expected: &Expected<'_>,
        observation: &Observation,
    ) -> Result<AccessTokenClaims, AccessError> {
        let alg = self.said.header.alg.as_str();
        let own = key.map_or(alg, |key| key.algorithm().name());
        observation
            .require(&check::TOKEN_ALGORITHM, own == alg, own, alg)
            .or(AccessError::Algorithm)?;
        let kid = Some(self.kid()).filter(|kid| !kid.is_empty());
        let key = observation
            .require_some(
                &check::TOKEN_KEY_KNOWN,
                key,
                "a key of the issuer",
                kid.unwrap_or("no kid"),
            )
            .ok_or(AccessError::UnknownKey)?;
        let right = self.signed_by.as_deref() == Some(key.thumbprint())
            || key.verifies(self.message, self.signature);
        observation
            .require(
                &check::TOKEN_SIGNATURE,
                right,
                format_args!("the signature of key {}", key.kid()),
                if right { "the same" } else { "another" },
            )
            .or(AccessError::Signature)?;
        let claims = require_claims(&self.said, observation)?;
        require_for_us(claims, expected, observation)?;
        require_timely(claims, self.said.not_before, expected, observation)?;
        Ok(claims.clone())
    }
}

impl Said {
    fn decode(message: &str) -> Option<Self> {
        let (header, payload) = message.split_once('.')?;
        if payload.contains('.') {
            return None;
        }
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let payload: Value = serde_json::from_slice(&bytes(payload)?).ok()?;
        let header = serde_json::from_slice(&bytes(header)?).ok()?;
        payload.is_object().then(|| Self {
            header,
            claims: read_claims(&payload),
            not_before: payload.get("nbf").and_then(Timestamp::of_numeric_date),
        })
    }
}

/// `at+jwt` or `application/at+jwt`, in any case (RFC 9068 §4, RFC 7515 §4.1.9).
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == "at+jwt"
}

/// All claims that RFC 9068 §2.2 requires, each with its type, or what is wrong: text where a time should be is.
fn read_claims(payload: &Value) -> Result<AccessTokenClaims, String> {
    let claims = AccessTokenClaims::deserialize(payload).map_err(|error| error.to_string())?;
    match payload.get("nbf") {
        Some(nbf) if Timestamp::of_numeric_date(nbf).is_none() => {
            Err("nbf is no moment".to_owned())
        }
        _ => Ok(claims),
    }
}

fn require_claims<'s>(
    said: &'s Said,
    observation: &Observation,
) -> Result<&'s AccessTokenClaims, AccessError> {
    let got = said.claims.as_ref().map_or_else(String::as_str, |_| "all");
    observation
        .require(
            &check::TOKEN_CLAIMS,
            said.claims.is_ok(),
            "iss, exp, aud, sub, client_id, iat and jti",
            got,
        )
        .or(AccessError::Claims)?;
    said.claims.as_ref().map_err(|_| AccessError::Claims)
}

/// Issued by the realm's issuer, for this server (RFC 9068 §4).
pub(super) fn require_for_us(
    claims: &AccessTokenClaims,
    expected: &Expected<'_>,
    observation: &Observation,
) -> Result<(), AccessError> {
    let (issuer, audience) = (expected.issuer, expected.audience);
    observation
        .require(
            &check::TOKEN_ISSUER,
            claims.iss == issuer,
            issuer,
            &claims.iss,
        )
        .or(AccessError::WrongIssuer)?;
    let audiences = fmt::from_fn(|f| f.write_str(&claims.aud.as_slice().join(" ")));
    observation
        .require(
            &check::TOKEN_AUDIENCE,
            claims.aud.contains(audience),
            audience,
            audiences,
        )
        .or(AccessError::WrongAudience)
}

/// Neither expired nor from the future, on the realm's clock.
fn require_timely(
    claims: &AccessTokenClaims,
    not_before: Option<Timestamp>,
    expected: &Expected<'_>,
    observation: &Observation,
) -> Result<(), AccessError> {
    let (now, leeway) = (expected.now, expected.policy.leeway);
    let (earliest, latest) = (now - leeway, now + leeway);
    observation
        .require(
            &check::TOKEN_NOT_EXPIRED,
            claims.exp > earliest,
            format_args!("exp after {earliest} (now, less {leeway})"),
            claims.exp,
        )
        .or(AccessError::Expired)?;
    let begins = not_before.map_or(claims.iat, |begins| begins.max(claims.iat));
    observation
        .require(
            &check::TOKEN_NOT_BEFORE,
            begins <= latest,
            format_args!("iat and nbf not after {latest} (now, and {leeway})"),
            begins,
        )
        .or(AccessError::NotYetValid)
}

#[cfg(test)]
mod tests;
