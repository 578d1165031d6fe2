//! Board: where the parties stand on the map, and the bands that run between them. Plain geometry, in pixels.

use shared::flow::Party;

use super::map::Frameless;
use super::scene::Scene;

/// Across and down.
pub(crate) type Point = (i32, i32);

/// The distance of two slots of a band.
const PITCH: i32 = 17;
/// How far the first number on a line is from its end, and how far apart they are.
const FIRST: i32 = 20;
const APART: i32 = 25;
/// The height that one more client takes, and the first of them on the wide board.
const MORE: i32 = 96;
const MORE_AT: i32 = 632;

/// A board with its parties.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) class: &'static str,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) provider: Frameless,
    pub(crate) places: Vec<(Party, Frameless)>,
    wide: bool,
}

/// Parallel slots between two parties.
#[derive(Debug)]
pub(crate) struct Band {
    /// The same for the same two parties.
    pub(crate) name: String,
    begin: Point,
    end: Point,
    shift: Point,
    slots: usize,
    wide: bool,
}

const fn area(x: i32, y: i32, width: i32, height: i32) -> Frameless {
    Frameless {
        x,
        y,
        width,
        height,
    }
}

/// Who stands in the place of the client, and who beside it. A client app that says nothing makes room for a stranger.
fn clients(scene: &Scene) -> Vec<Party> {
    let strangers = scene
        .lanes
        .iter()
        .filter(|party| matches!(party, Party::Stranger(_)));
    let strangers: Vec<_> = strangers.cloned().collect();
    let ours = scene.lanes.contains(&Party::ClientApp) || strangers.is_empty();
    let ours = ours.then_some(Party::ClientApp);
    ours.into_iter().chain(strangers).collect()
}

impl Board {
    /// For windows: from left to right.
    pub(crate) fn wide(scene: &Scene) -> Self {
        let clients = clients(scene);
        let more = i32::try_from(clients.len().saturating_sub(1)).unwrap_or(0);
        let mut places = vec![
            (Party::Browser, area(16, 60, 170, 540)),
            (Party::AuthServer, area(872, 76, 206, 240)),
            (Party::ResourceServer, area(872, 364, 206, 220)),
        ];
        for (client, at) in clients.into_iter().zip(0..) {
            let y = if at == 0 {
                236
            } else {
                MORE_AT + (at - 1) * MORE
            };
            let height = if at == 0 { 200 } else { 76 };
            places.push((client, area(440, y, 200, height)));
        }
        Self {
            class: "wide",
            width: 1100,
            height: 620 + more * MORE,
            provider: area(852, 20, 246, 584),
            places,
            wide: true,
        }
    }

    /// For phones: downwards.
    pub(crate) fn narrow(scene: &Scene) -> Self {
        let clients = clients(scene);
        let more = i32::try_from(clients.len().saturating_sub(1)).unwrap_or(0);
        let down = more * 84;
        let mut places = vec![
            (Party::Browser, area(8, 8, 344, 58)),
            (Party::AuthServer, area(12, 424 + down, 156, 92)),
            (Party::ResourceServer, area(196, 424 + down, 152, 92)),
        ];
        for (client, at) in clients.into_iter().zip(0..) {
            places.push((client, area(112, 206 + at * 84, 140, 62)));
        }
        Self {
            class: "narrow",
            width: 360,
            height: 562 + down,
            provider: area(2, 408 + down, 356, 150),
            places,
            wide: false,
        }
    }

    fn place(&self, party: &Party) -> Option<(usize, Frameless)> {
        let mut places = self.places.iter().enumerate();
        let (at, (_, area)) = places.find(|(_, (known, _))| known == party)?;
        Some((at, *area))
    }

