//! The small drawing of a lesson: who speaks to whom, in which channel, in a handful of arrows.
//!
//! Coordinates are counted here and drawn by `templates/lesson_figure.html` with the classes of `app.css`. The same
//! arrows stand beside it as a list, which is what assistive technology reads; the drawing is hidden from it.

use shared::page::{Frame, key_of};

use super::shape::{Arrow, Lesson, Way};

/// Widths of the two drawings, in units of the drawing: a window and a phone.
const WIDE: Sheet = Sheet {
    width: 760,
    size: 14,
    class: "only-wide",
};
const NARROW: Sheet = Sheet {
    width: 342,
    size: 13,
    class: "only-narrow",
};
/// The height of a party's box.
const BOX: u32 = 44;
/// The most width of a party's box.
const WIDEST: u32 = 190;
/// The space above the first arrow and below the last.
const SPACE: u32 = 18;
/// How far a loop stands out from its lane.
const LOOP: u32 = 34;

/// A sheet to draw on.
#[derive(Clone, Copy)]
struct Sheet {
    width: u32,
    size: u32,
    class: &'static str,
}

/// The drawing in both widths, and its twin.
pub(super) struct Figure {
    pub(super) drawings: Vec<Drawing>,
    pub(super) steps: Vec<StepText>,
}

/// One line of the list beside the drawing.
pub(super) struct StepText {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) channel: String,
    pub(super) text: String,
}

/// One drawing.
pub(super) struct Drawing {
    pub(super) class: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) lanes: Vec<LaneBox>,
    pub(super) arrows: Vec<Line>,
}

/// A party with its line of life.
pub(super) struct LaneBox {
    pub(super) party: &'static str,
    pub(super) left: u32,
    pub(super) wide: u32,
    pub(super) middle: u32,
    pub(super) name: Vec<Row>,
}

/// An arrow with its words.
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) path: String,
    pub(super) head: &'static str,
    pub(super) words: Vec<Row>,
}

/// A row of text at its place.
pub(super) struct Row {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) text: String,
}

impl Figure {
    /// The drawing of `lesson` in the reader's language.
    pub(super) fn of(frame: &Frame, lesson: &Lesson) -> Self {
        let words: Vec<String> = (1..=lesson.figure.len())
            .map(|number| frame.t(format!("lesson-{}-arrow-{number}", lesson.name)))
            .collect();
        let drawings = [WIDE, NARROW]
            .into_iter()
            .map(|sheet| sheet.draw(frame, lesson.figure, &words));
        let name = |party| frame.t(key_of("party", party));
        let steps = lesson
            .figure
            .iter()
            .zip(&words)
            .map(|(arrow, text)| StepText {
                from: name(arrow.from),
                to: name(arrow.to),
                channel: match arrow.way {
                    Way::Front => frame.t("channel-front"),
                    Way::Back => frame.t("channel-back"),
                    Way::Stays => frame.t("lesson-stays"),
                    Way::Inside => frame.t("lesson-inside"),
                },
                text: text.clone(),
            });
        Self {
            steps: steps.collect(),
            drawings: drawings.collect(),
        }
    }
}

impl Sheet {
    fn draw(self, frame: &Frame, arrows: &[Arrow], words: &[String]) -> Drawing {
        let parties = ["browser", "client-app", "auth-server", "resource-server"];
        let used = |party: &&str| {
            let mut all = arrows.iter();
            all.any(|arrow| arrow.from == *party || arrow.to == *party)
        };
        let parties: Vec<_> = parties.into_iter().filter(used).collect();
        let count = u32::try_from(parties.len()).unwrap_or(4).max(1);
        let share = self.width / count;
        let lanes: Vec<_> = parties
            .iter()
            .zip(0_u32..)
            .map(|(party, index)| self.lane(frame, party, index * share, share))
            .collect();
        let middle = |party| {
            let lane = lanes.iter().find(|lane| lane.party == party);
            lane.map_or(0, |lane| lane.middle)
        };
        let mut top = BOX + SPACE;
        let mut drawn = Vec::new();
        for (arrow, text) in arrows.iter().zip(words) {
            let (from, to) = (middle(arrow.from), middle(arrow.to));
            let (line, bottom) = self.line(arrow.way, (from, to), top, text);
            drawn.push(line);
            top = bottom;
        }
        Drawing {
            class: self.class,
            width: self.width,
            height: top,
            lanes,
            arrows: drawn,
        }
    }

