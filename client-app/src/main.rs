//! The client app alone. `ecosystem` runs it with its provider in one process.
fn main() {}