    /// The band between two parties, from the one whose lane stands first; of one party with itself, the place where
    /// things turn back.
    pub(crate) fn between(&self, one: &Party, other: &Party) -> Band {
        let nowhere = (0, area(0, 0, 0, 0));
        let (one_at, one_area) = self.place(one).unwrap_or(nowhere);
        let (other_at, other_area) = self.place(other).unwrap_or(nowhere);
        let (first, second) = if lane(one) <= lane(other) {
            ((one, one_at, one_area), (other, other_at, other_area))
        } else {
            ((other, other_at, other_area), (one, one_at, one_area))
        };
        let name = format!("{}-{}", first.1.min(second.1), first.1.max(second.1));
        let band = |begin, end, shift, slots| Band {
            name,
            begin,
            end,
            shift,
            slots,
            wide: self.wide,
        };
        if one == other {
            let area = one_area;
            let x = area.x + area.width / 2 - 30;
            return if self.wide {
                band((x, area.y + area.height - 46), (x + 60, 0), (0, -34), 3)
            } else {
                band((area.x + area.width - 84, area.y + 9), (0, 0), (0, 20), 2)
            };
        }
        if self.wide {
            wide_band(first.0, second.0, (first.2, second.2), band)
        } else {
            narrow_band(first.0, second.0, (first.2, second.2), band)
        }
    }

    /// `x`, but not so near the edge that a caption would be cut.
    pub(crate) fn inside(&self, x: i32) -> i32 {
        let room = if self.wide { 170 } else { 120 };
        x.clamp(room, self.width - room)
    }
}

/// The order of the lanes, as in [`Scene`].
const fn lane(party: &Party) -> u8 {
    match party {
        Party::Browser => 0,
        Party::ClientApp => 1,
        Party::Stranger(_) => 2,
        Party::AuthServer => 3,
        Party::ResourceServer => 4,
    }
}

fn wide_band(
    first: &Party,
    second: &Party,
    (a, b): (Frameless, Frameless),
    band: impl FnOnce(Point, Point, Point, usize) -> Band,
) -> Band {
    let (right, left) = (a.x + a.width, b.x);
    let beside = a.y >= MORE_AT || b.y >= MORE_AT;
    let level = |y: i32, slots| ((right, y), (left, y), (0, PITCH), slots);
    let (begin, end, shift, slots) = match (first, second) {
        (Party::Browser, Party::AuthServer) => level(88, 8),
        (Party::Browser, Party::ResourceServer) => level(478, 6),
        (Party::Browser, _) if !beside => level(250, 10),
        (Party::AuthServer, Party::ResourceServer) => {
            ((900, a.y + a.height), (900, b.y), (24, 0), 6)
        }
        (_, Party::AuthServer) if !beside => level(244, 4),
        (_, Party::ResourceServer) if !beside => level(369, 4),
        (Party::Browser, _) => ((right, 588), (left, b.y + 12), (0, PITCH), 3),
        (_, Party::AuthServer) => ((right, a.y + 8), (left, 222), (0, 9), 3),
        (_, Party::ResourceServer) => ((right, a.y + 40), (left, 560), (0, 9), 3),
        // Two clients, one above the other.
        _ => ((a.x + 40, a.y + a.height), (b.x + 40, b.y), (24, 0), 6),
    };
    band(begin, end, shift, slots)
}

fn narrow_band(
    first: &Party,
    second: &Party,
    (a, b): (Frameless, Frameless),
    band: impl FnOnce(Point, Point, Point, usize) -> Band,
) -> Band {
    let (bottom, top) = (a.y + a.height, b.y);
    let upright = |x: i32, slots| ((x, bottom), (x, top), (PITCH, 0), slots);
    let (begin, end, shift, slots) = match (first, second) {
        (Party::Browser, Party::AuthServer) => upright(18, 5),
        (Party::Browser, Party::ResourceServer) => upright(266, 5),
        (Party::Browser, _) => upright(120, 8),
        (Party::AuthServer, Party::ResourceServer) => {
            ((a.x + a.width, 438), (b.x, 438), (0, PITCH), 4)
        }
        (_, Party::AuthServer) => upright(117, 3),
        (_, Party::ResourceServer) => upright(201, 3),
        _ => upright(120, 7),
    };
    band(begin, end, shift, slots)
}

impl Band {
    /// Which slot a place is.
    pub(crate) const fn slot(&self, place: usize) -> usize {
        place % self.slots
    }

    /// How often all slots were taken before this place.
    pub(crate) const fn round(&self, place: usize) -> usize {
        place / self.slots
    }

