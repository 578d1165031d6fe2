//! The page that implicit's answer comes to: it is the same for everybody, because no server sees the fragment.

use askama::Template;
use shared::page::Frame;

use crate::flow::Step;

/// `templates/implicit_callback.html`
#[derive(Template)]
#[template(path = "implicit_callback.html")]
pub(crate) struct ImplicitCallbackPage {
    frame: Frame,
    issuer: String,
    resource: String,
    redirect_uri: String,
    /// The exchange that brings the page: its script names it to the record.
    exchange: String,
}

impl ImplicitCallbackPage {
    /// The page.
    pub(crate) fn new(frame: Frame, step: &Step<'_>, redirect_uri: &str) -> Self {
        Self {
            issuer: step.issuer(),
            resource: step.state.addresses.resource(step.realm),
            redirect_uri: redirect_uri.to_owned(),
            exchange: step.observation.id().to_string(),
            frame,
        }
    }
}
