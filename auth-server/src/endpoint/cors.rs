//! Cross-origin access for scripts (Fetch standard §3.2), never with credentials.
//!
//! What everybody may read (metadata, keys) is for any origin. What a program in the browser calls is for origins of
//! this realm's clients, compared as text: those that the operator named, and those of registered redirection URIs,
//! of clients that registered themselves too. Never round `/authorize` (RFC 9700 §2.1).
//!
//! `/register` is not for any origin, though nobody needs to be known there: a page that somebody happens to visit
//! could make clients at a server that only this machine reaches.

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

/// What may be asked for with another method than a form has, and with which headers.
#[derive(Clone, Copy, Debug)]
struct Permitted {
    methods: &'static str,
    headers: &'static str,
}

/// Of a public document.
const DOCUMENT: Permitted = Permitted {
    methods: "GET, HEAD",
    headers: "accept, content-type",
};

/// Of what programs call.
const CALL: Permitted = Permitted {
    methods: "GET, POST, PUT, DELETE",
    headers: "authorization, content-type, dpop",
};

/// Lets scripts of any origin read a public document.
///
/// # Errors
/// Those of the route.
pub(crate) async fn public(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = if is_preflight(&request) {
        let mut answer = HttpResponse::NoContent().finish();
        permit_preflight(answer.headers_mut(), DOCUMENT);
        request.into_response(answer)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    share(response.headers_mut(), HeaderValue::from_static("*"));
    Ok(response)
}

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
    let mut response = if is_preflight(&request) {
        let mut answer = HttpResponse::NoContent().finish();
        if allowed.is_some() {
            permit_preflight(answer.headers_mut(), CALL);
        }
        request.into_response(answer)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        share(headers, origin);
    }
    Ok(response)
}

fn is_preflight(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets scripts of `origin` read the answer.
fn share(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
}

fn permit_preflight(headers: &mut HeaderMap, permitted: Permitted) {
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, permitted.methods),
        (ACCESS_CONTROL_ALLOW_HEADERS, permitted.headers),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

async fn is_registered(request: &ServiceRequest, origin: &HeaderValue) -> bool {
    let Some(state) = request.app_data::<Data<AppState>>() else {
        return false;
    };
    let segment = request.match_info().get("realm");
    let (Ok(realm), Ok(origin)) = (RealmName::of_segment(segment), origin.to_str()) else {
        return false;
    };
    state
        .realm(&realm)
        .await
        .is_ok_and(|realm| realm.offer.origins.contains(origin))
}
