//! The lessons of what all grants share: channels, PKCE, state, scopes, refreshing, JWTs.

use super::learner::Kind;
use super::moment::{self, moment};
use super::shape::{API, AUTH, BROWSER, CLIENT, CODE_REFUSED, Lead, Lesson, back, front, inside};

/// Front channel and back channel.
pub(super) const CHANNELS: Lesson = Lesson {
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
};

/// RFC 7636.
pub(super) const PKCE: Lesson = Lesson {
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
};

/// RFC 6749 §10.12, RFC 9207.
pub(super) const STATE: Lesson = Lesson {
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
};

/// RFC 6749 §3.3.
pub(super) const SCOPES: Lesson = Lesson {
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
};

/// RFC 6749 §6, RFC 9700 §4.14.
pub(super) const REFRESH: Lesson = Lesson {
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
};

/// RFC 7519, RFC 9068.
pub(super) const JWT: Lesson = Lesson {
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
};
