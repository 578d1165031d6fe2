//! Scene: what a diagram of a flow shows, and nothing of how it looks.
//!
//! Read off a [`FlowView`] alone: every exchange once, in the record's order, each as the arrows that it is: the request,
//! and the answer back. A redirect is such an answer; the request that the browser makes of it is an exchange of its
//! own, so it is drawn only if it happened (RFC 6749 §1.7). A fragment stays with the user agent (RFC 3986 §3.5), and
//! so does what a script read there. Knows no HTML; may use the record.

use std::collections::BTreeMap;

use shared::flow::{Channel, ExchangeId, Kind, Party, Value, ValueHash, ValueKind, ValuePlace};

use crate::record::parameter::header;
use crate::record::view::{ExchangeView, FlowView};

/// A flow as parties and arrows.
#[derive(Debug)]
pub(crate) struct Scene {
    /// Who takes part, in the order in which they stand side by side.
    pub(crate) lanes: Vec<Party>,
    /// One for each exchange, in order.
    pub(crate) steps: Vec<Step>,
}

/// One exchange.
#[derive(Debug)]
pub(crate) struct Step {
    /// Its id.
    pub(crate) exchange: ExchangeId,
    /// Its place in the flow, from 1.
    pub(crate) number: usize,
    /// When it began, in microseconds since the epoch.
    pub(crate) started_us: i64,
    /// Which way it travelled.
    pub(crate) way: Way,
    /// The arrows that it is, in order; never none.
    pub(crate) arrows: Vec<Arrow>,
}

/// Which way an exchange travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through the browser.
    Front,
    /// Server to server.
    Back,
    /// Nowhere: a script saw it in the browser.
    InBrowser,
}

/// One arrow.
#[derive(Debug)]
pub(crate) struct Arrow {
    /// What it is.
    pub(crate) leg: Leg,
    /// The lane at which it begins.
    pub(crate) from: usize,
    /// The lane at which it ends; the same for what stays.
    pub(crate) to: usize,
    /// The values that it carried.
    pub(crate) chips: Vec<Chip>,
}

/// What an arrow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// The request.
    Request,
    /// A request that nobody answered.
    Unanswered,
    /// The answer.
    Answer,
    /// An answer of 400 and above.
    Refusal,
    /// An answer that sends the user agent elsewhere.
    Redirect,
    /// The fragment of that redirect: it stays with the user agent.
    Fragment,
    /// What a script read in the browser.
    InBrowser,
}

/// A value on an arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    /// What it is.
    pub(crate) kind: ValueKind,
    /// Which one it is.
    pub(crate) hash: ValueHash,
    /// The how-manieth of its kind in this flow, from 1.
    pub(crate) number: usize,
    /// The first exchange that carried it.
    pub(crate) first: ExchangeId,
}

impl Scene {
    /// The scene of a flow.
    pub(crate) fn of(flow: &FlowView) -> Self {
        let lanes = lanes_of(&flow.exchanges);
        let mut cast = Cast::default();
        let steps = flow.exchanges.iter().zip(1..).map(|(exchange, number)| {
            let values = followed(exchange).map(|value| cast.meet(exchange, value));
            let values: Vec<_> = values.collect();
            Step {
                exchange: exchange.id.clone(),
                number,
                started_us: exchange.started_us,
                way: way_of(exchange),
                arrows: arrows_of(exchange, &lanes, &values),
            }
        });
        let steps = steps.collect();
        Self { lanes, steps }
    }

    /// The stable names of the lanes, for telling whether a drawing still fits.
    pub(crate) fn cast(&self) -> String {
        let names: Vec<_> = self.lanes.iter().map(Party::name).collect();
        names.join(" ")
    }
}

impl Step {
    /// Every value that it carried, each once.
    pub(crate) fn chips(&self) -> Vec<&Chip> {
        let mut found: Vec<&Chip> = Vec::new();
        for chip in self.arrows.iter().flat_map(|arrow| &arrow.chips) {
            if !found.contains(&chip) {
                found.push(chip);
            }
        }
        found
    }

    /// The lanes between which it happened: the sender's and the receiver's.
    pub(crate) fn ends(&self) -> (usize, usize) {
        self.arrows
            .first()
            .map_or((0, 0), |arrow| (arrow.from, arrow.to))
    }

    /// Whether it was refused, or not answered.
    pub(crate) fn has_failed(&self) -> bool {
        let mut legs = self.arrows.iter().map(|arrow| arrow.leg);
        legs.any(|leg| matches!(leg, Leg::Refusal | Leg::Unanswered))
    }
}

