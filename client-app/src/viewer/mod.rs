//! The flow pages: every exchange of a flow in order, opened down to its checks. Everything shown is hostile text.
