//! The browser is sent away to sign out at the provider, and comes back (RP-Initiated Logout 1.0 §2 and §3).

use shared::flow::{CheckDef, ExchangeId, catalog as check};
use shared::oauth::{Digest, NoRandomness, Params, SessionToken};

use super::departures::Departure;
use super::{Meant, Way, end};
use crate::flow::{Refusal, RefusalKind, Step};

/// The checks of the way back, in order.
const CHECKS: [&CheckDef; 3] = [
    &check::REQUEST_ENCODING,
    &check::REQUEST_NO_REPEATS,
    &check::LOGOUT_STATE,
];

/// Who leaves.
pub(super) struct Leaver {
    /// Whose browser it is.
    pub(super) owner: Digest,
    /// The session.
    pub(super) meant: Meant,
    /// The run that it is, where it is not who is signed in.
    pub(super) run: Option<String>,
    /// Its ID token: the hint.
    pub(super) id_token: String,
    /// Where the provider signs people out.
    pub(super) end_session_endpoint: String,
}

/// The address to which the browser is sent: the provider's end session endpoint, with the ID token as a hint,
/// where to come back to, and a state, which is remembered.
///
/// # Errors
/// [`NoRandomness`].
pub(super) fn away(step: &Step<'_>, leaver: Leaver) -> Result<String, NoRandomness> {
    let state = SessionToken::generate()?.expose().to_owned();
    let back = format!("{}/signed-out", step.state.addresses.client(step.realm));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("id_token_hint", &leaver.id_token)
        .append_pair("client_id", &leaver.meant.client_id)
        .append_pair("post_logout_redirect_uri", &back)
        .append_pair("state", &state)
        .finish();
    step.state.departures.insert(Departure {
        owner: leaver.owner,
        realm: step.realm.clone(),
        state,
        meant: leaver.meant,
        run: leaver.run,
    });
    let endpoint = leaver.end_session_endpoint;
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    Ok(format!("{endpoint}{separator}{query}"))
}

/// A browser that has come back.
pub(super) struct Back {
    /// How its session ended here.
    pub(super) way: Way,
    /// In which exchange.
    pub(super) exchange: ExchangeId,
    /// The run that it was.
    pub(super) run: Option<String>,
}

/// Judges the way back: the state is the one that this browser was sent away with, once. Where neither channel has
/// ended its session before, it ends now.
///
/// # Errors
/// A refusal, where the state is not this browser's.
pub(super) fn back(step: &Step<'_>, owner: Option<&Digest>, query: &str) -> Result<Back, Refusal> {
    let observed = step.observation;
    observed.plan(&CHECKS);
    let refused = || Refusal {
        exchange: Some(Box::new(step.exchange())),
        checks: observed.checks(),
        ..Refusal::by_client(RefusalKind::LogoutState)
    };
    let params = Params::parse(query.as_bytes());
    let (form, once) = ("form-encoded UTF-8, each once", "each once");
    let got = params.as_ref().err().map(ToString::to_string);
    let got = got.as_deref().unwrap_or(form);
    observed
        .require(&check::REQUEST_ENCODING, params.is_ok(), form, got)
        .or_else(refused)?;
    let params = params.map_err(|_| refused())?;
    let _ = observed.require(&check::REQUEST_NO_REPEATS, true, once, once);
    let given = params.get("state").unwrap_or_default();
    let departures = &step.state.departures;
    let found = owner.and_then(|owner| departures.take(owner, step.realm, given));
    let expected = "the state that this browser was sent to sign out with, once";
    let got = match (given, owner) {
        ("", _) => "no state",
        (_, None) => "a state, but this browser has no session here",
        (_, Some(_)) if found.is_some() => expected,
        _ => "a state that this browser was not sent away with, or that came back before",
    };
    let departure = observed.require_some(&check::LOGOUT_STATE, found, expected, got);
    let departure = departure.ok_or_else(refused)?;
    let meant = &departure.meant;
    let before = meant.sid.as_deref();
    let before = before.and_then(|sid| departures.what_ended(step.realm, &meant.client_id, sid));
    let (way, exchange) = if let Some(ended) = before {
        (ended.way, ended.exchange)
    } else {
        end(step, meant, Way::Return);
        if departure.run.is_none() {
            // At another provider than the realm's own nobody else ends it.
            step.state.accounts.sign_out(&departure.owner, step.realm);
        }
        (Way::Return, step.exchange())
    };
    Ok(Back {
        way,
        exchange,
        run: departure.run,
    })
}
