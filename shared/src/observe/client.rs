//! The HTTP client of every back-channel call: observed, bounded in time and size, and following no redirect.
//!
//! May use reqwest. A request keeps its public URL; where a peer is reached elsewhere (a container's name),
//! only the connection goes there, as `curl --connect-to` does.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::failure::{HttpError, timed_out};
use super::guard::{Guard, GuardedResolver, Inadmissible, inadmissible};
use super::message::{HttpRequest, HttpResponse};
use super::sent::{Sent, party_of};
use super::{Alter, Altered, EXCHANGE_HEADER, ONLOOKER, Observation, Observer};
use crate::flow::{ExchangeId, Party};
use crate::realm::RealmName;
use crate::time::wall_clock_us;

/// The most that is read of an answer, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;
/// The most that one call may take from its first byte to its last, not counting the time in which something
/// waits at a breakpoint of its realm.
const TIME_OUT: Duration = Duration::from_secs(10);
/// The most that connecting may take.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(3);

/// How long a connection waits for the next call: less than the 5 s after which our servers close it, so that no call
/// meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(3);

/// The client; clones share its connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    inner: reqwest::Client,
    observer: Arc<Observer>,
    connect_to: Arc<HashMap<String, String>>,
    alter: Option<Arc<dyn Alter>>,
    guard: Option<Guard>,
}

/// How peers are reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// A public authority (`localhost:9000`) to the authority that is connected to instead (`auth-server:9000`).
    pub connect_to: HashMap<String, String>,
    /// Root certificates (DER) that are trusted beside the system's.
    pub roots: Vec<rustls::pki_types::CertificateDer<'static>>,
}

impl From<HashMap<String, String>> for Reach {
    fn from(connect_to: HashMap<String, String>) -> Self {
        Self {
            connect_to,
            roots: Vec::new(),
        }
    }
}

impl HttpClient {
    /// A client that observes for `observer`.
    ///
    /// # Errors
    /// [`HttpError::Setup`] when TLS cannot be set up.
    pub fn new(observer: Arc<Observer>, reach: impl Into<Reach>) -> Result<Self, HttpError> {
        Self::make(observer, reach.into(), None)
    }

    /// A client for URLs that somebody else chose: it calls only where `guard` admits, within its bounds, and tells
    /// no stranger which exchange it is.
    ///
    /// # Errors
    /// [`HttpError::Setup`] when TLS cannot be set up.
    pub fn guarded(
        observer: Arc<Observer>,
        reach: impl Into<Reach>,
        guard: Guard,
    ) -> Result<Self, HttpError> {
        Self::make(observer, reach.into(), Some(guard))
    }

    #[expect(clippy::disallowed_methods, reason = "the one maker of HTTP clients")]
    fn make(
        observer: Arc<Observer>,
        reach: Reach,
        guard: Option<Guard>,
    ) -> Result<Self, HttpError> {
        let Reach { connect_to, roots } = reach;
        let roots: Result<Vec<_>, _> = roots
            .iter()
            .map(|root| reqwest::Certificate::from_der(root))
            .collect();
        let mut builder = reqwest::Client::builder();
        if let Some(guard) = &guard {
            builder = builder.dns_resolver(Arc::new(GuardedResolver(Arc::clone(&guard.admits))));
            builder = builder.tls_danger_accept_invalid_certs(guard.any_certificate);
        }
        let inner = builder
            .tls_certs_merge(roots.map_err(HttpError::Setup)?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIME_OUT)
            .pool_idle_timeout(IDLE)
            .no_proxy()
            .user_agent(format!(
                "grantscope-{}/{}",
                observer.party,
                env!("CARGO_PKG_VERSION")
            ))
            .build()
            .map_err(HttpError::Setup)?;
        Ok(Self {
            inner,
            observer,
            connect_to: Arc::new(connect_to),
            alter: None,
            guard,
        })
    }

