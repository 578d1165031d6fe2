//! Signing keys (RFC 7517): made, announced, used, retired and gone; and the JWTs they sign (RFC 7515).
//!
//! May use jsonwebtoken, to verify and to write public keys, and aws-lc-rs, to make keys and to sign with a
//! key that is read only once. Private keys are PKCS#8 PEM in the store and nowhere else.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::Serialize;
use shared::realm::RealmName;
use shared::seed::SigningAlgorithm;
use shared::time::Timestamp;

use super::IssueError;
use crate::store::signing_keys::SigningKeyRow;

/// What a JWT says it is (`typ`, RFC 7515 §4.1.9).
#[expect(clippy::enum_variant_names, reason = "the standards call them so")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JwtType {
    /// An access token: `at+jwt` (RFC 9068 §2.1).
    AccessToken,
    /// An ID token, or a signed UserInfo response: `JWT`.
    IdToken,
    /// A logout token: `logout+jwt` (OpenID Connect Back-Channel Logout §2.4).
    LogoutToken,
}

enum Pair {
    Ec(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
}

/// A key in memory, ready to sign and to verify.
pub(crate) struct SigningKey {
    /// Its RFC 7638 thumbprint.
    pub(crate) kid: String,
    /// How it signs: one algorithm a key (RFC 8725 §3.1).
    pub(crate) algorithm: SigningAlgorithm,
    /// What verifies its signatures.
    pub(crate) verifier: DecodingKey,
    active_from: Timestamp,
    retired_at: Option<Timestamp>,
    gone_at: Option<Timestamp>,
    jwk: Jwk,
    pair: Pair,
    /// The encoded protected headers, each with its dot.
    access_token_header: String,
    id_token_header: String,
    logout_token_header: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

const fn jose(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
        SigningAlgorithm::Ps256 => Algorithm::PS256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

impl SigningKey {
    /// Makes a new private key, as the row that stores it: announced at once, active from `active_from`.
    ///
    /// # Errors
    /// [`IssueError::Key`] where none can be made.
    pub(crate) fn generate(
        realm: &RealmName,
        algorithm: SigningAlgorithm,
        (now, active_from): (Timestamp, Timestamp),
    ) -> Result<SigningKeyRow, IssueError> {
        let der = new_private_key(algorithm)?;
        let pem = pem(&der);
        Ok(SigningKeyRow {
            realm: realm.to_string(),
            kid: public_key(algorithm, &pem)?.1,
            algorithm: algorithm.as_str().to_owned(),
            private_key_pem: pem,
            announced_at: now.as_unix(),
            active_from: active_from.as_unix(),
            retired_at: None,
            gone_at: None,
        })
    }

    /// Reads a stored key.
    fn from_row(row: &SigningKeyRow) -> Result<Self, IssueError> {
        let algorithm = SigningAlgorithm::ALL
            .into_iter()
            .find(|known| known.as_str() == row.algorithm)
            .ok_or(IssueError::Key("its algorithm is unknown"))?;
        let der = der(&row.private_key_pem)?;
        let unreadable = |_| IssueError::Key("it cannot be read");
        let pair = match algorithm {
            SigningAlgorithm::Es256 => Pair::Ec(Box::new(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)
                    .map_err(unreadable)?,
            )),
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).map_err(unreadable)?))
            }
            SigningAlgorithm::EdDsa => Pair::Ed(Box::new(
                Ed25519KeyPair::from_pkcs8(&der).map_err(unreadable)?,
            )),
        };
        let (jwk, kid) = public_key(algorithm, &row.private_key_pem)?;
        let header = |typ: &str| {
            let header = serde_json::json!({"typ": typ, "alg": row.algorithm, "kid": kid});
            format!("{}.", URL_SAFE_NO_PAD.encode(header.to_string()))
        };
        Ok(Self {
            access_token_header: header("at+jwt"),
            id_token_header: header("JWT"),
            logout_token_header: header("logout+jwt"),
            verifier: DecodingKey::from_jwk(&jwk)?,
            active_from: Timestamp::from_unix(row.active_from),
            retired_at: row.retired_at.map(Timestamp::from_unix),
            gone_at: row.gone_at.map(Timestamp::from_unix),
            kid,
            algorithm,
            jwk,
            pair,
        })
    }

    /// Signs claims as a JWT in compact serialization (RFC 7515 §3.1).
    ///
    /// # Errors
    /// [`IssueError`] where the claims are no JSON or the signature fails.
    pub(crate) fn sign(&self, typ: JwtType, claims: &impl Serialize) -> Result<String, IssueError> {
        let header = match typ {
            JwtType::AccessToken => &self.access_token_header,
            JwtType::IdToken => &self.id_token_header,
            JwtType::LogoutToken => &self.logout_token_header,
        };
        let mut jwt = header.clone();
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut jwt);
        let failed = |_| IssueError::Key("it does not sign");
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ec(pair) => pair
                .sign(&random, jwt.as_bytes())
                .map_err(failed)?
                .as_ref()
                .to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding = match self.algorithm {
                    SigningAlgorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                pair.sign(padding, &random, jwt.as_bytes(), &mut signature)
                    .map_err(failed)?;
                signature
            }
            Pair::Ed(pair) => pair.sign(jwt.as_bytes()).as_ref().to_vec(),
        };
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(jwt)
    }

    /// The algorithm that a JWT of this key must name.
    pub(crate) const fn jose(&self) -> Algorithm {
        jose(self.algorithm)
    }

    fn is_active(&self, now: Timestamp) -> bool {
        self.active_from <= now && self.retired_at.is_none_or(|end| now < end)
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        self.gone_at.is_some_and(|gone| gone <= now)
    }
}

