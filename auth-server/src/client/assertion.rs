//! Client assertions (RFC 7521 §4.2, RFC 7523 §2.2 and §3, OpenID Connect Core §9): a JWT that the client signed in
//! place of a secret.
//!
//! Knows no HTTP. An assertion names its client, is meant for this server, ends soon and is good once.

use serde_json::Value;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{Digest, TokenEndpointAuthMethod};
use shared::observe::Observation;
use shared::seed::AssertionAudience;
use shared::time::{Lifetime, Timestamp};

use super::Client;
use super::signed::{Demand, JwsAlgorithm, SignedChecks, SignedJwt};
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::Stored;
use crate::store::replays::{self, ReplayKind};

/// The one `client_assertion_type` (RFC 7523 §2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The checks of an assertion whose form is right, in order.
pub(super) const CHECKS: [&CheckDef; 9] = [
    &catalog::ASSERTION_ALGORITHM,
    &catalog::ASSERTION_TYPE,
    &catalog::ASSERTION_KEY_KNOWN,
    &catalog::ASSERTION_SIGNATURE,
    &catalog::ASSERTION_ISSUER,
    &catalog::ASSERTION_AUDIENCE,
    &catalog::ASSERTION_NOT_EXPIRED,
    &catalog::ASSERTION_NOT_BEFORE,
    &catalog::ASSERTION_JTI_UNUSED,
];

/// How far ahead an assertion may end: an hour, as the clients of old make them. It is remembered as long.
pub(crate) const LONGEST: Lifetime = Lifetime::from_minutes(60);

/// How far the client's clock may be ahead of this server's.
pub(crate) const LEEWAY: Lifetime = Lifetime::from_seconds(60);

/// What `typ` may say beside `JWT` (RFC 7523bis §4).
const TYPES: &[&str] = &["client-authentication+jwt"];

/// The moments of a JWT that must end (RFC 7519 §4.1.4 to §4.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// `exp`.
    pub(crate) ends: Timestamp,
}

/// Judges `exp`, `nbf` and `iat`: it must have an end, not yet reached and [`LONGEST`] away at most, and not be from
/// the future, where a clock may be [`LEEWAY`] ahead. `None`: a check failed.
pub(crate) fn judge_times(
    jwt: &SignedJwt,
    now: Timestamp,
    (not_expired, not_before): (&CheckDef, &CheckDef),
    observation: &Observation,
) -> Option<Times> {
    let exp = jwt.claims.get("exp");
    let ends = exp
        .and_then(Timestamp::of_numeric_date)
        .filter(|ends| now < *ends && *ends <= now + LONGEST + LEEWAY);
    let got = exp.map_or("no exp".to_owned(), |exp| format!("exp {}", brief(exp)));
    let expected = format_args!("exp after {} and within {LONGEST}", now.as_unix());
    let ends = observation.require_some(not_expired, ends, expected, got)?;
    let latest = now + LEEWAY;
    let past = |name: &str| match jwt.claims.get(name) {
        None => true,
        Some(value) => Timestamp::of_numeric_date(value).is_some_and(|moment| moment <= latest),
    };
    let (nbf, iat) = (past("nbf"), past("iat"));
    let got = match (nbf, iat) {
        (true, true) => "not later",
        (false, _) => "nbf is no moment, or later",
        (true, false) => "iat is no moment, or later",
    };
    let expected = format_args!("nbf and iat no later than {}", latest.as_unix());
    observation
        .require(not_before, nbf && iat, expected, got)
        .passed()
        .then_some(Times { ends })
}

