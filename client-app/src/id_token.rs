//! Verifying an ID token, check by check: OpenID Connect Core §3.1.3.7 and §3.1.3.8, and §12.2 for one of a refresh.
//!
//! May use jsonwebtoken (through `jwt`). Each step is a named check; the first that fails refuses the token.

use jsonwebtoken::jwk::Jwk;
use shared::flow::{CheckDef, catalog as check};
use shared::time::Timestamp;

use crate::jwt::{ACCEPTED, Checklist, Jwt};

/// The checks of a sign-in, in the order in which they are made.
pub(crate) const CHECKS: [&CheckDef; 9] = [
    &check::ID_TOKEN_ALGORITHM,
    &check::ID_TOKEN_SIGNATURE,
    &check::ID_TOKEN_ISSUER,
    &check::ID_TOKEN_AUDIENCE,
    &check::ID_TOKEN_AZP,
    &check::ID_TOKEN_NOT_EXPIRED,
    &check::ID_TOKEN_ISSUED_AT,
    &check::ID_TOKEN_NONCE,
    &check::ID_TOKEN_AT_HASH,
];

/// The same for an ID token that a refresh brought (§12.2): it answers no request of a browser, and is of the same person
/// as the first.
pub(crate) const REFRESHED: [&CheckDef; 9] = [
    &check::ID_TOKEN_ALGORITHM,
    &check::ID_TOKEN_SIGNATURE,
    &check::ID_TOKEN_ISSUER,
    &check::ID_TOKEN_AUDIENCE,
    &check::ID_TOKEN_AZP,
    &check::ID_TOKEN_NOT_EXPIRED,
    &check::ID_TOKEN_ISSUED_AT,
    &check::ID_TOKEN_SUBJECT,
    &check::ID_TOKEN_AT_HASH,
];

/// To what the ID token belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Belongs<'a> {
    /// To a sign-in, with the nonce that was sent, if one was.
    SignIn(Option<&'a str>),
    /// To a refresh of tokens that came with an ID token of this `sub`, if one came.
    Refresh(Option<&'a str>),
}

impl Belongs<'_> {
    /// The checks to be made.
    pub(crate) const fn checks(self) -> &'static [&'static CheckDef] {
        match self {
            Self::SignIn(_) => &CHECKS,
            Self::Refresh(_) => &REFRESHED,
        }
    }
}

/// How far the clocks of two servers may differ, in seconds.
const LEEWAY: i64 = 10;

/// What the token has to match.
pub(crate) struct Expected<'a> {
    /// The issuer that was asked, compared character by character.
    pub(crate) issuer: &'a str,
    /// This client.
    pub(crate) client_id: &'a str,
    /// To what it belongs.
    pub(crate) belongs: Belongs<'a>,
    /// The access token that came along.
    pub(crate) access_token: &'a str,
    /// The realm's time.
    pub(crate) now: Timestamp,
}

/// Makes all checks in order.
///
/// # Errors
/// The check that failed first; those behind it stay *not reached*.
pub(crate) fn verify(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    keys: &[Jwk],
    expected: &Expected<'_>,
) -> Result<(), &'static CheckDef> {
    let alg = jwt.header_text("alg");
    let accepted = jwt.has_accepted_algorithm();
    list.require(&check::ID_TOKEN_ALGORITHM, accepted, ACCEPTED, alg)?;

    let key = jwt.key(keys);
    let signed = key.is_some_and(|key| jwt.is_signed_by(key));
    let got = match (key, signed) {
        (None, _) => "no published key is named by its kid",
        (Some(_), false) => "a signature that this key did not make",
        (Some(_), true) => "a signature by that key",
    };
    let published = "a signature by one of the issuer's published keys";
    list.require(&check::ID_TOKEN_SIGNATURE, signed, published, got)?;

    let iss = jwt.text("iss").unwrap_or("no iss");
    list.require(
        &check::ID_TOKEN_ISSUER,
        iss == expected.issuer,
        expected.issuer,
        iss,
    )?;
    audience(list, jwt, expected.client_id)?;
    times(list, jwt, expected.now)?;
    match expected.belongs {
        Belongs::SignIn(sent) => nonce(list, jwt, sent)?,
        Belongs::Refresh(first) => subject(list, jwt, first)?,
    }
    access_token(list, jwt, expected.access_token)
}

