//! `/.well-known/oauth-authorization-server` (RFC 8414) and `/.well-known/openid-configuration` (OpenID Connect
//! Discovery 1.0 §4): one document, in both spellings, and for issuers with a path both inserted (RFC 8414 §3.1)
//! and appended.
//!
//! What is offered is read from the grants, the realm's policy and what its clients may do (`realms/accepted.rs`), so
//! it cannot drift.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use shared::oauth::{
    CodeChallengeMethod, GrantType, Prompt, ResponseMode, Scope, ServerMetadata,
    TokenEndpointAuthMethod,
};
use shared::observe::Observation;
use shared::page::Language;
use shared::realm::RealmName;
use shared::seed::RegistrationRule;

use super::{answer, document};
use crate::authorization::Display;
use crate::client::signed::JwsAlgorithm;
use crate::grant::GRANTS;
use crate::issue::claims::CLAIMS_OF_SCOPES;
use crate::person::Means;
use crate::realms::Realm;
use crate::state::AppState;

/// Answers with the metadata of a realm.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
) -> HttpResponse {
    match state.realms.find_published(&realm).await {
        Ok(realm) => {
            let rendered = realm.documents.metadata(|| metadata(&realm));
            document::answer(&request, &rendered, "application/json")
        }
        Err(error) => answer::error(&error.into(), &observation),
    }
}

fn texts(all: impl IntoIterator<Item = impl ToString>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

/// By which names JWTs may be signed: both, of one that has two (RFC 9864 §2.2), as clients look for either.
fn names(algorithms: &BTreeSet<JwsAlgorithm>) -> Vec<String> {
    texts(algorithms.iter().flat_map(|one| one.names()))
}

fn metadata(realm: &Realm) -> ServerMetadata {
    let at = |path: &str| format!("{}{path}", realm.issuer);
    let accepted = &realm.accepted;
    let (given, held) = (
        &accepted.authentication,
        &accepted.authentication_of_holders,
    );
    let confidential = held
        .methods
        .iter()
        .filter(|method| **method != TokenEndpointAuthMethod::None);
    let signatures = || texts(accepted.signing.iter().map(|one| one.as_str()));
    ServerMetadata {
        issuer: realm.issuer.clone(),
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/token"),
        jwks_uri: at("/jwks"),
        userinfo_endpoint: at("/userinfo"),
        revocation_endpoint: at("/revoke"),
        introspection_endpoint: at("/introspect"),
        registration_endpoint: registration_endpoint(realm),
        device_authorization_endpoint: at("/device_authorization"),
        pushed_authorization_request_endpoint: at("/par"),
        scopes_supported: texts(scopes(realm).iter()),
        end_session_endpoint: at("/logout"),
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        response_types_supported: texts(&accepted.response_types),
        response_modes_supported: texts(ResponseMode::ALL),
        grant_types_supported: texts(grant_types(realm)),
        token_endpoint_auth_methods_supported: texts(&given.methods),
        token_endpoint_auth_signing_alg_values_supported: names(&given.algorithms),
        revocation_endpoint_auth_methods_supported: texts(&held.methods),
        revocation_endpoint_auth_signing_alg_values_supported: names(&held.algorithms),
        introspection_endpoint_auth_signing_alg_values_supported: names(&held.algorithms),
        introspection_endpoint_auth_methods_supported: texts(confidential),
        code_challenge_methods_supported: texts(CodeChallengeMethod::ALL),
        dpop_signing_alg_values_supported: texts(accepted.proofs.iter().flat_map(|it| it.names())),
        subject_types_supported: texts(["public", "pairwise"]),
        id_token_signing_alg_values_supported: signatures(),
        claims_supported: claims(),
        prompt_values_supported: texts(Prompt::ALL),
        ui_locales_supported: texts(Language::ALL.map(Language::tag)),
        claims_locales_supported: texts(&realm.policy.claims_locales),
        authorization_response_iss_parameter_supported: true,
        require_pushed_authorization_requests: accepted.pushed_only,
        request_parameter_supported: true,
        request_uri_parameter_supported: accepted.by_reference,
        require_request_uri_registration: accepted.by_reference,
        request_object_signing_alg_values_supported: names(&accepted.objects),
        require_signed_request_object: accepted.signed_only,
        claims_parameter_supported: true,
        userinfo_signing_alg_values_supported: signatures(),
        claim_types_supported: texts(["normal"]),
        acr_values_supported: texts(Means::ALL.iter().map(|means| means.acr())),
        display_values_supported: texts(Display::ALL.map(Display::as_str)),
        service_documentation: String::new(),
        grantscope_legacy: legacy(realm),
    }
}

/// Where clients register themselves, where they may (RFC 7591 §3).
fn registration_endpoint(realm: &Realm) -> String {
    match realm.policy.registration {
        RegistrationRule::Off => String::new(),
        RegistrationRule::Open | RegistrationRule::Protected => {
            format!("{}/register", realm.issuer)
        }
    }
}

/// What clients may ask for: those of the realm, and those that register themselves.
fn scopes(realm: &Realm) -> Scope {
    match realm.policy.registration {
        RegistrationRule::Off => realm.offer.scope.clone(),
        RegistrationRule::Open | RegistrationRule::Protected => {
            realm.offer.scope.union(&realm.offer.registrable_scope())
        }
    }
}

/// The grants that the realm takes, in the order of the table, and implicit.
fn grant_types(realm: &Realm) -> impl Iterator<Item = GrantType> {
    let table = GRANTS.iter().map(|grant| grant.grant_type());
    let all = table.chain([GrantType::Implicit]);
    all.filter(|grant| realm.accepted.grant_types.contains(grant))
}

fn legacy(realm: &Realm) -> BTreeMap<String, String> {
    [
        (
            GrantType::Password,
            "RFC 9700 §2.4: the resource owner password credentials grant MUST NOT be used",
        ),
        (
            GrantType::Implicit,
            "RFC 9700 §2.1.2: clients SHOULD NOT use the implicit grant, nor any other response type that \
             issues an access token in the authorization response",
        ),
    ]
    .into_iter()
    .filter(|(grant, _)| realm.accepted.grant_types.contains(grant))
    .map(|(grant, reason)| (grant.to_string(), reason.to_owned()))
    .collect()
}

fn claims() -> Vec<String> {
    let own = [
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "acr",
        "amr",
        "nonce",
        "at_hash",
        "c_hash",
        "sid",
    ];
    let of_scopes = CLAIMS_OF_SCOPES.iter().flat_map(|(_, claims)| *claims);
    texts(own.iter().chain(of_scopes))
}
