//! Forms that only our own pages can send: a token without server-side state.
//!
//! Each service gives a browser a random id in a cookie of its own name (`as_browser`,
//! `app_browser`; ports do not separate cookies). A form's token is
//! HMAC-SHA256(key, browser id, realm, purpose): a page of another origin can send the cookie
//! but cannot know the token. Besides, the browser says where a request comes from (`Origin`,
//! `Sec-Fetch-Site`), and another site is refused.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::http::header;
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::Cookies;

/// The bytes of a browser id: 256 bits that nobody guesses.
const BROWSER_ID_BYTES: usize = 32;

/// Why a form was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CsrfError {
    /// `Origin` or `Sec-Fetch-Site` names another site.
    #[error("the form was sent by a page of another site")]
    CrossSite,
    /// The form has no token.
    #[error("the form has no token")]
    Missing,
    /// The token is of another browser, realm or purpose, or of an earlier run of the service.
    #[error("the form's token is not for this browser and page")]
    Mismatch,
}

/// Makes and checks the tokens of a service's forms. Cheap to clone.
#[derive(Clone)]
pub struct Csrf {
    key: hmac::Key,
    origin: String,
}

impl std::fmt::Debug for Csrf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csrf")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Csrf {
    /// Tokens under `key` (32 random bytes or more) for the pages of `public_url`.
    #[must_use]
    pub fn new(key: &[u8], public_url: &str) -> Self {
        let origin = Url::parse(public_url).map_or_else(
            |_| public_url.to_owned(),
            |url| url.origin().ascii_serialization(),
        );
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            origin,
        }
    }

    /// The origin of our own pages, `http://localhost:9000`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// One kind of form (`purpose`, for instance `login`) of one realm, in one browser.
    #[must_use]
    pub fn form(&self, browser: &BrowserId, realm: &str, purpose: &str) -> CsrfForm<'_> {
        let mut message = Vec::new();
        for part in [browser.as_str(), realm, purpose] {
            // With its length before it, no part can run into the next.
            message.extend_from_slice(&part.len().to_be_bytes());
            message.extend_from_slice(part.as_bytes());
        }
        CsrfForm {
            csrf: self,
            message,
        }
    }

    /// Whether `request` comes from a page of ours or from no page at all, by what the browser says. Where nothing
    /// else is checked: an origin that is hidden (`null`) is ours only where the browser says so in
    /// `Sec-Fetch-Site`; a sandboxed frame of another site has the same.
    ///
    /// # Errors
    /// [`CsrfError::CrossSite`].
    pub fn verify_origin(&self, request: &HttpRequest) -> Result<(), CsrfError> {
        self.not_foreign(request)?;
        let text = |name: &str| {
            let value = request.headers().get(name);
            value.and_then(|value| value.to_str().ok())
        };
        let hidden = text(header::ORIGIN.as_str()) == Some("null");
        if hidden && text("sec-fetch-site") != Some("same-origin") {
            return Err(CsrfError::CrossSite);
        }
        Ok(())
    }

    /// Whether nothing says that `request` comes from another site. Our own forms say `null` too: that is what
    /// `Referrer-Policy: no-referrer` makes of the origin of a navigation, and outside of loopback and https a
    /// browser says no more than that. So whoever asks only this has a token to check, or
    /// nothing to lose.
    ///
    /// # Errors
    /// [`CsrfError::CrossSite`].
    pub fn not_foreign(&self, request: &HttpRequest) -> Result<(), CsrfError> {
        let text = |name| {
            request
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap_or_default())
        };
        let site = text("sec-fetch-site");
        if site.is_some_and(|site| site != "same-origin") {
            return Err(CsrfError::CrossSite);
        }
        match text(header::ORIGIN.as_str()) {
            None | Some("null") => Ok(()),
            Some(origin) if origin == self.origin => Ok(()),
            Some(_) => Err(CsrfError::CrossSite),
        }
    }
}

/// A form that is about to be shown, or was submitted.
#[derive(Debug, Clone)]
pub struct CsrfForm<'a> {
    csrf: &'a Csrf,
    message: Vec<u8>,
}

impl CsrfForm<'_> {
    /// The value of the form's hidden field.
    #[must_use]
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.csrf.key, &self.message))
    }

    /// Checks a submitted form: where it comes from, and its token.
    ///
    /// # Errors
    /// [`CsrfError`].
    pub fn verify(&self, request: &HttpRequest, submitted: Option<&str>) -> Result<(), CsrfError> {
        self.csrf.not_foreign(request)?;
        self.verify_token(submitted)
    }

    /// Checks the token alone: for a page of ours that another page of ours leads to by redirect.
    ///
    /// # Errors
    /// [`CsrfError::Missing`], [`CsrfError::Mismatch`].
    pub fn verify_token(&self, submitted: Option<&str>) -> Result<(), CsrfError> {
        let submitted = submitted
            .filter(|token| !token.is_empty())
            .ok_or(CsrfError::Missing)?;
        let token = URL_SAFE_NO_PAD
            .decode(submitted)
            .map_err(|_| CsrfError::Mismatch)?;
        // Takes the same time wherever the first difference is.
        hmac::verify(&self.csrf.key, &self.message, &token).map_err(|_| CsrfError::Mismatch)
    }
}

