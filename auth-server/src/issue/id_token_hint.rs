//! `id_token_hint`: an ID token from before, which says whom a client believes to be signed in, who asks, and whose
//! session is meant (OpenID Connect Core §3.1.2.1; RP-Initiated Logout 1.0 §2 and §4).
//!
//! May use jsonwebtoken and the store. The token may have expired, and its key may be gone: that it was issued here is
//! all that it has to prove. What only looks like one (an access token, a logout token, a forgery) proves nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use shared::oauth::Audience;
use shared::time::Timestamp;

use super::keys::KeySet;
use crate::realms::Realm;
use crate::store::{Store, StoreError, Stored, past_keys};

/// What a hint proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The client that it was issued to.
    pub(crate) client_id: String,
    /// Whom that client knows the person as.
    pub(crate) sub: String,
    /// The login session in which it was issued; a token of a grant without one names none.
    pub(crate) sid: Option<String>,
    audience: Audience,
}

impl Hint {
    /// The subject that it names, as the client `id` knows it.
    ///
    /// # Errors
    /// [`InvalidHint::Audience`].
    pub(crate) fn subject_for(self, id: &str) -> Result<String, InvalidHint> {
        if self.audience.contains(id) {
            Ok(self.sub)
        } else {
            Err(InvalidHint::Audience)
        }
    }
}

/// Why a hint says nothing: in the order in which it is found out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidHint {
    /// Not three parts, or of another type than an ID token; what it is instead.
    #[error("{0}")]
    Unreadable(String),
    /// No key of this realm, present or past, has its name.
    #[error("signed by no key of this realm")]
    KeyUnknown,
    /// The signature is another, or what is signed is no ID token.
    #[error("another signature, or no ID token")]
    Signature,
    /// Issued elsewhere, by this issuer.
    #[error("issued elsewhere")]
    Issuer(String),
    /// Issued to another client.
    #[error("issued to another client")]
    Audience,
}

/// The protected header, as far as it matters.
#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
}

/// The claims that tell an ID token (OpenID Connect Core §2) from what else this server signs.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    #[serde(rename = "exp")]
    _exp: Timestamp,
    #[serde(rename = "iat")]
    _iat: Timestamp,
    azp: Option<String>,
    sid: Option<String>,
}

/// A key that may have signed it, and how.
struct Verifier {
    key: DecodingKey,
    algorithm: Algorithm,
}

/// Verifies a hint: it reads as an ID token, a key of this realm signed it, and the realm issued it.
///
/// # Errors
/// [`StoreError`]; inside, [`InvalidHint`].
pub(crate) async fn verify(
    token: &str,
    store: &Store,
    realm: &Realm,
) -> Stored<Result<Hint, InvalidHint>> {
    let header = match header(token) {
        Ok(header) => header,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let key = verifier(header.kid.as_deref().unwrap_or_default(), store, realm).await?;
    Ok(judge(token, header.alg, key, &realm.issuer))
}

/// Judges a token by the key that its header names.
fn judge(
    token: &str,
    algorithm: Algorithm,
    key: Option<Verifier>,
    issuer: &str,
) -> Result<Hint, InvalidHint> {
    let key = key
        .filter(|key| key.algorithm == algorithm)
        .ok_or(InvalidHint::KeyUnknown)?;
    let claims = claims(token, &key).ok_or(InvalidHint::Signature)?;
    hint(claims, issuer)
}

/// The same by keys in memory alone: without a store there are no past ones.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn verify_by(
    token: &str,
    (keys, now): (&KeySet, Timestamp),
    issuer: &str,
) -> Result<Hint, InvalidHint> {
    let header = header(token)?;
    let kid = header.kid.unwrap_or_default();
    judge(token, header.alg, present(keys, &kid, now), issuer)
}

fn hint(claims: Claims, issuer: &str) -> Result<Hint, InvalidHint> {
    if claims.iss != issuer {
        return Err(InvalidHint::Issuer(claims.iss));
    }
    let first = claims.aud.as_slice().first().cloned();
    Ok(Hint {
        client_id: claims.azp.or(first).ok_or(InvalidHint::Signature)?,
        sub: claims.sub,
        sid: claims.sid,
        audience: claims.aud,
    })
}

/// The header of what may be an ID token: one without a type, or with the plain one.
fn header(token: &str) -> Result<Header, InvalidHint> {
    let header = token
        .split('.')
        .next()
        .filter(|_| token.split('.').count() == 3)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|json| serde_json::from_slice::<Header>(&json).ok())
        .ok_or_else(|| InvalidHint::Unreadable("no signed JWT".to_owned()))?;
    match &header.typ {
        Some(typ) if !typ.eq_ignore_ascii_case("JWT") => Err(InvalidHint::Unreadable(typ.clone())),
        _ => Ok(header),
    }
}

/// The key of this name that still verifies.
fn present(keys: &KeySet, kid: &str, now: Timestamp) -> Option<Verifier> {
    let key = keys.find(kid, now)?;
    Some(Verifier {
        key: key.verifier.clone(),
        algorithm: key.jose(),
    })
}

/// The key of this name: one that still verifies, or the public half of one that is gone.
async fn verifier(kid: &str, store: &Store, realm: &Realm) -> Stored<Option<Verifier>> {
    if let Some(key) = present(&realm.keys, kid, realm.now()) {
        return Ok(Some(key));
    }
    let (name, kid) = (realm.name.clone(), kid.to_owned());
    let row = store
        .read(move |tx| past_keys::find(tx, &name, &kid))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let corrupt = |error| StoreError::corrupt("past_keys.jwk", error);
    let jwk: Jwk = serde_json::from_str(&row.jwk).map_err(corrupt)?;
    let algorithm = jwk.common.key_algorithm;
    let algorithm = algorithm.and_then(|known| Algorithm::try_from(known).ok());
    let key = DecodingKey::from_jwk(&jwk).ok();
    Ok(key
        .zip(algorithm)
        .map(|(key, algorithm)| Verifier { key, algorithm }))
}

/// The claims, if the signature is right and they are those of an ID token. Time does not matter.
fn claims(token: &str, verifier: &Verifier) -> Option<Claims> {
    let mut validation = Validation::new(verifier.algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Claims>(token, &verifier.key, &validation);
    decoded.ok().map(|decoded| decoded.claims)
}