    /// The same client, whose requests pass `alter` where an exchange causes them.
    #[must_use]
    pub fn altered_by(mut self, alter: Arc<dyn Alter>) -> Self {
        self.alter = Some(alter);
        self
    }

    /// A client over the same connections that announces itself as `party`: for a program that stands in for it,
    /// and says so in its notes. Nothing alters its requests.
    #[must_use]
    pub fn standing_in_for(&self, party: Party) -> Self {
        let observer = Observer {
            party,
            ..self.observer.as_ref().clone()
        };
        Self {
            observer: Arc::new(observer),
            alter: None,
            ..self.clone()
        }
    }

    /// Sends `request` in `realm` and reads the answer whole. `cause` is the exchange that is being answered.
    ///
    /// # Errors
    /// [`HttpError`]; any status is an answer, not an error.
    pub async fn send(
        &self,
        request: HttpRequest,
        realm: &RealmName,
        cause: Option<&Observation>,
    ) -> Result<HttpResponse, HttpError> {
        let altered = match (&self.alter, cause) {
            (Some(alter), Some(cause)) => alter.alter(cause.id(), request),
            _ => Altered::Send(request),
        };
        match altered {
            Altered::Send(request) => self.exchange(request, realm, cause, true).await,
            Altered::SendBoth(first, second) => {
                // Its answer is in the record; the second's is the one that counts.
                let _ = self.exchange(first, realm, cause, true).await;
                self.exchange(second, realm, cause, true).await
            }
            Altered::HoldBack => Err(HttpError::HeldBack),
        }
    }

