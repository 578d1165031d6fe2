//! Who knows what: which party has held which value of a flow, since which exchange, and how it came to it.
//!
//! Read off the values that the exchanges carried (`shared::flow::Value`), so a party is never said to know what
//! no exchange carried to it or from it. Counted is what the protocol's messages carry: what a client app prints
//! on its own pages, as ours does to teach, is not. Where it is dangerous that somebody knows a value: [`danger`].

pub mod danger;
mod order;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use shared::flow::{ExchangeId, Kind, Party, Value, ValueHash, ValueKind, ValuePlace};

use self::danger::Exposure;
use self::order::{Phase, in_causal_order};
use super::parameter::header;
use super::view::{ExchangeView, FlowView};

/// The kinds of value that have a row, in the order of the rows.
pub const KINDS: [ValueKind; 14] = [
    ValueKind::Password,
    ValueKind::ClientSecret,
    ValueKind::RequestUri,
    ValueKind::Code,
    ValueKind::DeviceCode,
    ValueKind::UserCode,
    ValueKind::CodeVerifier,
    ValueKind::CodeChallenge,
    ValueKind::State,
    ValueKind::Nonce,
    ValueKind::KeyThumbprint,
    ValueKind::AccessToken,
    ValueKind::RefreshToken,
    ValueKind::IdToken,
];

/// The most values that have a row; a flow of the protocol has a dozen, but anybody may send more.
pub const MOST: usize = 200;

/// `GET {base}/api/flows/{id}/knowledge`: the matrix of values and those who may know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knowledge {
    /// The flow.
    pub flow: ExchangeId,
    /// How many of its exchanges fell out of the record: what they taught is missing here.
    pub forgotten: u64,
    /// The columns, in the order of every row's cells.
    pub knowers: Vec<Knower>,
    /// The rows: each value once, grouped by kind, in the order of appearance.
    pub values: Vec<KnownValue>,
    /// Whether there are more than 200 values, of which only the first have a row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// One value and who knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownValue {
    /// What it is.
    pub kind: ValueKind,
    /// The how-manieth of its kind in this flow, from 1.
    pub number: usize,
    /// How many of its kind the flow has.
    pub of: usize,
    /// Which one it is.
    pub hash: ValueHash,
    /// Whose it is, where its exchange says: the client of a secret, the user name of a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// One for each knower, in their order.
    pub cells: Vec<Cell>,
}

/// Whether one knower knows one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Who.
    pub knower: Knower,
    /// Since when and how; absent where it does not know the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
    /// Whether that is as it should be; absent where it does not know the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
    /// The id of the rule that says so, for all that is not just as expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Where that rule stands: `RFC 9700 §2.4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// By which exchange a knower came to a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The exchange.
    pub exchange: ExchangeId,
    /// Its place in the flow, from 1.
    pub step: usize,
    /// How.
    pub how: How,
}

/// How a knower came to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It sent it first: it made it, or had it before.
    Had,
    /// In a request that it received.
    InRequest,
    /// In the answer to its own request.
    InAnswer,
    /// It carries a redirect on (the browser), and sees what stands in it.
    PassedThrough,
    /// A script of a page read it from the address bar.
    ReadByScript,
    /// It stood in an address that the browser went to (the address bar and history).
    InAddress,
}

impl How {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Had,
        Self::InRequest,
        Self::InAnswer,
        Self::PassedThrough,
        Self::ReadByScript,
        Self::InAddress,
    ];

    /// The name in JSON and, with `_` as `-`, in language keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Had => "had",
            Self::InRequest => "in_request",
            Self::InAnswer => "in_answer",
            Self::PassedThrough => "passed_through",
            Self::ReadByScript => "read_by_script",
            Self::InAddress => "in_address",
        }
    }
}

/// Who or what may know a value: a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Knower {
    /// One of those who speak.
    Party(Party),
    /// The browser's address bar and history: a place, where people, extensions and synchronised devices look.
    AddressBar,
}

/// The name of [`Knower::AddressBar`]; no party has it.
const ADDRESS_BAR: &str = "address-bar";

impl Knower {
    /// Where its column stands: from the person's side to the provider's.
    const fn rank(&self) -> u8 {
        match self {
            Self::Party(Party::Browser) => 0,
            Self::AddressBar => 1,
            Self::Party(Party::ClientApp) => 2,
            Self::Party(Party::Stranger(_)) => 3,
            Self::Party(Party::AuthServer) => 4,
            Self::Party(Party::ResourceServer) => 5,
        }
    }

