//! A key of a client, and the `DPoP` proofs that it signs (RFC 9449 §4.2): right ones, and wrong ones on purpose.
//!
//! Written against the RFC and not against our own code: jsonwebtoken and nothing of the services.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use shared::time::wall_clock_us;

use super::http::Request;

/// How many proofs were made, so that no two have the same `jti`.
static MADE: AtomicU64 = AtomicU64::new(0);

/// A client's key pair.
#[derive(Clone)]
pub(crate) struct ProofKey {
    key: EncodingKey,
    algorithm: Algorithm,
    /// The public half (RFC 7517).
    pub(crate) jwk: Value,
    /// Its RFC 7638 thumbprint.
    pub(crate) thumbprint: String,
}

/// A proof that is not signed yet, right in every respect.
#[derive(Clone)]
pub(crate) struct Proof<'k> {
    key: &'k ProofKey,
    /// The JOSE header.
    pub(crate) header: Value,
    /// The claims.
    pub(crate) claims: Value,
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 in base64url: `ath`, and thumbprints.
pub(crate) fn hash(text: &str) -> String {
    base64url(digest(&SHA256, text.as_bytes()))
}

impl ProofKey {
    /// A new key on P-256.
    pub(crate) fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
        Self {
            key: EncodingKey::from_ec_der(der.as_ref()),
            algorithm: Algorithm::ES256,
            thumbprint: hash(&format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#
            )),
            jwk: json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}),
        }
    }

    /// A new Ed25519 key.
    pub(crate) fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let x = base64url(pair.public_key().as_ref());
        Self {
            key: EncodingKey::from_ed_der(der.as_ref()),
            algorithm: Algorithm::EdDSA,
            thumbprint: hash(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)),
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "x": x}),
        }
    }

    /// A new RSA key that signs by `algorithm`.
    pub(crate) fn rsa(algorithm: Algorithm) -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let public = pair.public_key();
        let (n, e) = (
            base64url(public.modulus().big_endian_without_leading_zero()),
            base64url(public.exponent().big_endian_without_leading_zero()),
        );
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            base64::engine::general_purpose::STANDARD.encode(der.as_ref())
        );
        Self {
            key: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
            algorithm,
            thumbprint: hash(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)),
            jwk: json!({"kty": "RSA", "n": n, "e": e}),
        }
    }

    /// A proof for `method` at `url`, made now.
    pub(crate) fn proof(&self, method: &str, url: &str) -> Proof<'_> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:?}", self.algorithm);
        Proof {
            key: self,
            header: json!({"typ": "dpop+jwt", "alg": name, "jwk": self.jwk}),
            claims: json!({
                "jti": format!("proof-{number}-{}", self.thumbprint),
                "htm": method,
                "htu": url,
                "iat": wall_clock_us() / 1_000_000,
            }),
        }
    }

    /// `request` with a right proof for it.
    pub(crate) fn proves(&self, request: Request) -> Request {
        let proof = self.of(&request).sign();
        request.header("DPoP", proof)
    }

    /// `request` with the token and a right proof for both.
    pub(crate) fn presents(&self, request: Request, token: &str) -> Request {
        let proof = self.of(&request).with("ath", hash(token)).sign();
        request.authorization("DPoP", token).header("DPoP", proof)
    }

    /// A proof for `request`, to be changed.
    pub(crate) fn of(&self, request: &Request) -> Proof<'_> {
        let mut url = request.url().clone();
        url.set_query(None);
        self.proof(request.method(), url.as_str())
    }
}

impl Proof<'_> {
    /// With another claim, or without it for `null`.
    pub(crate) fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, claim, value.into());
        self
    }

    /// With another member of the header, or without it for `null`.
    pub(crate) fn with_header(mut self, member: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, member, value.into());
        self
    }

    /// Signs it, whatever its header says.
    pub(crate) fn sign(&self) -> String {
        self.sign_text(&self.header.to_string(), &self.claims.to_string())
    }

    /// Signs any text as header and payload, by its key.
    pub(crate) fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64url(header), base64url(claims));
        let key = self.key;
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key.key, key.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    let members = object.as_object_mut().expect("an object");
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}
