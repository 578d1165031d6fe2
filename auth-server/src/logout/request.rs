//! The checks of a logout request, in order (RP-Initiated Logout 1.0 §2 to §4).
//!
//! Every fault is a page, never a redirect, and leaves the session alone: what failed to be proven is not used.

use std::sync::Arc;

use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{Params, ParamsError};
use shared::observe::Observation;
use shared::page::Language;

use super::{Destination, Hint, hint};
use crate::authorization::{AuthorizeError, PageError};
use crate::client::Client;
use crate::realms::Realm;
use crate::state::AppState;

/// The checks, in order. The last two are the endpoint's: whose session it is, and whether the person agreed.
pub(crate) const CHECKS: [&CheckDef; 11] = [
    &check::REQUEST_ENCODING,
    &check::REQUEST_NO_REPEATS,
    &check::LOGOUT_HINT_READABLE,
    &check::LOGOUT_HINT_KEY,
    &check::LOGOUT_HINT_SIGNATURE,
    &check::LOGOUT_HINT_ISSUER,
    &check::LOGOUT_HINT_CLIENT,
    &check::CLIENT_KNOWN,
    &check::LOGOUT_REDIRECT_URI,
    &check::LOGOUT_SESSION,
    &check::LOGOUT_CONFIRMED,
];

/// What of the request our own form repeats.
const REPEATED: [&str; 6] = [
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

/// A logout request that passed.
#[derive(Debug)]
pub(crate) struct LogoutRequest {
    params: Params,
    /// What `id_token_hint` proves.
    pub(crate) hint: Option<Hint>,
    /// Who asks, by the hint or by `client_id`.
    pub(crate) client: Option<Arc<Client>>,
    /// Where the browser goes afterwards.
    pub(crate) destination: Option<Destination>,
}

impl LogoutRequest {
    /// Reads a request from a query or a form body.
    ///
    /// # Errors
    /// [`AuthorizeError::Page`] for the first check that fails, [`AuthorizeError::Store`].
    pub(crate) async fn read(
        text: &[u8],
        state: &AppState,
        realm: &Realm,
        observation: &Observation,
    ) -> Result<Self, AuthorizeError> {
        observation.plan(&CHECKS);
        let params = decode(text, observation)?;
        let hint = match params.get("id_token_hint") {
            Some(token) => Some(hint::verify(token, &state.store, realm, observation).await?),
            None => None,
        };
        let client = client(&params, hint.as_ref(), (state, realm), observation).await?;
        let destination = destination(&params, client.as_deref(), observation)?;
        Ok(Self {
            params,
            hint,
            client,
            destination,
        })
    }

    /// Whom the client expects to sign out (`logout_hint`).
    pub(crate) fn logout_hint(&self) -> Option<&str> {
        self.params.get("logout_hint")
    }

    /// Whether an address to go on to was sent by nobody who is known: the browser stays here.
    pub(crate) fn is_from_nobody(&self) -> bool {
        self.client.is_none() && self.params.get("post_logout_redirect_uri").is_some()
    }

    /// The language that the client wants shown (`ui_locales`), as far as pages speak it.
    pub(crate) fn language(&self) -> Option<Language> {
        self.params.get("ui_locales").and_then(Language::first_of)
    }

    /// The parameters as our own form repeats them.
    pub(crate) fn repeated(&self) -> Vec<(String, String)> {
        let known = |name: &str| REPEATED.contains(&name);
        let pairs = self.params.iter().filter(|(name, _)| known(name));
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

fn decode(text: &[u8], observation: &Observation) -> Result<Params, PageError> {
    let params = Params::parse(text);
    let once = "each parameter once";
    let (encoded, repeated) = match &params {
        Ok(_) => (true, None),
        Err(ParamsError::Repeated(name)) => (true, Some(name)),
        Err(_) => (false, None),
    };
    let form = "form-encoded UTF-8";
    let got = match &params {
        Err(error) if !encoded => error.to_string(),
        _ => form.to_owned(),
    };
    observation
        .require(&check::REQUEST_ENCODING, encoded, form, got)
        .or(PageError::Malformed)?;
    let got = repeated.map_or(once.to_owned(), |name| format!("{name} more than once"));
    observation
        .require(&check::REQUEST_NO_REPEATS, repeated.is_none(), once, got)
        .or(PageError::Repeated)?;
    params.map_err(|_| PageError::Malformed)
}

/// Who asks: the hint's client, which `client_id` must name too where it is sent (§2); else `client_id`.
async fn client(
    params: &Params,
    hint: Option<&Hint>,
    (state, realm): (&AppState, &Realm),
    observation: &Observation,
) -> Result<Option<Arc<Client>>, AuthorizeError> {
    let named = params.get("client_id");
    if let Some(hint) = hint {
        let got = named.unwrap_or("no client_id");
        let same = named.is_none_or(|named| named == hint.client_id);
        observation
            .require(&check::LOGOUT_HINT_CLIENT, same, &hint.client_id, got)
            .or(PageError::LogoutClient)?;
    }
    let id = named.or(hint.map(|hint| hint.client_id.as_str()));
    let Some(id) = id else { return Ok(None) };
    observation.note("client_id", id);
    let client = state.client(realm, id).await?;
    let client = observation
        .require_some(&check::CLIENT_KNOWN, client, "a client of this realm", id)
        .ok_or(PageError::ClientUnknown)?;
    Ok(Some(client))
}

/// Where the browser goes afterwards. Without a client there is nobody to have registered it: it goes nowhere.
fn destination(
    params: &Params,
    client: Option<&Client>,
    observation: &Observation,
) -> Result<Option<Destination>, PageError> {
    let asked = params.get("post_logout_redirect_uri");
    let (Some(asked), Some(client)) = (asked, client) else {
        return Ok(None);
    };
    let destination = Destination::trust(client, asked, params.get("state"));
    let registered = client.post_logout_redirect_uris.join(" or ");
    let expected = if registered.is_empty() {
        "none is registered".to_owned()
    } else {
        registered
    };
    observation
        .require_some(&check::LOGOUT_REDIRECT_URI, destination, expected, asked)
        .ok_or(PageError::LogoutRedirect)
        .map(Some)
}
