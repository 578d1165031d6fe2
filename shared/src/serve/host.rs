//! Only the hosts that a service is known by: everything else is answered 421 (RFC 9110 §15.5.20).
//!
//! A page of an attacker, whose name resolves to 127.0.0.1 a moment later (DNS rebinding), would
//! otherwise talk to a service on this machine as its own origin. And since cookies belong to
//! a host name, a person who types `127.0.0.1` is sent to the public name before any is set.

use std::collections::BTreeSet;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;

use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::{Method, header};
use actix_web::{Error, HttpResponse};
use url::Url;

use crate::page::misdirected;

/// The names of this machine for itself, as they stand in a `Host` header.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The hosts that a service answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPolicy {
    /// `http://localhost:9000`: scheme and authority, where browsers belong.
    origin: String,
    /// The public authority as clients usually spell it.
    usual: String,
    /// Spellings of the public authority, with and without a default port.
    canonical: BTreeSet<String>,
    aliases: BTreeSet<String>,
    others: BTreeSet<String>,
}

/// What to do with a request, by its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it.
    Serve,
    /// A page on a loopback alias: send the browser to this URL.
    Redirect(String),
    /// Not a host of this service.
    Misdirected,
}

/// Why a host policy cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the public URL {0:?} is not an http or https URL with a host")]
pub struct InvalidPublicUrl(String);

impl HostPolicy {
    /// The policy of a service with this public URL that listens on `listen_port` (a container's
    /// port may differ from the published one). `others` are more authorities to answer for, for
    /// instance `auth-server:9000`, as the other services connect.
    ///
    /// # Errors
    /// [`InvalidPublicUrl`].
    pub fn new<S: AsRef<str>>(
        public_url: &str,
        listen_port: u16,
        others: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidPublicUrl> {
        let invalid = || InvalidPublicUrl(public_url.to_owned());
        let url = Url::parse(public_url).map_err(|_| invalid())?;
        let host = url.host_str().ok_or_else(invalid)?;
        let port = url.port_or_known_default().ok_or_else(invalid)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid());
        }
        let mut canonical = BTreeSet::from([format!("{host}:{port}")]);
        if url.port().is_none() {
            canonical.insert(host.to_owned());
        }
        let aliases = LOOPBACK
            .iter()
            .flat_map(|name| [format!("{name}:{port}"), format!("{name}:{listen_port}")])
            .filter(|alias| !canonical.contains(alias))
            .collect();
        let origin = url.origin().ascii_serialization();
        let usual = origin
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        Ok(Self {
            usual: usual.to_owned(),
            origin,
            canonical,
            aliases,
            others: others
                .into_iter()
                .map(|other| other.as_ref().to_ascii_lowercase())
                .collect(),
        })
    }

    /// The public origin, `http://localhost:9000`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What to do with a request for `path` (with its query) that names `host`. A `page` is what
    /// a browser asks for when a person navigates.
    #[must_use]
    pub fn judge(&self, host: Option<&str>, path: &str, page: bool) -> Verdict {
        let Some(host) = host else {
            return Verdict::Misdirected;
        };
        if host == self.usual {
            return Verdict::Serve;
        }
        let host = host.to_ascii_lowercase();
        if self.canonical.contains(&host) || self.others.contains(&host) {
            return Verdict::Serve;
        }
        if !self.aliases.contains(&host) {
            return Verdict::Misdirected;
        }
        if page {
            Verdict::Redirect(format!("{}{path}", self.origin))
        } else {
            Verdict::Serve
        }
    }
}

/// The middleware that applies a [`HostPolicy`]. Wrap it last, so that it runs first.
#[derive(Debug, Clone)]
pub struct HostGuard(Arc<HostPolicy>);

impl HostGuard {
    /// The guard of a policy.
    #[must_use]
    pub fn new(policy: HostPolicy) -> Self {
        Self(Arc::new(policy))
    }
}

/// The authority that a request is for: of an absolute target, else the one `Host` header
/// (RFC 9112 §3.2). Two `Host` headers name nobody. `X-Forwarded-Host` is never read.
fn authority(request: &ServiceRequest) -> Option<&str> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str());
    }
    let mut hosts = request.headers().get_all(header::HOST);
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Whether a browser asks for a page: GET or HEAD, with `text/html` among what it accepts.
fn is_page(request: &ServiceRequest) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD) && accepts_html(request)
}

