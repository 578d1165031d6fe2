//! Taking in a token response: the ID token is verified and may be refused; the access token is only looked at.
//!
//! RFC 6749 §5.1, OpenID Connect Core §3.1.3.5 to §3.1.3.8. An access token is not meant for the client (RFC 9068 §1):
//! a real one would not open it. This one does, to teach, and lets nothing depend on it.

use jsonwebtoken::jwk::Jwk;
use shared::flow::{Check, CheckDef, catalog as check};

use crate::flow::{Refusal, RefusalKind, Step, TokenSet};
use crate::id_token::{self, Belongs, Expected};
use crate::jwt::{Checklist, Jwt};

/// What is looked at in an access token, in order (RFC 9068 §4).
const ACCESS_TOKEN_CHECKS: [&CheckDef; 7] = [
    &check::TOKEN_TYPE,
    &check::TOKEN_ALGORITHM,
    &check::TOKEN_KEY_KNOWN,
    &check::TOKEN_SIGNATURE,
    &check::TOKEN_ISSUER,
    &check::TOKEN_AUDIENCE,
    &check::TOKEN_NOT_EXPIRED,
];

/// Takes in the outcome of a token request: records it, and verifies what came.
pub(crate) async fn accept(
    step: &Step<'_>,
    outcome: Result<TokenSet, Refusal>,
    client_id: &str,
    belongs: Belongs<'_>,
) -> Result<TokenSet, Refusal> {
    let observed = step.observation;
    let got = match &outcome {
        Ok(_) => "tokens",
        Err(refusal) => refusal.error.as_deref().unwrap_or("no readable answer"),
    };
    let _ = observed.require(
        &check::TOKEN_RESPONSE_RECEIVED,
        outcome.is_ok(),
        "tokens",
        got,
    );
    let mut set = outcome.map_err(|refusal| Refusal {
        exchange: Some(Box::new(step.exchange())),
        checks: observed.checks(),
        ..refusal
    })?;
    set.received = step.now();
    let keys = match Jwt::decode(&set.access_token) {
        Some(jwt) => match step.state.keys.keys_for(step, &jwt).await {
            Ok(keys) => {
                set.access_token_checks = look_at(step, &jwt, &keys);
                Some(keys)
            }
            Err(_) => None,
        },
        None => None,
    };
    if let Some(id_token) = set.id_token.clone() {
        set.id_token_checks =
            verify_id_token(step, &set, &id_token, keys, (client_id, belongs)).await?;
    }
    Ok(set)
}

/// Verifies the ID token of `set`: its checks, or the refusal.
async fn verify_id_token(
    step: &Step<'_>,
    set: &TokenSet,
    id_token: &str,
    keys: Option<Vec<Jwk>>,
    (client_id, belongs): (&str, Belongs<'_>),
) -> Result<Vec<Check>, Refusal> {
    let Some(jwt) = Jwt::decode(id_token) else {
        return Err(Refusal::unreadable("the ID token is no JWT"));
    };
    let known = keys.filter(|keys| jwt.key(keys).is_some());
    let keys = if let Some(keys) = known {
        keys
    } else {
        let fetched = step.state.keys.keys_for(step, &jwt).await;
        fetched.map_err(|error| Refusal::provider_away(&error.to_string()))?
    };
    let mut list = Checklist::new(Some(step.observation), belongs.checks());
    let issuer = step.issuer();
    let expected = Expected {
        issuer: &issuer,
        client_id,
        belongs,
        access_token: &set.access_token,
        now: step.now(),
    };
    let verdict = id_token::verify(&mut list, &jwt, &keys, &expected);
    let checks = list.into_checks();
    match verdict {
        Ok(()) => Ok(checks),
        Err(_) => Err(Refusal {
            exchange: Some(Box::new(step.exchange())),
            checks,
            ..Refusal::by_client(RefusalKind::IdTokenRefused)
        }),
    }
}

/// What the issuer's keys say of an access token.
fn look_at(step: &Step<'_>, jwt: &Jwt, keys: &[Jwk]) -> Vec<Check> {
    let mut list = Checklist::new(None, &ACCESS_TOKEN_CHECKS);
    let resource = step.state.addresses.resource(step.realm);
    // The verdict is not used: nothing here depends on it.
    let _ = inspect(
        &mut list,
        jwt,
        keys,
        (&step.issuer(), &resource),
        step.now().as_unix(),
    );
    list.into_checks()
}

fn inspect(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    keys: &[Jwk],
    (issuer, resource): (&str, &str),
    now: i64,
) -> Result<(), &'static CheckDef> {
    let typ = jwt.header_text("typ");
    list.require(&check::TOKEN_TYPE, typ == "at+jwt", "at+jwt", typ)?;
    let alg = jwt.header_text("alg");
    let accepted = jwt.has_accepted_algorithm();
    list.require(
        &check::TOKEN_ALGORITHM,
        accepted,
        "ES256, RS256, PS256 or EdDSA",
        alg,
    )?;
    let (key, kid) = (jwt.key(keys), jwt.header_text("kid"));
    list.require(
        &check::TOKEN_KEY_KNOWN,
        key.is_some(),
        "a published key",
        kid,
    )?;
    let signed = key.is_some_and(|key| jwt.is_signed_by(key));
    let got = if signed {
        "a signature by that key"
    } else {
        "another signature"
    };
    list.require(
        &check::TOKEN_SIGNATURE,
        signed,
        "a signature by that key",
        got,
    )?;
    let iss = jwt.text("iss").unwrap_or("absent");
    list.require(&check::TOKEN_ISSUER, iss == issuer, issuer, iss)?;
    let audience = jwt.audience();
    let ours = audience.contains(&resource);
    list.require(&check::TOKEN_AUDIENCE, ours, resource, &audience.join(", "))?;
    let exp = jwt.seconds("exp").unwrap_or_default();
    let got = format!("in {} s", exp.saturating_sub(now));
    list.require(&check::TOKEN_NOT_EXPIRED, exp > now, "in the future", &got)
}
