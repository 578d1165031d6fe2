//! Refresh token grant (RFC 6749 §6) with rotation and reuse detection (RFC 9700 §4.14.2).
//!
//! Each use exchanges a token for its successor. Presented again, a rotated token is answered in one of two
//! ways:
//!
//! - **Within the grace window** (30 s by default, per client) **and while its successor is unused**: the answer
//!   was probably lost. The client gets *the same* successor again with a fresh access token. However many
//!   requests race, one refresh token comes of them, and one branch of the family lives.
//! - **Otherwise** (the window is over, or the successor was used already, so that whoever holds it needs no
//!   second answer): two parties hold the family. All of its tokens are revoked.
//!
//! A client whose policy does not rotate keeps its token: it is bound to the client's own authentication.
//!
//! A narrower `scope` narrows the access token alone: the successor keeps what was granted (OAuth 2.1 §4.3.2).
//! So does a narrower registration: what the client may no longer ask for is left out of what it gets, until it may
//! ask for it again.

use std::fmt;

use shared::flow::{CheckDef, catalog};
use shared::oauth::{GrantType, RefreshToken as Token, Scope, TokenResponse};
use shared::time::Timestamp;

use super::{Grant, Renewal, TokenError, TokenRequest, bound_key};
use crate::issue::id_token::Occasion;
use crate::issue::refresh_token::{self, Family};
use crate::store::grants::{self, GrantRow};
use crate::store::refresh_tokens::{self as tokens, RefreshTokenRow, Rotation};
use crate::store::{DbConnection, StoreError};

/// RFC 6749 §6.
pub(crate) struct RefreshToken;

impl Grant for RefreshToken {
    fn grant_type(&self) -> GrantType {
        GrantType::RefreshToken
    }

    fn checks(&self) -> &'static [&'static CheckDef] {
        &[
            &catalog::REQUEST_PARAMETER_PRESENT,
            &catalog::REFRESH_TOKEN_KNOWN,
            &catalog::REFRESH_TOKEN_CLIENT,
            &catalog::REFRESH_TOKEN_NOT_EXPIRED,
            &catalog::REFRESH_TOKEN_NOT_REVOKED,
            &catalog::SCOPE_NOT_WIDENED,
            &catalog::REFRESH_TOKEN_CURRENT,
            &catalog::GRANT_NOT_REVOKED,
        ]
    }

    fn key_checks(&self) -> &'static [&'static CheckDef] {
        &[&catalog::DPOP_REFRESH_KEY]
    }

    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError> {
        let token = Token::from_text(request.required("refresh_token")?);
        let (row, grant) = find(request, tx, &token)?;
        ensure_issued_to_client(request, &grant)?;
        ensure_alive(request, &row, &grant)?;
        bound_key::ensure_refresh_key(request, &grant)?;
        let scope = scope(request, &row)?;
        request.ensure_resources(&grant)?;
        let successor = if request.client.policy.rotates_refresh_tokens {
            rotate(request, tx, &token, (&row, &grant))?
        } else {
            keep(request, tx, token, (&row, &grant))?
        };
        let renewal = Renewal {
            scope: &scope,
            refresh_token: Some(successor),
            occasion: Occasion::Refresh,
        };
        request.tokens(tx, &grant, renewal)
    }
}

fn find(
    request: &TokenRequest,
    tx: &mut DbConnection,
    token: &Token,
) -> Result<(RefreshTokenRow, GrantRow), TokenError> {
    let realm = &request.realm.name;
    let found = tokens::find_with_grant(tx, realm, token.digest().as_str())?;
    let got = if found.is_some() { "known" } else { "unknown" };
    let (row, grant) = request
        .observation
        .require_some(
            &catalog::REFRESH_TOKEN_KNOWN,
            found,
            "a refresh token of this realm",
            got,
        )
        .ok_or(TokenError::RefreshTokenUnknown)?;
    let grant =
        grant.ok_or_else(|| StoreError::corrupt("refresh_tokens.grant_id", "no such grant"))?;
    Ok((row, grant))
}

/// §6: "ensure that the refresh token was issued to the authenticated client".
fn ensure_issued_to_client(request: &TokenRequest, grant: &GrantRow) -> Result<(), TokenError> {
    let client = request.client.id.as_str();
    request
        .observation
        .require(
            &catalog::REFRESH_TOKEN_CLIENT,
            grant.client_id == client,
            &grant.client_id,
            client,
        )
        .or(TokenError::RefreshTokenOfAnotherClient)
}

fn ensure_alive(
    request: &TokenRequest,
    row: &RefreshTokenRow,
    grant: &GrantRow,
) -> Result<(), TokenError> {
    let now = request.now.as_unix();
    request
        .observation
        .require(
            &catalog::REFRESH_TOKEN_NOT_EXPIRED,
            now < row.expires_at,
            format_args!("before {}", row.expires_at),
            now,
        )
        .or(TokenError::RefreshTokenExpired)?;
    let alive = grant.revoked_at.is_none();
    request
        .observation
        .require(
            &catalog::REFRESH_TOKEN_NOT_REVOKED,
            alive,
            "a grant that is alive",
            if alive { "alive" } else { "revoked" },
        )
        .or(TokenError::RefreshTokenRevoked)
}

