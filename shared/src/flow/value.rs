//! Value: a protocol value worth following, recognised by a keyed hash and never stored twice.
//!
//! May use aws-lc-rs. The hash is HMAC-SHA256 under the record's key over the SHA-256 of the value, so that a
//! browser script can report *which* value it saw by its SHA-256 alone, and the value need not leave the browser.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac, rand};
use serde::{Deserialize, Serialize};

/// What a value is in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// A person's password (RFC 6749 §4.3).
    Password,
    /// A client's secret (RFC 6749 §2.3.1).
    ClientSecret,
    /// `state` (RFC 6749 §10.12).
    State,
    /// `nonce` (OpenID Connect Core §3.1.2.1).
    Nonce,
    /// The reference to a pushed authorization request (RFC 9126 §2.2).
    RequestUri,
    /// An authorization code (RFC 6749 §4.1.2).
    Code,
    /// A device code (RFC 8628 §3.2).
    DeviceCode,
    /// A user code (RFC 8628 §3.2), however it is typed.
    UserCode,
    /// `code_verifier` (RFC 7636 §4.1).
    CodeVerifier,
    /// `code_challenge` (RFC 7636 §4.2).
    CodeChallenge,
    /// The thumbprint of the key that tokens are bound to (RFC 9449 §6.1).
    KeyThumbprint,
    /// An access token (RFC 6749 §1.4).
    AccessToken,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// An ID token (OpenID Connect Core §2).
    IdToken,
    /// The handle of an authorization request that waits for sign-in or consent at the auth server.
    Interaction,
    /// The handle of one run at the client app.
    Run,
    /// What a login session is called (`sid`, OpenID Connect Front-Channel Logout §3), when it ends.
    SessionId,
    /// A logout token (OpenID Connect Back-Channel Logout §2.4).
    LogoutToken,
}

impl ValueKind {
    /// Whether two exchanges that carry the same value of this kind belong to one flow.
    ///
    /// A password, a client secret or a key may be the same in every flow, so it joins nothing.
    #[must_use]
    pub const fn joins(self) -> bool {
        !matches!(
            self,
            Self::Password | Self::ClientSecret | Self::KeyThumbprint
        )
    }
}

/// Where in an exchange a value stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValuePlace {
    /// In the query of the request's URL.
    RequestQuery,
    /// In a header of the request (`Authorization`).
    RequestHeader,
    /// In the body of the request.
    RequestBody,
    /// In the query of the `Location` that the response redirects to.
    RedirectQuery,
    /// In the fragment of the `Location`: it stays in the browser.
    RedirectFragment,
    /// In the body of the response.
    ResponseBody,
    /// Read by a script from the browser's address bar.
    BrowserFragment,
}

impl ValuePlace {
    /// Whether it travelled from the sender to the receiver.
    #[must_use]
    pub const fn is_in_request(self) -> bool {
        matches!(
            self,
            Self::RequestQuery | Self::RequestHeader | Self::RequestBody
        )
    }
}

/// The keyed hash of a value: 32 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueHash(String);

impl ValueHash {
    /// The hash as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One occurrence of a value in an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Which one it is.
    pub hash: ValueHash,
    /// Where it stood.
    pub place: ValuePlace,
}

/// The key that the services of one ecosystem share to recognise values and each other's calls.
#[derive(Clone)]
pub struct RecordKey(Arc<hmac::Key>);

impl std::fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordKey([redacted])")
    }
}

impl RecordKey {
    /// A key from configured text: 16 characters at least are advised, any length is taken.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self::of(text.as_bytes())
    }

    /// A new random key.
    ///
    /// # Errors
    /// Where the system gives no randomness.
    pub fn generate() -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes)?;
        Ok(Self::of(&bytes))
    }

    fn of(bytes: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// The keyed hash of a value.
    #[must_use]
    pub fn hash(&self, value: &str) -> ValueHash {
        self.hash_digest(digest::digest(&digest::SHA256, value.as_bytes()).as_ref())
    }

    /// The keyed hash of a value of which only the SHA-256 is known (32 bytes).
    #[must_use]
    pub fn hash_digest(&self, sha256: &[u8]) -> ValueHash {
        let tag = hmac::sign(&self.0, sha256);
        ValueHash(hex(tag.as_ref().get(..16).unwrap_or_default()))
    }

    /// A message authentication code over `message`: 32 lower-case hex digits.
    #[must_use]
    pub fn mac(&self, message: &str) -> String {
        let tag = hmac::sign(&self.0, message.as_bytes());
        hex(tag.as_ref().get(..16).unwrap_or_default())
    }

    /// Whether `mac` is the code of `message`, compared in constant time.
    #[must_use]
    pub fn verifies(&self, message: &str, mac: &str) -> bool {
        use subtle::ConstantTimeEq;
        self.mac(message).as_bytes().ct_eq(mac.as_bytes()).into()
    }
}

/// Lower-case hex of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    let digits = bytes.iter().flat_map(|byte| hex_digits(*byte));
    text.extend(digits.map(char::from));
    text
}

/// The two lower-case hex digits of a byte.
pub(super) const fn hex_digits(byte: u8) -> [u8; 2] {
    [hex_digit(byte >> 4), hex_digit(byte & 0xf)]
}

/// A digit of less than 16.
const fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..10 => b'0' + nibble,
        _ => b'a' + (nibble - 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_can_name_a_value_by_its_digest() {
        let key = RecordKey::from_text("a key for this test");
        let digest = digest::digest(&digest::SHA256, b"token");
        assert_eq!(key.hash("token"), key.hash_digest(digest.as_ref()));
        assert_ne!(
            key.hash("token"),
            RecordKey::from_text("another").hash("token")
        );
        assert_eq!(key.hash("token").as_str().len(), 32);
    }
}
