//! The parameters of two exchanges that answer to each other.

use shared::flow::Party;
use shared::observe::kind_of;

use super::difference::{Change, Difference, ParameterDifference, Shown};
use super::identity::{Identities, Occurrence, Side, occurrences};
use crate::record::parameter::ParameterPlace;
use crate::record::view::ExchangeView;
use crate::viewer::reference_of;

/// The parameters of the request, in the order of their places.
pub(super) const ASKED: [ParameterPlace; 3] = [
    ParameterPlace::RequestQuery,
    ParameterPlace::RequestHeader,
    ParameterPlace::RequestBody,
];
/// The parameters of the answer.
pub(super) const ANSWERED: [ParameterPlace; 3] = [
    ParameterPlace::RedirectQuery,
    ParameterPlace::RedirectFragment,
    ParameterPlace::ResponseBody,
];

/// What differs among the parameters at `places`, those of the left in their order, then those that it has not.
pub(super) fn differences(
    left: &ExchangeView,
    right: &ExchangeView,
    places: [ParameterPlace; 3],
    identities: &mut Identities,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for place in places {
        for name in names(left, right, place) {
            let one = occurrences(left, name, place);
            let other = occurrences(right, name, place);
            let alike = one.len() == other.len();
            // Every pair is looked at, so that each value finds its counterpart.
            let differing = one.iter().zip(&other);
            let differing = differing.filter(|(one, other)| !identities.same(one, other));
            if differing.count() == 0 && alike {
                continue;
            }
            let change = match (one.is_empty(), other.is_empty()) {
                (true, _) => Change::Added,
                (_, true) => Change::Removed,
                _ => Change::Changed,
            };
            found.push(Difference::Parameter(ParameterDifference {
                name: name.to_owned(),
                place,
                change,
                own: is_own(left, name, place),
                left: shown(&one, &identities.left),
                right: shown(&other, &identities.right),
            }));
        }
    }
    found
}

/// Whether it is a field of a form that the client app made for itself, which no standard speaks of.
fn is_own(exchange: &ExchangeView, name: &str, place: ParameterPlace) -> bool {
    let form = exchange.from == Party::Browser && exchange.to == Party::ClientApp;
    let known = kind_of(name).is_some() || reference_of(name, place, &exchange.path).is_some();
    form && !known && ASKED.contains(&place)
}

/// The names at `place` on either side, each once.
fn names<'e>(
    left: &'e ExchangeView,
    right: &'e ExchangeView,
    place: ParameterPlace,
) -> Vec<&'e str> {
    let mut names: Vec<&str> = Vec::new();
    for parameter in left.parameters.iter().chain(&right.parameters) {
        if parameter.place == place && !names.contains(&parameter.name.as_str()) {
            names.push(&parameter.name);
        }
    }
    names
}

fn shown(occurrences: &[Occurrence<'_>], side: &Side) -> Vec<Shown> {
    let all = occurrences.iter().map(|occurrence| Shown {
        value: occurrence.parameter.value.clone(),
        named: occurrence.value.and_then(|value| side.name(value)),
        fits: side.fits_challenge(occurrence),
    });
    all.collect()
}
