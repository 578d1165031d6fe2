//! How this client runs each grant (RFC 6749 §4): one file a grant.

/// The runs that people have begun and not ended, in memory and bounded.
#[derive(Debug, Default)]
pub(crate) struct RunStore {}
