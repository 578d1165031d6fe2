//! Addresses that clients register, and redirection URIs among them (RFC 6749 §3.1.2): compared as text, never normalised
//! (RFC 9700 §2.1), and none that a parser would repair.
//!
//! May use url, to look at the registered value alone. The one exception is RFC 8252 §7.3: the port of a
//! registered loopback IP literal is the client's to choose.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The longest redirection URI, in bytes.
const MAX_URI: usize = 2048;

/// A redirection URI that may be registered: absolute, without a fragment, https, or http on loopback,
/// or a private-use scheme with a dot in it (RFC 8252 §7.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

/// Text that may not be registered as a redirection URI.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{uri:?} may not be a redirection URI: {reason}")]
pub struct InvalidRedirectUri {
    uri: String,
    reason: &'static str,
}

impl InvalidRedirectUri {
    /// What is wrong with it.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.reason
    }
}

impl RedirectUri {
    /// The URI as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its origin (`http://localhost:8080`), or its scheme (`com.example.app:`) where it has none.
    #[must_use]
    pub fn origin(&self) -> String {
        match Url::parse(&self.0) {
            Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
            Ok(url) => format!("{}:", url.scheme()),
            Err(_) => String::new(),
        }
    }

    /// Whether `asked` is this registered URI: byte for byte, but for the port of a loopback IP literal.
    #[must_use]
    pub fn matches(&self, asked: &str) -> bool {
        asked == self.0 || self.matches_loopback_port(asked)
    }

    /// RFC 8252 §7.3: `http://127.0.0.1/cb` registered, `http://127.0.0.1:51234/cb` asked.
    fn matches_loopback_port(&self, asked: &str) -> bool {
        ["http://127.0.0.1", "http://[::1]"]
            .into_iter()
            .any(|host| {
                let (Some(registered), Some(asked)) =
                    (self.0.strip_prefix(host), asked.strip_prefix(host))
                else {
                    return false;
                };
                match (after_port(registered), after_port(asked)) {
                    (Some(registered), Some(asked)) => registered == asked,
                    _ => false,
                }
            })
    }
}

/// What follows an optional `:port` (1 to 5 digits); `None` where something else follows the host.
fn after_port(rest: &str) -> Option<&str> {
    let path = match rest.strip_prefix(':') {
        None => rest,
        Some(with_port) => {
            let end = with_port
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(with_port.len());
            let (port, path) = with_port.split_at_checked(end)?;
            port.parse::<u16>().ok()?;
            path
        }
    };
    (path.is_empty() || path.starts_with(['/', '?'])).then_some(path)
}

/// An absolute URI that stands as every parser reads it (RFC 3986). What browsers repair (WHATWG URL §4: backslashes,
/// blanks and line ends, slashes too few or too many, names that are encoded or beyond ASCII, dots in a path) another
/// parser refuses, or takes for another address than the one that was registered, compared and shown.
///
/// # Errors
/// What is wrong with it, in ASCII (RFC 7591 §3.2.2).
pub fn read_uri(text: &str) -> Result<Url, &'static str> {
    let is_foreign = |b: u8| b <= 0x20 || b >= 0x7F || br#""\<>^`{|}"#.contains(&b);
    if text.bytes().any(is_foreign) {
        return Err(
            "it holds a character that a URI may not: a backslash, a blank, a control character, or one beyond ASCII \
             (RFC 3986 section 2)",
        );
    }
    let url = Url::parse(text).map_err(|_| "it is not an absolute URI")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name (RFC 3986 section 3.2.1)");
    }
    if !names_its_host(text, &url) {
        return Err(
            "it does not name its host as parsers read it: scheme, colon, two slashes, a host in ASCII that needs no \
             repair, and perhaps a port (RFC 3986 section 3.2)",
        );
    }
    if !names_its_path(text, &url) {
        return Err(
            "its path holds a \".\" or \"..\" that parsers take out (RFC 3986 section 5.2.4)",
        );
    }
    Ok(url)
}

/// Whether the path stands as `url`, which was parsed from the text, has it; of http and https an empty one is `/`.
fn names_its_path(text: &str, url: &Url) -> bool {
    let behind_scheme = text.split_once(':').map_or("", |(_, rest)| rest);
    let before_query = behind_scheme.split(['?', '#']).next().unwrap_or_default();
    let written = match before_query.strip_prefix("//") {
        None => before_query,
        Some(rest) => {
            let authority = rest.find('/').unwrap_or(rest.len());
            rest.get(authority..).unwrap_or_default()
        }
    };
    written == url.path() || (written.is_empty() && url.path() == "/")
}

