//! The record as JSON: the types of `GET {base}/api/flows` and its neighbours, as `docs/api.md` tells them.
//!
//! Everything in it is hostile text. Names are stable: tests and other tools read them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::flow::{Body, Channel, Check, ExchangeId, Header, Kind, Observer, Party, Value};

use super::flow::{FlowResult, Grant, client_of, parties_of, person_of};
use super::hop::Hop;
use super::parameter::{Parameter, ParameterPlace};
use super::verdict::{Verdict, verdicts_of};

/// `GET {base}/api/flows`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowList {
    /// The flows that were asked for, newest first.
    pub flows: Vec<FlowSummary>,
    /// How much is kept, and what was lost.
    pub record: RecordState,
}

/// How much the record holds, and what it lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordState {
    /// Exchanges of this realm that are kept.
    pub exchanges: usize,
    /// Memory that they take, in bytes (estimated).
    pub bytes: usize,
    /// Exchanges of this realm that fell out of the ring since it was cleared.
    pub forgotten: u64,
    /// Exchanges of all services that never arrived (a full channel, a lost batch) since the start.
    pub dropped: u64,
    /// Exchanges of all services that were left out on purpose, as they came faster than the record keeps pace
    /// (`shared::observe::Pace`), since the start.
    #[serde(default)]
    pub shed: u64,
    /// The number of the latest event: where a live stream goes on (`?after=`).
    pub latest_event: u64,
}

/// One flow in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowSummary {
    /// Its id: the id of the exchange that was seen first.
    pub id: ExchangeId,
    /// Which grant it is, by the parameters that were observed.
    pub grant: Grant,
    /// The client, where the protocol named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The user name, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Who took part, in the order of appearance.
    pub parties: Vec<Party>,
    /// How many exchanges it has.
    pub exchange_count: usize,
    /// How many of its exchanges fell out of the ring: then it is not complete.
    pub forgotten: u64,
    /// When its first exchange began, in microseconds since the epoch.
    pub started_us: i64,
    /// When its last answer was there, in microseconds since the epoch.
    pub ended_us: i64,
    /// How it stands.
    pub result: FlowResult,
}

/// `GET {base}/api/flows/{id}`: a flow with its exchanges.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowView {
    /// What the list says of it.
    #[serde(flatten)]
    pub summary: FlowSummary,
    /// What can be said of it as a whole.
    pub verdicts: Vec<Verdict>,
    /// Its exchanges in the order in which they began.
    pub exchanges: Vec<ExchangeView>,
    /// The number of the latest event that this answer includes (`?after=`).
    pub latest_event: u64,
}

/// `GET {base}/api/exchanges/{id}`: one exchange, merged from every side that observed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeView {
    /// Its id: the `Exchange-Id` header of the answer.
    pub id: ExchangeId,
    /// The flow it belongs to.
    pub flow: ExchangeId,
    /// Its place in the flow, from 1.
    pub step: usize,
    /// A request over HTTP, or something that a script saw in the browser.
    pub kind: Kind,
    /// Who sent the request.
    pub from: Party,
    /// Who answered it.
    pub to: Party,
    /// Through the browser (`front`) or server to server (`back`).
    pub channel: Channel,
    /// Who observed it, from which side; the receiver first.
    pub observers: Vec<Observer>,
    /// The exchange that the sender was answering meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<ExchangeId>,
    /// The method; empty in the browser.
    pub method: String,
    /// The route, without realm and query.
    pub path: String,
    /// The absolute URL.
    pub url: String,
    /// The status; none when no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong when no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it began, in microseconds since the epoch.
    pub started_us: i64,
    /// How long the receiver took (the sender, where no receiver reported), in milliseconds.
    pub duration_ms: f64,
    /// How long the sender waited, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_duration_ms: Option<f64>,
    /// The realm's time when it began, in seconds since the epoch.
    pub realm_time: i64,
    /// What was verified, in order; the receiver's checks first.
    pub checks: Vec<Check>,
    /// The values it carried, each by its hash.
    pub values: Vec<Value>,
    /// What the sender sent besides, and the receiver did not get: the request was changed or kept back at a
    /// breakpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_sent: Vec<Value>,
    /// Those of `values` that the receiver got and the sender did not send, for the same reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_received: Vec<Value>,
    /// Its parameters, wherever they stood.
    pub parameters: Vec<Parameter>,
    /// The request.
    pub request: Message,
    /// The response.
    pub response: Message,
    /// Plain facts besides (`client_id`).
    pub notes: BTreeMap<String, String>,
}

