//! Verifying what this server issued: for `/userinfo` (RFC 6750, RFC 9068 §4), `/introspect` (RFC 7662 §4) and
//! `/revoke` (RFC 7009 §2.1).
//!
//! May use jsonwebtoken. A JWT proves itself by its signature; whether it was revoked, the store says: by its
//! grant, or by its own id.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Validation;
use serde::Deserialize;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{AccessToken, AccessTokenClaims};
use shared::observe::Observation;
use shared::recent::{Fingerprint, Recent};
use shared::time::Timestamp;

use super::access_token::{ACCESS_TOKEN_ALGORITHM, claims_of_row};
use super::keys::SigningKey;
use crate::realms::Realm;
use crate::store::access_tokens::AccessTokenRow;
use crate::store::grants::{self, Standing};
use crate::store::{DbConnection, StoreError, Stored, access_tokens, clients, revoked_tokens};

/// The checks of a JWT, in order.
const JWT_CHECKS: &[&CheckDef] = &[
    &catalog::TOKEN_WELL_FORMED,
    &catalog::TOKEN_TYPE,
    &catalog::TOKEN_ALGORITHM,
    &catalog::TOKEN_KEY_KNOWN,
    &catalog::TOKEN_SIGNATURE,
    &catalog::TOKEN_CLAIMS,
    &catalog::TOKEN_ISSUER,
];

/// The checks of any access token that was read.
const LIFE_CHECKS: &[&CheckDef] = &[&catalog::TOKEN_NOT_EXPIRED, &catalog::TOKEN_ACTIVE];

/// The claims that must be there.
const CLAIMS: &str = "iss, sub, aud, exp, iat, jti, client_id";
/// What is said where they are.
const ALL_THERE: &str = "all there";

/// The most tokens whose signatures are remembered.
const MOST_REMEMBERED: usize = 4096;

/// How long a token is remembered that does not come again.
const REMEMBERED: Duration = Duration::from_mins(5);

/// A token whose signature was found right: of which key, and what it claims. Whether that key still stands, and
/// whether the token is alive, is judged each time.
#[derive(Debug)]
pub(crate) struct Verified {
    kid: String,
    claims: AccessTokenClaims,
}

/// The tokens that were verified of late.
pub(crate) type VerifiedTokens = Arc<Recent<Verified>>;

/// None yet.
pub(crate) fn none_verified() -> VerifiedTokens {
    Arc::new(Recent::new(MOST_REMEMBERED, REMEMBERED))
}

/// A token that may not be used; the observation says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the access token is malformed, unknown, expired or revoked")]
pub(crate) struct NotUsable;

/// The protected header of a JWT, as far as it matters.
#[derive(Deserialize)]
struct Header {
    typ: Option<String>,
    alg: String,
    kid: Option<String>,
}

/// An access token as it came: by its form a JWT or opaque.
pub(crate) enum Presented {
    /// It proved itself by its signature.
    Jwt(Box<AccessTokenClaims>),
    /// Only the store knows what it is.
    Opaque(AccessToken),
}

impl Presented {
    /// Reads an access token, and verifies it as far as that needs no store. A JWT must be ours; it may have
    /// expired.
    ///
    /// # Errors
    /// [`NotUsable`].
    pub(crate) fn read(
        token: &str,
        realm: &Realm,
        now: Timestamp,
        observation: &Observation,
    ) -> Result<Self, NotUsable> {
        if token.split('.').count() == 3 {
            observation.plan(JWT_CHECKS);
            observation.plan(LIFE_CHECKS);
            return jwt(token, realm, now, observation).map(|claims| Self::Jwt(Box::new(claims)));
        }
        observation.plan(&[&catalog::TOKEN_WELL_FORMED]);
        observation.plan(LIFE_CHECKS);
        Ok(Self::Opaque(AccessToken::from_text(token)))
    }

    /// What the token says: from itself, or from the store. `None` where the store does not know it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn claims(
        self,
        tx: &mut DbConnection,
        realm: &Realm,
        observation: &Observation,
    ) -> Stored<Option<Known>> {
        let found = match &self {
            Self::Jwt(_) => None,
            Self::Opaque(token) => access_tokens::find(tx, &realm.name, token.digest().as_str())?,
        };
        self.found(found, realm, observation)
    }

    /// What the token says, where the store was asked for an opaque one already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn found(
        self,
        found: Option<(AccessTokenRow, Standing)>,
        realm: &Realm,
        observation: &Observation,
    ) -> Stored<Option<Known>> {
        match self {
            Self::Jwt(claims) => Ok(Some(Known {
                claims: *claims,
                standing: None,
            })),
            Self::Opaque(_) => {
                let got = if found.is_some() { "one" } else { "none" };
                let found = observation.require_some(
                    &catalog::TOKEN_WELL_FORMED,
                    found,
                    "an access token that this realm issued",
                    got,
                );
                let known = found.map(|(row, standing)| {
                    let claims = claims_of_row(&realm.issuer, row)?;
                    let standing = Some(standing);
                    Ok(Known { claims, standing })
                });
                known.transpose()
            }
        }
    }
}

/// An access token that is ours: what it says, and how it stands, as far as the store was asked.
pub(crate) struct Known {
    /// What it says.
    pub(crate) claims: AccessTokenClaims,
    standing: Option<Standing>,
}

