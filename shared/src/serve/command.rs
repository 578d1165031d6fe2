//! The command line that the three services share, and what their `main` does with it.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::config::{self, ConfigError};
use super::healthcheck::{Healthcheck, Listening};

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

impl Healthcheck {
    /// Asks the service that `args` configure; `listening` is what it says of its listener.
    pub fn run<T: DeserializeOwned + Serialize>(
        &self,
        args: &ServiceArgs,
        env_prefix: &str,
        env: impl Iterator<Item = (String, String)>,
        listening: impl FnOnce(T) -> Listening,
    ) -> ExitCode {
        let config = match config::load::<T>(args.config.as_deref(), env_prefix, env) {
            Ok(config) => config,
            Err(error) => return failed(&error),
        };
        match self.ask(&listening(config)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        }
    }
}

/// Loads a service's configuration and runs it to its end, on a runtime of its own; errors go to
/// standard error with their causes. `run` sets up telemetry and TLS, binds, and serves.
///
/// ```ignore
/// fn main() -> ExitCode {
///     let command = Command::parse();
///     shared::serve::command::main(&command.service, "AUTH_SERVER", environment(std::env::vars_os()), auth_server::run)
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
            return match std::io::stdout().write_all(text.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failed(&error),
            };
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
