//! The resource server over HTTP, against a small issuer that the tests play themselves.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a surprise is a failure"
)]

mod support;

mod access;
mod auth_server_away;
mod keys;
mod opaque;
mod pages;
mod photos;
mod realms;
