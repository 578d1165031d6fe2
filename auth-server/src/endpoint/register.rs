//! `POST /register` (RFC 7591 §3, OpenID Connect Dynamic Client Registration 1.0 §3): a client registers itself, where
//! the realm lets anybody, or whoever has an initial access token.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{
    ClientSecret, ErrorBody, ErrorCode, InitialAccessToken, RegistrationAccessToken, random_id,
};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::seed::{AuthMethod, ClientSeed, RegistrationRule, SigningAlgorithm};
use shared::serve::caller_network;
use shared::time::{Lifetime, Timestamp};

use super::answer;
use crate::client::registration::{Issued, RegistrationError, Terms, document, read};
use crate::client::{Client, Registration, profile, row_of};
use crate::outbound::is_on_loopback;
use crate::realms::Realm;
use crate::request::json;
use crate::request::keeping::full;
use crate::state::AppState;
use crate::store::clients::{self, ClientRow};
use crate::store::limits::{self, Limit, Room};

/// The checks, in order.
const CHECKS: &[&CheckDef] = &[
    &catalog::REGISTRATION_ALLOWED,
    &catalog::REQUEST_SIZE,
    &catalog::REGISTRATION_JSON,
];

/// The checks of what is registered, in order.
pub(super) const METADATA_CHECKS: &[&CheckDef] = &[
    &catalog::REGISTRATION_REDIRECT_URIS,
    &catalog::REGISTRATION_METADATA,
    &catalog::REGISTRATION_SECTOR,
];

/// How long a client that registered itself may do nothing before it is forgotten, where room is needed.
const IDLE_WHEN_FULL: Lifetime = Lifetime::from_minutes(60);

/// Seconds after which a client may try again where there is no room.
const RETRY_AFTER_FULL: u32 = 600;

/// Answers a registration request.
pub(crate) async fn post(
    state: Data<AppState>,
    realm: RealmName,
    observation: Observation,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    match register(&state, &realm, &observation, (&request, body)).await {
        Ok(document) => answer::uncached(StatusCode::CREATED).json(document),
        Err(error) => refusal(&error, &observation),
    }
}

async fn register(
    state: &AppState,
    realm: &RealmName,
    observation: &Observation,
    (request, body): (&HttpRequest, Payload),
) -> Result<Value, RegistrationError> {
    let realm = state.realm(realm).await?;
    observation.plan(CHECKS);
    observation.plan(METADATA_CHECKS);
    observation.plan(&[&catalog::REGISTRATION_ROOM]);
    let stranger = require_permission(&realm, request, observation)?;
    let map = json::read(request, body, &state.limits, observation).await?;
    let seed = judge(state, &realm, (random_id()?, &map), observation).await?;
    let seed = ClientSeed {
        client_secret: new_secret(&seed)?,
        ..seed
    };
    let token = RegistrationAccessToken::generate()?;
    let now = realm.now();
    let row = ClientRow {
        registration_digest: Some(token.digest().as_str().to_owned()),
        ..row_of(&Registration {
            realm: &realm.name,
            seed: &seed,
            now,
        })?
    };
    observation.note("client_id", &row.client_id);
    // What will sign for it is published from now on.
    let client = Client::from_row(&row, &realm.policy)?;
    make_key(state, &realm, client.policy.id_token_algorithm).await?;
    let limit = stranger.map(|address| of_one_address(state, address));
    store((state, &realm), &row, (limit, now), observation).await?;
    state.realms.registered(&realm, &row)?;
    let secret = seed.client_secret.map(ClientSecret::from_text);
    Ok(document(
        &row,
        &client,
        &Issued {
            secret: secret.as_ref(),
            token: token.expose(),
            uri: &address(&realm, &row.client_id),
        },
    )?)
}

/// Where a client manages its registration (RFC 7592 §3).
pub(super) fn address(realm: &Realm, client_id: &str) -> String {
    format!("{}/register/{client_id}", realm.issuer)
}

pub(super) async fn make_key(
    state: &AppState,
    realm: &std::sync::Arc<Realm>,
    algorithm: SigningAlgorithm,
) -> Result<(), RegistrationError> {
    state.realms.find_signing(realm, algorithm).await?;
    Ok(())
}