/// Verifies a JWT: header, key, signature, claims, issuer, in this order.
fn jwt(
    token: &str,
    realm: &Realm,
    now: Timestamp,
    observation: &Observation,
) -> Result<AccessTokenClaims, NotUsable> {
    let header = header(token, observation)?;
    let kid = header.kid.as_deref().unwrap_or("none");
    let key = realm
        .keys
        .find(kid, now)
        .filter(|key| key.algorithm.as_str() == header.alg);
    let key = observation
        .require_some(&catalog::TOKEN_KEY_KNOWN, key, "a key of this realm", kid)
        .ok_or(NotUsable)?;
    let claims = signed_claims(token, (realm, key), observation)?;
    observation
        .require(
            &catalog::TOKEN_ISSUER,
            claims.iss == realm.issuer,
            &realm.issuer,
            &claims.iss,
        )
        .or(NotUsable)?;
    Ok(claims)
}

/// The header, which must name an access token and the one algorithm (RFC 8725 §3.1, §3.11).
fn header(token: &str, observation: &Observation) -> Result<Header, NotUsable> {
    let header = token
        .split('.')
        .next()
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|json| serde_json::from_slice::<Header>(&json).ok());
    let form = if header.is_some() { "a JWT" } else { "no JWT" };
    let header = observation
        .require_some(
            &catalog::TOKEN_WELL_FORMED,
            header,
            "a JWT (RFC 7519)",
            form,
        )
        .ok_or(NotUsable)?;
    let typ = header.typ.as_deref().unwrap_or("none");
    let is_access_token = ["at+jwt", "application/at+jwt"]
        .iter()
        .any(|known| typ.eq_ignore_ascii_case(known));
    observation
        .require(&catalog::TOKEN_TYPE, is_access_token, "at+jwt", typ)
        .or(NotUsable)?;
    let algorithm = ACCESS_TOKEN_ALGORITHM.as_str();
    observation
        .require(
            &catalog::TOKEN_ALGORITHM,
            header.alg == algorithm,
            algorithm,
            &header.alg,
        )
        .or(NotUsable)?;
    Ok(header)
}

/// The claims, if the signature is right and they are all there.
fn signed_claims(
    token: &str,
    (realm, key): (&Realm, &SigningKey),
    observation: &Observation,
) -> Result<AccessTokenClaims, NotUsable> {
    let fingerprint = Fingerprint::of(token);
    let before = realm.verified.find(&fingerprint);
    if let Some(before) = before.filter(|before| before.kid == key.kid) {
        let _ = observation.require(&catalog::TOKEN_SIGNATURE, true, "right", "right");
        let _ = observation.require(&catalog::TOKEN_CLAIMS, true, CLAIMS, ALL_THERE);
        return Ok(before.claims.clone());
    }
    let mut validation = Validation::new(key.jose());
    // Time is the realm's, and issuer and audience are checks of their own.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let verified = jsonwebtoken::decode::<serde_json::Value>(token, &key.verifier, &validation);
    let word = if verified.is_ok() { "right" } else { "wrong" };
    let _ = observation.require(&catalog::TOKEN_SIGNATURE, verified.is_ok(), "right", word);
    let claims = verified.map_err(|_| NotUsable)?.claims;
    let claims = serde_json::from_value::<AccessTokenClaims>(claims);
    let fault = claims
        .as_ref()
        .err()
        .map_or(ALL_THERE.to_owned(), ToString::to_string);
    let _ = observation.require(&catalog::TOKEN_CLAIMS, claims.is_ok(), CLAIMS, fault);
    let claims = claims.map_err(|_| NotUsable)?;
    let verified = Verified {
        kid: key.kid.clone(),
        claims: claims.clone(),
    };
    realm.verified.remember(fingerprint, verified);
    Ok(claims)
}

impl Known {
    /// Whether it may be used now: not expired, its grant alive, itself not revoked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn is_alive(
        &mut self,
        tx: &mut DbConnection,
        realm: &Realm,
        now: Timestamp,
        observation: &Observation,
    ) -> Result<bool, StoreError> {
        let claims = &self.claims;
        let in_time = observation
            .require(
                &catalog::TOKEN_NOT_EXPIRED,
                now < claims.exp,
                format_args!("before {}", claims.exp),
                now,
            )
            .passed();
        if !in_time {
            return Ok(false);
        }
        let standing = match self.standing.take() {
            Some(standing) => standing,
            None => standing(tx, realm, claims)?,
        };
        let granted = match &claims.gid {
            // A client that acts for itself; it may have been removed since.
            None => standing.registered,
            Some(_) => standing.is_granted(now),
        };
        let got = match (granted, standing.denied) {
            (true, false) => "neither is revoked",
            (false, _) if !standing.registered => "its client was removed",
            (false, _) => "its grant is revoked",
            (true, true) => "it is revoked",
        };
        let stands = granted && !standing.denied;
        self.standing = Some(standing);
        Ok(observation
            .require(
                &catalog::TOKEN_ACTIVE,
                stands,
                "neither the token nor its grant is revoked",
                got,
            )
            .passed())
    }

    /// The name with which the person signs in that it speaks for, once it was found alive.
    pub(crate) fn take_username(&mut self) -> Option<String> {
        self.standing.as_mut()?.username.take()
    }
}

/// How a signed token stands.
fn standing(tx: &mut DbConnection, realm: &Realm, claims: &AccessTokenClaims) -> Stored<Standing> {
    let (jti, sub) = (claims.jti.as_str(), claims.sub.as_str());
    match &claims.gid {
        Some(gid) => grants::standing(tx, &realm.name, (gid.as_str(), jti, sub)),
        None => Ok(Standing {
            registered: clients::contains(tx, &realm.name, claims.client_id.as_str())?,
            denied: revoked_tokens::contains(tx, &realm.name, jti)?,
            ..Standing::default()
        }),
    }
}
