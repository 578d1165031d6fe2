//! The lessons in the order of the course. Their words stand in the language files, what must be computed of each in the
//! file of its topic.

use super::shape::Lesson;
use super::{family, grants, topics};
use crate::record::flow::Grant;

/// Every lesson.
pub(super) const ALL: &[&Lesson] = &[
    &grants::AUTHORIZATION_CODE,
    &topics::CHANNELS,
    &topics::PKCE,
    &topics::STATE,
    &topics::SCOPES,
    &topics::REFRESH,
    &topics::JWT,
    &grants::CLIENT_CREDENTIALS,
    &grants::JWT_BEARER,
    &family::PUSHED_REQUESTS,
    &family::HYBRID,
    &family::DPOP,
    &family::TOKEN_EXCHANGE,
    &family::STEP_UP,
    &grants::DEVICE,
    &grants::IMPLICIT,
    &grants::PASSWORD,
    &family::LOGOUT,
];

/// The lesson of this name.
pub(super) fn find(name: &str) -> Option<&'static Lesson> {
    ALL.iter().copied().find(|lesson| lesson.name == name)
}

/// The name of the lesson that teaches a grant.
pub(crate) const fn of_grant(grant: Grant) -> Option<&'static str> {
    match grant {
        Grant::AuthorizationCode => Some("authorization-code"),
        Grant::Implicit => Some("implicit"),
        Grant::Password => Some("password"),
        Grant::ClientCredentials => Some("client-credentials"),
        Grant::DeviceCode => Some("device"),
        Grant::JwtBearer => Some("jwt-bearer"),
        Grant::RefreshToken => Some("refresh"),
        Grant::Logout => Some("logout"),
        Grant::Mixed | Grant::Unknown => None,
    }
}
