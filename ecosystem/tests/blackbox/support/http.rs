//! Raw HTTP/1.1, written by hand: exactly these bytes, one connection a request, no redirect followed.
//!
//! A library would mend what some tests want broken: duplicate parameters, bytes that are not UTF-8,
//! a body that stalls. May use tokio's sockets and nothing of the services.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::tls;

/// The longest that one answer may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, as the bytes that it will be.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    url: Url,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    at: Option<SocketAddr>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// Where the request went.
    pub(crate) url: Url,
    /// The status code.
    pub(crate) status: u16,
    /// Headers in order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, whole.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A request of any method to an absolute URL.
    pub(crate) fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            url: Url::parse(url).unwrap_or_else(|error| panic!("{url:?}: {error}")),
            headers: Vec::new(),
            body: Vec::new(),
            at: None,
        }
    }

    /// A `GET`.
    pub(crate) fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A `POST` of form parameters, as often and in the order given.
    pub(crate) fn post(url: &str, parameters: &[(&str, &str)]) -> Self {
        let form = encode(parameters);
        Self::new("POST", url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    }

    /// Where it goes.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// Its method.
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// One header more.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Another content type, in place of the one it has.
    pub(crate) fn content_type(mut self, value: &str) -> Self {
        self.headers.retain(|(name, _)| name != "content-type");
        self.header("content-type", value)
    }

    /// This body in place of the one it has, byte for byte.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// One form parameter more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if !self.body.is_empty() {
            self.body.push(b'&');
        }
        self.body.extend(encode(&[(name, value)]).into_bytes());
        self
    }

    /// The form without the parameter `name`, however often it stood there.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let form = String::from_utf8(self.body).expect("a form");
        let pairs = form.split('&').filter(|pair| {
            let given = pair.split('=').next().unwrap_or_default();
            given != name
        });
        self.body = pairs.collect::<Vec<_>>().join("&").into_bytes();
        self
    }

    /// The form with `name` once, as `value`.
    pub(crate) fn replacing(self, name: &str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    /// `Authorization: Basic`, with id and secret form-encoded first (RFC 6749 §2.3.1).
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let encode = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
        };
        let credentials = format!("{}:{}", encode(id), encode(secret));
        self.authorization("Basic", &STANDARD.encode(credentials))
    }

    /// `Authorization: Bearer` (RFC 6750 §2.1).
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.authorization("Bearer", token)
    }

    /// Any `Authorization`.
    pub(crate) fn authorization(self, scheme: &str, credentials: &str) -> Self {
        self.header("authorization", format!("{scheme} {credentials}"))
    }

    /// To the server that listens at `place`, and not to the one that its URL leads to: to one of several replicas.
    pub(crate) const fn at(mut self, place: SocketAddr) -> Self {
        self.at = Some(place);
        self
    }

    /// Sends it and reads the answer.
    pub(crate) async fn send(self) -> Response {
        let url = self.url.clone();
        let exchange = self.exchange();
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| panic!("{url} did not answer within {PATIENCE:?}"))
    }

    async fn exchange(self) -> Response {
        let mut stream: Box<dyn Stream> = match self.url.scheme() {
            "https" => Box::new(tls::connect(&self.url).await),
            _ => match self.at {
                Some(place) => Box::new(TcpStream::connect(place).await.expect("a replica")),
                None => Box::new(connect(&self.url).await),
            },
        };
        // A server may refuse before it has read everything: then writing fails, and the answer is there to read.
        let _ = stream.write_all(&self.bytes()).await;
        let mut received = Vec::new();
        let end = stream.read_to_end(&mut received).await;
        assert!(
            !received.is_empty(),
            "{} answered nothing: {end:?}",
            self.url
        );
        parse(self.url, &received)
    }

    /// The request as it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let url = &self.url;
        let query = url.query().map(|query| format!("?{query}"));
        let mut bytes = format!(
            "{} {}{} HTTP/1.1\r\nConnection: close\r\n",
            self.method,
            url.path(),
            query.unwrap_or_default(),
        )
        .into_bytes();
        let mut names = self.headers.iter().map(|(name, _)| name);
        if !names.any(|name| name.eq_ignore_ascii_case("host")) {
            bytes.extend(format!("Host: {}\r\n", url.authority()).into_bytes());
        }
        for (name, value) in &self.headers {
            bytes.extend(name.as_bytes());
            bytes.extend(b": ");
            bytes.extend(value);
            bytes.extend(b"\r\n");
        }
        let sized = |name: &str| {
            self.headers.iter().any(|(given, _)| {
                given.eq_ignore_ascii_case(name) || given.eq_ignore_ascii_case("transfer-encoding")
            })
        };
        if (!self.body.is_empty() || self.method == "POST") && !sized("content-length") {
            bytes.extend(format!("Content-Length: {}\r\n", self.body.len()).into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}

impl Response {
    /// The first header of this lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Plain or by TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection to the host and port of `url`.
pub(crate) async fn connect(url: &Url) -> TcpStream {
    let port = url.port_or_known_default().expect("a port");
    TcpStream::connect(("127.0.0.1", port))
        .await
        .unwrap_or_else(|error| panic!("cannot connect to {url}: {error}"))
}

/// Parameters as form text.
pub(crate) fn encode(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

/// Reads an answer that ends with the connection.
fn parse(url: Url, received: &[u8]) -> Response {
    let end = find(received, b"\r\n\r\n").expect("a complete head");
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .expect("a status line");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value.contains("chunked"));
    let rest = &received[end + 4..];
    Response {
        url,
        status,
        body: if chunked {
            unchunk(rest)
        } else {
            rest.to_vec()
        },
        headers,
    }
}

/// The content of a chunked body (RFC 9112 §7.1).
fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = find(rest, b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..end]);
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
            .expect("a chunk's size");
        if size == 0 {
            break;
        }
        body.extend(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    body
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
