//! The command line of the demo.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Parser;
use ecosystem::{Https, Ports};
use shared::telemetry::logs::LogFormat;

/// A complete OAuth 2 world on this machine: client app, authorization server and protected API.
///
/// Starts all three on localhost, prints the address to open and the people who can sign in, and runs until
/// Ctrl-C (or SIGTERM): what is in flight is finished first, and a second Ctrl-C leaves at once.
#[derive(Clone, Debug, Parser)]
#[command(name = "grantscope", version, after_help = EXIT_CODES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct Arguments {
    /// Keep nothing: all data is gone when it stops.
    #[arg(long, conflicts_with_all = ["data_dir", "fresh"])]
    pub(crate) memory: bool,

    /// Keep the data (two SQLite files) in this directory, made when it is missing.
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data_dir: PathBuf,

    /// Start over: remove the data of an earlier run (its own files only, nothing else in the directory).
    #[arg(long)]
    pub(crate) fresh: bool,

    /// Speak HTTPS, by a certificate authority of this machine: made on first use, kept in the data directory (with
    /// --memory: gone when it stops), good for localhost alone. What is printed says how a browser comes to trust it.
    #[arg(long)]
    pub(crate) tls: bool,

    /// Speak HTTPS by this certificate chain (PEM, for localhost) instead of one of our own.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,

    /// The private key of that certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,

    /// The three ports; 0 takes a free one. They may change from run to run.
    #[arg(
        long,
        value_name = "CLIENT,AUTH,RESOURCE",
        default_value = "8080,9000,9001"
    )]
    pub(crate) ports: PortsArgument,

    /// Realms, people and clients from this file instead of the demo's (config/demo.toml shows how). What is in the
    /// store already is brought up to date; what the file does not name stays.
    #[arg(long, value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,

    /// Record nothing: no flow is kept and the flow pages stay empty. For load tests.
    #[arg(long)]
    pub(crate) no_record: bool,

    /// The shape of log lines.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Once all three answer, write their URLs to this file as one JSON object (whole or not at all).
    #[arg(long, value_name = "PATH")]
    pub(crate) ready_file: Option<PathBuf>,
}

/// Where the certificate authority is kept, in the data directory.
const TLS_DIRECTORY: &str = "tls";

impl Arguments {
    /// Where certificates come from, if HTTPS is spoken.
    pub(crate) fn https(&self) -> Option<Https> {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Https::Given {
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            _ if !self.tls => None,
            _ if self.memory => Some(Https::Ephemeral),
            _ => Some(Https::LocalAuthority(self.data_dir.join(TLS_DIRECTORY))),
        }
    }
}

/// What stands at the end of `--help`.
const EXIT_CODES: &str = "\
Exit codes: 0 stopped by a signal, 1 could not start or failed, 2 the command line was wrong, 130 second signal.
The ready file holds client_app, auth_server and resource_server, with --tls also the authority's certificate as
certificate_authority (PEM), and is removed when they stop.
Logs go to standard error; RUST_LOG chooses them (default: warn; info shows every request with its failed check).";

/// `--ports` as it was given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PortsArgument(pub(crate) Ports);

impl FromStr for PortsArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ports: Result<Vec<u16>, _> = text.split(',').map(|port| port.trim().parse()).collect();
        match ports.as_deref() {
            Ok(&[client_app, auth_server, resource_server]) => Ok(Self(Ports {
                client_app,
                auth_server,
                resource_server,
            })),
            _ => Err("three numbers from 0 to 65535 are needed, as in 8080,9000,9001".to_owned()),
        }
    }
}
