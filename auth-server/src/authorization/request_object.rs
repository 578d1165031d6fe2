//! Request objects: an authorization request as a JWT that its client signed (RFC 9101, OpenID Connect Core §6).
//!
//! Two standards read them in two ways. By RFC 9101 the object alone is the request; by OpenID Connect Core what
//! stands beside it counts too, as long as nothing is contradicted. [`Reading`] says which of them holds.

use serde_json::{Map, Value};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::Params;
use shared::observe::Observation;
use shared::time::{Lifetime, Timestamp};

use super::{OPENID, Refusal};
use crate::client::Client;
use crate::client::signed::{JwsAlgorithm, SignedJwt};

/// The checks of an object by value, in order; the signature's among them.
const CHECKS: [&CheckDef; 12] = [
    &check::REQUEST_OBJECT_SINGLE,
    &check::REQUEST_OBJECT_SUPPORTED,
    &check::REQUEST_OBJECT_WELL_FORMED,
    &check::REQUEST_OBJECT_ALGORITHM,
    &check::REQUEST_OBJECT_TYPE,
    &check::REQUEST_OBJECT_KEY_KNOWN,
    &check::REQUEST_OBJECT_SIGNATURE,
    &check::REQUEST_OBJECT_ISSUER,
    &check::REQUEST_OBJECT_AUDIENCE,
    &check::REQUEST_OBJECT_IN_TIME,
    &check::REQUEST_OBJECT_NESTED,
    &check::REQUEST_OBJECT_CONSISTENT,
];

/// The checks of an object by reference, in order: those that fetch it come after [`check::REQUEST_OBJECT_SINGLE`].
const FETCH_CHECKS: [&CheckDef; 2] = [&check::REQUEST_URI_REGISTERED, &check::REQUEST_URI_FETCHED];

/// The checks that lie ahead of a request with these parameters: none without an object.
pub(crate) fn planned(params: &Params) -> Vec<&'static CheckDef> {
    let by_value = params.get("request").is_some();
    let by_reference = params.get("request_uri").is_some();
    if !by_value && !by_reference {
        return Vec::new();
    }
    let mut checks = CHECKS.to_vec();
    if !by_value {
        checks.splice(2..2, FETCH_CHECKS);
    }
    checks
}

/// How far a clock may be ahead of this server's.
const LEEWAY: Lifetime = Lifetime::from_seconds(60);
/// The longest that an object may be good for, where it must end (FAPI 2.0 Message Signing §5.3.1).
const LONGEST: Lifetime = Lifetime::from_minutes(60);

/// Claims that are about the JWT, not about the request (RFC 7519 §4.1).
const OF_THE_JWT: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// By which standard an object is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The object alone is the request (RFC 9101 §6.3).
    Alone,
    /// What stands beside it is added (OpenID Connect Core §6.1).
    Merged,
}

impl Reading {
    /// By OpenID Connect Core where the request says so by its own scope and nothing stricter is demanded;
    /// a pushed object is read alone (RFC 9126 §3).
    pub(crate) fn of(outside: &Params, client: &Client, pushed: bool) -> Self {
        let scope = outside.get("scope").unwrap_or_default();
        let openid = scope.split(' ').any(|token| token == OPENID);
        let strict = client.policy.require_signed_request_object;
        if openid && !pushed && !strict {
            Self::Merged
        } else {
            Self::Alone
        }
    }
}

/// The request that a verified object stands for, with what stands beside it.
///
/// # Errors
/// [`Refusal::ObjectInvalid`]: the first check that fails.
pub(crate) fn read(
    jwt: &SignedJwt,
    outside: &Params,
    (client, issuer): (&Client, &str),
    (reading, now): (Reading, Timestamp),
    observation: &Observation,
) -> Result<Params, Refusal> {
    let strict = client.policy.signs_messages();
    ensure_from(jwt, client, observation)?;
    ensure_for(jwt, issuer, strict, observation)?;
    ensure_in_time(jwt, strict, now, observation)?;
    ensure_not_nested(jwt, observation)?;
    ensure_consistent(jwt, outside, (client, reading), observation)?;
    let mut pairs = parameters(&jwt.claims);
    let inside =
        |name: &str, pairs: &[(String, String)]| pairs.iter().any(|(known, _)| known == name);
    if !inside("client_id", &pairs) {
        pairs.push(("client_id".to_owned(), client.id.to_string()));
    }
    if reading == Reading::Merged {
        let added: Vec<_> = outside
            .iter()
            .filter(|(name, _)| {
                !matches!(*name, "request" | "request_uri") && !inside(name, &pairs)
            })
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        pairs.extend(added);
    }
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Ok(Params::from_pairs(&pairs))
}

/// RFC 9101 §4: `iss`, where it is there, is the client. A JWT whose subject is its client is an assertion and no
/// request (§10.8).
fn ensure_from(jwt: &SignedJwt, client: &Client, observation: &Observation) -> Result<(), Refusal> {
    let own = |name: &str| {
        jwt.claims
            .get(name)
            .map(|value| value.as_str() == Some(client.id.as_str()))
    };
    let (iss, sub) = (own("iss"), own("sub"));
    let got = match (iss, sub) {
        (Some(false), _) => "another iss",
        (_, Some(true)) => "the client as its sub, as in a client assertion",
        _ => "as expected",
    };
    observation
        .require(
            &check::REQUEST_OBJECT_ISSUER,
            iss != Some(false) && sub != Some(true),
            "the client as its iss, or none; and not as its sub",
            got,
        )
        .or(Refusal::ObjectInvalid)
}

