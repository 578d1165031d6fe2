//! `POST /revoke` (RFC 7009).
//!
//! A refresh token takes its whole grant with it, an access token itself alone. What is unknown is answered
//! as what is revoked: the client's wish is fulfilled (§2.2). `token_type_hint` is not needed, so a wrong one
//! does no harm.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use shared::flow::catalog;
use shared::oauth::RefreshToken;
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::answer;
use super::introspect::token;
use crate::client::Client;
use crate::client::authentication::{self, Credentials, authenticate};
use crate::grant::TokenError;
use crate::issue::verification::{Known, Presented};
use crate::realms::Realm;
use crate::request::client::ClientRequest;
use crate::state::AppState;
use crate::store::{DbConnection, grants, refresh_tokens, revoked_tokens};

/// Answers a revocation request.
pub(crate) async fn post(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    match revoke(&state, &realm, &observation, (&request, body)).await {
        // §2.2: the body is ignored; there are clients that want JSON of every endpoint.
        Ok(()) => answer::uncached(StatusCode::OK).json(serde_json::json!({})),
        Err(error) => answer::error(&error, &observation),
    }
}

async fn revoke(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    (request, body): (&HttpRequest, Payload),
) -> Result<(), TokenError> {
    let realm = state.realm(realm).await?;
    let request = ClientRequest::read(request, body, &state.limits, observation).await?;
    observation.plan(&authentication::checks(&request.params));
    observation.plan(&[&catalog::TOKEN_PARAMETER_PRESENT]);
    observation.plan(&[&catalog::REVOCATION_CLIENT]);
    let credentials = Credentials::read(&request.authorization, &request.params, observation)?;
    let client = authenticate(state, &realm, &credentials, &request, observation).await?;
    let token = token(&request, observation)?.to_owned();
    let revoking = Revoking {
        now: realm.now(),
        realm,
        client,
        observation: observation.clone(),
    };
    state
        .store
        .write(move |tx| revoking.revoke(tx, &token))
        .await
}

/// Who revokes, and when.
struct Revoking {
    realm: Arc<Realm>,
    client: Arc<Client>,
    now: Timestamp,
    observation: Observation,
}

impl Revoking {
    fn revoke(&self, tx: &mut DbConnection, token: &str) -> Result<(), TokenError> {
        let realm = &self.realm.name;
        let digest = RefreshToken::from_text(token).digest();
        if let Some(row) = refresh_tokens::find(tx, realm, digest.as_str())? {
            let grant = grants::find(tx, realm, &row.grant_id)?;
            self.ensure_own(grant.as_ref().map_or("", |grant| &grant.client_id))?;
            grants::revoke(tx, realm, &row.grant_id, self.now)?;
            return Ok(());
        }
        // How the token reads decides nothing here, so its checks are not the answer's.
        let unrecorded = Observation::nowhere();
        let Ok(presented) = Presented::read(token, &self.realm, self.now, &unrecorded) else {
            return self.nothing();
        };
        match presented.claims(tx, &self.realm, &unrecorded)? {
            None => self.nothing(),
            Some(Known { claims, .. }) => {
                self.ensure_own(claims.client_id.as_str())?;
                Ok(revoked_tokens::insert(
                    tx,
                    realm,
                    claims.jti.as_str(),
                    claims.exp,
                )?)
            }
        }
    }

    /// §2.1: "verifies … whether the token was issued to the client making the revocation request".
    fn ensure_own(&self, issued_to: &str) -> Result<(), TokenError> {
        let client = self.client.id.as_str();
        self.observation
            .require(
                &catalog::REVOCATION_CLIENT,
                issued_to == client,
                issued_to,
                client,
            )
            .or(TokenError::RevocationForbidden)
    }

    /// §2.2: "invalid tokens do not cause an error response".
    fn nothing(&self) -> Result<(), TokenError> {
        self.observation
            .require(
                &catalog::REVOCATION_CLIENT,
                true,
                "no token of another client",
                "no token that this realm knows",
            )
            .or(TokenError::RevocationForbidden)
    }
}
