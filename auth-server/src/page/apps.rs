//! The page where a person sees the apps that may act for them and takes it back.

use askama::Template;
use shared::page::Frame;

use super::ScopeWords;

/// One app that may act for the person.
#[derive(Clone, Debug)]
pub(crate) struct App {
    /// Its identifier.
    pub(crate) client_id: String,
    /// Its name.
    pub(crate) name: String,
    /// Who registered it.
    pub(crate) registered_by: String,
    /// Whether it belongs to the provider.
    pub(crate) first_party: bool,
    /// Whether it got a token by the implicit grant.
    pub(crate) implicit: bool,
    /// Whether it was given the password.
    pub(crate) password: bool,
    /// What it may do.
    pub(crate) scopes: Vec<ScopeWords>,
    /// Since when, in UTC.
    pub(crate) since: String,
}

impl App {
    /// Whether it used a grant that is kept only to learn from (RFC 9700 §2.1.2, §2.4).
    pub(crate) const fn is_legacy(&self) -> bool {
        self.implicit || self.password
    }
}

/// `apps.html`.
#[derive(Template)]
#[template(path = "apps.html")]
pub(crate) struct Apps {
    /// The frame.
    pub(crate) frame: Frame,
    /// Which of the header's links this is.
    pub(crate) here: &'static str,
    /// Who is signed in.
    pub(crate) person: Option<String>,
    /// The forms' token.
    pub(crate) csrf: String,
    /// The apps.
    pub(crate) acting: Vec<App>,
}
