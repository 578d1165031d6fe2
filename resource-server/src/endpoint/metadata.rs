//! `GET /.well-known/oauth-protected-resource`: what this API says of itself (RFC 9728 §3).
//!
//! A realm other than the default one stands behind the well-known part (§3.1): `…/r/{realm}`.

use actix_web::{HttpResponse, web};
use shared::oauth::ResourceMetadata;
use shared::observe::Observation;
use shared::realm::RealmName;

use super::error::ApiError;
use crate::access::scope;
use crate::state::AppState;

/// `GET /.well-known/oauth-protected-resource`.
pub(crate) async fn get(
    realm: RealmName,
    state: web::Data<AppState>,
    observation: Observation,
) -> Result<HttpResponse, ApiError> {
    require_realm(&realm, &state, &observation).await?;
    let resource = state.addresses.resource(&realm);
    let scopes = scope::ALL.iter().copied().chain([scope::EMAIL]);
    let policy = state.tokens.of(&realm);
    let algorithms = policy.dpop_signing_algs.iter();
    let algorithms = algorithms.flat_map(|one| one.names()).copied();
    Ok(HttpResponse::Ok().json(ResourceMetadata {
        dpop_signing_alg_values_supported: algorithms.map(str::to_owned).collect(),
        dpop_bound_access_tokens_required: state.demands_bound_tokens(&realm),
        resource_documentation: format!("{resource}/"),
        resource,
        authorization_servers: vec![state.addresses.issuer(&realm)],
        scopes_supported: scopes.map(str::to_owned).collect(),
        bearer_methods_supported: vec!["header".to_owned()],
        resource_name: "Grantscope photos".to_owned(),
    }))
}

/// Requires that the realm exists: that it was put in here, or that the auth server knows it.
pub(super) async fn require_realm(
    realm: &RealmName,
    state: &AppState,
    observation: &Observation,
) -> Result<(), ApiError> {
    let name = realm.clone();
    let known = state
        .store
        .look_up(move |tx| crate::store::realms::exists(tx, &name));
    if realm.is_default() || known.await? {
        return Ok(());
    }
    Ok(state.issuers.require_realm(realm, observation).await?)
}