    fn lane(self, frame: &Frame, party: &'static str, left: u32, share: u32) -> LaneBox {
        let name = frame.t(format!("lesson-lane-{party}"));
        let middle = left + share / 2;
        let wide = share.saturating_sub(6).min(WIDEST);
        let rows = self.wrap(&name, share.saturating_sub(12));
        let above =
            u32::try_from(rows.len()).unwrap_or(1).saturating_sub(1) * self.line_height() / 2;
        LaneBox {
            party,
            left: middle.saturating_sub(wide / 2),
            wide,
            middle,
            name: self.rows(rows, middle, (BOX / 2 + 5).saturating_sub(above)),
        }
    }

    /// An arrow that begins below `top`, and where the next may begin.
    fn line(self, way: Way, (from, to): (u32, u32), top: u32, text: &str) -> (Line, u32) {
        let rows = self.wrap(text, self.width.saturating_sub(8));
        let widest = rows.iter().map(|row| self.width_of(row)).max().unwrap_or(0);
        let count = u32::try_from(rows.len()).unwrap_or(1);
        let half = widest / 2 + 4;
        let turns = from == to;
        let aim = u32::midpoint(from, to);
        let x = aim.clamp(
            half.min(self.width / 2),
            (self.width.saturating_sub(half)).max(self.width / 2),
        );
        let words = self.rows(rows, x, top + self.size);
        let y = top + count * self.line_height() + 6;
        let (path, bottom) = if turns {
            (format!("M{from} {y}h{LOOP}v20H{}", from + 3), y + 20)
        } else if from < to {
            (format!("M{} {y}H{}", from + 3, to.saturating_sub(4)), y)
        } else {
            (format!("M{} {y}H{}", from.saturating_sub(3), to + 4), y)
        };
        let through_browser = matches!(way, Way::Front | Way::Stays);
        let (class, head) = if through_browser {
            ("wire wire-front", "lesson-head-front")
        } else {
            ("wire wire-back", "lesson-head")
        };
        let line = Line {
            class,
            path,
            head,
            words,
        };
        (line, bottom + SPACE)
    }

    const fn line_height(self) -> u32 {
        self.size + 4
    }

    fn rows(self, rows: Vec<String>, x: u32, first: u32) -> Vec<Row> {
        let numbered = rows.into_iter().zip(0_u32..);
        numbered
            .map(|(text, index)| Row {
                x,
                y: first + index * self.line_height(),
                text,
            })
            .collect()
    }

    /// About how wide `text` is: a Chinese character is a square, a Latin letter a little more than half of one.
    fn width_of(self, text: &str) -> u32 {
        text.chars()
            .map(|c| {
                if c.is_ascii() {
                    self.size * 58 / 100
                } else {
                    self.size
                }
            })
            .sum()
    }

    /// The text in rows of at most `width`: Latin text breaks at spaces, Chinese text anywhere but before a stop.
    fn wrap(self, text: &str, width: u32) -> Vec<String> {
        let mut rows: Vec<String> = vec![String::new()];
        for word in words_of(text) {
            let row = rows.last().map_or("", String::as_str);
            let joined = format!("{row}{word}");
            if !row.trim().is_empty() && self.width_of(joined.trim_end()) > width {
                rows.push(word.trim_start().to_owned());
            } else if let Some(row) = rows.last_mut() {
                row.push_str(&word);
            }
        }
        rows.iter().map(|row| row.trim().to_owned()).collect()
    }
}

/// What may stand on a row of its own: Latin words with the space after them, single Chinese characters.
fn words_of(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        let stop = "，。；：、）？！,.;:)".contains(c);
        match words.last_mut() {
            Some(word) if open || stop => word.push(c),
            _ => words.push(c.to_string()),
        }
        open = c.is_ascii() && c != ' ';
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_wrap_in_both_scripts_and_lose_nothing() {
        for text in [
            "302 back to the browser: the address carries the code and the state, and nothing else",
            "302 回到浏览器：地址里带着授权码 code 和 state，除此之外什么也没有，令牌不在其中",
        ] {
            let rows = NARROW.wrap(text, 200);
            assert!(rows.len() > 1, "{rows:?}");
            assert!(
                rows.iter().all(|row| NARROW.width_of(row) <= 214),
                "{rows:?}"
            );
            let bare = |text: &str| text.replace(' ', "");
            assert_eq!(bare(&rows.concat()), bare(text));
        }
    }
}
