//! What the FAPI 2.0 Security Profile (Final) demands of a registration: for the auth server, which holds a client to it,
//! and for the client app, which judges every client by it. One place, so that the two cannot drift apart.

use std::fmt::Display;

/// Where the demands stand.
pub mod section {
    /// What holds for every client and every token.
    pub const GENERAL: &str = "FAPI 2.0 Security Profile §5.3.2.1";
    /// What holds where a browser is sent.
    pub const AUTHORIZATION: &str = "FAPI 2.0 Security Profile §5.3.2.2";
    /// How messages travel.
    pub const NETWORK: &str = "FAPI 2.0 Security Profile §5.2.1";
    /// How messages are signed.
    pub const CRYPTOGRAPHY: &str = "FAPI 2.0 Security Profile §5.4.1";
}

/// The longest life of a code, in seconds ([`section::GENERAL`]).
pub const LONGEST_CODE: u32 = 60;

/// How JWTs may be signed ([`section::CRYPTOGRAPHY`]); RFC 9864 calls `EdDSA` on Ed25519 `Ed25519`.
const ALGORITHMS: [&str; 4] = ["PS256", "ES256", "EdDSA", "Ed25519"];

/// How a client may authenticate ([`section::GENERAL`]): the auth server here offers the first.
const AUTHENTICATION: [&str; 3] = [
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
];

/// Whether a JWT may be signed by this algorithm.
#[must_use]
pub fn allows_algorithm(name: &str) -> bool {
    ALGORITHMS.contains(&name)
}

/// Whether a client that may authenticate in these ways always does so by a key.
#[must_use]
pub fn allows_authentication(methods: &[impl Display]) -> bool {
    let by_key = |method: &dyn Display| AUTHENTICATION.contains(&method.to_string().as_str());
    !methods.is_empty() && methods.iter().all(|method| by_key(method))
}

/// Whether a client may have this response type: none but the code's ([`section::AUTHORIZATION`]).
#[must_use]
pub fn allows_response_type(response_type: &str) -> bool {
    response_type == "code"
}

/// Whether this grant gives the person's password to the client: never ([`section::GENERAL`]).
#[must_use]
pub fn takes_password(grant_type: &str) -> bool {
    grant_type == "password"
}

/// Whether this grant gives a token in the front channel, where only a code may come ([`section::AUTHORIZATION`]).
#[must_use]
pub fn answers_in_front(grant_type: &str) -> bool {
    grant_type == "implicit"
}

/// Whether a client may use this grant: neither of these.
#[must_use]
pub fn allows_grant(grant_type: &str) -> bool {
    !takes_password(grant_type) && !answers_in_front(grant_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_a_code_are_allowed_and_little_else() {
        assert!(allows_authentication(&["private_key_jwt"]));
        assert!(!allows_authentication(&[
            "private_key_jwt",
            "client_secret_basic"
        ]));
        let none: [&str; 0] = [];
        assert!(!allows_authentication(&none));
        assert!(allows_algorithm("PS256") && !allows_algorithm("RS256"));
        assert!(allows_response_type("code") && !allows_response_type("code id_token"));
        for (grant, allowed) in [
            ("client_credentials", true),
            ("password", false),
            ("implicit", false),
        ] {
            assert_eq!(allows_grant(grant), allowed, "{grant}");
        }
    }
}
