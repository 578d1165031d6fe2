//! `POST /introspect` (RFC 7662).
//!
//! A caller sees what is its business: a resource server the tokens that are meant for it, any confidential
//! client its own. Everything else is `{"active":false}` and not a word more.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use shared::dpop::Confirmation;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{
    AccessToken, Audience, IntrospectionResponse, RefreshToken, Scope, Subject, TokenType,
};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::answer;
use crate::client::Client;
use crate::client::authentication::{self, ClientAuthError, Credentials, authenticate};
use crate::grant::TokenError;
use crate::issue::verification::{Known, Presented};
use crate::issue::{GrantDetails, subject};
use crate::realms::Realm;
use crate::request::client::ClientRequest;
use crate::state::AppState;
use crate::store::{
    DbConnection, StoreError, Stored, access_tokens, grants, refresh_tokens, stored,
};

/// The checks of a caller, in order; those of the token follow.
const CHECKS: &[&CheckDef] = &[&catalog::TOKEN_PARAMETER_PRESENT];

/// Answers an introspection request.
pub(crate) async fn post(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    match introspect(&state, &realm, &observation, (&request, body)).await {
        Ok(response) => answer::json(&response),
        Err(error) => answer::error(&error, &observation),
    }
}

async fn introspect(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    (request, body): (&HttpRequest, Payload),
) -> Result<IntrospectionResponse, TokenError> {
    let realm = state.realm(realm).await?;
    let request = ClientRequest::read(request, body, &state.limits, observation).await?;
    observation.plan(&authentication::checks(&request.params));
    observation.plan(CHECKS);
    let credentials = Credentials::read(&request.authorization, &request.params, observation)?;
    let client = authenticate(state, &realm, &credentials, &request, observation).await?;
    if client.is_public() {
        // RFC 7662 §2.1: "the server MUST require authorization": anyone can name a public client.
        let _ = observation.require(
            &catalog::INTROSPECTION_ALLOWED,
            false,
            "a client with a secret",
            "a public client",
        );
        return Err(ClientAuthError::Nobody.into());
    }
    let token = token(&request, observation)?.to_owned();
    let asking = Asking {
        now: realm.now(),
        realm,
        client,
        observation: observation.clone(),
    };
    Ok(state
        .store
        .look_up(move |tx| asking.about(tx, &token))
        .await?)
}

/// The parameter `token` (RFC 7662 §2.1, RFC 7009 §2.1).
///
/// # Errors
/// [`TokenError::ParameterMissing`].
pub(super) fn token<'a>(
    request: &'a ClientRequest,
    observation: &Observation,
) -> Result<&'a str, TokenError> {
    let token = request.params.get("token");
    observation
        .require_some(
            &catalog::TOKEN_PARAMETER_PRESENT,
            token,
            "token",
            if token.is_some() { "token" } else { "nothing" },
        )
        .ok_or(TokenError::ParameterMissing("token"))
}

/// Who asks, and when.
struct Asking {
    realm: Arc<Realm>,
    client: Arc<Client>,
    now: Timestamp,
    observation: Observation,
}

impl Asking {
    fn about(&self, tx: &mut DbConnection, token: &str) -> Stored<IntrospectionResponse> {
        let inactive = Ok(IntrospectionResponse::inactive());
        let mut found = None;
        let is_opaque = !token.contains('.');
        if is_opaque {
            let digest = AccessToken::from_text(token).digest();
            // Most are asked about by APIs, which get access tokens alone.
            found = access_tokens::find(tx, &self.realm.name, digest.as_str())?;
            if found.is_none()
                && let Some(response) = self.about_refresh_token(tx, token)?
            {
                return Ok(response);
            }
        }
        let Ok(presented) = Presented::read(token, &self.realm, self.now, &self.observation) else {
            return inactive;
        };
        self.observation.plan(&[&catalog::INTROSPECTION_ALLOWED]);
        let known = if is_opaque {
            presented.found(found, &self.realm, &self.observation)?
        } else {
            presented.claims(tx, &self.realm, &self.observation)?
        };
        let Some(mut known) = known else {
            return inactive;
        };
        if !known.is_alive(tx, &self.realm, self.now, &self.observation)? {
            return inactive;
        }
        let claims = &known.claims;
        if !self.may_see(self.is_api_of(&claims.aud), claims.client_id.as_str()) {
            return inactive;
        }
        self.active(known)
    }

