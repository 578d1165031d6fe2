//! Hop: one exchange as all who observed it saw it, merged.
//!
//! The receiver ran the checks and saw the request as it came in; the sender knows why it asked (`caused_by`)
//! and what came back. A request whose receiver never reported (a stranger, or somebody away) stands alone.

use shared::flow::{
    Check, Exchange, ExchangeId, Observer, Outcome, Party, Side, Value, ValueKind, ValuePlace,
};

use shared::observe::kind_of;

use crate::jwt::Jwt;

use super::parameter::{Parameter, ParameterPlace, header, parameters_of};

/// What a hop costs besides its text, in bytes (estimated).
const OVERHEAD: usize = 600;

/// One exchange, merged from every side that observed it.
#[derive(Clone, Debug)]
pub struct Hop {
    /// What is known of it; the receiver's word counts first.
    pub exchange: Exchange,
    /// Who observed it, the receiver first.
    pub observers: Vec<Observer>,
    /// How long the sender waited, in microseconds, where the sender observed it.
    pub sender_duration_us: Option<u64>,
    /// Its parameters, read once.
    pub parameters: Vec<Parameter>,
    /// What the sender sent and the receiver did not get, because the request was changed or kept back at a breakpoint.
    pub only_sent: Vec<Value>,
    /// What the receiver got and the sender did not send, for the same reason.
    pub only_received: Vec<Value>,
    /// When it arrived here, in microseconds of the wall clock.
    pub arrived_us: i64,
    /// About how much memory it takes, in bytes.
    pub bytes: usize,
}

impl Hop {
    /// A hop of which one side is known.
    #[must_use]
    pub fn new(exchange: Exchange, arrived_us: i64) -> Self {
        let sent = exchange.observer.side == Side::Sent;
        let mut hop = Self {
            observers: vec![exchange.observer.clone()],
            sender_duration_us: sent.then_some(exchange.duration_us),
            parameters: parameters_of(&exchange),
            bytes: bytes_of(&exchange),
            only_sent: exchange.kept_back.clone(),
            only_received: changed_values(&exchange),
            arrived_us,
            exchange,
        };
        hop.drop_guess();
        hop
    }

    /// Takes in another side's observation; `false` when that side is known already.
    pub fn merge(&mut self, other: Exchange) -> bool {
        let side = other.observer.side;
        if self.observers.iter().any(|known| known.side == side) {
            return false;
        }
        match side {
            Side::Sent => {
                self.observers.push(other.observer.clone());
                self.sender_duration_us = Some(other.duration_us);
                self.add_sender(other);
            }
            Side::Received => {
                self.observers.insert(0, other.observer.clone());
                self.only_sent.clone_from(&other.kept_back);
                let sender = std::mem::replace(&mut self.exchange, other);
                self.add_sender(sender);
            }
            Side::Browser => {
                self.observers.push(other.observer.clone());
                self.add_findings(other.checks, other.values);
            }
        }
        self.drop_guess();
        self.parameters = parameters_of(&self.exchange);
        self.bytes = bytes_of(&self.exchange);
        true
    }

    /// What somebody asked the auth server about, and what it never gave out, is no token: it gets no name, and joins
    /// nothing. (RFC 7662 §2.2 and RFC 7009 §2.2 answer such a question like any other.)
    fn drop_guess(&mut self) {
        if self.is_about_token()
            && self
                .failed_check()
                .is_some_and(|check| FOREIGN.contains(&check.id.as_str()))
        {
            let token = |kind| matches!(kind, ValueKind::AccessToken | ValueKind::RefreshToken);
            let asked = |value: &Value| value.place == ValuePlace::RequestBody && token(value.kind);
            self.exchange.values.retain(|value| !asked(value));
        }
    }

    /// What the sender knows and the receiver does not.
    fn add_sender(&mut self, sender: Exchange) {
        let kept = &mut self.exchange;
        kept.caused_by = kept.caused_by.take().or(sender.caused_by);
        kept.failure = kept.failure.take().or(sender.failure);
        if kept.response_body.text.is_empty() {
            kept.response_body = sender.response_body;
        }
        if sender.response_headers.len() > kept.response_headers.len() {
            // The sender saw what the HTTP library added on the way out.
            kept.response_headers = sender.response_headers;
        }
        for (name, fact) in sender.notes {
            kept.notes.entry(name).or_insert(fact);
        }
        let arrived = self.arrived_as_sent();
        if !arrived {
            self.only_sent = beyond(&sender.values, &self.exchange.values);
            self.only_received = beyond(&self.exchange.values, &sender.values);
        }
        let values = sender.values.into_iter();
        let values = values.filter(|value| arrived || !value.place.is_in_request());
        let values = values.collect();
        self.add_findings(sender.checks, values);
    }

