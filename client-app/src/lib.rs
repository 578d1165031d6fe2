//! Grantscope's client app: the print shop that asks for Alice's photos, and the viewer of every flow.
//!
//! | room | what is in it |
//! |---|---|
//! | [`config`] | every key, with its unit and default |
//! | [`server`] | binding, running, stopping |
//! | `routes` | the route table: one line a route |
//! | `state` | what the handlers share |
//! | `flow` | one file a grant: how this client runs it (RFC 6749 §4) |
//! | `endpoint` | one file a URL: HTTP in, HTTP out |
//! | [`clients`] | as which clients it is registered at the provider |
//! | `session` | the browser's session: whose a run is |
//! | `oauth` | the `oauth2` crate's client over the observed HTTP client |
//! | `logout` | signing out at the provider, and being told by it |
//! | `tokens`, `id_token`, `jwt`, `keys` | what came, verified check by check |
//! | `resource` | calling the protected API (RFC 6750) |
//! | `clock` | the realm's time: its bar on every page, and what ages by it |
//! | `lifetime` | what of a flow expires, as bars on the realm's clock |
//! | `predict` | predict, then reveal: questions before the next arrow |
//! | `page` | one struct a page, its template beside it |
//! | [`compare`] | two flows side by side: what differs, and which check said no |
//! | [`record`] | the flow store: merging, joining, verdicts, the JSON API's types |
//! | `opened` | one exchange, opened: words, messages, parameters, checks, curl |
//! | `viewer` | the flow pages |
//! | `doctor` | is everything reached, does it fit together, and what to do |
//! | `lesson` | guided pages, tied to the learner's own last run |
//! | `control` | breakpoints, and what waits at them: pages and API |
//! | `diagram` | a flow drawn from its record, live or on paper |
//! | `meter` | what is counted besides requests |
//! | `export` | a flow as files for other tools: curl, HAR, Mermaid, Markdown, pictures |
//! | `breaking` | a flow executed anew with one parameter spoilt |
//!
//! It never imports another service: it speaks HTTP to them.

pub mod clients;
pub mod compare;
pub mod config;
pub mod record;
pub mod server;

mod breaking;
mod clock;
mod control;
mod diagram;
mod doctor;
mod endpoint;
mod export;
mod flow;
mod guard;
mod id_token;
mod jwt;
mod keys;
mod lesson;
mod lifetime;
mod logout;
mod meter;
mod oauth;
mod opened;
mod page;
mod predict;
mod proof;
mod provider;
mod realms;
mod resource;
mod routes;
mod score;
mod session;
pub mod sign_in;
mod signing;
mod state;
mod tokens;
mod viewer;

pub use config::Config;
pub use server::{Server, StartError};
pub use shared::serve::StopHandle;
