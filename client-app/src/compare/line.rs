//! One aligned step as the page shows it: both sides, and a line for each thing that differs.

use shared::flow::{Check, Kind, Outcome, ValueKind};
use shared::page::{Frame, key_of};
use shared::realm::Addresses;

use super::Step;
use super::difference::{CheckDifference, Difference, Half, Shown, Sides};
use super::headline::{anchor, channel_key, what_key};
use crate::record::parameter::ParameterPlace;
use crate::record::view::{ExchangeBrief, FlowView};
use crate::viewer::{self, PartyLabel, Reference};

/// One aligned step.
pub(crate) struct StepView {
    pub(crate) anchor: String,
    pub(crate) left: Option<SideView>,
    pub(crate) right: Option<SideView>,
    /// Whether fields of the client app's own form differ.
    pub(crate) own: bool,
    pub(crate) lines: Vec<Line>,
    /// What only follows from a check that failed: checks that ended otherwise, what the answer then held.
    pub(crate) follow: Vec<Line>,
    /// Checks that one side passed and the other had no reason to make.
    pub(crate) extra: Vec<Line>,
}

/// So many checks that only one side made are told line by line; more are folded.
const FEW: usize = 3;

/// An exchange in one of the two flows.
pub(crate) struct SideView {
    pub(crate) anchor: String,
    pub(crate) step: usize,
    pub(crate) href: String,
    pub(crate) from: PartyLabel,
    pub(crate) to: PartyLabel,
    pub(crate) in_browser: bool,
    /// Whether it only fetches what a client keeps for the next time.
    pub(crate) upkeep: bool,
    /// `front` or `back`.
    pub(crate) channel: &'static str,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: Option<u16>,
    pub(crate) sentence: String,
}

/// One difference.
pub(crate) struct Line {
    /// What it is: a parameter, a check.
    pub(crate) what: String,
    /// Its name, where it has one.
    pub(crate) name: Option<String>,
    /// Where a parameter stands; what a check demands.
    pub(crate) note: Option<String>,
    pub(crate) reference: Option<Reference>,
    pub(crate) left: Vec<Item>,
    pub(crate) right: Vec<Item>,
}

/// One side of a difference.
pub(crate) struct Item {
    pub(crate) text: String,
    /// Whether it is a value of the protocol, and is shown as code.
    pub(crate) is_code: bool,
    /// Whether it is hidden until somebody asks.
    pub(crate) concealed: bool,
    /// Which value of its flow it is.
    pub(crate) named: Option<String>,
    /// `passed`, `failed` or `not-reached`, of a check.
    pub(crate) outcome: Option<&'static str>,
    /// What a check expected and got.
    pub(crate) compared: Option<(String, String)>,
}

impl Item {
    fn plain(text: String) -> Self {
        Self {
            text,
            is_code: false,
            concealed: false,
            named: None,
            outcome: None,
            compared: None,
        }
    }

    fn code(text: String) -> Self {
        Self {
            is_code: true,
            ..Self::plain(text)
        }
    }
}

impl StepView {
    /// The view of the step that is the `at`th.
    pub(crate) fn new(
        frame: &Frame,
        addresses: &Addresses,
        (left, right): (&FlowView, &FlowView),
        (at, step): (usize, &Step),
    ) -> Self {
        let side = |flow: &FlowView, exchange: &Option<ExchangeBrief>| {
            let exchange = exchange.as_ref()?;
            SideView::new(frame, addresses, flow, (at, exchange))
        };
        let refused = step.differences.iter().any(is_refusal);
        let follows = |difference: &&Difference| match difference {
            Difference::Check(check) => check.follows,
            Difference::Parameter(parameter) => {
                refused && difference.is_of_answer() && parameter.name != "error"
            }
            Difference::Header(_) => refused && difference.is_of_answer(),
            _ => false,
        };
        let counting = step.differences.iter().filter(|found| found.counts());
        let (follow, direct): (Vec<_>, Vec<_>) = counting.partition(follows);
        let (mut extra, mut direct): (Vec<_>, Vec<_>) =
            direct.into_iter().partition(|found| is_extra(found));
        if extra.len() <= FEW {
            direct.append(&mut extra);
        }
        let lines = |differences: Vec<&Difference>| {
            let lines = differences.into_iter();
            lines
                .map(|difference| Line::new(frame, difference))
                .collect()
        };
        Self {
            anchor: anchor(at),
            left: side(left, &step.left),
            right: side(right, &step.right),
            own: step.differences.iter().any(|found| !found.counts()),
            lines: lines(direct),
            follow: lines(follow),
            extra: lines(extra),
        }
    }
}

