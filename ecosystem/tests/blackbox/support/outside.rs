//! A server of somebody else's, on loopback: what a client publishes (`jwks_uri`, `sector_identifier_uri`,
//! `request_uri`) and where it is told things (back-channel logout). It answers what the test says, and keeps what
//! it was asked.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The server; it ends with the test.
#[derive(Clone)]
pub(crate) struct Outside {
    address: String,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    answers: HashMap<String, Answered>,
    asked: Vec<Asked>,
}

/// What a path answers.
#[derive(Clone)]
pub(crate) struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    after: Duration,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The method.
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// The head as text.
    pub(crate) head: String,
    /// The body as text.
    pub(crate) body: String,
}

impl Answered {
    /// 200 with a JSON body.
    pub(crate) fn json(body: &Value) -> Self {
        Self::new(200, body.to_string()).header("content-type", "application/json")
    }

    /// Any status and body.
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            after: Duration::ZERO,
        }
    }

    /// With one header more.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Not before this time has passed.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.after = wait;
        self
    }
}

impl Outside {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let outside = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            kept: Arc::default(),
        };
        let server = outside.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.answer(stream).await });
            }
        });
        outside
    }

    /// Its URL of this path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// From now on `path` answers so.
    pub(crate) fn publish(&self, path: &str, answer: Answered) {
        let mut kept = self.kept.lock().unwrap();
        kept.answers.insert(path.to_owned(), answer);
    }

    /// What was asked of `path` so far.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let kept = self.kept.lock().unwrap();
        let all = kept.asked.iter();
        all.filter(|one| one.path == path).cloned().collect()
    }

    async fn answer(self, mut stream: TcpStream) {
        while let Some(asked) = read(&mut stream).await {
            let answer = {
                let mut kept = self.kept.lock().unwrap();
                let path = asked.path.split('?').next().unwrap_or_default().to_owned();
                kept.asked.push(asked);
                let found = kept.answers.get(&path).cloned();
                found.unwrap_or_else(|| Answered::new(404, "nothing here"))
            };
            tokio::time::sleep(answer.after).await;
            let mut head = format!("HTTP/1.1 {} Answered\r\n", answer.status);
            for (name, value) in &answer.headers {
                let _ = write!(head, "{name}: {value}\r\n");
            }
            let _ = write!(head, "content-length: {}\r\n\r\n", answer.body.len());
            let sent = [head.as_bytes(), &answer.body].concat();
            if stream.write_all(&sent).await.is_err() {
                return;
            }
        }
    }
}

/// The next request of a connection.
async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut more = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
                let mut words = head.split_ascii_whitespace();
                return Some(Asked {
                    method: words.next()?.to_owned(),
                    path: words.next()?.to_owned(),
                    head,
                    body,
                });
            }
        }
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend(&more[..read]),
        }
    }
}
