//! The addresses that the browser loads when a session ends, so that each client can end its own
//! (OpenID Connect Front-Channel Logout 1.0 §3).

use url::Url;

use super::Ended;
use crate::client::Client;
use crate::issue::subject;
use crate::realms::Realm;

/// What one client wants loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogoutFrame {
    /// The client's name.
    pub(crate) name: String,
    /// The address, with `iss` and `sid` where the client asked for them.
    pub(crate) src: String,
    /// Its origin: the only one that the page may load it from.
    pub(crate) origin: String,
}

/// The frame of `client`, if it registered an address that a browser can load.
pub(crate) fn frame_of(client: &Client, realm: &Realm, ended: &Ended) -> Option<LogoutFrame> {
    let metadata = &client.metadata;
    let uri = metadata.frontchannel_logout_uri.as_deref()?;
    let mut url = Url::parse(uri).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    if metadata.frontchannel_logout_session_required {
        url.query_pairs_mut()
            .append_pair("iss", &realm.issuer)
            .append_pair("sid", &subject::session_seen_by(client, realm, &ended.sid));
    }
    Some(LogoutFrame {
        name: client.name.clone(),
        origin: url.origin().ascii_serialization(),
        src: url.into(),
    })
}
