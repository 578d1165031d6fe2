//! JWT bearer grant (RFC 7523 §2.1, RFC 7521 §4.1): a client asks for an access token by an assertion that it signed
//! itself, in the name of a person for whom its policy lets it ask. By default it may ask for nobody.
//!
//! The issuer of the assertion is the client, its key one that the client registered. No person took part, so the
//! token says neither when nor how anybody signed in, and there is no refresh token: the client can always ask again.

use serde_json::Value;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{Digest, GrantType, Params, Scope, TokenResponse, ordered_id};
use shared::observe::Observation;
use shared::time::{Timestamp, wall_clock_us};

use super::request::required;
use super::{Grant, TokenError, TokenRequest};
use crate::client::Client;
use crate::client::assertion::{grant_algorithms, is_for, judge_times};
use crate::client::signed::{Demand, SignedChecks, SignedJwt};
use crate::issue::{GrantDetails, access_token};
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::grants::{self, GrantRow};
use crate::store::replays::{self, ReplayKind};
use crate::store::{DbConnection, people, stored};

/// RFC 7523 §2.1.
pub(crate) struct JwtBearer;

/// An assertion that its client signed, for this server, alive; not used yet.
#[derive(Debug)]
pub(crate) struct Assertion {
    /// For whom: a subject identifier.
    sub: String,
    /// Whether it has a `jti`, which is optional (§3 (7)).
    has_jti: bool,
    /// Of its `jti`, or of all that is signed where it has none: by which it is known again.
    digest: Digest,
    /// Until when it could come again.
    ends: Timestamp,
}

impl Grant for JwtBearer {
    fn grant_type(&self) -> GrantType {
        GrantType::JwtBearer
    }

    fn checks(&self) -> &'static [&'static CheckDef] {
        &[
            &catalog::REQUEST_PARAMETER_PRESENT,
            &catalog::ASSERTION_WELL_FORMED,
            &catalog::ASSERTION_ALGORITHM,
            &catalog::ASSERTION_TYPE,
            &catalog::ASSERTION_KEY_KNOWN,
            &catalog::ASSERTION_SIGNATURE,
            &catalog::ASSERTION_ISSUER,
            &catalog::ASSERTION_AUDIENCE,
            &catalog::ASSERTION_NOT_EXPIRED,
            &catalog::ASSERTION_NOT_BEFORE,
            &catalog::ASSERTION_SUBJECT,
            &catalog::SCOPE_ALLOWED,
            &catalog::ASSERTION_JTI_UNUSED,
        ]
    }

    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError> {
        let assertion = request
            .assertion
            .as_ref()
            .ok_or(TokenError::Assertion("it was not verified"))?;
        ensure_person(request, tx, assertion)?;
        let scope = request.scope_without_person()?;
        let resources = request.known_resources()?;
        // Refusals commit: what is refused for another reason has used nothing up, and may be sent again.
        use_once(request, tx, assertion)?;
        let grant = begin(request, tx, (assertion, &scope), resources)?;
        let lifetime = request.client.policy.access_token_lifetime;
        let token = access_token::issue(tx, request.issue(), (&grant, &scope), lifetime)?;
        Ok(request.response(token, &scope))
    }
}

