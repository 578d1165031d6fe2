//! The outermost middleware: every request has an id, one line in the log, and is counted.
//!
//! The id is that of the exchange: the same in the header `X-Request-Id`, in `Exchange-Id` and on error pages, in the
//! log, in exemplars and in the record. The line says what happened and nothing that was sent: the route's pattern
//! and not the path, no query, no value; the id of the check that failed and not what it got.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{Error, HttpMessage, HttpRequest};

use super::metrics::{RequestLabels, class_of};
use super::traces;
use crate::flow::{ExchangeId, Party};
use crate::observe::Observer;
use crate::realm::RealmName;
use crate::serve::TrustedProxies;
use crate::time::wall_clock_us;

/// The header that tells the id of a request.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// The same, read once.
const REQUEST_ID: HeaderName = HeaderName::from_static(REQUEST_ID_HEADER);
/// What the log calls these lines: `RUST_LOG=info,request=warn` leaves out all but what failed.
const TARGET: &str = "request";
/// The class of the status of a request that had no answer.
const HUNG_UP: &str = "none";
/// The route of a request that has none.
const NO_ROUTE: &str = "none";
/// Routes whose every answer would fill a log: probes, readers of metrics, what pages load.
const QUIET: [&str; 7] = [
    "/healthz",
    "/readyz",
    "/vitals",
    super::exposition::PATH,
    "/assets/{file}",
    "/favicon.ico",
    crate::control::follow::PATH,
];

/// The id of a request, before anybody knows whether it is observed.
#[derive(Clone, Debug)]
pub struct RequestId(pub ExchangeId);

/// What was found out about an observed request by the time its answer began.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The exchange: another than the request's own id where one of our services announced it.
    pub(crate) id: ExchangeId,
    /// The realm.
    pub(crate) realm: RealmName,
    /// The route's pattern without its realm.
    pub(crate) route: Arc<str>,
    /// Who called.
    pub(crate) from: Party,
    /// The id of the check that failed first.
    pub(crate) check: Option<String>,
    /// The client, where one was named: hostile text.
    pub(crate) client_id: Option<String>,
}

/// Whether the log takes lines of requests that went well.
pub(crate) fn is_logged() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::INFO)
}

/// The middleware of one service. Wrap it last, so that it runs first.
#[derive(Clone, Debug)]
pub struct Requests(Arc<Observer>);

impl Requests {
    /// The middleware of the service that `observer` observes for.
    #[must_use]
    pub const fn new(observer: Arc<Observer>) -> Self {
        Self(observer)
    }
}

impl<S, B> Transform<S, ServiceRequest> for Requests
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = RequestsService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(RequestsService {
            service,
            requests: Rc::new(self.clone()),
        }))
    }
}

/// A service whose requests have ids, lines and counts.
#[derive(Debug)]
pub struct RequestsService<S> {
    service: S,
    /// Counted in this thread alone, as it is for each request.
    requests: Rc<Requests>,
}

impl<S, B> Service<ServiceRequest> for RequestsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let requests = Rc::clone(&self.requests);
        let in_flight = requests.0.metrics.enter();
        let id = ExchangeId::new(wall_clock_us());
        let proxys = id_by_proxy(&request);
        request.extensions_mut().insert(RequestId(id.clone()));
        let span = requests.0.traces.request(request.headers());
        let answer = self.service.call(request);
        Box::pin(async move {
            let observer = &*requests.0;
            let answer = span.around(answer).await;
            drop(in_flight);
            let mut response = answer?;
            let status = response.status().as_u16();
            let told = response.request().extensions_mut().remove::<Told>();
            let answered = Answered::new(response.request(), told, id);
            if let Ok(id) = HeaderValue::from_str(answered.id.as_str()) {
                response.headers_mut().insert(REQUEST_ID, id);
            }
            let trace = span.trace_id();
            let outside = (proxys.as_deref(), trace.as_deref());
            answered.log(observer.party.role(), status, started.elapsed(), outside);
            if !QUIET.contains(&&*answered.route) {
                span.end(answered.told_to_span(status));
            }
            answered.count(observer, status, started.elapsed());
            Ok(response)
        })
    }
}

