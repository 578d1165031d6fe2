//! Every way of writing the values that have a name, found in a text in one pass.
//!
//! May use url's form parser and JSON, for how a value is written. A flow of a thousand exchanges has thousands of
//! values and its files tens of thousands of texts: a text is read once, whatever the number of values. The spellings
//! stand sorted; the longest that begins at a place of the text is found by one search among them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::HIDDEN;

/// How many bytes of a spelling are looked at before it is searched for.
const START: usize = 4;

/// Bits of the table of beginnings.
const BITS: usize = 1 << 16;

/// How many bytes may be compared for each byte of a text, and for a short text in all. Only a text that was made to
/// be slow (thousands of repetitions, and values that repeat as well) comes near.
const PATIENCE: usize = 64;
const LEAST_PATIENCE: usize = 64 * 1024;

/// The spellings, sorted by their bytes.
#[derive(Clone, Default)]
pub(super) struct Spellings {
    sorted: Vec<Spelling>,
    /// One bit for each hash of the first bytes of a spelling.
    starts: Vec<u64>,
}

/// One way of writing one value.
#[derive(Clone)]
struct Spelling {
    text: String,
    name: Arc<str>,
    /// The longest other spelling with which this one begins.
    shorter: Option<usize>,
}

/// A part of a text that is replaced.
struct Found<'s> {
    start: usize,
    end: usize,
    /// The spelling whose name it gets: where several overlap, the longest.
    by: &'s Spelling,
}

impl Spellings {
    /// All ways of writing these values: pairs of value and name.
    pub(super) fn of<'v>(values: impl Iterator<Item = (&'v str, &'v str)>) -> Self {
        let mut names = BTreeMap::new();
        for (value, name) in values {
            let name: Arc<str> = Arc::from(name);
            for way in ways_of_writing(value).filter(|way| way.len() >= START) {
                names.entry(way).or_insert_with(|| Arc::clone(&name));
            }
        }
        let mut made = Self {
            sorted: Vec::with_capacity(names.len()),
            starts: vec![0; BITS / 64],
        };
        // In sorted order what a spelling begins with stands before it; the open ones are a stack.
        let mut open: Vec<usize> = Vec::new();
        for (text, name) in names {
            while let Some(last) = open.last() {
                let begins = made.sorted.get(*last);
                if begins.is_some_and(|one| text.starts_with(&one.text)) {
                    break;
                }
                open.pop();
            }
            if let Some((word, bit)) = place_of(text.as_bytes())
                && let Some(word) = made.starts.get_mut(word)
            {
                *word |= bit;
            }
            let shorter = open.last().copied();
            open.push(made.sorted.len());
            made.sorted.push(Spelling {
                text,
                name,
                shorter,
            });
        }
        made
    }

    /// `text` with each of them replaced by its name. One that takes too long to read is hidden whole.
    pub(super) fn replaced(&self, text: &str) -> String {
        if self.sorted.is_empty() {
            return text.to_owned();
        }
        let Some(found) = self.find(text.as_bytes()) else {
            return HIDDEN.to_owned();
        };
        let mut written = String::with_capacity(text.len());
        let mut from = 0;
        for part in found {
            written.push_str(text.get(from..part.start).unwrap_or_default());
            written.push_str(&part.by.name);
            from = part.end;
        }
        written.push_str(text.get(from..).unwrap_or_default());
        written
    }

    /// What is to be replaced, in order and without overlaps; `None` where finding it takes too long.
    fn find(&self, text: &[u8]) -> Option<Vec<Found<'_>>> {
        let mut patience = LEAST_PATIENCE.max(text.len().saturating_mul(PATIENCE));
        let mut found: Vec<Found<'_>> = Vec::new();
        for start in 0..text.len() {
            let rest = text.get(start..).unwrap_or_default();
            let Some(by) = self.beginning(rest, &mut patience).ok()? else {
                continue;
            };
            let end = start + by.text.len();
            match found.last_mut() {
                // Two that overlap are hidden to the end of the second.
                Some(last) if start < last.end => {
                    last.end = last.end.max(end);
                    if by.text.len() > last.by.text.len() {
                        last.by = by;
                    }
                }
                _ => found.push(Found { start, end, by }),
            }
        }
        Some(found)
    }

    /// The longest spelling with which `rest` begins.
    fn beginning(
        &self,
        rest: &[u8],
        patience: &mut usize,
    ) -> Result<Option<&Spelling>, OutOfPatience> {
        let known = place_of(rest)
            .and_then(|(word, bit)| Some(self.starts.get(word)? & bit != 0))
            .unwrap_or(false);
        if !known {
            return Ok(None);
        }
        // Whatever `rest` begins with stands before it, and the last before it begins with that as well.
        let after = self
            .sorted
            .partition_point(|one| one.text.as_bytes() <= rest);
        let next = self.sorted.get(after);
        let mut last = after.checked_sub(1).and_then(|at| self.sorted.get(at));
        let same = last.map_or(0, |one| in_common(one.text.as_bytes(), rest));
        let compared = same.max(next.map_or(0, |one| in_common(one.text.as_bytes(), rest)));
        *patience = patience.checked_sub(compared).ok_or(OutOfPatience)?;
        while let Some(one) = last {
            if one.text.len() <= same {
                return Ok(Some(one));
            }
            *patience = patience.checked_sub(1).ok_or(OutOfPatience)?;
            last = one.shorter.and_then(|at| self.sorted.get(at));
        }
        Ok(None)
    }
}

