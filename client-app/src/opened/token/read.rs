//! A token taken apart: what can be read of it is read, whatever is wrong with the rest.
//!
//! RFC 7515 §7.1 (three parts), RFC 7519 §4 (a name stands once). Nothing here believes what it reads.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use crate::jwt::Jwt;

/// The longest token that is taken apart, in bytes.
pub(super) const LONGEST: usize = 32 * 1024;
/// The most members of a header or payload that are kept.
const MOST_MEMBERS: usize = 200;

/// A token as it can be read.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// The token as it came.
    pub(super) text: String,
    /// Why it is no token in three parts; none where it is.
    pub(super) fault: Option<Fault>,
    pub(super) header: Part,
    pub(super) payload: Part,
    /// Whether it is written as a JWT is, so that it is worth reading.
    pub(super) is_jwt: bool,
}

/// Why the form of a token is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is longer than [`LONGEST`].
    TooLong,
    /// It has so many parts in place of three.
    Parts(usize),
    /// A part is no base64url without padding.
    NotBase64url,
}

/// Header or payload.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    /// The members in the order in which they stand; one that stands twice stands here twice.
    pub(super) members: Vec<(String, Value)>,
    /// Whether it is a JSON object at all.
    pub(super) is_object: bool,
    /// The name that stands more than once.
    pub(super) repeated: Option<String>,
}

impl Read {
    /// Takes `text` apart.
    pub(super) fn of(text: &str) -> Self {
        let parts: Vec<&str> = text.splitn(6, '.').collect();
        let decoded = |at: usize| URL_SAFE_NO_PAD.decode(parts.get(at)?).ok();
        let (header, payload) = (decoded(0), decoded(1));
        let fault = if text.len() > LONGEST {
            Some(Fault::TooLong)
        } else if parts.len() != 3 {
            Some(Fault::Parts(text.matches('.').count().saturating_add(1)))
        } else if header.is_none() || payload.is_none() || decoded(2).is_none() {
            Some(Fault::NotBase64url)
        } else {
            None
        };
        let readable = fault != Some(Fault::TooLong);
        let part = |bytes: Option<Vec<u8>>| {
            let bytes = bytes.filter(|_| readable);
            bytes.map_or_else(Part::default, |bytes| Part::of(&bytes))
        };
        Self {
            is_jwt: parts.len() > 1 && text.starts_with("ey"),
            text: text.to_owned(),
            fault,
            header: part(header),
            payload: part(payload),
        }
    }

    /// The token for verification, if its form is right.
    pub(super) fn jwt(&self) -> Option<Jwt> {
        let sound = self.fault.is_none() && self.header.is_sound() && self.payload.is_sound();
        sound.then(|| Jwt::decode(&self.text)).flatten()
    }
}

impl Part {
    fn of(bytes: &[u8]) -> Self {
        // serde_json refuses what is nested more than 128 deep.
        let Ok(Members(members)) = serde_json::from_slice(bytes) else {
            return Self::default();
        };
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair.first() == pair.last());
        let repeated = twice.and_then(|pair| pair.first()).map(ToString::to_string);
        Self {
            is_object: true,
            repeated,
            members: members.into_iter().take(MOST_MEMBERS).collect(),
        }
    }

    /// Whether it is an object that says everything once.
    pub(super) fn is_sound(&self) -> bool {
        self.is_object && self.repeated.is_none()
    }

    /// The first member of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let found = self.members.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }
}

/// Whether a word is written as a JWT: three parts, the first a JSON object with an `alg` (RFC 7515 §4.1.1).
pub(super) fn looks_like_jwt(word: &str) -> bool {
    if !word.starts_with("ey") || word.len() > LONGEST || word.matches('.').count() != 2 {
        return false;
    }
    let header = word.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    Part::of(&header).get("alg").is_some()
}

/// The members of a JSON object in their order, also where a name stands twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}
