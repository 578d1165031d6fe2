//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3): what a person lets a client know, scope by scope
//! (§5.4).

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{AccessTokenClaims, Challenge, ErrorBody, ErrorCode, Scope};
use shared::observe::Observation;
use shared::realm::RealmName;

use super::answer;
use crate::grant::TokenError;
use crate::issue::verification::{NotUsable, Presented, is_alive};
use crate::state::AppState;
use crate::store::{Outcome, StoreError, people};

/// The checks before the token is read.
const CHECKS: &[&CheckDef] = &[
    &catalog::TOKEN_SINGLE_METHOD,
    &catalog::TOKEN_NOT_IN_QUERY,
    &catalog::TOKEN_PRESENT,
];

/// The checks after it was read.
const PERSON_CHECKS: &[&CheckDef] = &[
    &catalog::SCOPE_SUFFICIENT,
    &catalog::TOKEN_SPEAKS_FOR_PERSON,
];

/// Which claims a scope permits (OpenID Connect Core §5.4).
pub(super) const CLAIMS_OF_SCOPES: &[(&str, &[&str])] = &[
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
];

/// Why nothing is told.
#[derive(Debug, thiserror::Error)]
enum UserInfoError {
    /// RFC 6750 §3: no token came.
    #[error("there is no access token")]
    Missing,
    /// RFC 6750 §2: "Clients MUST NOT use more than one method".
    #[error("the access token comes in more than one way; send one Authorization header")]
    TwoMethods,
    /// RFC 6750 §3.1.
    #[error("the access token is malformed, unknown, expired or revoked")]
    Invalid,
    /// RFC 6750 §3.1.
    #[error("the access token lacks the scope openid")]
    Scope,
    /// The server failed.
    #[error(transparent)]
    Failed(#[from] TokenError),
}

impl From<StoreError> for UserInfoError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<NotUsable> for UserInfoError {
    fn from(_: NotUsable) -> Self {
        Self::Invalid
    }
}

impl Outcome for UserInfoError {
    fn is_refusal(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

/// Answers with the person's claims.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
) -> HttpResponse {
    match userinfo(&state, &realm, &observation, &request).await {
        Ok(claims) => answer::json(&claims),
        Err(error) => refuse(&error, &state.addresses.issuer(&realm), &observation),
    }
}

async fn userinfo(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    request: &HttpRequest,
) -> Result<Map<String, Value>, UserInfoError> {
    let realm = state.realm(realm).await.map_err(TokenError::from)?;
    observation.plan(CHECKS);
    let token = bearer(request, observation)?;
    let now = realm.now();
    let presented = Presented::read(&token, &realm, now, observation)?;
    observation.plan(PERSON_CHECKS);
    let observation = observation.clone();
    let tell = move |tx: &mut crate::store::DbConnection| {
        let claims = presented
            .claims(tx, &realm, &observation)?
            .ok_or(UserInfoError::Invalid)?;
        if !is_alive(tx, &realm, &claims, now, &observation)? {
            return Err(UserInfoError::Invalid);
        }
        ensure_scope(&claims, &observation)?;
        let person = people::find(tx, &realm.name, claims.sub.as_str())?;
        let got = if person.is_some() {
            "a person"
        } else {
            "nobody"
        };
        let person = observation
            .require_some(
                &catalog::TOKEN_SPEAKS_FOR_PERSON,
                person,
                "a person of this realm",
                got,
            )
            .ok_or(UserInfoError::Invalid)?;
        let known = serde_json::from_str(&person.claims)
            .map_err(|error| StoreError::corrupt("people.claims", error))?;
        Ok(permitted(&person.sub, known, &claims.scope))
    };
    state.store.read(tell).await
}

/// The token of the `Authorization` header (RFC 6750 §2.1): nowhere else.
fn bearer(request: &HttpRequest, observation: &Observation) -> Result<String, UserInfoError> {
    let in_query = request
        .query_string()
        .split('&')
        .any(|pair| pair.split('=').next() == Some("access_token"));
    let ways = request.headers().get_all(AUTHORIZATION).count() + usize::from(in_query);
    observation
        .require(&catalog::TOKEN_SINGLE_METHOD, ways <= 1, "one way", ways)
        .or(UserInfoError::TwoMethods)?;
    observation
        .require(
            &catalog::TOKEN_NOT_IN_QUERY,
            !in_query,
            "no token in the URL",
            if in_query { "one in the URL" } else { "none" },
        )
        .or(UserInfoError::Missing)?;
    let header = request.headers().get(AUTHORIZATION);
    let token = header
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned())
        .filter(|token| !token.is_empty());
    let got = if token.is_some() { "one" } else { "none" };
    observation
        .require_some(&catalog::TOKEN_PRESENT, token, "Authorization: Bearer", got)
        .ok_or(UserInfoError::Missing)
}

fn ensure_scope(
    claims: &AccessTokenClaims,
    observation: &Observation,
) -> Result<(), UserInfoError> {
    observation
        .require(
            &catalog::SCOPE_SUFFICIENT,
            claims.scope.contains("openid"),
            "openid",
            &claims.scope,
        )
        .or(UserInfoError::Scope)
}

/// `sub`, and of `known` what the scope permits.
fn permitted(sub: &str, known: Map<String, Value>, scope: &Scope) -> Map<String, Value> {
    let allowed = |name: &str| {
        CLAIMS_OF_SCOPES
            .iter()
            .any(|(token, names)| scope.contains(token) && names.contains(&name))
    };
    let mut told = Map::new();
    told.insert("sub".to_owned(), Value::from(sub));
    told.extend(known.into_iter().filter(|(name, _)| allowed(name)));
    told
}

fn refuse(error: &UserInfoError, realm: &str, observation: &Observation) -> HttpResponse {
    let code = match error {
        UserInfoError::Failed(error) => return answer::error(error, observation),
        // RFC 6750 §3: "the resource server SHOULD NOT include an error code".
        UserInfoError::Missing => None,
        UserInfoError::TwoMethods => Some(ErrorCode::InvalidRequest),
        UserInfoError::Invalid => Some(ErrorCode::InvalidToken),
        UserInfoError::Scope => Some(ErrorCode::InsufficientScope),
    };
    let challenge = Challenge {
        realm: realm.to_owned(),
        error: code,
        error_description: code.map(|_| error.to_string()),
        scope: (code == Some(ErrorCode::InsufficientScope)).then(|| "openid".to_owned()),
        resource_metadata: None,
    };
    let status = code.map_or(401, ErrorCode::status);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = answer::uncached(status);
    response.insert_header((WWW_AUTHENTICATE, challenge.to_string()));
    match code {
        Some(code) => response.json(ErrorBody::new(code, error)),
        None => response.finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_permits_its_claims_and_no_more() {
        let known =
            serde_json::json!({"name": "Alice", "email": "alice@example.com", "picture": "p"});
        let Value::Object(known) = known else {
            unreachable!()
        };
        let told = |scope: &str| {
            let told = permitted("a1", known.clone(), &scope.parse().unwrap());
            told.keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told("openid"), "sub");
        assert_eq!(told("openid email"), "email sub");
        assert_eq!(told("openid profile"), "name picture sub");
    }
}
