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

/// A text that people can be shown: not empty, not endless, and without characters that change how it is read.
fn text(value: &Value) -> Option<&str> {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    value
        .as_str()
        .filter(|text| !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(unseen))
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
