//! Client credentials grant (RFC 6749 §4.4): a client acts for itself, no person is involved.
//!
//! `sub` is the client (RFC 9068 §5), and there is no refresh token (§4.4.3): it can always ask again.

use shared::flow::{CheckDef, catalog};
use shared::oauth::{GrantType, TokenResponse};

use super::{Grant, TokenError, TokenRequest};
use crate::issue::access_token;
use crate::store::DbConnection;

/// RFC 6749 §4.4.
pub(crate) struct ClientCredentials;

impl Grant for ClientCredentials {
    fn grant_type(&self) -> GrantType {
        GrantType::ClientCredentials
    }

    fn checks(&self) -> &'static [&'static CheckDef] {
        &[&catalog::SCOPE_ALLOWED]
    }

    fn redeem_unstored(&self, request: &TokenRequest) -> Result<Option<TokenResponse>, TokenError> {
        let scope = request.scope_without_person()?;
        let resources = request.known_resources()?;
        let asked = (&scope, resources.as_slice());
        let issued = access_token::issue_to_client_unstored(request.issue(), asked)?;
        Ok(issued.map(|token| request.response(token, &scope)))
    }

    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError> {
        // Checked by `redeem_unstored`, which always comes first.
        let scope = request
            .find_scope_without_person()
            .ok_or(TokenError::Scope)?;
        let resources: Vec<_> = request.params.all("resource").map(str::to_owned).collect();
        let token = access_token::issue_to_client(tx, request.issue(), (&scope, &resources))?;
        Ok(request.response(token, &scope))
    }
}
