//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): what a client is told when a session ends.
//!
//! Signed as the client's ID tokens are. It never carries a `nonce`, so that nobody can take it for one.

use serde::Serialize;
use shared::oauth::{Audience, SessionId, Subject, TokenId, random_id};
use shared::time::{Lifetime, Timestamp};

use super::keys::JwtType;
use super::{Issue, IssueError};

/// How long a logout token lives: §2.4 recommends two minutes at most.
const LIFETIME: Lifetime = Lifetime::from_minutes(2);

/// The claims.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a Subject,
    aud: Audience,
    iat: Timestamp,
    exp: Timestamp,
    jti: TokenId,
    events: Events,
    sid: &'a SessionId,
}

/// What happened: exactly this.
#[derive(Serialize)]
struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    backchannel_logout: Nothing,
}

/// An empty object.
#[derive(Serialize)]
struct Nothing {}

/// Issues the logout token for a session `sid` of the person whom the client knows as `sub`.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue(
    issue: Issue<'_>,
    sub: &Subject,
    sid: &SessionId,
) -> Result<String, IssueError> {
    let claims = Claims {
        iss: &issue.realm.issuer,
        sub,
        aud: Audience::One(issue.client.id.to_string()),
        iat: issue.now,
        exp: issue.now + LIFETIME,
        jti: random_id()?.parse()?,
        events: Events {
            backchannel_logout: Nothing {},
        },
        sid,
    };
    let algorithm = issue.client.policy.id_token_algorithm;
    let key = issue.realm.keys.signer(algorithm, issue.now)?;
    key.sign(JwtType::LogoutToken, &claims)
}
