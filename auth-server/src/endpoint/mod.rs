//! Endpoints: one file a URL, HTTP in and HTTP out.
