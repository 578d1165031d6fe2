//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3): what a person lets a client know, scope by scope
//! (§5.4).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{AccessTokenClaims, Scope};
use shared::observe::Observation;
use shared::realm::RealmName;

use super::answer;
use super::protected::{self, AccessError, Verified};
use crate::grant::TokenError;
use crate::state::AppState;
use crate::store::{StoreError, people};

/// The checks after it was read.
const PERSON_CHECKS: &[&CheckDef] = &[
    &catalog::SCOPE_SUFFICIENT,
    &catalog::TOKEN_SPEAKS_FOR_PERSON,
];

/// Which claims a scope permits (OpenID Connect Core §5.4).
pub(super) const CLAIMS_OF_SCOPES: &[(&str, &[&str])] = &[
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
];

/// Answers with the person's claims.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
) -> HttpResponse {
    match userinfo(&state, &realm, &observation, &request).await {
        Ok((claims, nonce)) => answer::with_nonce(answer::json(&claims), nonce.as_deref()),
        Err(error) => protected::refuse(&error, &state.addresses.issuer(&realm), &observation),
    }
}

async fn userinfo(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    request: &HttpRequest,
) -> Result<(Map<String, Value>, Option<String>), AccessError> {
    let realm = state.realm(realm).await.map_err(TokenError::from)?;
    let Verified { claims, nonce } =
        protected::verify(state, &realm, (request, PERSON_CHECKS), observation).await?;
    ensure_scope(&claims, observation)?;
    let observation = observation.clone();
    let tell = move |tx: &mut crate::store::DbConnection| {
        let person = people::find(tx, &realm.name, claims.sub.as_str())?;
        let got = if person.is_some() {
            "a person"
        } else {
            "nobody"
        };
        let person = observation
            .require_some(
                &catalog::TOKEN_SPEAKS_FOR_PERSON,
                person,
                "a person of this realm",
                got,
            )
            .ok_or(AccessError::Invalid)?;
        let known = serde_json::from_str(&person.claims)
            .map_err(|error| StoreError::corrupt("people.claims", error))?;
        Ok::<_, AccessError>(permitted(&person.sub, known, &claims.scope))
    };
    Ok((state.store.read(tell).await?, nonce))
}

fn ensure_scope(claims: &AccessTokenClaims, observation: &Observation) -> Result<(), AccessError> {
    observation
        .require(
            &catalog::SCOPE_SUFFICIENT,
            claims.scope.contains("openid"),
            "openid",
            &claims.scope,
        )
        .or(AccessError::Scope)
}

/// `sub`, and of `known` what the scope permits.
fn permitted(sub: &str, known: Map<String, Value>, scope: &Scope) -> Map<String, Value> {
    let allowed = |name: &str| {
        CLAIMS_OF_SCOPES
            .iter()
            .any(|(token, names)| scope.contains(token) && names.contains(&name))
    };
    let mut told = Map::new();
    told.insert("sub".to_owned(), Value::from(sub));
    told.extend(known.into_iter().filter(|(name, _)| allowed(name)));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_permits_its_claims_and_no_more() {
        let known =
            serde_json::json!({"name": "Alice", "email": "alice@example.com", "picture": "p"});
        let Value::Object(known) = known else {
            unreachable!()
        };
        let told = |scope: &str| {
            let told = permitted("a1", known.clone(), &scope.parse().unwrap());
            told.keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told("openid"), "sub");
        assert_eq!(told("openid email"), "email sub");
        assert_eq!(told("openid profile"), "name picture sub");
    }
}
