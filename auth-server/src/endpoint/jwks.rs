//! `GET /jwks`: the public keys of a realm (RFC 7517 §5).
//!
//! Caches may keep it for less time than a new key is announced before it signs.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::seed::{RegistrationRule, SigningAlgorithm};

use super::{answer, document};
use crate::realms::{Realm, RealmError};
use crate::state::AppState;

/// Answers with the keys.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
) -> HttpResponse {
    match with_keys(&state, &realm).await {
        Ok(realm) => {
            let rendered = realm.documents.key_set(&realm.keys, realm.now());
            document::answer(&request, &rendered, "application/jwk-set+json")
        }
        Err(error) => answer::error(&error.into(), &observation),
    }
}

/// The realm, with a key for each algorithm that its clients registered, or that is the default of those that
/// register themselves: whoever reads the set before the first token is issued finds the key in it.
async fn with_keys(state: &AppState, name: &RealmName) -> Result<Arc<Realm>, RealmError> {
    let read = state.realms.find_published(name).await?;
    let registrable =
        (read.policy.registration != RegistrationRule::Off).then_some(SigningAlgorithm::Rs256);
    let mut realm = Arc::clone(&read);
    for algorithm in read
        .offer
        .signing_algorithms
        .iter()
        .copied()
        .chain(registrable)
    {
        realm = state.realms.find_signing(&realm, algorithm).await?;
    }
    Ok(realm)
}
