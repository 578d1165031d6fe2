//! A JSON object as a request's body (RFC 7591 §3.1): bounded in size and time, read strictly.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::Payload;
use serde_json::{Map, Value};
use shared::flow::catalog;
use shared::observe::Observation;
use shared::serve::read_body;

use crate::client::registration::RegistrationError;
use crate::client::signed::object;
use crate::config::LimitsConfig;

/// Reads the object.
///
/// # Errors
/// [`RegistrationError::Body`], [`RegistrationError::Size`].
pub(crate) async fn read(
    request: &HttpRequest,
    body: Payload,
    limits: &LimitsConfig,
    observation: &Observation,
) -> Result<Map<String, Value>, RegistrationError> {
    let time = Duration::from_secs(u64::from(limits.body_time.as_seconds()));
    let read = read_body(body, limits.body_bytes, time).await;
    let got = match &read {
        Ok(body) => format!("{} bytes", body.len()),
        Err(error) => error.to_string(),
    };
    let expected = format_args!("{} bytes at most, in {time:?}", limits.body_bytes);
    let body = observation
        .require_some(&catalog::REQUEST_SIZE, read.ok(), expected, got)
        .ok_or(RegistrationError::Size)?;
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.map_or("none", |value| value.to_str().unwrap_or("not ASCII"));
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let is_json = essence.eq_ignore_ascii_case("application/json");
    let map = object(&body);
    let (fault, got) = match (is_json, &map) {
        (false, _) => ("the content type must be application/json", kind),
        (true, None) => (
            "the body must be a JSON object that says nothing twice",
            "something else",
        ),
        (true, Some(_)) => ("", "one"),
    };
    observation
        .require_some(
            &catalog::REGISTRATION_JSON,
            map.filter(|_| is_json),
            "a JSON object, as application/json",
            got,
        )
        .ok_or(RegistrationError::Body(fault))
}

/// The token of an `Authorization: Bearer` header (RFC 6750 §2.1), if there is one such header and no other.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut all = request.headers().get_all(AUTHORIZATION);
    let (scheme, token) = all.next()?.to_str().ok()?.split_once(' ')?;
    let one = all.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    one.then(|| token.trim())
}
