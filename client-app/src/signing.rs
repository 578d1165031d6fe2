//! The print shop's own key: made at each start, published at `/jwks` (RFC 7517 §5), used to sign request objects
//! (RFC 9101). It never leaves the memory of this program.
//!
//! May use jsonwebtoken, and aws-lc-rs to make the key.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// How it signs: what FAPI 2.0 allows and every provider reads.
const ALGORITHM: Algorithm = Algorithm::ES256;

/// The key, and its public half.
pub(crate) struct SigningKey {
    key: EncodingKey,
    jwk: Jwk,
    kid: String,
}

/// What is published (RFC 7517 §5).
#[derive(Serialize)]
pub(crate) struct PublishedKeys<'a> {
    keys: [&'a Jwk; 1],
}

/// No key could be made, or nothing be signed with it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningError {
    /// The system gives no randomness.
    #[error("no key could be made")]
    NoKey,
    /// The key or the claims cannot be written.
    #[error("a JWT cannot be signed: {0}")]
    Jwt(#[from] jsonwebtoken::errors::Error),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// [`SigningError`].
    pub(crate) fn generate() -> Result<Self, SigningError> {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|_| SigningError::NoKey)?;
        let key = EncodingKey::from_ec_der(made.as_ref());
        let mut jwk = Jwk::from_encoding_key(&key, ALGORITHM)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, jwk, kid })
    }

    /// Signs `claims` as a JWT that says what it is (RFC 7515 §4.1.9).
    ///
    /// # Errors
    /// [`SigningError::Jwt`].
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SigningError> {
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(ALGORITHM)
        };
        Ok(jsonwebtoken::encode(&header, claims, &self.key)?)
    }

    /// The public half.
    pub(crate) const fn published(&self) -> PublishedKeys<'_> {
        PublishedKeys { keys: [&self.jwk] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_verifies_what_was_signed_and_holds_no_secret() {
        shared::serve::tls::install_crypto_provider();
        let key = SigningKey::generate().unwrap();
        let claims = serde_json::json!({ "iss": "web" });
        let jwt = key.sign("oauth-authz-req+jwt", &claims).unwrap();
        let published = serde_json::to_value(key.published()).unwrap();
        let jwk = &published["keys"][0];
        assert_eq!(jwk["kid"], key.kid.as_str());
        assert_eq!(jwk["use"], "sig");
        assert_eq!(jwk.get("d"), None);
        let verifier = jsonwebtoken::DecodingKey::from_jwk(&key.jwk).unwrap();
        let mut validation = jsonwebtoken::Validation::new(ALGORITHM);
        validation.required_spec_claims.clear();
        let read = jsonwebtoken::decode::<serde_json::Value>(&jwt, &verifier, &validation);
        let read = read.unwrap();
        assert_eq!(read.claims, claims);
        assert_eq!(read.header.typ.as_deref(), Some("oauth-authz-req+jwt"));
    }
}
