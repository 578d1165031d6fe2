//! The headers that tell a browser what a response may do, and anybody when to ask again for one that could not be
//! given (503).
//!
//! A header that a handler has set is never overwritten.

use std::fmt::Write;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::DefaultHeaders;
use url::{Host, Url};

/// Seconds after which to ask again where a handler says nothing better (RFC 9110 §10.2.3).
const RETRY_AFTER: &str = "5";

/// What frames were forbidden by before `frame-ancestors`.
const X_FRAME_OPTIONS: &str = "x-frame-options";

/// Whether a page shares its window's group with whoever opened it (HTML §7.1.3).
const CROSS_ORIGIN_OPENER_POLICY: &str = "cross-origin-opener-policy";

/// Headers of every response, whatever it is.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    // Codes and tokens stand in URLs; they must not travel on in `Referer`.
    ("referrer-policy", "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
    ("x-robots-tag", "noindex"),
];

/// More that one response needs from its Content-Security-Policy. A handler puts it into the
/// response's extensions: `response.extensions_mut().insert(CspExtra { … })`.
///
/// Chromium applies `form-action` to all redirects that follow a form post, to those of other servers too. A page
/// whose form leads to a server that is known with all its redirects names it in `form_action`; one whose form may
/// lead to any client is made by [`CspExtra::leading_to_clients`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CspExtra {
    /// More sources for `form-action`, for instance `https://client.example` or `com.example:`.
    pub form_action: Vec<String>,
    /// Whether `form-action` is left out.
    pub leads_to_clients: bool,
    /// More sources for `connect-src`.
    pub connect_src: Vec<String>,
    /// The sources of `frame-src`, for instance `https://client.example`: without one, nothing is framed.
    pub frame_src: Vec<String>,
    /// Who may frame the response, for instance `https://provider.example`: without one, nobody.
    pub frame_ancestors: Vec<String>,
}

impl CspExtra {
    /// A page whose form may be answered by a redirect to a client: its policy says nothing of `form-action`.
    ///
    /// Nobody can say where that ends: the client's callback may send the browser on, from `api.client.example` to
    /// `app.client.example`, and Chromium would leave the person standing at the form. Nor can a policy name every
    /// client: an IPv6 literal (`http://[::1]:4711`, RFC 8252 §7.3) is no source. What the directive would keep away is a
    /// form that somebody smuggled into the page; that takes markup from outside in a page of which every text is
    /// escaped. Where the forms of these pages lead is decided by this server: redirection URIs are compared with what
    /// was registered.
    #[must_use]
    pub fn leading_to_clients() -> Self {
        Self {
            leads_to_clients: true,
            ..Self::default()
        }
    }
}

/// For what stands between a client and its callback: whoever opened the window keeps its hold on it, and the
/// callback its `window.opener`.
///
/// Clients open a pop-up to sign in, and their callback tells the opener (`window.opener.postMessage`). A single answer on
/// the way with `Cross-Origin-Opener-Policy: same-origin`, be it a redirect, cuts the two apart for good. Without the
/// policy the opener, another origin, can navigate and close the window, and see that it is closed: no more than a link
/// could do, as it can read nothing and touch nothing in it (same-origin policy), and nothing that a person types or
/// decides is there for it. No page can be framed (`frame-ancestors 'none'`), as before.
///
/// For `Resource::wrap`; a handler's own header stays.
#[must_use]
pub fn keeps_opener() -> DefaultHeaders {
    DefaultHeaders::new().add((CROSS_ORIGIN_OPENER_POLICY, "unsafe-none"))
}

/// The middleware that adds the headers.
#[derive(Debug, Clone, Default)]
pub struct SecurityHeaders(Arc<Settings>);

#[derive(Debug, Default)]
struct Settings {
    connect_src: Vec<String>,
    /// Whether browsers are told to come by HTTPS alone.
    https_alone: bool,
    /// [`ALWAYS`], read once.
    always: Vec<(HeaderName, HeaderValue)>,
    /// The policy of a response that needs no more of it; none where it cannot be a header's value.
    plain_policy: Option<HeaderValue>,
}

impl SecurityHeaders {
    /// The headers of a service with this public URL, whose scripts may call the origins in
    /// `connect_src` besides their own.
    #[must_use]
    pub fn new(public_url: &str, connect_src: Vec<String>) -> Self {
        let always = ALWAYS.map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        let mut settings = Settings {
            connect_src,
            https_alone: public_url.starts_with("https://") && !is_on_loopback(public_url),
            always: always.into(),
            plain_policy: None,
        };
        let policy = settings.policy(&CspExtra::default());
        settings.plain_policy = HeaderValue::from_str(&policy).ok();
        Self(Arc::new(settings))
    }
}

