//! The sign-in page (OpenID Connect Core §3.1.2.3).

use askama::Template;
use shared::page::Frame;

use super::ClientCard;

/// Somebody of the demo, with the password that everybody knows.
#[derive(Clone, Debug)]
pub(crate) struct DemoPerson {
    /// What people call them.
    pub(crate) name: String,
    /// What they type.
    pub(crate) username: String,
    /// And this.
    pub(crate) password: String,
}

/// `login.html`.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct Login {
    /// The frame.
    pub(crate) frame: Frame,
    /// Who is signed in already, and is asked to do so again.
    pub(crate) person: Option<String>,
    /// The client that waits, by name.
    pub(crate) client: Option<String>,
    /// Its picture and its own pages.
    pub(crate) card: Option<ClientCard>,
    /// The form's token.
    pub(crate) csrf: String,
    /// The user code of the device that the person came to connect (RFC 8628 §3.3).
    pub(crate) user_code: Option<String>,
    /// The handle of the request that waits.
    pub(crate) interaction: Option<String>,
    /// What the user name field holds.
    pub(crate) username: String,
    /// What went wrong the last time.
    pub(crate) error: Option<String>,
    /// Whom to sign in as, in a demo.
    pub(crate) people: Vec<DemoPerson>,
}
