//! Auth servers on one database: one process on a SQLite file, any number on PostgreSQL.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::cast;
use super::database::{Backend, Database};
use super::program::{Program, Programs};
use super::provider::Provider;
use crate::fault::{Ran, system, unexpected};

/// Ports below those that the system gives to outgoing connections: what is free now is still free after a restart.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Auth servers of one issuer.
#[derive(Debug)]
pub(crate) struct Cluster {
    programs: Programs,
    processes: Vec<Option<Program>>,
    ports: Vec<u16>,
    /// Goes after the processes, and before the directory.
    database: Database,
    directory: TempDir,
}

/// `count` ports that nobody listens on now.
pub(crate) fn free_ports(count: usize) -> Ran<Vec<u16>> {
    // Rigs that run at the same time begin to look at different places.
    let mut random = [0; 2];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| unexpected("no randomness"))?;
    let span = PORTS.end - PORTS.start;
    let first = PORTS.start + u16::from_be_bytes(random) % span;
    let found: Vec<u16> = (first..PORTS.end)
        .chain(PORTS.start..first)
        .filter(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        .take(count)
        .collect();
    if found.len() == count {
        Ok(found)
    } else {
        Err(unexpected("no free ports"))
    }
}

impl Cluster {
    /// Starts `replicas` auth servers on a new database, with `more` of configuration (TOML).
    pub(crate) async fn start(
        programs: &Programs,
        backend: &Backend,
        replicas: usize,
        more: &str,
    ) -> Ran<Self> {
        let mut cluster = Self::prepare(programs, backend, replicas, more)?;
        for number in 0..replicas {
            cluster.start_one(number).await?;
        }
        Ok(cluster)
    }

    /// Everything that a start needs, without the start.
    pub(crate) fn prepare(
        programs: &Programs,
        backend: &Backend,
        replicas: usize,
        more: &str,
    ) -> Ran<Self> {
        Self::prepare_with(programs, backend, replicas, (more, ""))
    }

    /// The same with more keys under `[store]` besides.
    pub(crate) fn prepare_with(
        programs: &Programs,
        backend: &Backend,
        replicas: usize,
        configured: (&str, &str),
    ) -> Ran<Self> {
        Self::prepare_on(programs, (backend, None), replicas, configured)
    }

    /// The same with a SQLite file in `place`, where one is given.
    pub(crate) fn prepare_on(
        programs: &Programs,
        (backend, place): (&Backend, Option<&Path>),
        replicas: usize,
        (more, store): (&str, &str),
    ) -> Ran<Self> {
        let directory = tempfile::Builder::new().prefix("reliability-").tempdir()?;
        // Two more than listen: the addresses of a client app and an API that do not run.
        let ports = free_ports(replicas + 2)?;
        let first = ports.first().copied().unwrap_or_default();
        let name = format!("reliability_{}_{first}", std::process::id());
        let place = place.unwrap_or(directory.path());
        let database = Database::create(backend, place, &name)?;
        let seed = toml::to_string(&cast::seed()?)?;
        let seed_file = directory.path().join("seed.toml");
        std::fs::write(&seed_file, seed).map_err(system("the seed file"))?;
        let cluster = Self {
            programs: programs.clone(),
            processes: (0..replicas).map(|_| None).collect(),
            ports,
            database,
            directory,
        };
        for number in 0..replicas {
            let text = cluster.configuration(number, (more, store));
            std::fs::write(cluster.file(number), text).map_err(system("a configuration"))?;
        }
        Ok(cluster)
    }

    fn configuration(&self, number: usize, (more, store): (&str, &str)) -> String {
        let port = |number: usize| self.ports.get(number).copied().unwrap_or_default();
        let size = self.processes.len();
        format!(
            "[server]\nbind = \"127.0.0.1:{}\"\n[store]\nurl = \"{}\"\n{store}[seed]\nfile = \"{}\"\n\
             [wiring]\nrecord_key = \"the key of one rig, made for it alone\"\n[wiring.addresses]\n\
             client_app = \"http://localhost:{}\"\nauth_server = \"{}\"\n\
             resource_server = \"http://localhost:{}\"\n{more}",
            port(number),
            self.database.url(),
            self.directory.path().join("seed.toml").display(),
            port(size),
            self.issuer(),
            port(size + 1),
        )
    }

    fn file(&self, number: usize) -> PathBuf {
        self.directory
            .path()
            .join(format!("auth-server-{number}.toml"))
    }

    /// A directory that goes with this value.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The issuer of all processes.
    pub(crate) fn issuer(&self) -> String {
        format!(
            "http://localhost:{}",
            self.ports.first().copied().unwrap_or_default()
        )
    }

    /// Where process `number` listens.
    pub(crate) fn peer(&self, number: usize) -> String {
        format!(
            "127.0.0.1:{}",
            self.ports.get(number).copied().unwrap_or_default()
        )
    }

    /// The address of the client app, which does not run.
    pub(crate) fn client_app(&self) -> String {
        let port = self.ports.get(self.processes.len());
        format!("http://localhost:{}", port.copied().unwrap_or_default())
    }

    /// The address of the API, which a rig may start.
    pub(crate) fn resource_server_port(&self) -> u16 {
        let port = self.ports.get(self.processes.len() + 1);
        port.copied().unwrap_or_default()
    }

    /// Its clients' view of it.
    pub(crate) fn provider(&self) -> Ran<Provider> {
        let peers: Vec<String> = (0..self.processes.len())
            .map(|number| self.peer(number))
            .collect();
        let callback = format!("{}/callback", self.client_app());
        Provider::new(&self.issuer(), &peers, &callback)
    }

    /// Its database.
    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// Starts process `number`; how long until it was ready, from the start of the program on.
    pub(crate) async fn start_one(&mut self, number: usize) -> Ran<Duration> {
        let started = Instant::now();
        let mut program = self.launch(number)?;
        program.ready(&self.peer(number)).await?;
        let took = started.elapsed();
        if let Some(place) = self.processes.get_mut(number) {
            *place = Some(program);
        }
        Ok(took)
    }

    /// Launches process `number` without waiting for it.
    pub(crate) fn launch(&self, number: usize) -> Ran<Program> {
        let file = self.file(number).display().to_string();
        let log = self
            .directory
            .path()
            .join(format!("auth-server-{number}.log"));
        let path = self.programs.path("auth-server");
        Program::start(&path, &["--config", &file], &log)
    }

    /// Runs the program with a subcommand on the configuration of process 0, to its end: its exit code.
    pub(crate) async fn command(&self, words: &[&str]) -> Ran<Option<i32>> {
        let file = self.file(0).display().to_string();
        let log = self.directory.path().join("command.log");
        let path = self.programs.path("auth-server");
        let arguments = [&["--config", file.as_str()], words].concat();
        let mut program = Program::start(&path, &arguments, &log)?;
        Ok(program.ended().await?.0)
    }

    /// Takes process `number` out, to be killed or waited for.
    pub(crate) fn take(&mut self, number: usize) -> Ran<Program> {
        let process = self.processes.get_mut(number).and_then(Option::take);
        process.ok_or_else(|| unexpected("that process does not run"))
    }
}
