//! Signing in with OpenID Connect: the print shop as a relying party (OpenID Connect Core, Discovery 1.0).
//!
//! | file | what is in it |
//! |---|---|
//! | [`provider`] | whom people may sign in with: the realm's own provider, and configured ones |
//! | [`discovery`] | the provider's metadata, and whether it may be believed |
//! | [`attempt`] | what is remembered while the browser is away |
//! | [`begin`] | the authentication request |
//! | [`complete`] | judging the answer: callback, token response, ID token, userinfo |
//! | [`account`] | who is signed in here: what a sign-out ends |
//! | [`endpoint`], [`page`] | `/sign-in` and its callback |
//!
//! May use oauth2 (through `oauth.rs`). Every demand on the provider is a named check; the first that fails refuses
//! the sign-in, and nobody is signed in.

pub(crate) mod account;
pub(crate) mod attempt;
mod begin;
mod complete;
mod discovery;
pub(crate) mod endpoint;
mod front_token;
mod page;
mod provider;

pub(crate) use account::{Accounts, Ending};
pub(crate) use attempt::Attempts;
pub use provider::{ProviderConfig, SignInConfig};
