//! The browser is sent away to sign out at the provider, and comes back (RP-Initiated Logout 1.0 §2 and §3).

use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{Digest, NoRandomness, Params, SessionToken};

use super::{SignedOut, Way};
use crate::flow::{Refusal, RefusalKind, Run, Step};

/// The checks of the way back, in order.
const CHECKS: [&CheckDef; 3] = [
    &check::REQUEST_ENCODING,
    &check::REQUEST_NO_REPEATS,
    &check::LOGOUT_STATE,
];

/// The address to which the browser is sent: the provider's end session endpoint, with the ID token as a hint,
/// where to come back to, and a state, which the run remembers.
///
/// # Errors
/// [`NoRandomness`].
pub(super) fn away(step: &Step<'_>, run: &mut Run) -> Result<String, NoRandomness> {
    let state = SessionToken::generate()?.expose().to_owned();
    let back = format!("{}/signed-out", step.state.addresses.client(step.realm));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(hint) = run.current().and_then(|set| set.id_token.as_deref()) {
        query.append_pair("id_token_hint", hint);
    }
    query
        .append_pair("client_id", &run.client_id)
        .append_pair("post_logout_redirect_uri", &back)
        .append_pair("state", &state);
    run.leaving = Some(state);
    Ok(format!("{}/logout?{}", step.issuer(), query.finish()))
}

/// Judges the way back: the state is the one that this browser was sent away with, once. The run whose session is
/// over; where no channel has ended it before, it ends now.
///
/// # Errors
/// A refusal, where the state is not this browser's.
pub(super) fn back(step: &Step<'_>, owner: Option<&Digest>, query: &str) -> Result<Run, Refusal> {
    let observed = step.observation;
    observed.plan(&CHECKS);
    let refused = || Refusal {
        exchange: Some(step.exchange()),
        checks: observed.checks(),
        ..Refusal::by_client(RefusalKind::LogoutState)
    };
    let params = Params::parse(query.as_bytes());
    let (form, once) = ("form-encoded UTF-8", "each once");
    let got = params.as_ref().err().map(ToString::to_string);
    let readable = params.is_ok();
    observed
        .require(
            &check::REQUEST_ENCODING,
            readable,
            form,
            got.as_deref().unwrap_or(form),
        )
        .or_else(refused)?;
    let params = params.map_err(|_| refused())?;
    let _ = observed.require(&check::REQUEST_NO_REPEATS, true, once, once);
    let given = params.get("state").unwrap_or_default();
    let left = SignedOut {
        sid: None,
        way: Way::Return,
        exchange: step.exchange(),
        at: step.now(),
    };
    let run = owner.and_then(|owner| {
        let runs = &step.state.runs;
        runs.return_signed_out(owner, step.realm, (given, left))
    });
    let expected = "the state that this browser was sent to sign out with, once";
    let got = match (given, owner) {
        ("", _) => "no state",
        (_, None) => "a state, but this browser has no session here",
        (_, Some(_)) if run.is_some() => expected,
        _ => "a state that this browser was not sent away with, or that came back before",
    };
    let run = observed.require_some(&check::LOGOUT_STATE, run, expected, got);
    run.ok_or_else(refused)
}
