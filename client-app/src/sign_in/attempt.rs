//! Attempt: a sign-in whose browser is away at the provider.
//!
//! Knows neither HTTP nor actix. At most [`MAX_ATTEMPTS`] in memory, each for [`LIFETIME`]; an attempt belongs to the
//! browser that began it and is found by its `state`, once (RFC 6749 §10.12), together with the issuer that it was
//! begun with (RFC 9207 §2.4).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shared::oauth::{Digest, SessionToken};
use shared::realm::RealmName;

use super::discovery::Discovered;
use super::provider::Provider;

/// The most attempts that are remembered; the oldest gives way.
const MAX_ATTEMPTS: usize = 500;
/// How long one is remembered.
const LIFETIME: Duration = Duration::from_mins(10);

/// What the provider is asked to answer with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Response {
    /// A code, in the query: the recommended way.
    #[default]
    Code,
    /// A code and an ID token, in a form that the browser posts: hybrid (OpenID Connect Core §3.3).
    CodeIdToken,
    /// An ID token alone, in a form that the browser posts (OpenID Connect Core §3.2).
    IdToken,
}

impl Response {
    /// All of them, the recommended first.
    pub(crate) const ALL: [Self; 3] = [Self::Code, Self::CodeIdToken, Self::IdToken];

    /// `response_type`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeIdToken => "code id_token",
            Self::IdToken => "id_token",
        }
    }

    /// What forms and language files call it.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeIdToken => "code-id-token",
            Self::IdToken => "id-token",
        }
    }

    /// Whether an ID token comes through the browser.
    pub(crate) const fn has_front_id_token(self) -> bool {
        matches!(self, Self::CodeIdToken | Self::IdToken)
    }

    /// Whether a code comes.
    pub(crate) const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken)
    }
}

/// How insistently the person is asked (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ask {
    /// As the provider sees fit.
    #[default]
    AsNeeded,
    /// `prompt=login`: the password again.
    Again,
    /// `prompt=none`: nothing is shown.
    Silently,
    /// `max_age`: the password again unless it was typed within a minute.
    Recently,
}

impl Ask {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::AsNeeded, Self::Again, Self::Silently, Self::Recently];

    /// What forms and language files call it.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::AsNeeded => "as-needed",
            Self::Again => "again",
            Self::Silently => "silently",
            Self::Recently => "recently",
        }
    }

    /// `max_age` in seconds, where it is sent.
    pub(crate) const fn max_age(self) -> Option<u32> {
        match self {
            Self::Recently => Some(60),
            _ => None,
        }
    }
}

/// A sign-in that was begun.
#[derive(Clone)]
pub(crate) struct Attempt {
    /// Whose browser it is.
    pub(crate) owner: Digest,
    /// In which realm.
    pub(crate) realm: RealmName,
    /// With whom.
    pub(crate) provider: Provider,
    /// What the provider said of itself then.
    pub(crate) discovered: Discovered,
    /// The state that the answer must carry.
    pub(crate) state: String,
    /// The nonce that every ID token must carry.
    pub(crate) nonce: String,
    /// The PKCE verifier.
    pub(crate) verifier: String,
    /// What was asked for.
    pub(crate) response: Response,
    /// How insistently.
    pub(crate) ask: Ask,
    /// Who was signed in with this provider, where nothing was to be shown: nobody else may come back.
    pub(crate) expected_sub: Option<String>,
}

/// The attempts of all browsers.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<VecDeque<(Instant, Attempt)>>);

impl std::fmt::Debug for Attempts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attempts({})", self.lock().len())
    }
}

impl Attempts {
    /// Remembers an attempt.
    pub(crate) fn insert(&self, attempt: Attempt) {
        let mut kept = self.lock();
        forget_old(&mut kept);
        while kept.len() >= MAX_ATTEMPTS {
            kept.pop_front();
        }
        kept.push_back((Instant::now(), attempt));
    }

    /// The attempt of this browser that waits for `state`: once, and never again.
    pub(crate) fn take(&self, owner: &Digest, realm: &RealmName, state: &str) -> Option<Attempt> {
        let mut kept = self.lock();
        forget_old(&mut kept);
        let given = SessionToken::from_text(state).digest();
        let place = kept.iter().position(|(_, attempt)| {
            let sent = SessionToken::from_text(attempt.state.as_str()).digest();
            attempt.owner.matches(owner) && attempt.realm == *realm && sent.matches(&given)
        })?;
        kept.remove(place).map(|(_, attempt)| attempt)
    }

    /// Whether this browser has begun a sign-in: a session that we did not start has none.
    pub(crate) fn knows(&self, owner: &Digest, realm: &RealmName) -> bool {
        let kept = self.lock();
        kept.iter()
            .any(|(_, attempt)| attempt.owner.matches(owner) && attempt.realm == *realm)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Instant, Attempt)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_old(kept: &mut VecDeque<(Instant, Attempt)>) {
    while kept
        .front()
        .is_some_and(|(begun, _)| begun.elapsed() >= LIFETIME)
    {
        kept.pop_front();
    }
}
