//! Authorization codes (RFC 6749 §4.1.2), and the access token of the implicit grant (§4.2.2), for
//! `/authorize`: each begins a grant.

use shared::oauth::{AuthorizationCode, CodeChallenge, GrantType, Scope, random_id};
use shared::time::{Lifetime, Timestamp};

use super::access_token::{self, Issued};
use super::{GrantDetails, Issue, IssueError};
use crate::store::authorization_codes::{self, CodeRow};
use crate::store::grants::{self, GrantRow};
use crate::store::{DbConnection, stored};

/// What a person granted, in which session.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    /// By which grant.
    pub(crate) grant_type: GrantType,
    /// Who.
    pub(crate) sub: String,
    /// What.
    pub(crate) scope: Scope,
    /// The login session, where there is one.
    pub(crate) sid: Option<String>,
    /// When the person had last proved who they are.
    pub(crate) auth_time: Timestamp,
    /// `nonce` of the request.
    pub(crate) nonce: Option<String>,
    /// What was granted besides.
    pub(crate) details: GrantDetails,
}

/// What of the authorization request the token request must match.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// `redirect_uri`, where it was sent.
    pub(crate) redirect_uri: Option<String>,
    /// `code_challenge`, where it was sent.
    pub(crate) code_challenge: Option<CodeChallenge>,
}

/// Begins a grant, alive for `lifetime` unless it is renewed.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn begin_grant(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    granted: &Granted,
    lifetime: Lifetime,
) -> Result<GrantRow, IssueError> {
    let row = GrantRow {
        realm: issue.realm.name.to_string(),
        grant_id: random_id()?,
        sub: Some(granted.sub.clone()),
        client_id: issue.client.id.to_string(),
        grant_type: granted.grant_type.to_string(),
        scope: granted.scope.to_string(),
        sid: granted.sid.clone(),
        auth_time: Some(granted.auth_time.as_unix()),
        nonce: granted.nonce.clone(),
        created_at: issue.now.as_unix(),
        revoked_at: None,
        expires_at: (issue.now + lifetime).as_unix(),
        details: stored::write(&granted.details),
    };
    grants::insert(tx, &row)?;
    Ok(row)
}

/// Issues a code for what was granted.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    granted: &Granted,
    binding: Binding,
) -> Result<AuthorizationCode, IssueError> {
    let lifetime = issue.client.policy.code_lifetime;
    let grant = begin_grant(tx, issue, granted, lifetime)?;
    let code = AuthorizationCode::generate()?;
    let row = CodeRow {
        realm: grant.realm,
        digest: code.digest().as_str().to_owned(),
        grant_id: grant.grant_id,
        client_id: grant.client_id,
        redirect_uri: binding.redirect_uri,
        code_challenge: binding.code_challenge.map(String::from),
        expires_at: (issue.now + lifetime).as_unix(),
        wrong_verifiers: 0,
        redeemed_at: None,
    };
    authorization_codes::insert(tx, &row)?;
    Ok(code)
}

/// Issues the access token of the implicit grant: short-lived, and without a refresh token (RFC 6749 §4.2.2).
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue_implicit(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    granted: &Granted,
) -> Result<Issued, IssueError> {
    let lifetime = issue.client.policy.implicit_lifetime;
    let grant = begin_grant(tx, issue, granted, lifetime)?;
    access_token::issue(tx, issue, (&grant, &granted.scope), lifetime)
}