/// Numbers the values of each kind in the order in which they first travel.
#[derive(Default)]
struct Cast {
    known: BTreeMap<(ValueKind, ValueHash), (usize, ExchangeId)>,
    counts: BTreeMap<ValueKind, usize>,
}

impl Cast {
    fn meet(&mut self, exchange: &ExchangeView, value: &Value) -> (Chip, ValuePlace) {
        let key = (value.kind, value.hash.clone());
        let counts = &mut self.counts;
        let (number, first) = self.known.entry(key).or_insert_with(|| {
            let count = counts.entry(value.kind).or_default();
            *count = count.saturating_add(1);
            (*count, exchange.id.clone())
        });
        let chip = Chip {
            kind: value.kind,
            hash: value.hash.clone(),
            number: *number,
            first: first.clone(),
        };
        (chip, value.place)
    }
}

/// The values worth following, what is sent before what comes back. The handles of our own pages are none.
fn followed(exchange: &ExchangeView) -> impl Iterator<Item = &Value> {
    let of = |sent: bool| {
        exchange.values.iter().filter(move |value| {
            let handle = matches!(value.kind, ValueKind::Interaction | ValueKind::Run);
            !handle && is_sent(value.place) == sent
        })
    };
    of(true).chain(of(false))
}

const fn is_sent(place: ValuePlace) -> bool {
    matches!(
        place,
        ValuePlace::RequestQuery | ValuePlace::RequestHeader | ValuePlace::RequestBody
    )
}

/// The roles in the order of the mission's picture; strangers stand with the clients.
fn lanes_of(exchanges: &[ExchangeView]) -> Vec<Party> {
    let mut lanes: Vec<Party> = Vec::new();
    for party in exchanges
        .iter()
        .flat_map(|exchange| [&exchange.from, &exchange.to])
    {
        if !lanes.contains(party) {
            lanes.push(party.clone());
        }
    }
    // Stable: strangers keep the order in which they spoke.
    lanes.sort_by_key(place_of);
    lanes
}

const fn place_of(party: &Party) -> u8 {
    match party {
        Party::Browser => 0,
        Party::ClientApp => 1,
        Party::Stranger(_) => 2,
        Party::AuthServer => 3,
        Party::ResourceServer => 4,
    }
}

fn way_of(exchange: &ExchangeView) -> Way {
    match (exchange.kind, exchange.channel) {
        (Kind::InBrowser, _) => Way::InBrowser,
        (Kind::Http, Channel::Front) => Way::Front,
        (Kind::Http, Channel::Back) => Way::Back,
    }
}

fn arrows_of(
    exchange: &ExchangeView,
    lanes: &[Party],
    values: &[(Chip, ValuePlace)],
) -> Vec<Arrow> {
    let lane = |party: &Party| lanes.iter().position(|known| known == party).unwrap_or(0);
    let (from, to) = (lane(&exchange.from), lane(&exchange.to));
    let at = |places: fn(ValuePlace) -> bool| {
        let mut chips: Vec<Chip> = Vec::new();
        for (chip, place) in values {
            if places(*place) && !chips.contains(chip) {
                chips.push(chip.clone());
            }
        }
        chips
    };
    if exchange.kind == Kind::InBrowser {
        let (leg, chips) = (Leg::InBrowser, at(|_| true));
        let to = from;
        return vec![Arrow {
            leg,
            from,
            to,
            chips,
        }];
    }
    let answer = answer_of(exchange);
    let leg = answer.map_or(Leg::Unanswered, |_| Leg::Request);
    let chips = at(is_sent);
    let mut arrows = vec![Arrow {
        leg,
        from,
        to,
        chips,
    }];
    if let Some(leg) = answer {
        let chips = at(|place| !is_sent(place));
        arrows.push(Arrow {
            leg,
            from: to,
            to: from,
            chips,
        });
    }
    let location = header(&exchange.response.headers, "location").unwrap_or_default();
    if answer == Some(Leg::Redirect) && location.contains('#') {
        let chips = at(|place| place == ValuePlace::RedirectFragment);
        arrows.push(Arrow {
            leg: Leg::Fragment,
            from,
            to: from,
            chips,
        });
    }
    arrows
}

/// What came back, if anything did.
fn answer_of(exchange: &ExchangeView) -> Option<Leg> {
    let status = exchange.status?;
    let leads = header(&exchange.response.headers, "location").is_some();
    Some(match status {
        300..400 if leads => Leg::Redirect,
        400.. if !exchange.is_not_yet() => Leg::Refusal,
        _ => Leg::Answer,
    })
}
