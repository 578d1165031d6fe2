//! The name of one of several processes that are one service to everybody else.
//!
//! Processes behind one public address share a store and answer by turns. What each is called matters to people and
//! to breakpoints alone: the record says which one answered, and the client app tells those apart that wait for it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest name, in bytes.
const MAX_NAME: usize = 40;

/// The name of a replica: 1 to 40 of `a`-`z`, `A`-`Z`, `0`-`9`, `.`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReplicaName(String);

/// Text that cannot name a replica.
#[derive(Debug, thiserror::Error)]
#[error("a replica's name is 1 to 40 of a-z, A-Z, 0-9, '.', '_' and '-'; got {0:?}")]
pub struct InvalidReplicaName(String);

impl ReplicaName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReplicaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ReplicaName {
    type Error = InvalidReplicaName;

    fn try_from(name: String) -> Result<Self, InvalidReplicaName> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(allowed) {
            return Err(InvalidReplicaName(name.chars().take(80).collect()));
        }
        Ok(Self(name))
    }
}

impl From<ReplicaName> for String {
    fn from(name: ReplicaName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_short() {
        let name = |text: &str| ReplicaName::try_from(text.to_owned());
        assert_eq!(name("auth-server-2").unwrap().as_str(), "auth-server-2");
        for bad in ["", "two words", "<b>", "é", &"x".repeat(41)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