/// Whether an http or https URI stands as every parser reads it: its scheme, `://` and its authority are what `url`,
/// which was parsed from it, has of them, in any case of letters. What a browser repairs, another parser refuses or takes
/// for another host (RFC 3986 §3.2.2, RFC 9110 §4.2): `https:x`, `https:///x`, `https://a.example:/`,
/// `https://%61.example/`, `https://127.1/`; nor has a host empty labels. A port may be named though it is the default.
/// Others have a form of their own.
fn names_its_host(text: &str, url: &Url) -> bool {
    if !matches!(url.scheme(), "http" | "https") {
        return true;
    }
    let (Some((scheme, rest)), Some(host)) = (text.split_once("://"), url.host_str()) else {
        return false;
    };
    let written = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let with_port = written.eq_ignore_ascii_case(&format!("{host}:{port}"));
    let without = url.port().is_none() && written.eq_ignore_ascii_case(host);
    // One dot may end a name (RFC 1034 §3.1).
    let name = host.strip_suffix('.').unwrap_or(host);
    scheme.eq_ignore_ascii_case(url.scheme())
        && (with_port || without)
        && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

impl FromStr for RedirectUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        let invalid = |reason| InvalidRedirectUri {
            uri: text.chars().take(200).collect(),
            reason,
        };
        if text.len() > MAX_URI {
            return Err(invalid("it is longer than 2048 bytes"));
        }
        let url = read_uri(text).map_err(invalid)?;
        if text.contains('#') {
            return Err(invalid("it has a fragment (RFC 6749 section 3.1.2)"));
        }
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
        if let Some(Host::Domain(name)) = url.host()
            && matches!(url.scheme(), "http" | "https")
            && !name.bytes().all(is_name)
        {
            return Err(invalid("its host is no name"));
        }
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(invalid("http is for loopback alone (RFC 9700 section 2.6)")),
            scheme if scheme.contains('.') => {}
            _ => {
                return Err(invalid(
                    "its scheme is neither https nor a private one with a dot (RFC 8252 section 7.1)",
                ));
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;

    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        text.parse()
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_uri_matches_itself_alone() {
        let registered: RedirectUri = "http://localhost:8080/callback".parse().unwrap();
        assert!(registered.matches("http://localhost:8080/callback"));
        for other in [
            "http://localhost:8080/callback/",
            "http://localhost:8080/callback/../callback",
            "http://localhost:8080/%63allback",
            "http://localhost:8080/callback?x=1",
            "http://localhost:8080/callback#",
            "HTTP://localhost:8080/callback",
            "http://localhost:8081/callback",
            "http://user@localhost:8080/callback",
            "http://localhost:8080/callbackx",
        ] {
            assert!(!registered.matches(other), "{other}");
        }
    }

    #[test]
    fn a_loopback_literal_may_choose_its_port_and_nothing_else() {
        let registered: RedirectUri = "http://127.0.0.1/cb".parse().unwrap();
        assert!(registered.matches("http://127.0.0.1:51234/cb"));
        for other in [
            "http://127.0.0.1:51234/cb2",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost:51234/cb",
        ] {
            assert!(!registered.matches(other), "{other}");
        }
    }

    #[expect(clippy::too_many_lines, reason = "one line for each way to be wrong")]
    #[test]
    fn dangerous_uris_cannot_be_registered() {
        for text in [
            "javascript:alert(1)",
            "https:///x",
            "https:x",
            "https://",
            "https://?x",
            "http:///127.0.0.1/",
            "https:/x",
            "https:\\\\x",
            "https://a.example:/cb",
            "https://a.example:0443/cb",
            "https://a.example:x/cb",
            "https://a..b/cb",
            "https://.a.example/cb",
            "https://./cb",
            "https://%61.example/cb",
            "https://a.example%2fcb/cb",
            "https://@a.example/cb",
            "https://:@a.example/cb",
            "https://b.example@a.example/cb",
            "http://127.1/cb",
            "http://0x7f000001/cb",
            "http://2130706433/cb",
            "http://[::0:1]/cb",
            "data:text/html,x",
            "http://example.com/cb",
            "/cb",
            "https://a/b#c",
            "myapp:/cb",
            "",
            " https://a.example/cb",
            "https://a.example/cb ",
            "https://a.example/c b",
            "https://a.example/c\tb",
            "ht\ntps://a.example/cb",
            "https://a.example\r/cb",
            "https://a.example\\cb",
            "https://a.example/a\\b",
            "https://a.example/cb?x=\\",
            "https:\\/a.example/cb",
            "//a.example/cb",
            "http:/localhost/cb",
            "http:localhost/cb",
            "https:////a.example/cb",
            "https://user:secret@a.example/cb",
            "https://b\u{fc}cher.example/cb",
            "https://a.example/caf\u{e9}",
            "https://a\u{3002}example/cb",
            "https://a.example/a/../cb",
            "https://a.example/./cb",
            "https://a.example/cb/..",
            "https://a.example/%2e%2E/cb",
            "https://a.example/..?x",
            "com.example.app:/a/../cb",
            "com.example.app:\\cb",
            "com.example.app://user@cb",
            "\u{feff}https://a.example/cb",
        ] {
            assert!(text.parse::<RedirectUri>().is_err(), "{text}");
        }
        let label = "a".repeat(64);
        let uri = format!("https://{label}.example/");
        assert!(uri.parse::<RedirectUri>().is_err(), "{uri}");
        for text in [
            "com.example.app:/cb",
            "com.example.app://cb",
            "https://a.example",
            "https://a.example?x=1",
            "https://a.example:443/cb",
            "https://a.example:8443/cb",
            "HTTPS://A.Example/cb",
            "https://xn--bcher-kva.example/cb",
            "https://a.example./cb",
            "https://192.0.2.1/cb",
            "https://[2001:DB8::1]:8443/cb",
            "http://localhost/cb",
            "http://127.0.0.1:80/cb",
            "http://[::1]/cb",
            "http://127.0.0.1:51234/cb?x=y",
            "https://a.example/",
            "https://a.example/?next=/a/../b",
            "https://a.example/a.b/..c/...",
            "https://a.example//cb",
            "https://a.example/cb?it's=a&b[]=c%20d",
            "https://a.example:443",
            "com.example.app:/",
            "com.example.app://auth/cb?x=y",
            "com.example.app:cb",
        ] {
            assert!(text.parse::<RedirectUri>().is_ok(), "{text}");
        }
    }
}
