//! The lessons of the grants: RFC 6749 §4, RFC 7523, RFC 8628.

use super::learner::Kind;
use super::moment::{self, moment};
use super::shape::{
    API, AUTH, BROWSER, CLIENT, CODE_REFUSED, Lead, Lesson, Way, arrow, back, front, inside,
};

/// RFC 6749 §4.1.
pub(super) const AUTHORIZATION_CODE: Lesson = Lesson {
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
};

/// RFC 6749 §4.4.
pub(super) const CLIENT_CREDENTIALS: Lesson = Lesson {
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
};

/// RFC 8628.
pub(super) const DEVICE: Lesson = Lesson {
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
};

/// RFC 7523 §2.1.
pub(super) const JWT_BEARER: Lesson = Lesson {
    name: "jwt-bearer",
    run: Kind::Assertion,
    badge: Some("fine"),
    figure: &[
        inside(CLIENT),
        back(CLIENT, AUTH),
        back(AUTH, CLIENT),
        inside(AUTH),
        back(AUTH, CLIENT),
        back(CLIENT, API),
    ],
    moments: &[
        moment("asks", moment::asks_by_assertion),
        moment("key", moment::client_keys_are_fetched),
        moment("agreed", moment::subject_is_agreed),
        moment("api", moment::api_is_called),
    ],
    looks: &[Lead::Moment("asks"), Lead::Flow, Lead::Knowledge],
    breaks: &[Lead::Page("/grants/jwt-bearer#refused"), Lead::Break],
    compares: &[
        (Kind::Assertion, Kind::Machine),
        (Kind::Assertion, Kind::Code),
    ],
};

/// RFC 6749 §4.2: kept to learn from.
pub(super) const IMPLICIT: Lesson = Lesson {
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
};

/// RFC 6749 §4.3: kept to learn from.
pub(super) const PASSWORD: Lesson = Lesson {
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
};
