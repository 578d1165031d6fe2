//! The record's types: what a service that took part in a request saw of it.
//!
//! May use serde and the realm's names, nothing of HTTP. The words are the design's:
//! *exchange* (one request and its response), *check* (one thing verified on the way to the answer),
//! *value* (a protocol value, recognised by a keyed hash), *party* and *channel*.

pub mod catalog;
mod check;
mod exchange;
mod party;
pub mod redaction;
mod value;

pub use check::{Check, CheckDef, Outcome};
pub use exchange::{Body, Exchange, ExchangeId, Header, InvalidExchangeId, Kind, Observer, Side};
pub use party::{Channel, Party};
pub use value::{RecordKey, Value, ValueHash, ValueKind, ValuePlace};

pub(crate) use value::hex as hex_of;