fn accepts_html(request: &ServiceRequest) -> bool {
    request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

impl<S, B> Transform<S, ServiceRequest> for HostGuard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Transform = HostGuardService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(HostGuardService {
            service,
            policy: Arc::clone(&self.0),
        }))
    }
}

/// A service behind a [`HostGuard`].
#[derive(Debug)]
pub struct HostGuardService<S> {
    service: S,
    policy: Arc<HostPolicy>,
}

impl<S, B> Service<ServiceRequest> for HostGuardService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let verdict = self
            .policy
            .judge(authority(&request), path, is_page(&request));
        let refusal = match verdict {
            Verdict::Serve => {
                let response = self.service.call(request);
                return Box::pin(async move { Ok(response.await?.map_into_left_body()) });
            }
            Verdict::Redirect(url) => HttpResponse::Found()
                .insert_header((header::LOCATION, url))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish(),
            Verdict::Misdirected => {
                misdirected(&request, self.policy.origin(), accepts_html(&request))
            }
        };
        let response = request.into_response(refusal).map_into_right_body();
        Box::pin(ready(Ok(response)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test, web};

    use super::*;

    fn policy() -> HostPolicy {
        HostPolicy::new("http://localhost:19000", 9000, ["auth-server:9000"]).unwrap()
    }

    #[::core::prelude::v1::test]
    fn only_known_hosts_are_served() {
        let policy = policy();
        for host in [
            "localhost:19000",
            "LOCALHOST:19000",
            "auth-server:9000",
            "127.0.0.1:9000",
            "[::1]:19000",
        ] {
            assert_eq!(
                policy.judge(Some(host), "/", false),
                Verdict::Serve,
                "{host}"
            );
        }
        for host in ["attacker.example:19000", "localhost", "localhost:1", ""] {
            let verdict = policy.judge(Some(host), "/", false);
            assert_eq!(verdict, Verdict::Misdirected, "{host}");
        }
        assert_eq!(policy.judge(None, "/", true), Verdict::Misdirected);
    }

    #[::core::prelude::v1::test]
    fn a_page_on_an_alias_goes_to_the_public_name_with_its_query() {
        let verdict = policy().judge(Some("127.0.0.1:19000"), "/login?a=b", true);
        let there = "http://localhost:19000/login?a=b".to_owned();
        assert_eq!(verdict, Verdict::Redirect(there));
        let verdict = policy().judge(Some("auth-server:9000"), "/login", true);
        assert_eq!(verdict, Verdict::Serve);
    }

    #[::core::prelude::v1::test]
    fn a_default_port_may_be_left_out() {
        let policy = HostPolicy::new("https://auth.example", 9000, [""; 0]).unwrap();
        for host in ["auth.example", "auth.example:443"] {
            assert_eq!(
                policy.judge(Some(host), "/", true),
                Verdict::Serve,
                "{host}"
            );
        }
        assert!(HostPolicy::new("localhost:9000", 9000, [""; 0]).is_err());
    }

    #[actix_web::test]
    async fn the_guard_redirects_people_and_serves_programs() {
        let app = App::new()
            .route("/", web::get().to(HttpResponse::Ok))
            .wrap(HostGuard::new(policy()));
        let app = test::init_service(app).await;
        let ask = |host: &'static str, accept: &'static str| {
            test::TestRequest::get()
                .uri("/?x=1")
                .insert_header((header::HOST, host))
                .insert_header((header::ACCEPT, accept))
                .to_request()
        };
        let page = test::call_service(&app, ask("127.0.0.1:19000", "text/html,*/*")).await;
        assert_eq!(page.status(), 302);
        let location = page.headers().get(header::LOCATION).unwrap();
        assert_eq!(location, "http://localhost:19000/?x=1");
        let api = test::call_service(&app, ask("127.0.0.1:19000", "*/*")).await;
        assert_eq!(api.status(), 200);
        let rebound = test::call_service(&app, ask("attacker.example:19000", "*/*")).await;
        assert_eq!(rebound.status(), 421);
    }
}
