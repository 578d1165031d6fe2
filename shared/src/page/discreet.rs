//! A frame that repeats no secret of the address by which its page was asked for: for error pages.

use url::form_urlencoded;

use super::Frame;
use crate::flow::redaction::Redaction;

impl Frame {
    /// The same, without what may be a secret in the address that the page was asked for by: an error page repeats
    /// none of it in its links.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        let strict = Redaction::strict();
        let (path, query) = self
            .return_to
            .split_once('?')
            .unwrap_or((self.return_to.as_str(), ""));
        if strict.path(path) != path {
            self.return_to = self.link("/");
            return self;
        }
        let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, value)| {
            strict.name(name) == *name && strict.value(name, value) == *value
        });
        let kept = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .finish();
        self.return_to = if kept.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{kept}")
        };
        self
    }
}
