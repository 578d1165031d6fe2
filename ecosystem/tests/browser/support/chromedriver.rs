//! Chromedriver: a process on a free port, one for each browser, gone when it is dropped, and its Chromium with it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to answer.
const START: Duration = Duration::from_secs(20);
/// How long it may take to close its browser.
const STOP: Duration = Duration::from_secs(5);

/// A running chromedriver.
#[derive(Debug)]
pub(crate) struct Chromedriver {
    process: Child,
    address: SocketAddr,
}

impl Chromedriver {
    /// Starts one, whose browser's person lives in `home` where that is given; `CHROMEDRIVER` names the program where it
    /// is not on the path.
    pub(crate) fn start(home: Option<&Path>) -> Self {
        let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = free.local_addr().expect("its number");
        drop(free);
        let process = Command::new(&program)
            .arg(format!("--port={}", address.port()))
            .arg("--log-level=OFF")
            .envs(home.map(|home| ("HOME", home)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} (Debian: chromium-driver): {error}"));
        let started = Self { process, address };
        let begun = Instant::now();
        while started.ask("/status").is_none() {
            assert!(begun.elapsed() < START, "{program} does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        started
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// One blocking GET: needs no runtime, so that it works in `drop`.
    fn ask(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).ok()?;
        stream.set_read_timeout(Some(STOP)).ok()?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = [0; 512];
        let read = stream.read(&mut answer).ok()?;
        (read > 0).then(|| String::from_utf8_lossy(&answer[..read]).into_owned())
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // Asked to shut down it closes its browser; killed at once it would leave it behind.
        self.ask("/shutdown");
        let begun = Instant::now();
        while begun.elapsed() < STOP {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
