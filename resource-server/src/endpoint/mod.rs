//! HTTP in, HTTP out: one file a URL.
//!
//! Handlers ask for an `AccessToken` with the scope they need; by their first line it is verified.

pub(crate) mod error;
pub(crate) mod front;
pub(crate) mod me;
pub(crate) mod metadata;
pub(crate) mod new_photo;
pub(crate) mod photos;
pub(crate) mod stats;

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};

/// What a picture may do in a browser: nothing but be seen, even where somebody opens it as a page.
const PICTURE_POLICY: &str = "default-src 'none'; sandbox";

/// An answer that holds somebody's data: never kept by a cache (RFC 6750 §5.3).
fn private(mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}

/// A picture, drawn now.
fn picture(svg: String) -> HttpResponse {
    private(HttpResponse::Ok())
        .insert_header((header::CONTENT_TYPE, "image/svg+xml"))
        .insert_header((header::CONTENT_SECURITY_POLICY, PICTURE_POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(svg)
}
