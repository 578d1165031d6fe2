//! `GET /`: a page that says what this server is and how to call it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use shared::observe::Observation;
use shared::page::{self, Frame};
use shared::realm::RealmName;

use super::error::ApiError;
use super::metadata::require_realm;
use crate::access::metadata_url;
use crate::drawing::{self, Theme};
use crate::state::AppState;

/// A row of the table of endpoints.
struct Endpoint {
    method: &'static str,
    path: &'static str,
    scope: &'static str,
    /// The language file's key of what it does.
    key: &'static str,
}

const ENDPOINTS: [Endpoint; 9] = [
    endpoint("GET", "/me", "profile", "me"),
    endpoint("GET", "/me/picture.svg", "profile", "me-picture"),
    endpoint("GET", "/photos", "photos:read", "photos"),
    endpoint("GET", "/photos/{id}", "photos:read", "photo"),
    endpoint(
        "GET",
        "/photos/{id}/picture.svg",
        "photos:read",
        "photo-picture",
    ),
    endpoint("POST", "/photos", "photos:write", "photo-add"),
    endpoint("DELETE", "/photos/{id}", "photos:write", "photo-delete"),
    endpoint("GET", "/stats", "stats:read", "stats"),
    endpoint(
        "GET",
        "/.well-known/oauth-protected-resource",
        "",
        "metadata",
    ),
];

const fn endpoint(
    method: &'static str,
    path: &'static str,
    scope: &'static str,
    key: &'static str,
) -> Endpoint {
    Endpoint {
        method,
        path,
        scope,
        key,
    }
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    frame: Frame,
    endpoints: &'static [Endpoint],
    metadata: String,
    call: String,
    add: String,
    pictures: Vec<&'static str>,
}

/// `GET /`.
pub(crate) async fn get(
    frame: Frame,
    realm: RealmName,
    state: web::Data<AppState>,
    observation: Observation,
) -> Result<HttpResponse, ApiError> {
    require_realm(&realm, &state, &observation).await?;
    let resource = state.addresses.resource(&realm);
    let front = Front {
        metadata: metadata_url(&state.addresses.resource_server, &realm),
        call: format!("curl -i {resource}/photos \\\n  -H \"Authorization: Bearer $TOKEN\""),
        add: format!(
            "curl -i {resource}/photos \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"caption\": \"Harbour at noon\", \"theme\": \"sea\"}}'"
        ),
        endpoints: &ENDPOINTS,
        pictures: Theme::ALL.map(Theme::name).to_vec(),
        frame,
    };
    Ok(page::html(&front, StatusCode::OK))
}

/// `GET /themes/{theme}.svg`: a specimen of what can be drawn; nobody's, so that no token is needed.
pub(crate) async fn specimen(theme: web::Path<Specimen>) -> Result<HttpResponse, ApiError> {
    let theme: Theme = theme
        .theme
        .parse()
        .map_err(|_| ApiError::NotFound("such theme"))?;
    Ok(super::picture(drawing::draw(theme, 210, theme.name())))
}

/// The part of the path that names a theme.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Specimen {
    theme: String,
}
