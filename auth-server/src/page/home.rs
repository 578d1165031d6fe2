//! The front page: what this server is, who is signed in, whom the demo knows.

use askama::Template;
use shared::page::Frame;

use super::DemoPerson;

/// A client of the demo, with the secret that everybody knows.
#[derive(Clone, Debug)]
pub(crate) struct DemoClient {
    /// Its name.
    pub(crate) name: String,
    /// Its identifier.
    pub(crate) client_id: String,
    /// Its secret; none for a public client.
    pub(crate) secret: Option<String>,
    /// The grants that it may use.
    pub(crate) grants: Vec<GrantName>,
    /// Where it may have answers sent.
    pub(crate) redirect_uris: Vec<String>,
}

/// A grant by its name on the wire.
#[derive(Clone, Debug)]
pub(crate) struct GrantName {
    /// `authorization_code`.
    pub(crate) name: String,
    /// Whether it is kept only to learn from.
    pub(crate) legacy: bool,
}

/// An endpoint of this server.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// What it is.
    pub(crate) title: String,
    /// Its method.
    pub(crate) method: &'static str,
    /// Where it is.
    pub(crate) url: String,
    /// Whether a person can open it in a browser.
    pub(crate) readable: bool,
}

/// `home.html`.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct Home {
    /// The frame.
    pub(crate) frame: Frame,
    /// Which of the header's links this is.
    pub(crate) here: &'static str,
    /// Who is signed in.
    pub(crate) person: Option<String>,
    /// The issuer identifier.
    pub(crate) issuer: String,
    /// Whom the demo knows.
    pub(crate) people: Vec<DemoPerson>,
    /// Which programs it knows.
    pub(crate) clients: Vec<DemoClient>,
    /// Where programs go.
    pub(crate) endpoints: Vec<Endpoint>,
}