/// The keys of one realm.
#[derive(Debug, Default)]
pub(crate) struct KeySet(Vec<SigningKey>);

impl KeySet {
    /// Reads the keys of a realm, the newest first.
    ///
    /// # Errors
    /// [`IssueError::Key`] when a stored key cannot be read.
    pub(crate) fn from_rows(rows: &[SigningKeyRow]) -> Result<Self, IssueError> {
        rows.iter()
            .map(SigningKey::from_row)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The newest key that signs with `algorithm` now; the oldest, where the realm's clock was set back behind
    /// them all.
    ///
    /// # Errors
    /// [`IssueError::NoKey`] when there is none.
    pub(crate) fn signer(
        &self,
        algorithm: SigningAlgorithm,
        now: Timestamp,
    ) -> Result<&SigningKey, IssueError> {
        let mut keys = self.0.iter().filter(|key| key.algorithm == algorithm);
        let active = keys.clone().find(|key| key.is_active(now));
        active
            .or_else(|| keys.next_back())
            .ok_or(IssueError::NoKey(algorithm))
    }

    /// The key of this name, unless it is gone.
    pub(crate) fn find(&self, kid: &str, now: Timestamp) -> Option<&SigningKey> {
        self.0
            .iter()
            .find(|key| key.kid == kid && !key.is_gone(now))
    }

    /// The names of the keys that are published: announced, active and retired.
    pub(crate) fn published_kids(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let published = self.0.iter().filter(move |key| !key.is_gone(now));
        published.map(|key| key.kid.as_str())
    }

    /// For how many seconds the key that has signed longest has done so.
    pub(crate) fn signed_for(&self, now: Timestamp) -> Option<i64> {
        let active = self.0.iter().filter(|key| key.is_active(now));
        active.map(|key| now.seconds_since(key.active_from)).max()
    }

    /// The public keys: announced, active and retired, as a JWK Set (RFC 7517 §5).
    pub(crate) fn published(&self, now: Timestamp) -> serde_json::Value {
        let keys: Vec<&Jwk> = self
            .0
            .iter()
            .filter(|key| !key.is_gone(now))
            .map(|key| &key.jwk)
            .collect();
        serde_json::json!({ "keys": keys })
    }
}

/// A new private key for `algorithm`, as PKCS#8.
fn new_private_key(algorithm: SigningAlgorithm) -> Result<Vec<u8>, IssueError> {
    let failed = |_| IssueError::Key("none could be made");
    match algorithm {
        SigningAlgorithm::Es256 => {
            let made = EcdsaKeyPair::generate_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &SystemRandom::new(),
            );
            Ok(made.map_err(failed)?.as_ref().to_vec())
        }
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
            let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).map_err(failed)?;
            let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(failed)?;
            Ok(der.as_ref().to_vec())
        }
        SigningAlgorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().map_err(failed)?;
            Ok(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec())
        }
    }
}

