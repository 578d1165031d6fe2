//! The lessons of what came after RFC 6749: pushed requests, hybrid answers, bound tokens, exchange, step-up, signing
//! out.

use super::learner::Kind;
use super::moment::{self, moment};
use super::shape::{API, AUTH, BROWSER, CLIENT, Lead, Lesson, back, front, inside};

/// RFC 9126.
pub(super) const PUSHED_REQUESTS: Lesson = Lesson {
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
};

/// OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout.
pub(super) const LOGOUT: Lesson = Lesson {
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
};

/// OpenID Connect Core §3.3.
pub(super) const HYBRID: Lesson = Lesson {
    name: "hybrid",
    run: Kind::Hybrid,
    badge: None,
    figure: &[
        front(BROWSER, AUTH),
        front(AUTH, BROWSER),
        front(BROWSER, CLIENT),
        inside(CLIENT),
        back(CLIENT, AUTH),
        back(AUTH, CLIENT),
    ],
    moments: &[
        moment("asks", moment::asks_for_hybrid),
        moment("arrives", moment::hybrid_arrives),
        moment("bound", moment::code_hash_fits),
        moment("trade", moment::code_is_traded),
    ],
    looks: &[
        Lead::Moment("arrives"),
        Lead::Moment("bound"),
        Lead::Knowledge,
    ],
    breaks: &[Lead::Break, Lead::Page("/sign-in")],
    compares: &[(Kind::Hybrid, Kind::Code)],
};

/// Where tokens are bound to a key.
const BOUND_RUN: Lead = Lead::Page("/grants/authorization-code?bound=yes");

/// RFC 9449.
pub(super) const DPOP: Lesson = Lesson {
    name: "dpop",
    run: Kind::Bound,
    badge: None,
    figure: &[
        inside(CLIENT),
        front(BROWSER, AUTH),
        back(CLIENT, AUTH),
        back(AUTH, CLIENT),
        back(CLIENT, API),
        inside(API),
    ],
    moments: &[
        moment("names-key", moment::names_a_key),
        moment("proves", moment::key_is_proven),
        moment("api", moment::bound_token_opens),
        moment("stolen", moment::stolen_token_is_refused),
    ],
    looks: &[Lead::Moment("proves"), Lead::Moment("api"), Lead::Knowledge],
    breaks: &[BOUND_RUN, Lead::Break],
    compares: &[(Kind::Bound, Kind::Code)],
};

/// RFC 8693.
pub(super) const TOKEN_EXCHANGE: Lesson = Lesson {
    name: "token-exchange",
    run: Kind::Exchange,
    badge: None,
    figure: &[
        back(CLIENT, CLIENT),
        back(CLIENT, AUTH),
        inside(AUTH),
        back(AUTH, CLIENT),
        back(CLIENT, API),
    ],
    moments: &[
        moment("hands-over", moment::token_is_handed_over),
        moment("own-token", moment::client_asks_for_itself),
        moment("exchanges", moment::token_is_exchanged),
        moment("api", moment::api_is_called),
    ],
    looks: &[
        Lead::Moment("exchanges"),
        Lead::Moment("api"),
        Lead::Knowledge,
    ],
    breaks: &[Lead::Break, Lead::Page("/paused")],
    compares: &[(Kind::Exchange, Kind::Code)],
};

/// RFC 9470.
pub(super) const STEP_UP: Lesson = Lesson {
    name: "step-up",
    run: Kind::StepUp,
    badge: None,
    figure: &[
        back(CLIENT, API),
        back(API, CLIENT),
        front(BROWSER, AUTH),
        front(AUTH, BROWSER),
        back(CLIENT, AUTH),
        back(CLIENT, API),
    ],
    moments: &[
        moment("asks", moment::asks_for_new_sign_in),
        moment("signs-in", moment::signs_in),
        moment("passes", moment::sign_in_is_recent_enough),
    ],
    looks: &[Lead::Flow, Lead::Moment("asks"), Lead::Moment("passes")],
    breaks: &[
        Lead::Page("/grants/authorization-code"),
        Lead::Page("/paused"),
    ],
    compares: &[],
};
