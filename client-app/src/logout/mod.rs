//! Signing out as a client does it: it sends the browser to the provider's end session endpoint, and ends its own
//! sessions when the provider tells it to, server to server or in a frame of the browser
//! (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0).
//!
//! | file | what is in it |
//! |---|---|
//! | `endpoint` | the browser's addresses: HTTP in, HTTP out |
//! | `told` | the address that the provider's server calls |
//! | `leave` | the browser is sent away to sign out, and comes back |
//! | `departures` | who is away, and what ended of late |
//! | `token` | verifying a logout token, check by check |
//! | `seen` | which logout tokens came already: each counts once |
//! | `page` | what the browser shows afterwards, and in the frame |
//!
//! A session of the print shop is who is signed in with a browser, or a run that holds tokens: when it ends, its
//! tokens are dropped.

mod departures;
pub(crate) mod endpoint;
mod leave;
mod page;
mod seen;
mod token;
pub(crate) mod told;

pub(crate) use departures::Departures;
pub(crate) use seen::SeenTokens;

use shared::flow::ExchangeId;

use crate::flow::Step;
use crate::sign_in::Ending;

/// By what a session here was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A logout token came, server to server.
    BackChannel,
    /// The browser loaded our address in a frame of the provider's page.
    FrontChannel,
    /// The browser came back from the provider, and neither had come before.
    Return,
}

impl Way {
    /// The name in language keys.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BackChannel => "back-channel",
            Self::FrontChannel => "front-channel",
            Self::Return => "return",
        }
    }
}

/// That the session of a run was ended: by what, in which exchange.
#[derive(Clone, Debug)]
pub(crate) struct SignedOut {
    /// By what.
    pub(crate) way: Way,
    /// The exchange in which it was ended.
    pub(crate) exchange: ExchangeId,
}

/// Whose sessions are meant (OpenID Connect Back-Channel Logout 1.0 §2.7): those of a person, or one of them. Where
/// neither is named, none is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meant {
    /// The client to which the sessions' ID tokens were issued.
    pub(crate) client_id: String,
    /// The person, as the client knows them.
    pub(crate) sub: Option<String>,
    /// The session at the provider.
    pub(crate) sid: Option<String>,
}

impl Meant {
    /// Whether a session of this person, by this name, is meant.
    pub(crate) fn includes(&self, client_id: &str, sub: &str, sid: Option<&str>) -> bool {
        self.client_id == client_id
            && (self.sub.is_some() || self.sid.is_some())
            && self.sub.as_deref().is_none_or(|meant| meant == sub)
            && self.sid.as_deref().is_none_or(|meant| Some(meant) == sid)
    }
}

/// Ends the sessions that are meant, and remembers by what; how many there were.
fn end(step: &Step<'_>, meant: &Meant, way: Way) -> usize {
    let exchange = step.exchange();
    let left = SignedOut {
        way,
        exchange: exchange.clone(),
    };
    let mut sids = step.state.runs.sign_out(step.realm, meant, &left);
    if step.state.sign_in.client.client_id == meant.client_id {
        let issuer = step.issuer();
        let ending = Ending {
            issuer: &issuer,
            sub: meant.sub.as_deref(),
            sid: meant.sid.as_deref(),
        };
        let ended = step.state.accounts.end(step.realm, ending);
        sids.extend(ended.into_iter().map(|account| account.sid));
    }
    for sid in sids.iter().flatten() {
        let session = (meant.client_id.as_str(), sid.as_str());
        let departures = &step.state.departures;
        departures.ended(step.realm, session, (way, &exchange));
    }
    sids.len()
}