/// The public half of a stored key, as JSON (RFC 7517): what stays of it when it is gone.
///
/// # Errors
/// [`IssueError`] when the key cannot be read.
pub(crate) fn public_jwk(row: &SigningKeyRow) -> Result<String, IssueError> {
    let algorithm = SigningAlgorithm::ALL
        .into_iter()
        .find(|known| known.as_str() == row.algorithm)
        .ok_or(IssueError::Key("its algorithm is unknown"))?;
    let (jwk, _) = public_key(algorithm, &row.private_key_pem)?;
    Ok(serde_json::to_string(&jwk)?)
}

/// The public half of a key, and its RFC 7638 thumbprint.
fn public_key(algorithm: SigningAlgorithm, pem: &str) -> Result<(Jwk, String), IssueError> {
    let key = match algorithm {
        SigningAlgorithm::Es256 => EncodingKey::from_ec_pem(pem.as_bytes())?,
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
            EncodingKey::from_rsa_pem(pem.as_bytes())?
        }
        SigningAlgorithm::EdDsa => EncodingKey::from_ed_pem(pem.as_bytes())?,
    };
    let mut jwk = Jwk::from_encoding_key(&key, jose(algorithm))?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok((jwk, kid))
}

/// PKCS#8 in PEM (RFC 7468 §10).
fn pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN PRIVATE KEY-----\n");
    for (index, character) in STANDARD.encode(der).chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END PRIVATE KEY-----\n");
    text
}

fn der(pem: &str) -> Result<Vec<u8>, IssueError> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD
        .decode(base64)
        .map_err(|_| IssueError::Key("it is not PEM"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn keys(algorithm: SigningAlgorithm) -> KeySet {
        let realm = RealmName::default_realm();
        let row = SigningKey::generate(&realm, algorithm, (NOW, NOW)).unwrap();
        KeySet::from_rows(&[row]).unwrap()
    }

    #[test]
    fn what_a_key_signs_its_published_half_verifies() {
        for algorithm in SigningAlgorithm::ALL {
            let keys = keys(algorithm);
            let claims = serde_json::json!({"sub": "alice"});
            let key = keys.signer(algorithm, NOW).unwrap();
            let jwt = key.sign(JwtType::AccessToken, &claims).unwrap();
            let published = keys.published(NOW);
            let jwk: Jwk = serde_json::from_value(published["keys"][0].clone()).unwrap();
            let header = jsonwebtoken::decode_header(&jwt).unwrap();
            assert_eq!(header.typ.as_deref(), Some("at+jwt"));
            assert_eq!(header.kid, jwk.common.key_id);
            let mut validation = jsonwebtoken::Validation::new(key.jose());
            validation.required_spec_claims.clear();
            validation.validate_exp = false;
            let read = jsonwebtoken::decode::<serde_json::Value>(
                &jwt,
                &DecodingKey::from_jwk(&jwk).unwrap(),
                &validation,
            );
            assert_eq!(read.unwrap().claims, claims);
            for private in ["d", "p", "q"] {
                assert!(published["keys"][0].get(private).is_none());
            }
            assert_eq!(published["keys"][0]["use"], "sig");
            assert_eq!(published["keys"][0]["alg"], algorithm.as_str());
        }
    }

    #[test]
    fn a_key_is_announced_then_active_then_retired_then_gone() {
        let at = |seconds| Timestamp::from_unix(NOW.as_unix() + seconds);
        let realm = RealmName::default_realm();
        let es256 = SigningAlgorithm::Es256;
        let mut old = SigningKey::generate(&realm, es256, (NOW, NOW)).unwrap();
        old.retired_at = Some(at(10).as_unix());
        old.gone_at = Some(at(20).as_unix());
        let new = SigningKey::generate(&realm, es256, (NOW, at(10))).unwrap();
        let keys = KeySet::from_rows(&[new.clone(), old.clone()]).unwrap();
        assert_eq!(keys.signer(es256, at(9)).unwrap().kid, old.kid);
        assert_eq!(keys.signer(es256, at(10)).unwrap().kid, new.kid);
        assert_eq!(keys.published(at(9))["keys"].as_array().unwrap().len(), 2);
        assert!(keys.find(&old.kid, at(19)).is_some());
        assert!(keys.find(&old.kid, at(20)).is_none());
        assert_eq!(keys.published(at(20))["keys"].as_array().unwrap().len(), 1);
        assert!(keys.signer(SigningAlgorithm::Rs256, NOW).is_err());
    }
}
