//! An answer, read whole.

use serde_json::Value;

/// An answer: status, headers, body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Lower-case names and values.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, unchunked.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads a head without its last empty line; `None` where it is none.
    pub(crate) fn of_head(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            status,
            headers,
            body: Vec::new(),
        })
    }

    /// The first header of this lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `null` where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A member of the JSON body, where it is text.
    pub(crate) fn text_of(&self, member: &str) -> Option<String> {
        self.json().get(member)?.as_str().map(str::to_owned)
    }

    /// The error code of the protocol's own JSON (RFC 6749 §5.2).
    pub(crate) fn error(&self) -> String {
        self.text_of("error").unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status and the beginning of the body, for people.
    pub(crate) fn shown(&self) -> String {
        let text: String = self.text().chars().take(300).collect();
        format!("{} {text}", self.status)
    }
}
