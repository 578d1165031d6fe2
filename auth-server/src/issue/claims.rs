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

/// The scope token that covers a claim of this name, in whatever language (`name#zh-CN`, §5.2).
pub(crate) fn scope_of(claim: &str) -> Option<&'static str> {
    let name = claim.split_once('#').map_or(claim, |(name, _)| name);
    let covers = |(_, names): &&(&str, &[&str])| names.contains(&name);
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
    let corrupt = |error| StoreError::corrupt("people.claims", error);
    let mut known: Map<String, Value> = serde_json::from_str(&row.claims).map_err(corrupt)?;
    if let Some(Value::Object(localized)) = known.remove("localized") {
        known.extend(localized);
    }
    Ok(known)
}

/// Of `known`, what the scope permits and what was asked for by name, in the value that was wished where one was. What
/// is known in another language besides is told where `claims_locales` names that language (§5.2), beside the claim
/// itself.
pub(crate) fn permitted(
    known: Map<String, Value>,
    scope: &Scope,
    (wishes, claims_locales): (&ClaimWishes, &[String]),
) -> Map<String, Value> {
    let by_name = |name: &str, value: &Value| {
        let wish = wishes.get(name);
        wish.is_some_and(|wish| wish.accepts(value))
    };
    let permits = |name: &str| scope_of(name).is_some_and(|token| scope.contains(token));
    let told = |name: &str, value: &Value| match name.split_once('#') {
        None => permits(name) || by_name(name, value),
        Some((base, tag)) => {
            let speaks = claims_locales.iter().any(|range| matches(range, tag));
            by_name(name, value) || (speaks && (permits(name) || wishes.contains_key(base)))
        }
    };
    known
        .into_iter()
        .filter(|(name, value)| told(name, value))
        .collect()
}

/// Whether a language range covers a tag (RFC 4647 §3.3.1): `zh` covers `zh-CN`.
fn matches(range: &str, tag: &str) -> bool {
    let (range, tag) = (range.to_ascii_lowercase(), tag.to_ascii_lowercase());
    let rest = tag.strip_prefix(&range);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Map<String, Value> {
        let known = serde_json::json!({
            "name": "Alice", "name#zh-CN": "爱丽丝", "email": "alice@example.com", "picture": "p"
        });
        let Value::Object(known) = known else {
            unreachable!()
        };
        known
    }

    fn told(scope: &str, claims: &str) -> String {
        told_in(&[], scope, claims)
    }

    fn told_in(languages: &[&str], scope: &str, claims: &str) -> String {
        let wishes = shared::oauth::ClaimsRequest::parse(claims)
            .unwrap()
            .userinfo;
        let languages: Vec<_> = languages.iter().map(ToString::to_string).collect();
        let told = permitted(known(), &scope.parse().unwrap(), (&wishes, &languages));
        told.keys().cloned().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_scope_permits_its_claims_and_no_more() {
        assert_eq!(told("openid", "{}"), "");
        assert_eq!(told("openid email", "{}"), "email");
        assert_eq!(told("openid profile", "{}"), "name picture");
    }

    #[test]
    fn another_language_is_told_where_it_is_wanted_and_the_claim_itself_is_permitted() {
        let all = "name name#zh-CN picture";
        for wanted in ["zh-CN", "zh", "ZH-cn"] {
            assert_eq!(told_in(&["fr", wanted], "openid profile", "{}"), all);
        }
        for other in ["zh-TW", "z", "en"] {
            assert_eq!(told_in(&[other], "openid profile", "{}"), "name picture");
        }
        assert_eq!(told_in(&["zh"], "openid email", "{}"), "email");
        let named = r#"{"userinfo":{"name":null}}"#;
        assert_eq!(told_in(&["zh"], "openid", named), "name name#zh-CN");
        let tagged = r#"{"userinfo":{"name#zh-CN":null}}"#;
        assert_eq!(told("openid", tagged), "name#zh-CN");
        assert_eq!(scope_of("name#zh-CN"), Some("profile"));
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