    /// The class of its colour and shape, and the suffix of its language key.
    #[must_use]
    pub const fn role(&self) -> &'static str {
        match self {
            Self::Party(party) => party.role(),
            Self::AddressBar => ADDRESS_BAR,
        }
    }
}

impl fmt::Display for Knower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Party(party) => party.fmt(f),
            Self::AddressBar => f.write_str(ADDRESS_BAR),
        }
    }
}

impl From<Knower> for String {
    fn from(knower: Knower) -> Self {
        knower.to_string()
    }
}

/// Text that names no knower.
#[derive(Debug, thiserror::Error)]
#[error("nobody is named {0:?}")]
pub struct UnknownKnower(String);

impl TryFrom<String> for Knower {
    type Error = UnknownKnower;

    fn try_from(name: String) -> Result<Self, UnknownKnower> {
        if name == ADDRESS_BAR {
            return Ok(Self::AddressBar);
        }
        Party::parse(&name)
            .map(Self::Party)
            .ok_or(UnknownKnower(name))
    }
}

impl Knowledge {
    /// Who knows what in `flow`.
    #[must_use]
    pub fn of(flow: &FlowView) -> Self {
        let mut learner = Learner::default();
        for (at, phase) in in_causal_order(&flow.exchanges) {
            if let Some(exchange) = flow.exchanges.get(at) {
                learner.hear(exchange, phase);
            }
        }
        let knowers = knowers_of(&flow.summary.parties);
        let mut values = Vec::new();
        for kind in KINDS {
            let rows: Vec<_> = learner.rows.iter().filter(|row| row.kind == kind).collect();
            let of = rows.len();
            for (row, number) in rows.into_iter().zip(1..) {
                let cells = knowers.iter();
                let cells = cells.map(|knower| learner.cell(row, knower)).collect();
                values.push(KnownValue {
                    kind,
                    number,
                    of,
                    hash: row.hash.clone(),
                    owner: row.owner.clone(),
                    cells,
                });
            }
        }
        Self {
            flow: flow.summary.id.clone(),
            forgotten: flow.summary.forgotten,
            knowers,
            values,
            more: learner.more,
        }
    }

    /// The cell of `knower` in the row of the value with this hash and kind.
    #[must_use]
    pub fn cell(&self, kind: ValueKind, hash: &ValueHash, knower: &Knower) -> Option<&Cell> {
        let mut rows = self.values.iter();
        let row = rows.find(|row| row.kind == kind && row.hash == *hash)?;
        row.cells.iter().find(|cell| cell.knower == *knower)
    }
}

/// The columns of a flow with these parties.
fn knowers_of(parties: &[Party]) -> Vec<Knower> {
    let mut knowers: Vec<_> = parties.iter().cloned().map(Knower::Party).collect();
    if parties.contains(&Party::Browser) {
        knowers.push(Knower::AddressBar);
    }
    // Stable: strangers stay in the order in which they appeared.
    knowers.sort_by_key(Knower::rank);
    knowers
}

/// A row before its cells are made.
#[derive(Debug)]
struct Row {
    kind: ValueKind,
    hash: ValueHash,
    owner: Option<String>,
}

/// Collects who learned what, exchange by exchange.
#[derive(Debug, Default)]
struct Learner {
    rows: Vec<Row>,
    /// Whether a value found no room.
    more: bool,
    /// By the value alone: who knows a `plain` challenge knows the verifier (RFC 7636 §4.2).
    learned: HashMap<(Knower, ValueHash), Learned>,
}

impl Learner {
    /// Takes in the request or the answer of an exchange.
    fn hear(&mut self, exchange: &ExchangeView, phase: Phase) {
        let values = exchange.values.iter().chain(&exchange.only_sent);
        for value in values.filter(|value| Phase::of(value.place) == phase) {
            if !KINDS.contains(&value.kind) {
                continue;
            }
            if !self.has_row(exchange, value) {
                self.more = true;
                continue;
            }
            match phase {
                Phase::Request => self.request(exchange, value),
                Phase::Answer => self.answer(exchange, value),
            }
        }
    }

