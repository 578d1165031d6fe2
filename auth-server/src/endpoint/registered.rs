//! `/register/{client_id}` (RFC 7592): a client that registered itself reads, replaces or removes its registration, by
//! its registration access token.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{ClientSecret, Digest, RegistrationAccessToken};
use shared::observe::Observation;
use shared::realm::RealmName;

use super::answer;
use super::register::{METADATA_CHECKS, address, judge, make_key, new_secret, refusal};
use crate::client::registration::{Issued, RegistrationError, document};
use crate::client::{Client, Registration, row_of};
use crate::realms::Realm;
use crate::request::json;
use crate::state::AppState;
use crate::store::clients::{self, ClientRow};

/// Members that a client must not send back (RFC 7592 §2.2).
const NOT_SENT_BACK: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// The checks of a replacement, in order, after that of the token and before those of what is registered.
const UPDATE_CHECKS: &[&CheckDef] = &[&catalog::REQUEST_SIZE, &catalog::REGISTRATION_JSON];

/// What every request here brings.
pub(crate) struct Managing {
    state: Data<AppState>,
    realm: Arc<Realm>,
    row: ClientRow,
    token: String,
    observation: Observation,
}

/// Shows the registration.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
) -> HttpResponse {
    let shown = Managing::begin(state, &realm, &observation, &request).await;
    match shown.and_then(|managing| managing.document(&managing.row, None)) {
        Ok(document) => answer::json(&document),
        Err(error) => refusal(&error, &observation),
    }
}

/// Replaces the registration by what the body says: what is left out is gone, or back at its default.
pub(crate) async fn put(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    let replaced = async {
        let managing = Managing::begin(state, &realm, &observation, &request).await?;
        observation.plan(UPDATE_CHECKS);
        observation.plan(METADATA_CHECKS);
        let limits = managing.state.limits.clone();
        let map = json::read(&request, body, &limits, &observation).await?;
        managing.replace(&map).await
    };
    match replaced.await {
        Ok(document) => answer::json(&document),
        Err(error) => refusal(&error, &observation),
    }
}

/// Removes the client, and by that all that it was granted: no token of a client that is not there may be used, and its
/// random name is given to no other. So one row is written, however much it was granted; the rest expires.
pub(crate) async fn delete(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
) -> HttpResponse {
    let removed = async {
        let managing = Managing::begin(state, &realm, &observation, &request).await?;
        managing.remove().await
    };
    match removed.await {
        Ok(()) => answer::uncached(StatusCode::NO_CONTENT).finish(),
        Err(error) => refusal(&error, &observation),
    }
}

impl Managing {
    /// Finds the client and verifies the token. An unknown client and a wrong token look the same (RFC 7592 §2.1).
    async fn begin(
        state: Data<AppState>,
        realm: &RealmName,
        observation: &Observation,
        request: &HttpRequest,
    ) -> Result<Self, RegistrationError> {
        let realm = state.realm(realm).await?;
        observation.plan(&[&catalog::REGISTRATION_TOKEN]);
        let given = json::bearer(request).map(RegistrationAccessToken::from_text);
        let client_id = request.match_info().query("client_id").to_owned();
        let name = realm.name.clone();
        let row = state
            .store
            .look_up(move |tx| clients::find(tx, &name, &client_id))
            .await?;
        let nobody = Digest::from_stored("");
        let stored = row
            .as_ref()
            .and_then(|row| row.registration_digest.clone())
            .map(Digest::from_stored);
        let own = given
            .as_ref()
            .is_some_and(|given| given.digest().matches(stored.as_ref().unwrap_or(&nobody)));
        let got = match (&given, own) {
            (None, _) => "none",
            (Some(_), true) => "it",
            (Some(_), false) => "another, or no such client",
        };
        let expected = "the registration access token of this client";
        let row = observation
            .require_some(
                &catalog::REGISTRATION_TOKEN,
                row.filter(|_| own),
                expected,
                got,
            )
            .ok_or(RegistrationError::Token {
                came: given.is_some(),
            })?;
        observation.note("client_id", &row.client_id);
        Ok(Self {
            state,
            realm,
            row,
            token: given
                .map(|given| given.expose().to_owned())
                .unwrap_or_default(),
            observation: observation.clone(),
        })
    }

