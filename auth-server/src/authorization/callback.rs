//! Callback: where answers may go (RFC 6749 §4.1.2, §4.1.2.1; `iss` by RFC 9207).
//!
//! A [`Callback`] exists only for a redirection URI that its client has registered, and only it can carry
//! an answer back: until then there is nothing but an error page. It is never stored: what comes back from
//! the store is trusted anew.

use shared::oauth::{ErrorBody, ErrorCode, ResponseMode};

use crate::client::Client;

/// The way back to a client, trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    redirect_uri: String,
    origin: String,
    mode: ResponseMode,
    state: Option<String>,
    issuer: String,
}

/// What a request says about its answer, as text that nobody has trusted yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// `redirect_uri`.
    pub(crate) redirect_uri: &'a str,
    /// `response_type`, which decides where parameters go when nothing else does.
    pub(crate) response_type: Option<&'a str>,
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
            // The origin of what was asked: its port may differ from the registered one.
            origin: asked
                .redirect_uri
                .parse::<shared::oauth::RedirectUri>()
                .map_or_else(|_| registered.origin(), |uri| uri.origin()),
            mode: default_mode(asked.response_type.unwrap_or_default()),
            state: asked.state.map(str::to_owned),
            issuer: issuer.to_owned(),
        })
    }

    /// The same way back with the response mode that the client chose.
    pub(crate) fn with_mode(mut self, mode: ResponseMode) -> Self {
        self.mode = mode;
        self
    }

    /// Its origin, or its scheme where it has none: for `form-action` and for the consent page.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The URL of an answer with these parameters, to which `state` and `iss` are added.
    pub(crate) fn answer(&self, parameters: &[(&str, &str)]) -> String {
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        encoded.extend_pairs(parameters);
        if let Some(state) = &self.state {
            encoded.append_pair("state", state);
        }
        encoded.append_pair("iss", &self.issuer);
        let separator = match self.mode {
            ResponseMode::Fragment => '#',
            // §3.1.2: the query of the redirection URI is retained.
            ResponseMode::Query if self.redirect_uri.contains('?') => '&',
            ResponseMode::Query => '?',
        };
        format!("{}{separator}{}", self.redirect_uri, encoded.finish())
    }

    /// The URL of an error response (§4.1.2.1).
    pub(crate) fn error(&self, code: ErrorCode, description: impl std::fmt::Display) -> String {
        let body = ErrorBody::new(code, description);
        let description = body.error_description.unwrap_or_default();
        self.answer(&[
            ("error", code.as_str()),
            ("error_description", &description),
        ])
    }
}

/// Where parameters go unless the client says otherwise (OAuth 2.0 Multiple Response Types §2.1, §5): a token
/// must not stand in a query, so any response type with one in its name answers in the fragment.
pub(crate) fn default_mode(response_type: &str) -> ResponseMode {
    if response_type.split(' ').any(|part| part.ends_with("token")) {
        ResponseMode::Fragment
    } else {
        ResponseMode::Query
    }
}