/// Tells the log and the counters of an observed request whose caller hung up before it was answered.
pub(crate) fn hung_up(observer: &Observer, told: &Told, method: &Method, took: Duration) {
    let method = method_of(method);
    tracing::info!(
        target: TARGET,
        request_id = told.id.as_str(), service = observer.party.role(), method, path = &*told.route, duration_ms = milliseconds(took),
        realm = told.realm.as_str(), from = told.from.role(),
        client_id = told.client_id.as_deref().map(excerpt), check = told.check.as_deref(),
        "hung up"
    );
    if let Some(check) = &told.check {
        let route = Arc::clone(&told.route);
        observer.metrics.refused(route, check, &told.id);
    }
    let labels = RequestLabels {
        route: Arc::clone(&told.route),
        method,
        status: HUNG_UP,
    };
    observer.metrics.answered(&labels, took, &told.id);
}

/// A request whose answer begins.
struct Answered {
    id: ExchangeId,
    method: &'static str,
    route: Arc<str>,
    told: Option<Told>,
}

impl Answered {
    fn new(request: &HttpRequest, told: Option<Told>, id: ExchangeId) -> Self {
        let route = match &told {
            Some(told) => Arc::clone(&told.route),
            None => request.match_pattern().map_or_else(
                || NO_ROUTE.into(),
                |pattern| {
                    pattern
                        .strip_prefix("/r/{realm}")
                        .unwrap_or(&pattern)
                        .into()
                },
            ),
        };
        Self {
            id: told.as_ref().map_or(id, |told| told.id.clone()),
            method: method_of(request.method()),
            route,
            told,
        }
    }

    /// Writes the line: what failed in us is an error, what could not be done now a warning, probes are for who asks
    /// for them, all else is information.
    fn log(
        &self,
        service: &str,
        status: u16,
        took: Duration,
        (proxys, trace): (Option<&str>, Option<&str>),
    ) {
        let told = self.told.as_ref();
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    target: TARGET, $level,
                    request_id = self.id.as_str(), service, method = self.method, path = &*self.route, status,
                    duration_ms = milliseconds(took),
                    realm = told.map(|told| told.realm.as_str()),
                    from = told.map(|told| told.from.role()),
                    client_id = told.and_then(|told| told.client_id.as_deref()).map(excerpt),
                    check = told.and_then(|told| told.check.as_deref()),
                    proxy_request_id = proxys,
                    trace_id = trace,
                    "answered"
                )
            };
        }
        match status {
            503 => line!(tracing::Level::WARN),
            500.. => line!(tracing::Level::ERROR),
            _ if QUIET.contains(&&*self.route) => line!(tracing::Level::DEBUG),
            _ => line!(tracing::Level::INFO),
        }
    }

    /// What the span of this request is told.
    fn told_to_span(&self, status: u16) -> traces::Answered<'_> {
        let told = self.told.as_ref();
        traces::Answered {
            method: self.method,
            route: &self.route,
            status,
            exchange: self.id.as_str(),
            realm: told.map(|told| told.realm.as_str()),
            check: told.and_then(|told| told.check.as_deref()),
        }
    }

    fn count(self, observer: &Observer, status: u16, took: Duration) {
        let check = self.told.and_then(|told| told.check);
        if let Some(check) = check {
            observer
                .metrics
                .refused(self.route.clone(), &check, &self.id);
        }
        let labels = RequestLabels {
            route: self.route,
            method: self.method,
            status: class_of(status),
        };
        observer.metrics.answered(&labels, took, &self.id);
    }
}

/// What a trusted proxy of ours calls the request: up to 64 letters, digits, `-` and `_`. Of anybody else it is not
/// read: it would be a text of a stranger in the log.
fn id_by_proxy(request: &ServiceRequest) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let peer = request.peer_addr()?.ip();
    let trusted = request.app_data::<TrustedProxies>()?.trusts(peer);
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (trusted && id.len() <= 64 && id.bytes().all(is_plain)).then(|| id.to_owned())
}

/// As much of a stranger's text as a line takes: 200 bytes.
fn excerpt(text: &str) -> &str {
    text.get(..text.floor_char_boundary(200)).unwrap_or(text)
}

/// Milliseconds, to the microsecond.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// The method, so far as it is one of HTTP's own: anybody can send another.
fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
