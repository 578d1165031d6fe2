//! `/photos` and `/photos/{id}`: what somebody keeps here. Another person's photo is not found, as if it were not.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use shared::flow::catalog as check;
use shared::oauth::random_id;
use shared::observe::Observation;
use shared::realm::RealmName;

use super::error::ApiError;
use super::new_photo::NewPhoto;
use super::{picture, private};
use crate::access::AccessToken;
use crate::access::scope::{Needs, PhotosDelete, PhotosRead, PhotosWrite};
use crate::drawing::{self, Theme};
use crate::state::AppState;
use crate::store::photos::{self, AddError, Photo};

/// A photo as the API shows it.
#[derive(Debug, Serialize)]
struct PhotoBody {
    id: String,
    caption: String,
    theme: String,
    hue: i32,
    /// Unix seconds.
    created_at: i64,
    /// The URL of the picture: the token is needed there too.
    picture: String,
}

/// All of somebody's photos, the newest first.
#[derive(Debug, Serialize)]
struct PhotosBody {
    photos: Vec<PhotoBody>,
}

fn url(state: &AppState, realm: &RealmName, id: &str) -> String {
    format!("{}/photos/{id}", state.addresses.resource(realm))
}

fn body(state: &AppState, realm: &RealmName, photo: Photo) -> PhotoBody {
    PhotoBody {
        picture: format!("{}/picture.svg", url(state, realm, &photo.id)),
        id: photo.id,
        caption: photo.caption,
        theme: photo.theme,
        hue: photo.hue,
        created_at: photo.created_at,
    }
}

/// The photo `id`, if it is the token's person's.
async fn own<N: Needs>(
    token: &AccessToken<N>,
    state: &AppState,
    id: String,
    observation: &Observation,
) -> Result<Photo, ApiError> {
    observation.plan(&[&check::PHOTO_FOUND]);
    let (realm, sub) = (token.realm.clone(), token.sub().to_owned());
    let found = state
        .store
        .look_up(move |tx| photos::find(tx, &realm, &sub, &id))
        .await?;
    require_own(observation, found.is_some())?;
    found.ok_or(ApiError::NotFound("such photo"))
}

fn require_own(observation: &Observation, found: bool) -> Result<(), ApiError> {
    let got = if found { "one" } else { "none" };
    observation
        .require(&check::PHOTO_FOUND, found, "a photo of this person's", got)
        .or(ApiError::NotFound("such photo"))
}

/// `GET /photos`.
pub(crate) async fn list(
    token: AccessToken<PhotosRead>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let (realm, sub) = (token.realm.clone(), token.sub().to_owned());
    let photos = state
        .store
        .look_up(move |tx| photos::list(tx, &realm, &sub))
        .await?;
    let photos = photos
        .into_iter()
        .map(|photo| body(&state, &token.realm, photo));
    Ok(private(HttpResponse::Ok()).json(PhotosBody {
        photos: photos.collect(),
    }))
}

/// `GET /photos/{id}`.
pub(crate) async fn get(
    token: AccessToken<PhotosRead>,
    state: web::Data<AppState>,
    path: web::Path<Id>,
    observation: Observation,
) -> Result<HttpResponse, ApiError> {
    let photo = own(&token, &state, path.into_inner().id, &observation).await?;
    Ok(private(HttpResponse::Ok()).json(body(&state, &token.realm, photo)))
}

/// `GET /photos/{id}/picture.svg`.
pub(crate) async fn draw(
    token: AccessToken<PhotosRead>,
    state: web::Data<AppState>,
    path: web::Path<Id>,
    observation: Observation,
) -> Result<HttpResponse, ApiError> {
    let photo = own(&token, &state, path.into_inner().id, &observation).await?;
    // A theme that a newer program knew is drawn as the first one.
    let theme: Theme = photo.theme.parse().unwrap_or(Theme::Mountain);
    Ok(picture(drawing::draw(theme, photo.hue, &photo.caption)))
}

/// `POST /photos`.
pub(crate) async fn add(
    token: AccessToken<PhotosWrite>,
    state: web::Data<AppState>,
    photo: NewPhoto,
) -> Result<HttpResponse, ApiError> {
    let row = Photo {
        realm: token.realm.to_string(),
        id: random_id()?,
        owner: token.sub().to_owned(),
        caption: photo.caption,
        theme: photo.theme.name().to_owned(),
        hue: photo.hue,
        created_at: state.clocks.of(&token.realm).now().as_unix(),
    };
    let added = row.clone();
    state
        .store
        .write(move |tx| photos::add(tx, &row))
        .await
        .map_err(|error: AddError| ApiError::from(error))?;
    state.counts.forget(&token.realm);
    Ok(private(HttpResponse::Created())
        .insert_header((header::LOCATION, url(&state, &token.realm, &added.id)))
        .json(body(&state, &token.realm, added)))
}

/// `DELETE /photos/{id}`.
pub(crate) async fn delete(
    token: AccessToken<PhotosDelete>,
    state: web::Data<AppState>,
    path: web::Path<Id>,
    observation: Observation,
) -> Result<HttpResponse, ApiError> {
    observation.plan(&[&check::PHOTO_FOUND]);
    let (realm, sub, id) = (
        token.realm.clone(),
        token.sub().to_owned(),
        path.into_inner().id,
    );
    let deleted = state
        .store
        .write(move |tx| photos::delete(tx, &realm, &sub, &id))
        .await?;
    state.counts.forget(&token.realm);
    require_own(&observation, deleted)?;
    Ok(private(HttpResponse::NoContent()).finish())
}

/// The part of the path that names a photo.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Id {
    id: String,
}
