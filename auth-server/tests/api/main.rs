//! The auth server's back channel over HTTP, in a realm of the demo's cast: status, code, headers, and the one
//! check that failed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

mod at_once;
mod discovery;
mod healthcheck;
mod healthcheck_by_tls;
mod operator;
mod realms;
mod revocation;
mod support;
mod token;
mod userinfo;