/// A secret, where the client's method needs one.
pub(super) fn new_secret(seed: &ClientSeed) -> Result<Option<String>, RegistrationError> {
    let needs =
        |method: &AuthMethod| !matches!(method, AuthMethod::None | AuthMethod::PrivateKeyJwt);
    if !seed.auth_methods.iter().any(needs) {
        return Ok(None);
    }
    Ok(Some(ClientSecret::generate()?.expose().to_owned()))
}

/// RFC 7591 §3: open to everybody, to who has an initial access token, or to nobody. The address of whoever needs no
/// token and has none: but for this very machine's, which everybody here shares.
fn require_permission(
    realm: &Realm,
    request: &HttpRequest,
    observation: &Observation,
) -> Result<Option<IpAddr>, RegistrationError> {
    let given = json::bearer(request).map(|text| InitialAccessToken::from_text(text).digest());
    let came = given.is_some();
    let known = given.is_some_and(|given| {
        let tokens = &realm.policy.initial_access_tokens;
        // All are compared, so that time does not tell which it was.
        tokens.iter().filter(|one| given.matches(one)).count() > 0
    });
    let (held, refusal) = match realm.policy.registration {
        RegistrationRule::Open => (true, RegistrationError::Off),
        RegistrationRule::Protected => (known, RegistrationError::InitialToken { came }),
        RegistrationRule::Off => (false, RegistrationError::Off),
    };
    let expected = "registration open to everybody, or to an initial access token of this realm";
    let rule = realm.policy.registration.as_str();
    let got = format_args!(
        "{rule}, with {}",
        if known { "such a token" } else { "none" }
    );
    observation
        .require(&catalog::REGISTRATION_ALLOWED, held, expected, got)
        .or(refusal)?;
    let address = caller_network(request).filter(|address| !address.to_canonical().is_loopback());
    Ok(address.filter(|_| !known))
}

/// How many clients may register themselves from one address: so few that one alone never fills the realm, which
/// forgets what nobody used for an hour.
fn of_one_address(state: &AppState, address: IpAddr) -> (String, Limit) {
    let limit = Limit {
        attempts: state.limits.registrations_per_address,
        window: state.limits.window,
    };
    (format!("registration {address}"), limit)
}

/// Reads and judges what a client of this identifier says of itself.
///
/// # Errors
/// [`RegistrationError`].
pub(super) async fn judge(
    state: &AppState,
    realm: &Realm,
    (client_id, map): (String, &Map<String, Value>),
    observation: &Observation,
) -> Result<ClientSeed, RegistrationError> {
    let terms = Terms {
        scope: realm.offer.registrable_scope(),
        near: is_on_loopback(&realm.issuer),
        profile: realm.policy.clients.profile.unwrap_or_default(),
    };
    let seed = read(map, &terms).and_then(|seed| {
        let seed = ClientSeed { client_id, ..seed };
        ensure_profile(realm, &seed)?;
        Ok(seed)
    });
    let fault = seed.as_ref().err().map(ToString::to_string);
    let of_redirects = matches!(seed, Err(RegistrationError::RedirectUri(_)));
    let got = fault.as_deref().unwrap_or("such");
    let expected = "https, http on loopback, or a native client's own scheme; no fragment";
    let _ = observation.require(
        &catalog::REGISTRATION_REDIRECT_URIS,
        !of_redirects,
        expected,
        if of_redirects { got } else { "such" },
    );
    if !of_redirects {
        let expected = "members of the right type, which fit together and are offered here";
        let check = &catalog::REGISTRATION_METADATA;
        let _ = observation.require(check, seed.is_ok(), expected, got);
    }
    let seed = seed?;
    require_sector(state, realm, &seed, observation).await?;
    Ok(seed)
}

/// Whatever the realm's profile demands of its clients, it demands of those that register themselves.
fn ensure_profile(realm: &Realm, seed: &ClientSeed) -> Result<(), RegistrationError> {
    let row = ClientRow {
        registration_digest: Some(String::new()),
        ..row_of(&Registration {
            realm: &realm.name,
            seed,
            now: realm.now(),
        })?
    };
    let missed = profile::missed(&Client::from_row(&row, &realm.policy)?);
    if missed.is_empty() {
        return Ok(());
    }
    Err(RegistrationError::Profile(profile::named(&missed)))
}

