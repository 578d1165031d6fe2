//! The one command of `docs/performance.md`: our server, the floor and a peer in turns, as ratios within one run.
//!
//! `bash benches/run` builds what is needed and starts this. Without the peer its columns stay empty and the report
//! says so; an unexpected answer of any server ends the run, because a run with errors is no result.

mod arguments;
mod fleet;
mod footprint;
mod growth;
mod logins;
mod report;
mod rows;

use std::process::ExitCode;

use arguments::Arguments;
use benches::failure::Failure;
use clap::Parser;
use fleet::Programs;
use report::Report;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = runtime
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(run(&arguments)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("no result: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let directory = tempfile::tempdir()?;
    let programs = Programs::find(arguments, directory.path())?;
    let mut report = Report::new(arguments, &programs)?;
    if arguments.wants("rows") {
        let mut fleet = fleet::Fleet::start(&programs)?;
        report.rows = rows::measure(arguments, &fleet, rows::all()).await?;
        report.algorithms = rows::measure(arguments, &fleet, rows::algorithms()).await?;
        if arguments.wants("logins") {
            report.logins = logins::measure(arguments, fleet.ours()).await?;
        }
        fleet.stop()?;
    }
    if arguments.wants("growth") {
        report.growth = growth::measure(arguments, &programs).await?;
    }
    if arguments.wants("footprint") {
        report.footprint = Some(footprint::measure(arguments, &programs)?);
    }
    let text = report.text();
    println!("{text}");
    if let Some(file) = &arguments.write {
        report::write(file, &text)?;
        eprintln!("written to {}", file.display());
    }
    report.gross()
}
