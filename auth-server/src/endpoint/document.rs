//! Answers with a public document of a realm (RFC 8414 §3.2, RFC 7517 §5): rendered once, kept by caches for a moment,
//! and not sent again to who has it (RFC 9110 §13.1.2).

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};

use crate::realms::Rendered;

/// How long caches may keep it: less than a new key is announced before it signs.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=5");

/// The document, or 304 where the caller has it already.
pub(super) fn answer(
    request: &HttpRequest,
    document: &Rendered,
    content_type: &'static str,
) -> HttpResponse {
    let mut response = if has_it(request, document) {
        HttpResponse::NotModified().finish()
    } else {
        let mut response = HttpResponse::Ok().body(document.bytes.clone());
        let content_type = HeaderValue::from_static(content_type);
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, KEPT);
    if let Ok(etag) = HeaderValue::from_maybe_shared(document.etag.clone()) {
        headers.insert(ETAG, etag);
    }
    response
}

fn has_it(request: &HttpRequest, document: &Rendered) -> bool {
    let known = request.headers().get(IF_NONE_MATCH);
    let known = known.and_then(|value| value.to_str().ok());
    known.is_some_and(|known| {
        let mut tags = known.split(',').map(str::trim);
        tags.any(|tag| {
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == document.etag
        })
    })
}