impl Settings {
    fn add(&self, extra: Option<&CspExtra>, headers: &mut HeaderMap) {
        let framed = |extra: &CspExtra| extra.frame_ancestors.iter().any(|one| is_source(one));
        let framed = extra.is_some_and(framed);
        for (name, value) in &self.always {
            // X-Frame-Options cannot name an origin; where one is, `frame-ancestors` alone says it.
            if (framed && name == X_FRAME_OPTIONS) || headers.contains_key(name) {
                continue;
            }
            headers.insert(name.clone(), value.clone());
        }
        if self.https_alone {
            let value = "max-age=31536000";
            default(headers, header::STRICT_TRANSPORT_SECURITY, value);
        }
        let cors = headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        let resource = if cors { "cross-origin" } else { "same-origin" };
        default(headers, header::CROSS_ORIGIN_RESOURCE_POLICY, resource);
        if headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            return;
        }
        let policy = match extra {
            None => self.plain_policy.clone(),
            Some(extra) => HeaderValue::from_str(&self.policy(extra)).ok(),
        };
        if let Some(policy) = policy {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }

    fn policy(&self, extra: &CspExtra) -> String {
        let mut policy = String::from(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; base-uri 'none'; object-src 'none'",
        );
        sources(&mut policy, "frame-ancestors", &extra.frame_ancestors);
        if !extra.frame_src.is_empty() {
            sources(&mut policy, "frame-src", &extra.frame_src);
        }
        directive(
            &mut policy,
            "connect-src",
            self.connect_src.iter().chain(&extra.connect_src),
        );
        if !extra.leads_to_clients {
            directive(&mut policy, "form-action", extra.form_action.iter());
        }
        policy
    }
}

/// Whether the host of a URL is this machine for itself (RFC 6761 §6.3). What a browser is told of it (RFC 6797 §8.2)
/// would hold for every port of it, and so for whatever else a developer runs there without HTTPS.
fn is_on_loopback(url: &str) -> bool {
    let url = Url::parse(url).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// Appends `name source…`, or `name 'none'`, leaving out what is not one source.
fn sources(policy: &mut String, name: &str, all: &[String]) {
    let all: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|one| is_source(one))
        .collect();
    let listed = if all.is_empty() {
        "'none'".to_owned()
    } else {
        all.join(" ")
    };
    let _ = write!(policy, "; {name} {listed}");
}

/// Appends `name 'self' source…`, leaving out what is not one source.
fn directive<'a>(policy: &mut String, name: &str, sources: impl Iterator<Item = &'a String>) {
    // Writing to a String does not fail.
    let _ = write!(policy, "; {name} 'self'");
    for source in sources.filter(|source| is_source(source)) {
        let _ = write!(policy, " {source}");
    }
}

/// One CSP source expression: visible ASCII without the characters that would end it.
fn is_source(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b';' | b',' | b'\'' | b'"' | b'*'))
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

impl<S, B> Transform<S, ServiceRequest> for SecurityHeaders
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = SecurityHeadersService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(SecurityHeadersService {
            service,
            headers: Rc::new(self.clone()),
        }))
    }
}

/// A service whose responses carry [`SecurityHeaders`].
#[derive(Debug)]
pub struct SecurityHeadersService<S> {
    service: S,
    /// Counted in this thread alone, as it is for each request.
    headers: Rc<SecurityHeaders>,
}

