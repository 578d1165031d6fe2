//! What recording costs a server that issues tokens:
//! `cargo build --release -p ecosystem && cargo run --release -p benches --bin recording`.
//!
//! Starts the demo twice, with and without the record, and asks each in turn for client credentials tokens over
//! kept-alive connections. Times differ from machine to machine and from minute to minute, so what counts is the
//! ratio within one run: of the servers' processor time for one token, and of the tokens in the same time.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long one round lasts.
const ROUND: Duration = Duration::from_secs(3);
/// How many rounds each server gets, in turn.
const ROUNDS: usize = 7;
/// How many connections ask at once.
const CONNECTIONS: usize = 4;
/// `service:service-secret` of the demo, as Basic credentials.
const CREDENTIALS: &str = "c2VydmljZTpzZXJ2aWNlLXNlY3JldA==";

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut servers = [
        Server::start("off", &["--no-record"])?,
        Server::start("on", &[])?,
    ];
    for server in &servers {
        server.load(ROUND)?; // warm
    }
    let mut rounds: [Vec<Measured>; 2] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for turn in 0..2 {
            // Who begins changes, so that neither always follows the other.
            let at = (round + turn) % 2;
            if let (Some(server), Some(list)) = (servers.get(at), rounds.get_mut(at)) {
                list.push(server.measure()?);
            }
        }
    }
    for server in &mut servers {
        server.stop();
    }
    let [off, on] = rounds.map(|list| Measured::median(&list));
    println!("| record | tokens a second | processor time a token, µs |\n|---|---|---|");
    for (name, measured) in [("off", off), ("on", on)] {
        let Measured { per_second, cpu_us } = measured;
        println!("| {name} | {per_second:.0} | {cpu_us:.1} |");
    }
    println!(
        "| on / off | {:.3} | {:.3} |",
        on.per_second / off.per_second,
        on.cpu_us / off.cpu_us
    );
    Ok(())
}

/// One round.
#[derive(Clone, Copy, Debug)]
struct Measured {
    per_second: f64,
    cpu_us: f64,
}

impl Measured {
    /// The median of each figure.
    fn median(rounds: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Self {
            per_second: middle(|round| round.per_second),
            cpu_us: middle(|round| round.cpu_us),
        }
    }
}

/// The demo in a process of its own.
struct Server {
    process: Child,
    authority: String,
}

impl Server {
    fn start(name: &str, more: &[&str]) -> Result<Self, Failure> {
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
        let url = urls.get("auth_server").and_then(|url| url.as_str());
        let url = url.ok_or("the ready file names no auth server")?;
        let authority = url.trim_start_matches("http://").to_owned();
        Ok(Self { process, authority })
    }

    fn measure(&self) -> Result<Measured, Failure> {
        let (before, begun) = (self.cpu_us()?, Instant::now());
        let tokens = self.load(ROUND)?;
        let (after, seconds) = (self.cpu_us()?, begun.elapsed().as_secs_f64());
        let tokens = f64::from(tokens);
        Ok(Measured {
            per_second: tokens / seconds,
            cpu_us: (after - before) / tokens,
        })
    }

    /// Asks for tokens on all connections for so long; how many came.
    fn load(&self, time: Duration) -> Result<u32, Failure> {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let askers: Vec<_> = (0..CONNECTIONS)
                .map(|_| scope.spawn(|| ask(&self.authority, &over)))
                .collect();
            std::thread::sleep(time);
            over.store(true, Ordering::Relaxed);
            let mut tokens = 0;
            for asker in askers {
                tokens += asker.join().map_err(|_| "a connection panicked")??;
            }
            Ok(tokens)
        })
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

/// Asks for one token after the other on one connection until it is over.
fn ask(authority: &str, over: &AtomicBool) -> Result<u32, Failure> {
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
    while !over.load(Ordering::Relaxed) {
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
