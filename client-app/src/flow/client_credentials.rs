//! Client credentials grant: RFC 6749 §4.4. A machine speaks for itself; no browser, no person, no refresh token.

use shared::oauth::Digest;

use super::{Asked, Experiment, Grant, Refusal, Run, RunStore, Start, Step, TokenSet, scopes};
use crate::id_token::Belongs;
use crate::tokens;

/// A scope that the demo's machine client is not registered for.
const NOT_ITS_SCOPE: &str = "photos:read";

/// Runs the grant (§4.4.2).
pub(crate) async fn run(step: &Step<'_>, owner: Digest, choice: &Start) -> Result<Run, Refusal> {
    let id = RunStore::new_id().map_err(|e| Refusal::internal(&e))?;
    let mut choice = choice.clone();
    if choice.experiment == Some(Experiment::ForbiddenScope) {
        NOT_ITS_SCOPE.clone_into(&mut choice.scope);
    }
    let mut run = step.new_run(id, owner, Grant::ClientCredentials, &choice);
    let outcome = request(step, &choice).await;
    run.conclude(outcome);
    Ok(run)
}

async fn request(step: &Step<'_>, choice: &Start) -> Result<TokenSet, Refusal> {
    let client = step.state.clients.of(Grant::ClientCredentials);
    let oauth = step
        .oauth(client, choice.experiment)
        .map_err(|e| Refusal::internal(&e))?;
    let transport = step.transport(client, None);
    let result = oauth
        .exchange_client_credentials()
        .add_scopes(scopes(&choice.scope))
        .request_async(&transport)
        .await;
    let outcome = transport.outcome(Asked::ClientCredentials, result);
    let belongs = Belongs::SignIn(None);
    tokens::accept(step, outcome, &client.client_id, belongs).await
}
