//! What differs between two exchanges that answer to each other, in the order in which it happens: who asked, what
//! was asked, what was checked, what was answered.

use shared::flow::{Check, Header, Outcome};

use super::difference::{CheckDifference, Difference, Half, HeaderDifference, Sides};
use super::identity::Identities;
use super::parameters::{self, ANSWERED, ASKED};
use crate::record::parameter::header;
use crate::record::view::ExchangeView;

/// The headers of a request that decide something.
const ASKING: [&str; 3] = ["authorization", "content-type", "dpop"];
/// The headers of an answer that decide something.
const ANSWERING: [&str; 6] = [
    "location",
    "www-authenticate",
    "content-type",
    "cache-control",
    "retry-after",
    "access-control-allow-origin",
];
/// A part of a path that is this long is a name made for one run (`/runs/{run}`).
const MADE_NAME: usize = 20;

/// What differs between the two.
pub(super) fn differences(
    left: &ExchangeView,
    right: &ExchangeView,
    identities: &mut Identities,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut add = |difference: Option<Difference>| found.extend(difference);
    add(sides(&left.from, &right.from).map(Difference::From));
    add(sides(&left.channel, &right.channel).map(Difference::Channel));
    add(sides(&left.method, &right.method).map(Difference::Method));
    add(sides(&left.path, &right.path).map(Difference::Path));
    found.extend(parameters::differences(left, right, ASKED, identities));
    let (one, other) = (&left.request.headers, &right.request.headers);
    found.extend(headers(one, other, Half::Request, &ASKING));
    found.extend(checks(&left.checks, &right.checks));
    found.extend(sides(&left.status, &right.status).map(Difference::Status));
    found.extend(sides(&left.failure, &right.failure).map(Difference::Failure));
    found.extend(parameters::differences(left, right, ANSWERED, identities));
    let (one, other) = (&left.response.headers, &right.response.headers);
    found.extend(headers(one, other, Half::Response, &ANSWERING));
    found
}

fn sides<T: PartialEq + Clone>(left: &T, right: &T) -> Option<Sides<T>> {
    (left != right).then(|| Sides {
        left: left.clone(),
        right: right.clone(),
    })
}

fn headers(left: &[Header], right: &[Header], half: Half, names: &[&str]) -> Vec<Difference> {
    let of = |headers: &[Header], name| header(headers, name).map(|value| essence(name, value));
    let mut found = Vec::new();
    for name in names {
        let (left, right) = (of(left, name), of(right, name));
        if left != right {
            found.push(Difference::Header(HeaderDifference {
                name: (*name).to_owned(),
                half,
                left,
                right,
            }));
        }
    }
    found
}

/// What of a header is the same in every run: its parameters are compared as parameters.
fn essence(name: &str, value: &str) -> String {
    match name {
        "authorization" | "dpop" => value.split(' ').next().unwrap_or_default().to_owned(),
        "location" => {
            let place = value.split(['?', '#']).next().unwrap_or_default();
            let parts = place.split('/').map(|part| {
                // A host is no such name.
                let made = part.len() >= MADE_NAME && !part.contains([':', '.']);
                if made { "…" } else { part }
            });
            parts.collect::<Vec<_>>().join("/")
        }
        _ => value.to_owned(),
    }
}

/// The checks that ended otherwise, those of the left in their order, then those that it has not.
fn checks(left: &[Check], right: &[Check]) -> Vec<Difference> {
    let mut found = Vec::new();
    for (id, nth) in ids(left, right) {
        let (one, other) = (find(left, id, nth), find(right, id, nth));
        let outcome = |check: Option<&Check>| check.map_or(Outcome::NotReached, |c| c.outcome);
        if outcome(one) == outcome(other) {
            continue;
        }
        let follows = is_cut_short(left, one, other) || is_cut_short(right, other, one);
        let known = one.or(other);
        found.push(Difference::Check(CheckDifference {
            id: id.to_owned(),
            reference: known
                .map(|check| check.reference.clone())
                .unwrap_or_default(),
            left: one.cloned(),
            right: other.cloned(),
            follows,
        }));
    }
    found
}

/// Whether a check of this side only ended otherwise because one before it in the same exchange had failed.
fn is_cut_short(side: &[Check], own: Option<&Check>, other: Option<&Check>) -> bool {
    let held = own.is_some_and(|check| check.outcome == Outcome::Passed);
    let passed = other.is_some_and(|check| check.outcome == Outcome::Passed);
    let before = side
        .iter()
        .take_while(|check| !own.is_some_and(|own| std::ptr::eq(*check, own)));
    !held
        && passed
        && before
            .into_iter()
            .any(|check| check.outcome == Outcome::Failed)
}

/// Every check of either side: its id, and the how-manieth of that id it is, from 0.
fn ids<'c>(left: &'c [Check], right: &'c [Check]) -> Vec<(&'c str, usize)> {
    let mut ids: Vec<(&str, usize)> = Vec::new();
    for side in [left, right] {
        for (at, check) in side.iter().enumerate() {
            let before = side.iter().take(at).filter(|known| known.id == check.id);
            let id = (check.id.as_str(), before.count());
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids
}

fn find<'c>(checks: &'c [Check], id: &str, nth: usize) -> Option<&'c Check> {
    checks.iter().filter(|check| check.id == id).nth(nth)
}