    /// Whether the receiver got what the sender sent: at a breakpoint a request may be changed or kept back, and
    /// then what the sender put into it never reached the receiver.
    fn arrived_as_sent(&self) -> bool {
        !self.was_kept_back() && !self.exchange.notes.contains_key(CHANGED)
    }

    /// Whether the receiver never got it: it was taken away or answered at a breakpoint, or nobody came back for it.
    #[must_use]
    pub fn was_kept_back(&self) -> bool {
        let notes = &self.exchange.notes;
        KEPT_BACK.iter().any(|note| notes.contains_key(*note))
    }

    fn add_findings(&mut self, checks: Vec<Check>, values: Vec<Value>) {
        self.exchange.checks.extend(checks);
        for value in values {
            if !self.exchange.values.contains(&value) {
                self.exchange.values.push(value);
            }
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &ExchangeId {
        &self.exchange.id
    }

    /// What orders hops in a flow.
    #[must_use]
    pub fn order(&self) -> (i64, &ExchangeId) {
        (self.exchange.started_us, &self.exchange.id)
    }

    /// When its answer was there, in microseconds of the wall clock.
    #[must_use]
    pub fn ended_us(&self) -> i64 {
        let lasted = self
            .exchange
            .duration_us
            .max(self.sender_duration_us.unwrap_or(0));
        let lasted = i64::try_from(lasted).unwrap_or(i64::MAX);
        self.exchange.started_us.saturating_add(lasted)
    }

    /// The first parameter of this name at one of these places.
    #[must_use]
    pub fn parameter(&self, name: &str, places: &[ParameterPlace]) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .find(|parameter| parameter.name == name && places.contains(&parameter.place));
        found.map(|parameter| parameter.value.as_str())
    }

    /// A parameter of the request: its query, its body or its `Authorization`.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&str> {
        use ParameterPlace::{RequestBody, RequestHeader, RequestQuery};
        self.parameter(name, &[RequestQuery, RequestBody, RequestHeader])
    }

    /// A parameter of the answer: its JSON, or where it redirects to.
    #[must_use]
    pub fn answered(&self, name: &str) -> Option<&str> {
        use ParameterPlace::{RedirectFragment, RedirectQuery, ResponseBody};
        self.parameter(name, &[RedirectQuery, RedirectFragment, ResponseBody])
    }

    /// Whether it carries a value of `kind` at one of `places`.
    #[must_use]
    pub fn carries(&self, kind: ValueKind, places: &[ValuePlace]) -> bool {
        let mut values = self.exchange.values.iter();
        values.any(|value| value.kind == kind && places.contains(&value.place))
    }

    /// Whether it is an authorization request as the auth server got it (RFC 6749 §4.1.1).
    #[must_use]
    pub fn is_authorization_request(&self) -> bool {
        self.exchange.to == Party::AuthServer
            && self.exchange.path == "/authorize"
            && !self.was_kept_back()
            && self
                .sent("response_type")
                .or_else(|| self.sent("client_id"))
                .is_some()
    }

    /// Whether it is where an authorization request is stated: in the browser's address (RFC 6749 §4.1.1) or request
    /// object (RFC 9101), or pushed by the client (RFC 9126); not where it is only referred to.
    #[must_use]
    pub fn states_authorization(&self) -> bool {
        let pushed = self.exchange.to == Party::AuthServer && self.exchange.path == "/par";
        pushed || (self.is_authorization_request() && self.sent("request_uri").is_none())
    }

    /// Whether it asks for authorization: at the authorization endpoint, or by pushing what is asked there (RFC 9126).
    #[must_use]
    pub fn asks_authorization(&self) -> bool {
        self.is_authorization_request() || (self.states_authorization() && !self.was_kept_back())
    }

    /// Whether it is answered by a nonce to come back with at once (RFC 9449 §8).
    #[must_use]
    pub fn is_told_a_nonce(&self) -> bool {
        self.answered("error") == Some("use_dpop_nonce")
    }