/// Whether it is a check that failed on one side, and not only because of another.
fn is_refusal(difference: &Difference) -> bool {
    let Difference::Check(check) = difference else {
        return false;
    };
    let sides = [&check.left, &check.right];
    let mut made = sides.into_iter().flatten();
    !check.follows && made.any(|check| check.outcome == Outcome::Failed)
}

/// Whether it is a check that one side passed and the other did not make.
fn is_extra(difference: &Difference) -> bool {
    let Difference::Check(check) = difference else {
        return false;
    };
    let sides = [&check.left, &check.right];
    let mut made = sides.into_iter().flatten();
    made.all(|check| check.outcome != Outcome::Failed)
}

impl SideView {
    fn new(
        frame: &Frame,
        addresses: &Addresses,
        flow: &FlowView,
        (at, brief): (usize, &ExchangeBrief),
    ) -> Option<Self> {
        let mut exchanges = flow.exchanges.iter();
        let exchange = exchanges.find(|exchange| exchange.id == brief.id)?;
        let path = format!("/flows/{}/exchanges/{}/open", flow.summary.id, brief.id);
        Some(Self {
            anchor: anchor(at),
            step: brief.step,
            href: frame.link(path),
            from: PartyLabel::of(frame, &brief.from),
            to: PartyLabel::of(frame, &brief.to),
            in_browser: exchange.kind == Kind::InBrowser,
            upkeep: super::is_upkeep(exchange),
            channel: match brief.channel {
                shared::flow::Channel::Front => "front",
                shared::flow::Channel::Back => "back",
            },
            method: brief.method.clone(),
            path: brief.path.clone(),
            status: brief.status,
            sentence: viewer::sentence_of(frame, addresses, exchange),
        })
    }
}

impl Line {
    fn new(frame: &Frame, difference: &Difference) -> Self {
        let what = frame.t(what_key(difference));
        match difference {
            Difference::From(found) => Self::of_sides(what, found, |party| {
                Item::plain(PartyLabel::of(frame, party).name)
            }),
            Difference::Channel(found) => Self::of_sides(what, found, |channel| {
                Item::plain(frame.t(channel_key(*channel)))
            }),
            Difference::Method(found) | Difference::Path(found) => {
                Self::of_sides(what, found, |text| Item::code(text.clone()))
            }
            Difference::Status(found) => Self::of_sides(what, found, |status| match status {
                Some(status) => Item::code(status.to_string()),
                None => Item::plain(frame.t("record-no-status")),
            }),
            Difference::Failure(found) => Self {
                left: found.left.clone().map(Item::plain).into_iter().collect(),
                right: found.right.clone().map(Item::plain).into_iter().collect(),
                ..Self::nameless(what)
            },
            Difference::Header(found) => Self {
                name: Some(found.name.clone()),
                note: Some(frame.t(half_key(found.half))),
                left: found.left.clone().map(Item::code).into_iter().collect(),
                right: found.right.clone().map(Item::code).into_iter().collect(),
                ..Self::nameless(what)
            },
            Difference::Parameter(found) => {
                let from = parting(&found.left, &found.right);
                let values = |values: &[Shown]| {
                    let values = values.iter();
                    let item = |value| parameter(frame, &found.name, value, from);
                    values.map(item).collect()
                };
                Self {
                    name: Some(found.name.clone()),
                    note: Some(frame.t(place_key(found.place))),
                    left: values(&found.left),
                    right: values(&found.right),
                    ..Self::nameless(what)
                }
            }
            Difference::Check(found) => Self::of_check(frame, what, found),
        }
    }

