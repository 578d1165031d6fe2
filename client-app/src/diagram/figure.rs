//! Figure: the drawing of a page: one view of a flow, the step that is looked at, and that step in words.

use shared::flow::{ExchangeId, Outcome, Party};
use shared::page::{Frame, key_of};
use shared::realm::Addresses;

use super::board::Board;
use super::caption::Caption;
use super::map::Map;
use super::scene::{Scene, Step, Way};
use super::sequence::{ChipDrawn, Head, Row, Ruler, class_of, heads};
use super::{View, opened};
use crate::record::view::{ExchangeView, FlowView};
use crate::viewer::{PartyLabel, sentence_of};

/// What `templates/diagram.html` shows.
pub(crate) struct Figure {
    pub(crate) flow: String,
    pub(crate) view: View,
    /// The parties, by name: a drawing with others has to be drawn anew.
    pub(crate) cast: String,
    /// The number of the latest event that it includes.
    pub(crate) latest_event: u64,
    /// How many exchanges there are.
    pub(crate) total: usize,
    /// The step that is looked at, from 1; 0 where nothing has happened.
    pub(crate) now: usize,
    pub(crate) maps: Vec<Map>,
    pub(crate) heads: Vec<Head>,
    pub(crate) rows: Vec<Row>,
    pub(crate) card: Option<Card>,
    /// What the steps are called, with `{n}` and `{total}` in it, for scripts.
    pub(crate) step_of: String,
}

/// What `templates/diagram_card.html` shows: one step in words.
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) step_of: String,
    pub(crate) from: PartyLabel,
    pub(crate) to: PartyLabel,
    pub(crate) way: &'static str,
    pub(crate) failed: bool,
    pub(crate) asked: String,
    pub(crate) answered: String,
    pub(crate) sentence: String,
    pub(crate) chips: Vec<ChipDrawn>,
    pub(crate) href: String,
    /// The check that said no, else those that were passed last.
    pub(crate) decided: Vec<Decided>,
}

/// A check that decided.
pub(crate) struct Decided {
    pub(crate) id: String,
    pub(crate) outcome: &'static str,
    pub(crate) outcome_text: String,
    pub(crate) sentence: String,
    pub(crate) expected: String,
    pub(crate) got: String,
}

/// The most exchanges of a flow that is not long.
const LONG: usize = 60;
/// How many passed checks a card names.
const NAMED: usize = 3;

impl Figure {
    /// The drawing of `flow`; `step` is looked at, from 1, or the newest.
    pub(crate) fn new(
        frame: &Frame,
        addresses: &Addresses,
        flow: &FlowView,
        view: View,
        step: Option<usize>,
    ) -> Self {
        Self::part(frame, addresses, flow, (view, step), |_| true)
    }

    /// The same with only those exchanges that are wanted, each where it stands in the whole.
    pub(crate) fn part(
        frame: &Frame,
        addresses: &Addresses,
        flow: &FlowView,
        (view, step): (View, Option<usize>),
        wanted: impl Fn(&ExchangeId) -> bool,
    ) -> Self {
        let scene = Scene::of(flow);
        let total = scene.steps.len();
        let now = step.unwrap_or(total).clamp(1.min(total), total);
        let shown = scene.steps.iter().zip(&flow.exchanges);
        let current = shown.clone().find(|(step, _)| step.number == now);
        let (mut maps, mut rows, mut lane_heads) = (Vec::new(), Vec::new(), Vec::new());
        match view {
            View::Map => {
                let boards = [Board::wide(&scene), Board::narrow(&scene)];
                let drawn = boards
                    .iter()
                    .map(|board| Map::new(frame, addresses, (flow, &scene), (board, now), &wanted));
                maps.extend(drawn);
            }
            View::Sequence => {
                lane_heads = heads(frame, &scene, Ruler::Share);
                let drawn = shown.filter(|(step, _)| wanted(&step.exchange));
                let drawn = drawn.map(|step| Row {
                    is_now: step.0.number == now,
                    ..Row::new(frame, addresses, &scene, step, Ruler::Share)
                });
                rows.extend(drawn);
            }
        }
        Self {
            flow: flow.summary.id.to_string(),
            view,
            cast: scene.cast(),
            latest_event: flow.latest_event,
            total,
            now,
            maps,
            heads: lane_heads,
            rows,
            card: current
                .map(|(step, exchange)| Card::new(frame, addresses, (step, exchange), total)),
            step_of: step_of(frame, "{n}", "{total}"),
        }
    }

