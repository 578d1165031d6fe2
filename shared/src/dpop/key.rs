//! The public key in the header of a proof (RFC 7517, RFC 7518 §6, RFC 8037) and its thumbprint (RFC 7638).
//!
//! May use aws-lc-rs. A key is read member by member and only in its canonical form, so that one key has one
//! thumbprint; a member of a private key is refused wherever it stands.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The length of a P-256 coordinate and of an Ed25519 key, in bytes.
const CURVE_BYTES: usize = 32;
/// The longest RSA modulus that is read, in bytes (8192 bits): a longer one would cost more than it proves.
const MAX_MODULUS: usize = 1024;
/// The shortest (2048 bits, RFC 7518 §3.3).
const MIN_MODULUS: usize = 256;
/// The longest RSA exponent, in bytes.
const MAX_EXPONENT: usize = 8;

/// Members that only a private or a shared key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How a proof may be signed: asymmetric alone (RFC 9449 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProofAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519 (RFC 8037).
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256: only where a policy allows it.
    #[serde(rename = "RS256")]
    Rs256,
}

impl ProofAlgorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Ps256, Self::EdDsa, Self::Rs256];
    /// Those that are accepted unless a policy says otherwise: without RS256.
    pub const DEFAULT: [Self; 3] = [Self::Es256, Self::Ps256, Self::EdDsa];

    /// Its registered name (RFC 7518 §3.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    /// All its registered names, the first as above: RFC 9864 §2.2 calls `EdDSA` on Ed25519 `Ed25519`.
    #[must_use]
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Es256 => &["ES256"],
            Self::Ps256 => &["PS256"],
            Self::EdDsa => &["EdDSA", "Ed25519"],
            Self::Rs256 => &["RS256"],
        }
    }

    /// Whether it has this name.
    #[must_use]
    pub fn is_named(self, name: &str) -> bool {
        self.names().contains(&name)
    }
}

/// The SHA-256 thumbprint of a public key (RFC 7638): 43 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint(String);

/// Text that is no thumbprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a JWK SHA-256 thumbprint is 43 characters of base64url")]
pub struct InvalidThumbprint;

impl Thumbprint {
    /// The thumbprint as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Thumbprint {
    type Err = InvalidThumbprint;

    fn from_str(text: &str) -> Result<Self, InvalidThumbprint> {
        match URL_SAFE_NO_PAD.decode(text) {
            Ok(hash) if hash.len() == 32 => Ok(Self(text.to_owned())),
            _ => Err(InvalidThumbprint),
        }
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = InvalidThumbprint;

    fn try_from(text: String) -> Result<Self, InvalidThumbprint> {
        text.parse()
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A public key that can verify a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// On P-256.
    Ec {
        /// 32 bytes.
        x: Vec<u8>,
        /// 32 bytes.
        y: Vec<u8>,
    },
    /// RSA of 2048 to 8192 bits.
    Rsa {
        /// The modulus, without leading zeros.
        n: Vec<u8>,
        /// The exponent, without leading zeros.
        e: Vec<u8>,
    },
    /// Ed25519.
    Ed {
        /// 32 bytes.
        x: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a public key; `None` for one that is private, symmetric, of another kind, malformed or not meant for
    /// signatures.
    #[must_use]
    pub fn read(jwk: &Map<String, Value>) -> Option<Self> {
        if PRIVATE_MEMBERS.iter().any(|name| jwk.contains_key(*name)) || !is_for_signatures(jwk) {
            return None;
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let coordinate = |name| bytes(name).filter(|bytes| bytes.len() == CURVE_BYTES);
        match (text("kty")?, text("crv")) {
            ("EC", Some("P-256")) => Some(Self::Ec {
                x: coordinate("x")?,
                y: coordinate("y")?,
            }),
            ("OKP", Some("Ed25519")) => Some(Self::Ed {
                x: coordinate("x")?,
            }),
            ("RSA", _) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                let canonical = |bytes: &[u8]| bytes.first().is_some_and(|first| *first != 0);
                let sized = (MIN_MODULUS..=MAX_MODULUS).contains(&n.len())
                    && (1..=MAX_EXPONENT).contains(&e.len());
                (sized && canonical(&n) && canonical(&e)).then_some(Self::Rsa { n, e })
            }
            _ => None,
        }
    }

    /// Whether the key is of the kind that `algorithm` needs (RFC 8725 §3.1).
    #[must_use]
    pub const fn suits(&self, algorithm: ProofAlgorithm) -> bool {
        matches!(
            (self, algorithm),
            (Self::Ec { .. }, ProofAlgorithm::Es256)
                | (Self::Ed { .. }, ProofAlgorithm::EdDsa)
                | (
                    Self::Rsa { .. },
                    ProofAlgorithm::Ps256 | ProofAlgorithm::Rs256
                )
        )
    }

    /// Whether `signature` is this key's over `message` by `algorithm`.
    #[must_use]
    pub fn verifies(&self, algorithm: ProofAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Ec { x, y }, ProofAlgorithm::Es256) => {
                // SEC 1 §2.3.3: an uncompressed point.
                let point = [&[4], x.as_slice(), y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(message, signature)
                    .is_ok()
            }
            (Self::Ed { x }, ProofAlgorithm::EdDsa) => UnparsedPublicKey::new(&ED25519, x)
                .verify(message, signature)
                .is_ok(),
            (Self::Rsa { n, e }, ProofAlgorithm::Ps256) => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PSS_2048_8192_SHA256, message, signature)
                .is_ok(),
            (Self::Rsa { n, e }, ProofAlgorithm::Rs256) => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            _ => false,
        }
    }

    /// Its thumbprint (RFC 7638 §3.2; RFC 8037 Appendix A.3).
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        // The required members alone, in lexicographic order, without whitespace (§3).
        let canonical = match self {
            Self::Ec { x, y } => format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                encode(x),
                encode(y)
            ),
            Self::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(e), encode(n))
            }
            Self::Ed { x } => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(x))
            }
        };
        Thumbprint(encode(digest(&SHA256, canonical.as_bytes()).as_ref()))
    }
}