/// §6: "MUST NOT include any scope not originally granted … if omitted is treated as equal".
fn scope(request: &TokenRequest, row: &RefreshTokenRow) -> Result<Scope, TokenError> {
    let granted: Scope = row
        .scope
        .parse()
        .map_err(|error| StoreError::corrupt("refresh_tokens.scope", error))?;
    let asked = request.params.get("scope");
    let asked_of_it = match asked.map(str::parse::<Scope>) {
        None => Some(granted.clone()),
        // A scope without a token is no scope (Appendix A.4): narrowed to nothing is malformed.
        Some(Ok(scope)) => {
            Some(scope).filter(|scope| !scope.is_empty() && scope.is_subset(&granted))
        }
        Some(Err(_)) => None,
    };
    // The registration of now decides, not that of then (RFC 7592 §2.2); nothing is not something that is granted.
    let registered = &request.client.scope;
    let allowed = asked_of_it
        .map(|scope| (scope.is_empty(), scope.intersection(registered)))
        .filter(|(was_empty, left)| *was_empty || !left.is_empty())
        .map(|(_, left)| left);
    let withdrawn = granted.difference(registered);
    let still = granted.intersection(registered);
    request
        .observation
        .require_some(
            &catalog::SCOPE_NOT_WIDENED,
            allowed,
            fmt::from_fn(|f| {
                if withdrawn.is_empty() {
                    write!(f, "of: {still}")
                } else {
                    write!(
                        f,
                        "of: {still}; granted, and no longer registered: {withdrawn}"
                    )
                }
            }),
            asked.unwrap_or("none: what was granted"),
        )
        .ok_or(TokenError::ScopeWidened)
}

/// Gives the same token out again, alive as long as a new one would be: for clients whose refresh tokens are bound
/// to their own authentication (FAPI 2.0 Security Profile §5.3.2.1).
fn keep(
    request: &TokenRequest,
    tx: &mut DbConnection,
    token: Token,
    (row, grant): (&RefreshTokenRow, &GrantRow),
) -> Result<Token, TokenError> {
    let current = row.rotated_at.is_none();
    if !current {
        grants::revoke(tx, &request.realm.name, &grant.grant_id, request.now)?;
    }
    request
        .observation
        .require(
            &catalog::REFRESH_TOKEN_CURRENT,
            current,
            "the current one: it is not rotated",
            if current {
                "the current one"
            } else {
                "used before: its family is revoked"
            },
        )
        .or(TokenError::RefreshTokenReused)?;
    let expires = refresh_token::expiry(request.issue(), grant);
    tokens::extend(tx, &request.realm.name, &row.digest, expires)?;
    request.note_refresh_token(expires);
    Ok(token)
}

/// Exchanges the token for its successor, or recognises that it was exchanged before.
fn rotate(
    request: &TokenRequest,
    tx: &mut DbConnection,
    token: &Token,
    (row, grant): (&RefreshTokenRow, &GrantRow),
) -> Result<Token, TokenError> {
    let realm = &request.realm.name;
    let seed = match &row.successor_seed {
        Some(seed) => seed.clone(),
        // Issued by a program that did not write it yet.
        None => refresh_token::new_seed()?,
    };
    let successor = refresh_token::successor(token, &seed);
    let digest = successor.digest();
    let rotation = tokens::rotate(
        tx,
        realm,
        &row.digest,
        (digest.as_str(), &seed),
        request.now,
    )?;
    let (successor, got) = match rotation {
        Rotation::First => {
            let family = Family {
                grant,
                scope: &row.scope,
                generation: row.generation.saturating_add(1),
            };
            refresh_token::insert_successor(tx, request.issue(), &family, &successor)?;
            request.note_refresh_token(refresh_token::expiry(request.issue(), grant));
            (Some(successor), "the current one")
        }
        Rotation::Again(rotated) => match same_successor(request, tx, token, &rotated)? {
            Some(successor) => (
                Some(successor),
                "rotated a moment ago, its successor unused: the same successor again",
            ),
            None => (None, "used before: its family is revoked"),
        },
        Rotation::Unknown => (None, "gone"),
    };
    if successor.is_none() {
        grants::revoke(tx, realm, &grant.grant_id, request.now)?;
    }
    let grace = request.client.policy.refresh_token_grace;
    request
        .observation
        .require_some(
            &catalog::REFRESH_TOKEN_CURRENT,
            successor,
            format_args!("the current one, or rotated at most {grace} ago"),
            got,
        )
        .ok_or(TokenError::RefreshTokenReused)
}

/// The successor that a rotated token got, if it may be given once more.
fn same_successor(
    request: &TokenRequest,
    tx: &mut DbConnection,
    token: &Token,
    rotated: &RefreshTokenRow,
) -> Result<Option<Token>, TokenError> {
    let grace = i64::from(request.client.policy.refresh_token_grace.as_seconds());
    let (Some(at), Some(seed)) = (rotated.rotated_at, &rotated.successor_seed) else {
        return Ok(None);
    };
    // Rotated in the future: by a clock that has been put back since. Nobody knows how long ago that was.
    let age = request.now.seconds_since(Timestamp::from_unix(at));
    if grace == 0 || age.abs() > grace {
        return Ok(None);
    }
    let successor = refresh_token::successor(token, seed);
    let unused = tokens::find(tx, &request.realm.name, successor.digest().as_str())?
        .filter(|row| row.rotated_at.is_none());
    if let Some(row) = &unused {
        request.note_refresh_token(Timestamp::from_unix(row.expires_at));
    }
    Ok(unused.map(|_| successor))
}
