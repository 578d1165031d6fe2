//! `POST /token` (RFC 6749 §3.2).

use std::fmt;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{GrantType, Params, TokenResponse};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::seed::SigningAlgorithm;

use super::answer;
use crate::client::authentication::{self, Credentials, authenticate};
use crate::client::{Client, profile};
use crate::grant::{self, Grant, TokenError, TokenRequest, jwt_bearer, password, resource};
use crate::request::client::ClientRequest;
use crate::request::proof::{Accepted, PresentedProof};
use crate::state::AppState;
use crate::store::DbConnection;

/// The checks between the form and the grant.
const CHECKS: &[&CheckDef] = &[&catalog::GRANT_SUPPORTED, &catalog::GRANT_ALLOWED];

/// Answers a token request.
pub(crate) async fn post(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    match redeem(&state, &realm, &observation, (&request, body)).await {
        Ok((tokens, nonce)) => answer::with_nonce(answer::json(&tokens), nonce.as_deref()),
        Err(error) => answer::error(&error, &observation),
    }
}

async fn redeem(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    (request, body): (&HttpRequest, Payload),
) -> Result<(TokenResponse, Option<String>), TokenError> {
    let mut realm = state.realm(realm).await?;
    let proof = PresentedProof::of(request, &state.addresses);
    let request = ClientRequest::read(request, body, &state.limits, observation).await?;
    let asked = request.params.get("grant_type");
    let grant = asked.and_then(grant::find);
    plan(observation, (&request.params, &proof), grant);
    observation
        .require(
            &catalog::REQUEST_PARAMETER_PRESENT,
            asked.is_some(),
            "grant_type",
            asked.unwrap_or("nothing"),
        )
        .or(TokenError::ParameterMissing("grant_type"))?;
    let credentials = Credentials::read(&request.authorization, &request.params, observation)?;
    let client = authenticate(state, &realm, &credentials, &request, observation).await?;
    profile::ensure(&client, observation)?;
    let grant = ensure_grant(grant, &client, asked.unwrap_or_default(), observation)?;
    let Accepted { proof, nonce } = proof.verify(state, (&realm, &client), observation).await?;
    let algorithm = client.policy.id_token_algorithm;
    if algorithm != SigningAlgorithm::Es256 {
        realm = Box::pin(state.realms.find_signing(&realm, algorithm)).await?;
    }
    let person = if grant.needs_person() {
        let params = &request.params;
        let (from, realm) = (request.address, &*realm);
        // What only some grants do is boxed, so that all others need not have room for it.
        let verified = password::verify_person(state, realm, params, from, observation);
        Some(Box::pin(verified).await?)
    } else {
        None
    };
    let assertion = if grant.grant_type() == GrantType::JwtBearer {
        let place = (state, &*realm);
        let verified = jwt_bearer::verify(place, &client, &request.params, observation);
        Some(Box::pin(verified).await?)
    } else {
        None
    };
    let request = TokenRequest {
        now: realm.now(),
        realm,
        client,
        params: request.params,
        observation: observation.clone(),
        proof,
        assertion,
        person,
    };
    let tokens = if let Some(tokens) = grant.redeem_unstored(&request)? {
        tokens
    } else {
        let redeem = move |tx: &mut DbConnection| grant.redeem(&request, tx);
        state.store.write(redeem).await?
    };
    let grant = grant.grant_type();
    state.meter.issued(grant, &tokens, observation.id());
    Ok((tokens, nonce))
}

fn plan(
    observation: &Observation,
    (params, proof): (&Params, &PresentedProof),
    grant: Option<&'static dyn Grant>,
) {
    if !observation.is_recorded() {
        return;
    }
    observation.plan(&[&catalog::REQUEST_PARAMETER_PRESENT]);
    observation.plan(&authentication::checks(params));
    observation.plan(CHECKS);
    proof.plan(observation);
    if let Some(grant) = grant {
        let mut planned = params.get("resource").is_none();
        for known in grant.checks() {
            if !planned && let Some(resources) = resource::ahead_of(known) {
                observation.plan(&[resources]);
                planned = true;
            }
            observation.plan(&[known]);
        }
        if proof.is_there() {
            observation.plan(grant.key_checks());
        }
    }
}

/// §5.2: `unsupported_grant_type`, then `unauthorized_client`.
fn ensure_grant(
    grant: Option<&'static dyn Grant>,
    client: &Client,
    asked: &str,
    observation: &Observation,
) -> Result<&'static dyn Grant, TokenError> {
    let offered = fmt::from_fn(|f| {
        let offered = grant::GRANTS
            .iter()
            .map(|grant| grant.grant_type().as_str());
        f.write_str(&offered.collect::<Vec<_>>().join(", "))
    });
    let grant = observation
        .require_some(&catalog::GRANT_SUPPORTED, grant, offered, asked)
        .ok_or(TokenError::GrantUnsupported)?;
    let grant_type = grant.grant_type();
    observation.note("grant", grant_type);
    // RFC 6749 §4.4, RFC 8693 §5, RFC 7521 §6: who anybody can claim to be gets nothing in its own name.
    let needs_proof = matches!(
        grant_type,
        GrantType::ClientCredentials | GrantType::TokenExchange | GrantType::JwtBearer
    );
    let by_public = client.is_public() && needs_proof;
    let registered = fmt::from_fn(|f| {
        let registered = client.grant_types.iter().map(|one| one.as_str());
        f.write_str(&registered.collect::<Vec<_>>().join(", "))
    });
    observation
        .require(
            &catalog::GRANT_ALLOWED,
            client.allows_grant(grant_type) && !by_public,
            registered,
            grant_type,
        )
        .or(TokenError::GrantForbidden)?;
    if grant_type.is_legacy() {
        observation.note("legacy", "RFC 9700 §2.4");
        tracing::warn!(client = %client.id, grant = %grant_type, "legacy grant: RFC 9700 §2.4 says it must not be used");
    }
    Ok(grant)
}
