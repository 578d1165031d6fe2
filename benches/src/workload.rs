//! What is measured: each workload is one operation, over and over.

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Workload {
    /// `POST /token` for a client itself (RFC 6749 §4.4): one signature.
    ClientCredentials,
    /// `GET /authorize` with its redirects and `POST /token`, signed in and consented.
    AuthorizationCode,
    /// `POST /token` with rotation (RFC 6749 §6, RFC 9700 §4.14.2).
    Refresh,
    /// `POST /introspect` (RFC 7662) about a person's token.
    Introspection,
    /// The key set.
    Jwks,
    /// The metadata.
    Discovery,
    /// An API call with a JWT that the API has not seen.
    ApiUnseen,
    /// An API call with a JWT that the API has seen.
    ApiSeen,
    /// A bare answer of actix-web: the floor of [`Workload::ApiSeen`].
    Bare,
    /// `POST /token` with a password (RFC 6749 §4.3): Argon2id.
    Password,
}

impl Workload {
    /// As it stands in tables and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client credentials",
            Self::AuthorizationCode => "authorization code",
            Self::Refresh => "refresh",
            Self::Introspection => "introspection",
            Self::Jwks => "JWKS",
            Self::Discovery => "discovery",
            Self::ApiUnseen => "API, token not seen before",
            Self::ApiSeen => "API, token seen before",
            Self::Bare => "bare answer",
            Self::Password => "password grant",
        }
    }
}
