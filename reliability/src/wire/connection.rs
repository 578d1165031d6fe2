//! One connection: opened when the rig says so, used once or often.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Answer, Request};

/// How long an answer may take before it counts as none.
const PATIENCE: Duration = Duration::from_mins(1);

/// How much is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
    /// What was read beyond the last answer.
    rest: Vec<u8>,
}

impl Connection {
    /// Connects to `peer` (`127.0.0.1:9000`), to speak with it as `host`.
    pub(crate) async fn open(peer: &str, host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(peer).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            host: host.to_owned(),
            rest: Vec::new(),
        })
    }

    /// Sends a request and reads its answer; the connection stays.
    pub(crate) async fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.exchange(request, false).await
    }

    /// Sends a request and reads its answer; the connection ends with it.
    pub(crate) async fn ask_last(mut self, request: &Request) -> io::Result<Answer> {
        self.exchange(request, true).await
    }

    /// Sends the head, and the first half of the body only.
    pub(crate) async fn begin(&mut self, request: &Request) -> io::Result<()> {
        let (head, body) = request.bytes(&self.host, true);
        let (half, _) = body.split_at(body.len() / 2);
        self.stream.write_all(&[&head, half].concat()).await
    }

    /// Sends the second half of what [`Connection::begin`] began, and reads the answer.
    pub(crate) async fn finish(mut self, request: &Request) -> io::Result<Answer> {
        let (_, body) = request.bytes(&self.host, true);
        let (_, half) = body.split_at(body.len() / 2);
        self.stream.write_all(half).await?;
        self.receive().await
    }

    /// Sends a request without reading anything of the answer but its status line: an open stream.
    pub(crate) async fn watch(&mut self, request: &Request) -> io::Result<u16> {
        let (head, body) = request.bytes(&self.host, false);
        self.stream.write_all(&[&head, body].concat()).await?;
        let (answer, _) = self.head().await?;
        Ok(answer.status)
    }

    /// Reads once of what streams in; how many bytes, 0 at the end.
    pub(crate) async fn read_some(&mut self) -> io::Result<usize> {
        let mut buffer = Vec::with_capacity(CHUNK);
        self.stream.read_buf(&mut buffer).await
    }

    async fn exchange(&mut self, request: &Request, last: bool) -> io::Result<Answer> {
        let (head, body) = request.bytes(&self.host, last);
        self.stream.write_all(&[&head, body].concat()).await?;
        self.receive().await
    }

    /// Reads an answer whole.
    async fn receive(&mut self) -> io::Result<Answer> {
        tokio::time::timeout(PATIENCE, self.receive_whole())
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    async fn receive_whole(&mut self) -> io::Result<Answer> {
        let (mut answer, after) = self.head().await?;
        self.rest = after;
        let length: Option<usize> = answer
            .header("content-length")
            .and_then(|length| length.parse().ok());
        let chunked = answer
            .header("transfer-encoding")
            .is_some_and(|coding| coding.contains("chunked"));
        answer.body = match length {
            _ if matches!(answer.status, 204 | 304) => Vec::new(),
            Some(length) => self.take(length).await?,
            None if chunked => self.chunks().await?,
            None => self.until_end().await?,
        };
        Ok(answer)
    }

    /// The head of an answer, and what was read beyond it.
    async fn head(&mut self) -> io::Result<(Answer, Vec<u8>)> {
        let malformed = || io::Error::new(io::ErrorKind::InvalidData, "no HTTP");
        loop {
            let end = self.rest.windows(4).position(|end| end == b"\r\n\r\n");
            if let Some(end) = end {
                let (head, after) = self.rest.split_at(end);
                let answer =
                    Answer::of_head(&String::from_utf8_lossy(head)).ok_or_else(malformed)?;
                let after = after.get(4..).unwrap_or_default().to_vec();
                return Ok((answer, after));
            }
            if self.rest.len() > MAX_HEAD {
                return Err(malformed());
            }
            self.more().await?;
        }
    }

    /// Reads more; an end is an error, since something is still due.
    async fn more(&mut self) -> io::Result<()> {
        self.rest.reserve(CHUNK);
        match self.stream.read_buf(&mut self.rest).await? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.rest.len() < length {
            self.more().await?;
        }
        let after = self.rest.split_off(length);
        Ok(std::mem::replace(&mut self.rest, after))
    }

    async fn until_end(&mut self) -> io::Result<Vec<u8>> {
        let mut body = std::mem::take(&mut self.rest);
        self.stream.read_to_end(&mut body).await?;
        Ok(body)
    }

    /// A chunked body (RFC 9112 §7.1).
    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let malformed = || io::Error::new(io::ErrorKind::InvalidData, "no chunk");
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| malformed())?;
            body.extend(self.take(size).await?);
            self.line().await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.rest.windows(2).position(|end| end == b"\r\n") {
                let line = self.take(end + 2).await?;
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            self.more().await?;
        }
    }
}
