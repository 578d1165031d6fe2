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
//! | `page` | one struct a page, its template beside it |
//! | [`record`] | the flow store: merging, joining, verdicts, the JSON API's types |
//! | `viewer` | the flow pages |
//!
//! It never imports another service: it speaks HTTP to them.

pub mod config;
pub mod record;
pub mod server;

mod endpoint;
mod flow;
mod page;
mod routes;
mod state;
mod viewer;

pub use config::Config;
pub use server::{Server, StartError, StopHandle};
