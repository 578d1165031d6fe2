//! `POST /par`: the pushed authorization request endpoint (RFC 9126).
//!
//! The client authenticates as at the token endpoint and sends the whole authorization request by the back
//! channel. Every check of the request runs here and now; the browser then carries a reference that says nothing.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use shared::dpop::Thumbprint;
use shared::flow::catalog;
use shared::oauth::{ErrorBody, ErrorCode, Params};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::Lifetime;

use super::answer;
use crate::authorization::delivery::{Delivery, PUSHED_PREFIX, PushedReference, plan_request};
use crate::authorization::{AuthorizeError, Decoded, hint, parse, request_object, resources};
use crate::client::authentication::{self, Credentials, authenticate};
use crate::client::{Client, profile};
use crate::grant::TokenError;
use crate::realms::Realm;
use crate::request::client::ClientRequest;
use crate::request::keeping::{Keeper, Keeping, full, is_anybodys};
use crate::request::proof::PresentedProof;
use crate::request::{self, object};
use crate::state::AppState;
use crate::store::limits::Room;
use crate::store::pushed_requests::{self, PushedRequestRow};
use crate::store::{DbConnection, Stored};

/// How long a pushed request waits to be referred to (RFC 9126 §2.2: "relatively short"; FAPI 2.0: below 600 s).
/// The person then has as long as for any other request.
const LIFETIME: Lifetime = Lifetime::from_seconds(90);

/// Parameters that authenticate the client: no part of the authorization request, and never stored.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// The answer to a pushed request (RFC 9126 §2.2).
#[derive(Debug, Serialize)]
struct PushedResponse {
    /// What the authorization request refers to it by.
    request_uri: String,
    /// For how many seconds.
    expires_in: u32,
}

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
enum PushError {
    /// The client is not believed, or something failed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// RFC 9126 §2.1: "the authorization server MUST reject the request".
    #[error("a pushed request must not refer to another: it has a request_uri")]
    Reference,
    /// The authorization endpoint would refuse it too.
    #[error("{1}")]
    Refused(ErrorCode, String),
}

impl From<AuthorizeError> for PushError {
    /// RFC 9126 §2.3: the codes of the authorization endpoint, told directly.
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::Page(page) => {
                Self::Refused(ErrorCode::InvalidRequest, page.to_string())
            }
            AuthorizeError::Redirect(_, refusal) => {
                Self::Refused(refusal.code(), refusal.to_string())
            }
            AuthorizeError::Store(error) => Self::Token(error.into()),
            AuthorizeError::Issue(error) => Self::Token(error.into()),
            AuthorizeError::Realm(error) => Self::Token(error.into()),
            AuthorizeError::Randomness(error) => Self::Token(error.into()),
        }
    }
}

/// Answers a pushed authorization request.
pub(crate) async fn post(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    let refused = |code: ErrorCode, description: &dyn std::fmt::Display| {
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::BAD_REQUEST);
        answer::uncached(status).json(ErrorBody::new(code, description))
    };
    match push(&state, &realm, &observation, (&request, body)).await {
        Ok(pushed) => answer::uncached(StatusCode::CREATED).json(pushed),
        Err(PushError::Token(error)) => answer::error(&error, &observation),
        Err(error @ PushError::Reference) => refused(ErrorCode::InvalidRequest, &error),
        Err(PushError::Refused(code, description)) => refused(code, &description),
    }
}

async fn push(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    (request, body): (&HttpRequest, Payload),
) -> Result<PushedResponse, PushError> {
    let realm = state.realm(realm).await.map_err(TokenError::from)?;
    let proof = PresentedProof::of(request, &state.addresses);
    let request = ClientRequest::read(request, body, &state.limits, observation)
        .await
        .map_err(TokenError::from)?;
    observation.plan(&authentication::checks(&request.params));
    observation.plan(&[&catalog::REQUEST_URI_ABSENT]);
    proof.plan(observation);
    let object_checks = request_object::planned(&request.params);
    observation.plan(&object_checks);
    if object_checks.is_empty() {
        plan_request(&request.params, false, observation);
    }
    let credentials = Credentials::read(&request.authorization, &request.params, observation)
        .map_err(TokenError::from)?;
    let client = authenticate(state, &realm, &credentials, &request, observation)
        .await
        .map_err(TokenError::from)?;
    profile::ensure(&client, observation).map_err(TokenError::from)?;
    ensure_no_reference(&request.params, observation)?;
    let key = key_of(state, &proof, (&realm, &client), observation).await?;
    let params = of_authorization(&request.params, &client);
    let taken = object::take_up((state, &realm), &client, (&params, true), observation)
        .await
        .map_err(|refusal| PushError::Refused(refusal.code(), refusal.to_string()))?;
    let decoded = match taken {
        Some(taken) => {
            plan_request(&taken.params, false, observation);
            let params = bound(taken.params, key.as_ref(), observation)?;
            Decoded::delivered(params, taken.delivery)
        }
        None => Decoded::delivered(
            bound(params, key.as_ref(), observation)?,
            Delivery::pushed(),
        ),
    };
    parse(&decoded, client.clone(), &realm.issuer, observation)?;
    let proven = request::hint::proven(&decoded.params, (state, &realm))
        .await
        .map_err(TokenError::from)?;
    hint(proven, &client, observation)
        .map_err(|refusal| PushError::Refused(refusal.code(), refusal.to_string()))?;
    resources(&decoded.params, || realm.resources(), observation)
        .map_err(|refusal| PushError::Refused(refusal.code(), refusal.to_string()))?;
    keep(
        (state, &realm),
        (&client, &decoded),
        request.address,
        observation,
    )
    .await
}

