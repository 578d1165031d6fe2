//! The authorization request, from text to decision (RFC 6749 §4.1.1, §4.2.1; `OpenID` Connect Core §3.1.2).
//!
//! | file | what is in it |
//! |---|---|
//! | [`decode`] | from bytes to names and values |
//! | [`parse`] | the checks, in order, in one list: from text to an [`AuthorizationRequest`] |
//! | [`response`], [`scope`], [`pkce`], [`wishes`] | the checks themselves, by what they are about |
//! | [`callback`] | [`Callback`]: where answers may go, once that can be trusted |
//! | [`delivery`] | how the request came: in the address bar, pushed, signed |
//! | [`resource`] | which APIs tokens are to be meant for |
//! | [`request_object`] | the request as a JWT that its client signed |
//! | [`decision`] | sign in, ask for consent, issue, or refuse |
//! | [`interaction`] | what waits in the store while a person answers |
//! | [`error`] | page or redirect, as a type |
//!
//! Knows nothing of HTTP and nothing of the database: text and rows come in, answers go out.

pub(crate) mod callback;
pub(crate) mod decision;
pub(crate) mod decode;
pub(crate) mod delivery;
mod dpop_jkt;
pub(crate) mod error;
pub(crate) mod interaction;
pub(crate) mod parse;
mod pkce;
pub(crate) mod request_object;
mod resource;
mod response;
mod scope;
mod wishes;

pub(crate) use callback::{AuthorizationResponse, Callback};
pub(crate) use decision::{Allowed, Circumstances, Decision, OWN_API, Ownership, SignedIn, decide};
pub(crate) use decode::{Decoded, decode};
pub(crate) use error::{AuthorizeError, PageError, Refusal};
pub(crate) use interaction::Interaction;
pub(crate) use parse::{Parsed, known_client, parse, way_back};
pub(crate) use resource::resources;
pub(crate) use response::ensure_still_held;
pub(crate) use scope::scope;
pub(crate) use wishes::{Display, Wishes, hint};

use serde::{Deserialize, Serialize};
use shared::dpop::Thumbprint;
use shared::oauth::{ClientId, CodeChallenge, Prompt, ResponseMode, ResponseType, Scope};
use shared::time::Lifetime;

use crate::client::Client;

/// The scope token that asks for an ID token (OpenID Connect Core §3.1.2.1).
pub(crate) const OPENID: &str = "openid";
/// The scope token that asks for a refresh token (OpenID Connect Core §11).
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// An authorization request that passed every check. It can be stored and read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthorizationRequest {
    /// Who asks.
    pub(crate) client_id: ClientId,
    /// Where the answer goes, exactly as it was asked: trusted anew by [`AuthorizationRequest::callback`].
    pub(crate) redirect_uri: String,
    /// What the answer carries.
    pub(crate) response_type: ResponseType,
    /// How the answer travels.
    pub(crate) response_mode: ResponseMode,
    /// What is asked for.
    pub(crate) scope: Scope,
    /// Given back exactly.
    pub(crate) state: Option<String>,
    /// Goes into the ID token.
    pub(crate) nonce: Option<String>,
    /// S256 challenge of the client's verifier.
    pub(crate) code_challenge: Option<CodeChallenge>,
    /// The key with which the code must be redeemed (RFC 9449 §10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dpop_jkt: Option<Thumbprint>,
    /// Which APIs the tokens are to be meant for (RFC 8707 §2); none: the realm's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    /// What the client wants shown.
    pub(crate) prompt: Vec<Prompt>,
    /// How long ago the person may have signed in at most.
    pub(crate) max_age: Option<Lifetime>,
    /// Whom the client expects: prefills the sign-in page.
    pub(crate) login_hint: Option<String>,
    /// What the client wishes besides.
    #[serde(default)]
    pub(crate) wishes: Wishes,
}

impl AuthorizationRequest {
    /// Whether `prompt` names `value`.
    pub(crate) fn wants(&self, value: Prompt) -> bool {
        self.prompt.contains(&value)
    }

    /// Whether it may ask somebody who is signed in to do so again.
    pub(crate) fn may_ask_again(&self) -> bool {
        self.wants(Prompt::Login) || (!self.wants(Prompt::SelectAccount) && self.max_age.is_some())
    }

    /// Everything that the person is asked to agree to: the scope, and what covers the claims that `client` asks for
    /// by name.
    pub(crate) fn permissions(&self, client: &Client) -> Scope {
        self.scope.union(&self.wishes.permissions(client))
    }

    /// Whether it asks for an access token in the front channel: kept to learn from (RFC 9700 §2.1.2).
    pub(crate) fn is_legacy(&self) -> bool {
        self.response_type.is_legacy()
    }

    /// The way back, if the client still has this redirection URI registered.
    pub(crate) fn callback(&self, client: &Client, issuer: &str) -> Option<Callback> {
        let asked = callback::Asked {
            redirect_uri: &self.redirect_uri,
            response_type: Some(self.response_type.as_str()),
            response_mode: Some(self.response_mode.as_str()),
            state: self.state.as_deref(),
        };
        Callback::trust(client, asked, issuer)
    }
}
