//! Public keys of an issuer (RFC 7517): found by `kid`, each good for its own algorithm alone (RFC 8725 §3.1).
//!
//! May use jsonwebtoken, and aws-lc-rs for what is verified most: a key on P-256 is read once, not with each signature.
//! Keys that this server cannot use are passed over (RFC 7517 §5), so that an issuer may publish others beside them.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, EllipticCurveKeyParameters, Jwk, KeyAlgorithm,
    PublicKeyUse, ThumbprintHash,
};
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
    /// What of the key is the same wherever it is published (RFC 7638).
    thumbprint: String,
    algorithm: SigningAlgorithm,
    key: Key,
}

/// What verifies.
#[derive(Clone)]
enum Key {
    /// A point on P-256.
    P256(ParsedPublicKey),
    /// Any other.
    Other(DecodingKey),
}

impl Key {
    fn read(jwk: &Jwk) -> Option<Self> {
        match &jwk.algorithm {
            AlgorithmParameters::EllipticCurve(key) => p256(key).map(Self::P256),
            _ => DecodingKey::from_jwk(jwk).ok().map(Self::Other),
        }
    }
}

/// The point of a key on P-256, uncompressed (RFC 7518 §6.2.1: both coordinates have the curve's length).
fn p256(key: &EllipticCurveKeyParameters) -> Option<ParsedPublicKey> {
    let mut point = vec![4];
    for coordinate in [&key.x, &key.y] {
        let coordinate = URL_SAFE_NO_PAD.decode(coordinate).ok()?;
        point.extend(Some(coordinate).filter(|bytes| bytes.len() == 32)?);
    }
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).ok()
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
        let (kid, key) = (jwk.common.key_id.clone()?, Key::read(&jwk)?);
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).ok()?;
        good_for.contains(&algorithm).then_some(Self {
            kid,
            thumbprint,
            algorithm,
            key,
        })
    }

    /// The key's id.
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// The key's thumbprint (RFC 7638): the same for the same key, whatever it is called.
    pub(super) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The one algorithm that it is good for.
    pub(super) const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Whether `signature` (base64url) is this key's over `message`.
    pub(super) fn verifies(&self, message: &str, signature: &str) -> bool {
        let key = match &self.key {
            Key::P256(key) => {
                let signature = URL_SAFE_NO_PAD.decode(signature);
                return signature
                    .is_ok_and(|signature| key.verify_sig(message.as_bytes(), &signature).is_ok());
            }
            Key::Other(key) => key,
        };
        let algorithm = match self.algorithm {
            SigningAlgorithm::Es256 => Algorithm::ES256,
            SigningAlgorithm::Rs256 => Algorithm::RS256,
            SigningAlgorithm::Ps256 => Algorithm::PS256,
            SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        };
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm).unwrap_or(false)
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

    /// A private key for `algorithm`, as PKCS#8 in PEM.
    fn private_key(algorithm: SigningAlgorithm) -> String {
        use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
        use aws_lc_rs::rand::SystemRandom;
        use aws_lc_rs::rsa;
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let der = match algorithm {
            SigningAlgorithm::Es256 => {
                let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let made = EcdsaKeyPair::generate_pkcs8(curve, &SystemRandom::new());
                made.unwrap().as_ref().to_vec()
            }
            SigningAlgorithm::EdDsa => {
                let pair = Ed25519KeyPair::generate().unwrap();
                pair.to_pkcs8v1().unwrap().as_ref().to_vec()
            }
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
                let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
                der.as_ref().to_vec()
            }
        };
        let text = STANDARD.encode(der);
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        let lines = lines.join("\n");
        format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n")
    }

    #[test]
    fn a_key_of_each_algorithm_verifies_what_it_signed_and_nothing_else() {
        use jsonwebtoken::EncodingKey;
        for algorithm in SigningAlgorithm::ALL {
            let pem = private_key(algorithm);
            let (private, jose) = match algorithm {
                SigningAlgorithm::Es256 => {
                    (EncodingKey::from_ec_pem(pem.as_bytes()), Algorithm::ES256)
                }
                SigningAlgorithm::EdDsa => {
                    (EncodingKey::from_ed_pem(pem.as_bytes()), Algorithm::EdDSA)
                }
                SigningAlgorithm::Rs256 => {
                    (EncodingKey::from_rsa_pem(pem.as_bytes()), Algorithm::RS256)
                }
                SigningAlgorithm::Ps256 => {
                    (EncodingKey::from_rsa_pem(pem.as_bytes()), Algorithm::PS256)
                }
            };
            let private = private.unwrap();
            let mut jwk = Jwk::from_encoding_key(&private, jose).unwrap();
            jwk.common.key_id = Some("k1".to_owned());
            let set = serde_json::json!({ "keys": [jwk] });
            let keys = VerificationKey::read_set(set.to_string().as_bytes()).unwrap();
            let [key] = keys.as_slice() else {
                panic!("{algorithm:?}: {keys:?}");
            };
            assert_eq!(key.algorithm(), algorithm);
            let signature = jsonwebtoken::crypto::sign(b"message", &private, jose).unwrap();
            assert!(key.verifies("message", &signature), "{algorithm:?}");
            assert!(!key.verifies("another", &signature), "{algorithm:?}");
        }
    }
}
