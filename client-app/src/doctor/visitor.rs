//! What the browser's own request says: the name by which it came, its cookies (names only), its language.
//!
//! Knows actix only to read the request and to set the cookie of the test.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::http::header;
use shared::oauth::{NoRandomness, SessionToken};
use shared::page::LANGUAGE_COOKIE;
use shared::realm::RealmName;
use shared::serve::Cookies;

/// The cookie of the test.
const COOKIE: &str = "app_doctor";
/// The parameter that carries the same value past the test.
pub(super) const PARAMETER: &str = "cookie";
/// The longest `Cookie` header that is taken for sound, in bytes: many servers refuse 8 KiB.
pub(super) const MOST_COOKIES: usize = 4096;

/// How the test with the cookie went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CookieTest {
    /// It has not been made: a script asked.
    NotMade,
    /// The cookie came back.
    Kept,
    /// It did not.
    Lost,
}

/// What one request says of its sender.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// The `Host` header.
    pub(super) host: String,
    /// The names of the cookies that were sent, in order.
    pub(super) cookies: Vec<String>,
    /// How long the `Cookie` headers are, in bytes.
    pub(super) cookie_bytes: usize,
    /// How the test went.
    pub(super) test: CookieTest,
    /// `Accept-Language`.
    pub(super) accept_language: String,
    /// The cookie by which the language was chosen, if it was.
    pub(super) language_cookie: Option<String>,
    /// Whether this is Safari: it has a mode that demands https for every address.
    pub(super) is_safari: bool,
}

impl Visitor {
    /// The sender of `request`.
    pub(super) fn of(
        request: &HttpRequest,
        (cookies, realm): (Cookies, &RealmName),
        test: CookieTest,
    ) -> Self {
        let value_of = |name: header::HeaderName| {
            let value = request.headers().get(name);
            let value = value.and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let raw = request.headers().get_all(header::COOKIE);
        let lines: Vec<&str> = raw.filter_map(|line| line.to_str().ok()).collect();
        let pairs = lines.iter().flat_map(|line| line.split(';'));
        let names = pairs.map(|pair| pair.split('=').next().unwrap_or_default().trim());
        let agent = value_of(header::USER_AGENT);
        let own = cookies.name(&realm.cookie_name(COOKIE));
        Self {
            host: value_of(header::HOST),
            cookies: names
                .filter(|name| !name.is_empty() && *name != own)
                .map(|name| name.chars().take(60).collect())
                .collect(),
            cookie_bytes: lines.iter().map(|line| line.len()).sum(),
            test,
            accept_language: value_of(header::ACCEPT_LANGUAGE).chars().take(80).collect(),
            language_cookie: cookies
                .value(request, LANGUAGE_COOKIE)
                .map(|_| cookies.name(LANGUAGE_COOKIE)),
            is_safari: agent.contains("Safari/")
                && agent.contains("Version/")
                && !agent.contains("Chrome"),
        }
    }
}

/// How the test went, by what came back; `None` where it begins only now.
pub(super) fn test_of(
    request: &HttpRequest,
    (cookies, realm): (Cookies, &RealmName),
) -> Option<CookieTest> {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let mut sent = query.filter(|(name, _)| name == PARAMETER);
    let (_, sent) = sent.next()?;
    let kept = cookies
        .value(request, &realm.cookie_name(COOKIE))
        .is_some_and(|value| value == sent);
    Some(if kept {
        CookieTest::Kept
    } else {
        CookieTest::Lost
    })
}

/// A new value, and the cookie that holds it for this browser's visit.
///
/// # Errors
/// [`NoRandomness`].
pub(super) fn begin_test(
    (cookies, realm): (Cookies, &RealmName),
) -> Result<(String, Cookie<'static>), NoRandomness> {
    let value = SessionToken::generate()?.expose().to_owned();
    let cookie = cookies.make(&realm.cookie_name(COOKIE), value.as_str());
    Ok((value, cookie))
}