    /// Whether the value has a row, where there is room a new one.
    fn has_row(&mut self, exchange: &ExchangeView, value: &Value) -> bool {
        let mut rows = self.rows.iter();
        if rows.any(|row| row.kind == value.kind && row.hash == value.hash) {
            return true;
        }
        let room = self.rows.len() < MOST;
        if room {
            self.rows.push(Row {
                kind: value.kind,
                hash: value.hash.clone(),
                owner: owner_of(exchange, value.kind),
            });
        }
        room
    }

    fn request(&mut self, exchange: &ExchangeView, value: &Value) {
        let sent = !exchange.only_received.contains(value);
        if sent {
            self.knows(&exchange.from, exchange, value, How::Had);
        }
        if was_received(exchange) && !exchange.only_sent.contains(value) {
            self.knows(&exchange.to, exchange, value, How::InRequest);
        }
        if sent && value.place == ValuePlace::RequestQuery && is_navigation(exchange) {
            self.learns(Knower::AddressBar, exchange, value, How::InAddress);
        }
    }

    fn answer(&mut self, exchange: &ExchangeView, value: &Value) {
        if value.place == ValuePlace::BrowserFragment {
            // What a script says it read stood in the address bar of its own browser.
            self.knows(&exchange.from, exchange, value, How::ReadByScript);
            if exchange.kind == Kind::InBrowser {
                self.learns(Knower::AddressBar, exchange, value, How::InAddress);
            }
            return;
        }
        self.knows(&exchange.to, exchange, value, How::Had);
        if exchange.status.is_none() || exchange.failure.is_some() {
            return;
        }
        let redirects = value.place != ValuePlace::ResponseBody;
        let how = if redirects && exchange.from == Party::Browser {
            How::PassedThrough
        } else {
            How::InAnswer
        };
        self.knows(&exchange.from, exchange, value, how);
        let followed = exchange
            .status
            .is_some_and(|status| (300..400).contains(&status));
        if redirects && followed && is_navigation(exchange) {
            self.learns(Knower::AddressBar, exchange, value, How::InAddress);
        }
    }

    fn knows(&mut self, party: &Party, exchange: &ExchangeView, value: &Value, how: How) {
        self.learns(Knower::Party(party.clone()), exchange, value, how);
    }

    /// Only what comes first counts.
    fn learns(&mut self, knower: Knower, exchange: &ExchangeView, value: &Value, how: How) {
        let learned = || Learned {
            exchange: exchange.id.clone(),
            step: exchange.step,
            how,
        };
        self.learned
            .entry((knower, value.hash.clone()))
            .or_insert_with(learned);
    }

    fn cell(&self, row: &Row, knower: &Knower) -> Cell {
        let learned = self.learned.get(&(knower.clone(), row.hash.clone()));
        let rule = learned.and_then(|learned| danger::rule_for(row.kind, knower, learned.how));
        let exposure = rule.map_or(Exposure::Expected, |rule| rule.exposure);
        Cell {
            knower: knower.clone(),
            learned: learned.cloned(),
            exposure: learned.map(|_| exposure),
            rule: rule.map(|rule| rule.id.to_owned()),
            reference: rule.map(|rule| rule.reference.to_owned()),
        }
    }
}

/// Whether the request arrived where it was sent: it was answered there, and not at a breakpoint before.
fn was_received(exchange: &ExchangeView) -> bool {
    exchange.status.is_some() && !exchange.notes.contains_key("answered_by")
}

/// Whether the browser went there, so that the address stood in its bar; what a script fetches does not.
fn is_navigation(exchange: &ExchangeView) -> bool {
    let mode = header(&exchange.request.headers, "sec-fetch-mode");
    exchange.kind == Kind::Http
        && exchange.from == Party::Browser
        && exchange.method != "OPTIONS"
        && mode.is_none_or(|mode| mode == "navigate")
}

/// Whose value it is, by the parameter that came with it.
fn owner_of(exchange: &ExchangeView, kind: ValueKind) -> Option<String> {
    let name = match kind {
        ValueKind::ClientSecret => "client_id",
        ValueKind::Password => "username",
        _ => return None,
    };
    let mut parameters = exchange.parameters.iter();
    let owner = parameters.find(|parameter| parameter.name == name && !parameter.value.is_empty());
    owner.map(|owner| owner.value.chars().take(60).collect())
}
