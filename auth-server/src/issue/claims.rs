//! What is told of a person: by scope (OpenID Connect Core §5.4), and claim by claim (§5.5).
//!
//! May use the store. A claim that was asked for by name is told where the person agreed to the permission that
//! covers it, whether or not its scope was asked for too.

use serde_json::{Map, Value};
use shared::oauth::{ClaimWishes, Scope};
use shared::realm::RealmName;

use crate::store::{DbConnection, StoreError, Stored, people};

/// Which claims a scope permits (§5.4).
pub(crate) const CLAIMS_OF_SCOPES: &[(&str, &[&str])] = &[
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

/// The scope token that covers a claim of this name.
pub(crate) fn scope_of(claim: &str) -> Option<&'static str> {
    let covers = |(_, names): &&(&str, &[&str])| names.contains(&claim);
    CLAIMS_OF_SCOPES
        .iter()
        .find(covers)
        .map(|(scope, _)| *scope)
}

/// What is known of a person; empty where nobody has this subject.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn of_person(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
) -> Stored<Map<String, Value>> {
    let Some(row) = people::find(tx, realm, sub)? else {
        return Ok(Map::new());
    };
    serde_json::from_str(&row.claims).map_err(|error| StoreError::corrupt("people.claims", error))
}

/// Of `known`, what the scope permits and what was asked for by name, in the value that was wished where one was.
pub(crate) fn permitted(
    known: Map<String, Value>,
    scope: &Scope,
    wishes: &ClaimWishes,
) -> Map<String, Value> {
    let told = |name: &str, value: &Value| {
        scope_of(name).is_some_and(|token| scope.contains(token))
            || wishes.get(name).is_some_and(|wish| wish.accepts(value))
    };
    known
        .into_iter()
        .filter(|(name, value)| told(name, value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Map<String, Value> {
        let known =
            serde_json::json!({"name": "Alice", "email": "alice@example.com", "picture": "p"});
        let Value::Object(known) = known else {
            unreachable!()
        };
        known
    }

    fn told(scope: &str, claims: &str) -> String {
        let wishes = shared::oauth::ClaimsRequest::parse(claims)
            .unwrap()
            .userinfo;
        let told = permitted(known(), &scope.parse().unwrap(), &wishes);
        told.keys().cloned().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_scope_permits_its_claims_and_no_more() {
        assert_eq!(told("openid", "{}"), "");
        assert_eq!(told("openid email", "{}"), "email");
        assert_eq!(told("openid profile", "{}"), "name picture");
    }

    #[test]
    fn a_claim_can_be_asked_for_by_name_and_by_value() {
        assert_eq!(told("openid", r#"{"userinfo":{"email":null}}"#), "email");
        let wish = |value| format!(r#"{{"userinfo":{{"name":{{"value":"{value}"}}}}}}"#);
        assert_eq!(told("openid", &wish("Alice")), "name");
        assert_eq!(told("openid", &wish("Bob")), "");
        assert_eq!(told("openid", r#"{"userinfo":{"unheard_of":null}}"#), "");
    }
}
