//! `POST /device_authorization` (RFC 8628 §3.1 and §3.2): a device asks for a code that its person types
//! elsewhere.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{DeviceAuthorizationResponse, DeviceCode, GrantType, UserCode};
use shared::observe::Observation;
use shared::realm::RealmName;

use super::answer;
use crate::approval::{self, Asked, Details};
use crate::authorization::{resources, scope};
use crate::client::authentication::{self, Credentials, authenticate};
use crate::client::{Client, profile};
use crate::grant::TokenError;
use crate::issue::Issue;
use crate::realms::Realm;
use crate::request::client::ClientRequest;
use crate::request::keeping::{Keeper, Keeping, full, is_anybodys};
use crate::state::AppState;
use crate::store::DbConnection;
use crate::store::limits::Room;

/// The checks after those of the client.
const CHECKS: &[&CheckDef] = &[&catalog::GRANT_ALLOWED, &catalog::SCOPE_ALLOWED];

/// How often a user code is drawn that turns out to be taken, before the server gives up: with a million codes in
/// use, once in 25 000 draws.
const DRAWS: usize = 8;

/// What is kept with a device's code, in bytes: its scope and how it was asked for are short.
const ROW: usize = 512;

/// The path of the page where the person types the code.
pub(crate) const VERIFICATION_PATH: &str = "/device";

/// Answers a device authorization request.
pub(crate) async fn post(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    match begin(&state, &realm, &observation, (&request, body)).await {
        Ok(response) => answer::json(&response),
        Err(error) => answer::error(&error, &observation),
    }
}

async fn begin(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    (request, body): (&HttpRequest, Payload),
) -> Result<DeviceAuthorizationResponse, TokenError> {
    let realm = state.realm(realm).await?;
    let request = ClientRequest::read(request, body, &state.limits, observation).await?;
    observation.plan(&authentication::checks(&request.params));
    observation.plan(CHECKS);
    if request.params.all("resource").next().is_some() {
        observation.plan(&[&catalog::RESOURCE_KNOWN]);
    }
    let authorization = &request.authorization;
    let credentials = Credentials::read(authorization, &request.params, observation)?;
    let address = request.address;
    let client = authenticate(state, &realm, &credentials, &request, observation).await?;
    profile::ensure(&client, observation)?;
    ensure_grant(&client, observation)?;
    let scope =
        scope(&request.params, (None, &client), observation).map_err(|_| TokenError::Scope)?;
    let resources = resources(&request.params, || realm.resources(), observation)
        .map_err(|_| TokenError::Target)?;
    let now = realm.now();
    let policy = &client.policy;
    let (lifetime, interval) = (policy.device_code_lifetime, policy.device_poll_interval);
    let device_code = DeviceCode::generate()?;
    let asked = Asked {
        grant_type: GrantType::DeviceCode,
        poll: device_code.digest(),
        code: None,
        scope,
        details: Details {
            address: Some(address),
            resources,
        },
        lifetime,
        interval,
    };
    let issuer = realm.issuer.clone();
    let user_code = wait(state, (realm, client), (asked, address), observation).await?;
    observation.note("device_code_expires_at", now + lifetime);
    let shown = user_code.shown();
    let verification_uri = format!("{issuer}{VERIFICATION_PATH}");
    Ok(DeviceAuthorizationResponse {
        device_code: device_code.expose().to_owned(),
        verification_uri_complete: Some(format!("{verification_uri}?user_code={shown}")),
        user_code: shown,
        verification_uri,
        expires_in: lifetime.as_seconds(),
        interval: interval.as_seconds(),
    })
}

/// Stores what waits, under a code of its own.
async fn wait(
    state: &AppState,
    (realm, client): (Arc<Realm>, Arc<Client>),
    (asked, address): (Asked, IpAddr),
    observation: &Observation,
) -> Result<UserCode, TokenError> {
    let keeper = Keeper {
        address,
        browser: None,
    };
    let place = (&state.limits, &*realm);
    let keeping = is_anybodys(&client).then(|| Keeping::new(place, keeper, (&asked.poll, ROW)));
    let wait = move |tx: &mut DbConnection| {
        if let Some(keeping) = keeping
            && let Room::Exhausted { retry_after } = keeping.take(tx)?
        {
            return Err(TokenError::Crowded(retry_after));
        }
        let issue = Issue {
            realm: &realm,
            client: &client,
            now: realm.now(),
            key: None,
        };
        draw(tx, issue, &asked)
    };
    state.store.write(wait).await.inspect_err(|error| {
        if let TokenError::Crowded(retry_after) = error {
            full(*retry_after, observation);
        }
    })
}

/// Draws user codes until one is nobody else's, and stores what waits under it.
fn draw(tx: &mut DbConnection, issue: Issue<'_>, asked: &Asked) -> Result<UserCode, TokenError> {
    for _ in 0..DRAWS {
        let user_code = UserCode::generate()?;
        let asked = Asked {
            code: Some(user_code.digest()),
            ..asked.clone()
        };
        if approval::create(tx, issue, &asked)? {
            return Ok(user_code);
        }
    }
    Err(TokenError::NoUserCode)
}

/// RFC 6749 §5.2: `unauthorized_client`.
fn ensure_grant(client: &Client, observation: &Observation) -> Result<(), TokenError> {
    let grant_type = GrantType::DeviceCode;
    observation.note("grant", grant_type);
    let registered: Vec<&str> = client.grant_types.iter().map(|one| one.as_str()).collect();
    observation
        .require(
            &catalog::GRANT_ALLOWED,
            client.allows_grant(grant_type),
            registered.join(", "),
            grant_type,
        )
        .or(TokenError::GrantForbidden)
}
