//! The answer to who asks under a name that is not this service's: 421 (RFC 9110 §15.5.20), as a page or as JSON.
//!
//! Uses the frame for the reader's language alone. The page stands without style: under that name there is none to load.

use actix_web::dev::ServiceRequest;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpResponse, web};
use askama::Template;

use super::{Frame, FrameConfig, html};
use crate::telemetry::RequestId;

/// `templates/misdirected.html`.
#[derive(Template)]
#[template(path = "misdirected.html")]
struct MisdirectedPage<'a> {
    frame: Frame,
    /// Where the service is.
    origin: &'a str,
    /// The id of the request.
    request: String,
}

/// Answers `request`, which was meant for another than the service at `origin`; with a `page` where one is asked for.
pub(crate) fn misdirected(request: &ServiceRequest, origin: &str, page: bool) -> HttpResponse {
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.map(|id| id.0.to_string()).unwrap_or_default();
    let config = request.app_data::<web::Data<FrameConfig>>();
    if let Some(config) = config.filter(|_| page) {
        let frame = Frame::new((**config).clone(), request.request());
        let page = MisdirectedPage {
            frame,
            origin,
            request: id,
        };
        return html(&page, StatusCode::MISDIRECTED_REQUEST);
    }
    HttpResponse::MisdirectedRequest()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({
            "error": "misdirected_request",
            "error_description": format!("this service answers as {origin}"),
        }))
}
