//! The servers of the main table: all run at once, and one is asked at a time.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use benches::failure::Failure;
use benches::server::{Server, free_ports};
use benches::target::{Client, READERS, Target};

use crate::arguments::Arguments;

/// Where the programs are, and where they may write.
pub(crate) struct Programs {
    directory: PathBuf,
    binaries: PathBuf,
    cast: PathBuf,
    /// The peer's Node.js and modules, where they were installed.
    pub(crate) peer: Option<(PathBuf, PathBuf)>,
}

impl Programs {
    /// Finds the programs and writes the cast.
    ///
    /// # Errors
    /// [`Failure::Start`] where one of them is missing.
    pub(crate) fn find(arguments: &Arguments, directory: &Path) -> Result<Self, Failure> {
        let beside = std::env::current_exe()?;
        let beside = beside.parent().map(Path::to_path_buf).unwrap_or_default();
        let binaries = arguments.programs.clone().unwrap_or(beside);
        let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
        let demo = std::fs::read_to_string(benches.join("../config/demo.toml"))?;
        let more = std::fs::read_to_string(benches.join("cast.toml"))?;
        let cast = directory.join("cast.toml");
        std::fs::write(&cast, format!("{demo}\n{more}\n{}", readers()))?;
        let peer = arguments.peers.as_ref();
        let peer = peer.filter(|peers| peers.join("node_modules/oidc-provider").is_dir());
        let found = Self {
            directory: directory.to_path_buf(),
            peer: peer.map(|peers| (arguments.node.clone(), peers.clone())),
            binaries,
            cast,
        };
        for program in ["ecosystem", "floor"] {
            if !found.binaries.join(program).is_file() {
                let why = "it was not built: cargo build -p ecosystem -p benches".to_owned();
                return Err(Failure::Start(program.to_owned(), why));
            }
        }
        Ok(found)
    }

    /// A directory of this name for a server's data.
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Where logs go.
    pub(crate) fn logs(&self) -> &Path {
        &self.directory
    }

    /// A program, if it was built.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.binaries.join(name)).filter(|program| program.is_file())
    }

    /// The demo's three services in one process, on a data directory, with the demo's own cast.
    pub(crate) fn demo(&self, data: &Path, ports: [u16; 3]) -> Command {
        let [client_app, auth_server, resource_server] = ports;
        let mut command = Command::new(self.binaries.join("ecosystem"));
        command
            .arg("--data-dir")
            .arg(data)
            .arg("--ports")
            .arg(format!("{client_app},{auth_server},{resource_server}"));
        command
    }

    /// Starts the three services in one process, with the bench's cast, and waits until they are ready.
    ///
    /// # Errors
    /// [`Failure::Start`].
    pub(crate) fn start_ecosystem(
        &self,
        name: &str,
        ports: [u16; 3],
        more: &[&str],
    ) -> Result<Server, Failure> {
        let mut command = self.demo(&self.data(name), ports);
        command.arg("--seed").arg(&self.cast).args(more);
        let mut server = Server::start(name, &mut command, self.logs())?;
        server.ready(&ports.map(|port| (port, "/readyz")))?;
        Ok(server)
    }
}

