//! What `/authorize` gives out: authorization codes (RFC 6749 §4.1.2), and in the front channel access tokens
//! (§4.2.2) and ID tokens (OpenID Connect Core §3.2.2.5, §3.3.2.5). One grant stands behind all of one answer, so
//! that a replayed code takes the tokens away that came beside it.

use shared::oauth::{AuthorizationCode, CodeChallenge, GrantType, ResponseType, Scope, ordered_id};
use shared::time::{Lifetime, Timestamp, wall_clock_us};

use super::access_token::{self, Issued};
use super::id_token::{self, Beside, Occasion};
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
        grant_id: ordered_id(wall_clock_us())?,
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
    issue.keep_client(tx, issue.now + lifetime)?;
    Ok(row)
}

/// What the authorization endpoint answers with.
#[derive(Default)]
pub(crate) struct Answered {
    /// A code.
    pub(crate) code: Option<AuthorizationCode>,
    /// An access token: short-lived, and without a refresh token (RFC 6749 §4.2.2).
    pub(crate) access_token: Option<Issued>,
    /// An ID token.
    pub(crate) id_token: Option<String>,
}

/// Begins a grant and issues what `response_type` names of it.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn answer(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    granted: &Granted,
    (response_type, binding): (ResponseType, Binding),
) -> Result<Answered, IssueError> {
    let policy = &issue.client.policy;
    let lives = [
        (response_type.gives_code(), policy.code_lifetime),
        (response_type.gives_token(), policy.implicit_lifetime),
        (response_type.gives_id_token(), policy.id_token_lifetime),
    ];
    let lifetime = lives
        .iter()
        .filter(|(given, _)| *given)
        .map(|(_, life)| *life);
    let lifetime = lifetime.max().unwrap_or(policy.code_lifetime);
    let grant = begin_grant(tx, issue, granted, lifetime)?;
    let mut answered = Answered::default();
    if response_type.gives_code() {
        answered.code = Some(code(tx, issue, &grant, binding)?);
    }
    if response_type.gives_token() {
        let lifetime = policy.implicit_lifetime;
        let token = access_token::issue(tx, issue, (&grant, &granted.scope), lifetime)?;
        answered.access_token = Some(token);
    }
    if response_type.gives_id_token() {
        let beside = Beside {
            occasion: Occasion::SignIn,
            access_token: answered
                .access_token
                .as_ref()
                .map(|token| token.value.as_str()),
            code: answered.code.as_ref().map(AuthorizationCode::expose),
            scope: &granted.scope,
        };
        answered.id_token = id_token::issue(tx, issue, &grant, beside)?;
    }
    Ok(answered)
}

/// A code for a grant.
fn code(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    grant: &GrantRow,
    binding: Binding,
) -> Result<AuthorizationCode, IssueError> {
    let code = AuthorizationCode::generate()?;
    let row = CodeRow {
        realm: grant.realm.clone(),
        digest: code.digest().as_str().to_owned(),
        grant_id: grant.grant_id.clone(),
        client_id: grant.client_id.clone(),
        redirect_uri: binding.redirect_uri,
        code_challenge: binding.code_challenge.map(String::from),
        expires_at: (issue.now + issue.client.policy.code_lifetime).as_unix(),
        wrong_verifiers: 0,
        redeemed_at: None,
    };
    authorization_codes::insert(tx, &row)?;
    Ok(code)
}
