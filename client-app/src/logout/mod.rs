//! Signing out as a client does it: it sends the browser to the provider's end session endpoint, and ends its own
//! session when the provider tells it to, server to server or in a frame of the browser
//! (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0).
//!
//! | file | what is in it |
//! |---|---|
//! | `endpoint` | the four addresses: HTTP in, HTTP out |
//! | `leave` | the browser is sent away to sign out, and comes back |
//! | `token` | verifying a logout token, check by check |
//! | `seen` | which logout tokens came already: each counts once |
//! | `page` | what the browser shows afterwards, and in the frame |
//!
//! A session of the print shop is a run that holds tokens: when it ends, they are dropped.

pub(crate) mod endpoint;
mod leave;
mod page;
mod seen;
mod token;

pub(crate) use seen::SeenTokens;

use shared::flow::ExchangeId;
use shared::time::Timestamp;

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

/// That a session was ended: when, by what, in which exchange.
#[derive(Clone, Debug)]
pub(crate) struct SignedOut {
    /// The `sid` of the session at the provider, where its ID token named one.
    pub(crate) sid: Option<String>,
    /// By what.
    pub(crate) way: Way,
    /// The exchange in which it was ended.
    pub(crate) exchange: ExchangeId,
    /// When, on the realm's clock.
    pub(crate) at: Timestamp,
}

/// Whose sessions are meant (OpenID Connect Back-Channel Logout 1.0 §2.7): those of a person, or one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    /// The client to which the sessions' ID tokens were issued.
    pub(crate) client_id: String,
    /// The person, as the client knows them.
    pub(crate) sub: Option<String>,
    /// The session at the provider.
    pub(crate) sid: Option<String>,
}

/// How many sessions of those that were meant there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Ended now.
    pub(crate) ended: usize,
    /// Ended before.
    pub(crate) before: usize,
}

impl Found {
    /// Whether there was any.
    pub(crate) const fn any(self) -> bool {
        self.ended > 0 || self.before > 0
    }
}