    /// As [`HttpClient::send`], for calls that are no part of any flow (health, reporting): observed by neither
    /// side.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub async fn send_unobserved(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.exchange(request, &RealmName::default_realm(), None, false)
            .await
    }

    /// As [`HttpClient::send_unobserved`], for an answer that may take as long as `limit`.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub async fn send_unobserved_within(
        &self,
        request: HttpRequest,
        limit: Duration,
    ) -> Result<HttpResponse, HttpError> {
        let built = self.build(&request, self.announce(ONLOOKER))?;
        let id = ExchangeId::new(wall_clock_us());
        let receiving = self.receive(built, &request.url, id);
        let answer = tokio::time::timeout(limit, receiving).await;
        answer.unwrap_or_else(|_| Err(timed_out(&request.url, limit)))
    }

    async fn exchange(
        &self,
        request: HttpRequest,
        realm: &RealmName,
        cause: Option<&Observation>,
        observed: bool,
    ) -> Result<HttpResponse, HttpError> {
        let (started_us, started) = (wall_clock_us(), Instant::now());
        let id = request.exchange.clone();
        let id = id.unwrap_or_else(|| ExchangeId::new(started_us));
        let recorded = observed && self.observer.reporter.admits();
        let hop = if observed { id.as_str() } else { ONLOOKER };
        let to = party_of(&self.observer, &request.url);
        let span = observed.then(|| self.observer.traces.call(&request.method, &to, &id));
        let mut built = self.build(&request, self.announce(hop))?;
        // The provider's own servers go on with the trace; a stranger is told nothing of it.
        if !matches!(to, Party::Stranger(_))
            && let Some(span) = &span
        {
            span.announce(built.headers_mut());
        }
        let answer = self
            .in_time(
                realm,
                &request.url,
                self.receive(built, &request.url, id.clone()),
            )
            .await;
        if let Some(span) = span {
            let status = answer.as_ref().ok().map(|answer| answer.status);
            span.end(status);
            let metrics = &self.observer.metrics;
            metrics.called(&to, status, (started.elapsed(), &id));
        }
        if recorded {
            let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            let caused_by = cause.map(|observation| observation.id().clone());
            let sent = Sent {
                id,
                realm,
                caused_by,
                started_us,
                duration_us,
            };
            sent.report(&self.observer, &request, &answer);
        }
        answer
    }

    /// What tells the receiver who calls, and under which id.
    fn announce(&self, hop: &str) -> String {
        let message = format!("{hop};{}", self.observer.party);
        format!("{message};{}", self.observer.key.mac(&message))
    }

    /// What `receiving` gives, unless it takes too long.
    async fn in_time(
        &self,
        realm: &RealmName,
        url: &str,
        receiving: impl Future<Output = Result<HttpResponse, HttpError>>,
    ) -> Result<HttpResponse, HttpError> {
        let limit = self.guard.as_ref().map_or(TIME_OUT, |guard| guard.time_out);
        tokio::select! {
            answer = receiving => answer,
            () = self.observer.controls.patience(realm, limit) => Err(timed_out(url, limit)),
        }
    }

    /// The request as it goes out: to the peer's own address, under the public name.
    fn build(
        &self,
        request: &HttpRequest,
        announcement: String,
    ) -> Result<reqwest::Request, HttpError> {
        let bad_url = || HttpError::Url(request.url.clone());
        let mut url = reqwest::Url::parse(&request.url).map_err(|_| bad_url())?;
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| HttpError::Header(request.method.clone()))?;
        let authority = url.authority().to_owned();
        let mut headers: Vec<(String, String)> = request.headers.clone();
        if let Some(target) = self.connect_to.get(&authority) {
            let (host, port) = target.rsplit_once(':').ok_or_else(bad_url)?;
            url.set_host(Some(host)).map_err(|_| bad_url())?;
            url.set_port(port.parse().ok()).map_err(|()| bad_url())?;
            headers.push(("host".to_owned(), authority));
        }
        let stranger = matches!(party_of(&self.observer, &request.url), Party::Stranger(_));
        if !(stranger && self.guard.is_some()) {
            headers.push((EXCHANGE_HEADER.to_owned(), announcement));
        }
        let mut built = reqwest::Request::new(method, url);
        for (name, value) in &headers {
            let bad_header = |_| HttpError::Header(name.clone());
            let name = reqwest::header::HeaderName::from_bytes(name.as_bytes())
                .map_err(|e| bad_header(e.to_string()))?;
            let value = reqwest::header::HeaderValue::from_str(value)
                .map_err(|e| bad_header(e.to_string()))?;
            built.headers_mut().append(name, value);
        }
        if !request.body.is_empty() {
            *built.body_mut() = Some(request.body.clone().into());
        }
        Ok(built)
    }

    /// Whether a URL whose host is an address may be called: names are judged when they are looked up.
    fn admit(&self, url: &reqwest::Url) -> Result<(), Inadmissible> {
        match &self.guard {
            Some(guard) => guard.admit_literal(url),
            None => Ok(()),
        }
    }

    async fn receive(
        &self,
        request: reqwest::Request,
        url: &str,
        exchange: ExchangeId,
    ) -> Result<HttpResponse, HttpError> {
        let peer = url.split('?').next().unwrap_or(url).to_owned();
        self.admit(request.url())?;
        let limit = self
            .guard
            .as_ref()
            .map_or(MAX_ANSWER, |guard| guard.answer_bytes);
        let unreachable = |source: reqwest::Error| match inadmissible(&source) {
            Some(refusal) => HttpError::Inadmissible(refusal),
            None => HttpError::Unreachable {
                peer: peer.clone(),
                source: source.without_url(),
            },
        };
        let mut response = self.inner.execute(request).await.map_err(unreachable)?;
        let headers = response.headers().iter();
        let headers = headers.map(|(n, v)| {
            (
                n.as_str().to_owned(),
                String::from_utf8_lossy(v.as_bytes()).into_owned(),
            )
        });
        let (status, headers) = (response.status().as_u16(), headers.collect());
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(HttpError::TooLarge { peer, limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse {
            exchange,
            status,
            headers,
            body: body.freeze(),
        })
    }
}
