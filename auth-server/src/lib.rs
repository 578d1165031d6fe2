//! Grantscope's auth server: the authorization server of RFC 6749 and an OpenID provider.
//!
//! | room | what is in it |
//! |---|---|
//! | [`config`] | every key, with its unit and default |
//! | [`server`] | binding, running, stopping |
//! | `routes` | the route table: one line a route |
//! | `state` | what the handlers share |
//! | [`realms`] | issuer, policy, clock and keys of each realm, in memory; seeds and key rotation |
//! | `authorization` | the authorization request, from text to decision (RFC 6749 §4.1.1) |
//! | `endpoint` | one file a URL: HTTP in, HTTP out |
//! | `request` | reading requests: bodies, parameters, credentials |
//! | `logout` | signing out, and telling the clients of the session (OpenID Connect's three logouts) |
//! | `client` | who may ask, what for, and how it proves who it is (RFC 6749 §2) |
//! | `grant` | one file a grant at the token endpoint (RFC 6749 §4), and the table of them |
//! | `approval` | what a person decides on another device than the one that asks (RFC 8628) |
//! | `person` | who signs in, and how they prove it |
//! | `page`, `demo` | what people see: one struct a template; whom the demo knows |
//! | `issue` | codes, tokens and the keys that sign them |
//! | `store` | one file a table: the only room that knows diesel |
//! | `meter` | what is counted besides requests |
//! | `outbound` | the one guarded HTTP client of URLs that clients give |
//! | `upkeep` | what it does by itself: sweeping, rotating keys |
//! | `password` | Argon2id, off the async threads |
//! | `fuzzing` | what must hold of everything that reads hostile text; compiled for tests and `fuzz/` alone |
//!
//! Imports run one way:
//! `routes -> endpoint -> (page, request, authorization, logout, person, client, grant -> approval -> issue) -> store
//! -> shared`.

pub mod config;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod realms;
pub mod server;

mod approval;
mod authorization;
mod client;
mod demo;
mod endpoint;
mod grant;
mod issue;
mod logout;
mod meter;
mod outbound;
mod page;
mod password;
mod person;
mod request;
mod routes;
mod state;
mod store;
mod upkeep;

pub use config::Config;
pub use realms::{RealmError, Realms};
pub use server::{Server, StartError, open_realms};
pub use shared::serve::StopHandle;