/// Finding what is to be replaced takes too long.
struct OutOfPatience;

/// Where the table of beginnings has the bit of what begins so.
fn place_of(text: &[u8]) -> Option<(usize, u64)> {
    let start: [u8; START] = *text.first_chunk()?;
    let hash = u32::from_le_bytes(start).wrapping_mul(0x9E37_79B1) >> 16;
    let hash = usize::try_from(hash).ok()?;
    Some((hash / 64, 1 << (hash % 64)))
}

/// How many bytes two texts begin with alike.
fn in_common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

/// A value as it may stand in a URL, a form or JSON.
fn ways_of_writing(value: &str) -> impl Iterator<Item = String> {
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let in_url = form.replace('+', "%20");
    let quoted = serde_json::Value::from(value).to_string();
    let quoted = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(&quoted)
        .to_owned();
    let mut ways = vec![value.to_owned(), form, in_url, quoted];
    ways.sort();
    ways.dedup();
    ways.into_iter()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::{Duration, Instant};

    use super::*;

    fn of(values: &[(&'static str, &'static str)]) -> Spellings {
        Spellings::of(values.iter().copied())
    }

    #[test]
    fn the_longest_that_begins_at_a_place_is_found_also_behind_longer_ones() {
        let known = of(&[
            ("token-1", "‹a›"),
            ("token-1-more", "‹b›"),
            ("token-1-more-still", "‹c›"),
            ("token-1-moon", "‹d›"),
        ]);
        assert_eq!(
            known.replaced(
                "x=token-1&y=token-1-more-stil&z=token-1-more-still token-1-moo token-1-moon"
            ),
            "x=‹a›&y=‹b›-stil&z=‹c› ‹a›-moo ‹d›"
        );
    }

    #[test]
    fn nothing_of_two_that_overlap_is_left() {
        let known = of(&[("secret-ab", "‹a›"), ("ab-another-secret", "‹b›")]);
        assert_eq!(known.replaced("(secret-ab-another-secret)"), "(‹b›)");
        assert_eq!(known.replaced("secret-ab secret-ab"), "‹a› ‹a›");
    }

    #[test]
    fn a_name_that_stands_in_its_place_is_not_searched_again() {
        let known = of(&[("4cc3ssT0k3n", "‹access token 1›"), ("access token", "‹b›")]);
        assert_eq!(known.replaced("4cc3ssT0k3n"), "‹access token 1›");
    }

    #[test]
    fn letters_of_more_than_one_byte_stay_whole() {
        let known = of(&[("密码密码密码", "‹a›")]);
        assert_eq!(known.replaced("é密码密码密码密é"), "é‹a›密é");
        assert_eq!(known.replaced("%E5%AF%86"), "%E5%AF%86");
    }

    #[test]
    fn as_the_slow_way_says_on_many_random_texts() {
        // Without overlaps both ways are the same: each value ends with a sign that none begins with.
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for _ in 0..200 {
            let mut word = |length: u64| -> String {
                (0..length)
                    .map(|_| if random(2) == 0 { 'a' } else { 'b' })
                    .collect()
            };
            let values: Vec<String> = (0..8).map(|at| format!("{};", word(6 + at % 3))).collect();
            let text: String = (0..60).map(|at| word(at % 9) + ";").collect();
            let pairs = values.iter().map(|value| (value.as_str(), "‹x›"));
            let mut sorted = values.clone();
            sorted.sort_by_key(|value| std::cmp::Reverse(value.len()));
            let slow = sorted.iter().fold(text.clone(), |text, value| {
                text.replace(value.as_str(), "‹x›")
            });
            assert_eq!(
                Spellings::of(pairs).replaced(&text),
                slow,
                "{values:?} in {text}"
            );
        }
    }

    #[test]
    fn a_text_that_was_made_to_be_slow_is_hidden_whole() {
        let long = format!("{}b", "a".repeat(60_000));
        let known = Spellings::of([(long.as_str(), "‹a›")].into_iter());
        let began = Instant::now();
        assert_eq!(known.replaced(&"a".repeat(60_000)), HIDDEN);
        let usual = (0..20_000).fold(String::new(), |mut text, at| {
            let _ = write!(text, "{at:x}.");
            text
        });
        let known = Spellings::of([(usual.as_str(), "‹a›"), (long.as_str(), "‹b›")].into_iter());
        assert_eq!(known.replaced(&format!("({usual})")), "(‹a›)");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