/// RFC 9449 §10.1: the key of the proof that comes along, if one does. It is verified as anywhere.
async fn key_of(
    state: &AppState,
    proof: &PresentedProof,
    (realm, client): (&Realm, &Client),
    observation: &Observation,
) -> Result<Option<Thumbprint>, PushError> {
    if !proof.is_there() {
        return Ok(None);
    }
    let accepted = proof.verify(state, (realm, client), observation).await;
    let accepted = accepted.map_err(TokenError::from)?;
    Ok(accepted.proof.map(|proof| proof.thumbprint))
}

/// RFC 9449 §10.1: a proof says the same as `dpop_jkt`; where both are sent they name one key.
fn bound(
    params: Params,
    key: Option<&Thumbprint>,
    observation: &Observation,
) -> Result<Params, PushError> {
    let Some(key) = key.map(ToString::to_string) else {
        return Ok(params);
    };
    let said = params.get("dpop_jkt").unwrap_or(&key);
    let same = said == key;
    let got = if same { "that key" } else { "another key" };
    observation
        .require(&catalog::DPOP_JKT, same, "the key of the proof", got)
        .or_else(|| {
            let reason = "dpop_jkt names another key than the DPoP proof".to_owned();
            PushError::Refused(ErrorCode::InvalidRequest, reason)
        })?;
    let others = params.iter().filter(|(name, _)| *name != "dpop_jkt");
    let own = [("dpop_jkt", key.as_str())];
    Ok(Params::from_pairs(&others.chain(own).collect::<Vec<_>>()))
}

/// RFC 9126 §2.1: "The `request_uri` authorization request parameter MUST NOT be provided".
fn ensure_no_reference(params: &Params, observation: &Observation) -> Result<(), PushError> {
    let absent = params.get("request_uri").is_none();
    let got = if absent { "none" } else { "one" };
    observation
        .require(&catalog::REQUEST_URI_ABSENT, absent, "none", got)
        .or(PushError::Reference)
}

/// The parameters of the authorization request among those of the body. Who authenticated need not say again who
/// they are.
fn of_authorization(params: &Params, client: &Client) -> Params {
    let own = |name: &str| !CREDENTIALS.contains(&name) && name != "client_id";
    let kept = params.iter().filter(|(name, _)| own(name));
    let id = [("client_id", client.id.as_str())];
    Params::from_pairs(&id.into_iter().chain(kept).collect::<Vec<_>>())
}

/// Keeps the request until it is referred to.
async fn keep(
    (state, realm): (&AppState, &Realm),
    (client, decoded): (&Client, &Decoded),
    address: IpAddr,
    observation: &Observation,
) -> Result<PushedResponse, PushError> {
    let reference = PushedReference::generate().map_err(TokenError::from)?;
    let now = realm.now();
    let row = PushedRequestRow {
        realm: realm.name.to_string(),
        digest: reference.digest().as_str().to_owned(),
        client_id: client.id.to_string(),
        parameters: decoded.params.encode(),
        signed: decoded.delivery.signed,
        created_at: now.as_unix(),
        expires_at: (now + LIFETIME).as_unix(),
        used_at: None,
    };
    let keeper = Keeper {
        address,
        browser: None,
    };
    let weighed = (&reference.digest(), row.parameters.len());
    let keeping =
        is_anybodys(client).then(|| Keeping::new((&state.limits, realm), keeper, weighed));
    let insert = state
        .store
        .write(move |tx: &mut DbConnection| -> Stored<Room> {
            let room = match keeping {
                Some(keeping) => keeping.take(tx)?,
                None => Room::Left,
            };
            if room == Room::Left {
                pushed_requests::insert(tx, &row)?;
            }
            Ok(room)
        });
    if let Room::Exhausted { retry_after } = insert.await.map_err(TokenError::from)? {
        full(retry_after, observation);
        return Err(TokenError::Crowded(retry_after).into());
    }
    observation.note("request_uri_expires_at", now + LIFETIME);
    Ok(PushedResponse {
        request_uri: format!("{PUSHED_PREFIX}{}", reference.expose()),
        expires_in: LIFETIME.as_seconds(),
    })
}
