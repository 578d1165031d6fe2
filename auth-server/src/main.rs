//! The auth server alone. `ecosystem` runs it with the two others in one process.

use std::io::Write;
use std::process::ExitCode;

use auth_server::{Config, RealmError, Server, StartError};
use clap::{Parser, Subcommand};
use shared::flow::Party;
use shared::realm::RealmName;
use shared::serve::config::environment;
use shared::serve::healthcheck::{Healthcheck, Listening};
use shared::serve::listen::{self, ListenError};
use shared::serve::{ServiceArgs, command, descriptors, tls};
use shared::telemetry::{Tracers, TracesError, logs};
use shared::wiring::WiringError;

/// The authorization server: signs people in, asks them for consent, and issues tokens.
#[derive(Debug, Parser)]
#[command(name = "auth-server", version)]
struct Command {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Look after signing keys; a server that runs on the same store notices within seconds.
    #[command(subcommand)]
    Keys(Keys),
    /// Ask a running server whether it is ready, and leave with 0 or 1 (for containers).
    Healthcheck(Healthcheck),
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Publish new signing keys, sign with them from a few seconds on, and let the old ones retire.
    Rotate {
        /// The realm whose keys rotate.
        #[arg(long, default_value = "default")]
        realm: RealmName,
    },
}

/// What the names of its environment variables begin with.
const ENV_PREFIX: &str = "AUTH_SERVER";

/// Why the program ended.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Wiring(#[from] WiringError),
    #[error(transparent)]
    Traces(#[from] TracesError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Realm(#[from] RealmError),
}

fn main() -> ExitCode {
    let Command { service, task } = Command::parse();
    let env = environment(std::env::vars_os());
    match task {
        None => command::main(&service, ENV_PREFIX, env, run),
        Some(Task::Keys(Keys::Rotate { realm })) => {
            command::main(&service, ENV_PREFIX, env, |config| rotate(config, realm))
        }
        Some(Task::Healthcheck(check)) => {
            check.run(&service, ENV_PREFIX, env, |config: Config| Listening {
                service: "auth-server",
                bind: config.server.bind,
                tls: config.wiring.tls,
            })
        }
    }
}

async fn run(config: Config) -> Result<(), RunError> {
    let last_lines = logs::init(
        config.server.log_format,
        std::env::var("RUST_LOG").ok().as_deref(),
    );
    descriptors::raise();
    tls::install_crypto_provider();
    let bind = config.server.bind;
    let listener = listen::bind(bind, "[server] bind")?;
    let tracers = Tracers::configured(environment(std::env::vars_os()))?;
    let mut wiring = config.wiring.wire_and_forward(Party::AuthServer)?;
    wiring.tracers = tracers.clone();
    last_lines.count_in(&wiring.meters);
    let server = Server::bind(config, listener, wiring).await?;
    let stop = server.stop_handle();
    tokio::spawn(async move {
        match stop.stop_on_signal().await {
            Ok(signal) => tracing::info!(signal, "stopping"),
            Err(error) => tracing::warn!(%error, "signals cannot be handled"),
        }
    });
    tracing::info!(%bind, "the auth server answers");
    let ended = server.run().await;
    tracers.flush().await;
    Ok(ended?)
}

async fn rotate(config: Config, realm: RealmName) -> Result<(), RunError> {
    let realms = auth_server::open_realms(&config).await?;
    let from = realms.rotate_keys(&realm).await?;
    // They are, whether or not anybody reads this.
    let _ = writeln!(
        std::io::stdout(),
        "realm {realm}: new keys are published, and sign from {from} (Unix seconds) on"
    );
    Ok(())
}
