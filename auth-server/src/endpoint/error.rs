//! Error pages, and what is answered where there is no route.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Route, web};
use shared::observe::Observation;
use shared::page::{self, Frame};

use crate::authorization::PageError;
use crate::page::ErrorPage;

/// The page for `error`: what is wrong, which check failed, what to do next.
pub(crate) fn page(frame: Frame, observation: &Observation, error: PageError) -> HttpResponse {
    let check = observation.failed_check();
    let exchange = (observation.id().to_string(), observation.is_recorded());
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let frame = frame.without_secrets();
    let mut response = page::html(&ErrorPage::new(frame, error, check, exchange), status);
    if matches!(error, PageError::TooLarge | PageError::BadRequest) {
        // What is left of the body is not read.
        response
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    response
}

/// There is nothing at this address: a page for people, a line for programs.
pub(crate) async fn not_found(
    request: HttpRequest,
    frame: Frame,
    observation: Observation,
) -> HttpResponse {
    unrouted(&request, frame, &observation, PageError::NotFound)
}

/// There is something at this address, but not for this method (RFC 9110 §15.5.6).
pub(crate) fn method_not_allowed(allow: &'static str) -> Route {
    web::route().to(
        move |request: HttpRequest, frame: Frame, observation: Observation| async move {
            let error = PageError::MethodNotAllowed;
            let mut response = unrouted(&request, frame, &observation, error);
            let value = header::HeaderValue::from_static(allow);
            response.headers_mut().insert(header::ALLOW, value);
            response
        },
    )
}

fn unrouted(
    request: &HttpRequest,
    frame: Frame,
    observation: &Observation,
    error: PageError,
) -> HttpResponse {
    let accept = request.headers().get(header::ACCEPT);
    let is_person =
        accept.is_some_and(|accept| accept.to_str().unwrap_or_default().contains("html"));
    if is_person {
        return page(frame, observation, error);
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::NOT_FOUND);
    HttpResponse::build(status)
        .insert_header(header::ContentType::plaintext())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(format!("{error}\n"))
}
