//! The one way to serve, tried from outside with peers that send too much, take too little, or leave.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a surprise is a failure"
)]

mod bodies;
mod peers;
mod pipelines;
mod support;
