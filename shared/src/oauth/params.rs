//! Parameters of a query or form body (RFC 6749 §3.1 and Appendix B), read strictly.
//!
//! May use nothing but this crate. A repeated parameter and text that is not UTF-8 are errors, but for the
//! parameters whose own standards let them be repeated; an empty value is the same as an absent one (§3.1);
//! unknown parameters are kept and ignored.

use std::borrow::Cow;

/// The most parameters that one request may carry.
const MAX_PARAMETERS: usize = 100;

/// Parameters that may be repeated: each names one more of what is asked for (RFC 8707 §2, RFC 8693 §2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// What is wrong with a query or form body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// RFC 6749 §3.1: "parameters MUST NOT be included more than once".
    #[error("the parameter {0} is repeated")]
    Repeated(String),
    /// RFC 6749 Appendix B: values are UTF-8.
    #[error("a parameter is not UTF-8")]
    NotUtf8,
    /// A `%` that two hex digits do not follow.
    #[error("a parameter is not form-encoded")]
    NotEncoded,
    /// RFC 6749 Appendix A: no parameter may hold U+0000; no database keeps one in every text.
    #[error("a parameter holds a NUL")]
    Nul,
    /// More than 100 parameters.
    #[error("there are more than 100 parameters")]
    TooMany,
}

/// Parameters in the order in which they came, without empty ones.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// [`ParamsError`]; nothing is guessed or replaced.
    pub fn parse(text: &[u8]) -> Result<Self, ParamsError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in text.split(|&b| b == b'&').filter(|part| !part.is_empty()) {
            let split = part.iter().position(|&b| b == b'=').unwrap_or(part.len());
            let (name, value) = part.split_at_checked(split).unwrap_or((part, b""));
            let name = decode(name)?;
            let value = decode(value.strip_prefix(b"=").unwrap_or(value))?;
            let repeatable = REPEATABLE.contains(&name.as_str());
            if !repeatable && pairs.iter().any(|(known, _)| *known == name) {
                return Err(ParamsError::Repeated(name.chars().take(40).collect()));
            }
            if pairs.len() == MAX_PARAMETERS {
                return Err(ParamsError::TooMany);
            }
            pairs.push((name, value));
        }
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Self(pairs))
    }

    /// Parameters from pairs, for tests and requests made here; empty values are left out.
    #[must_use]
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let kept = pairs.iter().filter(|(_, value)| !value.is_empty());
        Self(
            kept.map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// The value of `name`; `None` where it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of `name`, in order, without empty ones: for parameters that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// All parameters, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The parameters as form-encoded text again.
    #[must_use]
    pub fn encode(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.iter())
            .finish()
    }
}

/// Form-decodes one name or value (also used for Basic credentials, RFC 6749 §2.3.1).
pub(super) fn decode(text: &[u8]) -> Result<String, ParamsError> {
    let mut bytes = Cow::Borrowed(text);
    if text.contains(&b'%') || text.contains(&b'+') {
        let mut decoded = Vec::with_capacity(text.len());
        let mut rest = text.iter().copied();
        while let Some(byte) = rest.next() {
            decoded.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digit = |b: Option<u8>| {
                        b.and_then(|b| char::from(b).to_digit(16))
                            .and_then(|d| u8::try_from(d).ok())
                    };
                    let high = digit(rest.next()).ok_or(ParamsError::NotEncoded)?;
                    let low = digit(rest.next()).ok_or(ParamsError::NotEncoded)?;
                    high * 16 + low
                }
                byte => byte,
            });
        }
        bytes = Cow::Owned(decoded);
    }
    if bytes.contains(&0) {
        return Err(ParamsError::Nul);
    }
    String::from_utf8(bytes.into_owned()).map_err(|_| ParamsError::NotUtf8)
}

impl Params {
    /// Form-decodes one half of Basic credentials (RFC 6749 §2.3.1: id and secret are form-encoded first).
    ///
    /// # Errors
    /// [`ParamsError`] when it is not form-encoded UTF-8.
    pub fn decode_component(text: &str) -> Result<String, ParamsError> {
        decode(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strictness_is_the_point() {
        assert_eq!(
            Params::parse(b"a=1&a=2").unwrap_err(),
            ParamsError::Repeated("a".to_owned())
        );
        assert_eq!(
            Params::parse(b"a=1&a=").unwrap_err(),
            ParamsError::Repeated("a".to_owned())
        );
        assert_eq!(
            Params::parse(b"a=%ff%fe").unwrap_err(),
            ParamsError::NotUtf8
        );
        assert_eq!(
            Params::parse(b"a=%zz").unwrap_err(),
            ParamsError::NotEncoded
        );
        for text in [&b"a=b%00"[..], b"a%00=b", b"a=\0"] {
            assert_eq!(Params::parse(text).unwrap_err(), ParamsError::Nul);
        }
        let params = Params::parse(b"resource=a&resource=&resource=b").unwrap();
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["a", "b"]);
        let params = Params::parse(b"state=a+b%2Bc&empty=&x=%E4%B8%AD").unwrap();
        assert_eq!(params.get("state"), Some("a b+c"));
        assert_eq!(params.get("empty"), None);
        assert_eq!(params.get("x"), Some("中"));
    }

    #[test]
    fn the_number_of_parameters_is_bounded() {
        let many: Vec<String> = (0..101).map(|n| format!("p{n}=1")).collect();
        assert_eq!(
            Params::parse(many.join("&").as_bytes()).unwrap_err(),
            ParamsError::TooMany
        );
    }
}
