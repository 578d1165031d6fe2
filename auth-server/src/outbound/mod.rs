//! The one way in which this server calls URLs that a client gave: `jwks_uri`, `request_uri`,
//! `sector_identifier_uri`, logos, back-channel logout.
//!
//! May use the observed HTTP client. Such a URL is somebody else's wish to make this server call (SSRF): it is
//! held to https, to public addresses (judged after the name was resolved, when the connection is made), to five
//! seconds in all and to 64 KiB, and no redirect is followed. A demo whose issuer is on loopback may call http and
//! private addresses too: its clients are there, and nobody vouches for their names, so that a certificate at such
//! an address is taken as it is.

mod address;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use shared::observe::{
    Guard, HttpClient, HttpError, HttpRequest, Observation, Observer, Reach, addresses_of,
};
use shared::serve::tls::{TlsError, roots};
use tokio::sync::OnceCell;
use url::Url;

use crate::realms::Realm;

pub(crate) use address::is_on_loopback;

/// The most that one call may take, in all.
const TIME_OUT: Duration = Duration::from_secs(5);

/// The most that finding out where a name leads may take; what takes longer is not near.
const LOOK_UP: Duration = Duration::from_secs(2);

/// The most that is read of an answer, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// The longest URL that is called, in bytes.
const MAX_URL: usize = 2048;

/// `[outbound]`: calls of URLs that clients give.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundConfig {
    /// Host names that may be called although they are at private addresses: clients in one's own network, for an
    /// issuer that is not on loopback. Default none.
    pub allowed_hosts: Vec<String>,
    /// Files of certificates (PEM) that are trusted besides those of the system: for a client, or a test suite,
    /// whose certificate no public authority has signed. Default none.
    pub trusted_certificates: Vec<PathBuf>,
}

impl OutboundConfig {
    /// How peers are reached by the services, with the certificates that are trusted besides.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn extend(&self, mut reach: Reach) -> Result<Reach, TlsError> {
        for file in &self.trusted_certificates {
            let pem = std::fs::read(file).map_err(|error| TlsError::Read {
                path: file.clone(),
                reason: error.to_string(),
            })?;
            reach.roots.extend(roots(&pem)?);
        }
        Ok(reach)
    }
}

/// The guarded client. Cheap to clone; the clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Outbound(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    observer: Arc<Observer>,
    reach: Reach,
    allowed_hosts: Vec<String>,
    /// For what is at a private address, called by realms whose issuer is on loopback. Made when first needed:
    /// reading the system's certificates takes a while.
    near: OnceCell<HttpClient>,
    /// For all else. Connections are not shared between the two.
    public: OnceCell<HttpClient>,
}

/// What was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    /// The status: 200 to 299 where it was fetched by [`Outbound::get`].
    pub(crate) status: u16,
    /// The media type without parameters, in lower case; empty without one.
    pub(crate) content_type: String,
    /// The body, 64 KiB at most.
    pub(crate) body: Bytes,
}

/// Why a URL could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// It is no URL that this server calls.
    #[error("{0}")]
    Url(&'static str),
    /// It leads where this server must not call.
    #[error("its host is at an address that must not be called")]
    Inadmissible,
    /// It was not answered in time, or not within the size.
    #[error("it was not answered within 5 s and 64 KiB")]
    Bounds,
    /// It was answered by another status: redirects are not followed.
    #[error("it was answered by status {0}")]
    Status(u16),
    /// It was not answered.
    #[error("it could not be reached: {0}")]
    Unreachable(String),
}

impl Outbound {
    /// A client that observes for `observer`, and trusts what `reach` trusts: besides the system's certificates the
    /// configured ones, and the local authority's where this program serves TLS by one.
    pub(crate) fn new(observer: Arc<Observer>, reach: Reach, config: &OutboundConfig) -> Self {
        Self(Arc::new(Inner {
            observer,
            reach,
            allowed_hosts: config.allowed_hosts.clone(),
            near: OnceCell::new(),
            public: OnceCell::new(),
        }))
    }

    /// Fetches `url` for `realm`; `cause` is the exchange that is being answered.
    ///
    /// # Errors
    /// [`FetchError`]; any status but 200 to 299 is one.
    pub(crate) async fn get(
        &self,
        realm: &Realm,
        url: &str,
        cause: Option<&Observation>,
    ) -> Result<Fetched, FetchError> {
        let request = HttpRequest::get(callable(url, is_on_loopback(&realm.issuer))?);
        let fetched = self.send(realm, request, cause).await?;
        if (200..300).contains(&fetched.status) {
            Ok(fetched)
        } else {
            Err(FetchError::Status(fetched.status))
        }
    }

