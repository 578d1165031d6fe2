//! The page that posts an authorization response (OAuth 2.0 Form Post Response Mode §2).

use askama::Template;
use shared::page::Frame;

/// `form_post.html`.
#[derive(Template)]
#[template(path = "form_post.html")]
pub(crate) struct FormPost {
    /// The frame.
    pub(crate) frame: Frame,
    /// Whether the response is an error.
    pub(crate) failed: bool,
    /// Where the form goes: the redirection URI.
    pub(crate) action: String,
    /// Its origin, for people to read.
    pub(crate) destination: String,
    /// What the form carries, in order.
    pub(crate) parameters: Vec<(String, String)>,
}
