//! Verifying a token that stands in the record, step by step: what a server or a client would have had to do.
//!
//! RFC 9068 §4 for access tokens, OpenID Connect Core §3.1.3.7 for ID tokens, RFC 8725 for all. Each step is a named
//! check; the first that fails ends it, and those behind it are not reached. Nothing depends on the outcome.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use serde_json::Value;
use shared::flow::{Check, CheckDef, catalog as check};
use shared::time::Lifetime;

use super::find::{Found, Use};
use super::proof;
use super::read::{Fault, LONGEST, Part, Read};
use crate::jwt::{ACCEPTED, Checklist, Jwt};

/// How far the clocks of two servers may differ.
const LEEWAY: Lifetime = Lifetime::from_seconds(10);

/// The steps for an access token; other JWTs leave out what only these have.
const ACCESS_TOKEN: [&CheckDef; 13] = [
    &check::TOKEN_PARTS,
    &check::TOKEN_HEADER,
    &check::TOKEN_PAYLOAD,
    &check::TOKEN_ISSUER,
    &check::TOKEN_TYPE,
    &check::TOKEN_EXTENSIONS,
    &check::TOKEN_ALGORITHM,
    &check::TOKEN_KEY_KNOWN,
    &check::TOKEN_KEY_TYPE,
    &check::TOKEN_SIGNATURE,
    &check::TOKEN_AUDIENCE,
    &check::TOKEN_NOT_EXPIRED,
    &check::TOKEN_NOT_BEFORE,
];

/// The steps for an ID token.
const ID_TOKEN: [&CheckDef; 15] = [
    &check::TOKEN_PARTS,
    &check::TOKEN_HEADER,
    &check::TOKEN_PAYLOAD,
    &check::ID_TOKEN_ISSUER,
    &check::TOKEN_EXTENSIONS,
    &check::ID_TOKEN_ALGORITHM,
    &check::TOKEN_KEY_KNOWN,
    &check::TOKEN_KEY_TYPE,
    &check::ID_TOKEN_SIGNATURE,
    &check::ID_TOKEN_AUDIENCE,
    &check::ID_TOKEN_AZP,
    &check::ID_TOKEN_NOT_EXPIRED,
    &check::ID_TOKEN_ISSUED_AT,
    &check::ID_TOKEN_NONCE,
    &check::ID_TOKEN_AT_HASH,
];

/// What a token has to match.
pub(super) struct Against<'a> {
    /// The issuer of this realm.
    pub(super) issuer: &'a str,
    /// The resource that access tokens of this realm are for.
    pub(super) resource: &'a str,
    /// The client of the flow, where the record knows it.
    pub(super) client_id: Option<&'a str>,
    /// The nonce that was sent, where one was.
    pub(super) nonce: Option<&'a str>,
    /// The access token that came along.
    pub(super) access_token: Option<&'a str>,
    /// The realm's time at the exchange, in seconds since 1970.
    pub(super) now: i64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every step held.
    Verified,
    /// A step did not hold.
    Refused,
    /// Another issuer's token: decoded, not verified.
    IssuerUnknown,
    /// The issuer's keys could not be had: not verified.
    KeysAway,
    /// No JWT: only its issuer knows what it means.
    Opaque,
}

impl Verdict {
    /// The stable name: `verified`, `refused`, `issuer-unknown`, `keys-away` or `opaque`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Refused => "refused",
            Self::IssuerUnknown => "issuer-unknown",
            Self::KeysAway => "keys-away",
            Self::Opaque => "opaque",
        }
    }
}

/// Goes through the steps: the verdict, and each step as it ended. `keys` are the issuer's, where they could be had.
pub(super) fn verify(
    found: &Found,
    read: &Read,
    keys: Option<&[Jwk]>,
    against: &Against<'_>,
) -> (Verdict, Vec<Check>) {
    if found.meant == Use::DpopProof {
        return proof::verify(&found.text);
    }
    let opaque = !read.is_jwt || found.meant == Use::RefreshToken;
    if opaque {
        return (Verdict::Opaque, Vec::new());
    }
    let mut list = Checklist::new(None, steps(found.meant));
    let mut steps = Steps {
        list: &mut list,
        meant: found.meant,
        against,
    };
    let verdict = match steps.all(read, keys) {
        Ok(verdict) => verdict,
        Err(failed) if failed.id.ends_with("token.issuer") => Verdict::IssuerUnknown,
        Err(_) => Verdict::Refused,
    };
    (verdict, list.into_checks())
}

