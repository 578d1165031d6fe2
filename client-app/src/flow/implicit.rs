//! Implicit grant: RFC 6749 §4.2. Kept to learn from (RFC 9700 §2.1.2: SHOULD NOT be used).
//!
//! It runs wholly in the browser (`assets/implicit.js`): the token comes in the fragment, which no server is sent.
//! All that is here is the request that the script begins with.

use super::{Grant, Step};

/// The authorization request without its `state`, which the script makes (§4.2.1).
pub(crate) fn request(step: &Step<'_>, scope: &str) -> Vec<(&'static str, String)> {
    let client = step.state.clients.of(Grant::Implicit);
    vec![
        ("response_type", "token".to_owned()),
        ("client_id", client.client_id.clone()),
        ("redirect_uri", redirect_uri(step)),
        ("scope", scope.to_owned()),
    ]
}

/// Where the answer goes.
pub(crate) fn redirect_uri(step: &Step<'_>) -> String {
    let base = step.state.addresses.client(step.realm);
    format!("{base}/callback/implicit")
}
