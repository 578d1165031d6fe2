//! The pages of the auth server: one struct for each template, of the same name.
//!
//! Structs hold what is ready to be shown, never rows; templates hold no logic but `if` and `for`. Text comes
//! from `shared/locales/*/auth-server.ftl`. The pages work without scripts; their forms have stable ids
//! (`#username`, `#password`, `#login-submit`, `#consent-allow`, `#consent-deny`, `#logout-confirm`,
//! `#user-code`, `#device-submit`, `#device-confirm`, `#device-deny`).

mod apps;
mod browser;
mod client;
mod consent;
mod date;
mod device;
mod error;
mod form_post;
mod home;
mod login;
mod logout;
#[cfg(test)]
mod samples;
mod scope;
mod select_account;

pub(crate) use apps::{App, Apps, GrantLine, SessionLine};
pub(crate) use client::{ClientCard, Picture, registered_by};
pub(crate) use consent::{Choice, Consent, Detail};
pub(crate) use date::date_and_time;
pub(crate) use device::{Device, DeviceConfirm, DeviceDone};
pub(crate) use error::ErrorPage;
pub(crate) use form_post::FormPost;
pub(crate) use home::{DemoClient, Endpoint, GrantName, Home};
pub(crate) use login::{DemoPerson, Login};
pub(crate) use logout::{Logout, SignedOut};
pub(crate) use scope::ScopeWords;
pub(crate) use select_account::{AccountChoice, SelectAccount};
