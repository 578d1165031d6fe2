//! Asking the auth server about a token (RFC 7662): the way for tokens that cannot be read here.
//!
//! Fails closed: where the auth server cannot be asked, nobody passes, and nobody is told that their token is bad.

use actix_web::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::flow::CheckDef;
use shared::flow::catalog as check;
use shared::oauth::{AccessToken as Token, Audience, IntrospectionResponse};
use shared::observe::{HttpRequest, Observation};
use shared::realm::RealmName;

use super::error::AccessError;
use super::jwt::Expected;
use super::{Bearer, Scope};
use crate::config::IntrospectionConfig;
use crate::state::AppState;

/// The checks of an opaque token, in order.
pub(super) const CHECKS: [&CheckDef; 5] = [
    &check::TOKEN_ACTIVE,
    &check::TOKEN_CLAIMS,
    &check::TOKEN_ISSUER,
    &check::TOKEN_AUDIENCE,
    &check::TOKEN_NOT_EXPIRED,
];

/// Asks about `token` and requires that it is active.
///
/// # Errors
/// [`AccessError::Inactive`]; [`AccessError::UnknownRealm`], [`AccessError::AuthServerAway`] and
/// [`AccessError::NotAllowedToAsk`] where there is no answer.
pub(super) async fn require_active(
    state: &AppState,
    realm: &RealmName,
    token: &Token,
    observation: &Observation,
) -> Result<IntrospectionResponse, AccessError> {
    let issuer = state.issuers.of(realm, observation).await?;
    let parameters = [
        ("token", token.expose()),
        ("token_type_hint", "access_token"),
    ];
    let request = HttpRequest::post_form(&issuer.introspection_endpoint, &parameters)
        .header("accept", "application/json")
        .header("authorization", basic(&state.introspection));
    let answer = state
        .http
        .send(request, realm, Some(observation))
        .await
        .map_err(|error| AccessError::AuthServerAway(error.to_string()))?;
    let unusable = format!("introspection answered {}", answer.status);
    match StatusCode::from_u16(answer.status) {
        Ok(StatusCode::OK) => {}
        Ok(status) if status.is_client_error() => {
            return Err(AccessError::NotAllowedToAsk(unusable));
        }
        _ => return Err(AccessError::AuthServerAway(unusable)),
    }
    let answer: IntrospectionResponse = answer
        .json()
        .map_err(|error| AccessError::AuthServerAway(format!("introspection: {error}")))?;
    observation
        .require(
            &check::TOKEN_ACTIVE,
            answer.active,
            "active",
            if answer.active {
                "active"
            } else {
                "not active"
            },
        )
        .or(AccessError::Inactive)?;
    Ok(answer)
}

/// Whom an active token speaks for, once what the auth server says of it suits this server (RFC 7662 §4).
///
/// # Errors
/// [`AccessError`], one for each check.
pub(super) fn bearer(
    answer: IntrospectionResponse,
    expected: &Expected<'_>,
    observation: &Observation,
) -> Result<Bearer, AccessError> {
    let named = answer.sub.zip(answer.client_id);
    let (sub, client_id) = observation
        .require_some(
            &check::TOKEN_CLAIMS,
            named,
            "sub and client_id",
            "what was said",
        )
        .ok_or(AccessError::Claims)?;
    let issuer = answer.iss.as_deref().unwrap_or(expected.issuer);
    observation
        .require(
            &check::TOKEN_ISSUER,
            issuer == expected.issuer,
            expected.issuer,
            issuer,
        )
        .or(AccessError::WrongIssuer)?;
    let audiences = answer.aud.as_ref().map_or(&[][..], Audience::as_slice);
    observation
        .require(
            &check::TOKEN_AUDIENCE,
            audiences
                .iter()
                .any(|audience| audience == expected.audience),
            expected.audience,
            audiences.join(" "),
        )
        .or(AccessError::WrongAudience)?;
    let earliest = expected.now - expected.policy.leeway;
    observation
        .require(
            &check::TOKEN_NOT_EXPIRED,
            answer.exp.is_none_or(|exp| exp > earliest),
            format_args!("exp after {earliest}"),
            answer
                .exp
                .map_or_else(|| "none".to_owned(), |exp| exp.to_string()),
        )
        .or(AccessError::Expired)?;
    Ok(Bearer {
        sub,
        client_id,
        scope: answer.scope.unwrap_or_else(|| Scope::from_iter([])),
        key: answer.cnf.map(|cnf| cnf.jkt),
        acr: answer.acr,
        auth_time: answer.auth_time,
    })
}

/// `client_secret_basic`: both parts form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic(credentials: &IntrospectionConfig) -> String {
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let id = encode(&credentials.client_id);
    let secret = encode(credentials.client_secret.expose());
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

#[cfg(test)]
mod tests {
    use shared::serve::ConfigSecret;

    use super::*;

    #[::core::prelude::v1::test]
    fn reserved_characters_are_encoded_before_they_are_joined() {
        let header = basic(&IntrospectionConfig {
            client_id: "a:b".to_owned(),
            client_secret: ConfigSecret::new("p+q %"),
        });
        let joined = STANDARD
            .decode(header.strip_prefix("Basic ").unwrap())
            .unwrap();
        assert_eq!(joined, b"a%3Ab:p%2Bq+%25");
    }
}
