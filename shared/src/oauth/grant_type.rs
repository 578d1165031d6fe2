//! Closed sets of the protocol: grant types, prompts, methods. Response types and modes have a file of their own.
//!
//! May use serde. Unknown text has no value here, so that every `match` is total.

use serde::{Deserialize, Serialize};

/// A closed set of words; how it is read from text is written beside it.
macro_rules! closed_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which metadata lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A closed set that is read from exactly the text that it is written as.
macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($words:tt)+ }) => {
        closed_words!($(#[$doc])* $name { $($words)+ });

        impl $name {
            /// Reads it back; `None` for text that is not in the set.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

pub(super) use {closed_set, closed_words};

closed_set!(
    /// A way of obtaining tokens (RFC 6749 §1.3; registered by RFC 7591 §2).
    GrantType {
        /// RFC 6749 §4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 §4.2: no request to the token endpoint; the name is RFC 7591's.
        Implicit = "implicit",
        /// RFC 6749 §4.3.
        Password = "password",
        /// RFC 6749 §4.4.
        ClientCredentials = "client_credentials",
        /// RFC 6749 §6.
        RefreshToken = "refresh_token",
        /// RFC 8628 §3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// RFC 8693 §2.1.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
        /// RFC 7523 §2.1.
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
    }
);

impl GrantType {
    /// Whether RFC 9700 advises against it: kept to learn from, opt-in per client.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Implicit | Self::Password)
    }
}

closed_set!(
    /// What a client asks the auth server to show (OpenID Connect Core §3.1.2.1).
    Prompt {
        /// Show nothing.
        None = "none",
        /// Sign in anew.
        Login = "login",
        /// Ask for consent anew.
        Consent = "consent",
        /// Choose an account.
        SelectAccount = "select_account",
    }
);
closed_set!(
    /// How a verifier becomes a challenge (RFC 7636 §4.2). `plain` is refused (RFC 9700 §2.1.1).
    CodeChallengeMethod {
        /// SHA-256.
        S256 = "S256",
    }
);
closed_set!(
    /// How a client authenticates (RFC 7591 §2).
    TokenEndpointAuthMethod {
        /// `Authorization: Basic` (RFC 6749 §2.3.1).
        ClientSecretBasic = "client_secret_basic",
        /// In the body (RFC 6749 §2.3.1).
        ClientSecretPost = "client_secret_post",
        /// A JWT signed by the client's private key (RFC 7523 §2.2, OpenID Connect Core §9).
        PrivateKeyJwt = "private_key_jwt",
        /// A JWT with a MAC by the client's secret (OpenID Connect Core §9).
        ClientSecretJwt = "client_secret_jwt",
        /// A public client: `client_id` alone.
        None = "none",
    }
);
