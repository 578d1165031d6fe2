//! The command line: which rigs, on which back ends, in which form.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::fault::{Ran, unexpected};
use crate::report::Findings;
use crate::rig::{
    Bench, away, bad_provider, hang, kill, memory, migration, races, restart, rotation, skew, stop,
    sweep,
};
use crate::world::{Backend, Programs, Provider, cast};

/// Race, kill, stop, skew and starve the real programs, and see what becomes of what they had promised.
#[derive(Debug, Parser)]
#[command(name = "reliability", version)]
pub(crate) struct Command {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    rig: Rig,
}

#[derive(Debug, Args)]
struct Options {
    /// The short form, which takes seconds: for every change.
    #[arg(long, global = true)]
    short: bool,
    /// A PostgreSQL server on which databases may be made; without it only SQLite files are tried.
    #[arg(long, global = true, value_name = "URL")]
    postgres: Option<String>,
    /// Leave SQLite out.
    #[arg(long, global = true)]
    no_sqlite: bool,
    /// Where the programs are. Default: beside this one.
    #[arg(long, global = true, value_name = "DIRECTORY")]
    programs: Option<PathBuf>,
    /// Write each table into this document, between the markers of its rig.
    #[arg(long, global = true, value_name = "FILE")]
    write: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Rig {
    /// Every rig, one after the other.
    All(All),
    /// Many present the same code, token, reference or device code at once: one wins.
    Races(Races),
    /// SIGKILL under load, and a replay of everything that was acknowledged.
    Kill(Kill),
    /// SIGTERM and a start: what was there is there.
    Restart,
    /// SIGTERM under half-sent requests and open streams, and a second one.
    Stop,
    /// Keys that rotate every two seconds under load, and two resource servers.
    Rotation(Rotation),
    /// Tokens whose issuer's clock is ahead or behind.
    Skew,
    /// The auth server killed under two kinds of tokens, and back again.
    Away,
    /// A provider that never answers, drips, redirects in circles, sends a gigabyte or no JSON, or hangs up.
    BadProvider,
    /// A disk that hangs under the auth server, and comes back (as root).
    Hang,
    /// Load with viewers open and one that has stopped to read.
    Memory(Memory),
    /// A great many expired rows, swept while clients go on writing.
    Sweep(Sweep),
    /// Older and newer databases, and a kill in the middle of a migration.
    Migration,
    /// Print the seed that the rigs fill their servers with, for servers of your own.
    Seed,
}

/// What [`Rig::All`] stands for, by name.
const RIGS: [&str; 12] = [
    "races",
    "kill",
    "restart",
    "stop",
    "memory",
    "sweep",
    "migration",
    "rotation",
    "skew",
    "away",
    "bad-provider",
    "hang",
];

#[derive(Debug, Args)]
struct All {
    /// A rig to leave out, by its name here; may be given several times.
    #[arg(long, value_name = "RIG", value_parser = RIGS)]
    without: Vec<String>,
}

#[derive(Debug, Args)]
struct Races {
    /// Servers that run already, in place of some of our own; several are processes of one issuer.
    #[arg(long, value_name = "URL")]
    auth_server: Vec<String>,
    /// Where those servers may send answers to clients.
    #[arg(long, default_value = "http://localhost:8080/callback")]
    callback: String,
    /// Those servers were filled with what `reliability seed` prints, and not with the demo.
    #[arg(long)]
    seeded: bool,
    /// Rounds of each race. Default 200, or 4 in the short form.
    #[arg(long)]
    rounds: Option<usize>,
    /// Who present the same thing at once. Default 32, or 16 in the short form.
    #[arg(long)]
    racers: Option<usize>,
}

#[derive(Debug, Args)]
struct Kill {
    /// How often on each back end. Default 20, or 3 in the short form.
    #[arg(long)]
    kills: Option<usize>,
}

#[derive(Debug, Args)]
struct Memory {
    /// For how many minutes. Default 60, or 20 seconds in the short form.
    #[arg(long)]
    minutes: Option<u64>,
    /// Requests a second, as far as the machine keeps them up. Default: what four clients send with short rests.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
}

#[derive(Debug, Args)]
struct Rotation {
    /// Requests a second to issue and to verify, as far as the machine keeps them up. Default: what four clients send
    /// with short rests.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
}

#[derive(Debug, Args)]
struct Sweep {
    /// How many rows. Default a million, or five thousand in the short form.
    #[arg(long)]
    rows: Option<usize>,
}

impl Command {
    /// Runs what was asked for; whether everything holds.
    ///
    /// # Errors
    /// [`crate::fault::Fault`] where a rig could not be run.
    pub(crate) async fn run(self, beside: Option<&Path>) -> Ran<bool> {
        let Self { options, rig } = self;
        let directory = options.programs.as_deref().or(beside);
        let directory = directory.ok_or_else(|| unexpected("--programs is needed"))?;
        let bench = Bench {
            programs: Programs::in_directory(directory),
            backends: options.backends(),
            short: options.short,
        };
        let build = directory.file_name().unwrap_or_default().to_string_lossy();
        let mut hold = true;
        let all = matches!(rig, Rig::All(_));
        // One after the other: each judges by what the machine does for it alone.
        for rig in rig.parts() {
            let form = rig.form(bench.short);
            let findings = match Box::pin(rig.run(&bench)).await {
                Ok(Some(findings)) => findings,
                Ok(None) => continue,
                // The others are run all the same.
                Err(fault) if all => {
                    eprintln!("error: {fault}");
                    hold = false;
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            println!("{}", findings.table(&build, &form));
            if let Some(document) = &options.write {
                findings.write(document, (&build, &form))?;
            }
            hold &= findings.hold();
        }
        Ok(hold)
    }
}

impl Options {
    fn backends(&self) -> Vec<Backend> {
        let sqlite = (!self.no_sqlite).then_some(Backend::Sqlite);
        let postgres = self.postgres.clone().map(Backend::Postgres);
        sqlite.into_iter().chain(postgres).collect()
    }
}

impl Rig {
    /// The rigs that it stands for.
    fn parts(self) -> Vec<Self> {
        let Self::All(All { without }) = self else {
            return vec![self];
        };
        let mut all = vec![
            Self::Races(Races::own()),
            Self::Kill(Kill { kills: None }),
            Self::Restart,
            Self::Stop,
            Self::Memory(Memory {
                minutes: None,
                rate: None,
            }),
            Self::Sweep(Sweep { rows: None }),
            Self::Migration,
            Self::Rotation(Rotation { rate: None }),
            Self::Skew,
            Self::Away,
            Self::BadProvider,
            Self::Hang,
        ];
        all.retain(|rig| !without.iter().any(|name| name == rig.name()));
        all
    }

    /// Its name on the command line.
    const fn name(&self) -> &'static str {
        match self {
            Self::All(_) => "all",
            Self::Races(_) => "races",
            Self::Kill(_) => "kill",
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Rotation(_) => "rotation",
            Self::Skew => "skew",
            Self::Away => "away",
            Self::BadProvider => "bad-provider",
            Self::Hang => "hang",
            Self::Memory(_) => "memory",
            Self::Sweep(_) => "sweep",
            Self::Migration => "migration",
            Self::Seed => "seed",
        }
    }

    /// How this run is called in the report: by what was asked for besides the form, where anything was.
    fn form(&self, short: bool) -> String {
        let size = |number: Option<u32>| number.and_then(|number| number.try_into().ok());
        let sizes = match self {
            Self::Races(races) => vec![("rounds", races.rounds), ("racers", races.racers)],
            Self::Kill(kill) => vec![("kills", kill.kills)],
            Self::Memory(memory) => {
                let minutes = memory.minutes.and_then(|minutes| minutes.try_into().ok());
                vec![("minutes", minutes), ("rate", size(memory.rate))]
            }
            Self::Rotation(rotation) => vec![("rate", size(rotation.rate))],
            Self::Sweep(sweep) => vec![("rows", sweep.rows)],
            _ => Vec::new(),
        };
        let asked: Vec<String> = sizes
            .into_iter()
            .filter_map(|(size, number)| number.map(|number| format!(" --{size} {number}")))
            .collect();
        match (asked.is_empty(), short) {
            (false, _) => format!("`{}{}`", self.name(), asked.concat()),
            (true, true) => "Short form".to_owned(),
            (true, false) => "Full form".to_owned(),
        }
    }

    async fn run(self, bench: &Bench) -> Ran<Option<Findings>> {
        Ok(Some(match self {
            Self::All(_) => return Ok(None),
            Self::Races(races) => races.run(bench).await?,
            Self::Kill(Kill { kills }) => {
                kill::run(bench, kills.unwrap_or_else(|| bench.pick(20, 3))).await?
            }
            Self::Restart => restart::run(bench).await?,
            Self::Stop => stop::run(bench).await?,
            Self::Rotation(Rotation { rate }) => rotation::run(bench, rate).await?,
            Self::Skew => skew::run(bench).await?,
            Self::Away => away::run(bench).await?,
            Self::BadProvider => bad_provider::run(bench).await?,
            Self::Hang => hang::run(bench).await?,
            Self::Memory(Memory { minutes, rate }) => {
                let span = bench.pick(Duration::from_hours(1), Duration::from_secs(20));
                let span = minutes.map_or(span, Duration::from_mins);
                memory::run(bench, span, rate).await?
            }
            Self::Sweep(Sweep { rows }) => {
                let rows = rows.unwrap_or_else(|| bench.pick(1_000_000, 5_000));
                sweep::run(bench, rows).await?
            }
            Self::Migration => migration::run(bench, bench.pick(20, 3)).await?,
            Self::Seed => {
                println!("{}", toml::to_string(&cast::seed()?)?);
                return Ok(None);
            }
        }))
    }
}

impl Races {
    fn own() -> Self {
        Self {
            auth_server: Vec::new(),
            callback: String::new(),
            seeded: false,
            rounds: None,
            racers: None,
        }
    }

    async fn run(self, bench: &Bench) -> Ran<Findings> {
        let size = races::Size {
            rounds: self.rounds.unwrap_or_else(|| bench.pick(200, 4)),
            racers: self.racers.unwrap_or_else(|| bench.pick(32, 16)),
        };
        if self.auth_server.is_empty() {
            return races::run(bench, size).await;
        }
        let provider = Provider::discover(&self.auth_server, &self.callback).await?;
        let cast = if self.seeded {
            races::Cast::RIG
        } else {
            races::Cast::DEMO
        };
        races::against(&provider, cast, size).await
    }
}
