//! Prose: a sentence of the language files with its code in backticks and its references to the standards.
//!
//! `RFC 6749 §4.1` becomes a link to that section, so that every claim can be looked up where it is made. Only our
//! own sentences go through here, never what was captured.

/// One piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Plain text.
    Text(String),
    /// A word of the protocol.
    Code(String),
    /// A standard, and where it can be read.
    Reference {
        /// As it stands in the sentence: `RFC 6749 §4.1`.
        text: String,
        /// Its address.
        href: String,
    },
}

/// Where the standards of OAuth are read.
const RFC: &str = "https://www.rfc-editor.org/rfc/rfc";
/// Where OpenID Connect Core is read.
const CORE: &str = "https://openid.net/specs/openid-connect-core-1_0.html";

/// The pieces of `sentence`, in order.
pub(super) fn pieces(sentence: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, part) in sentence.split('`').enumerate() {
        if index % 2 == 1 {
            pieces.push(Piece::Code(part.to_owned()));
        } else {
            references(part, &mut pieces);
        }
    }
    pieces
}

/// The standards that sentences name, each once, in the order in which they are named.
pub(super) fn sources<'p>(prose: impl Iterator<Item = &'p Vec<Piece>>) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    for piece in prose.flatten() {
        if matches!(piece, Piece::Reference { .. }) && !found.contains(piece) {
            found.push(piece.clone());
        }
    }
    found
}

fn references(mut rest: &str, pieces: &mut Vec<Piece>) {
    let mut text = String::new();
    while !rest.is_empty() {
        if let Some((length, href)) = reference(rest) {
            let (named, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Reference {
                text: named.to_owned(),
                href,
            });
            rest = after;
        } else {
            let mut characters = rest.chars();
            text.extend(characters.next());
            rest = characters.as_str();
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
}

/// The standard that `text` begins with: how many bytes name it, and its address.
fn reference(text: &str) -> Option<(usize, String)> {
    if let Some(after) = text.strip_prefix("RFC ") {
        let number = leading(after, |c| c.is_ascii_digit());
        if number.is_empty() {
            return None;
        }
        let named = "RFC ".len() + number.len();
        let section = section_at(text, named);
        let href = match section {
            Some(section) => format!("{RFC}{number}#section-{section}"),
            None => format!("{RFC}{number}"),
        };
        return Some((named + section.map_or(0, |it| " §".len() + it.len()), href));
    }
    let name = "OpenID Connect Core";
    text.starts_with(name).then(|| {
        let section = section_at(text, name.len());
        let length = name.len() + section.map_or(0, |it| " §".len() + it.len());
        (length, CORE.to_owned())
    })
}

/// The section that stands at this place: `4.1.2` of ` §4.1.2.`
fn section_at(text: &str, at: usize) -> Option<&str> {
    let after = text.get(at..)?.strip_prefix(" §")?;
    let section = leading(after, |c| c.is_ascii_digit() || c == '.').trim_end_matches('.');
    (!section.is_empty()).then_some(section)
}

fn leading(text: &str, is: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !is(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_references_are_found_and_nothing_is_lost() {
        let sentence =
            "A `code` lives briefly (RFC 6749 §4.1.2). See RFC 7636 and OpenID Connect Core §2。";
        let pieces = pieces(sentence);
        let said: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Reference { text, .. } => text.clone(),
                Piece::Code(text) => format!("`{text}`"),
            })
            .collect();
        assert_eq!(said, sentence);
        let hrefs: Vec<_> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Reference { href, .. } => Some(href.as_str()),
                _ => None,
            })
            .collect();
        let rfc = "https://www.rfc-editor.org/rfc/rfc";
        assert_eq!(
            hrefs,
            [
                format!("{rfc}6749#section-4.1.2").as_str(),
                format!("{rfc}7636").as_str(),
                CORE
            ]
        );
    }
}
