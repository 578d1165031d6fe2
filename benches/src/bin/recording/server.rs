//! The demo in a process of its own: its load, its viewers, its processor time.
//!
//! May use the standard library and `serde_json` alone. Its parts of HTTP are as small as can be, so that the server is
//! the dear side of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{Failure, Measured};

/// How many connections ask at once.
const CONNECTIONS: usize = 4;
/// `service:service-secret` of the demo, as Basic credentials.
const CREDENTIALS: &str = "c2VydmljZTpzZXJ2aWNlLXNlY3JldA==";

/// When a round is over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Until {
    /// After this long.
    Time(Duration),
    /// After so many tokens.
    Tokens(u32),
}

/// What the record says of itself (`GET /api/flows`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Exchanges that are kept.
    pub(super) exchanges: u64,
    /// Memory that they take, in bytes.
    pub(super) bytes: u64,
    /// Exchanges that newer ones pushed out.
    pub(super) forgotten: u64,
    /// Exchanges that came faster than the record's pace and were left out.
    pub(super) shed: u64,
    /// Exchanges that were lost on their way.
    pub(super) dropped: u64,
}

/// The demo in a process of its own.
pub(super) struct Server {
    process: Child,
    /// Host and port of the auth server.
    issues: String,
    /// Host and port of the client app, which keeps the record.
    records: String,
}

impl Server {
    /// Starts the demo that was built beside this program, in memory, with these arguments besides.
    pub(super) fn start(name: &str, more: &[&str]) -> Result<Self, Failure> {
        let ready = std::env::temp_dir().join(format!("recording-{name}-{}", std::process::id()));
        // The demo that was built beside this program.
        let program = std::env::current_exe()?.with_file_name("ecosystem");
        let process = Command::new(program)
            .args(["--memory", "--ports", "0,0,0", "--ready-file"])
            .arg(&ready)
            .args(more)
            .stdout(Stdio::null())
            .spawn()?;
        let begun = Instant::now();
        let urls = loop {
            if let Some(urls) = read_json(&ready) {
                break urls;
            }
            if begun.elapsed() > Duration::from_secs(20) {
                return Err("the demo does not start".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let _ = std::fs::remove_file(&ready);
        let authority = |name: &str| -> Result<String, Failure> {
            let url = urls.get(name).and_then(serde_json::Value::as_str);
            let url = url.ok_or_else(|| format!("the ready file names no {name}"))?;
            Ok(url.trim_start_matches("http://").to_owned())
        };
        Ok(Self {
            process,
            issues: authority("auth_server")?,
            records: authority("client_app")?,
        })
    }

    /// Asks for tokens until `until` says so, and says what each cost.
    pub(super) fn measure(&self, until: Until) -> Result<Measured, Failure> {
        let (before, begun) = (self.cpu_us()?, Instant::now());
        let tokens = self.load(until)?;
        let (after, seconds) = (self.cpu_us()?, begun.elapsed().as_secs_f64());
        let tokens = f64::from(tokens);
        Ok(Measured {
            per_second: tokens / seconds,
            cpu_us: (after - before) / tokens,
        })
    }

    /// Asks for tokens on all connections; how many came.
    pub(super) fn load(&self, until: Until) -> Result<u32, Failure> {
        let (over, asked) = (AtomicBool::new(false), AtomicU32::new(0));
        let most = match until {
            Until::Tokens(most) => most,
            Until::Time(_) => u32::MAX,
        };
        let more = || !over.load(Ordering::Relaxed) && asked.fetch_add(1, Ordering::Relaxed) < most;
        std::thread::scope(|scope| {
            let askers: Vec<_> = (0..CONNECTIONS)
                .map(|_| scope.spawn(|| ask(&self.issues, &more)))
                .collect();
            if let Until::Time(time) = until {
                std::thread::sleep(time);
                over.store(true, Ordering::Relaxed);
            }
            let mut tokens = 0;
            for asker in askers {
                tokens += asker.join().map_err(|_| "a connection panicked")??;
            }
            Ok(tokens)
        })
    }

    /// What the record holds and lost, once what is on its way has come.
    pub(super) fn record(&self) -> Result<Record, Failure> {
        std::thread::sleep(Duration::from_millis(1500));
        let mut stream = TcpStream::connect(&self.records)?;
        let host = &self.records;
        write!(
            stream,
            "GET /api/flows?limit=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
        let list: serde_json::Value = serde_json::from_str(body)?;
        let figure = |name: &str| -> Result<u64, Failure> {
            let figure = list
                .get("record")
                .and_then(|record| record.get(name)?.as_u64());
            Ok(figure.ok_or_else(|| format!("the record does not say {name}"))?)
        };
        Ok(Record {
            exchanges: figure("exchanges")?,
            bytes: figure("bytes")?,
            forgotten: figure("forgotten")?,
            shed: figure("shed")?,
            dropped: figure("dropped")?,
        })
    }

    /// Opens live streams of all flows that nobody reads. They end when they are dropped.
    pub(super) fn viewers(&self, count: usize) -> Result<Vec<TcpStream>, Failure> {
        let viewer = |_| -> Result<TcpStream, Failure> {
            let mut stream = TcpStream::connect(&self.records)?;
            let host = &self.records;
            write!(stream, "GET /api/stream HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
            // It is open once it has answered; from here on nothing is read.
            let mut status = [0; 12];
            stream.read_exact(&mut status)?;
            if &status == b"HTTP/1.1 200" {
                Ok(stream)
            } else {
                Err("a live stream is refused".into())
            }
        };
        (0..count).map(viewer).collect()
    }

    /// Asks it to end (`SIGTERM`), and says how long that took.
    pub(super) fn end(mut self) -> Result<Duration, Failure> {
        let begun = Instant::now();
        let asked = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status()?;
        if !asked.success() {
            return Err("the demo cannot be asked to end".into());
        }
        self.process.wait()?;
        Ok(begun.elapsed())
    }

    /// User and system time of the process so far, in microseconds.
    fn cpu_us(&self) -> Result<f64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let fields: Vec<&str> = after_name.split(' ').collect();
        let ticks = |at: usize| -> Result<f64, Failure> {
            Ok(fields.get(at).ok_or("a short stat")?.parse::<f64>()?)
        };
        // utime and stime are fields 14 and 15 (proc(5)); a tick is 1/100 s on Linux.
        Ok((ticks(11)? + ticks(12)?) * 10_000.0)
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn read_json(file: &Path) -> Option<serde_json::Value> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

/// Asks for one token after the other on one connection while there is more to ask for.
fn ask(authority: &str, more: &(dyn Fn() -> bool + Sync)) -> Result<u32, Failure> {
    let body = "grant_type=client_credentials&scope=stats:read";
    let request = format!(
        "POST /token HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: recording-bench/1\r\n\
         Authorization: Basic {CREDENTIALS}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let stream = TcpStream::connect(authority)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let (mut stream, mut tokens, mut line) = (stream, 0, String::new());
    while more() {
        stream.write_all(request.as_bytes())?;
        let (mut length, mut status) = (0, String::new());
        loop {
            line.clear();
            answers.read_line(&mut line)?;
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if status.is_empty() {
                text.clone_into(&mut status);
            }
            let header = text.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        answers.read_exact(&mut answer)?;
        if !status.contains(" 200 ") {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&answer)).into());
        }
        tokens += 1;
    }
    Ok(tokens)
}
