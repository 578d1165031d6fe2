//! Identifiers: validated text that cannot be empty, confused with one another or smuggle control characters.
//!
//! May use serde. The alphabet is VSCHAR, RFC 6749 Appendix A (`client_id` A.1; `sub` OpenID Connect Core §2).

use serde::{Deserialize, Serialize};

/// Text that is no identifier: empty, longer than 255 bytes, or with a character outside `%x20-7E`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is 1 to 255 printable ASCII characters (RFC 6749 Appendix A)")]
pub struct InvalidId(&'static str);

macro_rules! validated_id {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.to_owned().try_into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let printable = text.bytes().all(|b| (0x20..=0x7E).contains(&b));
                if text.is_empty() || text.len() > 255 || !printable {
                    return Err(InvalidId($word));
                }
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

validated_id!(
    /// A client's identifier (RFC 6749 §2.2).
    ClientId,
    "client_id"
);
validated_id!(
    /// Who a token speaks for: a person's stable id, or a client's own (`sub`, RFC 9068 §2.2).
    Subject,
    "sub"
);
validated_id!(
    /// One authorization and all tokens that came of it: revoking it revokes them all.
    GrantId,
    "grant_id"
);
validated_id!(
    /// One token (`jti`, RFC 7519 §4.1.7).
    TokenId,
    "jti"
);
validated_id!(
    /// A signing key (`kid`, RFC 7517 §4.5).
    KeyId,
    "kid"
);
validated_id!(
    /// A login session as others may know it (`sid`, OpenID Connect Front-Channel Logout §3).
    SessionId,
    "sid"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_empty_and_always_printable() {
        assert!("web".parse::<ClientId>().is_ok());
        for text in ["", "a\nb", "ä", &"x".repeat(256)] {
            assert!(text.parse::<ClientId>().is_err(), "{text:?}");
        }
    }
}
