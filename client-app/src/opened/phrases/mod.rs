//! What checks say they expected and got: each phrase of the three services, and its key in the language files; by what
//! they are about.
//!
//! The phrases are the servers' own, word for word, and stable: the JSON gives them as they are. A slot stands for
//! what differs from one time to the next; see [`super::said`]. `{raw}` is text of the protocol.

mod clients;
mod common;
mod notes;
mod people;
mod requests;
mod tokens;

/// Each phrase with its key, in no order: where several fit, the one that has the most text of its own is meant.
pub(super) fn known_phrases() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let topics = [
        common::PHRASES,
        requests::PHRASES,
        tokens::PHRASES,
        clients::PHRASES,
        people::PHRASES,
    ];
    topics.into_iter().flatten()
}

/// What a note of this name can say, each with its key.
pub(super) fn phrases_of_note(name: &str) -> &'static [(&'static str, &'static str)] {
    let mut notes = notes::NOTES.iter();
    let found = notes.find(|(known, _)| *known == name);
    found.map_or(&[], |(_, phrases)| phrases)
}

/// How much text of its own a phrase has, in bytes: what does not stand in its slots.
pub(super) fn own_text(pattern: &str) -> usize {
    let mut parts = pattern.split('{');
    let first = parts.next().map_or(0, str::len);
    let behind = parts.map(|part| part.split_once('}').map_or(0, |(_, text)| text.len()));
    first.saturating_add(behind.sum())
}