/// RFC 7517 §4.2 and §4.3: a key says what it is for, or nothing.
fn is_for_signatures(jwk: &Map<String, Value>) -> bool {
    let by_use = jwk.get("use").is_none_or(|purpose| purpose == "sig");
    let by_operations = jwk.get("key_ops").is_none_or(|operations| {
        let verify = |all: &Vec<Value>| all.iter().any(|one| one == "verify");
        operations.as_array().is_some_and(verify)
    });
    by_use && by_operations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(jwk: serde_json::Value) -> Option<PublicKey> {
        let Value::Object(members) = jwk else {
            unreachable!()
        };
        PublicKey::read(&members)
    }

    #[test]
    fn thumbprints_are_those_of_the_standards() {
        // RFC 7638 §3.1.
        let rsa = read(serde_json::json!({
            "kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        }));
        assert_eq!(
            rsa.unwrap().thumbprint().as_str(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        // RFC 8037 Appendix A.3.
        let ed = read(serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }));
        assert_eq!(
            ed.unwrap().thumbprint().as_str(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
        // RFC 9449 §4.2 and §6.1.
        let ec = read(serde_json::json!({
            "kty": "EC", "crv": "P-256",
            "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        }));
        assert_eq!(
            ec.unwrap().thumbprint().as_str(),
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
    }

    #[test]
    fn only_a_public_key_in_its_one_form_is_read() {
        let (x, y) = (
            "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        );
        let good = serde_json::json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig"});
        assert!(read(good.clone()).is_some());
        let with = |name: &str, value: serde_json::Value| {
            let mut jwk = good.clone();
            jwk[name] = value;
            read(jwk)
        };
        for private in PRIVATE_MEMBERS {
            assert!(with(private, "AA".into()).is_none(), "{private}");
        }
        assert!(with("use", "enc".into()).is_none());
        assert!(with("key_ops", serde_json::json!(["sign"])).is_none());
        assert!(with("crv", "P-384".into()).is_none());
        assert!(with("kty", "oct".into()).is_none());
        assert!(with("x", format!("{x}=").into()).is_none(), "padded");
        // The last character holds two bits that mean nothing: another spelling of the same bytes.
        assert!(with("x", x.replace("BFs", "BFt").into()).is_none());
        assert!(with("y", "AQAB".into()).is_none(), "short");
        assert!(read(serde_json::json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"})).is_none());
    }
}