/// People of the cast who do nothing but sign in; their one password is hashed once.
fn readers() -> String {
    let readers = (0..READERS).map(|reader| {
        format!(
            "[[realm.people]]\nusername = \"reader-{reader}\"\npassword = \"alice-password\"\nsub = \"reader-{reader:04}\"\n"
        )
    });
    readers.collect()
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Entrant {
    /// Ours, which records what it does, as it comes.
    Ours,
    /// Ours without its record.
    Unrecorded,
    /// The floor in memory.
    Floor,
    /// The floor on a SQLite file.
    FloorSqlite,
    /// The floor on a SQLite file, with opaque access tokens.
    FloorOpaque,
    /// The floor in memory, which signs by RSA.
    FloorRsa,
    /// The peer in memory.
    Peer,
    /// The peer on a SQLite file.
    PeerSqlite,
}

/// One of them, running.
pub(crate) struct Running {
    /// Who it is.
    pub(crate) entrant: Entrant,
    /// Its processes.
    pub(crate) pids: Vec<u32>,
    /// How it is asked.
    pub(crate) target: Arc<Target>,
    server: Server,
}

/// All of them.
pub(crate) struct Fleet(Vec<Running>);

impl Fleet {
    /// Starts all that there are.
    ///
    /// # Errors
    /// [`Failure::Start`].
    pub(crate) fn start(programs: &Programs) -> Result<Self, Failure> {
        let mut fleet = Self(Vec::new());
        for (entrant, name, more) in [
            (Entrant::Ours, "ours", &[][..]),
            (Entrant::Unrecorded, "ours-unrecorded", &["--no-record"][..]),
        ] {
            let ports = free_ports::<3>()?;
            let server = programs.start_ecosystem(name, ports, more)?;
            fleet.add(entrant, server, Target::ours(ports));
        }
        let database = |name: &str| {
            let file = programs.data(&format!("{name}.db")).display().to_string();
            ["--database".to_owned(), file]
        };
        let sqlite = database("floor-sqlite").to_vec();
        let mut opaque = database("floor-opaque").to_vec();
        opaque.push("--opaque".to_owned());
        for (entrant, name, more) in [
            (Entrant::Floor, "floor", Vec::new()),
            (Entrant::FloorSqlite, "floor-sqlite", sqlite),
            (Entrant::FloorOpaque, "floor-opaque", opaque),
            (
                Entrant::FloorRsa,
                "floor-rs256",
                vec!["--algorithm".to_owned(), "rs256".to_owned()],
            ),
        ] {
            fleet.add_floor(programs, (entrant, name), &more)?;
        }
        for (entrant, name, store) in [
            (Entrant::Peer, "peer", "memory"),
            (Entrant::PeerSqlite, "peer-sqlite", "sqlite"),
        ] {
            fleet.add_peer(programs, (entrant, name), store)?;
        }
        Ok(fleet)
    }

    fn add(&mut self, entrant: Entrant, server: Server, target: Target) {
        self.0.push(Running {
            entrant,
            pids: server.pids(),
            target: Arc::new(target),
            server,
        });
    }

    fn add_floor(
        &mut self,
        programs: &Programs,
        (entrant, name): (Entrant, &str),
        more: &[String],
    ) -> Result<(), Failure> {
        let [port] = free_ports::<1>()?;
        let Some(program) = programs.program("floor") else {
            return Ok(());
        };
        let mut command = Command::new(program);
        command.arg("--port").arg(port.to_string()).args(more);
        let mut server = Server::start(name, &mut command, programs.logs())?;
        server.ready(&[(port, "/jwks")])?;
        self.add(entrant, server, Target::floor(port));
        Ok(())
    }

    fn add_peer(
        &mut self,
        programs: &Programs,
        (entrant, name): (Entrant, &str),
        store: &str,
    ) -> Result<(), Failure> {
        let Some((node, modules)) = &programs.peer else {
            return Ok(());
        };
        let [port] = free_ports::<1>()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/oidc-provider.mjs");
        let mut command = Command::new(node);
        command
            .arg("--no-warnings")
            .arg(script)
            .arg(modules)
            .args([&port.to_string(), store])
            .arg(programs.data(&format!("{name}.db")))
            .env("NODE_ENV", "production");
        let mut server = Server::start(name, &mut command, programs.logs())?;
        server.ready(&[(port, "/jwks")])?;
        self.add(entrant, server, Target::oidc_provider(port));
        Ok(())
    }

    /// The one that runs as this entrant.
    pub(crate) fn find(&self, entrant: Entrant) -> Option<&Running> {
        self.0.iter().find(|running| running.entrant == entrant)
    }

    /// Ours, as it comes.
    pub(crate) fn ours(&self) -> Option<&Running> {
        self.find(Entrant::Ours)
    }

    /// Stops all of them.
    ///
    /// # Errors
    /// [`Failure::TooLong`].
    pub(crate) fn stop(&mut self) -> Result<(), Failure> {
        self.0
            .drain(..)
            .try_for_each(|running| running.server.stop())
    }
}

impl Running {
    /// The same server, asked by another of its clients.
    pub(crate) fn with_app(&self, app: Option<&'static str>) -> Arc<Target> {
        match app {
            None => Arc::clone(&self.target),
            Some(id) => Arc::new(Target {
                app: Client::new(id, "web-secret"),
                ..Target::clone(&self.target)
            }),
        }
    }
}
