//! Sequence: one lane a party, one row an exchange, top to bottom.
//!
//! Each row is a drawing of its own with the lanes' lines running through it, so that a row can be added without
//! touching the others, a page breaks between rows, and the heads of the lanes stay in sight. Across, everything stands
//! at a share of the width ([`Ruler`]); down, in pixels. Knows no colours: those are the style sheet's.

use shared::page::Frame;
use shared::realm::Addresses;

use super::caption::{Caption, label_of, name_of, slug_of};
use super::scene::{Arrow, Chip, Leg, Scene, Step, Way};
use crate::record::view::ExchangeView;

/// The height of an arrow with its caption, and that of a row of chips, in pixels.
const ARROW: i32 = 30;
const CHIPS: i32 = 24;
/// What is left free above and below an exchange, in pixels.
const MARGIN: i32 = 10;
/// The width of a character of a chip (of 11 px, monospaced), in tenths of a pixel; a wide one takes two.
const CHARACTER: i32 = 67;

/// How many characters of a caption fit between two lanes.
const ROOMY: usize = 30;

/// How far across: as a share of whatever width there is, or on a sheet of this many pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ruler {
    /// `12.5%`.
    Share,
    /// Pixels of a sheet this wide.
    Pixels(i32),
}

/// A head of a lane.
pub(crate) struct Head {
    /// The party's class.
    pub(crate) class: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// Where it stands across.
    pub(crate) x: String,
}

/// One exchange, drawn.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) is_now: bool,
    pub(crate) started_us: i64,
    /// The class of its channel: `front`, `back` or `stays`.
    pub(crate) way: &'static str,
    pub(crate) failed: bool,
    pub(crate) height: i32,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) legs: Vec<LegDrawn>,
    /// Where its number stands.
    pub(crate) badge: String,
    /// The hashes of its values, for scripts.
    pub(crate) values: String,
    /// Where a press on it leads.
    pub(crate) href: String,
}

/// A lane's line.
pub(crate) struct Lane {
    pub(crate) class: &'static str,
    pub(crate) x: String,
}

/// One arrow, drawn.
pub(crate) struct LegDrawn {
    /// `request`, `unanswered`, `answer`, `refusal`, `redirect`, `fragment` or `in-browser`.
    pub(crate) class: &'static str,
    pub(crate) x1: String,
    pub(crate) x2: String,
    /// Where its caption stands across.
    pub(crate) mid: String,
    pub(crate) y: i32,
    /// Whether it begins and ends at the same lane.
    pub(crate) stays: bool,
    /// Whether it points to the left.
    pub(crate) leftwards: bool,
    pub(crate) caption: String,
    /// How far the caption makes room for the number, in pixels.
    pub(crate) aside: i32,
    pub(crate) chips: Vec<ChipDrawn>,
}

/// One chip, drawn; the same as a link of a list.
pub(crate) struct ChipDrawn {
    pub(crate) label: String,
    pub(crate) hash: String,
    /// `code`, `access-token` …: its class.
    pub(crate) kind: &'static str,
    /// The first exchange that carried the value.
    pub(crate) first: String,
    /// Its left edge, from the middle of its arrow, and its width, in pixels.
    pub(crate) x: i32,
    pub(crate) width: i32,
}

impl Ruler {
    /// `thousandths` of the width.
    fn at(self, thousandths: i32) -> String {
        match self {
            Self::Share => format!("{}.{}%", thousandths / 10, thousandths % 10),
            Self::Pixels(width) => (width.saturating_mul(thousandths) / 1000).to_string(),
        }
    }

    /// The middle of lane `lane` of `lanes`.
    fn lane(self, lane: usize, lanes: usize) -> String {
        self.at(thousandths(lane, lanes))
    }
}

/// The middle of lane `lane` of `lanes`, in thousandths of the width.
fn thousandths(lane: usize, lanes: usize) -> i32 {
    let number = |of: usize| i32::try_from(of).unwrap_or(i32::MAX);
    let halves = number(lane).saturating_mul(2).saturating_add(1);
    halves.saturating_mul(500) / number(lanes).max(1)
}

/// The heads of the lanes.
pub(crate) fn heads(frame: &Frame, scene: &Scene, ruler: Ruler) -> Vec<Head> {
    let lanes = scene.lanes.iter().enumerate();
    let head = |(lane, party)| Head {
        class: shared::flow::Party::role(party),
        name: name_of(frame, party, 24),
        x: ruler.lane(lane, scene.lanes.len()),
    };
    lanes.map(head).collect()
}

