//! People: who they are, and how they prove it (the resource owners of RFC 6749 §1.1).
//!
//! May use the store and the password hasher; knows no HTTP.

mod authentication;
mod line;

pub(crate) use authentication::{
    DEVICE_KNOWN, Place, SignInError, known_browser, known_device, sign_in,
};
pub(crate) use line::Lines;

use serde::{Deserialize, Serialize};
use shared::oauth::Subject;

use crate::store::people::PersonRow;
use crate::store::{StoreError, Stored};

/// How somebody proved who they are when a login session began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SessionDetails {
    /// By which means, and so how strongly.
    pub(crate) means: Means,
    /// With which browser: its `User-Agent`, cut.
    pub(crate) user_agent: String,
}

/// By which means somebody proved who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Means {
    /// With a password, the only one that this server knows.
    #[default]
    Password,
}

impl Means {
    /// All of them.
    pub(crate) const ALL: [Self; 1] = [Self::Password];

    /// How strong that is: the value of `acr` (`OpenID` Connect Core §2). It says what was done and nothing more.
    pub(crate) const fn acr(self) -> &'static str {
        match self {
            Self::Password => "urn:grantscope:acr:password",
        }
    }

    /// The value of `amr` (RFC 8176 §2).
    pub(crate) const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
        }
    }
}

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The subject identifier.
    pub(crate) subject: Subject,
    /// What they type to sign in.
    pub(crate) username: String,
    /// What pages call them: the claim `name`, else the user name.
    pub(crate) name: String,
}

impl Person {
    /// What a row means.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for what this program cannot have written.
    pub(crate) fn from_row(row: &PersonRow) -> Stored<Self> {
        let claims: serde_json::Value = serde_json::from_str(&row.claims)
            .map_err(|error| StoreError::corrupt("people.claims", error))?;
        let name = claims.get("name").and_then(serde_json::Value::as_str);
        let subject = row.sub.parse();
        Ok(Self {
            subject: subject.map_err(|error| StoreError::corrupt("people.sub", error))?,
            username: row.username.clone(),
            name: name.unwrap_or(&row.username).to_owned(),
        })
    }
}
