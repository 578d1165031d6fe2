//! What an OpenTelemetry collector is sent (feature `otel`), by a stand-in of one.
//!
//! `cargo test -p ecosystem --features otel --test traces`.
//!
//! | file | what is shown |
//! |---|---|
//! | `spans` | one trace for what one request sets off in three services, and nothing of what anybody sent |
//! | `otlp` | what a collector takes |

#[cfg(test)]
mod otlp;
#[cfg(test)]
mod spans;
#[cfg(test)]
#[expect(
    dead_code,
    unused_imports,
    reason = "the support of the black-box tests, of which this needs a part"
)]
#[path = "../blackbox/support/mod.rs"]
mod support;
