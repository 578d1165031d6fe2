//! `id_token_hint`: an ID token from before, which says whom a client believes to be signed in (OpenID Connect Core
//! §3.1.2.1).
//!
//! May use jsonwebtoken. It may have expired: that it was issued here, to this client, is all that it has to prove.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Validation;
use serde::Deserialize;
use shared::oauth::Audience;

use super::keys::KeySet;
use crate::client::Client;

/// The protected header, as far as it matters.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
}

/// The claims of an ID token that matter here.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
}

/// Why a hint says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidHint {
    /// Not three parts with a header that names a key.
    #[error("no ID token")]
    Unreadable,
    /// The key is not, or no longer, one of this realm's.
    #[error("signed by no key of this realm")]
    KeyUnknown,
    /// The signature is wrong.
    #[error("signed wrongly")]
    Signature,
    /// Issued elsewhere.
    #[error("issued elsewhere")]
    Issuer,
    /// Issued to another client.
    #[error("issued to another client")]
    Audience,
}

/// The subject that the hint names, as `client` knows it.
///
/// # Errors
/// [`InvalidHint`].
pub(crate) fn subject(
    token: &str,
    (keys, issuer): (&KeySet, &str),
    client: &Client,
) -> Result<String, InvalidHint> {
    let header = token
        .split('.')
        .next()
        .filter(|_| token.split('.').count() == 3)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|json| serde_json::from_slice::<Header>(&json).ok())
        .filter(|header| header.typ.as_deref().unwrap_or("JWT") == "JWT")
        .ok_or(InvalidHint::Unreadable)?;
    let key = keys
        .find_past(&header.kid)
        .filter(|key| key.algorithm.as_str() == header.alg)
        .ok_or(InvalidHint::KeyUnknown)?;
    let mut validation = Validation::new(key.jose());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key.verifier, &validation)
        .map_err(|_| InvalidHint::Signature)?
        .claims;
    if claims.iss != issuer {
        return Err(InvalidHint::Issuer);
    }
    if !claims.aud.contains(client.id.as_str()) {
        return Err(InvalidHint::Audience);
    }
    Ok(claims.sub)
}
