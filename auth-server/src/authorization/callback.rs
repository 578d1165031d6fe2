//! Callback: where answers may go (RFC 6749 §4.1.2, §4.1.2.1; `iss` by RFC 9207).
//!
//! A [`Callback`] exists only for a redirection URI that its client has registered, and only it can carry
//! an answer back: until then there is nothing but an error page. It is never stored: what comes back from
//! the store is trusted anew.

use shared::oauth::{ErrorBody, ErrorCode, RedirectUri, ResponseMode, ResponseType};

use crate::client::Client;

/// The way back to a client, trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    redirect_uri: String,
    /// The one that its client registered.
    registered: RedirectUri,
    mode: ResponseMode,
    state: Option<String>,
    issuer: String,
}

/// What a request says about its answer, as text that nobody has trusted yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// `redirect_uri`.
    pub(crate) redirect_uri: &'a str,
    /// `response_type`, which decides how they travel when nothing else does.
    pub(crate) response_type: Option<&'a str>,
    /// `response_mode`, which decides it where it can: errors travel as the answer would have.
    pub(crate) response_mode: Option<&'a str>,
    /// `state`: given back exactly.
    pub(crate) state: Option<&'a str>,
}

impl Callback {
    /// The way back to `client`, if the redirection URI that was asked for is one that it registered:
    /// character for character, but for the port of a loopback literal (RFC 8252 §7.3).
    pub(crate) fn trust(client: &Client, asked: Asked<'_>, issuer: &str) -> Option<Self> {
        let registered = client
            .redirect_uris
            .iter()
            .find(|uri| uri.matches(asked.redirect_uri))?;
        Some(Self {
            redirect_uri: asked.redirect_uri.to_owned(),
            registered: registered.clone(),
            mode: asked.mode(),
            state: asked.state.map(str::to_owned),
            issuer: issuer.to_owned(),
        })
    }

    /// The same way back with the response mode that the client chose.
    pub(crate) fn with_mode(mut self, mode: ResponseMode) -> Self {
        self.mode = mode;
        self
    }

    /// Its origin, or its scheme where it has none: what people are shown of it.
    pub(crate) fn origin(&self) -> String {
        // Of what was asked: its port may differ from the registered one.
        let asked = self.redirect_uri.parse::<RedirectUri>();
        asked.map_or_else(|_| self.registered.origin(), |uri| uri.origin())
    }

    /// The authorization response with these parameters, to which `state` and `iss` are added.
    pub(crate) fn answer(&self, parameters: &[(&str, &str)]) -> AuthorizationResponse {
        let state = self.state.as_deref().map(|state| ("state", state));
        let all = parameters.iter().copied();
        let all = all.chain(state).chain([("iss", self.issuer.as_str())]);
        let separator = match self.mode {
            ResponseMode::Fragment => '#',
            // §3.1.2: the query of the redirection URI is retained.
            ResponseMode::Query if self.redirect_uri.contains('?') => '&',
            ResponseMode::Query => '?',
            ResponseMode::FormPost => {
                return AuthorizationResponse::Form {
                    action: self.redirect_uri.clone(),
                    origin: self.origin(),
                    parameters: all
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect(),
                };
            }
        };
        let begin = format!("{}{separator}", self.redirect_uri);
        let length = begin.len();
        let location = url::form_urlencoded::Serializer::for_suffix(begin, length)
            .extend_pairs(all)
            .finish();
        AuthorizationResponse::Redirect(location)
    }

    /// An error response (§4.1.2.1).
    pub(crate) fn error(
        &self,
        code: ErrorCode,
        description: impl std::fmt::Display,
    ) -> AuthorizationResponse {
        let body = ErrorBody::new(code, description);
        let description = body.error_description.unwrap_or_default();
        self.answer(&[
            ("error", code.as_str()),
            ("error_description", &description),
        ])
    }
}

/// An authorization response, as the browser carries it to the client (RFC 6749 §4.1.2).
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum AuthorizationResponse {
    /// The URL that the browser goes to.
    Redirect(String),
    /// The form that the browser posts (OAuth 2.0 Form Post Response Mode §2).
    Form {
        /// Where to.
        action: String,
        /// Its origin: what people are shown of it.
        origin: String,
        /// What is in it.
        parameters: Vec<(String, String)>,
    },
}

#[cfg(test)]
impl AuthorizationResponse {
    /// Where a redirect leads.
    pub(crate) fn location(&self) -> &str {
        match self {
            Self::Redirect(location) => location,
            Self::Form { .. } => panic!("a form"),
        }
    }
}

impl Asked<'_> {
    /// The mode that was asked for, where it can be used with what was asked for. Else the default (OAuth 2.0
    /// Multiple Response Types §2.1, §5): a token must not stand in a query, so any response type with one in its
    /// name, known or not, answers in the fragment.
    fn mode(&self) -> ResponseMode {
        let asked = self.response_type.unwrap_or_default();
        let response_type = ResponseType::parse(asked);
        let has_token = asked.split(' ').any(|part| part.ends_with("token"));
        let allowed = |mode: &ResponseMode| match response_type {
            Some(known) => known.allows_mode(*mode),
            None => !has_token || *mode != ResponseMode::Query,
        };
        let default = match response_type {
            Some(known) => known.default_mode(),
            None if has_token => ResponseMode::Fragment,
            None => ResponseMode::Query,
        };
        self.response_mode
            .and_then(ResponseMode::parse)
            .filter(allowed)
            .unwrap_or(default)
    }
}
