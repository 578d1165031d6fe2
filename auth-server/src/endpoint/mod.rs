//! Endpoints: one file a URL, HTTP in and HTTP out. What they decide stands in the rooms below them.

pub(crate) mod answer;
pub(crate) mod apps;
pub(crate) mod authorize;
pub(crate) mod consent;
pub(crate) mod cors;
pub(crate) mod device;
pub(crate) mod device_authorization;
pub(crate) mod device_confirm;
pub(crate) mod error;
pub(crate) mod form_post;
pub(crate) mod home;
pub(crate) mod introspect;
pub(crate) mod jwks;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod metadata;
pub(crate) mod par;
pub(crate) mod proceed;
pub(crate) mod protected;
pub(crate) mod registrations;
pub(crate) mod revoke;
pub(crate) mod select_account;
pub(crate) mod token;
pub(crate) mod userinfo;
