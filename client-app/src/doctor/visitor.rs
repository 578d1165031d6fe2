//! What the browser's own request says: the name by which it came, its cookies (names only), its language.
//!
//! Knows actix only to read the request and to set the cookie of the test.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use shared::oauth::{NoRandomness, SessionToken};
use shared::realm::RealmName;

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
    /// Whether the language was chosen by hand.
    pub(super) language_cookie: bool,
    /// Whether this is Safari: it has a mode that demands https for every address.
    pub(super) is_safari: bool,
}

impl Visitor {
    /// The sender of `request`.
    pub(super) fn of(request: &HttpRequest, realm: &RealmName, test: CookieTest) -> Self {
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
        let own = realm.cookie_name(COOKIE);
        Self {
            host: value_of(header::HOST),
            cookies: names
                .filter(|name| !name.is_empty() && *name != own)
                .map(|name| name.chars().take(60).collect())
                .collect(),
            cookie_bytes: lines.iter().map(|line| line.len()).sum(),
            test,
            accept_language: value_of(header::ACCEPT_LANGUAGE).chars().take(80).collect(),
            language_cookie: request
                .cookie(shared::page::text::LANGUAGE_COOKIE)
                .is_some(),
            is_safari: agent.contains("Safari/")
                && agent.contains("Version/")
                && !agent.contains("Chrome"),
        }
    }
}

/// How the test went, by what came back; `None` where it begins only now.
pub(super) fn test_of(request: &HttpRequest, realm: &RealmName) -> Option<CookieTest> {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let mut sent = query.filter(|(name, _)| name == PARAMETER);
    let (_, sent) = sent.next()?;
    let kept = request
        .cookie(&realm.cookie_name(COOKIE))
        .is_some_and(|cookie| cookie.value() == sent);
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
    realm: &RealmName,
    secure: bool,
) -> Result<(String, Cookie<'static>), NoRandomness> {
    let value = SessionToken::generate()?.expose().to_owned();
    let cookie = Cookie::build(realm.cookie_name(COOKIE), value.clone())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .finish();
    Ok((value, cookie))
}