/// RFC 9101 §4: `aud`, where it is there, names this issuer. It must be there by FAPI 2.0 Message Signing §5.3.1.
fn ensure_for(
    jwt: &SignedJwt,
    issuer: &str,
    strict: bool,
    observation: &Observation,
) -> Result<(), Refusal> {
    let aud = jwt.claims.get("aud");
    let named = match aud {
        None => !strict,
        Some(Value::String(one)) => one == issuer,
        Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(issuer)),
        Some(_) => false,
    };
    let got = aud.map_or_else(|| "none".to_owned(), shown);
    observation
        .require(&check::REQUEST_OBJECT_AUDIENCE, named, issuer, got)
        .or(Refusal::ObjectInvalid)
}

/// RFC 7519 §4.1.4 to §4.1.6: not over, and not from the future. By FAPI 2.0 Message Signing §5.3.1 it must
/// have a beginning and an end, an hour apart at most; RFC 9101 leaves both to the client.
fn ensure_in_time(
    jwt: &SignedJwt,
    strict: bool,
    now: Timestamp,
    observation: &Observation,
) -> Result<(), Refusal> {
    let moment = |name: &str| jwt.claims.get(name).map(Timestamp::of_numeric_date);
    let (exp, nbf, iat) = (moment("exp"), moment("nbf"), moment("iat"));
    let begun = |one: Option<Option<Timestamp>>| match one {
        None => true,
        Some(moment) => moment.is_some_and(|moment| moment <= now + LEEWAY),
    };
    let not_over = match exp {
        None => !strict,
        Some(moment) => moment.is_some_and(|moment| now < moment),
    };
    let bounded = !strict
        || matches!((nbf, exp), (Some(Some(nbf)), Some(Some(exp))) if exp <= nbf + LONGEST && now <= nbf + LONGEST);
    let got = match (not_over, begun(nbf) && begun(iat), bounded) {
        (false, ..) => "over, or without a readable end",
        (_, false, _) => "from the future",
        (_, _, false) => "good for longer than an hour, or since longer",
        _ => "as expected",
    };
    let held = got == "as expected";
    observation
        .require(
            &check::REQUEST_OBJECT_IN_TIME,
            held,
            "not over, and not from the future",
            got,
        )
        .or(Refusal::ObjectInvalid)
}

/// RFC 9101 §4: "request and `request_uri` parameters MUST NOT be included in Request Objects."
fn ensure_not_nested(jwt: &SignedJwt, observation: &Observation) -> Result<(), Refusal> {
    let nested = ["request", "request_uri"]
        .into_iter()
        .find(|name| jwt.claims.contains_key(*name));
    let got = nested.unwrap_or("neither");
    observation
        .require(
            &check::REQUEST_OBJECT_NESTED,
            nested.is_none(),
            "neither request nor request_uri",
            got,
        )
        .or(Refusal::ObjectInvalid)
}

/// RFC 9101 §5 and OpenID Connect Core §6.1: `client_id` inside is that of the request, and so is `response_type`
/// where both are read.
fn ensure_consistent(
    jwt: &SignedJwt,
    outside: &Params,
    (client, reading): (&Client, Reading),
    observation: &Observation,
) -> Result<(), Refusal> {
    let inside = |name: &str| jwt.claims.get(name);
    let same_client = inside("client_id").map_or(reading == Reading::Merged, |id| {
        id.as_str() == Some(client.id.as_str())
    });
    let same_type = reading == Reading::Alone
        || match (inside("response_type"), outside.get("response_type")) {
            (Some(inside), Some(outside)) => inside.as_str() == Some(outside),
            _ => true,
        };
    let got = match (same_client, same_type) {
        (false, _) => "another client_id, or none",
        (true, false) => "another response_type",
        (true, true) => "the same",
    };
    observation
        .require(
            &check::REQUEST_OBJECT_CONSISTENT,
            same_client && same_type,
            "the same client_id and response_type as beside it",
            got,
        )
        .or(Refusal::ObjectInvalid)
}

/// The claims of an object as parameters (RFC 9101 §4): text as it is, numbers and truth values as they are
/// written, objects as JSON. What may be repeated as a parameter is an array here.
fn parameters(claims: &Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in claims
        .iter()
        .filter(|(name, _)| !OF_THE_JWT.contains(&name.as_str()))
    {
        let several = matches!(name.as_str(), "resource" | "audience");
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name.clone(), text.clone())),
            Value::Array(all) if several => {
                let texts = all.iter().filter_map(Value::as_str);
                pairs.extend(texts.map(|text| (name.clone(), text.to_owned())));
            }
            other => pairs.push((name.clone(), other.to_string())),
        }
    }
    pairs
}

/// A claim as it is shown in a check: short.
fn shown(value: &Value) -> String {
    value.to_string().chars().take(200).collect()
}

/// The algorithms by which a client may sign its request objects: those of its policy, or the one of them that it
/// registered.
pub(crate) fn algorithms(client: &Client) -> Vec<JwsAlgorithm> {
    let registered = client.metadata.request_object_signing_alg.as_deref();
    let accepted = JwsAlgorithm::ASYMMETRIC.into_iter();
    accepted
        .filter(|one| registered.is_none_or(|name| one.is_named(name)))
        .filter(|one| client.policy.allows_algorithm(one.as_str()))
        .collect()
}

/// Whether this is a request of which the client signed nothing: `alg` is `none`, and the signature empty.
pub(crate) fn is_unsigned(object: &str) -> bool {
    object.ends_with('.')
}
