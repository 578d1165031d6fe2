//! The auth server alone. `ecosystem` runs it with the two others in one process.

fn main() {}
