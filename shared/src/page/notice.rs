//! A message at the top of a page, and how it is meant.
//!
//! Needs nothing; [`super::Frame`] carries it, `templates/layout.html` shows it.

/// How a message is meant; decides the colour, the sign and the word in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Worth knowing.
    Info,
    /// It worked.
    Success,
    /// Take care.
    Warn,
    /// It did not work.
    Error,
}

impl Tone {
    /// `info`, `success`, `warn` or `error`, for the class `alert-…` and the key `tone-…`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// A message at the top of a page.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// A sentence in the reader's language.
    pub text: String,
}
