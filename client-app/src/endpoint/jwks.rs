//! `GET /jwks`: the print shop's public key (RFC 7517 §5), for the provider that verifies what it signed.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;

use crate::state::AppState;

/// Answers with the key set.
pub(crate) async fn get(state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .json(state.signing.published())
}