/// Headers and body of a request or response.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Headers in order.
    pub headers: Vec<Header>,
    /// The body, cut at the record's limit.
    pub body: Body,
}

/// What an event of `GET {base}/api/flows/{id}/stream` carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeEvent {
    /// The flow as it stands now.
    pub flow: FlowSummary,
    /// The exchange that arrived or of which more became known.
    pub exchange: ExchangeBrief,
}

/// An exchange in one line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeBrief {
    /// Its id.
    pub id: ExchangeId,
    /// Its place in the flow, from 1.
    pub step: usize,
    /// Who sent the request.
    pub from: Party,
    /// Who answered it.
    pub to: Party,
    /// Through the browser or server to server.
    pub channel: Channel,
    /// The method; empty in the browser.
    pub method: String,
    /// The route.
    pub path: String,
    /// The status; none when no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// When it began, in microseconds since the epoch.
    pub started_us: i64,
}

impl FlowSummary {
    /// The summary of the flow `id` with these hops.
    #[must_use]
    pub fn of(id: &ExchangeId, hops: &[&Hop], forgotten: u64) -> Self {
        Self {
            id: id.clone(),
            grant: Grant::of(hops),
            client_id: client_of(hops),
            person: person_of(hops),
            parties: parties_of(hops),
            exchange_count: hops.len(),
            forgotten,
            started_us: hops.first().map_or(0, |hop| hop.exchange.started_us),
            ended_us: hops.iter().map(|hop| hop.ended_us()).max().unwrap_or(0),
            result: FlowResult::of(hops),
        }
    }
}

impl FlowView {
    /// The whole flow.
    #[must_use]
    pub fn of(id: &ExchangeId, hops: &[&Hop], forgotten: u64, latest_event: u64) -> Self {
        let summary = FlowSummary::of(id, hops, forgotten);
        let in_order = hops.iter().zip(1..);
        Self {
            verdicts: verdicts_of(hops, summary.grant),
            exchanges: in_order
                .map(|(hop, step)| ExchangeView::of(hop, id, step))
                .collect(),
            summary,
            latest_event,
        }
    }
}

impl ExchangeView {
    /// One hop of `flow`, the `step`th.
    #[must_use]
    pub fn of(hop: &Hop, flow: &ExchangeId, step: usize) -> Self {
        let exchange = hop.exchange.clone();
        Self {
            id: exchange.id,
            flow: flow.clone(),
            step,
            kind: exchange.kind,
            from: exchange.from,
            to: exchange.to,
            channel: exchange.channel,
            observers: hop.observers.clone(),
            caused_by: exchange.caused_by,
            method: exchange.method,
            path: exchange.path,
            url: exchange.url,
            status: exchange.status,
            failure: exchange.failure,
            started_us: exchange.started_us,
            duration_ms: milliseconds(exchange.duration_us),
            sender_duration_ms: hop.sender_duration_us.map(milliseconds),
            realm_time: exchange.realm_time,
            checks: exchange.checks,
            values: exchange.values,
            only_sent: hop.only_sent.clone(),
            only_received: hop.only_received.clone(),
            parameters: hop.parameters.clone(),
            request: Message {
                headers: exchange.request_headers,
                body: exchange.request_body,
            },
            response: Message {
                headers: exchange.response_headers,
                body: exchange.response_body,
            },
            notes: exchange.notes,
        }
    }

    /// Whether the answer is an error that only says that a person has not decided yet (RFC 8628 §3.5).
    #[must_use]
    pub fn is_not_yet(&self) -> bool {
        self.parameters.iter().any(|parameter| {
            parameter.place == ParameterPlace::ResponseBody
                && parameter.name == "error"
                && parameter.value == "authorization_pending"
        })
    }
}

impl ExchangeBrief {
    /// One hop in one line.
    #[must_use]
    pub fn of(hop: &Hop, step: usize) -> Self {
        let exchange = &hop.exchange;
        Self {
            id: exchange.id.clone(),
            step,
            from: exchange.from.clone(),
            to: exchange.to.clone(),
            channel: exchange.channel,
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            status: exchange.status,
            started_us: exchange.started_us,
        }
    }
}

/// Microseconds as milliseconds with three places.
#[must_use]
pub fn milliseconds(us: u64) -> f64 {
    // An f64 holds every whole number to 2^53; longer than an hour is cut, and nobody waits so long.
    u32::try_from(us).map_or(f64::from(u32::MAX) / 1000.0, |us| f64::from(us) / 1000.0)
}