impl<S, B> Service<ServiceRequest> for SecurityHeadersService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let headers = Rc::clone(&self.headers);
        let response = self.service.call(request);
        Box::pin(async move {
            let mut response = response.await?;
            let extra = response.response().extensions().get::<CspExtra>().cloned();
            headers.0.add(extra.as_ref(), response.headers_mut());
            if response.status() == StatusCode::SERVICE_UNAVAILABLE {
                default(response.headers_mut(), header::RETRY_AFTER, RETRY_AFTER);
            }
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, test, web};

    use super::*;

    async fn headers_of(response: fn() -> HttpResponse) -> HeaderMap {
        headers_at("http://localhost:9000", response).await
    }

    async fn headers_at(public_url: &str, response: fn() -> HttpResponse) -> HeaderMap {
        let connect = vec!["http://localhost:9001".to_owned()];
        let app = App::new()
            .route("/", web::get().to(move || ready(response())))
            .wrap(SecurityHeaders::new(public_url, connect));
        let app = test::init_service(app).await;
        let request = test::TestRequest::default().to_request();
        test::call_service(&app, request).await.headers().clone()
    }

    #[actix_web::test]
    async fn whoever_is_turned_away_for_now_is_told_when_to_come_again() {
        let away = headers_of(|| HttpResponse::ServiceUnavailable().finish()).await;
        assert_eq!(value(&away, "retry-after"), RETRY_AFTER);
        let known = headers_of(|| {
            let mut answer = HttpResponse::ServiceUnavailable();
            answer.insert_header((header::RETRY_AFTER, "600")).finish()
        });
        assert_eq!(value(&known.await, "retry-after"), "600");
        let refused = headers_of(|| HttpResponse::BadRequest().finish()).await;
        assert!(!refused.contains_key(header::RETRY_AFTER));
    }

    fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
        headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[actix_web::test]
    async fn a_plain_page_gets_the_strict_policy() {
        let headers = headers_of(|| HttpResponse::Ok().finish()).await;
        let policy = value(&headers, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"));
        assert!(policy.contains("; connect-src 'self' http://localhost:9001;"));
        assert!(policy.ends_with("; form-action 'self'"), "{policy}");
        assert_eq!(value(&headers, "referrer-policy"), "no-referrer");
        assert_eq!(
            value(&headers, "cross-origin-resource-policy"),
            "same-origin"
        );
        assert_eq!(value(&headers, "strict-transport-security"), "");
    }

    #[actix_web::test]
    async fn a_browser_is_told_to_come_by_https_alone_but_not_of_its_own_machine() {
        for (url, told) in [
            ("https://as.example", true),
            ("https://as.example:8443/auth", true),
            ("https://localhost.example", true),
            ("https://notlocalhost", true),
            ("https://192.168.1.7:9000", true),
            ("https://localhost:9000", false),
            ("https://LOCALHOST.", false),
            ("https://as.localhost:9000", false),
            ("https://127.0.0.1:9000", false),
            ("https://127.8.9.1", false),
            ("https://[::1]:9000", false),
            ("http://as.example", false),
        ] {
            let headers = headers_at(url, || HttpResponse::Ok().finish()).await;
            let expected = if told { "max-age=31536000" } else { "" };
            let got = value(&headers, "strict-transport-security");
            assert_eq!(got, expected, "{url}");
        }
    }

    #[actix_web::test]
    async fn a_form_leads_to_the_servers_that_its_page_names() {
        let headers = headers_of(|| {
            let mut response = HttpResponse::Ok().finish();
            response.extensions_mut().insert(CspExtra {
                form_action: vec![
                    "https://client.example".to_owned(),
                    "https://evil.example; script-src *".to_owned(),
                ],
                ..CspExtra::default()
            });
            response
        })
        .await;
        let policy = value(&headers, "content-security-policy");
        assert!(policy.ends_with("; form-action 'self' https://client.example"));
    }

    #[actix_web::test]
    async fn a_page_whose_form_leads_to_clients_says_nothing_of_forms_and_all_else() {
        let plain = headers_of(|| HttpResponse::Ok().finish()).await;
        let headers = headers_of(|| {
            let mut response = HttpResponse::Ok().finish();
            let extra = CspExtra::leading_to_clients();
            response.extensions_mut().insert(extra);
            response
        })
        .await;
        let policy = value(&headers, "content-security-policy");
        let with_forms = format!("{policy}; form-action 'self'");
        assert_eq!(with_forms, value(&plain, "content-security-policy"));
        for name in [X_FRAME_OPTIONS, CROSS_ORIGIN_OPENER_POLICY] {
            assert_eq!(value(&headers, name), value(&plain, name));
        }
    }

    #[actix_web::test]
    async fn only_what_stands_between_a_client_and_its_callback_keeps_the_opener() {
        let answer = || ready(HttpResponse::SeeOther().finish());
        let kept = web::resource("/kept").route(web::get().to(answer));
        let app = App::new()
            .service(kept.wrap(keeps_opener()))
            .route("/cut", web::get().to(answer))
            .wrap(SecurityHeaders::new("http://localhost:9000", Vec::new()));
        let app = test::init_service(app).await;
        // A method that the resource does not have is answered by it, too.
        let all = [
            (test::TestRequest::get().uri("/kept"), "unsafe-none"),
            (test::TestRequest::put().uri("/kept"), "unsafe-none"),
            (test::TestRequest::get().uri("/cut"), "same-origin"),
        ];
        for (request, expected) in all {
            let response = test::call_service(&app, request.to_request()).await;
            let got = value(response.headers(), CROSS_ORIGIN_OPENER_POLICY);
            assert_eq!(got, expected);
        }
    }

    #[actix_web::test]
    async fn a_page_frames_and_is_framed_by_those_alone_that_it_names() {
        let headers = headers_of(|| {
            let mut response = HttpResponse::Ok().finish();
            response.extensions_mut().insert(CspExtra {
                frame_src: vec!["https://client.example".to_owned()],
                frame_ancestors: vec!["https://provider.example".to_owned()],
                ..CspExtra::default()
            });
            response
        })
        .await;
        let policy = value(&headers, "content-security-policy");
        assert!(
            policy.contains("; frame-src https://client.example;"),
            "{policy}"
        );
        assert!(
            policy.contains("; frame-ancestors https://provider.example;"),
            "{policy}"
        );
        assert_eq!(value(&headers, "x-frame-options"), "");
        let headers = headers_of(|| HttpResponse::Ok().finish()).await;
        let policy = value(&headers, "content-security-policy");
        assert!(policy.contains("; frame-ancestors 'none';"), "{policy}");
        assert!(!policy.contains("frame-src"), "{policy}");
        assert_eq!(value(&headers, "x-frame-options"), "DENY");
    }

    #[actix_web::test]
    async fn what_a_handler_set_stays() {
        let headers = headers_of(|| {
            HttpResponse::Ok()
                .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox"))
                .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "http://localhost:8080"))
                .finish()
        })
        .await;
        assert_eq!(value(&headers, "content-security-policy"), "sandbox");
        assert_eq!(
            value(&headers, "cross-origin-resource-policy"),
            "cross-origin"
        );
    }
}
