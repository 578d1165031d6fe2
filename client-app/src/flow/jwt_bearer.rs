//! JWT bearer grant: RFC 7523 §2.1. The shop's nightly job makes an album of Alice's photos: she is asleep, and nobody can
//! ask her. It signs an assertion that names her, and gets an access token in her name, as far as its registration lets
//! it: no browser, no consent page, no refresh token.

use serde_json::{Value, json};
use shared::oauth::{Digest, GrantType, TokenResponse, random_id};
use shared::observe::HttpResponse;
use shared::time::Lifetime;

use super::{Asked, Experiment, Grant, Refusal, Run, RunStore, Start, Step, TokenSet};
use crate::clients::ClientConfig;
use crate::id_token::Belongs;
use crate::tokens;

/// How long an assertion is good.
const LIFETIME: Lifetime = Lifetime::from_minutes(1);
/// How long ago one ended that comes too late on purpose.
const LATE: Lifetime = Lifetime::from_minutes(10);
/// Somebody in whose name the demo's job may not ask.
const SOMEBODY_ELSE: &str = "bob-0002";

/// Runs the grant.
pub(crate) async fn run(step: &Step<'_>, owner: Digest, choice: &Start) -> Result<Run, Refusal> {
    let id = RunStore::new_id().map_err(|e| Refusal::internal(&e))?;
    let mut run = step.new_run(id, owner, Grant::JwtBearer, choice);
    let outcome = request(step, choice).await;
    run.conclude(outcome);
    Ok(run)
}

async fn request(step: &Step<'_>, choice: &Start) -> Result<TokenSet, Refusal> {
    let client = step.state.clients.of(Grant::JwtBearer);
    let assertion = assertion(step, client, choice.experiment)?;
    let parameters = [
        ("grant_type", GrantType::JwtBearer.as_str()),
        ("assertion", assertion.as_str()),
        ("scope", choice.scope.as_str()),
    ];
    let url = format!("{}/token", step.issuer());
    let request = step
        .form_of(client, url, &parameters)
        .map_err(|e| Refusal::internal(&e))?;
    let sent = step
        .state
        .http
        .send(request, step.realm, Some(step.observation));
    let answer = sent
        .await
        .map_err(|error| Refusal::provider_away(&error.to_string()))?;
    let outcome = tokens_of(&answer);
    tokens::accept(step, outcome, &client.client_id, Belongs::SignIn(None)).await
}

/// §3: who signs, in whose name, for whom, until when; good once.
fn assertion(
    step: &Step<'_>,
    client: &ClientConfig,
    experiment: Option<Experiment>,
) -> Result<String, Refusal> {
    let now = step.now();
    let subject = match experiment {
        Some(Experiment::AnotherPerson) => SOMEBODY_ELSE,
        _ => &step.state.clients.album_subject,
    };
    let begins = match experiment {
        Some(Experiment::OldAssertion) => now - LATE,
        _ => now,
    };
    let claims = json!({
        "iss": client.client_id,
        "sub": subject,
        "aud": step.issuer(),
        "jti": random_id().map_err(|e| Refusal::internal(&e))?,
        "iat": begins.as_unix(),
        "exp": (begins + LIFETIME).as_unix(),
    });
    let signed = step.state.signing.sign("authorization-grant+jwt", &claims);
    signed.map_err(|e| Refusal::internal(&e))
}

/// The tokens of an answer, or what it says instead (RFC 6749 §5.1, §5.2).
fn tokens_of(answer: &HttpResponse) -> Result<TokenSet, Refusal> {
    if answer.status == 200 {
        return match serde_json::from_slice::<TokenResponse>(&answer.body) {
            Ok(tokens) => Ok(TokenSet::of(tokens, answer)),
            Err(error) => Err(Refusal::unreadable(&error.to_string()).with_answer(answer.into())),
        };
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let member = |name: &str| body.get(name).and_then(Value::as_str);
    let refusal = match member("error") {
        Some(error) => Refusal::at_token(
            Asked::Assertion,
            error,
            member("error_description").map(str::to_owned),
        ),
        None => Refusal::unreadable(&format!("status {}", answer.status)),
    };
    Err(refusal.with_answer(answer.into()))
}