/// (3) to (5): it is for this client, and where it is for others too, it says that this one may use it.
fn audience(list: &mut Checklist<'_>, jwt: &Jwt, client_id: &str) -> Result<(), &'static CheckDef> {
    let audience = jwt.audience();
    let ours = audience.contains(&client_id);
    list.require(
        &check::ID_TOKEN_AUDIENCE,
        ours,
        client_id,
        &audience.join(", "),
    )?;
    let azp = jwt.text("azp");
    let held = match azp {
        Some(azp) => azp == client_id,
        None => audience.len() == 1,
    };
    let got = azp.unwrap_or("absent");
    list.require(&check::ID_TOKEN_AZP, held, "absent, or this client", got)
}

/// (9) and (10): it has begun and has not ended, on the realm's clock.
fn times(list: &mut Checklist<'_>, jwt: &Jwt, now: Timestamp) -> Result<(), &'static CheckDef> {
    let told = |time: Option<i64>| match time.map(|time| time.saturating_sub(now.as_unix())) {
        None => "absent".to_owned(),
        Some(left) if left < 0 => format!("{} s ago", left.saturating_neg()),
        Some(left) => format!("in {left} s"),
    };
    let now = now.as_unix();
    let expires = jwt.seconds("exp");
    let alive = expires.is_some_and(|exp| exp > now.saturating_sub(LEEWAY));
    list.require(
        &check::ID_TOKEN_NOT_EXPIRED,
        alive,
        "in the future",
        &told(expires),
    )?;
    let issued = jwt.seconds("iat");
    // RFC 7519 §4.1.5: where it says from when on it is good, it is not before that.
    let begins = if jwt.claims.contains_key("nbf") {
        let both = issued.zip(jwt.seconds("nbf"));
        both.map(|(iat, nbf)| iat.max(nbf))
    } else {
        issued
    };
    let begun = begins.is_some_and(|begins| begins <= now.saturating_add(LEEWAY));
    list.require(
        &check::ID_TOKEN_ISSUED_AT,
        begun,
        "not in the future",
        &told(begins),
    )
}

/// (11): it answers the request that this browser made, not one that somebody recorded.
fn nonce(list: &mut Checklist<'_>, jwt: &Jwt, sent: Option<&str>) -> Result<(), &'static CheckDef> {
    let Some(sent) = sent else {
        return Ok(()); // None was sent.
    };
    let same = jwt.text("nonce") == Some(sent);
    let got = match jwt.text("nonce") {
        Some(_) if same => "the nonce that was sent",
        Some(_) => "another nonce",
        None => "no nonce",
    };
    list.require(&check::ID_TOKEN_NONCE, same, "the nonce that was sent", got)
}

/// §12.2: "its `sub` Claim Value MUST be the same as in the ID Token issued when the original authentication occurred".
fn subject(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    first: Option<&str>,
) -> Result<(), &'static CheckDef> {
    let Some(first) = first else {
        return Ok(()); // No ID token came then: there is nobody to compare with.
    };
    let sub = jwt.text("sub");
    let got = sub.unwrap_or("no sub");
    list.require(&check::ID_TOKEN_SUBJECT, sub == Some(first), first, got)
}

/// §3.1.3.8: the access token that came along is the one that it was issued with.
fn access_token(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    access_token: &str,
) -> Result<(), &'static CheckDef> {
    let expected = jwt.hash_of(access_token);
    let given = jwt.text("at_hash");
    let held = given.is_none_or(|given| given == expected); // OPTIONAL in the code flow
    let got = given.unwrap_or("absent");
    list.require(&check::ID_TOKEN_AT_HASH, held, &expected, got)
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
