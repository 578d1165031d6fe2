//! Reading requests: untrusted text becomes typed values here, once, or an error in the protocol's own form.

pub(crate) mod accounts;
pub(crate) mod client;
pub(crate) mod csrf;
pub(crate) mod device;
pub(crate) mod errand;
pub(crate) mod form;
pub(crate) mod hint;
pub(crate) mod json;
pub(crate) mod keeping;
pub(crate) mod object;
pub(crate) mod proof;
pub(crate) mod pushed;
pub(crate) mod session;
pub(crate) mod user_code;
pub(crate) mod visit;
pub(crate) mod waiting;
