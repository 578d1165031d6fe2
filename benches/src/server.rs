//! Servers in processes of their own, on free ports of this machine, ended by their process id alone.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::process;

/// How long a server may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a server that starts is asked.
const PULSE: Duration = Duration::from_micros(500);

/// A process.
#[derive(Debug)]
pub struct Server {
    name: String,
    child: Child,
    begun: Instant,
}

impl Server {
    /// Starts a program; what it says goes to a file of its name.
    ///
    /// # Errors
    /// [`Failure::Start`].
    pub fn start(name: &str, command: &mut Command, logs: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::Start(name.to_owned(), error.to_string());
        let log = File::create(logs.join(format!("{name}.log"))).map_err(failed)?;
        let begun = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        Ok(Self {
            name: name.to_owned(),
            child,
            begun,
        })
    }

    /// Waits until each of these paths is answered 200 on its port: how long that took from the start on.
    ///
    /// # Errors
    /// [`Failure::Start`] where the program ends before, or takes half a minute.
    pub fn ready(&mut self, paths: &[(u16, &str)]) -> Result<Duration, Failure> {
        let failed = |why: String| Failure::Start(self.name.clone(), why);
        for (port, path) in paths {
            while !answers(*port, path) {
                if let Some(status) = self.child.try_wait()? {
                    return Err(failed(format!("it ended with {status}; its log says why")));
                }
                if self.begun.elapsed() > PATIENCE {
                    return Err(failed(format!("nothing answers {path} on port {port}")));
                }
                std::thread::sleep(PULSE);
            }
        }
        Ok(self.begun.elapsed())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process and all below it.
    #[must_use]
    pub fn pids(&self) -> Vec<u32> {
        process::tree(self.child.id())
    }

    /// Asks it to stop, and waits for that.
    ///
    /// # Errors
    /// [`Failure::TooLong`]; then it is killed.
    pub fn stop(mut self) -> Result<(), Failure> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let begin = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begin.elapsed() > PATIENCE {
                return Err(Failure::TooLong(format!("stopping {}", self.name)));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether `GET path` is answered 200.
fn answers(port: u16, path: &str) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).ok()?;
        begin.ends_with(b" 200").then_some(())
    };
    ask().is_some()
}

/// So many ports that are free now.
///
/// # Errors
/// [`Failure::Io`].
pub fn free_ports<const N: usize>() -> Result<[u16; N], Failure> {
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}
