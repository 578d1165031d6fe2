//! Rigs that race, kill, stop, skew and starve the real programs, and say what became of what they had promised:
//! `cargo build --workspace --bins && cargo run -p reliability -- all --postgres URL --write docs/reliability.md`.
//!
//! | room | what is in it |
//! |---|---|
//! | `rig` | one file a rig |
//! | `world` | the programs, their databases and cast, a person with a browser |
//! | `wire` | HTTP, byte by byte |
//! | `report` | what was found out, as rows of `docs/reliability.md` |
//!
//! The rigs know the programs from outside alone: by HTTP, by signals, and by the rows of their databases.

mod command;
mod fault;
mod report;
mod rig;
mod wire;
mod world;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let command = command::Command::parse();
    let beside = std::env::current_exe().ok();
    let beside = beside.as_deref().and_then(std::path::Path::parent);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let ran = runtime
        .map_err(fault::Fault::from)
        .and_then(|runtime| runtime.block_on(command.run(beside)));
    match ran {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("not everything holds");
            ExitCode::FAILURE
        }
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}
