//! ID tokens (OpenID Connect Core §2): who signed in, for the client alone.

use serde_json::Map;
use shared::oauth::{Audience, IdTokenClaims, Scope, token_hash};
use shared::seed::ScopeClaims;
use shared::time::Timestamp;

use super::keys::JwtType;
use super::{GrantDetails, Issue, IssueError, claims, subject};
use crate::store::grants::GrantRow;
use crate::store::{DbConnection, stored};

/// On which occasion an ID token is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// In answer to the authorization request: with its `nonce`.
    SignIn,
    /// When a token is refreshed: without `nonce`, `auth_time` unchanged (OpenID Connect Core §12.2).
    Refresh,
}

/// What an ID token is issued beside, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside<'a> {
    /// The occasion.
    pub(crate) occasion: Occasion,
    /// The access token that its `at_hash` binds (§3.1.3.6, §3.2.2.10).
    pub(crate) access_token: Option<&'a str>,
    /// The code that its `c_hash` binds (§3.3.2.11).
    pub(crate) code: Option<&'a str>,
    /// What was granted.
    pub(crate) scope: &'a Scope,
}

/// Issues an ID token. `None` where the grant is not a person's.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    grant: &GrantRow,
    beside: Beside<'_>,
) -> Result<Option<String>, IssueError> {
    let Some(sub) = &grant.sub else {
        return Ok(None);
    };
    let policy = &issue.client.policy;
    let hash = |text: &str| token_hash(policy.id_token_algorithm, text);
    let at_sign_in = beside.occasion == Occasion::SignIn;
    let details: GrantDetails = stored::read("grants.details", &grant.details)?;
    let none = Scope::default();
    // §5.4: UserInfo says what a scope covers, wherever there is an access token to ask it with.
    let userinfo = beside.access_token.is_some() || beside.code.is_some();
    let scope = match policy.id_token_claims {
        ScopeClaims::Userinfo if userinfo => &none,
        ScopeClaims::Userinfo | ScopeClaims::AlsoInIdToken => beside.scope,
    };
    let told = !scope.is_empty() || !details.claims.id_token.is_empty();
    let known = if told {
        claims::of_person(tx, &issue.realm.name, sub)?
    } else {
        Map::new()
    };
    let claims = IdTokenClaims {
        iss: issue.realm.issuer.clone(),
        sub: subject::seen_by(issue.client, issue.realm, sub).parse()?,
        aud: Audience::One(issue.client.id.to_string()),
        exp: issue.now + policy.id_token_lifetime,
        iat: issue.now,
        auth_time: grant.auth_time.map(Timestamp::from_unix),
        nonce: grant.nonce.clone().filter(|_| at_sign_in),
        at_hash: beside.access_token.map(hash),
        c_hash: beside.code.map(hash),
        acr: details.acr,
        amr: details.amr,
        azp: None,
        person: claims::permitted(
            known,
            scope,
            (&details.claims.id_token, &details.claims_locales),
        ),
        sid: grant
            .sid
            .as_deref()
            .map(|sid| subject::session_seen_by(issue.client, issue.realm, sid).parse())
            .transpose()?,
    };
    let key = issue
        .realm
        .keys
        .signer(policy.id_token_algorithm, issue.now)?;
    key.sign(JwtType::IdToken, &claims).map(Some)
}
