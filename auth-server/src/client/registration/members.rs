//! The members of a registration, by their types (RFC 7591 §2). `null` is absent (RFC 7592 §2.2).

use serde_json::{Map, Value};

use super::RegistrationError;

/// The longest text of a member, in bytes.
const MAX_TEXT: usize = 2048;

/// The most texts of a member.
const MAX_TEXTS: usize = 50;

/// What a client says of itself.
#[derive(Clone, Copy)]
pub(super) struct Members<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Members<'a> {
    /// The value of a member, if it is there.
    pub(super) fn value(self, name: &'static str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(super) fn text(self, name: &'static str) -> Result<Option<&'a str>, RegistrationError> {
        self.value(name)
            .map(|value| text(value).ok_or_else(|| RegistrationError::of(name, NO_TEXT)))
            .transpose()
    }

    /// The scope that is named. An empty text names none, as leaving the member out does: the grammar has no scope
    /// without a token in it (RFC 6749 §3.3), and clients that have none to ask for send it so.
    pub(super) fn scope(self) -> Result<Option<&'a str>, RegistrationError> {
        let name = "scope";
        match self.value(name) {
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            _ => self.text(name),
        }
    }

    /// A list of texts.
    pub(super) fn texts(
        self,
        name: &'static str,
    ) -> Result<Option<Vec<&'a str>>, RegistrationError> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let list: Option<Vec<&str>> = value
            .as_array()
            .filter(|list| list.len() <= MAX_TEXTS)
            .and_then(|list| list.iter().map(text).collect());
        list.map(Some)
            .ok_or_else(|| RegistrationError::of(name, "it must be a list of 50 texts at most"))
    }

    /// `true` or `false`; absent is `false`.
    pub(super) fn flag(self, name: &'static str) -> Result<bool, RegistrationError> {
        match self.value(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(RegistrationError::of(name, "it must be true or false")),
        }
    }

    /// A number of seconds.
    pub(super) fn seconds(self, name: &'static str) -> Result<Option<u32>, RegistrationError> {
        let wrong = || RegistrationError::of(name, "it must be a whole number of seconds");
        self.value(name)
            .map(|value| {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                number.ok_or_else(wrong)
            })
            .transpose()
    }

    /// One of these words.
    pub(super) fn word<T>(
        self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        offered: &str,
    ) -> Result<Option<T>, RegistrationError> {
        self.text(name)?
            .map(|text| {
                let wrong = || RegistrationError::of(name, format!("this server offers {offered}"));
                parse(text).ok_or_else(wrong)
            })
            .transpose()
    }
}

/// What is wrong with something that is no text.
const NO_TEXT: &str = "it must be a text of 2048 bytes at most, without control characters";

/// What is wrong with a name of which nothing is seen.
pub(super) const INVISIBLE: &str = "people must see something of it";

/// A text that people can be shown: not empty, not endless, and without characters that change how it is read.
fn text(value: &Value) -> Option<&str> {
    value
        .as_str()
        .filter(|text| !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(misleads))
}

/// Controls, and what changes how others are read without being seen: marks of direction, of joining, of annotation.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Whether people see something of a text: not blanks alone (`White_Space` of Unicode, and two letters and a pattern
/// that are drawn as nothing), nor what is ignored where it is drawn (`Default_Ignorable_Code_Point`).
pub(super) fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|c| !(c.is_whitespace() || misleads(c) || is_drawn_as_nothing(c)))
}

/// `Default_Ignorable_Code_Point` (Unicode Standard Annex 44), U+2800 and U+1D159, whose glyphs are empty.
const fn is_drawn_as_nothing(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A member in a language of its own (`client_name#zh-CN`, RFC 7591 §2.2), by its base name.
pub(super) fn localized<'a>(
    members: Members<'a>,
    base: &'static str,
) -> Result<Vec<(&'a str, &'a str)>, RegistrationError> {
    let tagged = members.0.iter().filter(|(name, value)| {
        let tag = name
            .strip_prefix(base)
            .and_then(|rest| rest.strip_prefix('#'));
        let of_a_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !value.is_null()
            && tag.is_some_and(|tag| (1..=35).contains(&tag.len()) && tag.chars().all(of_a_tag))
    });
    tagged
        .take(MAX_TEXTS)
        .map(|(name, value)| {
            let text = text(value).ok_or_else(|| RegistrationError::of(base, NO_TEXT))?;
            Ok((name.as_str(), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_something_of_a_name() {
        for name in [
            "Print Shop",
            "打印店",
            " a ",
            "\u{3164}a",
            "🏴",
            "٠",
            "\u{ad}x",
            "·",
        ] {
            assert!(is_visible(name), "{name:?}");
        }
        let blank = [
            ' ',
            '\u{a0}',
            '\u{2003}',
            '\u{3000}',
            '\u{2028}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180e}',
            '\u{200b}',
            '\u{200f}',
            '\u{202e}',
            '\u{2060}',
            '\u{2069}',
            '\u{206a}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{fff9}',
            '\u{1bca0}',
            '\u{1d159}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0100}',
            '\u{e0fff}',
        ];
        for one in blank {
            assert!(!is_visible(&one.to_string()), "{one:?}");
        }
        assert!(!is_visible(&blank.iter().collect::<String>()));
    }

    #[test]
    fn nothing_turns_a_text_around_or_hides_in_it() {
        for c in [
            '\u{61c}', '\u{180e}', '\u{200e}', '\u{202e}', '\u{2066}', '\u{206f}', '\u{fffa}',
            '\u{7f}', '\n',
        ] {
            assert!(
                text(&Value::from(format!("Print{c}Shop"))).is_none(),
                "{c:?}"
            );
        }
        assert!(text(&Value::from("Café 打印店 🖨️")).is_some());
    }
}
