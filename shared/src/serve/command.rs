//! The command line that the three services share, and what their `main` does with it.

use std::error::Error;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::config::{self, ConfigError};

/// The options of a service. Flatten them into its own clap parser.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ServiceArgs {
    /// Configuration file (TOML). Environment variables override it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the configuration in effect, with secrets hidden, and leave.
    #[arg(long)]
    pub print_config: bool,
}

/// What a service's program does besides running it. The auth server has more.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Task {
    /// Ask a running service whether it is ready, and leave with 0 or 1 (for containers).
    Healthcheck(Healthcheck),
}

/// The arguments of `healthcheck`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Healthcheck {
    /// Where it listens. Default: this machine, on the port of the configuration.
    #[arg(value_name = "HOST:PORT")]
    pub address: Option<String>,
}

impl Healthcheck {
    /// Asks the service that `args` configure; `bind` is where it listens.
    pub fn run<T: DeserializeOwned + Serialize>(
        &self,
        args: &ServiceArgs,
        env_prefix: &str,
        env: impl Iterator<Item = (String, String)>,
        bind: impl FnOnce(&T) -> SocketAddr,
    ) -> ExitCode {
        let authority = match &self.address {
            Some(address) => address.clone(),
            None => match config::load::<T>(args.config.as_deref(), env_prefix, env) {
                Ok(config) => reached_at(bind(&config)).to_string(),
                Err(error) => return failed(&error),
            },
        };
        ask(&authority).unwrap_or_else(|error| failed(&error))
    }
}

/// Where a service that listens on `bind` is reached from its own machine.
fn reached_at(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

/// How long a health check may take, in seconds.
const HEALTHCHECK_SECONDS: u64 = 2;

/// Asks `GET /readyz` at `authority` under the name `localhost`, which every service answers to.
fn ask(authority: &str) -> std::io::Result<ExitCode> {
    use std::io::{Error, ErrorKind, Read, Write};
    use std::net::{TcpStream, ToSocketAddrs};
    let wait = std::time::Duration::from_secs(HEALTHCHECK_SECONDS);
    let address = authority
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| Error::from(ErrorKind::NotFound))?;
    let mut stream = TcpStream::connect_timeout(&address, wait)?;
    stream.set_read_timeout(Some(wait))?;
    let port = address.port();
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    )?;
    let mut status_line = [0_u8; 12];
    stream.read_exact(&mut status_line)?;
    Ok(if status_line.ends_with(b" 200") {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Loads a service's configuration and runs it to its end, on a runtime of its own; errors go to
/// standard error with their causes. `run` sets up telemetry and TLS, binds, and serves.
///
/// ```ignore
/// fn main() -> ExitCode {
///     let command = Command::parse();
///     shared::serve::command::main(&command.service, "AUTH_SERVER", std::env::vars(), auth_server::run)
/// }
/// ```
pub fn main<T, E, F>(
    args: &ServiceArgs,
    env_prefix: &str,
    env: impl Iterator<Item = (String, String)>,
    run: impl FnOnce(T) -> F,
) -> ExitCode
where
    T: DeserializeOwned + Serialize,
    E: Error,
    F: Future<Output = Result<(), E>>,
{
    let config = match args.load::<T>(env_prefix, env) {
        Ok(Loaded::Run(config)) => config,
        Ok(Loaded::Printed(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(error) => return failed(&error),
    };
    match actix_web::rt::System::new().block_on(run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// What the command line asked for.
#[derive(Debug)]
pub enum Loaded<T> {
    /// Run with this configuration.
    Run(T),
    /// Print this text and leave.
    Printed(String),
}

impl ServiceArgs {
    /// The configuration that these options and `env` make, or its text for `--print-config`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the key.
    pub fn load<T: DeserializeOwned + Serialize>(
        &self,
        env_prefix: &str,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Loaded<T>, ConfigError> {
        let config: T = config::load(self.config.as_deref(), env_prefix, env)?;
        if self.print_config {
            Ok(Loaded::Printed(config::print(&config)?))
        } else {
            Ok(Loaded::Run(config))
        }
    }
}

fn failed(error: &dyn Error) -> ExitCode {
    eprintln!("error: {}", with_causes(error));
    ExitCode::FAILURE
}

/// An error and what caused it, in one line; a cause that the line says already is left out.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.contains(&reason) {
            // Writing to a String does not fail.
            let _ = write!(text, ": {reason}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_listens_on_all_interfaces_is_asked_on_loopback() {
        let at = |bind: &str| reached_at(bind.parse().unwrap()).to_string();
        assert_eq!(at("0.0.0.0:9000"), "127.0.0.1:9000");
        assert_eq!(at("[::]:9000"), "[::1]:9000");
        assert_eq!(at("192.0.2.1:9000"), "192.0.2.1:9000");
    }
}
