//! The sign-out page: asks before it ends a session.

use askama::Template;
use shared::page::Frame;

/// `logout.html`.
#[derive(Template)]
#[template(path = "logout.html")]
pub(crate) struct Logout {
    /// The frame.
    pub(crate) frame: Frame,
    /// Which of the header's links this is.
    pub(crate) here: &'static str,
    /// Who is signed in; nobody after signing out.
    pub(crate) person: Option<String>,
    /// The heading.
    pub(crate) title: String,
    /// What is said when nobody is signed in.
    pub(crate) text: String,
    /// The form's token.
    pub(crate) csrf: String,
}
