//! A request before it is sent.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A request: method, path with query, headers, body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    /// `GET` of a path with its query.
    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self {
            method: "GET",
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// `POST` of a form.
    pub(crate) fn post(target: impl Into<String>, form: &[(&str, &str)]) -> Self {
        Self {
            method: "POST",
            target: target.into(),
            headers: Vec::new(),
            body: encode(form).into_bytes(),
        }
        .header("content-type", "application/x-www-form-urlencoded")
    }

    /// One header more.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `Authorization: Basic`, with both parts form-encoded first (RFC 6749 §2.3.1).
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let part = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
        };
        let pair = format!("{}:{}", part(id), part(secret));
        self.header("authorization", format!("Basic {}", STANDARD.encode(pair)))
    }

    /// `Authorization: Bearer` (RFC 6750 §2.1).
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// One form parameter more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if !self.body.is_empty() {
            self.body.push(b'&');
        }
        self.body.extend(encode(&[(name, value)]).into_bytes());
        self
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// The head as it goes over the wire to `host`, and the body.
    pub(crate) fn bytes(&self, host: &str, last: bool) -> (Vec<u8>, &[u8]) {
        let connection = if last { "close" } else { "keep-alive" };
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\n",
            self.method, self.target
        );
        for (name, value) in &self.headers {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        if self.method == "POST" {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        head.push_str("\r\n");
        (head.into_bytes(), &self.body)
    }
}

/// Parameters as form text.
pub(crate) fn encode(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}
