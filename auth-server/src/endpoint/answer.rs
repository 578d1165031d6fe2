//! Answers of the back channel: JSON, never kept by a cache, errors in the form of RFC 6749 §5.2.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, PRAGMA, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use shared::dpop::NONCE_HEADER;
use shared::flow::catalog;
use shared::oauth::{ErrorBody, ErrorCode};
use shared::observe::Observation;

use crate::client::authentication::ClientAuthError;
use crate::grant::TokenError;

/// Seconds after which a client may try again when the store was busy.
pub(super) const RETRY_AFTER_BUSY: u32 = 2;

/// What a client is told when the store is away.
pub(super) const BUSY: &str = "the server is busy; try again in a few seconds";

/// A JSON answer that no cache keeps (RFC 6749 §5.1).
pub(crate) fn json(body: &impl Serialize) -> HttpResponse {
    uncached(StatusCode::OK).json(body)
}

/// A response that no cache keeps.
pub(crate) fn uncached(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"));
    response
}

/// The same answer with a nonce for the client's next `DPoP` proof, where there is one (RFC 9449 §8.2).
pub(crate) fn with_nonce(mut response: HttpResponse, nonce: Option<&str>) -> HttpResponse {
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::from_str(nonce).ok()) {
        let name = HeaderName::from_static(NONCE_HEADER);
        response.headers_mut().insert(name, nonce);
    }
    response
}

/// The answer to a request that is refused or failed.
pub(crate) fn error(error: &TokenError, observation: &Observation) -> HttpResponse {
    let code = error.code();
    let mut response = uncached(status(error, code));
    match error {
        // RFC 6749 §5.2. Who did not use the header gets no challenge, though RFC 9110 §15.5.2 has one for every 401:
        // clients that meet one (oauth4webapi) tell it instead of the error that stands in the body.
        TokenError::Client(ClientAuthError::Failed { by_header: true }) => {
            response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"auth-server\""));
        }
        TokenError::Dpop {
            nonce: Some(nonce), ..
        } => {
            response.insert_header((NONCE_HEADER, nonce.as_str()));
        }
        TokenError::PasswordGuessed(after) => {
            response.insert_header((RETRY_AFTER, after.as_seconds()));
        }
        TokenError::Request(fault) if fault.leaves_body() => {
            response.force_close();
        }
        _ => {}
    }
    let body = match code {
        ErrorCode::ServerError => {
            tracing::error!(exchange = %observation.id(), %error, "a request failed");
            let id = observation.id();
            ErrorBody::new(
                code,
                format_args!("the server failed; its log says more under {id}"),
            )
        }
        ErrorCode::TemporarilyUnavailable => {
            tracing::warn!(exchange = %observation.id(), %error, "a request was not answered for now");
            if let Some(after) = error.limited_for() {
                response.insert_header((RETRY_AFTER, after.as_seconds()));
                ErrorBody::new(code, error)
            } else {
                response.insert_header((RETRY_AFTER, RETRY_AFTER_BUSY));
                ErrorBody::new(code, BUSY)
            }
        }
        _ => ErrorBody::new(code, error),
    };
    response.json(body)
}

fn status(error: &TokenError, code: ErrorCode) -> StatusCode {
    let status = match error {
        TokenError::Request(fault) => fault.status(),
        TokenError::RealmUnknown => 404,
        // RFC 8628 §3.5: an error of the token endpoint (RFC 6749 §5.2); the code's own status is another's.
        TokenError::ApprovalDenied => 400,
        _ if error.limited_for().is_some() => 429,
        _ => code.status(),
    };
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// 405 with the methods that the endpoint has (RFC 9110 §15.5.6).
pub(crate) fn method_not_allowed(
    request: &HttpRequest,
    observation: &Observation,
    allowed: &'static str,
) -> HttpResponse {
    let _ = observation.require(
        &catalog::REQUEST_METHOD,
        false,
        allowed,
        request.method().as_str(),
    );
    let description = format_args!("this endpoint answers {allowed}");
    uncached(StatusCode::METHOD_NOT_ALLOWED)
        .insert_header((ALLOW, allowed))
        .insert_header((CONTENT_TYPE, "application/json"))
        .json(ErrorBody::new(ErrorCode::InvalidRequest, description))
}
