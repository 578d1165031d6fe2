//! Response types and response modes: what the authorization endpoint is asked for, and how the answer travels
//! (RFC 6749 §3.1.1, OAuth 2.0 Multiple Response Type Encoding Practices, OAuth 2.0 Form Post Response Mode).
//!
//! May use serde. The order of the words of a response type does not matter (RFC 6749 §3.1.1); it is written in
//! the order of Multiple Response Types §5.

use serde::{Deserialize, Serialize};

use super::grant_type::{GrantType, closed_set, closed_words};

closed_words!(
    /// What the authorization endpoint is asked for (RFC 6749 §3.1.1, Multiple Response Types §3 and §5).
    ResponseType {
        /// A code (RFC 6749 §4.1.1).
        Code = "code",
        /// An access token (RFC 6749 §4.2.1): implicit, legacy.
        Token = "token",
        /// An ID token alone (OpenID Connect Core §3.2).
        IdToken = "id_token",
        /// An ID token and an access token: implicit, legacy (OpenID Connect Core §3.2).
        IdTokenToken = "id_token token",
        /// A code, and an ID token ahead of it (OpenID Connect Core §3.3).
        CodeIdToken = "code id_token",
        /// A code, and an access token ahead of it: legacy (OpenID Connect Core §3.3).
        CodeToken = "code token",
        /// All three: legacy (OpenID Connect Core §3.3).
        CodeIdTokenToken = "code id_token token",
    }
);

impl ResponseType {
    /// Reads it back: its words in any order, each once; `None` for text that is not in the set.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sorted = |text: &str| {
            let mut words: Vec<_> = text.split(' ').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let asked = sorted(text);
        let known = |one: &Self| sorted(one.as_str()) == asked;
        Self::ALL.iter().copied().find(known)
    }

    /// Whether `word` is one of its words.
    fn has(self, word: &str) -> bool {
        self.as_str().split(' ').any(|known| known == word)
    }

    /// Whether the answer carries a code.
    #[must_use]
    pub fn gives_code(self) -> bool {
        self.has("code")
    }

    /// Whether the answer itself carries an access token: RFC 9700 §2.1.2 advises against it.
    #[must_use]
    pub fn gives_token(self) -> bool {
        self.has("token")
    }

    /// Whether the answer itself carries an ID token.
    #[must_use]
    pub fn gives_id_token(self) -> bool {
        self.has("id_token")
    }

    /// Whether RFC 9700 §2.1.2 advises against it: an access token in the front channel.
    #[must_use]
    pub fn is_legacy(self) -> bool {
        self.gives_token()
    }

    /// The grants that a client must have registered to use it (OpenID Connect Dynamic Client Registration §2,
    /// `grant_types`).
    #[must_use]
    pub fn grant_types(self) -> &'static [GrantType] {
        match self {
            Self::Code => &[GrantType::AuthorizationCode],
            Self::Token | Self::IdToken | Self::IdTokenToken => &[GrantType::Implicit],
            Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken => {
                &[GrantType::AuthorizationCode, GrantType::Implicit]
            }
        }
    }

    /// How its answer travels unless the client says otherwise (Multiple Response Types §3 and §5).
    #[must_use]
    pub const fn default_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            _ => ResponseMode::Fragment,
        }
    }

    /// Whether its answer may travel so: no token in a query, which is sent to servers and kept in histories
    /// (Multiple Response Types §3 and §5: "query encoding MUST NOT be used").
    #[must_use]
    pub fn allows_mode(self, mode: ResponseMode) -> bool {
        self == Self::Code || mode != ResponseMode::Query
    }
}

closed_set!(
    /// How the authorization response travels (Multiple Response Types §2.1, Form Post Response Mode §2).
    ResponseMode {
        /// In the query of the redirection URI.
        Query = "query",
        /// In its fragment: it stays in the browser.
        Fragment = "fragment",
        /// In the body of a form that the browser posts to the redirection URI.
        FormPost = "form_post",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_response_type_have_no_order() {
        for (text, expected) in [
            ("code", ResponseType::Code),
            ("token id_token", ResponseType::IdTokenToken),
            ("id_token token", ResponseType::IdTokenToken),
            ("id_token code", ResponseType::CodeIdToken),
            ("token id_token code", ResponseType::CodeIdTokenToken),
        ] {
            assert_eq!(ResponseType::parse(text), Some(expected), "{text}");
        }
        for text in ["", "code code", "code  token", " code", "none", "Code"] {
            assert_eq!(ResponseType::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_given_follows_from_the_words_and_a_token_never_stands_in_a_query() {
        for one in ResponseType::ALL {
            let words: Vec<_> = one.as_str().split(' ').collect();
            assert_eq!(one.gives_code(), words.contains(&"code"));
            assert_eq!(one.gives_token(), words.contains(&"token"));
            assert_eq!(one.gives_id_token(), words.contains(&"id_token"));
            assert_eq!(
                one.allows_mode(ResponseMode::Query),
                *one == ResponseType::Code
            );
            assert!(one.allows_mode(ResponseMode::FormPost));
            assert!(one.allows_mode(one.default_mode()));
            assert_eq!(
                one.grant_types().contains(&GrantType::AuthorizationCode),
                one.gives_code()
            );
        }
    }
}
