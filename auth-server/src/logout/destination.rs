//! Destination: where a browser may go after signing out (RP-Initiated Logout 1.0 §3).
//!
//! A [`Destination`] exists only for an address that a known client has registered, character for character,
//! and only it leads away from this server: until then there is nothing but a page.

use crate::client::Client;

/// An address to go on to, trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    url: String,
}

impl Destination {
    /// The address that was asked for with its `state` (given back exactly), if `client` has registered it.
    pub(crate) fn trust(client: &Client, asked: &str, state: Option<&str>) -> Option<Self> {
        let registered = &client.post_logout_redirect_uris;
        if !registered.iter().any(|uri| uri == asked) {
            return None;
        }
        let mut url = asked.to_owned();
        if let Some(state) = state {
            let mut encoded = url::form_urlencoded::Serializer::new(String::new());
            encoded.append_pair("state", state);
            // The query that was registered is kept.
            url.push(if asked.contains('?') { '&' } else { '?' });
            url.push_str(&encoded.finish());
        }
        Some(Self { url })
    }

    /// The address, with `state`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}
