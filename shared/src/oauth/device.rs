//! The device authorization grant's own vocabulary (RFC 8628): the user code and the endpoint's answer.
//!
//! May use aws-lc-rs and serde. A user code is eight letters of an alphabet without vowels, so that no word
//! comes of it, and without letters that look like digits (§6.1): 20^8 codes are 34.5 bits.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::rand;
use serde::{Deserialize, Serialize};

use super::secret::{Digest, NoRandomness, Secret, kind};

/// The letters of a user code (RFC 8628 §6.1).
pub const USER_CODE_ALPHABET: &str = "BCDFGHJKLMNPQRSTVWXZ";

/// How many letters a user code has.
const USER_CODE_LETTERS: usize = 8;

/// Random bytes below this many are equally many of each letter (12 times 20); others are thrown away.
const EVEN: u8 = 240;

/// The secret with which a device asks whether its person has decided (RFC 8628 §3.2).
pub type DeviceCode = Secret<kind::DeviceCode>;

/// What a person types to say which device they mean (RFC 8628 §3.2). It does not print; [`UserCode::shown`]
/// is the code as people read it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

/// Text that cannot be a user code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user code is eight letters, none of them a vowel")]
pub struct InvalidUserCode;

impl UserCode {
    /// A new random code, each letter as likely as any other.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut letters = String::with_capacity(USER_CODE_LETTERS);
        while letters.len() < USER_CODE_LETTERS {
            let mut byte = [0_u8; 1];
            rand::fill(&mut byte).map_err(|_| NoRandomness)?;
            let [byte] = byte;
            let place = usize::from(byte) % USER_CODE_ALPHABET.len();
            let letter = USER_CODE_ALPHABET.chars().nth(place);
            letters.extend(letter.filter(|_| byte < EVEN));
        }
        Ok(Self(letters))
    }

    /// As it is shown and sent: `WDJB-MJHT`.
    #[must_use]
    pub fn shown(&self) -> String {
        let (one, other) = self.0.split_at_checked(4).unwrap_or((&self.0, ""));
        format!("{one}-{other}")
    }

    /// What is stored in its place.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Secret::<kind::UserCode>::from_text(self.0.as_str()).digest()
    }
}

impl FromStr for UserCode {
    type Err = InvalidUserCode;

    /// Reads what a person typed (RFC 8628 §6.1): upper or lower case, with or without dashes and spaces, also
    /// in the wide letters of an East Asian keyboard.
    fn from_str(text: &str) -> Result<Self, InvalidUserCode> {
        // Longer text is nobody's code, whatever stands between its letters.
        if text.len() > 200 {
            return Err(InvalidUserCode);
        }
        let letters: String = text
            .chars()
            .map(narrow)
            .filter(|c| c.is_alphanumeric())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let known = |c: char| USER_CODE_ALPHABET.contains(c);
        if letters.len() == USER_CODE_LETTERS && letters.chars().all(known) {
            Ok(Self(letters))
        } else {
            Err(InvalidUserCode)
        }
    }
}

/// The ASCII form of a full-width character (Unicode block U+FF00), everything else unchanged.
fn narrow(c: char) -> char {
    match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("user_code([redacted])")
    }
}

/// What the device authorization endpoint answers (RFC 8628 §3.2).
#[derive(Clone, Serialize, Deserialize)]
pub struct DeviceAuthorizationResponse {
    /// The secret of the device.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// The same with the code in it, for a QR code (§3.3.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// How long both codes live, in seconds.
    pub expires_in: u32,
    /// Seconds between two polls; 5 where the server names none.
    #[serde(default = "five")]
    pub interval: u32,
}

/// §3.2: "If no value is provided, clients MUST use 5 as the default."
const fn five() -> u32 {
    5
}

impl fmt::Debug for DeviceAuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorizationResponse")
            .field("verification_uri", &self.verification_uri)
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code: UserCode = "WDJB-MJHT".parse().unwrap();
        for typed in [
            "wdjb mjht",
            "WDJBMJHT",
            " wDjB–MjHt ",
            "w-d-j-b-m-j-h-t",
            "ＷＤＪＢ－ＭＪＨＴ",
        ] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        assert_eq!(code.shown(), "WDJB-MJHT");
        for typed in [
            "",
            "WDJB-MJH",
            "WDJB-MJHTW",
            "ADJB-MJHT",
            "WDJB-MJH1",
            "ＷＤＪＢ",
        ] {
            assert_eq!(typed.parse::<UserCode>(), Err(InvalidUserCode), "{typed}");
        }
        assert!(
            format!("W{}DJBMJHT", "-".repeat(200))
                .parse::<UserCode>()
                .is_err()
        );
    }

    #[test]
    fn codes_have_no_vowels_use_the_whole_alphabet_and_differ() {
        let codes: Vec<UserCode> = (0..200).map(|_| UserCode::generate().unwrap()).collect();
        let letters: std::collections::BTreeSet<char> =
            codes.iter().flat_map(|code| code.0.chars()).collect();
        assert_eq!(letters.into_iter().collect::<String>(), USER_CODE_ALPHABET);
        let different: std::collections::BTreeSet<String> =
            codes.iter().map(UserCode::shown).collect();
        assert_eq!(different.len(), codes.len());
        assert!(
            codes
                .iter()
                .all(|code| code.shown().parse() == Ok(code.clone()))
        );
    }

    #[test]
    fn a_code_does_not_print() {
        let code: UserCode = "WDJB-MJHT".parse().unwrap();
        assert!(!format!("{code:?}").contains("WDJB"));
    }

    #[test]
    fn an_interval_that_is_not_named_is_five_seconds() {
        let json = r#"{"device_code":"d","user_code":"u","verification_uri":"v","expires_in":600}"#;
        let read: DeviceAuthorizationResponse = serde_json::from_str(json).unwrap();
        assert_eq!(read.interval, 5);
    }
}