    /// Posts form parameters to `url` for `realm`; `cause` is the exchange that is being answered.
    ///
    /// # Errors
    /// [`FetchError`]; any status is an answer.
    pub(crate) async fn post_form(
        &self,
        realm: &Realm,
        url: &str,
        parameters: &[(&str, &str)],
        cause: Option<&Observation>,
    ) -> Result<Fetched, FetchError> {
        let url = callable(url, is_on_loopback(&realm.issuer))?;
        self.send(realm, HttpRequest::post_form(url, parameters), cause)
            .await
    }

    async fn send(
        &self,
        realm: &Realm,
        request: HttpRequest,
        cause: Option<&Observation>,
    ) -> Result<Fetched, FetchError> {
        let near = is_on_loopback(&realm.issuer) && is_near(&request.url).await;
        let client = self.client(near).await?;
        let answer = client.send(request, &realm.name, cause).await?;
        let content_type = answer.header("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default();
        Ok(Fetched {
            status: answer.status,
            content_type: essence.trim().to_ascii_lowercase(),
            body: answer.body,
        })
    }

    /// The client of what is near, or of all else.
    async fn client(&self, near: bool) -> Result<&HttpClient, FetchError> {
        let cell = if near { &self.0.near } else { &self.0.public };
        let inner = Arc::clone(&self.0);
        let make = || async move {
            tokio::task::spawn_blocking(move || inner.make(near))
                .await
                .map_err(|error| FetchError::Unreachable(error.to_string()))?
                .map_err(FetchError::from)
        };
        cell.get_or_try_init(make).await
    }
}

impl Inner {
    fn make(&self, near: bool) -> Result<HttpClient, HttpError> {
        let allowed = self.allowed_hosts.clone();
        let guard = Guard {
            admits: Arc::new(move |host, address| {
                if near {
                    address::is_near(address)
                } else {
                    address::is_public(address)
                        || (allowed.iter().any(|name| name == host) && address::is_near(address))
                }
            }),
            any_certificate: near,
            time_out: TIME_OUT,
            answer_bytes: ANSWER_BYTES,
        };
        let mut reach = self.reach.clone();
        if !near {
            reach.connect_to.clear();
        }
        HttpClient::guarded(Arc::clone(&self.observer), reach, guard)
    }
}

/// Whether a URL leads to this machine or its private network.
async fn is_near(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let found = tokio::time::timeout(LOOK_UP, addresses_of(host)).await;
    found.unwrap_or_default().into_iter().any(address::is_near)
}

/// The URL as it is called: without its fragment, which stays here (RFC 9110 §7.1).
fn callable(url: &str, near: bool) -> Result<String, FetchError> {
    if url.len() > MAX_URL {
        return Err(FetchError::Url("it is longer than 2048 bytes"));
    }
    let mut url = Url::parse(url).map_err(|_| FetchError::Url("it is no absolute URL"))?;
    match url.scheme() {
        "https" => {}
        "http" if near => {}
        _ => return Err(FetchError::Url("it is not https")),
    }
    if url.host().is_none() {
        return Err(FetchError::Url("it names no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::Url("it holds a user name"));
    }
    url.set_fragment(None);
    Ok(url.into())
}

impl From<HttpError> for FetchError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Inadmissible(_) => Self::Inadmissible,
            HttpError::TimedOut { .. } | HttpError::TooLarge { .. } => Self::Bounds,
            other => Self::Unreachable(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_called_but_for_a_demo() {
        let call = |url: &str, near| callable(url, near).ok();
        let https = "https://client.example/jwks";
        assert_eq!(call(https, false).as_deref(), Some(https));
        assert_eq!(
            call("https://c.example/r#hash", false).as_deref(),
            Some("https://c.example/r")
        );
        let http = "http://localhost:8080/jwks";
        assert_eq!(call(http, true).as_deref(), Some(http));
        assert_eq!(call(http, false), None);
        for url in [
            "file:///etc/passwd",
            "ftp://a/b",
            "javascript:1",
            "/jwks",
            "https://u:p@a/b",
            "gopher://a",
            "data:,x",
        ] {
            assert_eq!(call(url, true), None, "{url}");
        }
        assert_eq!(call(&format!("https://a/{}", "x".repeat(2048)), true), None);
    }
}
