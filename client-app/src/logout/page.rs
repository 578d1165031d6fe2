//! What the browser shows when it comes back from signing out, and in the frame of the provider's page.

use askama::Template;
use shared::page::Frame;

use crate::flow::Run;

/// `templates/signed_out.html`
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(super) struct SignedOutPage {
    frame: Frame,
    /// How the session ended here.
    way: &'static str,
    /// The exchange that leads to the flow.
    exchange: String,
    here: String,
}

impl SignedOutPage {
    /// The page of a run whose session is over.
    pub(super) fn new(frame: Frame, run: &Run) -> Self {
        let ended = run.signed_out.as_ref();
        Self {
            way: ended.map_or("return", |ended| ended.way.name()),
            exchange: ended.map_or(&run.exchange, |ended| &ended.exchange).to_string(),
            here: frame.link(format!("/runs/{}", run.id)),
            frame,
        }
    }
}

/// `templates/frontchannel_logout.html`: nobody sees it, unless they open the address.
#[derive(Template)]
#[template(path = "frontchannel_logout.html")]
pub(super) struct FramePage {
    lang: &'static str,
    title: String,
    text: String,
}

impl FramePage {
    /// The page; `held` when the session has ended.
    pub(super) fn new(frame: Frame, held: bool) -> Self {
        let word = if held { "done" } else { "refused" };
        Self {
            lang: frame.lang_tag(),
            title: frame.t("logout-frame-page-title"),
            text: frame.t(format!("logout-frame-page-{word}")),
        }
    }
}
