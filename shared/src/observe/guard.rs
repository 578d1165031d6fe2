//! What keeps the HTTP client from calling where it must not: for URLs that somebody else chose (SSRF, OWASP).
//!
//! May use reqwest. An address is judged when a connection is made to it, after its name was resolved, so that
//! a name cannot be one address when it is judged and another when it is called (DNS rebinding).

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether a host (as the URL names it) may be called at this address.
pub type Admission = Arc<dyn Fn(&str, IpAddr) -> bool + Send + Sync>;

/// What a guarded client is held to.
#[derive(Clone)]
pub struct Guard {
    /// Which addresses it may call.
    pub admits: Admission,
    /// The most that one call may take from name look-up to the last byte.
    pub time_out: Duration,
    /// The most that is read of an answer, in bytes.
    pub answer_bytes: usize,
    /// Whether a peer's certificate is taken as it is: only for what is called on this machine and in its own
    /// network, where nobody vouches for names.
    pub any_certificate: bool,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("time_out", &self.time_out)
            .field("answer_bytes", &self.answer_bytes)
            .finish_non_exhaustive()
    }
}

impl Guard {
    /// Judges a URL whose host is an address; a name is judged when it is looked up.
    pub(super) fn admit_literal(&self, url: &reqwest::Url) -> Result<(), Inadmissible> {
        let host = url.host_str().unwrap_or_default();
        match host.trim_matches(['[', ']']).parse() {
            Ok(address) if !(self.admits)(host, address) => Err(Inadmissible(host.to_owned())),
            _ => Ok(()),
        }
    }
}

/// Every address of a host is one that may not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is at an address that may not be called from here")]
pub struct Inadmissible(pub String);

/// The addresses at which a host is now; none where it has none. To choose a client by; which addresses it may call,
/// its guard says once more when it connects.
pub async fn addresses_of(host: &str) -> Vec<IpAddr> {
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return vec![address];
    }
    match tokio::net::lookup_host((host, 0)).await {
        Ok(found) => found.map(|address| address.ip()).collect(),
        Err(_) => Vec::new(),
    }
}

/// Looks names up, and gives back only the addresses that may be called.
pub(super) struct GuardedResolver(pub(super) Admission);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let admits = Arc::clone(&self.0);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
                .await?
                .filter(|address| admits(&host, address.ip()))
                .collect();
            if found.is_empty() {
                return Err(Inadmissible(host).into());
            }
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

/// The refusal of the resolver, where that is what began an error.
pub(super) fn inadmissible(error: &reqwest::Error) -> Option<Inadmissible> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(one) = cause {
        if let Some(refusal) = one.downcast_ref::<Inadmissible>() {
            return Some(refusal.clone());
        }
        cause = one.source();
    }
    None
}
