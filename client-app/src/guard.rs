//! Only our own pages, and programs that are no pages, may read the record or change anything.
//!
//! The record shows what other sites must not see, and there is no signing in before it: whatever a browser says to
//! come from another origin is refused (`Sec-Fetch-Site`, Fetch Metadata; `Origin`, RFC 6454), but for a person who
//! follows a link. Every route is guarded unless it stands in [`OPEN`], so that a new one cannot be forgotten. Forms
//! have a token besides.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use crate::endpoint::flows::problem;
use crate::state::AppState;

/// What is called from elsewhere: by the provider's pages through the browser, by other services, by operators. A
/// final `/` stands for everything below.
const OPEN: [&str; 12] = [
    // RFC 6749 §4.1.2; OAuth 2.0 Form Post Response Mode §2.
    "/callback",
    "/callback/",
    "/sign-in/callback",
    // OpenID Connect Front-Channel Logout §2, Back-Channel Logout §2.5.
    "/frontchannel-logout",
    "/backchannel-logout",
    // RFC 7517 §5: public keys.
    "/jwks",
    // Proven by the record's key, or by a token.
    "/record/exchanges",
    "/control",
    "/lab/prints",
    // Without secrets: liveness, readiness, and what the doctor compares.
    "/healthz",
    "/readyz",
    "/vitals",
];

/// Refuses what a page of another origin sends.
pub(crate) async fn own_pages<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let state = request.app_data::<web::Data<AppState>>();
    let own = state.map(|state| state.csrf.origin().to_owned());
    if is_open(request.path()) || !is_foreign(&request, own.as_deref().unwrap_or_default()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let what = "only our own pages, and programs that are no pages, may do that";
    let refusal = problem(HttpResponse::Forbidden(), "cross_origin", what);
    Ok(request.into_response(refusal).map_into_right_body())
}

/// Whether a path of any realm is called from elsewhere.
fn is_open(path: &str) -> bool {
    let path = match path.strip_prefix("/r/") {
        Some(rest) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => path,
    };
    OPEN.iter().any(|open| {
        let below = open.ends_with('/') && path.starts_with(open);
        below || path == *open
    })
}

/// Whether a browser says that another origin sends it. A person who follows a link to a page comes from wherever
/// the link stood.
fn is_foreign(request: &ServiceRequest, own: &str) -> bool {
    let text = |name: &str| {
        let value = request.headers().get(name);
        value.map(|value| value.to_str().unwrap_or("?"))
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let follows_a_link = reads
        && text("sec-fetch-mode") == Some("navigate")
        && text("sec-fetch-dest") == Some("document");
    let elsewhere = !matches!(text("sec-fetch-site"), None | Some("same-origin" | "none"));
    // Our own forms say `null` (`Referrer-Policy: no-referrer`): they have a token.
    let foreign = !matches!(text(header::ORIGIN.as_str()), None | Some("null"))
        && text(header::ORIGIN.as_str()) != Some(own);
    foreign || (elsewhere && !follows_a_link)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_is_open_is_open_in_every_realm_and_nothing_else_is() {
        for path in [
            "/callback",
            "/r/blue/callback/spa",
            "/r/blue/jwks",
            "/healthz",
        ] {
            assert!(is_open(path), "{path}");
        }
        for path in [
            "/",
            "/r/blue",
            "/callbacks",
            "/r/blue/api/flows",
            "/sign-in",
            "/r/jwks",
        ] {
            assert!(!is_open(path), "{path}");
        }
    }

    #[test]
    fn links_are_followed_and_nothing_else_comes_from_elsewhere() {
        let foreign = |method: Method, headers: &[(&'static str, &'static str)]| {
            let request = TestRequest::default().method(method);
            let request = headers
                .iter()
                .fold(request, |request, header| request.insert_header(*header));
            is_foreign(&request.to_srv_request(), "http://localhost:8080")
        };
        let link = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        assert!(!foreign(Method::GET, &link));
        assert!(foreign(Method::POST, &link));
        assert!(foreign(Method::GET, &[("sec-fetch-site", "same-site")]));
        assert!(foreign(Method::GET, &[("origin", "http://localhost:9000")]));
        assert!(!foreign(
            Method::GET,
            &[("origin", "http://localhost:8080")]
        ));
        assert!(!foreign(Method::DELETE, &[]));
    }
}
