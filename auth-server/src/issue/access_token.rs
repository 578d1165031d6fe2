//! Access tokens: JWTs that a resource server verifies by itself (RFC 9068), or random text that it asks
//! about (RFC 7662), as the client's policy says.

use shared::dpop::Confirmation;
use shared::oauth::{AccessToken, AccessTokenClaims, Actor, Audience, Scope, Subject, random_id};
use shared::seed::{AccessTokenFormat, SigningAlgorithm};
use shared::time::{Lifetime, Timestamp};

use super::keys::JwtType;
use super::{GrantDetails, Issue, IssueError, TokenDetails};
use crate::realms::Realm;
use crate::store::access_tokens::{self, AccessTokenRow};
use crate::store::grants::GrantRow;
use crate::store::{DbConnection, StoreError, stored};

/// How access tokens are signed (RFC 9068 §2.1 leaves it to the server): the one that verifiers accept.
pub(crate) const ACCESS_TOKEN_ALGORITHM: SigningAlgorithm = SigningAlgorithm::Es256;

/// An access token and how long it lives.
pub(crate) struct Issued {
    /// As it stands on the wire.
    pub(crate) value: String,
    /// Its life, in seconds.
    pub(crate) lifetime: Lifetime,
}

/// Issues an access token of a grant, in the format that the client's policy names.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    (grant, scope): (&GrantRow, &Scope),
    lifetime: Lifetime,
) -> Result<Issued, IssueError> {
    let claims = claims(issue, Some(grant), (scope, &[]), lifetime)?;
    write(tx, issue, &claims, lifetime)
}

/// Issues an access token to a client that acts for itself (RFC 6749 §4.4): `sub` is the client (RFC 9068 §5).
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue_to_client(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    (scope, resources): (&Scope, &[String]),
) -> Result<Issued, IssueError> {
    let lifetime = issue.client.policy.access_token_lifetime;
    let claims = claims(issue, None, (scope, resources), lifetime)?;
    write(tx, issue, &claims, lifetime)
}

/// As [`issue_to_client`] without the store: `None` where the client's tokens are opaque and must be kept.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue_to_client_unstored(
    issue: Issue<'_>,
    (scope, resources): (&Scope, &[String]),
) -> Result<Option<Issued>, IssueError> {
    if issue.client.policy.access_token_format == AccessTokenFormat::Opaque {
        return Ok(None);
    }
    let lifetime = issue.client.policy.access_token_lifetime;
    let claims = claims(issue, None, (scope, resources), lifetime)?;
    sign(issue, &claims, lifetime).map(Some)
}

/// What is different of a token that is issued in exchange for another (RFC 8693).
pub(crate) struct Exchanged {
    /// For whom it is.
    pub(crate) audience: Vec<String>,
    /// What it permits.
    pub(crate) scope: Scope,
    /// Who acts; none: the client appears as the person itself.
    pub(crate) act: Option<Actor>,
    /// How long it lives: no longer than the token that it came of.
    pub(crate) lifetime: Lifetime,
    /// Whether it must be a JWT, whatever the client's policy says.
    pub(crate) jwt: bool,
}

/// Issues an access token in exchange for one that says `subject`: for the same person, of the same grant.
///
/// # Errors
/// [`IssueError`].
pub(crate) fn issue_exchanged(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    subject: &AccessTokenClaims,
    exchanged: Exchanged,
) -> Result<Issued, IssueError> {
    let lifetime = exchanged.lifetime;
    let claims = AccessTokenClaims {
        aud: audience(issue.realm, &exchanged.audience),
        exp: issue.now + lifetime,
        iat: issue.now,
        jti: random_id()?.parse()?,
        client_id: issue.client.id.clone(),
        scope: exchanged.scope,
        cnf: issue.key.cloned().map(Confirmation::from),
        act: exchanged.act,
        may_act: None,
        ..subject.clone()
    };
    if exchanged.jwt {
        return sign(issue, &claims, lifetime);
    }
    write(tx, issue, &claims, lifetime)
}

