//! Which value of one flow plays the part of which value of the other.
//!
//! Values that are new in every run are told apart by the part they play: the first time that two stand in the
//! same place they are taken for each other, and from then on each must stand where its counterpart stands. What
//! is the same in every run (a password, a client's secret) must be the same value. A verifier has no counterpart
//! to stand for: it must fit its challenge as the other does (RFC 7636 §4.6).

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::flow::{Outcome, Value, ValueHash, ValueKind, ValuePlace};
use shared::observe::kind_of;

use super::difference::Named;
use crate::record::knowledge::Knowledge;
use crate::record::parameter::{Parameter, ParameterPlace};
use crate::record::view::{ExchangeView, FlowView};

/// Members that tell times and serial numbers: new in every run, and nothing follows them.
const NEW_EVERY_TIME: [&str; 7] = ["iat", "exp", "nbf", "auth_time", "jti", "sid", "updated_at"];

/// The values of two flows and how they answer to each other.
#[derive(Debug)]
pub(super) struct Identities {
    pub(super) left: Side,
    pub(super) right: Side,
    to_right: HashMap<ValueHash, ValueHash>,
    to_left: HashMap<ValueHash, ValueHash>,
}

/// What one flow says of its values.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) knowledge: Knowledge,
    /// The challenge of the authorization request, and whether its method is `S256`.
    challenge: Option<(String, bool)>,
}

impl Side {
    fn of(flow: &FlowView) -> Self {
        let asked = flow.exchanges.iter().find_map(|exchange| {
            let request = |name| text(exchange, name, ParameterPlace::RequestQuery);
            let challenge = request("code_challenge")?;
            let s256 = request("code_challenge_method") == Some("S256");
            Some((challenge.to_owned(), s256))
        });
        Self {
            knowledge: Knowledge::of(flow),
            challenge: asked,
        }
    }

    /// The name of a value in its flow.
    pub(super) fn name(&self, value: &Value) -> Option<Named> {
        let mut rows = self.knowledge.values.iter();
        let row = rows.find(|row| row.kind == value.kind && row.hash == value.hash)?;
        Some(Named {
            kind: row.kind,
            number: row.number,
        })
    }

    /// Of a verifier, whether it fits the challenge, where that can be said.
    pub(super) fn fits_challenge(&self, occurrence: &Occurrence<'_>) -> Option<bool> {
        let value = occurrence.value?;
        let is_verifier = value.kind == ValueKind::CodeVerifier;
        let fits = || self.fits(occurrence.exchange, &occurrence.parameter.value);
        is_verifier.then(fits).flatten()
    }

    /// Whether a verifier fits the challenge: as the server's check said, else computed where it can be read.
    fn fits(&self, exchange: &ExchangeView, verifier: &str) -> Option<bool> {
        let mut checks = exchange.checks.iter();
        let said = checks.find(|check| check.id == "pkce.s256");
        match said.map(|check| check.outcome) {
            Some(Outcome::Passed) => return Some(true),
            Some(Outcome::Failed) => return Some(false),
            Some(Outcome::NotReached) | None => {}
        }
        let (challenge, s256) = self.challenge.as_ref()?;
        let computed = if *s256 {
            URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
        } else {
            verifier.to_owned()
        };
        // Outside a demo the record hides verifiers: nothing can be said then.
        let readable = verifier
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        readable.then_some(computed == *challenge)
    }
}

impl Identities {
    pub(super) fn new(left: &FlowView, right: &FlowView) -> Self {
        Self {
            left: Side::of(left),
            right: Side::of(right),
            to_right: HashMap::new(),
            to_left: HashMap::new(),
        }
    }

    /// Whether the two parameters mean the same, each in its own flow.
    pub(super) fn same(&mut self, left: &Occurrence<'_>, right: &Occurrence<'_>) -> bool {
        let (Some(one), Some(other)) = (left.value, right.value) else {
            let name = left.parameter.name.as_str();
            return left.parameter.value == right.parameter.value || NEW_EVERY_TIME.contains(&name);
        };
        match one.kind {
            ValueKind::Password | ValueKind::ClientSecret => one.hash == other.hash,
            ValueKind::CodeVerifier => {
                let (one, other) = (&left.parameter.value, &right.parameter.value);
                let one = self.left.fits(left.exchange, one);
                let other = self.right.fits(right.exchange, other);
                one.is_none() || other.is_none() || one == other
            }
            _ => self.answers(&one.hash, &other.hash),
        }
    }

    /// Whether two values answer to each other, or may from now on.
    fn answers(&mut self, left: &ValueHash, right: &ValueHash) -> bool {
        match (self.to_right.get(left), self.to_left.get(right)) {
            (Some(known), _) => known == right,
            (None, Some(_)) => false,
            (None, None) => {
                self.to_right.insert(left.clone(), right.clone());
                self.to_left.insert(right.clone(), left.clone());
                true
            }
        }
    }

    /// The value of the right flow that answers to this one of the left, where one was met.
    pub(super) fn counterpart(&self, left: &ValueHash) -> Option<&ValueHash> {
        self.to_right.get(left)
    }

    /// Whether a value of the right flow answers to one of the left.
    pub(super) fn is_taken(&self, right: &ValueHash) -> bool {
        self.to_left.contains_key(right)
    }
}

/// One parameter of one exchange, and the value that it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurrence<'e> {
    pub(super) exchange: &'e ExchangeView,
    pub(super) parameter: &'e Parameter,
    pub(super) value: Option<&'e Value>,
}

/// The parameters of an exchange called `name` at `place`.
pub(super) fn occurrences<'e>(
    exchange: &'e ExchangeView,
    name: &str,
    place: ParameterPlace,
) -> Vec<Occurrence<'e>> {
    let at = value_place(place);
    let values = exchange.values.iter().filter(|value| {
        // A `token` may be of either kind (RFC 7009 §2.1).
        let refresh = name == "token" && value.kind == ValueKind::RefreshToken;
        value.place == at && (refresh || kind_of(name) == Some(value.kind))
    });
    let values: Vec<_> = values.collect();
    let named = exchange
        .parameters
        .iter()
        .filter(|parameter| parameter.name == name && parameter.place == place);
    named
        .enumerate()
        // A value that stands twice is told once.
        .map(|(nth, parameter)| Occurrence {
            exchange,
            parameter,
            value: values.get(nth).or(values.last()).copied(),
        })
        .collect()
}

const fn value_place(place: ParameterPlace) -> ValuePlace {
    match place {
        ParameterPlace::RequestQuery => ValuePlace::RequestQuery,
        ParameterPlace::RequestHeader => ValuePlace::RequestHeader,
        ParameterPlace::RequestBody => ValuePlace::RequestBody,
        ParameterPlace::RedirectQuery => ValuePlace::RedirectQuery,
        ParameterPlace::RedirectFragment => ValuePlace::RedirectFragment,
        ParameterPlace::ResponseBody => ValuePlace::ResponseBody,
    }
}

fn text<'e>(exchange: &'e ExchangeView, name: &str, place: ParameterPlace) -> Option<&'e str> {
    let mut parameters = exchange.parameters.iter();
    let found = parameters.find(|parameter| parameter.name == name && parameter.place == place);
    found.map(|parameter| parameter.value.as_str())
}
