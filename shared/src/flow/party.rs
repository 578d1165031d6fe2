//! Party and channel: who speaks to whom, and whether it passes through the browser.
//!
//! May use nothing but serde. The parties are the roles of RFC 6749 §1.1; the channels are the
//! front channel (through the user agent, §1.2 note) and the back channel (server to server).

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of those who speak in a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The user agent of the resource owner.
    Browser,
    /// Our client app.
    ClientApp,
    /// The authorization server.
    AuthServer,
    /// The resource server.
    ResourceServer,
    /// Anyone else, by the product of its `User-Agent` (`curl`, `python-requests`); at most 40 characters.
    Stranger(String),
}

impl Party {
    /// The stable name: `browser`, `client-app`, `auth-server`, `resource-server` or `stranger:curl`.
    #[must_use]
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// The language file's key suffix for this party: `browser`, …, `stranger`.
    #[must_use]
    pub const fn role(&self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::ClientApp => "client-app",
            Self::AuthServer => "auth-server",
            Self::ResourceServer => "resource-server",
            Self::Stranger(_) => "stranger",
        }
    }

    /// Reads the stable name back; `None` for text that is no party.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "browser" => Self::Browser,
            "client-app" => Self::ClientApp,
            "auth-server" => Self::AuthServer,
            "resource-server" => Self::ResourceServer,
            _ => Self::Stranger(name.strip_prefix("stranger:")?.to_owned()),
        })
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger(product) => write!(f, "stranger:{product}"),
            party => f.write_str(party.role()),
        }
    }
}

impl Serialize for Party {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name)
            .ok_or_else(|| serde::de::Error::custom(format_args!("no party is named {name:?}")))
    }
}

/// How a request travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Through the browser: its user, its history and its scripts can see it.
    Front,
    /// Server to server: the browser never sees it.
    Back,
}