/// A claim as it is shown in a check: short.
fn brief(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

/// Whether `jwt` authenticates `client` at `endpoint` (its path without the realm). When it does, it is used up.
pub(super) async fn is_believed(
    (state, realm): (&AppState, &Realm),
    client: &Client,
    (jwt, method, endpoint): (&SignedJwt, TokenEndpointAuthMethod, &str),
    observation: &Observation,
) -> Stored<bool> {
    let algorithms = algorithms(client, method);
    let demand = Demand {
        algorithms: &algorithms,
        types: TYPES,
        checks: SignedChecks {
            algorithm: &catalog::ASSERTION_ALGORITHM,
            kind: &catalog::ASSERTION_TYPE,
            key: &catalog::ASSERTION_KEY_KNOWN,
            signature: &catalog::ASSERTION_SIGNATURE,
        },
    };
    let verified = jwt.verify((state, realm), client, demand, observation);
    if verified.await.is_err() {
        return Ok(false);
    }
    let now = realm.now();
    let checks = (
        &catalog::ASSERTION_NOT_EXPIRED,
        &catalog::ASSERTION_NOT_BEFORE,
    );
    if !is_from(client, jwt, observation) || !is_for(realm, client, (jwt, endpoint), observation) {
        return Ok(false);
    }
    match judge_times(jwt, now, checks, observation) {
        Some(times) => is_first(state, realm, client, (jwt, times), observation).await,
        None => Ok(false),
    }
}

/// The algorithms by which a client may sign its assertions: those of the method, or the one it registered.
pub(crate) fn algorithms(client: &Client, method: TokenEndpointAuthMethod) -> Vec<JwsAlgorithm> {
    let registered = client.metadata.token_endpoint_auth_signing_alg.as_deref();
    let macs = method == TokenEndpointAuthMethod::ClientSecretJwt;
    JwsAlgorithm::ALL
        .into_iter()
        .filter(|one| one.is_mac() == macs)
        .filter(|one| registered.is_none_or(|name| one.is_named(name)))
        .filter(|one| client.policy.allows_algorithm(one.as_str()))
        .collect()
}

/// The algorithms by which it may sign what it asks for tokens by (RFC 7523 §2.1): it registered none for these.
pub(crate) fn grant_algorithms(client: &Client) -> Vec<JwsAlgorithm> {
    let accepted = JwsAlgorithm::ASYMMETRIC.into_iter();
    accepted
        .filter(|one| client.policy.allows_algorithm(one.as_str()))
        .collect()
}

fn is_from(client: &Client, jwt: &SignedJwt, observation: &Observation) -> bool {
    let (iss, sub) = (jwt.text("iss"), jwt.text("sub"));
    let own = Some(client.id.as_str());
    observation
        .require(
            &catalog::ASSERTION_ISSUER,
            iss == own && sub == own,
            format_args!("iss and sub {}", client.id),
            format_args!(
                "iss {}, sub {}",
                iss.unwrap_or("none"),
                sub.unwrap_or("none")
            ),
        )
        .passed()
}

/// Whether an assertion is meant for this server, by the policy of its client.
pub(crate) fn is_for(
    realm: &Realm,
    client: &Client,
    (jwt, endpoint): (&SignedJwt, &str),
    observation: &Observation,
) -> bool {
    let issuer = realm.issuer.as_str();
    let aud = jwt.claims.get("aud");
    let at = |path: &str| format!("{issuer}{path}");
    let (held, expected) = match client.policy.assertion_audience {
        AssertionAudience::Issuer => (
            aud.and_then(Value::as_str) == Some(issuer),
            format!("{issuer}, as a plain string"),
        ),
        AssertionAudience::Endpoint => {
            let accepted = [issuer.to_owned(), at("/token"), at(endpoint)];
            let is_us = |one: &Value| {
                one.as_str()
                    .is_some_and(|one| accepted.iter().any(|known| known == one))
            };
            let held = match aud {
                Some(Value::Array(all)) => {
                    all.iter().all(Value::is_string) && all.iter().any(is_us)
                }
                Some(one) => is_us(one),
                None => false,
            };
            (held, accepted.join(" or "))
        }
    };
    let got = aud.map_or("none".to_owned(), |aud| {
        aud.to_string().chars().take(200).collect()
    });
    observation
        .require(&catalog::ASSERTION_AUDIENCE, held, expected, got)
        .passed()
}

async fn is_first(
    state: &AppState,
    realm: &Realm,
    client: &Client,
    (jwt, times): (&SignedJwt, Times),
    observation: &Observation,
) -> Stored<bool> {
    let expected = "a jti that was not used before";
    let Some(jti) = jwt.text("jti").filter(|jti| !jti.is_empty()) else {
        let _ = observation.require(&catalog::ASSERTION_JTI_UNUSED, false, expected, "no jti");
        return Ok(false);
    };
    let digest = Digest::of("client_assertion", &[client.id.as_str(), jti]);
    let name = realm.name.clone();
    let first = state
        .store
        .write(move |tx| {
            replays::first(tx, &name, ReplayKind::ClientAssertion, &digest, times.ends)
        })
        .await?;
    let got = if first {
        "a new one"
    } else {
        "one that was used before"
    };
    Ok(observation
        .require(&catalog::ASSERTION_JTI_UNUSED, first, expected, got)
        .passed())
}
