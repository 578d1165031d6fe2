//! The consent page: which app, who you are, each permission in words, where the answer goes
//! (RFC 6749 §4.1 step B; RFC 9700 §4.4 asks that people can see whom they trust).

use askama::Template;
use shared::page::Frame;

use super::{ClientCard, ScopeWords};

/// One permission that may be ticked.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// The scope token.
    pub(crate) token: String,
    /// A title in words.
    pub(crate) title: String,
    /// A sentence that says more.
    pub(crate) hint: String,
    /// Why it cannot be left out, where it cannot.
    pub(crate) fixed: Option<String>,
    /// Whether it is ticked when the page is shown.
    pub(crate) ticked: bool,
}

impl Choice {
    /// A permission in the words of the reader's language.
    ///
    /// Two cannot be left out alone: `openid`, without which there is no sign-in, and `offline_access`, because
    /// whether a client gets refresh tokens is settled by its registration (RFC 6749 §1.5).
    pub(crate) fn new(frame: &Frame, token: &str, ticked: bool) -> Self {
        let words = ScopeWords::of(frame, token);
        let fixed = match token {
            "openid" => Some(frame.t("consent-fixed")),
            "offline_access" => Some(frame.t("consent-fixed-offline")),
            _ => None,
        };
        Self {
            token: words.token,
            title: words.title,
            hint: words.hint,
            fixed,
            ticked,
        }
    }
}

/// One line of the request's details.
#[derive(Clone, Debug)]
pub(crate) struct Detail {
    /// The parameter's name.
    pub(crate) name: &'static str,
    /// Its value, if it was sent.
    pub(crate) value: Option<String>,
}

/// `consent.html`.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct Consent {
    /// The frame.
    pub(crate) frame: Frame,
    /// Who is asked.
    pub(crate) person: String,
    /// Who asks.
    pub(crate) client: String,
    /// Its picture and its own pages.
    pub(crate) card: ClientCard,
    /// What it does, as it says itself; may be empty.
    pub(crate) description: String,
    /// Who registered it.
    pub(crate) registered_by: String,
    /// Where the answer goes: an origin.
    pub(crate) destination: String,
    /// The form's token.
    pub(crate) csrf: String,
    /// The handle of the request.
    pub(crate) interaction: String,
    /// What was wrong with the last answer.
    pub(crate) error: Option<String>,
    /// Whether a token would travel in the address bar.
    pub(crate) legacy: bool,
    /// What is asked for.
    pub(crate) scopes: Vec<Choice>,
    /// The APIs that the token is asked for, where the request names any (RFC 8707 §2).
    pub(crate) resources: Vec<String>,
    /// The request, parameter by parameter.
    pub(crate) details: Vec<Detail>,
}
