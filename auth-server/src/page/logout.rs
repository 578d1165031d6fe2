//! The sign-out page: asks before it ends a session; and the page afterwards.

use askama::Template;
use shared::page::Frame;

use crate::logout::frames::LogoutFrame;
use crate::logout::notify::{Outcome, Told};

/// How long the frames have before the browser goes on, in seconds.
const FRAME_SECONDS: u32 = 3;

/// `logout.html`: asks, or says that there is nothing to end.
#[derive(Template)]
#[template(path = "logout.html")]
pub(crate) struct Logout {
    /// The frame.
    pub(crate) frame: Frame,
    /// Which of the header's links this is.
    pub(crate) here: &'static str,
    /// Whether it asks.
    pub(crate) asks: bool,
    /// Who is signed in.
    pub(crate) person: Option<String>,
    /// The client that asks.
    pub(crate) client: Option<String>,
    /// Whether an address to go on to was sent by nobody who is known.
    pub(crate) from_nobody: bool,
    /// The heading.
    pub(crate) title: String,
    /// What is said when it does not ask.
    pub(crate) text: String,
    /// Where the client wants the browser to go.
    pub(crate) destination: Option<String>,
    /// The form's token.
    pub(crate) csrf: String,
    /// The client's request, to be sent along.
    pub(crate) repeated: Vec<(String, String)>,
}

/// One client that was told in the back channel.
struct ToldView {
    name: String,
    class: &'static str,
    text: String,
}

/// `signed_out.html`: the session is over.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(crate) struct SignedOut {
    frame: Frame,
    here: &'static str,
    person: Option<String>,
    told: Vec<ToldView>,
    frames: Vec<LogoutFrame>,
    destination: Option<String>,
    seconds: u32,
}

impl SignedOut {
    /// The page: whom this server told, what the browser loads, and where it goes on to.
    pub(crate) fn new(
        frame: &Frame,
        told: Vec<Told>,
        frames: Vec<LogoutFrame>,
        destination: Option<&str>,
    ) -> Self {
        let told = told.into_iter().map(|one| {
            let outcome = one.outcome.name();
            ToldView {
                class: match one.outcome {
                    Outcome::Told => "fine",
                    Outcome::Waiting => "plain",
                    Outcome::Refused(_) | Outcome::Failed => "legacy",
                },
                text: frame.t(format!("logout-told-{outcome}")),
                name: one.name,
            }
        });
        Self {
            here: "logout",
            person: None,
            told: told.collect(),
            frames,
            destination: destination.map(str::to_owned),
            seconds: FRAME_SECONDS,
            frame: frame.clone().with_return_to(frame.link("/logout")),
        }
    }
}
