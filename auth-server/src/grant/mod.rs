//! Grants (RFC 6749 §1.3): one file a grant, one line in [`GRANTS`].
//!
//! A grant is a plain synchronous function of a typed request and a transaction: no HTTP, no wall clock.

mod authorization_code;
pub(crate) mod bound_key;
mod client_credentials;
mod device_code;
mod error;
mod exchange_target;
pub(crate) mod jwt_bearer;
pub(crate) mod password;
mod refresh_token;
mod request;
pub(crate) mod resource;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod token_exchange;

use shared::flow::CheckDef;
use shared::oauth::{GrantType, TokenResponse};

use crate::store::DbConnection;

pub(crate) use error::TokenError;
pub(crate) use request::{Renewal, TokenRequest};

/// Every grant of the token endpoint, in the order in which metadata lists them. Implicit is not among them:
/// its tokens come from the authorization endpoint.
pub(crate) const GRANTS: &[&dyn Grant] = &[
    &authorization_code::AuthorizationCode,
    &refresh_token::RefreshToken,
    &client_credentials::ClientCredentials,
    &device_code::DeviceCode,
    &token_exchange::TokenExchange,
    &jwt_bearer::JwtBearer,
    &password::Password,
];

/// A way of obtaining tokens at the token endpoint.
pub(crate) trait Grant: Sync {
    /// The `grant_type` value that selects it.
    fn grant_type(&self) -> GrantType;

    /// The checks that it runs, in order.
    fn checks(&self) -> &'static [&'static CheckDef];

    /// The checks that it runs besides where a proof of possession came (RFC 9449).
    fn key_checks(&self) -> &'static [&'static CheckDef] {
        &[]
    }

    /// Whether a person's name and password are verified first, outside the transaction.
    fn needs_person(&self) -> bool {
        false
    }

    /// Exchanges the credential in `request` for tokens without the store, where that is possible.
    ///
    /// # Errors
    /// [`TokenError`].
    fn redeem_unstored(
        &self,
        _request: &TokenRequest,
    ) -> Result<Option<TokenResponse>, TokenError> {
        Ok(None)
    }

    /// Exchanges the credential in `request` for tokens.
    ///
    /// # Errors
    /// [`TokenError`].
    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError>;
}

/// The grant that this `grant_type` selects.
pub(crate) fn find(grant_type: &str) -> Option<&'static dyn Grant> {
    GRANTS
        .iter()
        .copied()
        .find(|grant| grant.grant_type().as_str() == grant_type)
}
