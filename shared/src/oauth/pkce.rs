//! Proof Key for Code Exchange (RFC 7636), method S256 alone.
//!
//! May use aws-lc-rs. `plain` is refused everywhere (RFC 9700 §2.1.1).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::secret::{NoRandomness, Secret, kind};

/// Text that is neither verifier nor challenge: not 43 to 128 unreserved characters (RFC 7636 §4.1, §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is 43 to 128 of A-Z a-z 0-9 - . _ ~ (RFC 7636 §4.1)")]
pub struct InvalidPkce(&'static str);

fn unreserved(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    (43..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// `code_verifier`: the secret that the client keeps (RFC 7636 §4.1).
#[derive(Clone)]
pub struct CodeVerifier(String);

impl CodeVerifier {
    /// A new verifier of 256 random bits: 43 characters.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        Secret::<kind::AuthorizationCode>::generate().map(|secret| Self(secret.expose().to_owned()))
    }

    /// The text itself: for the wire alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its S256 challenge: `BASE64URL(SHA256(ASCII(code_verifier)))` (RFC 7636 §4.2).
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.0.as_bytes())))
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier([redacted])")
    }
}

impl FromStr for CodeVerifier {
    type Err = InvalidPkce;

    fn from_str(text: &str) -> Result<Self, InvalidPkce> {
        if unreserved(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPkce("code_verifier"))
        }
    }
}

/// `code_challenge`: what the client shows of it beforehand (RFC 7636 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// The challenge as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` is the one that this challenge was made of (RFC 7636 §4.6).
    #[must_use]
    pub fn is_met_by(&self, verifier: &CodeVerifier) -> bool {
        self.0
            .as_bytes()
            .ct_eq(verifier.challenge().0.as_bytes())
            .into()
    }
}

impl FromStr for CodeChallenge {
    type Err = InvalidPkce;

    fn from_str(text: &str) -> Result<Self, InvalidPkce> {
        if unreserved(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPkce("code_challenge"))
        }
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = InvalidPkce;

    fn try_from(text: String) -> Result<Self, InvalidPkce> {
        text.parse()
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_rfc_7636_appendix_b_holds() {
        let verifier: CodeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
            .parse()
            .unwrap();
        assert_eq!(
            verifier.challenge().as_str(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert!(verifier.challenge().is_met_by(&verifier));
        assert!(
            !verifier
                .challenge()
                .is_met_by(&CodeVerifier::generate().unwrap())
        );
    }

    #[test]
    fn padding_and_short_texts_are_refused() {
        assert!(
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="
                .parse::<CodeChallenge>()
                .is_err()
        );
        assert!("x".repeat(42).parse::<CodeVerifier>().is_err());
        assert!("x".repeat(129).parse::<CodeVerifier>().is_err());
    }
}
