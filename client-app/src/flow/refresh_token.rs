//! Refreshing: RFC 6749 §6, with rotation (RFC 9700 §4.14.2), of the same person's tokens (OpenID Connect Core §12.2);
//! and taking back: RFC 7009.
//!
//! Each refresh adds a link to the run's rotation chain; an old link can be sent again on purpose.

use oauth2::RefreshToken;

use super::{Answer, Asked, Latest, Refusal, Run, Step, TokenSet};
use crate::clients::ClientConfig;
use crate::id_token::Belongs;
use crate::jwt::Jwt;
use crate::proof::ProofKey;
use crate::tokens;

/// Trades the refresh token of link `link` of the chain (0 is the first) for new tokens.
pub(crate) async fn refresh(step: &Step<'_>, run: &mut Run, link: usize) {
    let Some(token) = run
        .tokens
        .get(link)
        .and_then(|set| set.refresh_token.clone())
    else {
        return;
    };
    // All later ones were compared with it: it is the first, or speaks for it.
    let first = run.tokens.iter().find_map(|set| set.id_token.as_deref());
    let first = first.and_then(Jwt::decode);
    let subject = first.as_ref().and_then(|jwt| jwt.text("sub"));
    let key = run.key.clone();
    let belongs = Belongs::Refresh(subject);
    let client = step.state.clients.of_run(run.grant, &run.client_id);
    let outcome = request(step, (client, key.as_ref()), token, belongs).await;
    run.conclude(outcome);
}

async fn request<'a>(
    step: &Step<'a>,
    (client, key): (&'a ClientConfig, Option<&'a ProofKey>),
    token: String,
    belongs: Belongs<'_>,
) -> Result<TokenSet, Refusal> {
    let oauth = step
        .oauth(client, None)
        .map_err(|e| Refusal::internal(&e))?;
    let token = RefreshToken::new(token);
    let transport = step.transport(client, key);
    let result = oauth
        .exchange_refresh_token(&token)
        .request_async(&transport)
        .await;
    let outcome = transport.outcome(Asked::RefreshToken, result);
    tokens::accept(step, outcome, &client.client_id, belongs).await
}

/// Which token is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoke {
    /// The access token alone.
    AccessToken,
    /// The refresh token, and with it everything of the grant (RFC 7009 §2.1).
    RefreshToken,
}

/// Takes a token of the run back (RFC 7009 §2.1).
///
/// Not through the `oauth2` crate: it insists on https here, and the demo is on loopback.
pub(crate) async fn revoke(step: &Step<'_>, run: &mut Run, which: Revoke) {
    let Some(set) = run.current() else { return };
    let token = match which {
        Revoke::AccessToken => Some(set.access_token.clone()),
        Revoke::RefreshToken => set.refresh_token.clone(),
    };
    let Some(token) = token else { return };
    let hint = match which {
        Revoke::AccessToken => "access_token",
        Revoke::RefreshToken => "refresh_token",
    };
    let client = step.state.clients.of_run(run.grant, &run.client_id);
    let url = format!("{}/revoke", step.issuer());
    let parameters = [("token", token.as_str()), ("token_type_hint", hint)];
    let request = match step.form_of(client, url, &parameters) {
        Ok(request) => request,
        Err(error) => {
            run.latest = Some(Latest::Refused(Refusal::internal(&error)));
            return;
        }
    };
    let http = &step.state.http;
    let answer = http.send(request, step.realm, Some(step.observation)).await;
    run.latest = Some(match answer {
        Ok(response) if response.status == 200 => Latest::Revoked(Answer::from(&response)),
        Ok(response) => {
            let refusal = Refusal::unreadable(&format!("status {}", response.status));
            Latest::Refused(refusal.with_answer(Answer::from(&response)))
        }
        Err(error) => Latest::Refused(Refusal::provider_away(&error.to_string())),
    });
}