    /// A parameter of the authorization request that it states: of its own, or a claim of its request object
    /// (RFC 9101 §4).
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<String> {
        let object = self.sent("request").and_then(Jwt::decode);
        let claimed = object.as_ref().and_then(|object| object.text(name));
        claimed.or_else(|| self.sent(name)).map(str::to_owned)
    }

    /// Whether it is a token request (RFC 6749 §4.1.3).
    #[must_use]
    pub fn is_token_request(&self) -> bool {
        self.exchange.to == Party::AuthServer && self.exchange.path == "/token"
    }

    /// Whether a device asks for its codes (RFC 8628 §3.1).
    #[must_use]
    pub fn is_device_authorization_request(&self) -> bool {
        self.exchange.to == Party::AuthServer && self.exchange.path == "/device_authorization"
    }

    /// Whether it is a question about a token (RFC 7662 §2.1), or takes one back (RFC 7009 §2.1).
    #[must_use]
    pub fn is_about_token(&self) -> bool {
        self.exchange.to == Party::AuthServer
            && matches!(self.exchange.path.as_str(), "/introspect" | "/revoke")
    }

    /// Whether it is part of signing out: a request for it, or somebody being told
    /// (OpenID Connect RP-Initiated Logout §2, Back-Channel Logout §2.5, Front-Channel Logout §3).
    #[must_use]
    pub fn signs_out(&self) -> bool {
        let asks = |url: &str| {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            path.ends_with("/logout") && url.contains("post_logout_redirect_uri=")
        };
        let ended = self.exchange.notes.contains_key("session_ended");
        let asked = match self.exchange.path.as_str() {
            "/logout" => true,
            "/apps" => ended,
            // Whoever signs in may end somebody else's session: that is not what is told there.
            _ => false,
        };
        (self.exchange.to == Party::AuthServer && asked)
            || self.sent("logout_token").is_some()
            || self.location().is_some_and(asks)
    }

    /// The first check that failed.
    #[must_use]
    pub fn failed_check(&self) -> Option<&Check> {
        let mut checks = self.exchange.checks.iter();
        checks.find(|check| check.outcome == Outcome::Failed)
    }

    /// The check of this id, if it was reached.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<Outcome> {
        let mut checks = self.exchange.checks.iter();
        let reached = checks.find(|check| check.id == id && check.outcome != Outcome::NotReached);
        reached.map(|check| check.outcome)
    }

    /// Whether the answer's status is 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.exchange
            .status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Where the answer redirects to.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        header(&self.exchange.response_headers, "location")
    }
}

/// The checks that tell what this auth server issued from everything else.
const FOREIGN: [&str; 5] = [
    "token.well_formed",
    "token.type",
    "token.algorithm",
    "token.key_known",
    "token.signature",
];

/// The notes of a request that its receiver never got.
const KEPT_BACK: [&str; 3] = ["dropped", "left", "answered_by"];

/// The note that a request was changed at a breakpoint: the names of its parameters that were.
const CHANGED: &str = "changed";

/// The values that a changed request carries by the word of its receiver alone: its sender sent others.
fn changed_values(exchange: &Exchange) -> Vec<Value> {
    let names = exchange.notes.get(CHANGED).map(String::as_str);
    let names = names.unwrap_or_default().split(' ');
    let kinds: Vec<_> = names.filter_map(kind_of).collect();
    let values = exchange.values.iter();
    let changed = values.filter(|value| value.place.is_in_request() && kinds.contains(&value.kind));
    changed.cloned().collect()
}

/// What stands in the request of `some` and not of `others`.
fn beyond(some: &[Value], others: &[Value]) -> Vec<Value> {
    let own = some.iter().filter(|value| {
        let known = |other: &Value| other.hash == value.hash && other.place.is_in_request();
        value.place.is_in_request() && !others.iter().any(known)
    });
    own.cloned().collect()
}

/// About how much memory an exchange takes, in bytes.
fn bytes_of(exchange: &Exchange) -> usize {
    let headers = exchange
        .request_headers
        .iter()
        .chain(&exchange.response_headers);
    let headers: usize = headers
        .map(|header| header.name.len() + header.value.len() + 48)
        .sum();
    let checks = exchange.checks.iter();
    let checks: usize = checks
        .map(|check| check.expected.len() + check.got.len() + check.id.len() + 96)
        .sum();
    // A parameter is kept a second time, decoded.
    OVERHEAD
        + headers
        + checks
        + 2 * exchange.url.len()
        + 2 * exchange.request_body.text.len()
        + 2 * exchange.response_body.text.len()
        + exchange.values.len() * 96
}
