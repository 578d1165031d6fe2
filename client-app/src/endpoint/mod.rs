//! One file a URL: HTTP in, HTTP out. What is decided here is written as checks where it is protocol.

pub(crate) mod callback;
pub(crate) mod compare;
pub(crate) mod flow_link;
pub(crate) mod flows;
pub(crate) mod grant;
pub(crate) mod home;
pub(crate) mod jwks;
pub(crate) mod knowledge;
pub(crate) mod lab;
pub(crate) mod not_found;
pub(crate) mod record;
pub(crate) mod run;
pub(crate) mod run_step;
pub(crate) mod stream;
pub(crate) mod tv;
pub(crate) mod visit;

pub(crate) use grant::default_scope;
pub(crate) use home::ServiceStatus;
pub(crate) use visit::Visit;
