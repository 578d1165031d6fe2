//! A client's key pair: what signs assertions, request objects and proofs in tests, and the public half for `jwks`.
//!
//! Signs anything, also what nobody should: tests write header and claims as they like.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use aws_lc_rs::{hmac, rsa};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// A private key, its algorithm and its name.
pub(crate) struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
    /// `kid`.
    pub(crate) kid: String,
}

impl Signer {
    /// A new key for `RS256`, `PS256`, `ES256` or `EdDSA`.
    pub(crate) fn new(algorithm: &str, kid: &str) -> Self {
        let pem = |der: &[u8]| {
            let text = STANDARD.encode(der);
            format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n").into_bytes()
        };
        let random = SystemRandom::new();
        let (key, algorithm) = match algorithm {
            "ES256" => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
                let key = EncodingKey::from_ec_pem(&pem(made.unwrap().as_ref()));
                (key.unwrap(), Algorithm::ES256)
            }
            "EdDSA" => {
                // As RFC 8410 §7 writes it: without the public half.
                let made = Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
                let key = EncodingKey::from_ed_pem(&pem(made.as_ref()));
                (key.unwrap(), Algorithm::EdDSA)
            }
            rsa => {
                let made = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
                let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&made).unwrap();
                let algorithm = if rsa == "PS256" {
                    Algorithm::PS256
                } else {
                    Algorithm::RS256
                };
                let key = EncodingKey::from_rsa_pem(&pem(der.as_ref()));
                (key.unwrap(), algorithm)
            }
        };
        Self {
            key,
            algorithm,
            kid: kid.to_owned(),
        }
    }

    /// The registered name of its algorithm.
    pub(crate) fn algorithm(&self) -> String {
        format!("{:?}", self.algorithm)
    }

    /// The public half (RFC 7517), with `kid`, `use` and `alg`.
    pub(crate) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm());
        jwk
    }

    /// A JWK Set with this key alone.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// The header that fits: `alg` and `kid`.
    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.algorithm(), "kid": self.kid})
    }

    /// Signs `claims` under the header that fits.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.header(), claims)
    }

    /// Signs `claims` under any header.
    pub(crate) fn sign_as(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// Signs any text as header and payload.
    pub(crate) fn sign_text(&self, header: &str, claims: &str) -> String {
        let input = input(header, claims);
        let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &self.key, self.algorithm);
        format!("{input}.{}", signature.unwrap())
    }
}

/// A JWT with an HS256 MAC by `secret`.
pub(crate) fn mac(secret: &str, header: &Value, claims: &Value) -> String {
    let input = input(&header.to_string(), &claims.to_string());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// Header and payload as they are signed.
pub(crate) fn input(header: &str, claims: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}", encode(header), encode(claims))
}