    /// The query of a link to step `number` of this view, or of another view.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates hand references over"
    )]
    pub(crate) fn query(&self, view: &str, number: &usize) -> String {
        if *number == self.total {
            return format!("?view={view}");
        }
        format!("?view={view}&step={number}")
    }

    /// Whether there is so much that what is out of sight need not be laid out.
    pub(crate) const fn is_long(&self) -> bool {
        self.total > LONG
    }

    /// The step before, if there is one.
    pub(crate) fn previous(&self) -> Option<usize> {
        self.now.checked_sub(1).filter(|number| *number > 0)
    }

    /// The step after, if there is one.
    pub(crate) fn next(&self) -> Option<usize> {
        self.now
            .checked_add(1)
            .filter(|number| *number <= self.total)
    }
}

/// `Step 4 of 9.`
pub(crate) fn step_of(
    frame: &Frame,
    number: impl std::fmt::Display,
    total: impl std::fmt::Display,
) -> String {
    let arguments = [("number", number.to_string()), ("total", total.to_string())];
    frame.ta("diagram-step-of", arguments)
}

impl Card {
    /// The card of a step.
    pub(crate) fn new(
        frame: &Frame,
        addresses: &Addresses,
        (step, exchange): (&Step, &ExchangeView),
        total: usize,
    ) -> Self {
        let caption = Caption::new(frame, addresses, exchange);
        let to = if step.way == Way::InBrowser {
            &Party::Browser
        } else {
            &exchange.to
        };
        Self {
            id: step.exchange.to_string(),
            number: step.number,
            step_of: step_of(frame, step.number, total),
            from: PartyLabel::of(frame, &exchange.from),
            to: PartyLabel::of(frame, to),
            way: class_of(step.way),
            failed: step.has_failed(),
            asked: caption.asked(),
            answered: caption.answer,
            sentence: sentence_of(frame, addresses, exchange),
            chips: chips(frame, step),
            href: opened(frame, &exchange.flow, &exchange.id),
            decided: decided(frame, step, exchange),
        }
    }
}

/// The values of a step, each once.
pub(crate) fn chips(frame: &Frame, step: &Step) -> Vec<ChipDrawn> {
    let chips = step.chips().into_iter();
    chips.map(|chip| ChipDrawn::new(frame, chip)).collect()
}

fn decided(frame: &Frame, step: &Step, exchange: &ExchangeView) -> Vec<Decided> {
    let ended = |outcome: Outcome| {
        let checks = exchange.checks.iter();
        checks.filter(move |check| check.outcome == outcome)
    };
    let failed: Vec<_> = ended(Outcome::Failed).take(1).collect();
    // Who is sent on to sign in was refused nothing.
    let shown: Vec<_> = if failed.is_empty() || !step.has_failed() {
        let protocol = |check: &&shared::flow::Check| !check.id.starts_with("request.");
        let mut last: Vec<_> = ended(Outcome::Passed).filter(protocol).collect();
        last.drain(..last.len().saturating_sub(NAMED));
        last
    } else {
        failed
    };
    shown
        .into_iter()
        .map(|check| Decided::new(frame, check))
        .collect()
}

impl Decided {
    fn new(frame: &Frame, check: &shared::flow::Check) -> Self {
        let outcome = if check.outcome == Outcome::Failed {
            "failed"
        } else {
            "passed"
        };
        Self {
            id: check.id.clone(),
            outcome,
            outcome_text: frame.t(key_of("outcome", outcome)),
            sentence: frame
                .about("check", &check.id)
                .unwrap_or_else(|| check.id.clone()),
            expected: check.expected.clone(),
            got: check.got.clone(),
        }
    }
}
