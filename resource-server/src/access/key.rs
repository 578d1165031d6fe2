//! Public keys of an issuer (RFC 7517): found by `kid`, each good for its own algorithm alone (RFC 8725 §3.1).
//!
//! May use jsonwebtoken. Keys that this server cannot use are passed over (RFC 7517 §5), so that an issuer
//! may publish others beside them.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::policy::SigningAlgorithm;

/// The shortest modulus of an RSA key that is accepted, in base64url characters: 2048 bits (RFC 7518 §3.3).
const MIN_MODULUS: usize = 342;

/// A key that can verify.
#[derive(Clone)]
pub(super) struct VerificationKey {
    kid: String,
    algorithm: SigningAlgorithm,
    key: DecodingKey,
}

impl std::fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "VerificationKey({}, {})",
            self.kid,
            self.algorithm.name()
        )
    }
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl VerificationKey {
    /// The usable keys of a key set (RFC 7517 §5).
    ///
    /// # Errors
    /// When it is no key set.
    pub(super) fn read_set(json: &[u8]) -> Result<Vec<Self>, serde_json::Error> {
        let set: KeySet = serde_json::from_slice(json)?;
        Ok(set.keys.into_iter().filter_map(Self::read).collect())
    }

    fn read(key: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(key).ok()?;
        if !matches!(
            jwk.common.public_key_use,
            None | Some(PublicKeyUse::Signature)
        ) {
            return None;
        }
        // What keys of this kind are good for; where the key does not say, the first.
        let good_for: &[SigningAlgorithm] = match &jwk.algorithm {
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                &[SigningAlgorithm::Es256]
            }
            AlgorithmParameters::RSA(key) if key.n.len() >= MIN_MODULUS => {
                &[SigningAlgorithm::Rs256, SigningAlgorithm::Ps256]
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                &[SigningAlgorithm::EdDsa]
            }
            _ => return None,
        };
        let algorithm = match jwk.common.key_algorithm {
            None => good_for.first().copied()?,
            Some(KeyAlgorithm::ES256) => SigningAlgorithm::Es256,
            Some(KeyAlgorithm::RS256) => SigningAlgorithm::Rs256,
            Some(KeyAlgorithm::PS256) => SigningAlgorithm::Ps256,
            Some(KeyAlgorithm::EdDSA) => SigningAlgorithm::EdDsa,
            Some(_) => return None,
        };
        let (kid, key) = (
            jwk.common.key_id.clone()?,
            DecodingKey::from_jwk(&jwk).ok()?,
        );
        good_for.contains(&algorithm).then_some(Self {
            kid,
            algorithm,
            key,
        })
    }

    /// The key's id.
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm that it is good for.
    pub(super) const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Whether `signature` (base64url) is this key's over `message`.
    pub(super) fn verifies(&self, message: &str, signature: &str) -> bool {
        let algorithm = match self.algorithm {
            SigningAlgorithm::Es256 => Algorithm::ES256,
            SigningAlgorithm::Rs256 => Algorithm::RS256,
            SigningAlgorithm::Ps256 => Algorithm::PS256,
            SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        };
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &self.key, algorithm)
            .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_cannot_be_used_are_passed_over() {
        let (x, y) = (
            "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        );
        let set = serde_json::json!({ "keys": [
            { "kty": "EC", "crv": "P-256", "kid": "good", "x": x, "y": y, "use": "sig", "alg": "ES256" },
            { "kty": "EC", "crv": "P-256", "kid": "plain", "x": x, "y": y },
            { "kty": "OKP", "crv": "Ed25519", "kid": "edwards", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "alg": "EdDSA" },
            { "kty": "OKP", "crv": "Ed25519", "kid": "says-ec", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "alg": "ES256" },
            { "kty": "EC", "crv": "P-256", "kid": "for-encryption", "x": x, "y": y, "use": "enc" },
            { "kty": "EC", "crv": "P-256", "kid": "says-rsa", "x": x, "y": y, "alg": "RS256" },
            { "kty": "EC", "crv": "P-256", "x": x, "y": y },
            { "kty": "oct", "kid": "shared-secret", "k": "c2VjcmV0", "alg": "HS256" },
            { "kty": "RSA", "kid": "short", "n": "AQAB", "e": "AQAB", "alg": "RS256" },
            { "kty": "from the future", "kid": "x" },
        ]});
        let keys = VerificationKey::read_set(set.to_string().as_bytes()).unwrap();
        let kids: Vec<_> = keys.iter().map(VerificationKey::kid).collect();
        assert_eq!(kids, ["good", "plain", "edwards"]);
    }
}
