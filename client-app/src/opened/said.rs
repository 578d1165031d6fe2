//! What a check expected and got, for a reader: in words, as a moment, or as it travelled.
//!
//! The servers say it in one stable English phrase each ([`super::phrases::known_phrases`]), and the JSON keeps it. A
//! phrase that is known is told in the reader's language, whole seconds since 1970 as a moment; all else is text of
//! the protocol, and stays as it is.

use shared::flow::Check;
use shared::oauth::ResponseType;
use shared::page::Frame;

use super::phrases::{known_phrases, own_text, phrases_of_note};
use crate::page::{Moment, distance, span};

/// The most of a text that is compared with the phrases, in bytes.
const LONGEST: usize = 4096;
/// Stand-ins for the two values of a sentence, to be found again in it: no text of a language file has them.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Words of the reader's language.
    Words(String),
    /// Text of the protocol: hostile.
    Raw(String),
    /// A moment, and how far it was from the exchange.
    Time(Moment, String),
}

/// What is said, piece by piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said(pub(crate) Vec<Piece>);

impl Said {
    /// What would have passed, of a check at `now` (realm time, seconds).
    pub(crate) fn expected(frame: &Frame, check: &Check, now: i64) -> Self {
        Self::of(frame, &check.id, &check.expected, now)
    }

    /// What came.
    pub(crate) fn got(frame: &Frame, check: &Check, now: i64) -> Self {
        // "none" is an algorithm too (RFC 7518 §3.6), and must not be read as its absence.
        if check.id.ends_with(".algorithm") {
            return Self(vec![Piece::Raw(check.got.clone())]);
        }
        Self::of(frame, &check.id, &check.got, now)
    }

    /// A plain fact of an exchange at `now`: a moment, where its name says so; in words, where it is ours.
    pub(crate) fn fact(frame: &Frame, name: &str, fact: &str, now: i64) -> Self {
        let phrases = phrases_of_note(name).iter();
        if let Some(said) = Self::one_of(frame, phrases, fact, now) {
            return said;
        }
        let seconds = fact.parse().ok().filter(|_| name.ends_with("_at"));
        Self(vec![match seconds {
            Some(seconds) => moment(frame, seconds, now),
            None => Piece::Raw(fact.to_owned()),
        }])
    }

    fn of(frame: &Frame, id: &str, text: &str, now: i64) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let is_moment = id.ends_with(".not_expired") || id.ends_with(".not_before");
        if is_moment && let Ok(seconds) = text.parse() {
            return Self(vec![moment(frame, seconds, now)]);
        }
        Self::phrase(frame, text, now)
            .or_else(|| Self::members(frame, text, now))
            .or_else(|| Self::alternatives(frame, text))
            .unwrap_or_else(|| Self(vec![Piece::Raw(text.to_owned())]))
    }

    /// A phrase that is known.
    fn phrase(frame: &Frame, text: &str, now: i64) -> Option<Self> {
        Self::one_of(frame, known_phrases(), text, now)
    }

    /// The phrase among `phrases` that `text` is.
    fn one_of(
        frame: &Frame,
        phrases: impl Iterator<Item = &'static (&'static str, &'static str)>,
        text: &str,
        now: i64,
    ) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let fitting = phrases
            .filter_map(|(pattern, key)| Some((own_text(pattern), key, fit(pattern, text)?)));
        let (_, key, values) = fitting.max_by_key(|(own, _, _)| *own)?;
        let marks = [("value", MARKS[0]), ("other", MARKS[1])];
        let sentence = frame.ta(key, marks.map(|(name, mark)| (name, mark.to_string())));
        let mut pieces = Vec::new();
        let mut words = String::new();
        for c in sentence.chars() {
            let at = MARKS.iter().position(|mark| *mark == c);
            match at.and_then(|at| values.get(at)) {
                Some((slot, value)) => {
                    if !words.is_empty() {
                        pieces.push(Piece::Words(std::mem::take(&mut words)));
                    }
                    pieces.push(filled(frame, *slot, value, now));
                }
                None => words.push(c),
            }
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Some(Self(pieces))
    }

    /// `caption: …; theme: …`, where what stands behind each name is known.
    fn members(frame: &Frame, text: &str, now: i64) -> Option<Self> {
        let mut pieces = Vec::new();
        for (at, part) in text.split("; ").enumerate() {
            let (name, why) = part.split_once(": ")?;
            if at > 0 {
                pieces.push(Piece::Words("; ".to_owned()));
            }
            pieces.push(Piece::Raw(name.to_owned()));
            pieces.push(Piece::Words(" ".to_owned()));
            pieces.extend(Self::phrase(frame, why, now)?.0);
        }
        Some(Self(pieces))
    }

    /// `a or b`, of words without a space, and of response types.
    fn alternatives(frame: &Frame, text: &str) -> Option<Self> {
        let all: Vec<_> = text.split(" or ").collect();
        let is_word = |one: &&str| !one.contains(' ') || ResponseType::parse(one).is_some();
        if all.len() < 2 || !all.iter().all(is_word) {
            return None;
        }
        let or = format!(" {} ", frame.t("opened-or"));
        let mut pieces = Vec::new();
        for one in all {
            if !pieces.is_empty() {
                pieces.push(Piece::Words(or.clone()));
            }
            pieces.push(Piece::Raw(one.to_owned()));
        }
        Some(Self(pieces))
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a slot of a phrase takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// Any text.
    Raw,
    /// A whole number.
    Count,
    /// A whole number of seconds.
    Seconds,
    /// A lifetime as it prints: `30 s`.
    Span,
    /// Seconds since 1970.
    Time,
}

