//! Grantscope's resource server: the provider's API, where Alice keeps her photos (RFC 6749 §1.1, RFC 6750).
//!
//! | room | what is in it |
//! |---|---|
//! | [`config`] | every key, with its unit and default |
//! | [`server`] | binding, running, stopping; new realms |
//! | `routes` | the route table: one line a route |
//! | `state` | what the handlers share |
//! | [`access`] | who may pass: the `AccessToken` that handlers ask for, RFC 9068 §4 and RFC 7662 |
//! | `endpoint` | one file a URL: HTTP in, HTTP out |
//! | `store` | people and photos; the only room that knows diesel |
//! | `counts` | how much there is in each realm |
//! | `drawing` | the pictures, drawn as SVG |
//! | `cors` | which pages of others may call the API |
//!
//! It never imports another service: it asks the auth server over HTTP.

pub mod access;
pub mod config;
pub mod server;

mod cors;
mod counts;
mod drawing;
mod endpoint;
mod routes;
mod state;
mod store;

pub use config::Config;
pub use server::{RealmError, Realms, Server, StartError};
pub use shared::serve::StopHandle;
