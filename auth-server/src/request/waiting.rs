//! The request that waits behind a handle (`/login?interaction=…`): it must belong to this browser, its client
//! must still be registered with its redirection URI and response type, and it is answered once.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use shared::flow::catalog as check;
use shared::oauth::InteractionHandle;
use shared::observe::Observation;
use shared::serve::caller_network;
use shared::store::StoreError;
use shared::time::Lifetime;

use super::device::DeviceId;
use super::keeping::{Keeper, Keeping, full};
use super::visit::Visit;
use crate::authorization::{
    AuthorizeError, Callback, Interaction, PageError, Parsed, Refusal, ensure_still_held,
};
use crate::client::Client;
use crate::store::interactions::{self, InteractionRow};
use crate::store::limits::Room;
use crate::store::{DbConnection, Stored};

/// How long a request waits for its person.
const PATIENCE: Lifetime = Lifetime::from_minutes(30);

/// An authorization request on its way to an answer: just read, or waiting in the store.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The request, and the session that was begun for it.
    pub(crate) interaction: Interaction,
    /// Who asks.
    pub(crate) client: Arc<Client>,
    /// The way back.
    pub(crate) callback: Callback,
    /// Its handle, once it is stored.
    pub(crate) handle: Option<InteractionHandle>,
}

impl Waiting {
    /// A request that was just read; `pushed` is the digest of the pushed request that it came from.
    pub(crate) fn new(parsed: Parsed, pushed: Option<String>) -> Self {
        Self {
            interaction: Interaction {
                pushed,
                ..Interaction::new(parsed.request)
            },
            client: parsed.client,
            callback: parsed.callback,
            handle: None,
        }
    }

    /// The request that waits in this browser under `handle`.
    ///
    /// # Errors
    /// [`PageError::InteractionGone`] when there is none, or it is another browser's; by way of the client where that
    /// may not ask for it any more.
    pub(crate) async fn find(visit: &Visit, handle: &str) -> Result<Self, AuthorizeError> {
        Self::find_observed(visit, handle, &visit.observation).await
    }

    /// The same for a page that another check has decided already: nothing is recorded.
    pub(crate) async fn find_quietly(visit: &Visit, handle: &str) -> Option<Self> {
        let nowhere = Observation::nowhere();
        Self::find_observed(visit, handle, &nowhere).await.ok()
    }

    async fn find_observed(
        visit: &Visit,
        handle: &str,
        observation: &Observation,
    ) -> Result<Self, AuthorizeError> {
        let handle = InteractionHandle::from_text(handle);
        let (realm, digest, now) = (visit.realm_name(), handle.digest(), visit.now());
        let row = visit
            .state
            .store
            .look_up(move |tx| interactions::find_live(tx, &realm, digest.as_str(), now))
            .await?;
        let browser = visit.browser_digest();
        let of_this_browser = |row: &InteractionRow| row.browser_digest == browser.as_str();
        let expected = "a request that waits in this browser";
        let got = match &row {
            None => "none: answered, expired, or never begun",
            Some(row) if !of_this_browser(row) => "one of another browser",
            Some(_) => expected,
        };
        let row = observation
            .require_some(
                &check::INTERACTION_KNOWN,
                row.filter(of_this_browser),
                expected,
                got,
            )
            .ok_or(PageError::InteractionGone)?;
        let interaction = Interaction::from_json(&row.request)?;
        let id = interaction.request.client_id.as_str();
        observation.note("client_id", id);
        let client = visit.state.client(&visit.realm, id).await?;
        let client = client.ok_or(PageError::ClientUnknown)?;
        let callback = interaction.request.callback(&client, &visit.realm.issuer);
        let callback = callback.ok_or(PageError::RedirectUnregistered)?;
        let response_type = interaction.request.response_type;
        if let Err(refusal) = ensure_still_held(response_type, &client, observation) {
            return Err(AuthorizeError::Redirect(Box::new(callback), refusal));
        }
        Ok(Self {
            callback,
            interaction,
            client,
            handle: Some(handle),
        })
    }

    /// Stores it, if it is not stored yet and there is room for it; gives back its handle.
    ///
    /// # Errors
    /// [`Refusal::Crowded`] by way of the client; [`AuthorizeError::Store`], [`AuthorizeError::Randomness`].
    pub(crate) async fn store(
        &mut self,
        visit: &Visit,
    ) -> Result<InteractionHandle, AuthorizeError> {
        if let Some(handle) = &self.handle {
            return Ok(handle.clone());
        }
        let handle = InteractionHandle::generate()?;
        let row = self.row(visit, &handle)?;
        let keeper = Keeper {
            // A connection without an address (a socket of the file system) is this machine's own.
            address: caller_network(&visit.request).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            browser: DeviceId::of(visit).map(|device| device.digest()),
        };
        let place = (&visit.state.limits, &*visit.realm);
        let keeping = Keeping::new(place, keeper, (&handle.digest(), row.request.len()));
        let keep = move |tx: &mut DbConnection| -> Stored<Room> {
            let room = keeping.take(tx)?;
            if room == Room::Left {
                interactions::insert(tx, &row)?;
            }
            Ok(room)
        };
        if let Room::Exhausted { retry_after } = visit.state.store.write(keep).await? {
            full(retry_after, &visit.observation);
            let callback = Box::new(self.callback.clone());
            return Err(AuthorizeError::Redirect(callback, Refusal::Crowded));
        }
        self.handle = Some(handle.clone());
        Ok(handle)
    }

    fn row(&self, visit: &Visit, handle: &InteractionHandle) -> Result<InteractionRow, StoreError> {
        let now = visit.now();
        Ok(InteractionRow {
            realm: visit.realm.name.to_string(),
            digest: handle.digest().as_str().to_owned(),
            browser_digest: visit.browser_digest().as_str().to_owned(),
            request: self.interaction.to_json()?,
            created_at: now.as_unix(),
            expires_at: (now + PATIENCE).as_unix(),
        })
    }

    /// The handle's text, for forms; empty while it is not stored.
    pub(crate) fn handle_text(&self) -> &str {
        self.handle.as_ref().map_or("", InteractionHandle::expose)
    }
}
