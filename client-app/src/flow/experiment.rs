//! What a person can do wrong on purpose, to see the refusal for real.
//!
//! Nothing is played: the request that is sent really is wrong, and the server that says no is the real one.

use super::Grant;

/// One thing done wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Experiment {
    /// The client shows a secret that is not its own.
    WrongSecret,
    /// The session remembers another state than the one that comes back.
    WrongState,
    /// The verifier is not the one whose challenge was sent.
    WrongVerifier,
    /// The client waits with the code, until it has expired.
    HoldCode,
    /// The client asks for too little, and calls the photos with it.
    FewerScopes,
    /// The client asks for a scope that it may not have.
    ForbiddenScope,
    /// The device asks again sooner than it was told.
    Impatient,
    /// The client signs an assertion for somebody in whose name it may not ask.
    AnotherPerson,
    /// The client sends an assertion whose time has passed.
    OldAssertion,
    /// The person mistypes her password in the client's own form.
    WrongPassword,
}

impl Experiment {
    const ALL: [Self; 10] = [
        Self::WrongSecret,
        Self::WrongState,
        Self::WrongVerifier,
        Self::HoldCode,
        Self::FewerScopes,
        Self::ForbiddenScope,
        Self::Impatient,
        Self::AnotherPerson,
        Self::OldAssertion,
        Self::WrongPassword,
    ];

    /// Its name in forms and language keys.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::WrongSecret => "wrong-secret",
            Self::WrongState => "wrong-state",
            Self::WrongVerifier => "wrong-verifier",
            Self::HoldCode => "hold-code",
            Self::FewerScopes => "fewer-scopes",
            Self::ForbiddenScope => "forbidden-scope",
            Self::Impatient => "impatient",
            Self::AnotherPerson => "another-person",
            Self::OldAssertion => "old-assertion",
            Self::WrongPassword => "wrong-password",
        }
    }

    /// The experiment of this name.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.slug() == slug)
    }

    /// What can go wrong on purpose with `grant`.
    pub(crate) const fn of(grant: Grant) -> &'static [Self] {
        match grant {
            Grant::AuthorizationCode => &[
                Self::WrongState,
                Self::WrongVerifier,
                Self::WrongSecret,
                Self::HoldCode,
                Self::FewerScopes,
            ],
            Grant::ClientCredentials => &[Self::WrongSecret, Self::ForbiddenScope],
            Grant::Password => &[Self::WrongPassword, Self::WrongSecret, Self::FewerScopes],
            Grant::Device => &[Self::Impatient],
            Grant::JwtBearer => &[Self::AnotherPerson, Self::OldAssertion],
            Grant::RefreshToken | Grant::Implicit => &[],
        }
    }
}
