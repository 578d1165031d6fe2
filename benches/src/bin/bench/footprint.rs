//! How long a start takes on a store that exists, and how much memory servers hold that have nothing to do.

use std::process::Command;
use std::time::Duration;

use benches::failure::Failure;
use benches::process::{self, Memory};
use benches::server::{Server, free_ports};

use crate::arguments::Arguments;
use crate::fleet::Programs;
use crate::rows::median;

/// How often each is started.
const STARTS: usize = 10;
/// How long nothing is asked before memory is read.
const IDLE: Duration = Duration::from_secs(3);
/// The services as programs, and what begins the names of their variables.
const SERVICES: [(&str, &str); 3] = [
    ("client-app", "CLIENT_APP"),
    ("auth-server", "AUTH_SERVER"),
    ("resource-server", "RESOURCE_SERVER"),
];

/// The starts of one program, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts {
    /// The middle one.
    pub(crate) median: f64,
    /// The shortest.
    pub(crate) least: f64,
    /// The longest.
    pub(crate) most: f64,
}

/// Starts and memory.
#[derive(Clone, Debug)]
pub(crate) struct Footprint {
    /// From the start of the demo until all three services are ready.
    pub(crate) all_ready: Starts,
    /// From the start of the auth server's program until its metadata is answered, where it was built.
    pub(crate) auth_server: Option<Starts>,
    /// The demo: three services in one process.
    pub(crate) together: Memory,
    /// Three programs, where they were built.
    pub(crate) apart: Vec<(&'static str, Memory)>,
}

/// Measures both.
///
/// # Errors
/// [`Failure`].
pub(crate) fn measure(arguments: &Arguments, programs: &Programs) -> Result<Footprint, Failure> {
    let ports = free_ports::<3>()?;
    let demo = || {
        let mut command = programs.demo(&programs.data("footprint"), ports);
        let mut server = Server::start("footprint", &mut command, programs.logs())?;
        let took = server.ready(&ports.map(|port| (port, "/readyz")))?;
        Ok::<_, Failure>((server, took))
    };
    let times = if arguments.smoke { 2 } else { STARTS };
    let all_ready = starts(times, || {
        let (server, took) = demo()?;
        server.stop()?;
        Ok(took)
    })?;
    let auth_server = match service(programs, 1, ports) {
        None => None,
        Some(_) => Some(starts(times, || {
            let [_, port, _] = ports;
            let command = service(programs, 1, ports);
            let mut command = command.ok_or(Failure::Kernel("the auth server is gone"))?;
            let mut server = Server::start("auth-server", &mut command, programs.logs())?;
            let took = server.ready(&[(port, "/.well-known/openid-configuration")])?;
            server.stop()?;
            Ok(took)
        })?),
    };
    let idle = if arguments.smoke {
        Duration::from_millis(100)
    } else {
        IDLE
    };
    let (server, _) = demo()?;
    std::thread::sleep(idle);
    let together = process::memory(&server.pids())?;
    server.stop()?;
    let footprint = Footprint {
        all_ready,
        auth_server,
        together,
        apart: apart(programs, ports, idle)?,
    };
    eprintln!("{footprint:?}");
    Ok(footprint)
}

fn starts(
    times: usize,
    mut start: impl FnMut() -> Result<Duration, Failure>,
) -> Result<Starts, Failure> {
    // The first makes a store that is missing; from then on there is one.
    start()?;
    let took: Result<Vec<f64>, Failure> = (0..times)
        .map(|_| start().map(|took| took.as_secs_f64() * 1000.0))
        .collect();
    let took = took?;
    Ok(Starts {
        least: took.iter().copied().fold(f64::INFINITY, f64::min),
        most: took.iter().copied().fold(0.0, f64::max),
        median: median(took).unwrap_or(f64::NAN),
    })
}

/// The three services as three programs.
fn apart(
    programs: &Programs,
    ports: [u16; 3],
    idle: Duration,
) -> Result<Vec<(&'static str, Memory)>, Failure> {
    let mut running = Vec::new();
    for ((at, (name, _)), port) in SERVICES.iter().enumerate().zip(ports) {
        let Some(mut command) = service(programs, at, ports) else {
            return Ok(Vec::new());
        };
        let mut server = Server::start(name, &mut command, programs.logs())?;
        server.ready(&[(port, "/healthz")])?;
        running.push((*name, server));
    }
    std::thread::sleep(idle);
    let mut memories = Vec::new();
    for (name, server) in &running {
        memories.push((*name, process::memory(&server.pids())?));
    }
    running
        .into_iter()
        .try_for_each(|(_, server)| server.stop())?;
    Ok(memories)
}

/// A service as a program of its own, configured by its environment as `docker-compose.yml` does; its store lies
/// beside the demo's.
fn service(programs: &Programs, at: usize, ports: [u16; 3]) -> Option<Command> {
    let (name, prefix) = SERVICES.get(at)?;
    let mut command = Command::new(programs.program(name)?);
    let port = ports.get(at)?;
    command.env(
        format!("{prefix}__SERVER__BIND"),
        format!("127.0.0.1:{port}"),
    );
    for ((service, _), port) in SERVICES.iter().zip(ports) {
        let key = service.replace('-', "_").to_uppercase();
        let url = format!("http://localhost:{port}");
        command.env(format!("{prefix}__WIRING__ADDRESSES__{key}"), url);
    }
    command.env(
        format!("{prefix}__WIRING__RECORD_KEY"),
        "a key of the bench that all three services share",
    );
    if *name != "client-app" {
        let file = programs.data(&format!("{name}.db"));
        let url = format!("sqlite://{}", file.display());
        command.env(format!("{prefix}__STORE__URL"), url);
    }
    Some(command)
}
