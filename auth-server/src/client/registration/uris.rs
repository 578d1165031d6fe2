//! URIs that a client may register: where answers go, what people follow, and what this server calls.

use shared::oauth::{RedirectUri, read_uri};
use shared::seed::ApplicationType;
use url::{Host, ParseError, Url};

use super::RegistrationError;

/// The longest URI, in bytes.
const MAX_URI: usize = 2048;

/// What redirection URIs of a client may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct RedirectRules {
    /// What kind of application it is.
    pub(super) kind: ApplicationType,
    /// Whether tokens come to it in the front channel.
    pub(super) implicit: bool,
    /// Whether the realm is a demo on loopback.
    pub(super) near: bool,
}

impl RedirectRules {
    /// Judges a redirection URI (RFC 6749 §3.1.2, RFC 8252 §7, OpenID Connect Dynamic Client Registration §2).
    pub(super) fn judge(self, text: &str) -> Result<(), &'static str> {
        text.parse::<RedirectUri>()
            .map_err(|error| error.reason())?;
        let url = read_uri(text)?;
        let local = url.host_str() == Some("localhost");
        match (self.kind, url.scheme()) {
            (ApplicationType::Web, _) if self.implicit && local && !self.near => {
                Err("a web client that gets tokens in the front channel must not be at localhost")
            }
            (ApplicationType::Web, "http") if self.implicit && !self.near => {
                Err("a web client that gets tokens in the front channel must use https")
            }
            (_, "https" | "http") | (ApplicationType::Native, _) => Ok(()),
            (ApplicationType::Web, _) => {
                Err("a web client has https URIs; other schemes are for application_type native")
            }
        }
    }
}

/// A URI that people may be led to, or shown a picture from.
pub(super) fn for_people(member: &'static str, text: &str) -> Result<String, RegistrationError> {
    on_the_web(member, text, &["https", "http"])
}

/// A URI that this server calls: https, or http where the realm is a demo on loopback.
pub(super) fn for_us(
    member: &'static str,
    text: &str,
    near: bool,
) -> Result<String, RegistrationError> {
    let schemes: &[&str] = if near { &["https", "http"] } else { &["https"] };
    on_the_web(member, text, schemes)
}

/// A URI of one of these schemes, with a host and no user name, that no parser would repair.
pub(super) fn on_the_web(
    member: &'static str,
    text: &str,
    schemes: &[&str],
) -> Result<String, RegistrationError> {
    let wrong = |reason: String| Err(RegistrationError::of(member, reason));
    if text.len() > MAX_URI {
        return wrong("it must be a URI of 2048 characters at most".to_owned());
    }
    let url = match read_uri(text) {
        Ok(url) => url,
        Err(reason) => return wrong(reason.to_owned()),
    };
    if !schemes.contains(&url.scheme()) {
        return wrong(format!("it must be {} with a host", schemes.join(" or ")));
    }
    Ok(text.to_owned())
}

/// Whether a text is a reference that means something beside another URI alone (RFC 3986 §4.2).
pub(super) fn is_relative(text: &str) -> bool {
    matches!(Url::parse(text), Err(ParseError::RelativeUrlWithoutBase))
}

/// Whether two URIs have scheme, host and port in common.
pub(super) fn same_origin(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin().is_tuple() && one.origin() == other.origin(),
        _ => false,
    }
}

/// The host of a URI, in lower case; none for private schemes.
pub(super) fn host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    match url.host()? {
        Host::Domain(name) => Some(name.to_ascii_lowercase()),
        address => Some(address.to_string()),
    }
}
