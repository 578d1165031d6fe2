//! Refresh tokens (RFC 6749 §1.5): the first of a family, and the successor of each.
//!
//! A successor is `HMAC-SHA256(seed, token that is rotated)`, with a random seed of its own kept beside each token
//! from its first day: so a rotation writes nothing new into its row but a moment, which has room where it stands. A
//! client that lost an answer and asks again within the grace window gets *the same* successor,
//! although the store knows only its digest: there is never more than one live branch. Neither the store
//! alone (it lacks the token) nor the token alone (it lacks the seed) gives the successor.

use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::oauth::{NoRandomness, RefreshToken};
use shared::time::{Lifetime, Timestamp};

use super::{Issue, IssueError};
use crate::store::DbConnection;
use crate::store::grants::GrantRow;
use crate::store::refresh_tokens::{self, RefreshTokenRow};

/// Issues the first refresh token of a grant, for as long as the client's policy lets it live unused.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue_first(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    grant: &GrantRow,
) -> Result<RefreshToken, IssueError> {
    let token = RefreshToken::generate()?;
    let family = Family {
        grant,
        scope: &grant.scope,
        generation: 0,
    };
    refresh_tokens::insert(tx, &row(issue, &family, &token)?)?;
    Ok(token)
}

/// Which family a token belongs to, and where in it.
pub(crate) struct Family<'a> {
    /// The grant.
    pub(crate) grant: &'a GrantRow,
    /// The scope that its tokens can give: a narrowed request does not narrow it (OAuth 2.1 §4.3.2).
    pub(crate) scope: &'a str,
    /// Rotations since the first.
    pub(crate) generation: i32,
}

/// Stores the successor of a rotated token.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn insert_successor(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    family: &Family<'_>,
    successor: &RefreshToken,
) -> Result<(), IssueError> {
    Ok(refresh_tokens::insert(tx, &row(issue, family, successor)?)?)
}

/// When a refresh token that is issued now expires: unused for too long, or renewed for too long.
pub(crate) fn expiry(issue: Issue<'_>, grant: &GrantRow) -> Timestamp {
    let policy = &issue.client.policy;
    let granted = Timestamp::from_unix(grant.created_at);
    (issue.now + policy.refresh_token_lifetime)
        .min(granted + policy.refresh_token_absolute_lifetime)
}

/// When the last token of a grant that is renewed now will have expired.
pub(crate) fn grant_expiry(issue: Issue<'_>, grant: &GrantRow, lifetime: Lifetime) -> Timestamp {
    expiry(issue, grant).max(issue.now + lifetime)
}

fn row(
    issue: Issue<'_>,
    family: &Family<'_>,
    token: &RefreshToken,
) -> Result<RefreshTokenRow, IssueError> {
    let seed = new_seed()?;
    let next = successor(token, &seed).digest();
    Ok(RefreshTokenRow {
        realm: issue.realm.name.to_string(),
        digest: token.digest().as_str().to_owned(),
        grant_id: family.grant.grant_id.clone(),
        generation: family.generation,
        scope: family.scope.to_owned(),
        created_at: issue.now.as_unix(),
        expires_at: expiry(issue, family.grant).as_unix(),
        rotated_at: None,
        successor_digest: Some(next.as_str().to_owned()),
        successor_seed: Some(seed),
    })
}

/// A new random seed: 256 bits as base64url.
///
/// # Errors
/// [`NoRandomness`].
pub(crate) fn new_seed() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The successor of `token` under `seed`.
pub(crate) fn successor(token: &RefreshToken, seed: &str) -> RefreshToken {
    let key = hmac::Key::new(hmac::HMAC_SHA256, seed.as_bytes());
    let tag = hmac::sign(&key, token.expose().as_bytes());
    RefreshToken::from_text(URL_SAFE_NO_PAD.encode(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_the_same_for_the_same_seed_and_for_no_other() {
        let token = RefreshToken::generate().unwrap();
        let (one, other) = (new_seed().unwrap(), new_seed().unwrap());
        let first = successor(&token, &one);
        assert_eq!(first.expose(), successor(&token, &one).expose());
        assert_ne!(first.expose(), successor(&token, &other).expose());
        assert_eq!(first.expose().len(), 43);
    }
}
