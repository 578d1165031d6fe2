//! The auth server alone. `ecosystem` runs it with the two others in one process.

use std::process::ExitCode;

use auth_server::{Config, RealmError, Server, StartError};
use clap::{Parser, Subcommand};
use shared::flow::Party;
use shared::realm::RealmName;
use shared::serve::listen::{self, ListenError};
use shared::serve::{ServiceArgs, command, telemetry, tls};
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

/// Why the program ended.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Wiring(#[from] WiringError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Realm(#[from] RealmError),
}

fn main() -> ExitCode {
    let command = Command::parse();
    let task = command.task;
    command::main(
        &command.service,
        "AUTH_SERVER",
        std::env::vars(),
        |config| async {
            match task {
                None => run(config).await,
                Some(Task::Keys(Keys::Rotate { realm })) => rotate(config, realm).await,
            }
        },
    )
}

async fn run(config: Config) -> Result<(), RunError> {
    telemetry::init(
        config.server.log_format,
        std::env::var("RUST_LOG").ok().as_deref(),
    );
    tls::install_crypto_provider();
    let bind = config.server.bind;
    let listener = listen::bind(bind, "[server] bind")?;
    let wiring = config.wiring.wire_and_forward(Party::AuthServer)?;
    let server = Server::bind(config, listener, wiring).await?;
    let stop = server.stop_handle();
    tokio::spawn(async move {
        match stop.stop_on_signal().await {
            Ok(signal) => tracing::info!(signal, "stopping"),
            Err(error) => tracing::warn!(%error, "signals cannot be handled"),
        }
    });
    tracing::info!(%bind, "the auth server answers");
    Ok(server.run().await?)
}

async fn rotate(config: Config, realm: RealmName) -> Result<(), RunError> {
    let realms = auth_server::open_realms(&config).await?;
    let from = realms.rotate_keys(&realm).await?;
    println!("realm {realm}: new keys are published, and sign from {from} (Unix seconds) on");
    Ok(())
}
