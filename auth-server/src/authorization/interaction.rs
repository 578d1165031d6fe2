//! What waits in the store while a person signs in or decides (RFC 6749 §4.1 steps A and B).
//!
//! The browser carries a random handle, the store its digest; a row belongs to the browser that began it.

use serde::{Deserialize, Serialize};
use shared::oauth::SessionId;
use shared::store::StoreError;

use super::AuthorizationRequest;

/// A request that waits for its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Interaction {
    /// The request, checked.
    pub(crate) request: AuthorizationRequest,
    /// The login session that was begun for it, so that `prompt=login` asks once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) begun_session: Option<SessionId>,
    /// The digest of the pushed request that it came from: answered once, in however many windows it waits
    /// (RFC 9126 §4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pushed: Option<String>,
    /// The login session that the person chose for it, so that `prompt=select_account` asks once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chosen_session: Option<SessionId>,
}

impl Interaction {
    /// A request that nobody has signed in for yet.
    pub(crate) const fn new(request: AuthorizationRequest) -> Self {
        Self {
            request,
            begun_session: None,
            pushed: None,
            chosen_session: None,
        }
    }

    /// As it is stored.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], which cannot happen: every member is text.
    pub(crate) fn to_json(&self) -> Result<String, StoreError> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::corrupt("interactions.request", error))
    }

    /// As it was stored.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for what this program cannot have written.
    pub(crate) fn from_json(json: &str) -> Result<Self, StoreError> {
        serde_json::from_str(json)
            .map_err(|error| StoreError::corrupt("interactions.request", error))
    }
}
