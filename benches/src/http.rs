//! A kept-alive HTTP/1.1 connection so small that the server is the dear side of it.
//!
//! Loopback only. A browser's cookies are kept with it; redirects are for the caller to follow.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cookies::Cookies;
use crate::failure::Failure;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 4 << 20;

/// A request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// Path and query.
    pub path: &'r str,
    /// The header `Authorization`.
    pub authorization: Option<&'r str>,
    /// Where a page's form comes from: the header `Origin`.
    pub origin: Option<&'r str>,
    /// A form to `POST`; without it, `GET`.
    pub form: Option<&'r str>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// The header `Location`.
    pub location: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A member of a JSON object that is a string without escapes, found without parsing.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&str> {
        let body = std::str::from_utf8(&self.body).ok()?;
        let (_, value) = body.split_once(&format!("\"{name}\":"))?;
        let value = value.trim_start().strip_prefix('"')?;
        value.split('"').next()
    }

    /// Says that this is not what was to come.
    #[must_use]
    pub fn unexpected(&self, what: &str) -> Failure {
        let (status, text) = (self.status, self.text());
        let body: String = text.chars().take(300).collect();
        let location = self.location.as_deref().unwrap_or_default();
        Failure::Answer(format!("{what}: {status} {location} {body}"))
    }
}

/// What of an answer's head matters.
struct Head {
    status: u16,
    location: Option<String>,
    length: Length,
    /// Whether the server closes after it.
    closes: bool,
    /// Bytes of the head.
    end: usize,
}

/// How long the body is.
#[derive(Clone, Copy)]
enum Length {
    Bytes(usize),
    Chunked,
    None,
}

/// A connection to one server of this machine.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    authority: String,
    socket: Option<TcpStream>,
    input: Vec<u8>,
    output: Vec<u8>,
    /// The browser's cookies.
    pub cookies: Cookies,
}

impl Connection {
    /// To a port of this machine; nothing is opened yet.
    #[must_use]
    pub fn to(port: u16) -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            authority: format!("localhost:{port}"),
            socket: None,
            input: Vec::with_capacity(16 << 10),
            output: Vec::with_capacity(4 << 10),
            cookies: Cookies::default(),
        }
    }

    /// The host and port that requests name.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Hangs up. The cookies stay.
    pub fn close(&mut self) {
        self.socket = None;
    }

    /// Sends a request and reads its answer. A connection that the server closed while nothing was asked is opened
    /// again, once.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn send(&mut self, request: Request<'_>) -> Result<Response, Failure> {
        self.write(request);
        if let Some(mut socket) = self.socket.take() {
            let sent = socket.write_all(&self.output).await;
            self.input.clear();
            if sent.is_ok() && self.fill(&mut socket).await.is_ok() {
                return self.read(socket, request.path).await;
            }
        }
        let mut socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        socket.write_all(&self.output).await?;
        self.input.clear();
        self.read(socket, request.path).await
    }

    fn write(&mut self, request: Request<'_>) {
        let output = &mut self.output;
        output.clear();
        let method = if request.form.is_some() {
            "POST "
        } else {
            "GET "
        };
        let mut push = |parts: &[&str]| {
            for part in parts {
                output.extend_from_slice(part.as_bytes());
            }
        };
        push(&[method, request.path, " HTTP/1.1\r\nHost: ", &self.authority]);
        push(&["\r\nUser-Agent: benches/1\r\nAccept: */*\r\n"]);
        if let Some(authorization) = request.authorization {
            push(&["Authorization: ", authorization, "\r\n"]);
        }
        if let Some(origin) = request.origin {
            push(&["Origin: ", origin, "\r\n"]);
        }
        if let Some(cookies) = self.cookies.header(request.path) {
            push(&["Cookie: ", &cookies, "\r\n"]);
        }
        match request.form {
            None => push(&["\r\n"]),
            Some(form) => {
                let length = form.len().to_string();
                push(&["Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "]);
                push(&[&length, "\r\n\r\n", form]);
            }
        }
    }

    async fn fill(&mut self, socket: &mut TcpStream) -> Result<(), Failure> {
        if self.input.len() > LONGEST {
            return Err(Failure::Http("the answer is too long"));
        }
        match socket.read_buf(&mut self.input).await? {
            0 => Err(Failure::Http("the server hung up")),
            _ => Ok(()),
        }
    }

    async fn read(&mut self, mut socket: TcpStream, path: &str) -> Result<Response, Failure> {
        let head = loop {
            if let Some(head) = self.head(path)? {
                break head;
            }
            self.fill(&mut socket).await?;
        };
        let body = match head.length {
            Length::None => Vec::new(),
            Length::Bytes(length) => {
                while self.input.len() < head.end + length {
                    self.fill(&mut socket).await?;
                }
                let body = self.input.get(head.end..head.end + length);
                body.unwrap_or_default().to_vec()
            }
            Length::Chunked => loop {
                let rest = self.input.get(head.end..).unwrap_or_default();
                if let Some(body) = chunks(rest)? {
                    break body;
                }
                self.fill(&mut socket).await?;
            },
        };
        if !head.closes {
            self.socket = Some(socket);
        }
        Ok(Response {
            status: head.status,
            location: head.location,
            body,
        })
    }

    /// The head, once it is there. Cookies are kept.
    fn head(&mut self, path: &str) -> Result<Option<Head>, Failure> {
        let Some(end) = find(&self.input, b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = self.input.get(..end).unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| Failure::Http("a head is not text"))?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let mut head = Head {
            status: status.ok_or(Failure::Http("no status line"))?,
            location: None,
            length: Length::None,
            closes: false,
            end: end + 4,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                let length = value.parse().map_err(|_| Failure::Http("no length"))?;
                head.length = Length::Bytes(length);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                head.length = Length::Chunked;
            } else if name.eq_ignore_ascii_case("connection") {
                head.closes = value.eq_ignore_ascii_case("close");
            } else if name.eq_ignore_ascii_case("location") {
                head.location = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("set-cookie") {
                self.cookies.keep(value, path);
            }
        }
        Ok(Some(head))
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// The body of these chunks (RFC 9112 §7.1), once the last is there.
fn chunks(mut rest: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    let broken = Failure::Http("a chunk is broken");
    let mut body = Vec::new();
    while let Some(end) = find(rest, b"\r\n") {
        let size = std::str::from_utf8(rest.get(..end).unwrap_or_default());
        let size = size
            .ok()
            .and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let Some(size) = size else {
            return Err(broken);
        };
        let begin = end + 2;
        let Some(chunk) = rest.get(begin..begin + size) else {
            return Ok(None);
        };
        let Some(after) = rest.get(begin + size + 2..) else {
            return Ok(None);
        };
        if size == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(chunk);
        rest = after;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_once_all_are_there() {
        let all = b"4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n";
        assert_eq!(chunks(all).unwrap().unwrap(), b"abcdef");
        for cut in 0..all.len() {
            assert!(chunks(&all[..cut]).unwrap().is_none(), "{cut}");
        }
        assert!(chunks(b"x\r\n").is_err());
    }
}
