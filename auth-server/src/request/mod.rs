//! Reading requests: untrusted text becomes typed values here, once, or an error in the protocol's own form.

pub(crate) mod client;
