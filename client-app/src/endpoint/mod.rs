//! One file a URL: HTTP in, HTTP out. What is decided here is written as checks where it is protocol.

pub(crate) mod flows;
pub(crate) mod record;
pub(crate) mod stream;
