//! The browser's session with the print shop: a random name in a cookie, and nothing else in it.
//!
//! Knows actix only to read and set the cookie. Tokens never enter the browser (draft-ietf-oauth-browser-based-apps
//! §6.1): they stay with the run, and a run belongs to one session. The cookie is `HttpOnly` and `SameSite=Lax`, and
//! each realm has one of its own name, as ports do not separate cookies.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use shared::oauth::{Digest, NoRandomness, SessionToken};
use shared::realm::RealmName;
use shared::serve::Cookies;

/// The cookie's name in the default realm.
const COOKIE: &str = "app_session";
/// The length of a session's name: 256 bits in base64url.
const LENGTH: usize = 43;

/// One browser's session in one realm.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    token: SessionToken,
    is_new: bool,
}

impl Session {
    /// The session of `request`, when its cookie could be one of ours.
    pub(crate) fn find(
        request: &HttpRequest,
        (cookies, realm): (Cookies, &RealmName),
    ) -> Option<Self> {
        let value = cookies.value(request, &realm.cookie_name(COOKIE))?;
        let well_formed = value.len() == LENGTH
            && value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        well_formed.then(|| Self {
            token: SessionToken::from_text(value),
            is_new: false,
        })
    }

    /// A new session, whose cookie has to be set.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub(crate) fn start() -> Result<Self, NoRandomness> {
        Ok(Self {
            token: SessionToken::generate()?,
            is_new: true,
        })
    }

    /// What the run store keeps of the session: not the cookie itself.
    pub(crate) fn owner(&self) -> Digest {
        self.token.digest()
    }

    /// The cookie to set, if the browser has none yet.
    pub(crate) fn new_cookie(
        &self,
        (cookies, realm): (Cookies, &RealmName),
    ) -> Option<Cookie<'static>> {
        self.is_new
            .then(|| cookies.make(&realm.cookie_name(COOKIE), self.token.expose()))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_session_returns_with_its_cookie_and_only_in_its_realm() {
        let (home, blue) = (RealmName::default_realm(), "blue".parse().unwrap());
        let plain = Cookies::of("http://localhost:8080");
        let session = Session::start().unwrap();
        let cookie = session.new_cookie((plain, &home)).unwrap();
        assert_eq!(cookie.http_only(), Some(true));
        let request = TestRequest::default().cookie(cookie).to_http_request();
        let again = Session::find(&request, (plain, &home)).unwrap();
        assert!(again.owner().matches(&session.owner()));
        assert!(again.new_cookie((plain, &home)).is_none());
        assert!(Session::find(&request, (plain, &blue)).is_none());
    }

    #[test]
    fn a_cookie_that_we_cannot_have_set_is_no_session() {
        let home = RealmName::default_realm();
        let cookie = Cookie::new("app_session", "chosen-by-an-attacker");
        let request = TestRequest::default().cookie(cookie).to_http_request();
        let plain = Cookies::of("http://localhost:8080");
        assert!(Session::find(&request, (plain, &home)).is_none());
    }
}
