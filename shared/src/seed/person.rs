//! People, with the standard claims of OpenID Connect Core 1.0 §5.1.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Somebody who can sign in.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonSeed {
    /// What they type to sign in. Unique in the realm.
    pub username: String,
    /// What else they type. Stored as a hash only.
    pub password: String,
    /// The subject identifier (`sub`): never changes, never given to anybody else, at most 255
    /// ASCII characters.
    pub sub: String,
    /// What they let clients know about themselves, scope by scope.
    #[serde(default)]
    pub claims: Claims,
}

impl fmt::Debug for PersonSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonSeed")
            .field("username", &self.username)
            .field("sub", &self.sub)
            .finish_non_exhaustive()
    }
}

impl PersonSeed {
    /// A person named `username` with the password `{username}-password` and few claims.
    #[must_use]
    pub fn new(username: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: format!("{username}-password"),
            sub: format!("{username}-sub"),
            claims: Claims {
                name: Some(username.to_owned()),
                preferred_username: Some(username.to_owned()),
                email: Some(format!("{username}@example.com")),
                email_verified: Some(true),
                ..Claims::default()
            },
        }
    }
}

/// The standard claims (OpenID Connect Core 1.0 §5.1) without `sub`. Serialized, they are the
/// members of a UserInfo response; what is absent is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Claims {
    /// Full name, as shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// A casual name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// A name that they like to be called by; not unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// URL of their profile page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// URL of a picture of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// URL of their web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the provider has seen that the address is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Gender, in their own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Birthday, `YYYY-MM-DD`; the year may be `0000`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// Time zone, as `Europe/Paris`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// Language, as `en-US` (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Telephone number (E.164).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Whether the provider has seen that the number is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressSeed>,
    /// When these claims last changed, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// Some of the claims in other languages, by name and language tag (OpenID Connect Core 1.0 §5.2):
    /// `"name#zh-CN"`. Told beside the claim itself, where a client wants that language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub localized: BTreeMap<String, String>,
}

/// The claims that people read, and that may be known in several languages.
pub(super) const READ_BY_PEOPLE: [&str; 10] = [
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
];

impl Claims {
    /// The languages in which some of them are known besides, as tags.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        let tags = self.localized.keys();
        tags.filter_map(|name| Some(name.split_once('#')?.1))
    }
}

/// A postal address (OpenID Connect Core 1.0 §5.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AddressSeed {
    /// The whole address, as on a label; lines divided by a newline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province or prefecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}