    const fn nameless(what: String) -> Self {
        Self {
            what,
            name: None,
            note: None,
            reference: None,
            left: Vec::new(),
            right: Vec::new(),
        }
    }

    fn of_sides<T>(what: String, found: &Sides<T>, item: impl Fn(&T) -> Item) -> Self {
        Self {
            left: vec![item(&found.left)],
            right: vec![item(&found.right)],
            ..Self::nameless(what)
        }
    }

    fn of_check(frame: &Frame, what: String, found: &CheckDifference) -> Self {
        let items = |made: &Option<Check>| {
            let made = made.as_ref().map(|check| check_item(frame, check));
            made.into_iter().collect()
        };
        Self {
            what,
            note: frame.find(key_of("check", &found.id)),
            name: Some(found.id.clone()),
            reference: Some(Reference::of(&found.reference)),
            left: items(&found.left),
            right: items(&found.right),
        }
    }
}

fn check_item(frame: &Frame, check: &Check) -> Item {
    let outcome = match check.outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::NotReached => "not-reached",
    };
    let compares =
        check.outcome == Outcome::Failed && !(check.expected.is_empty() && check.got.is_empty());
    Item {
        outcome: Some(outcome),
        compared: compares.then(|| (check.expected.clone(), check.got.clone())),
        ..Item::plain(frame.t(key_of("outcome", outcome)))
    }
}

/// Which value of its flow it is; of a verifier, whether it fits.
fn name_of(frame: &Frame, value: &Shown) -> Option<String> {
    match value.fits {
        Some(true) => return Some(frame.t("compare-fits")),
        Some(false) => return Some(frame.t("compare-fits-not")),
        None => {}
    }
    let named = value.named?;
    let kind = frame.t(key_of("knowledge-value", viewer::name_of(named.kind)));
    let number = named.number.to_string();
    Some(frame.ta("knowledge-numbered", [("name", kind), ("number", number)]))
}

/// The most characters of a value that are shown.
const SHOWN: usize = 72;
/// How many of them stand before the place where two values part.
const BEFORE: usize = 24;

/// From which character on two values are shown: short of the first that differs, where they are long.
fn parting(left: &[Shown], right: &[Shown]) -> usize {
    let (Some(left), Some(right)) = (left.first(), right.first()) else {
        return 0;
    };
    let both = left.value.chars().zip(right.value.chars());
    let alike = both.take_while(|(one, other)| one == other).count();
    if alike + BEFORE < SHOWN {
        return 0;
    }
    alike.saturating_sub(BEFORE)
}

/// A part of a value, with dots where it was cut.
fn cut(value: &str, from: usize) -> String {
    let shown: String = value.chars().skip(from).take(SHOWN).collect();
    let (before, after) = (from > 0, value.chars().count() > from + SHOWN);
    let dots = |cut: bool| if cut { "…" } else { "" };
    format!("{}{shown}{}", dots(before), dots(after))
}

fn parameter(frame: &Frame, name: &str, value: &Shown, from: usize) -> Item {
    let secret = matches!(
        value.named.map(|named| named.kind),
        Some(ValueKind::Password | ValueKind::ClientSecret)
    );
    Item {
        concealed: secret || name == "password" || name == "client_secret",
        named: name_of(frame, value),
        ..Item::code(cut(&value.value, from))
    }
}

const fn half_key(half: Half) -> &'static str {
    match half {
        Half::Request => "record-request",
        Half::Response => "record-response",
    }
}

const fn place_key(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::RequestQuery => "record-place-request-query",
        ParameterPlace::RequestHeader => "record-place-request-header",
        ParameterPlace::RequestBody => "record-place-request-body",
        ParameterPlace::RedirectQuery => "record-place-redirect-query",
        ParameterPlace::RedirectFragment => "record-place-redirect-fragment",
        ParameterPlace::ResponseBody => "record-place-response-body",
    }
}