impl Row {
    /// The row of a step.
    pub(crate) fn new(
        frame: &Frame,
        addresses: &Addresses,
        scene: &Scene,
        (step, exchange): (&Step, &ExchangeView),
        ruler: Ruler,
    ) -> Self {
        let caption = Caption::new(frame, addresses, exchange);
        let lanes = scene.lanes.len();
        let mut down = MARGIN;
        let mut legs = Vec::new();
        for arrow in &step.arrows {
            let text = text_of(frame, &caption, arrow.leg);
            let leg = leg_of(frame, arrow, (text, down), ruler, lanes);
            down += ARROW + if leg.chips.is_empty() { 0 } else { CHIPS };
            legs.push(leg);
        }
        let line = |(lane, party)| Lane {
            class: shared::flow::Party::role(party),
            x: ruler.lane(lane, lanes),
        };
        Self {
            id: step.exchange.to_string(),
            number: step.number,
            is_now: false,
            started_us: step.started_us,
            way: class_of(step.way),
            failed: step.has_failed(),
            height: down + MARGIN,
            lanes: scene.lanes.iter().enumerate().map(line).collect(),
            badge: ruler.lane(step.ends().0, lanes),
            values: hashes(step),
            href: super::opened(frame, &exchange.flow, &exchange.id),
            legs,
        }
    }
}

/// The class of a channel.
pub(crate) const fn class_of(way: Way) -> &'static str {
    match way {
        Way::Front => "front",
        Way::Back => "back",
        Way::InBrowser => "stays",
    }
}

/// The hashes of the values of a step, separated by spaces.
pub(super) fn hashes(step: &Step) -> String {
    let hashes: Vec<_> = step
        .chips()
        .into_iter()
        .map(|chip| chip.hash.as_str())
        .collect();
    hashes.join(" ")
}

fn text_of(frame: &Frame, caption: &Caption, leg: Leg) -> String {
    match leg {
        Leg::Request => caption.asked(),
        Leg::Unanswered => format!("{} → {}", caption.asked(), caption.answer),
        Leg::Answer | Leg::Refusal | Leg::Redirect => caption.answer.clone(),
        Leg::Fragment => frame.t("diagram-fragment-stays"),
        Leg::InBrowser => caption.request.clone(),
    }
}

pub(super) const fn leg_class(leg: Leg) -> &'static str {
    match leg {
        Leg::Request => "request",
        Leg::Unanswered => "unanswered",
        Leg::Answer => "answer",
        Leg::Refusal => "refusal",
        Leg::Redirect => "redirect",
        Leg::Fragment => "fragment",
        Leg::InBrowser => "in-browser",
    }
}

fn leg_of(
    frame: &Frame,
    arrow: &Arrow,
    (caption, top): (String, i32),
    ruler: Ruler,
    lanes: usize,
) -> LegDrawn {
    let (from, to) = (thousandths(arrow.from, lanes), thousandths(arrow.to, lanes));
    let beyond = caption.chars().count().saturating_sub(ROOMY);
    let crowded = beyond > 0 && arrow.from.abs_diff(arrow.to) == 1 && arrow.leg == Leg::Request;
    let aside = i32::try_from(beyond).unwrap_or(0).min(8) * 4 + 16;
    let aside = if crowded { aside } else { 0 };
    LegDrawn {
        aside: if to < from { -aside } else { aside },
        class: leg_class(arrow.leg),
        x1: ruler.at(from),
        x2: ruler.at(to),
        mid: ruler.at(i32::midpoint(from, to)),
        y: top + 20,
        stays: arrow.from == arrow.to,
        leftwards: to < from,
        caption,
        chips: chips_of(frame, &arrow.chips, arrow.from == arrow.to),
    }
}

/// Chips side by side; centred, or from the left where the arrow stays at its lane.
fn chips_of(frame: &Frame, chips: &[Chip], stays: bool) -> Vec<ChipDrawn> {
    let mut drawn: Vec<_> = chips
        .iter()
        .map(|chip| ChipDrawn::new(frame, chip))
        .collect();
    let gap = 6;
    let whole: i32 = drawn.iter().map(|chip| chip.width + gap).sum::<i32>() - gap;
    let mut x = if stays { 58 } else { -whole / 2 };
    for chip in &mut drawn {
        chip.x = x;
        x += chip.width + gap;
    }
    drawn
}

impl ChipDrawn {
    /// A chip that stands by itself.
    pub(crate) fn new(frame: &Frame, chip: &Chip) -> Self {
        let label = label_of(frame, chip);
        let cells: i32 = label
            .chars()
            .map(|c| if c.is_ascii() { 1 } else { 2 })
            .sum();
        Self {
            hash: chip.hash.as_str().to_owned(),
            kind: slug_of(chip.kind),
            first: chip.first.to_string(),
            x: 0,
            width: cells.saturating_mul(CHARACTER) / 10 + 16,
            label,
        }
    }
}
