//! `id_token_hint`: an ID token that this server issued, which says who asks and whose session is meant
//! (RP-Initiated Logout 1.0 §2 and §4).
//!
//! May use jsonwebtoken. The token may have expired, and its key may be gone: that it was issued here is all that
//! it has to prove. What only looks like one (an access token, a logout token, a forgery) is refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use shared::flow::catalog as check;
use shared::oauth::Audience;
use shared::observe::Observation;

use crate::authorization::{AuthorizeError, PageError};
use crate::realms::Realm;
use crate::store::{Store, StoreError, past_keys};

/// What a hint proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The client that it was issued to.
    pub(crate) client_id: String,
    /// Whom that client knows the person as.
    pub(crate) sub: String,
    /// The login session in which it was issued; a token of a grant without one names none.
    pub(crate) sid: Option<String>,
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
    _exp: i64,
    #[serde(rename = "iat")]
    _iat: i64,
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
/// [`PageError::LogoutHint`].
pub(crate) async fn verify(
    token: &str,
    store: &Store,
    realm: &Realm,
    observation: &Observation,
) -> Result<Hint, AuthorizeError> {
    let header = header(token, observation)?;
    let kid = header.kid.unwrap_or_default();
    let key = verifier(&kid, store, realm).await?;
    let key = key.filter(|key| key.algorithm == header.alg);
    let expected = "a key of this realm, present or past";
    let got = if key.is_some() {
        expected
    } else {
        "no such key"
    };
    let key = observation
        .require_some(&check::LOGOUT_HINT_KEY, key, expected, got)
        .ok_or(PageError::LogoutHint)?;
    let claims = claims(token, &key);
    let (expected, got) = match claims {
        Some(_) => ("a signature by that key", "a signature by that key"),
        None => (
            "a signature by that key",
            "another signature, or no ID token",
        ),
    };
    let claims = observation
        .require_some(&check::LOGOUT_HINT_SIGNATURE, claims, expected, got)
        .ok_or(PageError::LogoutHint)?;
    observation
        .require(
            &check::LOGOUT_HINT_ISSUER,
            claims.iss == realm.issuer,
            &realm.issuer,
            &claims.iss,
        )
        .or(PageError::LogoutHint)?;
    let first = claims.aud.as_slice().first().cloned();
    let client_id = claims.azp.or(first).ok_or(PageError::LogoutHint)?;
    Ok(Hint {
        client_id,
        sub: claims.sub,
        sid: claims.sid,
    })
}

/// The header of what may be an ID token: one without a type, or with the plain one.
fn header(token: &str, observation: &Observation) -> Result<Header, PageError> {
    let mut parts = token.split('.');
    let header = parts
        .next()
        .filter(|_| token.split('.').count() == 3)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|json| serde_json::from_slice::<Header>(&json).ok());
    let got = match &header {
        None => "no signed JWT".to_owned(),
        Some(header) => header.typ.clone().unwrap_or_else(|| "JWT".to_owned()),
    };
    let header = header.filter(|header| {
        let typ = header.typ.as_deref().unwrap_or("JWT");
        typ.eq_ignore_ascii_case("JWT")
    });
    observation
        .require_some(&check::LOGOUT_HINT_READABLE, header, "JWT", got)
        .ok_or(PageError::LogoutHint)
}

/// The key of this name: one that still verifies, or the public half of one that is gone.
async fn verifier(
    kid: &str,
    store: &Store,
    realm: &Realm,
) -> Result<Option<Verifier>, AuthorizeError> {
    if let Some(key) = realm.keys.find(kid, realm.now()) {
        return Ok(Some(Verifier {
            key: key.verifier.clone(),
            algorithm: key.jose(),
        }));
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
