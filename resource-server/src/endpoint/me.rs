//! `GET /me`: who somebody is, as far as the token permits. Scope `profile`; the e-mail address with `email` too.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::error::ApiError;
use super::{picture, private};
use crate::access::AccessToken;
use crate::access::scope::{EMAIL, Profile};
use crate::drawing;
use crate::state::AppState;
use crate::store::people::{self, Person};

/// What is told. Members are named as in OpenID Connect Core §5.1.
#[derive(Debug, Serialize)]
struct Me {
    sub: String,
    name: String,
    preferred_username: String,
    picture: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}

async fn person(state: &AppState, token: &AccessToken<Profile>) -> Result<Person, ApiError> {
    let (realm, sub) = (token.realm.clone(), token.sub().to_owned());
    let found = state
        .store
        .look_up(move |tx| people::find(tx, &realm, &sub))
        .await?;
    found.ok_or(ApiError::NotFound("such person"))
}

/// `GET /me`.
pub(crate) async fn get(
    token: AccessToken<Profile>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let person = person(&state, &token).await?;
    let email = person.email.filter(|_| token.permits(EMAIL));
    Ok(private(HttpResponse::Ok()).json(Me {
        picture: format!("{}/me/picture.svg", state.addresses.resource(&token.realm)),
        sub: person.sub,
        name: person.name,
        preferred_username: person.username,
        email_verified: email.is_some().then_some(person.email_verified),
        email,
    }))
}

/// `GET /me/picture.svg`: a portrait, drawn.
pub(crate) async fn portrait(
    token: AccessToken<Profile>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let person = person(&state, &token).await?;
    Ok(picture(drawing::portrait(&person.name)))
}
