//! Secrets: values whose holder may act. They do not print, do not compare and are stored as digests.
//!
//! May use aws-lc-rs. 256 random bits each (RFC 6749 §10.10 asks for 128 at least).

use std::fmt;
use std::marker::PhantomData;

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// What a secret is for; its name goes into the digest, so that one kind can never be read as another.
pub trait SecretKind {
    /// The name of the kind.
    const NAME: &'static str;
}

/// The kinds of secrets.
pub mod kind {
    use super::SecretKind;

    macro_rules! kinds {
        ($($(#[$doc:meta])* $kind:ident = $name:literal),+ $(,)?) => {
            $($(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $kind {}

            impl SecretKind for $kind {
                const NAME: &'static str = $name;
            })+
        };
    }

    kinds! {
        /// RFC 6749 §4.1.2.
        AuthorizationCode = "code",
        /// RFC 6749 §1.4, when it is opaque.
        AccessToken = "access_token",
        /// RFC 6749 §1.5.
        RefreshToken = "refresh_token",
        /// RFC 6749 §2.3.1.
        ClientSecret = "client_secret",
        /// The cookie of a signed-in browser.
        SessionToken = "session",
        /// RFC 7591 §3: what lets a client register itself where not everybody may.
        InitialAccess = "initial_access_token",
        /// RFC 7592 §3: what a client manages its registration by.
        RegistrationAccess = "registration_access_token",
        /// The handle of an authorization request that waits for sign-in or consent.
        Interaction = "interaction",
        /// RFC 8628 §3.2: what the device polls with.
        DeviceCode = "device_code",
        /// RFC 8628 §3.2: what the person types.
        UserCode = "user_code",
    }
}

/// A secret of one kind. Its text is shown only by [`Secret::expose`].
pub struct Secret<K>(String, PhantomData<fn() -> K>);

/// RFC 6749 §4.1.2.
pub type AuthorizationCode = Secret<kind::AuthorizationCode>;
/// RFC 6749 §1.4.
pub type AccessToken = Secret<kind::AccessToken>;
/// RFC 6749 §1.5.
pub type RefreshToken = Secret<kind::RefreshToken>;
/// RFC 6749 §2.3.1.
pub type ClientSecret = Secret<kind::ClientSecret>;
/// The cookie of a signed-in browser.
pub type SessionToken = Secret<kind::SessionToken>;
/// RFC 7591 §3.
pub type InitialAccessToken = Secret<kind::InitialAccess>;
/// RFC 7592 §3.
pub type RegistrationAccessToken = Secret<kind::RegistrationAccess>;
/// The handle of a waiting authorization request.
pub type InteractionHandle = Secret<kind::Interaction>;

/// The system gives no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no randomness")]
pub struct NoRandomness;

impl<K: SecretKind> Secret<K> {
    /// A new secret of 256 random bits: 43 characters of base64url.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes), PhantomData))
    }

    /// A secret that came from outside, of any length and content.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into(), PhantomData)
    }

    /// The text itself: for the wire alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(K::NAME.as_bytes());
        context.update(b":");
        context.update(self.0.as_bytes());
        Digest(crate::flow::hex_of(context.finish().as_ref()))
    }
}

impl<K> Clone for Secret<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<K: SecretKind> fmt::Debug for Secret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}([redacted])", K::NAME)
    }
}

/// The SHA-256 of a secret with its kind's name before it: 64 lower-case hex digits, as stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of an identifier of this kind (`jti`) that is made of `parts`: no two lists of parts have one.
    #[must_use]
    pub fn of(kind: &str, parts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [kind].iter().chain(parts) {
            context.update(format!("{}:", part.len()).as_bytes());
            context.update(part.as_bytes());
        }
        Self(crate::flow::hex_of(context.finish().as_ref()))
    }

    /// A digest as it stands in the store.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The digest as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two digests are the same, in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

/// A new random identifier of 128 bits, 22 characters of base64url: for ids that are no secrets.
///
/// # Errors
/// [`NoRandomness`].
pub fn random_id() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; 16];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// As [`random_id`], with twelve hex digits before it that say at which millisecond it was made: the names of rows that
/// are made one after the other stand together in an index, so that its pages are filled and written one by one.
///
/// # Errors
/// [`NoRandomness`].
pub fn ordered_id(made_us: i64) -> Result<String, NoRandomness> {
    Ok(format!("{:012x}{}", made_us.div_euclid(1000), random_id()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_and_its_digest_depends_on_its_kind() {
        let code = AuthorizationCode::from_text("abc");
        assert_eq!(format!("{code:?}"), "code([redacted])");
        assert!(
            !code
                .digest()
                .matches(&RefreshToken::from_text("abc").digest())
        );
        assert!(
            code.digest()
                .matches(&AuthorizationCode::from_text("abc").digest())
        );
        assert_eq!(AuthorizationCode::generate().unwrap().expose().len(), 43);
    }
}