fn steps(meant: Use) -> &'static [&'static CheckDef] {
    match meant {
        Use::IdToken => &ID_TOKEN,
        Use::AccessToken | Use::RefreshToken | Use::DpopProof | Use::Jwt => &ACCESS_TOKEN,
    }
}

type Step = Result<(), &'static CheckDef>;

struct Steps<'l, 'a> {
    list: &'l mut Checklist<'static>,
    meant: Use,
    against: &'l Against<'a>,
}

impl Steps<'_, '_> {
    fn all(&mut self, read: &Read, keys: Option<&[Jwk]>) -> Result<Verdict, &'static CheckDef> {
        self.form(read)?;
        let Some(jwt) = read.jwt() else {
            return Ok(Verdict::Refused); // Not reached: its form is right.
        };
        self.issuer(&jwt)?;
        self.header(&jwt)?;
        let Some(keys) = keys else {
            return Ok(Verdict::KeysAway);
        };
        self.signature(&jwt, keys)?;
        self.audience(&jwt)?;
        self.times(&jwt)?;
        if self.meant == Use::IdToken {
            self.bound(&jwt)?;
        }
        Ok(Verdict::Verified)
    }

    /// Three parts; the first two are JSON objects in which nothing stands twice.
    fn form(&mut self, read: &Read) -> Step {
        let got = match read.fault {
            None => "three parts".to_owned(),
            Some(Fault::TooLong) => format!("more than {LONGEST} bytes"),
            Some(Fault::Parts(count)) => format!("{count} parts"),
            Some(Fault::NotBase64url) => "a part that is no base64url".to_owned(),
        };
        let (held, expected) = (read.fault.is_none(), "three parts, each in base64url");
        self.list
            .require(&check::TOKEN_PARTS, held, expected, &got)?;
        for (step, part) in [
            (&check::TOKEN_HEADER, &read.header),
            (&check::TOKEN_PAYLOAD, &read.payload),
        ] {
            let expected = "a JSON object, each member once";
            let got = told(part);
            self.list.require(step, part.is_sound(), expected, &got)?;
        }
        Ok(())
    }

    /// Whose keys count is decided by the issuer, and by whom one trusts, never by the token.
    fn issuer(&mut self, jwt: &Jwt) -> Step {
        let step = match self.meant {
            Use::IdToken => &check::ID_TOKEN_ISSUER,
            _ => &check::TOKEN_ISSUER,
        };
        let iss = jwt.text("iss").unwrap_or("no iss");
        let issuer = self.against.issuer;
        self.list.require(step, iss == issuer, issuer, iss)
    }

    /// The type, the extensions and the algorithm, which the token only claims.
    fn header(&mut self, jwt: &Jwt) -> Step {
        if self.meant == Use::AccessToken {
            let typ = jwt.header_text("typ").to_ascii_lowercase();
            let held = typ.strip_prefix("application/").unwrap_or(&typ) == "at+jwt";
            let got = or(jwt.header_text("typ"), "no typ");
            self.list.require(&check::TOKEN_TYPE, held, "at+jwt", got)?;
        }
        let crit = jwt.header.get("crit").map(Value::to_string);
        let got = crit.as_deref().unwrap_or("none");
        self.list
            .require(&check::TOKEN_EXTENSIONS, crit.is_none(), "none", got)?;
        let step = match self.meant {
            Use::IdToken => &check::ID_TOKEN_ALGORITHM,
            _ => &check::TOKEN_ALGORITHM,
        };
        let got = or(jwt.header_text("alg"), "no alg");
        let accepted = jwt.has_accepted_algorithm();
        self.list.require(step, accepted, ACCEPTED, got)
    }

    /// The key that is named, of the kind that the algorithm needs, made the signature.
    fn signature(&mut self, jwt: &Jwt, keys: &[Jwk]) -> Step {
        let key = jwt.key(keys);
        let named = or(jwt.header_text("kid"), "no kid");
        let held = key.is_some();
        self.list
            .require(&check::TOKEN_KEY_KNOWN, held, "a published key", named)?;
        let needed = match jwt.header_text("alg") {
            "ES256" => "EC P-256",
            "EdDSA" => "OKP Ed25519",
            _ => "RSA",
        };
        let kind = key.map_or("no key", kind_of);
        self.list
            .require(&check::TOKEN_KEY_TYPE, kind == needed, needed, kind)?;
        let signed = key.is_some_and(|key| jwt.is_signed_by(key));
        let got = if signed {
            "a signature by that key"
        } else {
            "another signature"
        };
        let step = match self.meant {
            Use::IdToken => &check::ID_TOKEN_SIGNATURE,
            _ => &check::TOKEN_SIGNATURE,
        };
        self.list
            .require(step, signed, "a signature by that key", got)
    }

    /// For whom it is: the resource, or the client.
    fn audience(&mut self, jwt: &Jwt) -> Step {
        let audience = jwt.audience();
        let joined = audience.join(", ");
        let got = or(&joined, "no aud");
        match self.meant {
            Use::AccessToken => {
                let resource = self.against.resource;
                let ours = audience.contains(&resource);
                self.list
                    .require(&check::TOKEN_AUDIENCE, ours, resource, got)
            }
            Use::IdToken => {
                let Some(client) = self.against.client_id else {
                    return Ok(()); // The record does not know for whom it was.
                };
                let ours = audience.contains(&client);
                self.list
                    .require(&check::ID_TOKEN_AUDIENCE, ours, client, got)?;
                let azp = jwt.text("azp");
                let held = azp.map_or(audience.len() == 1, |azp| azp == client);
                let got = azp.unwrap_or("absent");
                let expected = "absent, or this client";
                self.list.require(&check::ID_TOKEN_AZP, held, expected, got)
            }
            Use::RefreshToken | Use::DpopProof | Use::Jwt => Ok(()),
        }
    }

    /// It had begun and had not ended, on the realm's clock at the exchange.
    fn times(&mut self, jwt: &Jwt) -> Step {
        let now = self.against.now;
        let (ends, begins) = match self.meant {
            Use::IdToken => (&check::ID_TOKEN_NOT_EXPIRED, &check::ID_TOKEN_ISSUED_AT),
            _ => (&check::TOKEN_NOT_EXPIRED, &check::TOKEN_NOT_BEFORE),
        };
        let exp = jwt.seconds("exp");
        let leeway = i64::from(LEEWAY.as_seconds());
        let earliest = now.saturating_sub(leeway);
        let expected = format!("exp after {earliest} (now, less {LEEWAY})");
        let got = exp.map_or_else(|| "no exp".to_owned(), |exp| exp.to_string());
        let alive = exp.is_some_and(|exp| exp > earliest);
        self.list.require(ends, alive, &expected, &got)?;
        let iat = jwt.seconds("iat");
        let from = iat.into_iter().chain(jwt.seconds("nbf")).max();
        let latest = now.saturating_add(leeway);
        let expected = format!("not after {latest} (now, and {LEEWAY})");
        let got = from.map_or_else(|| "no iat".to_owned(), |from| from.to_string());
        // Whoever gives no beginning cannot be too early; an ID token has to give one.
        let needs = self.meant == Use::IdToken;
        let begun = from.map_or(!needs, |from| from <= latest);
        self.list.require(begins, begun, &expected, &got)
    }

    /// It belongs to this sign-in, and to the access token beside it.
    fn bound(&mut self, jwt: &Jwt) -> Step {
        if let Some(sent) = self.against.nonce {
            let nonce = jwt.text("nonce");
            let got = match nonce {
                Some(nonce) if nonce == sent => "the nonce that was sent",
                Some(_) => "another nonce",
                None => "no nonce",
            };
            let held = nonce == Some(sent);
            let expected = "the nonce that was sent";
            self.list
                .require(&check::ID_TOKEN_NONCE, held, expected, got)?;
        }
        let Some(access_token) = self.against.access_token else {
            return Ok(());
        };
        let (expected, given) = (jwt.hash_of(access_token), jwt.text("at_hash"));
        let held = given.is_none_or(|given| given == expected);
        let got = given.unwrap_or("absent");
        self.list
            .require(&check::ID_TOKEN_AT_HASH, held, &expected, got)
    }
}

/// What a header or payload is.
fn told(part: &Part) -> String {
    match &part.repeated {
        Some(name) => format!("{name} more than once"),
        None if part.is_object => "an object".to_owned(),
        None => "no JSON object".to_owned(),
    }
}

/// `text`, or `absent` where it is empty.
fn or<'t>(text: &'t str, absent: &'t str) -> &'t str {
    if text.is_empty() { absent } else { text }
}

/// The kind of a key (RFC 7518 §6.1), with its curve.
fn kind_of(key: &Jwk) -> &'static str {
    match &key.algorithm {
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => "EC P-256",
        AlgorithmParameters::EllipticCurve(_) => "EC, another curve",
        AlgorithmParameters::RSA(_) => "RSA",
        AlgorithmParameters::OctetKey(_) => "a secret key",
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            "OKP Ed25519"
        }
        AlgorithmParameters::OctetKeyPair(_) => "OKP, another curve",
        _ => "another kind",
    }
}
