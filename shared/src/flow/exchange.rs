//! Exchange: one HTTP request and its response, as a service that took part in it saw it.
//!
//! May use serde, and aws-lc-rs for random ids. Everything in it is hostile text: whoever shows it escapes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::value::hex_digits;
use super::{Channel, Check, Party, Value};
use crate::realm::RealmName;

/// The id of an exchange: 32 lower-case hex digits, the first 12 of which are milliseconds since the epoch,
/// so that ids sort by time. Both sides of one hop observe it under the same id. It is copied often, so its digits
/// stand in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ExchangeId([u8; DIGITS]);

/// The length of an id.
const DIGITS: usize = 32;

/// Text that is no exchange id.
#[derive(Debug, thiserror::Error)]
#[error("an exchange id is 32 lower-case hex digits")]
pub struct InvalidExchangeId;

impl ExchangeId {
    /// A new id for an exchange that starts at `started_us` (microseconds since the epoch).
    #[must_use]
    pub fn new(started_us: i64) -> Self {
        let mut random = [0_u8; 10];
        // Without randomness ids could repeat; the record would join strangers, the protocol is not touched.
        let _ = aws_lc_rs::rand::fill(&mut random);
        let ms = started_us.div_euclid(1000).to_be_bytes();
        let bytes = ms.iter().skip(2).chain(&random);
        let mut digits = [b'0'; DIGITS];
        for (digit, hex) in digits
            .iter_mut()
            .zip(bytes.flat_map(|byte| hex_digits(*byte)))
        {
            *digit = hex;
        }
        Self(digits)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Hex digits are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExchangeId").field(&self.as_str()).finish()
    }
}

impl FromStr for ExchangeId {
    type Err = InvalidExchangeId;

    fn from_str(text: &str) -> Result<Self, InvalidExchangeId> {
        let hex = |b: &u8| b.is_ascii_digit() || (b'a'..=b'f').contains(b);
        let digits: [u8; DIGITS] = text.as_bytes().try_into().map_err(|_| InvalidExchangeId)?;
        if digits.iter().all(hex) {
            Ok(Self(digits))
        } else {
            Err(InvalidExchangeId)
        }
    }
}

impl TryFrom<String> for ExchangeId {
    type Error = InvalidExchangeId;

    fn try_from(text: String) -> Result<Self, InvalidExchangeId> {
        text.parse()
    }
}

impl From<ExchangeId> for String {
    fn from(id: ExchangeId) -> Self {
        id.as_str().to_owned()
    }
}

impl Serialize for ExchangeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What an exchange is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request and its response over HTTP.
    Http,
    /// Something that a script saw inside the browser and that was never sent to any server.
    InBrowser,
}

/// From which side an exchange was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The observer sent the request.
    Sent,
    /// The observer received the request.
    Received,
    /// The observer is a script in the browser.
    Browser,
}

/// Who observed an exchange, and from which side.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Observer {
    /// The party.
    pub party: Party,
    /// Its side.
    pub side: Side,
}

/// A header, its name in lower case as it was on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Lower-case name.
    pub name: String,
    /// Value; bytes that are not UTF-8 are replaced.
    pub value: String,
}

/// A captured body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The text, at most the record's limit (32 KiB by default); bytes that are not UTF-8 are replaced.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The length that travelled, in bytes.
    pub bytes: u64,
    /// Whether `text` is shorter than what travelled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// One HTTP request and its response, as one service that took part in it saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The same on both sides of the hop.
    pub id: ExchangeId,
    /// The realm in which it happened.
    pub realm: RealmName,
    /// What it is made of.
    pub kind: Kind,
    /// Who observed it.
    pub observer: Observer,
    /// Who sent the request.
    pub from: Party,
    /// Who answered it.
    pub to: Party,
    /// Through the browser or not.
    pub channel: Channel,
    /// The exchange that the observer was answering when it sent this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<ExchangeId>,
    /// When the request began, in microseconds since the epoch on the observer's wall clock.
    pub started_us: i64,
    /// How long the answer took, in microseconds.
    pub duration_us: u64,
    /// The realm's time when it began, in seconds since the epoch.
    pub realm_time: i64,
    /// The request's method; empty for [`Kind::InBrowser`].
    pub method: String,
    /// The absolute public URL of the request.
    pub url: String,
    /// The route that answered (`/r/{realm}/token` without its realm: `/token`), for captions and tests.
    pub path: String,
    /// The request's headers in order.
    pub request_headers: Vec<Header>,
    /// The request's body.
    pub request_body: Body,
    /// The response's status; `None` when no response came, or for [`Kind::InBrowser`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The response's headers in order.
    pub response_headers: Vec<Header>,
    /// The response's body.
    pub response_body: Body,
    /// What went wrong when no response came (`connection refused`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The checks that the observer ran to reach its answer, in order.
    pub checks: Vec<Check>,
    /// The protocol values that it carried.
    pub values: Vec<Value>,
    /// The protocol values that its sender put into it and its receiver never got, because the request was changed or
    /// kept back at a breakpoint: they say where it belongs, and nothing of who knows what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept_back: Vec<Value>,
    /// Plain facts worth keeping that no header carries (`grant=refresh_token`, `client_id=web`), by name.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub notes: std::collections::BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_read_back() {
        let early = ExchangeId::new(1_000_000_000_000_000);
        let late = ExchangeId::new(1_000_000_000_900_000);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<ExchangeId>().unwrap(), early);
        assert!("G".repeat(32).parse::<ExchangeId>().is_err());
    }
}