    fn document(
        &self,
        row: &ClientRow,
        secret: Option<&ClientSecret>,
    ) -> Result<Value, RegistrationError> {
        let issued = Issued {
            secret,
            token: &self.token,
            uri: &address(&self.realm, &row.client_id),
        };
        let client = Client::from_row(row, &self.realm.policy)?;
        Ok(document(row, &client, &issued)?)
    }

    async fn replace(&self, map: &Map<String, Value>) -> Result<Value, RegistrationError> {
        self.require_own(map)?;
        let asked = (self.row.client_id.clone(), map);
        let mut seed = judge(&self.state, &self.realm, asked, &self.observation).await?;
        let now = self.realm.now();
        // The secret that it has stays, as far as the method can go by what is kept of it.
        seed.client_secret = new_secret(&seed)?;
        let name = &self.realm.name;
        let registration = Registration {
            realm: name,
            seed: &seed,
            now,
        };
        let mut row = row_of(&registration)?;
        let keeps = row.secret_digest.is_some()
            && self.row.secret_digest.is_some()
            && (row.mac_secret.is_none() || self.row.mac_secret.is_some());
        if keeps {
            row.secret_digest.clone_from(&self.row.secret_digest);
            if row.mac_secret.is_some() {
                row.mac_secret.clone_from(&self.row.mac_secret);
            }
        }
        row.created_at = self.row.created_at;
        row.updated_at = row.updated_at.max(self.row.updated_at);
        row.registration_digest
            .clone_from(&self.row.registration_digest);
        let client = Client::from_row(&row, &self.realm.policy)?;
        make_key(&self.state, &self.realm, client.policy.id_token_algorithm).await?;
        let stored = row.clone();
        self.state
            .store
            .write(move |tx| clients::update(tx, &stored))
            .await?;
        self.state.realms.registered(&self.realm, &row)?;
        let new = seed.client_secret.filter(|_| !keeps);
        let new = new.map(ClientSecret::from_text);
        self.document(&row, new.as_ref())
    }

    /// RFC 7592 §2.2: the client names itself, does not send back what is the server's, and has no other secret.
    fn require_own(&self, map: &Map<String, Value>) -> Result<(), RegistrationError> {
        let wrong = |member, reason: &str| {
            let got = format_args!("{member}: {reason}");
            let expected = "the client's own identifier and secret, and nothing of the server's";
            let check = &catalog::REGISTRATION_METADATA;
            let _ = self.observation.require(check, false, expected, got);
            Err(RegistrationError::Metadata {
                member,
                reason: reason.to_owned(),
            })
        };
        if map.get("client_id").and_then(Value::as_str) != Some(&self.row.client_id) {
            return wrong("client_id", "it must be the client's own");
        }
        for member in NOT_SENT_BACK {
            if map.contains_key(member) {
                return wrong(member, "it must not be sent back");
            }
        }
        let secret = map.get("client_secret").filter(|secret| !secret.is_null());
        let stored = self.row.secret_digest.clone().map(Digest::from_stored);
        let own = |secret: &Value| match (secret.as_str(), &stored) {
            (Some(text), Some(stored)) => ClientSecret::from_text(text).digest().matches(stored),
            _ => false,
        };
        if secret.is_none_or(own) {
            Ok(())
        } else {
            wrong("client_secret", "it must be the client's own")
        }
    }

    async fn remove(&self) -> Result<(), RegistrationError> {
        let name = self.realm.name.clone();
        let client_id = self.row.client_id.clone();
        let removed = self
            .state
            .store
            .write(move |tx| clients::delete(tx, &name, &client_id));
        removed.await?;
        self.state.realms.clients().forget(&self.realm.name);
        Ok(())
    }
}
