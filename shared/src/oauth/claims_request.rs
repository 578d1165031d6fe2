//! The `claims` parameter: single claims that a client asks for (OpenID Connect Core §5.5).
//!
//! May use serde. Strict in form (what is malformed is refused), lenient in content: members and claims that are
//! not understood are kept or ignored, as §5.5 demands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Text that is no claims request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("claims is not as OpenID Connect Core §5.5 describes it: {0}")]
pub struct InvalidClaimsRequest(&'static str);

/// What is wished of one claim (§5.5.1). The default is what `null` means: the claim, voluntarily.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimWish {
    /// Whether it is needed for what the person is about to do. It may be left out all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The one value, or the values, with which it is wished.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimWish {
    /// Whether `value` is one that is wished: any, where none is named.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}

/// Claims by name, and what is wished of each.
pub type ClaimWishes = BTreeMap<String, ClaimWish>;

/// Which single claims are asked for, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// From the UserInfo endpoint.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: ClaimWishes,
    /// In the ID token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: ClaimWishes,
}

impl ClaimsRequest {
    /// Reads the parameter's text.
    ///
    /// # Errors
    /// [`InvalidClaimsRequest`] when it is no JSON object, or a member is of the wrong type.
    pub fn parse(text: &str) -> Result<Self, InvalidClaimsRequest> {
        let members: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| InvalidClaimsRequest("no JSON object"))?;
        Ok(Self {
            userinfo: wishes(members.get("userinfo"))?,
            id_token: wishes(members.get("id_token"))?,
        })
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The names of all claims that are asked for, wherever.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let all = self.userinfo.keys().chain(self.id_token.keys());
        all.map(String::as_str)
    }

    /// The same with those claims alone whose name `keep` accepts.
    #[must_use]
    pub fn retaining(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.userinfo.retain(|name, _| keep(name));
        self.id_token.retain(|name, _| keep(name));
        self
    }
}

/// The members `userinfo` and `id_token`: objects of claims; absent or null, nothing is asked.
fn wishes(member: Option<&Value>) -> Result<ClaimWishes, InvalidClaimsRequest> {
    match member {
        None | Some(Value::Null) => Ok(ClaimWishes::new()),
        Some(Value::Object(claims)) => claims
            .iter()
            .map(|(name, value)| Ok((name.clone(), wish(value)?)))
            .collect(),
        Some(_) => Err(InvalidClaimsRequest("userinfo or id_token is no object")),
    }
}

/// What stands behind a claim's name: null, or an object whose unknown members are ignored. A member that is null is
/// absent.
fn wish(value: &Value) -> Result<ClaimWish, InvalidClaimsRequest> {
    let members = match value {
        Value::Null => return Ok(ClaimWish::default()),
        Value::Object(members) => members,
        _ => {
            return Err(InvalidClaimsRequest(
                "a claim is neither null nor an object",
            ));
        }
    };
    let member = |name: &str| members.get(name).filter(|value| !value.is_null());
    let essential = match member("essential") {
        None => false,
        Some(Value::Bool(essential)) => *essential,
        Some(_) => return Err(InvalidClaimsRequest("essential is neither true nor false")),
    };
    let mut values: Vec<Value> = match member("values") {
        None => Vec::new(),
        Some(Value::Array(values)) => values.clone(),
        Some(_) => return Err(InvalidClaimsRequest("values is no array")),
    };
    values.extend(member("value").cloned());
    Ok(ClaimWish { essential, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_read() {
        // §5.5
        let text = r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null,
            "http://example.info/claims/groups": null},
            "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}}}"#;
        let request = ClaimsRequest::parse(text).unwrap();
        assert!(request.userinfo["given_name"].essential);
        assert_eq!(request.userinfo["nickname"], ClaimWish::default());
        let acr = &request.id_token["acr"];
        assert!(acr.accepts(&Value::from("urn:mace:incommon:iap:silver")));
        assert!(!acr.accepts(&Value::from("gold")));
        assert_eq!(request.names().count(), 5);
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(
            serde_json::from_str::<ClaimsRequest>(&stored).unwrap(),
            request
        );
    }

    #[test]
    fn a_member_that_is_null_is_absent() {
        let text = r#"{"id_token": {"acr": {"essential": null, "value": null, "values": null}}}"#;
        let request = ClaimsRequest::parse(text).unwrap();
        assert_eq!(request.id_token["acr"], ClaimWish::default());
        let text =
            r#"{"id_token": {"acr": {"value": null, "values": ["gold"], "essential": true}}}"#;
        let request = ClaimsRequest::parse(text).unwrap();
        let acr = &request.id_token["acr"];
        assert!(acr.essential && acr.accepts(&Value::from("gold")));
        assert!(!acr.accepts(&Value::Null));
    }

    #[test]
    fn what_is_not_understood_is_ignored_and_what_is_malformed_refused() {
        for text in [
            "{}",
            r#"{"id_token": null, "transformed_claims": {"x": 1}}"#,
            r#"{"userinfo": {"name": {"purpose": "to greet you"}}}"#,
        ] {
            assert!(ClaimsRequest::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "null",
            "[]",
            "\"name\"",
            "{",
            r#"{"id_token": []}"#,
            r#"{"userinfo": "name"}"#,
            r#"{"userinfo": {"name": true}}"#,
            r#"{"userinfo": {"name": {"essential": "yes"}}}"#,
            r#"{"userinfo": {"name": {"values": "Alice"}}}"#,
        ] {
            assert!(ClaimsRequest::parse(text).is_err(), "{text}");
        }
    }
}
