//! Which exchange of one flow answers to which of the other: the best alignment of both in order
//! (Needleman and Wunsch, 1970), where two exchanges that have the same part score and a gap costs nothing.

use std::collections::HashMap;

use shared::flow::{Channel, ExchangeId, Kind, Party};

use crate::record::parameter::ParameterPlace;
use crate::record::view::ExchangeView;

/// Two exchanges by index; one is missing where it has no counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) left: Option<usize>,
    pub(super) right: Option<usize>,
}

/// What of an exchange decides whether another answers to it, texts as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    kind: Kind,
    from: &'static str,
    to: &'static str,
    channel: Channel,
    method: usize,
    path: usize,
    /// The path with the variants of one thing as one: every callback is a callback.
    place: usize,
    grant_type: Option<usize>,
    status: Option<u16>,
    is_preflight: bool,
}

/// Numbers for texts, so that comparing is cheap.
#[derive(Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn of(&mut self, text: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(text.to_owned()).or_insert(next)
    }
}

impl Part {
    fn of(exchange: &ExchangeView, numbers: &mut Numbers) -> Self {
        let mut parameters = exchange.parameters.iter();
        let grant_type = parameters.find(|parameter| {
            parameter.name == "grant_type" && parameter.place == ParameterPlace::RequestBody
        });
        let path = exchange.path.as_str();
        let place = if path.starts_with("/callback") {
            "/callback"
        } else {
            path
        };
        Self {
            kind: exchange.kind,
            from: role(&exchange.from),
            to: exchange.to.role(),
            channel: exchange.channel,
            method: numbers.of(&exchange.method),
            path: numbers.of(path),
            place: numbers.of(place),
            grant_type: grant_type.map(|grant_type| numbers.of(&grant_type.value)),
            status: exchange.status,
            is_preflight: exchange.method == "OPTIONS",
        }
    }

    /// How well `other` answers to it; 0 where it does not.
    fn likeness(self, other: Self) -> u32 {
        let comparable = self.kind == other.kind
            && self.to == other.to
            && self.place == other.place
            && self.is_preflight == other.is_preflight;
        if !comparable {
            return 0;
        }
        let points = [
            (self.method == other.method, 6),
            (self.path == other.path, 4),
            (self.from == other.from, 4),
            (self.channel == other.channel, 2),
            (self.grant_type == other.grant_type, 4),
            (self.status == other.status, 1),
        ];
        let points = points.into_iter().filter(|(alike, _)| *alike);
        1 + points.map(|(_, points)| points).sum::<u32>()
    }
}

/// Who asks, strangers all alike and like our client app: both are clients.
const fn role(party: &Party) -> &'static str {
    match party {
        Party::Stranger(_) => Party::ClientApp.role(),
        known => known.role(),
    }
}

/// Both flows in order, side by side. Of equally good alignments the one that pairs what comes earliest.
pub(super) fn align(left: &[ExchangeView], right: &[ExchangeView]) -> Vec<Pair> {
    let mut numbers = Numbers::default();
    let mut parts = |exchanges: &[ExchangeView]| {
        let parts = exchanges.iter();
        parts
            .map(|exchange| Part::of(exchange, &mut numbers))
            .collect::<Vec<_>>()
    };
    let (one, other) = (parts(left), parts(right));
    let best = table(&one, &other);
    let score = |i: usize, j: usize| {
        let row = best.get(i);
        row.and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < one.len() || j < other.len() {
        let likeness = one.get(i).zip(other.get(j)).map(|(a, b)| a.likeness(*b));
        let likeness = likeness.unwrap_or(0);
        let pair = if likeness > 0 && score(i, j) == likeness + score(i + 1, j + 1) {
            (Some(i), Some(j))
        } else if j >= other.len() || (i < one.len() && score(i, j) == score(i + 1, j)) {
            (Some(i), None)
        } else {
            (None, Some(j))
        };
        i += usize::from(pair.0.is_some());
        j += usize::from(pair.1.is_some());
        pairs.push(Pair {
            left: pair.0,
            right: pair.1,
        });
    }
    pairs
}

/// The best score of what is left of both, from each pair of places on.
fn table(one: &[Part], other: &[Part]) -> Vec<Vec<u32>> {
    let mut below = vec![0; other.len() + 1];
    let mut table = vec![below.clone()];
    for left in one.iter().rev() {
        let mut row = vec![0];
        let mut after = 0;
        // From the last column to the first: `after` is the score to the right, `diagonal` below that.
        for (right, under) in other.iter().rev().zip(pairs_from_the_end(&below)) {
            let (diagonal, below) = under;
            let likeness = left.likeness(*right);
            let paired = if likeness > 0 { likeness + diagonal } else { 0 };
            after = paired.max(below).max(after);
            row.push(after);
        }
        row.reverse();
        table.push(row.clone());
        below = row;
    }
    table.reverse();
    table
}

/// Of each place but the last, from the end: what stands right of it, and what stands on it.
fn pairs_from_the_end(row: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    let right = row.iter().rev();
    let own = row.iter().rev().skip(1);
    right.copied().zip(own.copied())
}

/// Where the exchange stands among the aligned steps.
pub(super) fn index_of(
    steps: &[super::Step],
    flank: super::Flank,
    id: &ExchangeId,
) -> Option<usize> {
    let is = |step: &super::Step| flank.of(step).is_some_and(|exchange| exchange.id == *id);
    steps.iter().position(is)
}
