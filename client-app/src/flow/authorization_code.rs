//! Authorization code grant: RFC 6749 §4.1, with PKCE (RFC 7636), `state` (§10.12) and `iss` (RFC 9207).
//!
//! [`start`] sends the browser away; [`finish`] judges what it comes back with, before the code is touched;
//! [`redeem`] trades the code, server to server.

use oauth2::{AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{Digest, Params, ParamsError};

use super::{
    Asked, Delivery, Experiment, Grant, HeldCode, Latest, Pending, Refusal, RefusalKind, Run,
    RunStore, Stage, Start, Step, TokenSet, scopes,
};
use crate::id_token::Belongs;
use crate::proof::ProofKey;
use crate::resource;
use crate::tokens;

/// The checks of a callback, in the order in which they are made (RFC 9207 §2.4: the issuer before the code).
const CALLBACK_CHECKS: [&CheckDef; 5] = [
    &check::REQUEST_ENCODING,
    &check::REQUEST_NO_REPEATS,
    &check::STATE_MATCHES,
    &check::ISS_MATCHES,
    &check::AUTHORIZATION_SUCCEEDED,
];

/// Makes the run and the URL to which the browser is sent (§4.1.1).
pub(crate) fn start(
    step: &Step<'_>,
    owner: Digest,
    choice: &Start,
) -> Result<(Run, String), Refusal> {
    let client = step.state.clients.asking(choice.delivery);
    let oauth = step
        .oauth(client, None)
        .map_err(|e| Refusal::internal(&e))?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let wants_id_token = choice.scope.split(' ').any(|name| name == "openid");
    let nonce = wants_id_token.then(|| CsrfToken::new_random_len(32).secret().clone());
    let mut request = oauth
        .authorize_url(|| CsrfToken::new_random_len(32))
        .add_scopes(scopes(&choice.scope))
        .set_pkce_challenge(challenge);
    if let Some(nonce) = &nonce {
        request = request.add_extra_param("nonce", nonce.clone());
    }
    if let Some(max_age) = choice.max_age {
        request = request.add_extra_param("max_age", max_age.to_string());
    }
    if let Some(values) = &choice.acr_values {
        request = request.add_extra_param("acr_values", values.clone());
    }
    let key = if choice.bound || choice.delivery == Delivery::Fapi {
        Some(ProofKey::generate().map_err(|e| Refusal::internal(&e))?)
    } else {
        None
    };
    if let Some(key) = &key {
        // RFC 9449 §10: whoever steals the code lacks the key.
        request = request.add_extra_param("dpop_jkt", key.thumbprint().to_owned());
    }
    let (url, state) = request.url();
    let state = match choice.experiment {
        // Another state than the one that was sent, as in a browser that somebody else's link brought here.
        Some(Experiment::WrongState) => CsrfToken::new_random_len(32).secret().clone(),
        _ => state.secret().clone(),
    };
    let verifier = match choice.experiment {
        Some(Experiment::WrongVerifier) => {
            let (_, other) = PkceCodeChallenge::new_random_sha256();
            other.secret().clone()
        }
        _ => verifier.secret().clone(),
    };
    let id = RunStore::new_id().map_err(|e| Refusal::internal(&e))?;
    let run = Run {
        stage: Stage::Away(Pending {
            state,
            nonce,
            verifier,
        }),
        key,
        client_id: client.client_id.clone(),
        ..step.new_run(id, owner, Grant::AuthorizationCode, choice)
    };
    Ok((run, url.to_string()))
}

/// What a callback brought, once it may be believed.
pub(crate) struct Returned {
    /// The run that it belongs to.
    pub(crate) run: Run,
    /// The code, or why there is none.
    pub(crate) code: Result<HeldCode, Refusal>,
}

/// Judges a callback (§4.1.2): its form, its state, its issuer, its outcome, in this order.
///
/// # Errors
/// A refusal that belongs to no run: the parameters cannot be read, or the state is not this browser's.
pub(crate) fn finish(
    step: &Step<'_>,
    owner: Option<&Digest>,
    query: &str,
) -> Result<Returned, Refusal> {
    let observed = step.observation;
    observed.plan(&CALLBACK_CHECKS);
    let refused = |kind| Refusal {
        exchange: Some(Box::new(step.exchange())),
        checks: observed.checks(),
        ..Refusal::by_client(kind)
    };
    let params = read(step, query).map_err(|_| refused(RefusalKind::BadCallback))?;

    let given = params.get("state").unwrap_or_default();
    let found = owner.and_then(|owner| {
        let runs = &step.state.runs;
        runs.return_with(owner, step.realm, given)
    });
    let got = match (given, owner) {
        ("", _) => "no state",
        (_, None) => "a state, but this browser has no session here",
        (_, Some(_)) if found.is_some() => "that state",
        _ => "a state that this browser was not sent away with, or that came back before",
    };
    let expected = "the state that this browser was sent away with, once";
    let found = observed.require_some(&check::STATE_MATCHES, found, expected, got);
    let (run, pending) = found.ok_or_else(|| refused(RefusalKind::WrongState))?;

    let (issuer, iss) = (step.issuer(), params.get("iss"));
    let same = iss == Some(issuer.as_str());
    let verdict = observed.require(&check::ISS_MATCHES, same, &issuer, iss.unwrap_or("no iss"));
    if verdict.or(()).is_err() {
        let code = Err(refused(RefusalKind::WrongIssuer));
        return Ok(Returned { run, code });
    }
    let code = code_of(step, &params, pending);
    Ok(Returned { run, code })
}

/// Reads the parameters, each at most once (RFC 6749 §3.1).
pub(crate) fn read(step: &Step<'_>, query: &str) -> Result<Params, ParamsError> {
    let params = Params::parse(query.as_bytes());
    let problem = params.as_ref().err();
    let encoded = !matches!(
        problem,
        Some(ParamsError::NotUtf8 | ParamsError::NotEncoded | ParamsError::Nul)
    );
    let got = problem.map_or_else(|| "readable".to_owned(), ToString::to_string);
    let observed = step.observation;
    let once =
        |problem: &str| observed.require(&check::REQUEST_NO_REPEATS, false, "each once", problem);
    if observed
        .require(
            &check::REQUEST_ENCODING,
            encoded,
            "form-encoded UTF-8",
            &got,
        )
        .passed()
    {
        match &params {
            Ok(_) => {
                let _ =
                    observed.require(&check::REQUEST_NO_REPEATS, true, "each once", "each once");
            }
            Err(error) => {
                let _ = once(&error.to_string());
            }
        }
    }
    params
}

/// The code of a callback whose state and issuer hold (§4.1.2), or the error in it (§4.1.2.1).
fn code_of(step: &Step<'_>, params: &Params, pending: Pending) -> Result<HeldCode, Refusal> {
    let (code, error) = (params.get("code"), params.get("error"));
    let got = error.unwrap_or(if code.is_some() { "a code" } else { "neither" });
    let code = code.filter(|_| error.is_none());
    let observed = step.observation;
    let code = observed.require_some(&check::AUTHORIZATION_SUCCEEDED, code, "a code", got);
    let refusal = || Refusal {
        exchange: Some(Box::new(step.exchange())),
        checks: observed.checks(),
        ..match error {
            Some(error) => Refusal::at_callback(error, params.get("error_description")),
            None => Refusal::by_client(RefusalKind::BadCallback),
        }
    };
    Ok(HeldCode {
        code: code.ok_or_else(refusal)?.to_owned(),
        received: step.now(),
        pending,
    })
}

/// Takes in a code: trades it, unless the learner asked to wait.
pub(crate) async fn take(step: &Step<'_>, mut run: Run, code: HeldCode) -> Run {
    run.code = Some(code.clone());
    if run.experiment == Some(Experiment::HoldCode) {
        run.stage = Stage::CodeHeld;
        run.latest = None;
    } else {
        let outcome = redeem(step, &run, &code).await;
        run.conclude(outcome);
        if let Some(call) = run.then.take()
            && matches!(run.latest, Some(Latest::Tokens))
        {
            resource::call(step, &mut run, call, "").await;
        }
    }
    run
}

/// Trades the code of a run once more: the replay that RFC 6749 §4.1.2 speaks of.
pub(crate) async fn redeem_again(step: &Step<'_>, run: &mut Run) {
    if let Some(code) = run.code.clone() {
        let outcome = redeem(step, run, &code).await;
        run.conclude(outcome);
    }
}

/// Trades the code for tokens, server to server (§4.1.3), and verifies what came.
async fn redeem(step: &Step<'_>, run: &Run, held: &HeldCode) -> Result<TokenSet, Refusal> {
    let client = step.state.clients.of_run(run.grant, &run.client_id);
    let oauth = step
        .oauth(client, run.experiment)
        .map_err(|e| Refusal::internal(&e))?;
    let transport = step.transport(client, run.key.as_ref());
    let result = oauth
        .exchange_code(AuthorizationCode::new(held.code.clone()))
        .set_pkce_verifier(PkceCodeVerifier::new(held.pending.verifier.clone()))
        .request_async(&transport)
        .await;
    let outcome = transport.outcome(Asked::Code, result);
    let belongs = Belongs::SignIn(held.pending.nonce.as_deref());
    tokens::accept(step, outcome, &client.client_id, belongs).await
}

/// Whether a run's latest step is the end of a code that is spent.
pub(crate) const fn can_replay(run: &Run) -> bool {
    run.code.is_some() && matches!(run.latest, Some(Latest::Tokens | Latest::Api(_)))
}

/// The verifier of a run and the challenge that was sent in its place (RFC 7636 §4.2), to be shown.
pub(crate) fn pkce_of(held: &HeldCode) -> (String, String) {
    let verifier = PkceCodeVerifier::new(held.pending.verifier.clone());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    (held.pending.verifier.clone(), challenge.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_the_standards_example() {
        let held = HeldCode {
            code: String::new(),
            received: shared::time::Timestamp::from_unix(0),
            pending: Pending {
                state: String::new(),
                nonce: None,
                verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            },
        };
        // RFC 7636 Appendix B.
        assert_eq!(
            pkce_of(&held).1,
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
