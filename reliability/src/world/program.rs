//! The real programs as processes: started, waited for, signalled, killed, weighed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::fault::{Fault, Ran, system};
use crate::wire::{Connection, Request};

/// How long a start may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Where the programs are.
#[derive(Clone, Debug)]
pub(crate) struct Programs(PathBuf);

impl Programs {
    /// Those in `directory`.
    pub(crate) fn in_directory(directory: &Path) -> Self {
        Self(directory.to_path_buf())
    }

    /// The path of one of them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// A running program; killed when this value goes.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts `path` with these arguments in `directory`; what it says goes to `log`.
    pub(crate) fn start(path: &Path, arguments: &[&str], log: &Path) -> Ran<Self> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.map_err(system(log.display().to_string()))?;
        let child = Command::new(path)
            .args(arguments)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .map_err(system(format!(
                "{} (build the programs first: cargo build --workspace --bins)",
                path.display()
            )))?;
        Ok(Self {
            child,
            log: log.to_path_buf(),
        })
    }

    /// Waits until it answers `/readyz` at `peer` with 200.
    pub(crate) async fn ready(&mut self, peer: &str) -> Ran<Duration> {
        self.answers(peer, "/readyz").await
    }

    /// Waits until it answers `/healthz` at `peer` with 200.
    pub(crate) async fn live(&mut self, peer: &str) -> Ran<Duration> {
        self.answers(peer, "/healthz").await
    }

    async fn answers(&mut self, peer: &str, path: &str) -> Ran<Duration> {
        let started = Instant::now();
        let asked = Request::get(path);
        loop {
            if let Ok(connection) = Connection::open(peer, peer).await
                && let Ok(answer) = connection.ask_last(&asked).await
                && answer.status == 200
            {
                return Ok(started.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(self.failed(&format!("ended with {status}")));
            }
            if started.elapsed() > PATIENCE {
                return Err(self.failed("is not ready"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and gone.
    pub(crate) fn kill(mut self) -> Ran<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends a signal (`TERM`).
    pub(crate) fn signal(&self, name: &str) -> Ran<()> {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        let sent = sent.map_err(system("kill"))?;
        if sent.success() {
            Ok(())
        } else {
            Err(self.failed("cannot be signalled"))
        }
    }

    /// Waits for its end: exit code (none where a signal ended it) and how long it took.
    pub(crate) async fn ended(&mut self) -> Ran<(Option<i32>, Duration)> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok((status.code(), started.elapsed()));
            }
            if started.elapsed() > PATIENCE {
                return Err(self.failed("does not end"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What it holds in memory now (resident set), in KiB.
    pub(crate) fn resident_kib(&self) -> Ran<u64> {
        let path = format!("/proc/{}/status", self.id());
        let text = std::fs::read_to_string(&path).map_err(system(path))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        number.ok_or_else(|| self.failed("says nothing of its memory"))
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn failed(&self, what: &str) -> Fault {
        let log = self.log();
        let last: Vec<&str> = log.lines().rev().take(5).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        Fault::Program(format!("a program {what}: {}", last.join(" / ")))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
