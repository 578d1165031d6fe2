//! The client app alone. `ecosystem` runs it with its provider in one process.

use std::process::ExitCode;

use clap::Parser;
use client_app::{Config, Server, StartError};
use shared::serve::command::Task;
use shared::serve::config::environment;
use shared::serve::healthcheck::Listening;
use shared::serve::listen::{self, ListenError, PublicDemo};
use shared::serve::{ServiceArgs, command, descriptors, tls};
use shared::telemetry::{Tracers, TracesError, logs};
use shared::wiring::WiringError;

/// The print shop that asks for Alice's photos, and the viewer of every flow.
#[derive(Debug, Parser)]
#[command(name = "client-app", version)]
struct Command {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(subcommand)]
    task: Option<Task>,
}

/// What the names of its environment variables begin with.
const ENV_PREFIX: &str = "CLIENT_APP";

/// Why the program ended.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    PublicDemo(#[from] PublicDemo),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Wiring(#[from] WiringError),
    #[error(transparent)]
    Traces(#[from] TracesError),
    #[error(transparent)]
    Start(#[from] StartError),
}

fn main() -> ExitCode {
    let Command { service, task } = Command::parse();
    let env = environment(std::env::vars_os());
    match task {
        None => command::main(&service, ENV_PREFIX, env, run),
        Some(Task::Healthcheck(check)) => {
            check.run(&service, ENV_PREFIX, env, |config: Config| Listening {
                service: "client-app",
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
    let (bind, open) = (config.server.bind, config.server.allow_public_demo);
    listen::refuse_public_demo(bind, open, config.shown_to_everybody())?;
    let listener = listen::bind(bind, "[server] bind")?;
    let tracers = Tracers::configured(environment(std::env::vars_os()))?;
    let (mut wiring, feed) = config.wiring.wire()?;
    wiring.tracers = tracers.clone();
    last_lines.count_in(&wiring.meters);
    let server = Server::bind(config, listener, wiring, feed).await?;
    let stop = server.stop_handle();
    tokio::spawn(async move {
        match stop.stop_on_signal().await {
            Ok(signal) => tracing::info!(signal, "stopping"),
            Err(error) => tracing::warn!(%error, "signals cannot be handled"),
        }
    });
    tracing::info!(%bind, "the client app answers");
    let ended = server.run().await;
    tracers.flush().await;
    Ok(ended?)
}
