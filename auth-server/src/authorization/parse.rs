//! The checks of an authorization request, in order, in one list (RFC 6749 §4.1.1, §4.2.1; RFC 7636 §4.3;
//! `OpenID` Connect Core §3.1.2.2).
//!
//! Up to the redirection URI a failure is a page, for nobody can be trusted with an answer; from there on it
//! is a redirect. Unknown parameters are ignored (RFC 6749 §3.1).

use std::fmt;
use std::sync::Arc;

use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{ClaimsRequest, Params, RedirectUri, ResponseMode, ResponseType};
use shared::observe::Observation;

use super::callback::{Asked, Callback};
use super::decode::Decoded;
use super::dpop_jkt::dpop_jkt;
use super::pkce::code_challenge;
use super::response::response;
use super::scope::{id_token_bound, scope};
use super::wishes::{Wishes, acr, prompt_and_age, wishes};
use super::{AuthorizationRequest, AuthorizeError, PageError, Refusal};
use crate::client::{Client, profile};

/// The checks, in order.
pub(crate) const CHECKS: [&CheckDef; 25] = [
    &check::REQUEST_ENCODING,
    &check::REQUEST_NO_REPEATS,
    &check::REQUEST_PARAMETER_PRESENT,
    &check::CLIENT_KNOWN,
    &check::REDIRECT_URI_PRESENT,
    &check::REDIRECT_URI_EXACT_MATCH,
    &check::REQUEST_PUSHED,
    &check::REQUEST_SIGNED,
    &check::RESPONSE_TYPE_SUPPORTED,
    &check::RESPONSE_TYPE_ALLOWED,
    &check::RESPONSE_MODE_ALLOWED,
    &check::SCOPE_ALLOWED,
    &check::SCOPE_OPENID,
    &check::NONCE_PRESENT,
    &check::PKCE_PRESENT,
    &check::PKCE_METHOD,
    &check::PKCE_CHALLENGE_WELL_FORMED,
    &check::PROMPT_VALID,
    &check::CLAIMS_VALID,
    &check::ID_TOKEN_HINT_VALID,
    &check::RESOURCE_KNOWN,
    &check::ACR_SATISFIED,
    &check::LOGIN_SESSION,
    &check::LOGIN_EXPECTED_PERSON,
    &check::CONSENT_GIVEN,
];

/// Whether a check of [`CHECKS`] concerns a request with these parameters: what was not asked for is not verified.
pub(super) fn concerns(known: &CheckDef, params: &Params) -> bool {
    let sent = |name: &str| params.get(name).is_some();
    let response_type = params.get("response_type").unwrap_or_default();
    let in_front = || response_type.split(' ').any(|word| word == "id_token");
    match known {
        known if *known == check::SCOPE_OPENID || *known == check::NONCE_PRESENT => in_front(),
        known if *known == check::CLAIMS_VALID => sent("claims"),
        known if *known == check::ID_TOKEN_HINT_VALID => sent("id_token_hint"),
        known if *known == check::RESOURCE_KNOWN => sent("resource"),
        known if *known == check::ACR_SATISFIED || *known == check::LOGIN_EXPECTED_PERSON => {
            let claims = params
                .get("claims")
                .and_then(|text| ClaimsRequest::parse(text).ok());
            let claims = claims.unwrap_or_default();
            let wishes = Wishes {
                claims,
                ..Wishes::default()
            };
            if *known == check::ACR_SATISFIED {
                wishes.essential_acrs().is_some()
            } else {
                sent("id_token_hint") || wishes.named_persons().is_some()
            }
        }
        _ => true,
    }
}

/// A request that passed, with whom it is from and where its answer goes.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The request.
    pub(crate) request: AuthorizationRequest,
    /// Who asks.
    pub(crate) client: Arc<Client>,
    /// The way back.
    pub(crate) callback: Callback,
}

/// Checks the parameters of `client`, which [`known_client`] found.
///
/// # Errors
/// [`AuthorizeError::Page`] until the way back is trusted, [`AuthorizeError::Redirect`] from there on.
pub(crate) fn parse(
    decoded: &Decoded,
    client: Arc<Client>,
    issuer: &str,
    observation: &Observation,
) -> Result<Parsed, AuthorizeError> {
    let params = &decoded.params;
    let callback = trusted_callback(decoded, &client, issuer, observation)?;
    let refuse = |callback, refusal| Err(AuthorizeError::Redirect(Box::new(callback), refusal));
    if decoded.repeated.is_some()
        && let Err(refusal) = decoded.no_repeats(observation)
    {
        return refuse(callback, refusal);
    }
    if profile::ensure(&client, observation).is_err() {
        return refuse(callback, Refusal::Profile);
    }
    if let Err(refusal) = decoded.delivery.ensure_as_demanded(&client, observation) {
        return refuse(callback, refusal);
    }
    let (response_type, mode) = match response(params, &client, observation) {
        Ok(response) => response,
        Err(refusal) => return refuse(callback, refusal),
    };
    let callback = callback.with_mode(mode);
    match request(params, &client, (response_type, mode), observation) {
        Ok(request) => Ok(Parsed {
            request,
            client,
            callback,
        }),
        Err(refusal) => refuse(callback, refusal),
    }
}

