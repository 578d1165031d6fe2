//! The answer to who asks under a name that is not this service's: 421 (RFC 9110 §15.5.20), as a page or as JSON.
//!
//! Uses the frame for the reader's language alone. The page stands without style: under that name there is none to load.

use actix_web::dev::ServiceRequest;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;

use super::{Frame, FrameConfig, html};

/// `templates/misdirected.html`.
#[derive(Template)]
#[template(path = "misdirected.html")]
struct MisdirectedPage<'a> {
    frame: Frame,
    /// Where the service is.
    origin: &'a str,
}

/// Answers `request`, which was meant for another than the service at `origin`; with a `page` where one is asked for.
pub(crate) fn misdirected(request: &ServiceRequest, origin: &str, page: bool) -> HttpResponse {
    let config = request.app_data::<web::Data<FrameConfig>>();
    if let Some(config) = config.filter(|_| page) {
        let frame = Frame::new((**config).clone(), request.request());
        let page = MisdirectedPage { frame, origin };
        return html(&page, StatusCode::MISDIRECTED_REQUEST);
    }
    HttpResponse::MisdirectedRequest()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({
            "error": "misdirected_request",
            "error_description": format!("this service answers as {origin}"),
        }))
}
