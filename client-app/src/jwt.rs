//! Reading a JSON Web Token (RFC 7519) without believing it, and asking whether a published key signed it.
//!
//! May use jsonwebtoken. Reading is for showing; what is *verified* is written as a list of checks by `id_token`
//! and `tokens`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};
use shared::flow::{Check, CheckDef, Outcome};
use shared::oauth::token_hash;
use shared::observe::Observation;
use shared::seed::SigningAlgorithm;
use shared::time::Timestamp;

/// The signature algorithms that this client accepts, as people read them: asymmetric ones (RFC 8725 §3.1, §3.2).
pub(crate) const ACCEPTED: &str = "ES256, RS256, PS256 or EdDSA";

const fn jose(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
        SigningAlgorithm::Ps256 => Algorithm::PS256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

/// A token in its three parts, decoded and not believed.
#[derive(Clone)]
pub(crate) struct Jwt {
    /// The three parts as they came: header, payload, signature.
    pub(crate) parts: [String; 3],
    /// The header's members.
    pub(crate) header: Map<String, Value>,
    /// The claims.
    pub(crate) claims: Map<String, Value>,
}

impl Jwt {
    /// Decodes a token; `None` for anything that is no JWT, an opaque token for instance.
    pub(crate) fn decode(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let parts = [
            parts.next()?,
            parts.next()?,
            parts.next().filter(|_| token.matches('.').count() == 2)?,
        ];
        let object = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<Map<String, Value>>(&bytes).ok()
        };
        let [header, payload, _] = parts;
        Some(Self {
            header: object(header)?,
            claims: object(payload)?,
            parts: parts.map(str::to_owned),
        })
    }

    /// A member of the header as text; empty where it is absent.
    pub(crate) fn header_text(&self, name: &str) -> &str {
        self.header
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A claim as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// A claim that is a moment (RFC 7519 §2 `NumericDate`), in whole seconds.
    pub(crate) fn seconds(&self, name: &str) -> Option<i64> {
        self.claims.get(name).and_then(seconds)
    }

    /// Those for whom the token is (`aud`: one text or a list).
    pub(crate) fn audience(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the header's algorithm is one that this client accepts.
    pub(crate) fn has_accepted_algorithm(&self) -> bool {
        self.algorithm().is_some()
    }

    /// The header's algorithm, if it is one that this client accepts.
    pub(crate) fn algorithm(&self) -> Option<SigningAlgorithm> {
        SigningAlgorithm::parse(self.header_text("alg"))
    }

    /// The hash of an access token or a code that this ID token binds (OpenID Connect Core §3.1.3.6, §3.3.2.11);
    /// empty where its algorithm is none that is accepted.
    pub(crate) fn hash_of(&self, text: &str) -> String {
        self.algorithm()
            .map(|algorithm| token_hash(algorithm, text))
            .unwrap_or_default()
    }

    /// The published key that the header names; the only one, where it names none.
    pub(crate) fn key<'k>(&self, keys: &'k [Jwk]) -> Option<&'k Jwk> {
        match (self.header_text("kid"), keys) {
            ("", [only]) => Some(only),
            ("", _) => None,
            (kid, keys) => keys
                .iter()
                .find(|key| key.common.key_id.as_deref() == Some(kid)),
        }
    }

    /// Whether `key` signed this token, with the algorithm of the key and of the header.
    pub(crate) fn is_signed_by(&self, key: &Jwk) -> bool {
        let Some(algorithm) = self.algorithm().map(jose) else {
            return false;
        };
        let meant_for = key.common.key_algorithm;
        let meant_for = meant_for.and_then(|meant| Algorithm::try_from(meant).ok());
        if meant_for.is_some_and(|meant| meant != algorithm) {
            return false;
        }
        let Ok(decoding) = DecodingKey::from_jwk(key) else {
            return false;
        };
        let [header, payload, signature] = &self.parts;
        let message = format!("{header}.{payload}");
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &decoding, algorithm)
            .unwrap_or(false)
    }
}

/// The second in which a moment of JSON lies (RFC 7519 §2 `NumericDate`); `None` for what is none.
pub(crate) fn seconds(value: &Value) -> Option<i64> {
    Timestamp::of_numeric_date(value).map(Timestamp::as_unix)
}

/// An ordered list of checks that is both kept for a page and, where it decides an exchange, recorded with it.
pub(crate) struct Checklist<'o> {
    observation: Option<&'o Observation>,
    checks: Vec<Check>,
}

impl<'o> Checklist<'o> {
    /// A list of the checks that lie ahead.
    pub(crate) fn new(observation: Option<&'o Observation>, ahead: &[&'static CheckDef]) -> Self {
        if let Some(observation) = observation {
            observation.plan(ahead);
        }
        Self {
            observation,
            checks: ahead
                .iter()
                .map(|check| Check::not_reached(check))
                .collect(),
        }
    }

    /// Makes one check; says which one failed.
    pub(crate) fn require(
        &mut self,
        check: &'static CheckDef,
        held: bool,
        expected: &str,
        got: &str,
    ) -> Result<(), &'static CheckDef> {
        if let Some(observation) = self.observation {
            let _ = observation.require(check, held, expected, got);
        }
        if let Some(made) = self.checks.iter_mut().find(|made| made.id == check.id) {
            made.outcome = if held {
                Outcome::Passed
            } else {
                Outcome::Failed
            };
            expected.clone_into(&mut made.expected);
            got.clone_into(&mut made.got);
        }
        if held { Ok(()) } else { Err(check) }
    }

    /// The checks as they ended.
    pub(crate) fn into_checks(self) -> Vec<Check> {
        self.checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_jwt_is_not_decoded() {
        for text in ["", "opaque", "a.b", "a.b.c", "e30.e30", "e30.e30.x.y"] {
            assert!(Jwt::decode(text).is_none(), "{text}");
        }
        assert!(
            Jwt::decode("e30.e30.").is_some(),
            "an unsigned one is, and fails its checks"
        );
    }
}