/// RFC 6749 §4.1.1: `client_id` is required, and names a client of this realm; `found` is the one that it names.
///
/// # Errors
/// [`PageError::ClientMissing`], [`PageError::ClientUnknown`].
pub(crate) fn known_client(
    params: &Params,
    found: Option<Arc<Client>>,
    observation: &Observation,
) -> Result<Arc<Client>, PageError> {
    let asked = params.get("client_id");
    let got = asked.map_or("none", |_| "one");
    let client_id = observation
        .require_some(
            &check::REQUEST_PARAMETER_PRESENT,
            asked,
            "one client_id",
            got,
        )
        .ok_or(PageError::ClientMissing)?;
    let got = excerpt(client_id);
    observation.note("client_id", got);
    let expected = "the client_id of a registered client";
    observation
        .require_some(&check::CLIENT_KNOWN, found, expected, got)
        .ok_or(PageError::ClientUnknown)
}

/// Where an error may be told of a request that was not read: nothing is recorded.
pub(crate) fn way_back(decoded: &Decoded, client: &Client, issuer: &str) -> Option<Callback> {
    let asked = answer_of(decoded, decoded.params.get("redirect_uri")?);
    Callback::trust(client, asked, issuer)
}

/// What the request says about its answer.
fn answer_of<'a>(decoded: &'a Decoded, redirect_uri: &'a str) -> Asked<'a> {
    Asked {
        redirect_uri,
        response_type: decoded.params.get("response_type"),
        response_mode: decoded.params.get("response_mode"),
        state: decoded.state(),
    }
}

/// RFC 9700 §2.1: the redirection URI is compared as text. Missing is never filled in from the registration.
fn trusted_callback(
    decoded: &Decoded,
    client: &Client,
    issuer: &str,
    observation: &Observation,
) -> Result<Callback, PageError> {
    let params = &decoded.params;
    let asked = params.get("redirect_uri");
    let got = asked.map_or("none", |_| "one");
    let redirect_uri = observation
        .require_some(&check::REDIRECT_URI_PRESENT, asked, "one redirect_uri", got)
        .ok_or(PageError::RedirectMissing)?;
    let callback = Callback::trust(client, answer_of(decoded, redirect_uri), issuer);
    let expected = fmt::from_fn(|f| {
        let registered = client.redirect_uris.iter().map(RedirectUri::as_str);
        match registered.collect::<Vec<_>>().as_slice() {
            [] => f.write_str("this client has no redirect URI registered"),
            some => f.write_str(&some.join(" or ")),
        }
    });
    let got = excerpt(redirect_uri);
    observation
        .require_some(&check::REDIRECT_URI_EXACT_MATCH, callback, expected, got)
        .ok_or(PageError::RedirectUnregistered)
}

/// The rest of the request, in order.
fn request(
    params: &Params,
    client: &Client,
    (response_type, response_mode): (ResponseType, ResponseMode),
    observation: &Observation,
) -> Result<AuthorizationRequest, Refusal> {
    let scope = scope(params, (Some(response_type), client), observation)?;
    id_token_bound(params, (response_type, &scope), observation)?;
    let challenge = if response_type.gives_code() {
        code_challenge(params, client, observation)?
    } else {
        None
    };
    let dpop_jkt = dpop_jkt(params, observation)?;
    let (prompt, max_age) = prompt_and_age(params, client, observation)?;
    let wishes = wishes(params, observation)?;
    acr(&wishes, observation)?;
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        redirect_uri: params.get("redirect_uri").unwrap_or_default().to_owned(),
        response_type,
        response_mode,
        scope,
        state: params.get("state").map(str::to_owned),
        nonce: params.get("nonce").map(str::to_owned),
        code_challenge: challenge,
        dpop_jkt,
        resources: Vec::new(),
        prompt,
        max_age,
        login_hint: params.get("login_hint").map(str::to_owned),
        wishes,
    })
}

/// The beginning of text from outside, for the record and the error page, which escape it.
pub(super) fn excerpt(text: &str) -> &str {
    const MOST: usize = 300;
    if text.len() <= MOST {
        return text;
    }
    let end = text.char_indices().nth(MOST).map(|(end, _)| end);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
pub(super) mod tests;
