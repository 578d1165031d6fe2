//! Reading requests.

pub(crate) mod csrf;
pub(crate) mod form;
pub(crate) mod session;
pub(crate) mod visit;
pub(crate) mod waiting;
