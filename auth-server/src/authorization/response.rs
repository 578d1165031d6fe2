//! What is asked for, and how the answer travels (RFC 6749 §3.1.1, OAuth 2.0 Multiple Response Types).

use std::fmt;

use shared::flow::catalog as check;
use shared::oauth::{Params, ResponseMode, ResponseType};
use shared::observe::Observation;

use super::Refusal;
use super::parse::excerpt;
use crate::client::{Client, profile};

/// What is asked for, and how the answer travels: first of what is told by redirect, for it decides where
/// in the redirect an error stands.
pub(super) fn response(
    params: &Params,
    client: &Client,
    observation: &Observation,
) -> Result<(ResponseType, ResponseMode), Refusal> {
    let response_type = response_type(params, client, observation)?;
    let asked = params.get("response_mode");
    let mode = match asked {
        None => Some(response_type.default_mode()),
        Some(text) => ResponseMode::parse(text),
    };
    let mode = mode.filter(|mode| response_type.allows_mode(*mode));
    let expected = fmt::from_fn(|f| {
        let all = ResponseMode::ALL.iter();
        let allowed = all.filter(|mode| response_type.allows_mode(**mode));
        let allowed: Vec<_> = allowed.map(|mode| mode.as_str()).collect();
        f.write_str(&allowed.join(", "))
    });
    let got = asked.map_or("none, so the default", excerpt);
    observation
        .require_some(&check::RESPONSE_MODE_ALLOWED, mode, expected, got)
        .map(|mode| (response_type, mode))
        .ok_or(Refusal::ResponseMode)
}

/// RFC 6749 §3.1.1: required, known to this server, and one that this client may use.
fn response_type(
    params: &Params,
    client: &Client,
    observation: &Observation,
) -> Result<ResponseType, Refusal> {
    let asked = params.get("response_type");
    let got = asked.map_or("none", excerpt);
    let unknown = if asked.is_some() {
        Refusal::ResponseTypeUnknown
    } else {
        Refusal::ResponseTypeMissing
    };
    let known = asked.and_then(ResponseType::parse);
    let response_type = observation
        .require_some(
            &check::RESPONSE_TYPE_SUPPORTED,
            known,
            "code, token, id_token, or some of them in any order",
            got,
        )
        .ok_or(unknown)?;
    observation.note("response_type", got);
    held(response_type, client, got, observation)?;
    Ok(response_type)
}

/// What waited for its person while its client's registration changed, or what is demanded of that: whether it may
/// still be asked for. The record hears of it where it may not.
///
/// # Errors
/// [`Refusal::Profile`], [`Refusal::ResponseTypeForbidden`].
pub(crate) fn ensure_still_held(
    response_type: ResponseType,
    client: &Client,
    observation: &Observation,
) -> Result<(), Refusal> {
    let judge = |observation: &Observation| {
        profile::ensure(client, observation).map_err(|_| Refusal::Profile)?;
        held(response_type, client, response_type.as_str(), observation)
    };
    judge(&Observation::nowhere()).or_else(|_| judge(observation))
}

/// Whether the client may use it as it is registered now.
fn held(
    response_type: ResponseType,
    client: &Client,
    got: &str,
    observation: &Observation,
) -> Result<(), Refusal> {
    // RFC 9449 §5: nothing proves a key at this endpoint, and this client has no tokens without one.
    let unbound = |one: ResponseType| client.metadata.dpop_bound_access_tokens && one.gives_token();
    let expected = fmt::from_fn(|f| {
        let held = client.response_types.iter().filter(|one| !unbound(**one));
        match held.map(|one| one.as_str()).collect::<Vec<_>>().as_slice() {
            [] => f.write_str("none: this client has no response type"),
            some => f.write_str(&some.join(" or ")),
        }
    });
    let held = client.allows_response_type(response_type) && !unbound(response_type);
    observation
        .require(&check::RESPONSE_TYPE_ALLOWED, held, expected, got)
        .or(Refusal::ResponseTypeForbidden)
}