impl Slot {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "raw" => Self::Raw,
            "count" => Self::Count,
            "seconds" => Self::Seconds,
            "span" => Self::Span,
            "time" => Self::Time,
            _ => return None,
        })
    }

    fn takes(self, text: &str) -> bool {
        let whole = |text: &str| {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            digits && !text.is_empty() && text.len() <= 18
        };
        match self {
            Self::Raw => !text.is_empty(),
            Self::Count | Self::Seconds => whole(text),
            Self::Time => whole(text.strip_prefix('-').unwrap_or(text)),
            Self::Span => text.strip_suffix(" s").is_some_and(whole),
        }
    }
}

/// What stands in the slots of `pattern`, if `text` is made so.
fn fit<'t>(pattern: &str, text: &'t str) -> Option<Vec<(Slot, &'t str)>> {
    let mut values = Vec::new();
    let mut parts = pattern.split('{');
    let mut rest = text.strip_prefix(parts.next()?)?;
    for part in parts {
        let (slot, literal) = part.split_once('}')?;
        let slot = Slot::parse(slot)?;
        let end = if literal.is_empty() {
            rest.len()
        } else {
            rest.find(literal)?
        };
        let (value, behind) = rest.split_at_checked(end)?;
        if !slot.takes(value) {
            return None;
        }
        values.push((slot, value));
        rest = behind.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(values)
}

/// What stood in a slot, for a reader.
fn filled(frame: &Frame, slot: Slot, value: &str, now: i64) -> Piece {
    let seconds = value.strip_suffix(" s").unwrap_or(value).parse::<i64>();
    match (slot, seconds) {
        (Slot::Time, Ok(seconds)) => moment(frame, seconds, now),
        (Slot::Seconds | Slot::Span, Ok(seconds)) => Piece::Words(span(frame, seconds)),
        (Slot::Count, Ok(count)) => Piece::Words(count.to_string()),
        _ => Piece::Raw(value.to_owned()),
    }
}

fn moment(frame: &Frame, seconds: i64, now: i64) -> Piece {
    let far = if seconds == now {
        frame.t("opened-now")
    } else {
        distance(frame, seconds, now)
    };
    Piece::Time(Moment::of(seconds.saturating_mul(1_000_000)), far)
}

#[cfg(test)]
#[path = "said_tests.rs"]
mod tests;