/// OpenID Connect Dynamic Client Registration §5: the sector identifier lists every redirect URI.
async fn require_sector(
    state: &AppState,
    realm: &Realm,
    seed: &ClientSeed,
    observation: &Observation,
) -> Result<(), RegistrationError> {
    let Some(uri) = &seed.metadata.sector_identifier_uri else {
        return Ok(());
    };
    let fetched = state.outbound.get(realm, uri, Some(observation)).await;
    let listed = fetched.and_then(|fetched| {
        let list = serde_json::from_slice::<Vec<String>>(&fetched.body);
        list.map_err(|_| crate::outbound::FetchError::Url("it is no JSON array of URIs"))
    });
    let missing = listed.as_ref().is_ok_and(|listed| {
        let listed = |uri: &String| listed.contains(uri);
        !seed.redirect_uris.iter().all(listed)
    });
    let got = match (&listed, missing) {
        (Err(error), _) => error.to_string(),
        (Ok(_), true) => "one is not in the list".to_owned(),
        (Ok(_), false) => "all are in the list".to_owned(),
    };
    let expected = "a JSON array that holds every redirect URI";
    let check = &catalog::REGISTRATION_SECTOR;
    let verdict = observation.require(check, listed.is_ok() && !missing, expected, got);
    listed?;
    verdict.or_else(|| RegistrationError::Metadata {
        member: "sector_identifier_uri",
        reason: "its list does not hold every redirect URI".to_owned(),
    })
}

/// Stores a client where there is room for one more; what nobody used makes room.
async fn store(
    (state, realm): (&AppState, &Realm),
    row: &ClientRow,
    (limit, now): (Option<(String, Limit)>, Timestamp),
    observation: &Observation,
) -> Result<(), RegistrationError> {
    let (row, name) = (row.clone(), realm.name.clone());
    let most = i64::from(state.limits.registered_clients);
    let observed = observation.clone();
    let stored = state
        .store
        .write(move |tx| -> Result<(), RegistrationError> {
            let mut registered = clients::count_registered(tx, &name)?;
            if registered >= most {
                clients::forget_unused(tx, &name, now - IDLE_WHEN_FULL)?;
                registered = clients::count_registered(tx, &name)?;
            }
            let expected = format_args!("fewer than {most} that registered themselves");
            observed
                .require(
                    &catalog::REGISTRATION_ROOM,
                    registered < most,
                    expected,
                    registered,
                )
                .or(RegistrationError::Full)?;
            if let Some(limit) = limit {
                let room = limits::take(tx, &name, std::slice::from_ref(&limit), 1, now)?;
                if let Room::Exhausted { retry_after } = room {
                    return Err(RegistrationError::Crowded(retry_after));
                }
            }
            clients::insert(tx, &row)?;
            Ok(())
        });
    stored.await.inspect_err(|error| {
        if let RegistrationError::Crowded(retry_after) = error {
            full(*retry_after, observation);
        }
    })
}

/// The answer to a registration that is refused or failed (RFC 7591 §3.2.2).
pub(super) fn refusal(error: &RegistrationError, observation: &Observation) -> HttpResponse {
    let code = error.code();
    let status = match error {
        RegistrationError::RealmUnknown => 404,
        RegistrationError::Size => 413,
        RegistrationError::Crowded(_) => 429,
        _ => code.status(),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = answer::uncached(status);
    match error {
        // RFC 6750 §3.1: no error code where no token came.
        RegistrationError::InitialToken { came } | RegistrationError::Token { came } => {
            let challenge = if *came {
                "Bearer realm=\"auth-server\", error=\"invalid_token\""
            } else {
                "Bearer realm=\"auth-server\""
            };
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        RegistrationError::Size => {
            response.force_close();
        }
        _ => {}
    }
    let body = match code {
        ErrorCode::ServerError => {
            tracing::error!(exchange = %observation.id(), %error, "a registration failed");
            let id = observation.id();
            ErrorBody::new(
                code,
                format_args!("the server failed; its log says more under {id}"),
            )
        }
        ErrorCode::TemporarilyUnavailable => {
            tracing::warn!(exchange = %observation.id(), %error, "a registration was not taken");
            let (after, limited) = match error {
                RegistrationError::Full => (RETRY_AFTER_FULL, true),
                RegistrationError::Crowded(after) => (after.as_seconds(), true),
                _ => (answer::RETRY_AFTER_BUSY, false),
            };
            response.insert_header((RETRY_AFTER, after));
            if limited {
                ErrorBody::new(code, error)
            } else {
                // Why the store is away, and where it is, is for the log alone.
                ErrorBody::new(code, answer::BUSY)
            }
        }
        _ => ErrorBody::new(code, error),
    };
    response.json(body)
}
