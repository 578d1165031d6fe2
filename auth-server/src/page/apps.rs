//! The page where a person sees where they are signed in and which apps may act for them, and ends or takes back.

use askama::Template;
use shared::page::Frame;
use shared::time::Timestamp;

use super::{ScopeWords, browser, date_and_time};
use crate::store::sessions::SessionRow;

/// One app that may act for the person.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts are yes or no")]
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
    /// How many live grants it has, as far as they were looked at.
    pub(crate) count: usize,
    /// Whether there may be more than were looked at.
    pub(crate) more: bool,
    /// The latest of them, one by one.
    pub(crate) grants: Vec<GrantLine>,
}

/// One grant.
#[derive(Clone, Debug)]
pub(crate) struct GrantLine {
    /// Its name.
    pub(crate) id: String,
    /// By which grant.
    pub(crate) grant_type: String,
    /// Whether that is kept only to learn from.
    pub(crate) legacy: bool,
    /// Whether it outlives the login session.
    pub(crate) offline: bool,
    /// What it allows, joined by spaces.
    pub(crate) scope: String,
    /// Since when, in UTC.
    pub(crate) since: String,
}

/// One login session.
#[derive(Clone, Debug)]
pub(crate) struct SessionLine {
    /// What it is called.
    pub(crate) sid: String,
    /// With which browser, in words.
    pub(crate) browser: String,
    /// Since when, in UTC.
    pub(crate) since: String,
    /// When it was last used, in UTC.
    pub(crate) last_used: String,
    /// Whether it is the one of this browser.
    pub(crate) here: bool,
}

impl SessionLine {
    /// A session in words; `here` when it is the one of this browser.
    pub(crate) fn new(frame: &Frame, row: &SessionRow, user_agent: &str, here: bool) -> Self {
        let moment = |seconds| date_and_time(Timestamp::from_unix(seconds));
        Self {
            sid: row.sid.clone(),
            browser: match browser::of(user_agent) {
                (Some(browser), Some(system)) => {
                    let words = [("browser", browser), ("system", system)];
                    frame.ta("apps-session-browser", words)
                }
                (Some(one), None) | (None, Some(one)) => one.to_owned(),
                (None, None) => frame.t("apps-session-unknown"),
            },
            since: moment(row.auth_time),
            last_used: moment(row.last_seen_at),
            here,
        }
    }
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
    /// Where the person is signed in: where that was used last, and here.
    pub(crate) sessions: Vec<SessionLine>,
    /// Whether they are signed in at more places than are listed.
    pub(crate) more_sessions: bool,
    /// The apps.
    pub(crate) acting: Vec<App>,
}
