//! Cross-origin access for scripts (Fetch standard §3.2): for origins that a client of the realm registered,
//! compared as text, without credentials.
//!
//! Wrapped round the routes that a program in the browser calls; never round `/authorize` (RFC 9700 §2.1).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderMap, HeaderValue, ORIGIN, VARY,
};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse};
use shared::realm::RealmName;

use crate::state::AppState;

/// What scripts may read besides the safelisted headers.
const EXPOSED: &str = "exchange-id, www-authenticate, retry-after, dpop-nonce";

/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// Answers preflights and lets registered origins read answers.
///
/// # Errors
/// Those of the route.
pub(crate) async fn cors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = match &origin {
        Some(origin) if is_registered(&request, origin).await => Some(origin.clone()),
        _ => None,
    };
    let preflight = request.method() == Method::OPTIONS
        && origin.is_some()
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let mut answer = HttpResponse::NoContent().finish();
        if allowed.is_some() {
            permit_preflight(answer.headers_mut());
        }
        request.into_response(answer)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(EXPOSED),
        );
    }
    Ok(response)
}

fn permit_preflight(headers: &mut HeaderMap) {
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, dpop",
        ),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

async fn is_registered(request: &ServiceRequest, origin: &HeaderValue) -> bool {
    let Some(state) = request.app_data::<Data<AppState>>() else {
        return false;
    };
    let realm = match request.match_info().get("realm") {
        None => RealmName::default_realm(),
        Some(name) => match name.parse() {
            Ok(realm) => realm,
            Err(_) => return false,
        },
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    state
        .realm(&realm)
        .await
        .is_ok_and(|realm| realm.offer.origins.contains(origin))
}