/// Which browser this is, for one service: a random value in a cookie that means nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserId {
    value: String,
    cookie_name: &'static str,
    cookies: Cookies,
    is_new: bool,
}

impl BrowserId {
    /// The browser that sent `request`, by the cookie `cookie_name` (`as_browser`) of the service's `cookies`; a new
    /// id when it has none, or one that we cannot have given.
    #[must_use]
    pub fn of(request: &HttpRequest, (cookies, cookie_name): (Cookies, &'static str)) -> Self {
        let known = cookies.value(request, cookie_name).filter(|value| {
            URL_SAFE_NO_PAD
                .decode(value)
                .is_ok_and(|bytes| bytes.len() == BROWSER_ID_BYTES)
        });
        let is_new = known.is_none();
        Self {
            value: known.unwrap_or_else(random_id),
            cookie_name,
            cookies,
            is_new,
        }
    }

    /// The id itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Whether the browser came without one.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// The cookie to set, if the browser has none yet.
    #[must_use]
    pub fn new_cookie(&self) -> Option<Cookie<'static>> {
        self.is_new
            .then(|| self.cookies.make(self.cookie_name, self.value.as_str()))
    }
}

impl std::fmt::Debug for BrowserId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BrowserId({}=<hidden>)", self.cookie_name)
    }
}

fn random_id() -> String {
    let mut bytes = [0; BROWSER_ID_BYTES];
    // aws-lc takes its randomness from the system at start-up and does not fail later; if it
    // did, an id of zeros would be the same for everybody: better to stop here.
    assert!(rand::fill(&mut bytes).is_ok(), "no random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn csrf() -> Csrf {
        Csrf::new(&[7; 32], "http://localhost:9000/")
    }

    fn place() -> (Cookies, &'static str) {
        (Cookies::of("http://localhost:9000"), "as_browser")
    }

    fn browser() -> BrowserId {
        BrowserId::of(&TestRequest::default().to_http_request(), place())
    }

    #[test]
    fn a_token_is_for_one_browser_realm_and_purpose() {
        let (csrf, alice) = (csrf(), browser());
        let request = TestRequest::default().to_http_request();
        let token = csrf.form(&alice, "default", "login").token();
        let verify = |browser: &BrowserId, realm: &str, purpose: &str| {
            csrf.form(browser, realm, purpose)
                .verify(&request, Some(&token))
        };
        assert_eq!(verify(&alice, "default", "login"), Ok(()));
        let mismatch = Err(CsrfError::Mismatch);
        assert_eq!(verify(&browser(), "default", "login"), mismatch);
        assert_eq!(verify(&alice, "other", "login"), mismatch);
        assert_eq!(verify(&alice, "default", "consent"), mismatch);
        assert_eq!(verify(&alice, "defaultlogin", ""), mismatch);
    }

    #[test]
    fn a_form_without_a_token_is_refused() {
        let (csrf, browser) = (csrf(), browser());
        let request = TestRequest::default().to_http_request();
        let form = csrf.form(&browser, "default", "login");
        assert_eq!(form.verify(&request, None), Err(CsrfError::Missing));
        assert_eq!(form.verify(&request, Some("")), Err(CsrfError::Missing));
    }

    #[test]
    fn another_site_is_refused_whatever_its_token() {
        let csrf = csrf();
        let from = |name: &'static str, value: &'static str| {
            csrf.verify_origin(
                &TestRequest::default()
                    .insert_header((name, value))
                    .to_http_request(),
            )
        };
        assert_eq!(from("origin", "http://localhost:9000"), Ok(()));
        assert_eq!(from("sec-fetch-site", "same-origin"), Ok(()));
        let refused = Err(CsrfError::CrossSite);
        assert_eq!(from("origin", "http://localhost:8080"), refused);
        assert_eq!(from("sec-fetch-site", "same-site"), refused);
        assert_eq!(from("sec-fetch-site", "cross-site"), refused);
        assert_eq!(
            from("origin", "null"),
            refused,
            "a sandboxed frame has it too"
        );
        let ours = TestRequest::default()
            .insert_header(("origin", "null"))
            .insert_header(("sec-fetch-site", "same-origin"))
            .to_http_request();
        assert_eq!(csrf.verify_origin(&ours), Ok(()));
    }

    #[test]
    fn a_browser_keeps_its_id() {
        let first = browser();
        let cookie = first.new_cookie().unwrap();
        assert_eq!(cookie.http_only(), Some(true));
        let request = TestRequest::default().cookie(cookie).to_http_request();
        let again = BrowserId::of(&request, place());
        assert_eq!(again.as_str(), first.as_str());
        assert!(again.new_cookie().is_none());
    }
}
