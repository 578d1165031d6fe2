//! Map: the mission's picture, browser – client app – [provider: auth server, resource server], with numbered arrows.
//!
//! Each two parties have a *band* between them: a few parallel slots that exchanges take in turn, so that an arrow never
//! moves when another joins it. Two boards: a wide one, and one for phones that runs downwards. Knows no colours.

use std::collections::{BTreeMap, BTreeSet};

use shared::flow::{ExchangeId, Party};
use shared::page::Frame;
use shared::realm::Addresses;

use super::board::{Band, Board, Point};
use super::caption::{Caption, name_of, shortened};
use super::scene::{Leg, Scene, Step};
use super::sequence::{class_of, hashes, leg_class};
use crate::record::view::{ExchangeView, FlowView};

/// How far the answer's line lies beside the request's, in pixels.
const BESIDE: i32 = 7;
/// The width of a caption's character on either board, in tenths of a pixel.
const ADVANCE: (i32, i32) = (84, 76);

/// One drawing.
pub(crate) struct Map {
    /// `wide` or `narrow`.
    pub(crate) class: &'static str,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) provider: Frameless,
    pub(crate) boxes: Vec<PartyBox>,
    pub(crate) hops: Vec<Hop>,
    /// The step that is looked at, from 1; 0 for none.
    pub(crate) now: usize,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frameless {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// A party.
pub(crate) struct PartyBox {
    pub(crate) area: Frameless,
    pub(crate) class: &'static str,
    pub(crate) name: String,
    pub(crate) middle: Point,
    /// Whether it has said nothing in this flow.
    pub(crate) silent: bool,
}

/// One exchange on the map.
pub(crate) struct Hop {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) is_now: bool,
    pub(crate) way: &'static str,
    pub(crate) failed: bool,
    pub(crate) lines: Vec<Line>,
    /// Where its number stands; a second time where its fragment turns back.
    pub(crate) badges: Vec<Point>,
    /// Where its caption stands (across, and the heights of its two lines), and what the caption says.
    pub(crate) spot: (i32, i32, i32),
    pub(crate) asked: String,
    pub(crate) answered: String,
    pub(crate) values: String,
    /// The slots that it takes, for telling whether two took the same.
    pub(crate) slots: String,
    /// The lines on which it lies: others lie there too when there are many.
    pub(crate) on: String,
    /// Whether a newer one lies on the same line.
    pub(crate) is_folded: bool,
    pub(crate) href: String,
}

/// One arrow of an exchange.
pub(crate) struct Line {
    pub(crate) class: &'static str,
    pub(crate) path: String,
}

impl PartyBox {
    /// Its name, broken before the last word where it is long: first what stands above, then what stands below, if
    /// anything.
    pub(crate) fn name_in_lines(&self) -> (&str, Option<&str>) {
        match self.name.rsplit_once(' ') {
            Some((above, below)) if self.name.chars().count() > 12 => (above, Some(below)),
            _ => (&self.name, None),
        }
    }

    /// The sign that the party has on every page.
    pub(crate) fn shape(&self) -> &'static str {
        match self.class {
            "browser" => "◐",
            "client-app" => "◆",
            "auth-server" => "■",
            "resource-server" => "●",
            _ => "○",
        }
    }
}

impl Map {
    /// The map of a flow on `board`.
    pub(crate) fn new(
        frame: &Frame,
        addresses: &Addresses,
        (flow, scene): (&FlowView, &Scene),
        (board, now): (&Board, usize),
        wanted: impl Fn(&ExchangeId) -> bool,
    ) -> Self {
        let mut taken = Taken::default();
        let steps = scene.steps.iter().zip(&flow.exchanges);
        let hops = steps.filter_map(|(step, exchange)| {
            let places = taken.places(step);
            let of = |step| Hop::new(frame, addresses, scene, step, (board, places));
            wanted(&step.exchange).then(|| Hop {
                is_now: step.number == now,
                ..of((step, exchange))
            })
        });
        let mut hops: Vec<Hop> = hops.collect();
        fold(&mut hops);
        Self {
            hops,
            boxes: boxes(frame, scene, board),
            class: board.class,
            width: board.width,
            height: board.height,
            provider: board.provider,
            now,
        }
    }

    /// Where the caption of the step that is looked at stands, and its two lines.
    pub(crate) fn saying(&self) -> ((i32, i32, i32), &str, &str) {
        let looked_at = self.hops.iter().find(|hop| hop.number == self.now);
        looked_at.map_or(((0, 0, 0), "", ""), |hop| {
            (hop.spot, hop.asked.as_str(), hop.answered.as_str())
        })
    }
}

