//! `GET /jwks`: the public keys of a realm (RFC 7517 §5).
//!
//! Caches may keep it for less time than a new key is announced before it signs.

use std::sync::Arc;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpResponse, http::header::CONTENT_TYPE};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::seed::{RegistrationRule, SigningAlgorithm};

use super::answer;
use crate::realms::{Realm, RealmError};
use crate::state::AppState;

/// Answers with the keys.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
) -> HttpResponse {
    match with_keys(&state, &realm).await {
        Ok(realm) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/jwk-set+json"))
            .insert_header((CACHE_CONTROL, "public, max-age=5"))
            .body(realm.keys.published(realm.now()).to_string()),
        Err(error) => answer::error(&error.into(), &observation),
    }
}

/// The realm, with a key for each algorithm that its clients registered, or that is the default of those that
/// register themselves: whoever reads the set before the first token is issued finds the key in it.
async fn with_keys(state: &AppState, name: &RealmName) -> Result<Arc<Realm>, RealmError> {
    let mut realm = state.realm(name).await?;
    let mut algorithms = realm.offer.signing_algorithms.clone();
    if realm.policy.registration != RegistrationRule::Off {
        algorithms.push(SigningAlgorithm::Rs256);
    }
    for algorithm in algorithms {
        realm = state.realms.find_signing(&realm, algorithm).await?;
    }
    Ok(realm)
}
