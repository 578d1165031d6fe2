//! All three services in one process, as `cargo run` starts them.

use super::cluster::free_ports;
use super::program::{Program, Programs};
use super::provider::Provider;
use crate::fault::Ran;

/// The demo, and where its three services listen.
#[derive(Debug)]
pub(crate) struct Demo {
    /// The process.
    pub(crate) program: Program,
    ports: Vec<u16>,
    _directory: tempfile::TempDir,
}

impl Demo {
    /// Starts it on free ports, with its data in files.
    pub(crate) async fn start(programs: &Programs) -> Ran<Self> {
        let directory = tempfile::Builder::new().prefix("reliability-").tempdir()?;
        let ports = free_ports(3)?;
        let named: Vec<String> = ports.iter().map(u16::to_string).collect();
        let data = directory.path().join("data").display().to_string();
        let arguments = ["--data-dir", &data, "--ports", &named.join(",")];
        let path = programs.path("ecosystem");
        let mut program = Program::start(&path, &arguments, &directory.path().join("log"))?;
        for port in &ports {
            program.ready(&format!("127.0.0.1:{port}")).await?;
        }
        Ok(Self {
            program,
            ports,
            _directory: directory,
        })
    }

    /// Where one of them listens: client app, auth server, resource server.
    pub(crate) fn peer(&self, number: usize) -> String {
        format!("127.0.0.1:{}", self.port(number))
    }

    /// Its auth server, as clients see it.
    pub(crate) fn provider(&self) -> Ran<Provider> {
        let issuer = format!("http://localhost:{}", self.port(1));
        let callback = format!("http://localhost:{}/callback", self.port(0));
        Provider::new(&issuer, &[self.peer(1)], &callback)
    }

    fn port(&self, number: usize) -> u16 {
        self.ports.get(number).copied().unwrap_or_default()
    }
}
