//! What a service sends and what it gets back: requests and answers of the observed HTTP client.
//!
//! May use url's form serializer and JSON.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::flow::ExchangeId;

/// A request to send.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The absolute public URL.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// The exchange under which it is observed, where the sender has to know it before; otherwise a new one.
    pub exchange: Option<ExchangeId>,
    /// Plain facts that the sender's observation keeps: never a secret.
    pub notes: BTreeMap<String, String>,
}

impl HttpRequest {
    /// A `GET` of `url`.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            url: url.into(),
            ..Self::default()
        }
    }

    /// A `POST` of form parameters to `url`.
    #[must_use]
    pub fn post_form(url: impl Into<String>, parameters: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        Self {
            method: "POST".to_owned(),
            url: url.into(),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: body.into_bytes(),
            ..Self::default()
        }
    }

    /// The same request with one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// The same request with `Authorization: Bearer …` (RFC 6750 §2.1).
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The exchange under which it was observed.
    pub exchange: ExchangeId,
    /// The status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, at most 1 MiB.
    pub body: Bytes,
}

impl HttpResponse {
    /// The first header of this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When the body is not JSON of that shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
