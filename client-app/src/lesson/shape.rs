//! The shape of a lesson: what of one must be computed, and the words in which the lessons are written down.

use super::learner::Kind;
use super::moment::Moment;

/// One lesson.
#[derive(Debug)]
pub(super) struct Lesson {
    /// Its name in addresses and language keys.
    pub(super) name: &'static str,
    /// What it teaches with: the kind of run that it points into.
    pub(super) run: Kind,
    /// The badge of its grant, for the lessons of grants: `safest`, `fine` or `legacy`.
    pub(super) badge: Option<&'static str>,
    /// Its drawing.
    pub(super) figure: &'static [Arrow],
    /// The moments of the run that it points at, in their order.
    pub(super) moments: &'static [Moment],
    /// Where the answers to its questions can be looked up; question `n` is `lesson-{name}-look-{n}`.
    pub(super) looks: &'static [Lead],
    /// What to break, `lesson-{name}-break-{n}`.
    pub(super) breaks: &'static [Lead],
    /// Which two runs to put side by side, `lesson-{name}-compare-{n}`.
    pub(super) compares: &'static [(Kind, Kind)],
}

/// Where something can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// Who knows what in the run.
    Knowledge,
    /// The run itself.
    Flow,
    /// The moment of this name.
    Moment(&'static str),
    /// The run, to be broken.
    Break,
    /// The lifetimes of what the run gave.
    Lifetimes,
    /// A page of the client app.
    Page(&'static str),
}

/// An arrow of a drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    /// Who speaks.
    pub(super) from: &'static str,
    /// To whom.
    pub(super) to: &'static str,
    /// How it travels.
    pub(super) way: Way,
}

/// How something travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Through the browser.
    Front,
    /// Server to server.
    Back,
    /// It stays in the browser.
    Stays,
    /// It happens inside one party.
    Inside,
}

/// The browser: parties stand here by their names in language keys.
pub(super) const BROWSER: &str = "browser";
/// The client app.
pub(super) const CLIENT: &str = "client-app";
/// The auth server.
pub(super) const AUTH: &str = "auth-server";
/// The resource server.
pub(super) const API: &str = "resource-server";

/// An arrow of any kind.
pub(super) const fn arrow(from: &'static str, to: &'static str, way: Way) -> Arrow {
    Arrow { from, to, way }
}

/// Through the browser.
pub(super) const fn front(from: &'static str, to: &'static str) -> Arrow {
    arrow(from, to, Way::Front)
}

/// Server to server.
pub(super) const fn back(from: &'static str, to: &'static str) -> Arrow {
    arrow(from, to, Way::Back)
}

/// Inside one party.
pub(super) const fn inside(party: &'static str) -> Arrow {
    arrow(party, party, Way::Inside)
}

/// The page on which the authorization code is refused on purpose.
pub(super) const CODE_REFUSED: Lead = Lead::Page("/grants/authorization-code#refused");
