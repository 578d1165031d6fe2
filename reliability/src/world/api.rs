//! The resource server as a process, in front of any issuer.

use std::io;
use std::path::Path;

use super::program::{Program, Programs};
use crate::fault::{Ran, system};
use crate::wire::{Answer, Connection, Request};

/// A resource server.
#[derive(Debug)]
pub(crate) struct Api {
    /// The process.
    pub(crate) program: Program,
    peer: String,
    host: String,
}

/// Where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// Where its files go.
    pub(crate) directory: &'a Path,
    /// Where it listens.
    pub(crate) port: u16,
    /// The port of its public address: the audience of its tokens.
    pub(crate) public_port: u16,
    /// The issuer whose tokens it takes.
    pub(crate) issuer: &'a str,
    /// Where the issuer is really connected to.
    pub(crate) connect_to: &'a str,
}

impl Api {
    /// Starts one with `more` of configuration (TOML).
    pub(crate) async fn start(programs: &Programs, place: Place<'_>, more: &str) -> Ran<Self> {
        let Place {
            directory,
            port,
            public_port,
            issuer,
            connect_to,
        } = place;
        let file = directory.join(format!("resource-server-{port}.toml"));
        let data = directory.join(format!("resource-server-{port}.db"));
        let log = directory.join(format!("resource-server-{port}.log"));
        let authority = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        let text = format!(
            "[server]\nbind = \"127.0.0.1:{port}\"\n[store]\nurl = \"sqlite://{}\"\n\
             [wiring.addresses]\nauth_server = \"{issuer}\"\n\
             resource_server = \"http://localhost:{public_port}\"\n\
             [wiring.connect_to]\n\"{authority}\" = \"{connect_to}\"\n{more}",
            data.display()
        );
        std::fs::write(&file, text).map_err(system("a configuration"))?;
        let path = programs.path("resource-server");
        let file = file.display().to_string();
        let mut program = Program::start(&path, &["--config", &file], &log)?;
        let peer = format!("127.0.0.1:{port}");
        program.live(&peer).await?;
        Ok(Self {
            program,
            peer,
            host: format!("localhost:{public_port}"),
        })
    }

    /// Calls it with a token.
    pub(crate) async fn call(&self, path: &str, token: &str) -> io::Result<Answer> {
        self.caller(path, token).await
    }

    /// The same as a future of its own, for many callers at once.
    pub(crate) fn caller(
        &self,
        path: &str,
        token: &str,
    ) -> impl Future<Output = io::Result<Answer>> + Send + use<> {
        let (peer, host) = (self.peer.clone(), self.host.clone());
        let request = Request::get(path).bearer(token);
        async move {
            Connection::open(&peer, &host)
                .await?
                .ask_last(&request)
                .await
        }
    }
}
