//! Where log lines go. For binaries only: a library never installs a subscriber.

use std::io::IsTerminal;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

pub use super::lines::LastLines;
use super::lines::Lines;

/// The shape of log lines (`log_format`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people; in colour on a terminal.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// What is logged where nobody says otherwise: not that a peer sent what is no HTTP, which the HTTP server calls an
/// error of its own.
const USUAL: &str = "info,actix_http=off";
/// The same for a program on a person's terminal: what went wrong alone.
pub const WARNINGS: &str = "warn,actix_http=off";

/// Sends logs to standard error. `filter` is what `RUST_LOG` says (`info` without `actix_http` when absent or
/// malformed). If a subscriber is installed already, it stays. Keep what is given back until the program ends: lines
/// that tell of nothing wrong are written a moment later, many at once.
pub fn init(format: LogFormat, filter: Option<&str>) -> LastLines {
    let (lines, last_lines) = Lines::start();
    let read = filter.map(EnvFilter::try_new).transpose();
    let misread = read.as_ref().err().map(ToString::to_string);
    let filter = read.ok().flatten();
    let filter = filter.unwrap_or_else(|| EnvFilter::new(USUAL));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(lines);
    let installed = match format {
        LogFormat::Text => logs.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
    // Another subscriber was first: its owner chose it.
    drop(installed);
    if let Some(reason) = misread {
        tracing::warn!(
            reason,
            "RUST_LOG cannot be read: the usual lines are written"
        );
    }
    last_lines
}
