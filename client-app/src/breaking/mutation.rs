//! Mutation: one way of spoiling one parameter, and the target it is aimed at.
//!
//! May use serde. Knows neither HTTP nor what any of it leads to.

use serde::{Deserialize, Serialize};
use shared::flow::ExchangeId;

use crate::record::parameter::ParameterPlace;

/// One way of spoiling a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mutation {
    /// The parameter is left out.
    LeaveOut,
    /// One character in its middle is another one of the same kind.
    ChangeOne,
    /// Its value of an earlier execution of the same flow stands in its place.
    UseOld,
    /// It stands there twice, with the same value.
    SendTwice,
    /// Its value of another user, or of another client where it is a client's, stands in its place.
    UseAnothers,
    /// The whole request is sent, and then sent again.
    SendAgain,
}

impl Mutation {
    /// Every mutation, in the order in which they are offered.
    pub(crate) const ALL: [Self; 6] = [
        Self::LeaveOut,
        Self::ChangeOne,
        Self::UseOld,
        Self::SendTwice,
        Self::UseAnothers,
        Self::SendAgain,
    ];

    /// The name in JSON, in forms and in language keys.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LeaveOut => "leave_out",
            Self::ChangeOne => "change_one",
            Self::UseOld => "use_old",
            Self::SendTwice => "send_twice",
            Self::UseAnothers => "use_anothers",
            Self::SendAgain => "send_again",
        }
    }

    /// The mutation of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mutation| mutation.name() == name)
    }
}

/// What is to be spoilt, as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The exchange of the recorded flow.
    pub(crate) exchange: ExchangeId,
    /// The parameter of its request.
    pub(crate) parameter: String,
    /// Where the parameter stands.
    pub(crate) place: ParameterPlace,
    /// What is done to it.
    pub(crate) mutation: Mutation,
}

/// `value` with one character in its middle changed, and still of the same kind. Of a signed token it is one of its
/// signature, so that what it says can still be read.
pub(crate) fn change_one(value: &str) -> String {
    let parts = value.split('.').count();
    let signed = parts == 3 && value.len() > 60;
    let start = if signed {
        value.rfind('.').map_or(0, |dot| dot + 1)
    } else {
        0
    };
    let (kept, part) = value.split_at_checked(start).unwrap_or(("", value));
    let middle = part.chars().count() / 2;
    let letters = |c: &char| c.is_ascii_alphanumeric();
    let from_middle = part.chars().enumerate().skip(middle);
    let at = from_middle.clone().find(|(_, c)| letters(c));
    let at = at.or_else(|| part.chars().enumerate().find(|(_, c)| letters(c)));
    let at = at.map_or(middle, |(at, _)| at);
    let changed = part
        .chars()
        .enumerate()
        .map(|(index, c)| if index == at { other(c) } else { c });
    format!("{kept}{}", changed.collect::<String>())
}

/// Another character of the same kind.
const fn other(c: char) -> char {
    match c {
        'a'..='z' if c == 'x' => 'y',
        'a'..='z' => 'x',
        'A'..='Z' if c == 'X' => 'Y',
        'A'..='Z' => 'X',
        '0'..='9' if c == '7' => '8',
        '0'..='9' => '7',
        '-' => '_',
        _ => '-',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_changes_and_the_rest_stays() {
        for value in [
            "abc",
            "code",
            "x",
            "S256",
            "http://localhost:8080/callback",
            "a b",
            "中文",
        ] {
            let changed = change_one(value);
            let differing = value.chars().zip(changed.chars()).filter(|(a, b)| a != b);
            assert_eq!(differing.count(), 1, "{value} {changed}");
            assert_eq!(value.chars().count(), changed.chars().count());
        }
    }

    #[test]
    fn of_a_signed_token_it_is_the_signature_that_changes() {
        let token = format!("{}.{}.{}", "h".repeat(30), "p".repeat(30), "s".repeat(30));
        let changed = change_one(&token);
        assert_eq!(
            token.rsplit_once('.').unwrap().0,
            changed.rsplit_once('.').unwrap().0
        );
        assert_ne!(token, changed);
    }

    #[test]
    fn names_read_back() {
        for mutation in Mutation::ALL {
            assert_eq!(Mutation::parse(mutation.name()), Some(mutation));
        }
        assert_eq!(Mutation::parse("else"), None);
    }
}
