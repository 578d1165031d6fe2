//! Resource owner password credentials grant: RFC 6749 §4.3. Kept to learn from (RFC 9700 §2.4: MUST NOT be used).
//!
//! The person types the provider's password into the client's own form: that is the lesson.

use oauth2::{ResourceOwnerPassword, ResourceOwnerUsername};
use shared::oauth::Digest;

use super::{Asked, Grant, Refusal, Run, RunStore, Start, Step, TokenSet, scopes};
use crate::id_token::Belongs;
use crate::tokens;

/// What the person typed. Kept nowhere: it is forgotten once the request is sent.
pub(crate) struct Typed {
    /// The user name.
    pub(crate) username: String,
    /// The password.
    pub(crate) password: String,
}

/// Runs the grant (§4.3.2).
pub(crate) async fn run(
    step: &Step<'_>,
    owner: Digest,
    choice: &Start,
    typed: Typed,
) -> Result<Run, Refusal> {
    let id = RunStore::new_id().map_err(|e| Refusal::internal(&e))?;
    let mut run = step.new_run(id, owner, Grant::Password, choice);
    let outcome = request(step, choice, typed).await;
    run.conclude(outcome);
    Ok(run)
}

async fn request(step: &Step<'_>, choice: &Start, typed: Typed) -> Result<TokenSet, Refusal> {
    let client = step.state.clients.of(Grant::Password);
    let oauth = step
        .oauth(client, choice.experiment)
        .map_err(|e| Refusal::internal(&e))?;
    let (username, password) = (
        ResourceOwnerUsername::new(typed.username),
        ResourceOwnerPassword::new(typed.password),
    );
    let transport = step.transport(client, None);
    let result = oauth
        .exchange_password(&username, &password)
        .add_scopes(scopes(&choice.scope))
        .request_async(&transport)
        .await;
    let outcome = transport.outcome(Asked::Password, result);
    let belongs = Belongs::SignIn(None);
    tokens::accept(step, outcome, &client.client_id, belongs).await
}
