//! Breakpoints and what waits at them: the pages and the JSON API (`docs/api.md`).
//!
//! | file | what is in it |
//! |---|---|
//! | `breakpoints` | `{base}/api/breakpoints` |
//! | `paused` | `{base}/api/paused` |
//! | `flows` | breakpoints for one flow |
//! | `followers` | `POST /control`: the other services, where they are processes of their own |
//! | `overview`, `held` | the pages `{base}/paused` and `{base}/paused/{id}` |
//! | `act` | their forms |
//! | `line` | what several of them show |
//! | `change` | changes to a request, by the names of its parameters |
//!
//! May use `shared::control`, which does the work. Never observed: deciding is no part of a flow. What changes
//! anything is refused to pages of other origins.

mod act;
mod breakpoints;
mod change;
mod flows;
mod followers;
mod held;
mod line;
mod overview;
mod paused;

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use shared::realm::RealmName;
use shared::serve::read_body;

use crate::endpoint::flows::problem;
use crate::endpoint::not_found::{at, only_get, only_post};
use crate::realms::NoRealm;
use crate::state::AppState;

pub(crate) use flows::watch_flows;
pub(crate) use followers::{forget_silent, orders};
pub(crate) use line::ControlBar;

/// The most bytes of a request to the API.
const MAX_BODY: usize = 128 * 1024;
/// How long a body may take to arrive.
const IN_TIME: Duration = Duration::from_secs(5);

/// The routes of one realm.
pub(crate) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(
            at("/api/breakpoints", "GET, PUT, DELETE")
                .route(web::get().to(breakpoints::show))
                .route(web::put().to(breakpoints::set))
                .route(web::delete().to(breakpoints::remove)),
        )
        .service(only_get("/paused", web::get().to(overview::show)))
        .service(only_get("/paused/bar", web::get().to(overview::bar)))
        .service(only_post("/paused/mode", web::post().to(act::mode)))
        .service(only_post(
            "/paused/breakpoints",
            web::post().to(act::breakpoints),
        ))
        .service(only_post("/paused/next", web::post().to(act::next)))
        .service(only_post("/paused/release", web::post().to(act::release)))
        .service(
            at("/paused/{id}", "GET, POST")
                .route(web::get().to(held::show))
                .route(web::post().to(act::one)),
        )
        .service(
            at("/api/paused", "GET, DELETE")
                .route(web::get().to(paused::list))
                .route(web::delete().to(paused::release)),
        )
        .service(only_get(
            "/api/paused/number",
            web::get().to(paused::number),
        ))
        .service(
            at("/api/paused/{id}", "GET, POST")
                .route(web::get().to(paused::one))
                .route(web::post().to(paused::decide)),
        );
}

/// The body of a JSON request that came from this machine's tools or from our own pages.
async fn json<T: DeserializeOwned>(
    state: &AppState,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<T, HttpResponse> {
    let refused = |description: &str| {
        let answer = HttpResponse::BadRequest();
        problem(answer, "invalid_request", description)
    };
    if let Some(refusal) = refusal(state, request) {
        return Err(refusal);
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return Err(refused("send JSON, as application/json"));
    }
    let body = read_body(payload, MAX_BODY, IN_TIME).await;
    let body = body.map_err(|error| {
        let answer = HttpResponse::build(error.status());
        problem(answer, "invalid_request", &error.to_string())
    })?;
    serde_json::from_slice(&body).map_err(|error| refused(&error.to_string()))
}

/// The refusal where nothing can be kept for the realm.
async fn no_such_realm(state: &AppState, realm: &RealmName) -> Option<HttpResponse> {
    let error = state.realm_exists(realm).await.err()?;
    let (answer, code) = match error {
        NoRealm::Unknown => (HttpResponse::NotFound(), "not_found"),
        NoRealm::Away => (
            HttpResponse::ServiceUnavailable(),
            "temporarily_unavailable",
        ),
    };
    Some(problem(answer, code, &error.to_string()))
}

/// The refusal of what a page of another origin sends.
fn refusal(state: &AppState, request: &HttpRequest) -> Option<HttpResponse> {
    let foreign = state.csrf.verify_origin(request).is_err();
    foreign.then(|| {
        let answer = HttpResponse::Forbidden();
        problem(answer, "cross_origin", "only our own pages may do that")
    })
}
