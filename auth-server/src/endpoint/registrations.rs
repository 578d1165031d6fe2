//! `GET /registrations`: facts about the realm's clients, for the client app's score page. Only for a caller who has
//! proven the record's key; not observed, never cached.

use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use shared::page::Service;
use shared::realm::RealmName;
use shared::registration::RegistrationFacts;
use shared::seed::{PkceRule, SecurityProfile};
use shared::serve::vitals;

use crate::client::Client;
use crate::realms::RealmError;
use crate::state::AppState;
use crate::store::clients;

/// Seconds after which it may be asked again.
const RETRY_AFTER_AWAY: &str = "2";

/// Answers with the facts, or with 403 to a stranger.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    request: HttpRequest,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store"));
    if !vitals::is_proven(&request, &state.observer.key, Service::AuthServer) {
        return HttpResponse::Forbidden()
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish();
    }
    let realm = match state.realm(&realm).await {
        Ok(realm) => realm,
        Err(RealmError::Store(_)) => return away(),
        Err(_) => return HttpResponse::NotFound().finish(),
    };
    let name = realm.name.clone();
    let rows = state.store.read(move |tx| clients::list(tx, &name)).await;
    let Ok(rows) = rows else {
        return away();
    };
    let facts: Vec<RegistrationFacts> = rows
        .iter()
        .filter_map(|row| {
            let client = Client::from_row(row, &realm.policy).ok()?;
            Some(facts(&client, row.registration_digest.is_some()))
        })
        .collect();
    response.json(facts)
}

/// The store failed: the client app asks again.
fn away() -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((RETRY_AFTER, RETRY_AFTER_AWAY))
        .finish()
}

fn facts(client: &Client, registered_itself: bool) -> RegistrationFacts {
    let policy = &client.policy;
    let metadata = &client.metadata;
    RegistrationFacts {
        client_id: client.id.to_string(),
        name: client.name.clone(),
        public: client.is_public(),
        first_party: client.first_party,
        grant_types: texts(&client.grant_types),
        response_types: texts(&client.response_types),
        auth_methods: texts(&client.auth_methods),
        redirect_uris: client
            .redirect_uris
            .iter()
            .map(|uri| uri.as_str().to_owned())
            .collect(),
        pkce_required: policy.pkce == PkceRule::Required,
        code_lifetime: policy.code_lifetime.as_seconds(),
        access_token_lifetime: policy.access_token_lifetime.as_seconds(),
        dpop_bound: metadata.dpop_bound_access_tokens,
        par_required: policy.require_pushed_authorization_requests,
        id_token_algorithm: policy.id_token_algorithm.as_str().to_owned(),
        assertion_algorithm: metadata.token_endpoint_auth_signing_alg.clone(),
        profile: match policy.profile {
            SecurityProfile::None => None,
            SecurityProfile::Fapi2 => Some("fapi2".to_owned()),
        },
        registered_itself,
    }
}

fn texts(all: &[impl ToString]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}
