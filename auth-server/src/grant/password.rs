//! Resource owner password credentials grant (RFC 6749 §4.3). **Legacy**: RFC 9700 §2.4 says "MUST NOT be
//! used"; it is here to be learned from, for clients that opt in.
//!
//! The password is verified outside the transaction: Argon2id takes tens of milliseconds, and SQLite has one
//! writer.

use shared::flow::{CheckDef, catalog};
use shared::oauth::{GrantType, TokenResponse};
use shared::observe::Observation;

use std::net::IpAddr;

use super::request::required;
use super::{Grant, TokenError, TokenRequest};
use crate::issue::GrantDetails;
use crate::issue::authorization_code::{Granted, begin_grant};
use crate::person::{self, Means, Place};
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::DbConnection;
use crate::store::people::PersonRow;

/// RFC 6749 §4.3.
pub(crate) struct Password;

impl Grant for Password {
    fn grant_type(&self) -> GrantType {
        GrantType::Password
    }

    fn checks(&self) -> &'static [&'static CheckDef] {
        &[
            &catalog::REQUEST_PARAMETER_PRESENT,
            &catalog::LOGIN_ATTEMPTS,
            &catalog::LOGIN_CREDENTIALS,
            &catalog::SCOPE_ALLOWED,
            &catalog::GRANT_NOT_REVOKED,
        ]
    }

    fn needs_person(&self) -> bool {
        true
    }

    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError> {
        let person = request.person.as_ref().ok_or(TokenError::PasswordWrong)?;
        let granted = Granted {
            grant_type: GrantType::Password,
            sub: person.sub.clone(),
            scope: request.scope()?,
            details: GrantDetails {
                resources: request.known_resources()?,
                ..GrantDetails::signed_in_by(Means::Password)
            },
            sid: None,
            auth_time: request.now,
            nonce: None,
        };
        let lifetime = request.client.policy.access_token_lifetime;
        let grant = begin_grant(tx, request.issue(), &granted, lifetime)?;
        request.first_tokens(tx, &grant)
    }
}

/// Verifies the person whose name and password a request carries (§4.3.2).
///
/// # Errors
/// [`TokenError`].
pub(crate) async fn verify_person(
    state: &AppState,
    realm: &Realm,
    params: &shared::oauth::Params,
    address: IpAddr,
    observation: &Observation,
) -> Result<PersonRow, TokenError> {
    let missing = ["username", "password"]
        .into_iter()
        .find(|name| params.get(name).is_none());
    let username = required(params, missing.unwrap_or("username"), observation)?;
    let password = params.get("password").unwrap_or_default();
    // A client calls: no browser of the person's own is known to it.
    let place = Place {
        address,
        device: None,
    };
    Ok(person::sign_in(state, realm, (username, password), place, observation).await?)
}
