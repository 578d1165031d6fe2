//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3): what a person lets a client know, scope by scope
//! (§5.4) and claim by claim (§5.5), as JSON or signed.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{AccessTokenClaims, Params};
use shared::observe::Observation;
use shared::realm::RealmName;

use super::answer;
use super::protected::{self, AccessError, Carrier, Verified};
use crate::grant::TokenError;
use crate::issue;
use crate::realms::Realm;
use crate::request::client::{FORM, RequestError, form};
use crate::state::AppState;

/// The checks after it was read.
const PERSON_CHECKS: &[&CheckDef] = &[
    &catalog::SCOPE_SUFFICIENT,
    &catalog::TOKEN_SPEAKS_FOR_PERSON,
];

/// Answers with the person's claims.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
) -> HttpResponse {
    let carrier = Carrier {
        request: &request,
        in_body: None,
    };
    answered(&state, &realm, &observation, carrier).await
}

/// The same; the token may stand in the form (RFC 6750 §2.2).
pub(crate) async fn post(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    let form = match form_of(&request, body, &state, &observation).await {
        Ok(form) => form,
        Err(error) => return answer::error(&TokenError::from(error), &observation),
    };
    let carrier = Carrier {
        request: &request,
        in_body: form.as_ref().and_then(|form| form.get("access_token")),
    };
    answered(&state, &realm, &observation, carrier).await
}

/// The body, where it is a form: whatever else a client sends along is none of our business.
async fn form_of(
    request: &HttpRequest,
    body: Payload,
    state: &AppState,
    observation: &Observation,
) -> Result<Option<Params>, RequestError> {
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(FORM) {
        return Ok(None);
    }
    form(body, &state.limits, observation).await.map(Some)
}

async fn answered(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    carrier: Carrier<'_>,
) -> HttpResponse {
    match userinfo(state, realm, observation, carrier).await {
        Ok((told, nonce)) => {
            let response = match told {
                UserInfo::Plain(claims) => answer::json(&claims),
                UserInfo::Signed(jwt) => answer::uncached(StatusCode::OK)
                    .content_type("application/jwt")
                    .body(jwt),
            };
            answer::with_nonce(response, nonce.as_deref())
        }
        Err(error) => protected::refuse(&error, &state.addresses.issuer(realm), observation),
    }
}

/// What is told, in the form that the client registered.
enum UserInfo {
    Plain(Map<String, Value>),
    Signed(String),
}

async fn userinfo(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    carrier: Carrier<'_>,
) -> Result<(UserInfo, Option<String>), AccessError> {
    let realm = state.realm(realm).await.map_err(TokenError::from)?;
    let Verified { claims, nonce } =
        protected::verify(state, &realm, (carrier, PERSON_CHECKS), observation).await?;
    ensure_scope(&claims, observation)?;
    let (at, token) = (Arc::clone(&realm), claims.clone());
    let tell =
        move |tx: &mut crate::store::DbConnection| issue::userinfo::permitted(tx, &at, &token);
    let permitted = state.store.look_up(tell).await?;
    let got = permitted.as_ref().map_or("nobody", |_| "a person");
    let expected = "a person of this realm";
    let permitted = observation
        .require_some(&catalog::TOKEN_SPEAKS_FOR_PERSON, permitted, expected, got)
        .ok_or(AccessError::Invalid)?;
    Ok((told(state, realm, (&claims, permitted)).await?, nonce))
}

/// What is told in the form that the client registered, about the subject that it knows.
async fn told(
    state: &AppState,
    realm: Arc<Realm>,
    (claims, permitted): (&AccessTokenClaims, Map<String, Value>),
) -> Result<UserInfo, AccessError> {
    let client = state.client(&realm, claims.client_id.as_str()).await?;
    let client = client.ok_or(AccessError::Invalid)?;
    let sub = claims.sub.as_str();
    let told = issue::userinfo::named((&client, &realm), sub, permitted);
    let Some(algorithm) = issue::userinfo::algorithm(&client) else {
        return Ok(UserInfo::Plain(told));
    };
    let found = state.realms.find_signing(&realm, algorithm).await;
    let realm = found.map_err(TokenError::from)?;
    let now = realm.now();
    let jwt = issue::userinfo::signed((&client, &realm), (algorithm, now), told);
    Ok(UserInfo::Signed(jwt.map_err(TokenError::from)?))
}

fn ensure_scope(claims: &AccessTokenClaims, observation: &Observation) -> Result<(), AccessError> {
    observation
        .require(
            &catalog::SCOPE_SUFFICIENT,
            claims.scope.contains("openid"),
            "openid",
            &claims.scope,
        )
        .or(AccessError::Scope)
}
