//! CORS: which pages of others may call the API from a script (Fetch Standard §3.3, "HTTP CORS protocol"). What this
//! API says of itself (RFC 9728) may be read from anywhere.
//!
//! May use actix-web. The single-page app calls the API from the client app's origin. Credentials of the browser
//! (cookies) are never shared: the API knows only bearer tokens, so another origin gains nothing by its user.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use shared::oauth::well_known::OAUTH_PROTECTED_RESOURCE;

/// What a script may send.
const METHODS: &str = "GET, POST, DELETE";
/// Headers that a script may send.
const REQUEST_HEADERS: &str = "authorization, content-type, dpop";
/// Headers that a script may read: without the first it could not learn why it was refused.
const EXPOSED_HEADERS: &str = "www-authenticate, exchange-id, location, retry-after, dpop-nonce";
/// How long a browser may remember the answer to a preflight, in seconds.
const MAX_AGE: &str = "600";

/// The origins whose scripts may call.
#[derive(Clone, Debug)]
pub(crate) struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// The configured origins, or that of the client app.
    pub(crate) fn new(configured: Option<Vec<String>>, client_app: &str) -> Self {
        let origins = configured.unwrap_or_else(|| vec![client_app.to_owned()]);
        Self(origins.iter().map(|url| origin_of(url)).collect())
    }

    fn allow(&self, origin: &HeaderValue) -> bool {
        self.0
            .iter()
            .any(|allowed| allowed.as_bytes() == origin.as_bytes())
    }
}

/// The origin of a URL as a browser writes it (RFC 6454 §6.1); other text stays as it is and matches nothing.
fn origin_of(text: &str) -> String {
    url::Url::parse(text).map_or_else(
        |_| text.to_owned(),
        |url| url.origin().ascii_serialization(),
    )
}

/// The middleware: answers preflights, and lets the allowed origins read the answers.
pub(crate) async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let public = request.path().starts_with(OAUTH_PROTECTED_RESOURCE);
    let origin = request.headers().get(header::ORIGIN);
    let allowed = origin
        .filter(|origin| {
            request
                .app_data::<web::Data<AllowedOrigins>>()
                .is_some_and(|origins| origins.allow(origin))
        })
        .cloned();
    let allowed = if public {
        Some(HeaderValue::from_static("*"))
    } else {
        allowed
    };
    if is_preflight(&request) {
        let mut answer = HttpResponse::build(if allowed.is_some() {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::FORBIDDEN
        })
        .finish();
        let headers = answer.headers_mut();
        if let Some(origin) = allowed {
            insert(headers, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            insert(
                headers,
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                REQUEST_HEADERS,
            );
            insert(headers, header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        insert(
            headers,
            header::VARY,
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        );
        return Ok(request.into_response(answer));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        insert(
            headers,
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            EXPOSED_HEADERS,
        );
    }
    Ok(response)
}

fn is_preflight(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, test};

    use super::*;

    async fn ask(method: Method, origin: &'static str) -> ServiceResponse {
        let origins = AllowedOrigins::new(None, "http://localhost:8080");
        let app = App::new()
            .app_data(web::Data::new(origins))
            .route("/photos", web::get().to(HttpResponse::Ok))
            .wrap(from_fn(share));
        let app = test::init_service(app).await;
        let request = test::TestRequest::default()
            .method(method)
            .uri("/photos")
            .insert_header((header::ORIGIN, origin))
            .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "GET"))
            .to_request();
        test::call_service(&app, request).await
    }

    fn value<'r>(response: &'r ServiceResponse, name: &str) -> Option<&'r str> {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    }

    #[actix_web::test]
    async fn the_client_apps_scripts_may_call_and_no_others() {
        let preflight = ask(Method::OPTIONS, "http://localhost:8080").await;
        assert_eq!(preflight.status(), 204);
        let allowed = "access-control-allow-origin";
        assert_eq!(value(&preflight, allowed), Some("http://localhost:8080"));
        assert!(
            value(&preflight, "access-control-allow-headers")
                .unwrap()
                .contains("authorization")
        );
        assert_eq!(value(&preflight, "access-control-allow-credentials"), None);
        let answer = ask(Method::GET, "http://localhost:8080").await;
        assert_eq!(value(&answer, allowed), Some("http://localhost:8080"));
        assert!(
            value(&answer, "access-control-expose-headers")
                .unwrap()
                .contains("www-authenticate")
        );
        for origin in [
            "http://localhost:8081",
            "null",
            "http://localhost:8080.evil.example",
        ] {
            let preflight = ask(Method::OPTIONS, origin).await;
            assert_eq!(
                (preflight.status().as_u16(), value(&preflight, allowed)),
                (403, None)
            );
            let answer = ask(Method::GET, origin).await;
            assert_eq!(
                (answer.status().as_u16(), value(&answer, allowed)),
                (200, None)
            );
        }
    }
}
