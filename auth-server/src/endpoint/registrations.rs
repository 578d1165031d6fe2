//! `GET /registrations`: facts about the realm's clients, for the client app's score page. Only for a caller who has
//! proven the record's key; not observed, never cached.

use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use shared::oauth::{GrantType, TokenEndpointAuthMethod};
use shared::page::Service;
use shared::realm::RealmName;
use shared::registration::RegistrationFacts;
use shared::seed::{PkceRule, SecurityProfile};
use shared::serve::vitals;

use crate::authorization::request_object;
use crate::client::keys::PublicKeys;
use crate::client::signed::JwsAlgorithm;
use crate::client::{Client, assertion, profile};
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
        userinfo_algorithm: metadata.userinfo_signed_response_alg.clone(),
        assertion_algorithms: assertion_algorithms(client),
        request_object_algorithms: request_object_algorithms(client),
        profile: match policy.profile {
            SecurityProfile::None => None,
            SecurityProfile::Fapi2 => Some("fapi2".to_owned()),
        },
        profile_missed: profile::missed(client)
            .iter()
            .map(|rule| rule.id.to_owned())
            .collect(),
        registered_itself,
    }
}

/// How assertions may be signed that the client is believed: those that authenticate it, and those by which it asks for
/// tokens (RFC 7523 §2).
fn assertion_algorithms(client: &Client) -> Vec<String> {
    let mut accepted: Vec<JwsAlgorithm> = client
        .auth_methods
        .iter()
        .filter(|method| {
            matches!(
                method,
                TokenEndpointAuthMethod::PrivateKeyJwt | TokenEndpointAuthMethod::ClientSecretJwt
            )
        })
        .flat_map(|method| assertion::algorithms(client, *method))
        .collect();
    if client.allows_grant(GrantType::JwtBearer) {
        accepted.extend(assertion::grant_algorithms(client));
    }
    signable(client, accepted)
}

fn request_object_algorithms(client: &Client) -> Vec<String> {
    let metadata = &client.metadata;
    let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
    if !has_keys || client.response_types.is_empty() {
        return Vec::new();
    }
    signable(client, request_object::algorithms(client))
}

/// Those by which the client's keys can sign; all, where its keys are at an address of its own and may be others tomorrow.
fn signable(client: &Client, accepted: Vec<JwsAlgorithm>) -> Vec<String> {
    let keys = client.metadata.jwks.as_ref();
    let keys = keys.and_then(|set| PublicKeys::register(set).ok());
    let signs = |one: &JwsAlgorithm| {
        let keys = keys.as_ref();
        one.is_mac() || keys.is_none_or(|keys| !keys.fitting(None, *one).is_empty())
    };
    let mut all: Vec<String> = accepted
        .into_iter()
        .filter(signs)
        .map(|one| one.as_str().to_owned())
        .collect();
    all.sort();
    all.dedup();
    all
}

fn texts(all: &[impl ToString]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}