    /// How many characters of `advance` tenths of a pixel fit beside a caption's middle `x`: on the wide board between
    /// two parties, else on the board.
    pub(crate) fn room(&self, board: &Board, x: i32, advance: i32) -> usize {
        let across = (self.end.0 - self.begin.0).abs();
        let most = match (self.wide, self.is_upright()) {
            (true, true) => 204,
            (true, false) if across > 0 => across - 16,
            _ => 2 * x.min(board.width - x),
        };
        usize::try_from(most.max(0) * 10 / advance.max(1)).unwrap_or(0)
    }

    /// Whether its lines run downwards, side by side.
    const fn is_upright(&self) -> bool {
        self.shift.0 != 0
    }

    /// The two ends of a place's line, `beside` pixels from its slot.
    pub(crate) fn ends(&self, place: usize, beside: i32) -> (Point, Point) {
        let slot = i32::try_from(self.slot(place)).unwrap_or(0);
        let (right, down) = if self.shift.0 == 0 {
            (0, beside)
        } else {
            (beside, 0)
        };
        let moved = |(x, y): Point| {
            (
                x + slot * self.shift.0 + right,
                y + slot * self.shift.1 + down,
            )
        };
        (moved(self.begin), moved(self.end))
    }

    /// Where a place's caption stands: across, and the two heights of its lines. It covers neither a number nor, where
    /// there is room beside the band, a line.
    pub(crate) fn caption(&self, place: usize) -> (i32, i32, i32) {
        let (begin, end) = self.ends(place, 0);
        let (x, y) = (i32::midpoint(begin.0, end.0), i32::midpoint(begin.1, end.1));
        let turns = self.end.1 == 0;
        let level = self.begin.1 == self.end.1;
        match (self.wide, self.is_upright()) {
            (true, true) => (self.begin.0 - 154, y - 6, y + 11),
            (true, false) if level => (x, self.begin.1 - 35, self.begin.1 - 18),
            (false, false) if level => (x, self.begin.1 - 46, self.begin.1 - 29),
            (false, false) if turns => (x, self.begin.1 + 67, self.begin.1 + 84),
            (false, true) => {
                let lower = begin.1 + Self::lower(end.1 - begin.1);
                (x, lower - 8, lower + 9)
            }
            _ => (x, y - 9, y + 24),
        }
    }

    /// How far down a line of this length its caption stands: below the numbers.
    const fn lower(length: i32) -> i32 {
        length * 7 / 10
    }

    /// Where the `nth` number on a place's line stands, counted from one end. When there is no room for another they
    /// begin anew, over the older ones.
    pub(crate) fn along(&self, place: usize, from_end: bool, nth: usize) -> Point {
        let (begin, end) = self.ends(place, 0);
        let (from, to) = if from_end { (end, begin) } else { (begin, end) };
        let (across, down) = (to.0 - from.0, to.1 - from.1);
        let length = across.abs().max(down.abs()).max(1);
        let room = match (self.wide || !self.is_upright(), from_end) {
            (true, _) => length - 30,
            (false, false) => Self::lower(length) - 33,
            (false, true) => 0,
        };
        let stops = usize::try_from((room - FIRST).max(0) / APART + 1).unwrap_or(1);
        let at = i32::try_from(nth % stops.max(1)).unwrap_or(0);
        let far = FIRST.min(length / 2) + at * APART;
        (from.0 + across * far / length, from.1 + down * far / length)
    }

    /// A line that leaves a party and comes back to it.
    pub(crate) fn turn(&self, place: usize) -> String {
        let (x, y) = self.turn_at(place);
        format!("M{x} {y}h52a9 9 0 0 1 0 18h-46")
    }

    /// Where the number of such a line stands.
    pub(crate) fn turn_badge(&self, place: usize) -> Point {
        let (x, y) = self.turn_at(place);
        (x - 6, y + 9)
    }

    fn turn_at(&self, place: usize) -> Point {
        let slot = i32::try_from(self.slot(place)).unwrap_or(0);
        (
            self.begin.0 + slot * self.shift.0,
            self.begin.1 + slot * self.shift.1,
        )
    }
}
