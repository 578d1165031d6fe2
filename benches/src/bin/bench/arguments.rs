//! The command line of the bench.

use std::path::PathBuf;
use std::time::Duration;

use benches::load::Times;
use clap::Parser;

/// Measures our server beside the floor and beside a peer, in turns.
#[derive(Clone, Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Arguments {
    /// Rounds of each workload; the median counts.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,

    /// How long a round is measured, in seconds.
    #[arg(long, default_value_t = 1.5)]
    pub(crate) seconds: f64,

    /// Connections that ask at once.
    #[arg(long, default_value_t = 16)]
    pub(crate) connections: usize,

    /// How many live refresh tokens the large store has.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) tokens: u32,

    /// Only these parts: rows, logins, growth, footprint. `logins` needs `rows`.
    #[arg(long, value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// Of the rows, only workloads whose name contains one of these.
    #[arg(long, value_delimiter = ',')]
    pub(crate) workloads: Vec<String>,

    /// Each workload for a moment, to see that all of it works: no figure of it means anything.
    #[arg(long)]
    pub(crate) smoke: bool,

    /// Where the peer was installed: a directory with `node_modules/oidc-provider`.
    #[arg(long, value_name = "DIR")]
    pub(crate) peers: Option<PathBuf>,

    /// A Node.js of 22.5 or later, for the peer.
    #[arg(long, value_name = "PROGRAM", default_value = "node")]
    pub(crate) node: PathBuf,

    /// Where the programs of the three services and the floor are. Default: beside this one.
    #[arg(long, value_name = "DIR")]
    pub(crate) programs: Option<PathBuf>,

    /// What was built: stands in the report.
    #[arg(long, default_value = "unknown")]
    pub(crate) commit: String,

    /// Write the tables into this document, between its two markers.
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,

    /// Write each round as a line of JSON into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl Arguments {
    /// Whether this part is to be measured.
    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }

    /// Whether this workload is to be measured.
    pub(crate) fn wants_workload(&self, name: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|only| name.contains(only))
    }

    /// How many rounds there are.
    pub(crate) fn rounds(&self) -> usize {
        if self.smoke { 1 } else { self.rounds.max(1) }
    }

    /// How many connections ask at once.
    pub(crate) fn connections(&self) -> usize {
        if self.smoke {
            4
        } else {
            self.connections.max(1)
        }
    }

    /// How many live refresh tokens the large store has.
    pub(crate) fn tokens(&self) -> u32 {
        if self.smoke { 5000 } else { self.tokens }
    }

    /// How long a round is.
    pub(crate) fn times(&self) -> Times {
        if self.smoke {
            return Times {
                warm: Duration::from_millis(50),
                measured: Duration::from_millis(300),
            };
        }
        Times {
            warm: Duration::from_millis(300),
            measured: Duration::from_secs_f64(self.seconds.clamp(0.1, 60.0)),
        }
    }
}