/// Of those that lie on the same line the newest is shown; whoever looks may ask for the others.
fn fold(hops: &mut [Hop]) {
    let mut taken = BTreeSet::new();
    for hop in hops.iter_mut().rev() {
        let lines: Vec<String> = hop.on.split(' ').map(str::to_owned).collect();
        hop.is_folded = lines.iter().any(|line| taken.contains(line));
        if !hop.is_folded {
            taken.extend(lines);
        }
    }
}

fn boxes(frame: &Frame, scene: &Scene, board: &Board) -> Vec<PartyBox> {
    let places = board.places.iter();
    let party_box = |(party, area): &(Party, Frameless)| PartyBox {
        area: *area,
        class: party.role(),
        name: name_of(frame, party, 18),
        middle: (area.x + area.width / 2, area.y + area.height / 2),
        silent: !scene.lanes.contains(party),
    };
    places.map(party_box).collect()
}

/// How many exchanges each band holds so far.
#[derive(Default)]
struct Taken(BTreeMap<(usize, usize), usize>);

impl Taken {
    /// The places of a step: of its arrows, and of the fragment that stays behind.
    fn places(&mut self, step: &Step) -> (usize, usize) {
        let (from, to) = step.ends();
        let place = self.next(from, to);
        let stays = step.arrows.iter().any(|arrow| arrow.leg == Leg::Fragment);
        (place, if stays { self.next(from, from) } else { 0 })
    }

    /// The next place between two lanes, from 0.
    fn next(&mut self, one: usize, other: usize) -> usize {
        let count = self.0.entry((one.min(other), one.max(other))).or_default();
        let place = *count;
        *count = count.saturating_add(1);
        place
    }
}

impl Hop {
    fn new(
        frame: &Frame,
        addresses: &Addresses,
        scene: &Scene,
        (step, exchange): (&Step, &ExchangeView),
        (board, (place, behind)): (&Board, (usize, usize)),
    ) -> Self {
        let caption = Caption::new(frame, addresses, exchange);
        let (from, to) = step.ends();
        let party = |lane: usize| scene.lanes.get(lane).unwrap_or(&Party::Browser);
        let band = board.between(party(from), party(to));
        let mut slots = vec![format!("{}:{place}", band.name)];
        let mut on = vec![format!("{}:{}", band.name, band.slot(place))];
        let mut badges = vec![badge(&band, place, (from, to))];
        let mut lines = Vec::new();
        for arrow in &step.arrows {
            let stays = arrow.from == arrow.to;
            let path = if arrow.leg == Leg::Fragment {
                let around = board.between(party(from), party(from));
                slots.push(format!("{}:{behind}", around.name));
                on.push(format!("{}:{}", around.name, around.slot(behind)));
                badges.push(around.turn_badge(behind));
                around.turn(behind)
            } else if stays {
                band.turn(place)
            } else {
                let beside = if arrow.leg == Leg::Request || arrow.leg == Leg::Unanswered {
                    0
                } else {
                    BESIDE
                };
                let (begin, end) = band.ends(place, beside);
                // A band runs from the lane that stands first.
                let (begin, end) = if arrow.from < arrow.to {
                    (begin, end)
                } else {
                    (end, begin)
                };
                format!("M{} {}L{} {}", begin.0, begin.1, end.0, end.1)
            };
            let class = leg_class(arrow.leg);
            lines.push(Line { class, path });
        }
        let (across, above, below) = band.caption(place);
        let spot = (board.inside(across), above, below);
        let advance = if board.class == "wide" {
            ADVANCE.0
        } else {
            ADVANCE.1
        };
        let room = band.room(board, spot.0, advance);
        Self {
            id: step.exchange.to_string(),
            number: step.number,
            is_now: false,
            is_folded: false,
            on: on.join(" "),
            way: class_of(step.way),
            failed: step.has_failed(),
            badges,
            spot,
            asked: shortened(&caption.request, room),
            answered: shortened(&caption.answer, room),
            values: hashes(step),
            slots: slots.join(" "),
            href: super::opened(frame, &exchange.flow, &exchange.id),
            lines,
        }
    }
}

/// The number stands near the sender, every other one further along; so do the next when all slots have one.
fn badge(band: &Band, place: usize, (from, to): (usize, usize)) -> Point {
    if from == to {
        return band.turn_badge(place);
    }
    let turn = band.slot(place) % 2;
    band.along(place, from > to, 2 * band.round(place) + turn)
}
