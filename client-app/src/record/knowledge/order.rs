//! The order in which requests and answers were heard: what a party asked others while it answered comes between
//! the request that it got and the answer that it gave.

use std::collections::{HashMap, HashSet};

use shared::flow::{Kind, ValuePlace};

use crate::record::view::ExchangeView;

/// One half of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// What travels to the one who answers.
    Request,
    /// What comes back; what a script found in the browser counts as this too.
    Answer,
}

impl Phase {
    /// The half in which a value at `place` travels.
    pub(super) const fn of(place: ValuePlace) -> Self {
        match place {
            ValuePlace::RequestQuery | ValuePlace::RequestHeader | ValuePlace::RequestBody => {
                Self::Request
            }
            ValuePlace::RedirectQuery
            | ValuePlace::RedirectFragment
            | ValuePlace::ResponseBody
            | ValuePlace::BrowserFragment => Self::Answer,
        }
    }
}

/// Both halves of every exchange, by index, each once; causes (which are hostile text too) may even run in a ring.
pub(super) fn in_causal_order(exchanges: &[ExchangeView]) -> Vec<(usize, Phase)> {
    let ids: HashMap<_, _> = exchanges.iter().map(|known| &known.id).zip(0..).collect();
    let mut caused: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for (at, exchange) in exchanges.iter().enumerate() {
        let cause = exchange.caused_by.as_ref().and_then(|id| ids.get(id));
        match cause {
            // A script runs when the page that caused it is there: after that answer.
            Some(cause) if exchange.kind == Kind::Http => {
                caused.entry(*cause).or_default().push(at);
            }
            _ => roots.push(at),
        }
    }
    let (mut heard, mut order) = (HashSet::new(), Vec::new());
    for root in roots.into_iter().chain(0..exchanges.len()) {
        let mut open = vec![(root, Phase::Request)];
        while let Some((at, phase)) = open.pop() {
            if phase == Phase::Answer {
                order.push((at, phase));
            } else if heard.insert(at) {
                order.push((at, phase));
                open.push((at, Phase::Answer));
                let nested = caused.get(&at).into_iter().flatten().rev();
                open.extend(nested.map(|nested| (*nested, Phase::Request)));
            }
        }
    }
    order
}
