//! Codes and refresh tokens that are bound to a key (RFC 9449 §5 and §10): whoever uses one proves that key.

use shared::dpop::Thumbprint;
use shared::flow::catalog;

use super::{TokenError, TokenRequest};
use crate::issue::GrantDetails;
use crate::store::grants::{self, GrantRow};
use crate::store::{DbConnection, StoreError, stored};

/// What of a grant is bound to which key.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(crate) fn details(grant: &GrantRow) -> Result<GrantDetails, StoreError> {
    stored::read("grants.details", &grant.details)
}

/// §10: a code whose authorization request named a key is redeemed with a proof of that key.
///
/// # Errors
/// [`TokenError::CodeOfAnotherKey`].
pub(super) fn ensure_code_key(request: &TokenRequest, grant: &GrantRow) -> Result<(), TokenError> {
    let bound = details(grant)?.code_jkt;
    if bound.is_none() && request.proof.is_none() {
        return Ok(());
    }
    let held = bound.is_none() || bound.as_ref() == request.key();
    let none = "no dpop_jkt was sent";
    request
        .observation
        .require(
            &catalog::DPOP_CODE_KEY,
            held,
            bound.as_ref().map_or(none, Thumbprint::as_str),
            proven(request),
        )
        .or(TokenError::CodeOfAnotherKey)
}

/// §5: a public client's refresh token is used with a proof of the key that it was issued for. One of a client
/// that authenticates is bound to that client already.
///
/// # Errors
/// [`TokenError::RefreshTokenOfAnotherKey`].
pub(super) fn ensure_refresh_key(
    request: &TokenRequest,
    grant: &GrantRow,
) -> Result<(), TokenError> {
    let bound = details(grant)?.refresh_jkt;
    if bound.is_none() && request.proof.is_none() {
        return Ok(());
    }
    let held = bound.is_none() || bound.as_ref() == request.key();
    let none = "bound to no key";
    request
        .observation
        .require(
            &catalog::DPOP_REFRESH_KEY,
            held,
            bound.as_ref().map_or(none, Thumbprint::as_str),
            proven(request),
        )
        .or(TokenError::RefreshTokenOfAnotherKey)
}

/// Binds the refresh tokens of a new grant to the key of the proof, where the client is public.
///
/// # Errors
/// [`TokenError::Store`].
pub(super) fn bind_refresh_tokens(
    request: &TokenRequest,
    tx: &mut DbConnection,
    grant: &GrantRow,
) -> Result<(), TokenError> {
    let Some(key) = request.key().filter(|_| request.client.is_public()) else {
        return Ok(());
    };
    let details = GrantDetails {
        refresh_jkt: Some(key.clone()),
        ..details(grant)?
    };
    let json = stored::write(&details);
    Ok(grants::set_details(
        tx,
        &request.realm.name,
        &grant.grant_id,
        &json,
    )?)
}

fn proven(request: &TokenRequest) -> &str {
    request.key().map_or("no proof", Thumbprint::as_str)
}
