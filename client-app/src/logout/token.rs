//! Verifying a logout token, check by check: OpenID Connect Back-Channel Logout 1.0 §2.6, in its order.
//!
//! May use jsonwebtoken (through `jwt`). Each step is a named check; the first that fails refuses the token.

use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use shared::flow::{CheckDef, catalog as check};
use shared::time::Timestamp;

use super::Meant;
use crate::jwt::{Checklist, Jwt};

/// The checks, in the order in which they are made.
pub(super) const CHECKS: [&CheckDef; 12] = [
    &check::LOGOUT_TOKEN_PRESENT,
    &check::LOGOUT_TOKEN_TYPE,
    &check::LOGOUT_TOKEN_ALGORITHM,
    &check::LOGOUT_TOKEN_SIGNATURE,
    &check::LOGOUT_TOKEN_ISSUER,
    &check::LOGOUT_TOKEN_AUDIENCE,
    &check::LOGOUT_TOKEN_ISSUED_AT,
    &check::LOGOUT_TOKEN_NOT_EXPIRED,
    &check::LOGOUT_TOKEN_SUBJECT,
    &check::LOGOUT_TOKEN_EVENTS,
    &check::LOGOUT_TOKEN_NO_NONCE,
    &check::LOGOUT_TOKEN_UNUSED,
];

/// The one event of a logout token (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How far the clocks of two servers may differ, in seconds.
const LEEWAY: i64 = 10;

/// What the token has to match.
pub(super) struct Expected<'a> {
    /// The issuer of this client, compared character by character.
    pub(super) issuer: &'a str,
    /// This program, as whichever client it is registered.
    pub(super) client_ids: &'a [&'a str],
    /// The realm's time.
    pub(super) now: Timestamp,
}

/// A token that holds, but for whether it came before.
#[derive(Debug)]
pub(super) struct Verified {
    /// Whose sessions are meant.
    pub(super) meant: Meant,
    /// Its own id.
    pub(super) jti: String,
    /// When it expires.
    pub(super) expires_at: Timestamp,
}

/// Makes all checks but the first and the last: whether a token is there, and whether it came before.
///
/// # Errors
/// The check that failed first; those behind it stay *not reached*.
pub(super) fn verify(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    keys: &[Jwk],
    expected: &Expected<'_>,
) -> Result<Verified, &'static CheckDef> {
    // §2.4 recommends the type, and does not demand it of every provider; another one is a token for another use.
    let typ = jwt.header_text("typ");
    let named = ["logout+jwt", "application/logout+jwt"];
    let fits = typ.is_empty() || named.iter().any(|known| typ.eq_ignore_ascii_case(known));
    list.require(&check::LOGOUT_TOKEN_TYPE, fits, "logout+jwt", typ)?;
    let alg = jwt.header_text("alg");
    let accepted = jwt.has_accepted_algorithm();
    let algorithms = "an algorithm of ID tokens, never none";
    list.require(&check::LOGOUT_TOKEN_ALGORITHM, accepted, algorithms, alg)?;
    let signed = jwt.key(keys).is_some_and(|key| jwt.is_signed_by(key));
    let published = "a signature by one of the issuer's published keys";
    let got = if signed {
        published
    } else {
        "another signature"
    };
    list.require(&check::LOGOUT_TOKEN_SIGNATURE, signed, published, got)?;
    let iss = jwt.text("iss").unwrap_or("no iss");
    let same = iss == expected.issuer;
    list.require(&check::LOGOUT_TOKEN_ISSUER, same, expected.issuer, iss)?;
    let client_id = audience(list, jwt, expected.client_ids)?;
    let expires_at = times(list, jwt, expected.now)?;
    let meant = meant(list, jwt, client_id)?;
    events(list, jwt)?;
    let nonce = jwt.claims.contains_key("nonce");
    let got = if nonce { "a nonce" } else { "no nonce" };
    list.require(&check::LOGOUT_TOKEN_NO_NONCE, !nonce, "no nonce", got)?;
    let jti = jwt.text("jti").filter(|jti| !jti.is_empty());
    let Some(jti) = jti else {
        let first = "a jti that comes for the first time";
        list.require(&check::LOGOUT_TOKEN_UNUSED, false, first, "no jti")?;
        return Err(&check::LOGOUT_TOKEN_UNUSED);
    };
    Ok(Verified {
        meant,
        jti: jti.to_owned(),
        expires_at,
    })
}

/// (4): it is for this program; as which of its clients.
fn audience<'c>(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    client_ids: &[&'c str],
) -> Result<&'c str, &'static CheckDef> {
    let audience = jwt.audience();
    let ours = client_ids.iter().find(|id| audience.contains(id));
    let (expected, got) = (client_ids.join(" or "), audience.join(", "));
    let held = ours.is_some();
    list.require(&check::LOGOUT_TOKEN_AUDIENCE, held, &expected, &got)?;
    ours.copied().ok_or(&check::LOGOUT_TOKEN_AUDIENCE)
}

/// (4): it was issued before now, and has not expired, on the realm's clock.
fn times(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    now: Timestamp,
) -> Result<Timestamp, &'static CheckDef> {
    let now = now.as_unix();
    let told = |time: Option<i64>| match time.map(|time| time.saturating_sub(now)) {
        None => "absent".to_owned(),
        Some(left) if left < 0 => format!("{} s ago", left.saturating_neg()),
        Some(left) => format!("in {left} s"),
    };
    let issued = jwt.seconds("iat");
    let begun = issued.is_some_and(|iat| iat <= now.saturating_add(LEEWAY));
    let got = told(issued);
    list.require(
        &check::LOGOUT_TOKEN_ISSUED_AT,
        begun,
        "not in the future",
        &got,
    )?;
    let expires = jwt.seconds("exp");
    let alive = expires.is_some_and(|exp| exp > now.saturating_sub(LEEWAY));
    let got = told(expires);
    list.require(
        &check::LOGOUT_TOKEN_NOT_EXPIRED,
        alive,
        "in the future",
        &got,
    )?;
    Ok(Timestamp::from_unix(
        expires.unwrap_or(now).saturating_add(LEEWAY),
    ))
}

/// (5): it says who is meant, or which session, or both.
fn meant(list: &mut Checklist<'_>, jwt: &Jwt, client_id: &str) -> Result<Meant, &'static CheckDef> {
    let text = |name: &str| jwt.text(name).filter(|text| !text.is_empty());
    let (sub, sid) = (text("sub"), text("sid"));
    let got = match (sub, sid) {
        (Some(_), Some(_)) => "sub and sid",
        (Some(_), None) => "sub",
        (None, Some(_)) => "sid",
        (None, None) => "neither",
    };
    let either = "sub or sid, or both";
    list.require(&check::LOGOUT_TOKEN_SUBJECT, got != "neither", either, got)?;
    Ok(Meant {
        client_id: client_id.to_owned(),
        sub: sub.map(str::to_owned),
        sid: sid.map(str::to_owned),
    })
}

/// (6): its `events` has the member that makes it a logout token, and that member is an object.
fn events(list: &mut Checklist<'_>, jwt: &Jwt) -> Result<(), &'static CheckDef> {
    let events = jwt.claims.get("events").and_then(Value::as_object);
    let held = events.is_some_and(|events| events.get(EVENT).is_some_and(Value::is_object));
    let got = match events {
        None => "no events".to_owned(),
        Some(events) => events.keys().cloned().collect::<Vec<_>>().join(", "),
    };
    list.require(&check::LOGOUT_TOKEN_EVENTS, held, EVENT, &got)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