fn claims(
    issue: Issue<'_>,
    grant: Option<&GrantRow>,
    (scope, resources): (&Scope, &[String]),
    lifetime: Lifetime,
) -> Result<AccessTokenClaims, IssueError> {
    let person = grant.and_then(|grant| grant.sub.as_deref());
    let sub: Subject = person.unwrap_or(issue.client.id.as_str()).parse()?;
    let details: GrantDetails = match grant {
        Some(grant) => stored::read("grants.details", &grant.details)?,
        None => GrantDetails::default(),
    };
    Ok(AccessTokenClaims {
        iss: issue.realm.issuer.clone(),
        sub,
        aud: audience(issue.realm, &[resources, &details.resources].concat()),
        exp: issue.now + lifetime,
        iat: issue.now,
        jti: random_id()?.parse()?,
        client_id: issue.client.id.clone(),
        scope: scope.clone(),
        auth_time: grant.and_then(|grant| grant.auth_time.map(Timestamp::from_unix)),
        acr: details.acr,
        cnf: issue.key.cloned().map(Confirmation::from),
        act: None,
        may_act: person
            .and_then(|_| issue.client.policy.may_act.clone())
            .map(Actor::of),
        gid: grant.map(|grant| grant.grant_id.parse()).transpose()?,
    })
}

/// Whom a token is meant for (RFC 9068 §3): the APIs that were asked for, or the realm's own.
fn audience(realm: &Realm, resources: &[String]) -> Audience {
    match resources {
        [] => Audience::One(realm.resource.clone()),
        [one] => Audience::One(one.clone()),
        several => Audience::Many(several.to_vec()),
    }
}

fn write(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    claims: &AccessTokenClaims,
    lifetime: Lifetime,
) -> Result<Issued, IssueError> {
    match issue.client.policy.access_token_format {
        AccessTokenFormat::Jwt => sign(issue, claims, lifetime),
        AccessTokenFormat::Opaque => {
            let token = AccessToken::generate()?;
            access_tokens::insert(tx, &row(issue, claims, &token))?;
            Ok(Issued {
                value: token.expose().to_owned(),
                lifetime,
            })
        }
    }
}

fn sign(
    issue: Issue<'_>,
    claims: &AccessTokenClaims,
    lifetime: Lifetime,
) -> Result<Issued, IssueError> {
    let key = issue.realm.keys.signer(ACCESS_TOKEN_ALGORITHM, issue.now)?;
    Ok(Issued {
        value: key.sign(JwtType::AccessToken, claims)?,
        lifetime,
    })
}

fn row(issue: Issue<'_>, claims: &AccessTokenClaims, token: &AccessToken) -> AccessTokenRow {
    AccessTokenRow {
        realm: issue.realm.name.to_string(),
        digest: token.digest().as_str().to_owned(),
        jti: claims.jti.to_string(),
        grant_id: claims.gid.as_ref().map(ToString::to_string),
        sub: claims.sub.to_string(),
        client_id: claims.client_id.to_string(),
        scope: claims.scope.to_string(),
        audience: claims.aud.as_slice().join(" "),
        issued_at: claims.iat.as_unix(),
        expires_at: claims.exp.as_unix(),
        details: stored::write(&TokenDetails {
            cnf: claims.cnf.clone(),
            act: claims.act.clone(),
            may_act: claims.may_act.clone(),
            acr: claims.acr.clone(),
            auth_time: claims.auth_time.map(Timestamp::as_unix),
        }),
    }
}

/// The audience as it is stored: URIs hold no spaces.
fn audience_of(stored: String) -> Audience {
    if stored.contains(' ') {
        Audience::Many(stored.split(' ').map(str::to_owned).collect())
    } else {
        Audience::One(stored)
    }
}

/// What an opaque token would say of itself if it were a JWT.
///
/// # Errors
/// [`StoreError::Corrupt`] for a value that this program cannot have written.
pub(crate) fn claims_of_row(
    issuer: &str,
    row: AccessTokenRow,
) -> Result<AccessTokenClaims, StoreError> {
    let corrupt = |error| StoreError::corrupt("access_tokens", error);
    let details: TokenDetails = stored::read("access_tokens.details", &row.details)?;
    Ok(AccessTokenClaims {
        iss: issuer.to_owned(),
        sub: row.sub.try_into().map_err(corrupt)?,
        aud: audience_of(row.audience),
        exp: Timestamp::from_unix(row.expires_at),
        iat: Timestamp::from_unix(row.issued_at),
        jti: row.jti.try_into().map_err(corrupt)?,
        client_id: row.client_id.try_into().map_err(corrupt)?,
        scope: row
            .scope
            .parse()
            .map_err(|error| StoreError::corrupt("access_tokens.scope", error))?,
        auth_time: details.auth_time.map(Timestamp::from_unix),
        acr: details.acr,
        cnf: details.cnf,
        act: details.act,
        may_act: details.may_act,
        gid: row
            .grant_id
            .map(TryInto::try_into)
            .transpose()
            .map_err(corrupt)?,
    })
}
