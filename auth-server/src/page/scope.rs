//! Scope tokens in words.

use shared::page::{Frame, key_of};

/// A permission as people read it.
#[derive(Clone, Debug)]
pub(crate) struct ScopeWords {
    /// The scope token (RFC 6749 §3.3).
    pub(crate) token: String,
    /// A title in words; for a token that no language file knows, a sentence that says so.
    pub(crate) title: String,
    /// A sentence that says more; may be empty.
    pub(crate) hint: String,
}

impl ScopeWords {
    /// The words for `token` in the reader's language.
    pub(crate) fn of(frame: &Frame, token: &str) -> Self {
        let key = key_of("scope", token);
        Self {
            token: token.to_owned(),
            title: frame
                .find(&key)
                .unwrap_or_else(|| frame.t("consent-unknown-scope")),
            hint: frame.find(format!("{key}-hint")).unwrap_or_default(),
        }
    }
}
