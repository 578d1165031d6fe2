//! `cargo run`: the demo. The only reader of arguments and environment.

mod arguments;
mod banner;
mod data;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::Arguments;
use clap::Parser;
use data::{DataDirectory, DataError};
use ecosystem::{Ecosystem, StartError, Store};
use serde::Serialize;
use shared::realm::Addresses;
use shared::seed::{Seed, SeedError};
use shared::serve::command::with_causes;
use shared::serve::config::environment;
use shared::serve::{Shutdown, descriptors, tls};
use shared::telemetry::{Meters, Tracers, TracesError, logs};

/// Why the demo does not run.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Traces(#[from] TracesError),
    #[error("cannot write the ready file {}: {source}", .path.display())]
    ReadyFile { path: PathBuf, source: io::Error },
    #[error("{0}")]
    System(#[from] io::Error),
    #[error("the services ended by themselves")]
    Ended,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| logs::WARNINGS.to_owned());
    let last_lines = logs::init(arguments.log_format, Some(&filter));
    let meters = Meters::default();
    last_lines.count_in(&meters);
    descriptors::raise();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = runtime
        .map_err(DemoError::System)
        .and_then(|runtime| runtime.block_on(demo(&arguments, meters)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

/// Starts the ecosystem, says so, and runs it until a signal comes.
async fn demo(arguments: &Arguments, meters: Meters) -> Result<(), DemoError> {
    // Listened for from the start, so that a signal during the start is not lost.
    let shutdown = Shutdown::new();
    let mut signal = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { shutdown.trigger_on_signal().await }
    });
    let seed = match &arguments.seed {
        Some(file) => Seed::load(file)?,
        None => Seed::demo()?,
    };
    let (store, _lock) = open_store(arguments)?;
    remove_ready_file(arguments)?;
    tls::install_crypto_provider();
    // Three services in one process have three names of their own.
    let variables =
        environment(std::env::vars_os()).filter(|(name, _)| name != "OTEL_SERVICE_NAME");
    let tracers = Tracers::configured(variables)?;
    let mut builder = Ecosystem::builder()
        .tracers(tracers.clone())
        .meters(meters)
        .ports(arguments.ports.0)
        .seed(seed.clone())
        .record(!arguments.no_record)
        .store(store);
    if let Some(https) = arguments.https() {
        builder = builder.tls(https);
    }
    let mut ecosystem = builder.start().await?;
    if ecosystem.ready().await {
        // Standard output may be closed; then nobody reads this.
        let _ = io::stdout().write_all(banner::banner(&ecosystem, &seed).as_bytes());
        let _ = io::stdout().flush();
        if let Some(path) = &arguments.ready_file {
            write_ready_file(path, &ecosystem).map_err(|source| DemoError::ReadyFile {
                path: path.clone(),
                source,
            })?;
        }
    }
    let ended = tokio::select! {
        signal = &mut signal => signal.map_err(io::Error::other)?.map(drop).map_err(DemoError::from),
        () = ecosystem.ended() => Err(DemoError::Ended),
    };
    ecosystem.stop().await;
    tracers.flush().await;
    remove_ready_file(arguments)?;
    ended
}

/// The store that was asked for, and what keeps others from it while it is used.
fn open_store(arguments: &Arguments) -> Result<(Store, Option<DataDirectory>), DemoError> {
    if arguments.memory {
        return Ok((Store::Memory, None));
    }
    let directory = DataDirectory::open(&arguments.data_dir)?;
    if arguments.fresh {
        directory.start_over()?;
    }
    let store = Store::Directory(directory.path().to_path_buf());
    Ok((store, Some(directory)))
}

/// What the ready file says.
#[derive(Serialize)]
struct Ready<'a> {
    #[serde(flatten)]
    addresses: &'a Addresses,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_authority: Option<&'a str>,
}

impl<'a> Ready<'a> {
    fn of(ecosystem: &'a Ecosystem) -> Self {
        Self {
            addresses: ecosystem.addresses(),
            certificate_authority: ecosystem
                .authority()
                .map(|authority| authority.certificate.as_str()),
        }
    }
}

/// Writes the URLs so that a reader sees all of them or no file.
fn write_ready_file(path: &Path, ecosystem: &Ecosystem) -> io::Result<()> {
    let text = serde_json::to_string(&Ready::of(ecosystem)).map_err(io::Error::other)?;
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(directory.unwrap_or_else(|| Path::new(".")))?;
    writeln!(file, "{text}")?;
    file.persist(path)?;
    Ok(())
}

/// A ready file of an earlier run says nothing of this one.
fn remove_ready_file(arguments: &Arguments) -> Result<(), DemoError> {
    let Some(path) = &arguments.ready_file else {
        return Ok(());
    };
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(DemoError::ReadyFile {
            path: path.clone(),
            source,
        }),
        _ => Ok(()),
    }
}