    /// Whether it is an API that a token for `aud` is meant for (RFC 7662 §4).
    fn is_api_of(&self, aud: &Audience) -> bool {
        let named = &self.client.policy.introspects;
        let own = std::slice::from_ref(&self.realm.resource);
        let apis = if named.is_empty() { own } else { named };
        self.client.may_introspect && apis.iter().any(|api| aud.contains(api))
    }

    fn may_see(&self, meant_for_it: bool, issued_to: &str) -> bool {
        let client = self.client.id.as_str();
        self.observation
            .require(
                &catalog::INTROSPECTION_ALLOWED,
                meant_for_it || issued_to == client,
                "the resource server that the token is meant for, or the client that got it",
                client,
            )
            .passed()
    }

    fn active(&self, mut known: Known) -> Stored<IntrospectionResponse> {
        let username = known.take_username();
        let claims = known.claims;
        // A client is told whom it knows; only the resource server learns whom this server knows.
        let own = !self.client.may_introspect;
        let hidden = own && self.client.sector().is_some();
        // RFC 7662 §5: a client learns the name only where the person let it (OpenID Connect Core §5.4).
        let named = !hidden && (!own || claims.scope.contains("profile"));
        let username = username.filter(|_| named && claims.gid.is_some());
        let sub = self.subject(claims.gid.is_some() && own, claims.sub)?;
        Ok(IntrospectionResponse {
            active: true,
            scope: Some(claims.scope).filter(|scope| !scope.is_empty()),
            client_id: Some(claims.client_id),
            username,
            token_type: Some(TokenType::bound(claims.cnf.is_some()).as_str().to_owned()),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            sub: Some(sub),
            aud: Some(claims.aud),
            iss: Some(claims.iss),
            jti: Some(claims.jti),
            cnf: claims.cnf,
            act: claims.act,
            acr: claims.acr,
            auth_time: claims.auth_time,
        })
    }

    /// The subject as the asking client knows the person, where the token is its own.
    fn subject(&self, own: bool, sub: Subject) -> Stored<Subject> {
        if !own {
            return Ok(sub);
        }
        let seen = subject::seen_by(&self.client, &self.realm, sub.as_str());
        seen.parse()
            .map_err(|error| StoreError::corrupt("grants.sub", error))
    }

    /// A refresh token is its own client's business alone. `None` where it is none.
    fn about_refresh_token(
        &self,
        tx: &mut DbConnection,
        token: &str,
    ) -> Stored<Option<IntrospectionResponse>> {
        let digest = RefreshToken::from_text(token).digest();
        let Some(row) = refresh_tokens::find(tx, &self.realm.name, digest.as_str())? else {
            return Ok(None);
        };
        let now = self.now.as_unix();
        let grant = grants::find(tx, &self.realm.name, &row.grant_id)?
            .filter(|grant| grant.is_alive(self.now))
            .filter(|_| row.rotated_at.is_none() && row.expires_at > now);
        let got = if grant.is_some() {
            "it may"
        } else {
            "expired, rotated or revoked"
        };
        let alive = self.observation.require_some(
            &catalog::TOKEN_ACTIVE,
            grant,
            "a token that may be used",
            got,
        );
        let Some(grant) = alive.filter(|grant| self.may_see(false, &grant.client_id)) else {
            return Ok(Some(IntrospectionResponse::inactive()));
        };
        let corrupt = |error| StoreError::corrupt("grants", error);
        let details: GrantDetails = stored::read("grants.details", &grant.details)?;
        Ok(Some(IntrospectionResponse {
            active: true,
            scope: row
                .scope
                .parse()
                .ok()
                .filter(|scope: &Scope| !scope.is_empty()),
            client_id: Some(grant.client_id.parse().map_err(corrupt)?),
            exp: Some(Timestamp::from_unix(row.expires_at)),
            iat: Some(Timestamp::from_unix(row.created_at)),
            sub: grant
                .sub
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(corrupt)?
                .map(|sub| self.subject(true, sub))
                .transpose()?,
            aud: Some(Audience::One(self.realm.issuer.clone())),
            iss: Some(self.realm.issuer.clone()),
            cnf: details.refresh_jkt.map(Confirmation::from),
            ..IntrospectionResponse::default()
        }))
    }
}
