//! Endpoints: one file a URL, HTTP in and HTTP out. What they decide stands in the rooms below them.

pub(crate) mod answer;
pub(crate) mod token;
