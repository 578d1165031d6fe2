//! How the cookies of a service are called, set and read (RFC 6265bis §4.1.3.2 and §8.6).
//!
//! May use actix-web's requests. A service at an https address calls its cookies `__Host-…`: a browser takes such a
//! cookie only from that very host by https, for every path, so that neither a page of a neighbouring host nor one by
//! http can plant it. A cookie under the plain name is not read there, whoever set it. By http, on the developer's own
//! machine, names are plain, as the prefix demands `Secure`, which not every browser takes there.
//!
//! Names are read byte by byte. What decodes or trims them more than the grammar says (`%5F%5FHost-`, a Unicode space
//! before it) would read a name that the browser did not guard.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;

/// What the name of a cookie begins with that a browser guards (RFC 6265bis §4.1.3.2).
pub const HOST_PREFIX: &str = "__Host-";

/// The cookies of one service, as its public address has them. Ports do not separate cookies: services on one host
/// need names of their own, and so do realms ([`crate::realm::RealmName::cookie_name`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// Those of the service at `public_url`.
    #[must_use]
    pub fn of(public_url: &str) -> Self {
        Self {
            secure: public_url.starts_with("https://"),
        }
    }

    /// What a cookie is called in a browser.
    #[must_use]
    pub fn name(self, name: &str) -> String {
        let prefix = if self.secure { HOST_PREFIX } else { "" };
        format!("{prefix}{name}")
    }

    /// A cookie for every path of this host and for no script, sent where somebody navigates: `Secure`, and with its
    /// prefix, where the address is https.
    #[must_use]
    pub fn make(self, name: &str, value: impl Into<String>) -> Cookie<'static> {
        Cookie::build(self.name(name), value.into())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .finish()
    }

    /// The value of a cookie that a browser sent; the first, if there are two.
    #[must_use]
    pub fn value(self, request: &HttpRequest, name: &str) -> Option<String> {
        let name = self.name(name);
        let lines = request.headers().get_all(header::COOKIE);
        let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs.find_map(|pair| value_of(pair, &name))
    }
}

/// The value of a pair, where it is called `name`: names are compared byte by byte, and around them stands nothing but
/// spaces and tabs (RFC 6265bis §5.6).
#[must_use]
pub fn value_of(pair: &[u8], name: &str) -> Option<String> {
    let middle = pair.iter().position(|byte| *byte == b'=')?;
    let (own, rest) = pair.split_at_checked(middle)?;
    if trimmed(own) != name.as_bytes() {
        return None;
    }
    let value = rest.strip_prefix(b"=")?;
    String::from_utf8(trimmed(value).to_vec()).ok()
}

fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const HTTPS: &str = "https://localhost:9000";
    const HTTP: &str = "http://localhost:9000";

    fn sent(cookies: Cookies, header: &[u8]) -> Option<String> {
        let value = header::HeaderValue::from_bytes(header).unwrap();
        let request = TestRequest::default().insert_header((header::COOKIE, value));
        cookies.value(&request.to_http_request(), "as_session")
    }

    #[test]
    fn by_https_the_name_is_one_that_browsers_guard() {
        let cookie = Cookies::of(HTTPS).make("as_session", "v").to_string();
        assert_eq!(
            cookie,
            "__Host-as_session=v; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let cookie = Cookies::of(HTTP).make("as_session", "v").to_string();
        assert_eq!(cookie, "as_session=v; HttpOnly; SameSite=Lax; Path=/");
    }

    #[test]
    fn only_the_guarded_name_is_read_by_https_and_only_the_plain_one_by_http() {
        let (https, http) = (Cookies::of(HTTPS), Cookies::of(HTTP));
        let own = b"a=b; __Host-as_session=v;c=d";
        assert_eq!(sent(https, own).as_deref(), Some("v"));
        assert_eq!(sent(http, own), None);
        let plain = b"a=b; as_session=v";
        assert_eq!(sent(https, plain), None);
        assert_eq!(sent(http, plain).as_deref(), Some("v"));
    }

    #[test]
    fn a_name_that_only_looks_like_it_is_another() {
        let https = Cookies::of(HTTPS);
        let planted: [&[u8]; 8] = [
            b"%5F%5FHost-as_session=v",
            b"__Host%2Das_session=v",
            b"__host-as_session=v",
            b"\xe2\x80\x80__Host-as_session=v",
            b"\xc2\xa0__Host-as_session=v",
            b"$Version=1,__Host-as_session=v",
            b"__Host-as_session",
            b"__Host-as_session.blue=v",
        ];
        for header in planted {
            assert_eq!(sent(https, header), None, "{header:?}");
            let beside = [header, b"; __Host-as_session=own"].concat();
            assert_eq!(sent(https, &beside).as_deref(), Some("own"), "{header:?}");
        }
        assert_eq!(
            sent(https, b" \t__Host-as_session = v ").as_deref(),
            Some("v")
        );
    }
}