/// Verifies the assertion of a request as far as that needs no transaction: signature, issuer, audience, moments.
///
/// # Errors
/// [`TokenError`].
pub(crate) async fn verify(
    (state, realm): (&AppState, &Realm),
    client: &Client,
    params: &Params,
    observation: &Observation,
) -> Result<Assertion, TokenError> {
    let text = required(params, "assertion", observation)?;
    let read = SignedJwt::read(text);
    let got = read.as_ref().err().map(ToString::to_string);
    let jwt = observation
        .require_some(
            &catalog::ASSERTION_WELL_FORMED,
            read.ok(),
            "one signed JWT",
            got.unwrap_or_else(|| "a signed JWT".to_owned()),
        )
        .ok_or(TokenError::Assertion("it is no signed JWT"))?;
    let algorithms = grant_algorithms(client);
    let demand = Demand {
        algorithms: &algorithms,
        types: &["authorization-grant+jwt"],
        checks: SignedChecks {
            algorithm: &catalog::ASSERTION_ALGORITHM,
            kind: &catalog::ASSERTION_TYPE,
            key: &catalog::ASSERTION_KEY_KNOWN,
            signature: &catalog::ASSERTION_SIGNATURE,
        },
    };
    jwt.verify((state, realm), client, demand, observation)
        .await
        .map_err(|_| TokenError::Assertion("it is not signed by a key of this client"))?;
    let (own, iss) = (client.id.as_str(), jwt.text("iss"));
    observation
        .require(
            &catalog::ASSERTION_ISSUER,
            iss == Some(own),
            format_args!("iss {own}"),
            format_args!("iss {}", iss.unwrap_or("none")),
        )
        .or(TokenError::Assertion("its issuer is not this client"))?;
    if !is_for(realm, client, (&jwt, "/token"), observation) {
        return Err(TokenError::Assertion("it is meant for somebody else"));
    }
    let checks = (
        &catalog::ASSERTION_NOT_EXPIRED,
        &catalog::ASSERTION_NOT_BEFORE,
    );
    let times = judge_times(&jwt, realm.now(), checks, observation)
        .ok_or(TokenError::Assertion("it has expired, or is not good yet"))?;
    let jti = jwt.text("jti").filter(|jti| !jti.is_empty());
    Ok(Assertion {
        sub: claim(&jwt, "sub"),
        has_jti: jti.is_some(),
        digest: match jti {
            Some(jti) => Digest::of("assertion", &[own, jti]),
            None => Digest::of("assertion without jti", &[own, jwt.signed_text()]),
        },
        ends: times.ends,
    })
}

fn claim(jwt: &SignedJwt, name: &str) -> String {
    let value = jwt.claims.get(name).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

/// §3 (2): a person of this realm, for whom the client's policy lets it ask.
fn ensure_person(
    request: &TokenRequest,
    tx: &mut DbConnection,
    assertion: &Assertion,
) -> Result<(), TokenError> {
    let sub = assertion.sub.as_str();
    let allowed = &request.client.policy.jwt_bearer_subjects;
    let may = allowed.iter().any(|one| one == sub || one == "*");
    let known = may && people::find(tx, &request.realm.name, sub)?.is_some();
    let expected = if allowed.is_empty() {
        "nobody: the client's policy names no one".to_owned()
    } else {
        format!("a person of this realm, of: {}", allowed.join(", "))
    };
    let got: String = sub.chars().take(80).collect();
    request
        .observation
        .require(&catalog::ASSERTION_SUBJECT, known, expected, got)
        .or(TokenError::Assertion(
            "its subject is nobody for whom this client may ask",
        ))
}

/// §3 (7): an assertion is good once. The last of all checks.
fn use_once(
    request: &TokenRequest,
    tx: &mut DbConnection,
    assertion: &Assertion,
) -> Result<(), TokenError> {
    let (realm, kind) = (&request.realm.name, ReplayKind::Assertion);
    let first = replays::first(tx, realm, kind, &assertion.digest, assertion.ends)?;
    let expected = if assertion.has_jti {
        "a jti that was not used before"
    } else {
        "not used before"
    };
    let got = if first {
        "a new one"
    } else {
        "one that was used before"
    };
    request
        .observation
        .require(&catalog::ASSERTION_JTI_UNUSED, first, expected, got)
        .or(TokenError::Assertion("it was used before"))
}

/// Begins a grant of a person who took no part in it, for the APIs that were asked for (RFC 8707 §2).
fn begin(
    request: &TokenRequest,
    tx: &mut DbConnection,
    (assertion, scope): (&Assertion, &Scope),
    resources: Vec<String>,
) -> Result<GrantRow, TokenError> {
    let details = GrantDetails {
        resources,
        ..GrantDetails::default()
    };
    let row = GrantRow {
        realm: request.realm.name.to_string(),
        grant_id: ordered_id(wall_clock_us())?,
        sub: Some(assertion.sub.clone()),
        client_id: request.client.id.to_string(),
        grant_type: GrantType::JwtBearer.to_string(),
        scope: scope.to_string(),
        sid: None,
        auth_time: None,
        nonce: None,
        created_at: request.now.as_unix(),
        revoked_at: None,
        expires_at: (request.now + request.client.policy.access_token_lifetime).as_unix(),
        details: stored::write(&details),
    };
    grants::insert(tx, &row)?;
    Ok(row)
}
