//! The lessons as data: what each points at in a run, what to look at, what to break, what to compare, what comes next.
//!
//! The words stand in the language files; here stands only what must be computed. The order is that of the course.

use super::learner::Kind;
use super::moment::{self, Moment, moment};
use crate::record::flow::Grant;

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

const BROWSER: &str = "browser";
const CLIENT: &str = "client-app";
const AUTH: &str = "auth-server";
const API: &str = "resource-server";

const fn arrow(from: &'static str, to: &'static str, way: Way) -> Arrow {
    Arrow { from, to, way }
}

/// Through the browser.
const fn front(from: &'static str, to: &'static str) -> Arrow {
    arrow(from, to, Way::Front)
}

/// Server to server.
const fn back(from: &'static str, to: &'static str) -> Arrow {
    arrow(from, to, Way::Back)
}

/// Inside one party.
const fn inside(party: &'static str) -> Arrow {
    arrow(party, party, Way::Inside)
}

/// The page on which the authorization code is refused on purpose.
const CODE_REFUSED: Lead = Lead::Page("/grants/authorization-code#refused");

/// Every lesson, in the order of the course.
pub(super) const ALL: &[Lesson] = &[
    Lesson {
        name: "authorization-code",
        run: Kind::Code,
        badge: Some("safest"),
        figure: &[
            front(BROWSER, CLIENT),
            front(BROWSER, AUTH),
            front(AUTH, BROWSER),
            front(BROWSER, CLIENT),
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
            back(CLIENT, API),
        ],
        moments: &[
            moment("asks", moment::asks),
            moment("signs-in", moment::signs_in),
            moment("decides", moment::decides),
            moment("code-given", moment::code_is_given),
            moment("code-arrives", moment::code_arrives),
            moment("trade", moment::code_is_traded),
            moment("api", moment::api_is_called),
        ],
        looks: &[
            Lead::Knowledge,
            Lead::Moment("code-arrives"),
            Lead::Moment("trade"),
            Lead::Knowledge,
        ],
        breaks: &[Lead::Break, Lead::Break, CODE_REFUSED],
        compares: &[(Kind::Code, Kind::Implicit), (Kind::Code, Kind::Password)],
    },
    Lesson {
        name: "channels",
        run: Kind::Code,
        badge: None,
        figure: &[
            front(BROWSER, AUTH),
            front(AUTH, BROWSER),
            front(BROWSER, CLIENT),
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
        ],
        moments: &[
            moment("asks", moment::asks),
            moment("code-given", moment::code_is_given),
            moment("code-arrives", moment::code_arrives),
            moment("trade", moment::code_is_traded),
        ],
        looks: &[
            Lead::Knowledge,
            Lead::Moment("code-given"),
            Lead::Moment("trade"),
        ],
        breaks: &[Lead::Break, Lead::Page("/grants/implicit")],
        compares: &[(Kind::Code, Kind::Implicit), (Kind::Code, Kind::Machine)],
    },
    Lesson {
        name: "pkce",
        run: Kind::Code,
        badge: None,
        figure: &[
            inside(CLIENT),
            front(BROWSER, AUTH),
            front(AUTH, BROWSER),
            front(BROWSER, CLIENT),
            back(CLIENT, AUTH),
            inside(AUTH),
        ],
        moments: &[
            moment("challenge", moment::asks_with_challenge),
            moment("code-arrives", moment::code_arrives),
            moment("verifier", moment::verifier_is_shown),
        ],
        looks: &[
            Lead::Knowledge,
            Lead::Moment("challenge"),
            Lead::Moment("verifier"),
        ],
        breaks: &[CODE_REFUSED, Lead::Break, Lead::Break],
        compares: &[(Kind::Code, Kind::CodeWithoutPkce)],
    },
    Lesson {
        name: "state",
        run: Kind::Code,
        badge: None,
        figure: &[
            inside(CLIENT),
            front(BROWSER, AUTH),
            front(AUTH, BROWSER),
            front(BROWSER, CLIENT),
            inside(CLIENT),
        ],
        moments: &[
            moment("asks", moment::asks_with_state),
            moment("comes-back", moment::code_is_given),
            moment("checked", moment::state_is_checked),
        ],
        looks: &[
            Lead::Moment("asks"),
            Lead::Moment("checked"),
            Lead::Knowledge,
        ],
        breaks: &[CODE_REFUSED, Lead::Break],
        compares: &[],
    },
    Lesson {
        name: "scopes",
        run: Kind::Code,
        badge: None,
        figure: &[
            front(BROWSER, AUTH),
            front(AUTH, BROWSER),
            back(AUTH, CLIENT),
            back(CLIENT, API),
            back(CLIENT, API),
        ],
        moments: &[
            moment("asks", moment::asks_for_scope),
            moment("decides", moment::decides),
            moment("granted", moment::scope_is_granted),
            moment("enforced", moment::scope_is_enforced),
        ],
        looks: &[
            Lead::Moment("asks"),
            Lead::Moment("granted"),
            Lead::Moment("enforced"),
        ],
        breaks: &[
            CODE_REFUSED,
            Lead::Page("/grants/client-credentials#refused"),
        ],
        compares: &[(Kind::Code, Kind::Machine)],
    },
    Lesson {
        name: "refresh",
        run: Kind::Refresh,
        badge: None,
        figure: &[
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
        ],
        moments: &[
            moment("first", moment::refresh_token_is_given),
            moment("refresh", moment::refreshes),
            moment("reuse", moment::reuse_is_refused),
        ],
        looks: &[Lead::Lifetimes, Lead::Moment("refresh"), Lead::Knowledge],
        breaks: &[Lead::Page("/grants/refresh-token"), Lead::Break],
        compares: &[(Kind::Refresh, Kind::Machine)],
    },
    Lesson {
        name: "jwt",
        run: Kind::Code,
        badge: None,
        figure: &[
            back(AUTH, CLIENT),
            back(CLIENT, API),
            back(API, AUTH),
            inside(API),
            inside(API),
        ],
        moments: &[
            moment("given", moment::token_is_given),
            moment("keys", moment::keys_are_fetched),
            moment("id-token", moment::id_token_is_verified),
            moment("verified", moment::token_is_verified),
        ],
        looks: &[
            Lead::Moment("given"),
            Lead::Moment("verified"),
            Lead::Moment("id-token"),
            Lead::Lifetimes,
        ],
        breaks: &[Lead::Break, Lead::Break],
        compares: &[(Kind::Code, Kind::Machine)],
    },
    Lesson {
        name: "client-credentials",
        run: Kind::Machine,
        badge: Some("fine"),
        figure: &[back(CLIENT, AUTH), back(AUTH, CLIENT), back(CLIENT, API)],
        moments: &[
            moment("asks", moment::client_asks_for_itself),
            moment("api", moment::api_is_called),
        ],
        looks: &[Lead::Knowledge, Lead::Moment("asks"), Lead::Flow],
        breaks: &[
            Lead::Page("/grants/client-credentials#refused"),
            Lead::Break,
        ],
        compares: &[(Kind::Machine, Kind::Code)],
    },
    Lesson {
        name: "pushed-requests",
        run: Kind::Pushed,
        badge: None,
        figure: &[
            front(BROWSER, CLIENT),
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
            front(BROWSER, AUTH),
            front(AUTH, BROWSER),
            back(CLIENT, AUTH),
        ],
        moments: &[
            moment("pushes", moment::pushes),
            moment("refers", moment::refers),
            moment("signs-in", moment::signs_in),
            moment("code-given", moment::code_is_given),
            moment("trade", moment::code_is_traded),
        ],
        looks: &[
            Lead::Moment("refers"),
            Lead::Moment("pushes"),
            Lead::Knowledge,
        ],
        breaks: &[
            Lead::Break,
            Lead::Page("/grants/authorization-code?delivery=signed"),
        ],
        compares: &[(Kind::Pushed, Kind::Code)],
    },
    Lesson {
        name: "device",
        run: Kind::Device,
        badge: Some("fine"),
        figure: &[
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
            front(BROWSER, AUTH),
            back(CLIENT, AUTH),
            front(BROWSER, AUTH),
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
            back(CLIENT, API),
        ],
        moments: &[
            moment("asks", moment::device_asks),
            moment("waits", moment::device_waits),
            moment("code-entered", moment::user_code_is_entered),
            moment("confirms", moment::device_is_confirmed),
            moment("trade", moment::device_code_is_traded),
            moment("api", moment::api_is_called),
        ],
        looks: &[
            Lead::Knowledge,
            Lead::Moment("asks"),
            Lead::Moment("confirms"),
            Lead::Moment("waits"),
        ],
        breaks: &[
            Lead::Page("/grants/device#refused"),
            Lead::Page("/grants/device"),
            Lead::Page("/grants/device"),
        ],
        compares: &[(Kind::Device, Kind::Code)],
    },
    Lesson {
        name: "implicit",
        run: Kind::Implicit,
        badge: Some("legacy"),
        figure: &[
            front(BROWSER, AUTH),
            front(AUTH, BROWSER),
            arrow(BROWSER, BROWSER, Way::Stays),
            front(BROWSER, API),
        ],
        moments: &[
            moment("asks", moment::asks),
            moment("token-given", moment::token_in_fragment),
            moment("stays", moment::fragment_is_read),
            moment("api", moment::browser_calls_api),
        ],
        looks: &[Lead::Knowledge, Lead::Moment("token-given"), Lead::Flow],
        breaks: &[Lead::Break, Lead::Page("/grants/implicit")],
        compares: &[(Kind::Implicit, Kind::Code)],
    },
    Lesson {
        name: "password",
        run: Kind::Password,
        badge: Some("legacy"),
        figure: &[
            front(BROWSER, CLIENT),
            back(CLIENT, AUTH),
            back(AUTH, CLIENT),
            back(CLIENT, API),
        ],
        moments: &[
            moment("typed", moment::password_is_typed),
            moment("trade", moment::password_is_traded),
            moment("api", moment::api_is_called),
        ],
        looks: &[Lead::Knowledge, Lead::Moment("trade"), Lead::Flow],
        breaks: &[Lead::Page("/grants/password#refused"), Lead::Break],
        compares: &[(Kind::Password, Kind::Code)],
    },
    Lesson {
        name: "logout",
        run: Kind::Logout,
        badge: None,
        figure: &[
            front(BROWSER, CLIENT),
            front(BROWSER, AUTH),
            back(AUTH, CLIENT),
            front(BROWSER, CLIENT),
            front(BROWSER, CLIENT),
        ],
        moments: &[
            moment("asks", moment::asks_to_sign_out),
            moment("told", moment::is_told_of_the_end),
            moment("frame", moment::is_framed),
            moment("returns", moment::returns_signed_out),
        ],
        looks: &[Lead::Moment("told"), Lead::Moment("asks"), Lead::Flow],
        breaks: &[Lead::Page("/paused")],
        compares: &[],
    },
];

/// The lesson of this name.
pub(super) fn find(name: &str) -> Option<&'static Lesson> {
    ALL.iter().find(|lesson| lesson.name == name)
}

/// The name of the lesson that teaches a grant.
pub(crate) const fn of_grant(grant: Grant) -> Option<&'static str> {
    match grant {
        Grant::AuthorizationCode => Some("authorization-code"),
        Grant::Implicit => Some("implicit"),
        Grant::Password => Some("password"),
        Grant::ClientCredentials => Some("client-credentials"),
        Grant::DeviceCode => Some("device"),
        Grant::RefreshToken => Some("refresh"),
        Grant::Logout => Some("logout"),
        Grant::Mixed | Grant::Unknown => None,
    }
}
