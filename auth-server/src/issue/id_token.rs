//! ID tokens (OpenID Connect Core §2): who signed in, for the client alone.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::oauth::{Audience, IdTokenClaims};
use shared::time::Timestamp;

use super::keys::JwtType;
use super::{Issue, IssueError};
use crate::store::grants::GrantRow;

/// On which occasion an ID token is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// In answer to the authorization request: with its `nonce`.
    SignIn,
    /// When a token is refreshed: without `nonce`, `auth_time` unchanged (OpenID Connect Core §12.2).
    Refresh,
}

/// Issues an ID token beside `access_token`, which its `at_hash` binds (§3.1.3.6). `None` where the grant is
/// not a person's.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue(
    issue: Issue<'_>,
    grant: &GrantRow,
    access_token: &str,
    occasion: Occasion,
) -> Result<Option<String>, IssueError> {
    let Some(sub) = &grant.sub else {
        return Ok(None);
    };
    let policy = &issue.client.policy;
    let claims = IdTokenClaims {
        iss: issue.realm.issuer.clone(),
        sub: sub.parse()?,
        aud: Audience::One(issue.client.id.to_string()),
        exp: issue.now + policy.id_token_lifetime,
        iat: issue.now,
        auth_time: grant.auth_time.map(Timestamp::from_unix),
        nonce: grant.nonce.clone().filter(|_| occasion == Occasion::SignIn),
        at_hash: Some(at_hash(access_token)),
        azp: None,
        sid: grant.sid.as_deref().map(str::parse).transpose()?,
    };
    let key = issue
        .realm
        .keys
        .signer(policy.id_token_algorithm, issue.now)?;
    key.sign(JwtType::IdToken, &claims).map(Some)
}

/// The left half of the SHA-256 of an access token (§3.1.3.6): ES256 and RS256 both hash by SHA-256.
fn at_hash(access_token: &str) -> String {
    let hash = digest(&SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_is_that_of_openid_connect_core_appendix_a_3() {
        assert_eq!(
            at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
