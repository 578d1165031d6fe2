//! What the browser shows when it comes back from signing out, and in the frame of the provider's page.

use askama::Template;
use shared::page::Frame;

use super::leave::Back;

/// `templates/signed_out.html`
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(super) struct SignedOutPage {
    frame: Frame,
    /// How the session ended here.
    way: &'static str,
    /// The same in words.
    how: String,
    /// The exchange that leads to the flow.
    exchange: String,
    /// The page of the run that it was.
    run: Option<String>,
}

impl SignedOutPage {
    /// The page of a browser that has come back.
    pub(super) fn new(frame: Frame, back: &Back) -> Self {
        let run = back.run.as_ref();
        Self {
            how: frame.t(format!("signed-out-by-{}", back.way.name())),
            way: back.way.name(),
            exchange: back.exchange.to_string(),
            run: run.map(|id| frame.link(format!("/runs/{id}"))),
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
    pub(super) fn new(frame: &Frame, held: bool) -> Self {
        let word = if held { "done" } else { "refused" };
        Self {
            lang: frame.lang_tag(),
            title: frame.t("logout-frame-page-title"),
            text: frame.t(format!("logout-frame-page-{word}")),
        }
    }
}
