//! The provider by its own words: its metadata, member by member (OpenID Connect Discovery 1.0 §3, RFC 8414 §2), and a
//! client that registers itself there while one looks on (RFC 7591, RFC 7592).
//!
//! Both calls are in the record. What the provider answers is hostile text like everything that is captured.

pub(crate) mod endpoint;
mod page;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};
use shared::flow::ExchangeId;
use shared::observe::{HttpError, HttpRequest};
use shared::realm::RealmName;

use crate::state::AppState;

/// The most registrations that are remembered; the oldest is forgotten first.
const MOST: usize = 100;

/// A client that registered itself from our page, and what it manages its registration by.
#[derive(Clone, Debug)]
struct Registered {
    realm: RealmName,
    client_id: String,
    uri: String,
    token: String,
}

/// The registrations made from our page: the tokens stay on this side, as a real client would keep them.
#[derive(Debug, Default)]
pub(crate) struct Registrations(Mutex<VecDeque<Registered>>);

impl Registrations {
    fn keep(&self, registered: Registered) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back(registered);
    }

    fn take(&self, realm: &RealmName, client_id: &str) -> Option<Registered> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |one: &Registered| one.realm == *realm && one.client_id == client_id;
        let place = all.iter().position(own)?;
        all.remove(place)
    }

    fn of(&self, realm: &RealmName) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.iter().filter(|one| one.realm == *realm);
        own.map(|one| one.client_id.clone()).collect()
    }
}

/// What the provider answered: a status, an object where there is one, and the exchange in the record.
#[derive(Clone, Debug)]
struct Told {
    status: u16,
    members: Map<String, Value>,
    exchange: ExchangeId,
}

/// Sends a request, observed.
async fn tell(
    state: &AppState,
    realm: &RealmName,
    request: HttpRequest,
) -> Result<Told, HttpError> {
    let answer = state.http.send(request, realm, None).await?;
    Ok(Told {
        status: answer.status,
        members: answer.json().unwrap_or_default(),
        exchange: answer.exchange,
    })
}

/// The provider's metadata, which must name the issuer that was asked (Discovery §4.3).
async fn metadata(state: &AppState, realm: &RealmName) -> Result<Told, HttpError> {
    let issuer = state.addresses.issuer(realm);
    let url = format!("{issuer}/.well-known/openid-configuration");
    let mut told = tell(state, realm, HttpRequest::get(url)).await?;
    if told.members.get("issuer").and_then(Value::as_str) != Some(&issuer) {
        told.members.clear();
    }
    Ok(told)
}
