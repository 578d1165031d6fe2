//! The authentication request (OpenID Connect Core §3.1.2.1): `state`, `nonce` and PKCE, always.

use oauth2::{CsrfToken, PkceCodeChallenge, ResponseType};
use shared::oauth::Digest;

use super::attempt::{Ask, Attempt, Response};
use super::discovery::discover;
use super::provider::Provider;
use crate::flow::{Refusal, Step};
use crate::oauth;

/// The scope that is asked for: who the person is, and their address by e-mail.
const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// What the person chose.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choice {
    /// What comes back.
    pub(super) response: Response,
    /// How insistently the provider asks.
    pub(super) ask: Ask,
}

/// Where answers go.
pub(super) fn redirect_uri(step: &Step<'_>) -> String {
    format!(
        "{}/sign-in/callback",
        step.state.addresses.client(step.realm)
    )
}

/// Asks for the provider's metadata, and makes the attempt and the URL to which the browser is sent.
///
/// # Errors
/// [`Refusal`] when the metadata may not be believed.
pub(super) async fn begin(
    step: &Step<'_>,
    owner: Digest,
    provider: Provider,
    choice: Choice,
) -> Result<(Attempt, String), Refusal> {
    let discovered = discover(step, &provider).await?;
    let oauth = oauth::client_at(
        &provider.client,
        (
            &discovered.authorization_endpoint,
            &discovered.token_endpoint,
        ),
        &redirect_uri(step),
    )
    .map_err(|error| Refusal::internal(&error))?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let nonce = CsrfToken::new_random_len(32).secret().clone();
    let mut request = oauth
        .authorize_url(|| CsrfToken::new_random_len(32))
        .add_scopes(SCOPES.map(|name| oauth2::Scope::new(name.to_owned())))
        .set_response_type(&ResponseType::new(choice.response.as_str().to_owned()))
        .add_extra_param("nonce", nonce.clone());
    if choice.response.has_code() {
        request = request.set_pkce_challenge(challenge);
    }
    if choice.response.has_front_id_token() {
        request = request.add_extra_param("response_mode", "form_post");
    }
    let before = step.state.accounts.of(&owner, step.realm);
    let before = before.filter(|account| account.issuer == provider.issuer);
    match choice.ask {
        Ask::Again => request = request.add_extra_param("prompt", "login"),
        Ask::Silently => {
            request = request.add_extra_param("prompt", "none");
            if let Some(account) = &before {
                request = request.add_extra_param("id_token_hint", account.id_token.clone());
            }
        }
        Ask::AsNeeded | Ask::Recently => {}
    }
    if let Some(seconds) = choice.ask.max_age() {
        request = request.add_extra_param("max_age", seconds.to_string());
    }
    let (url, state) = request.url();
    let attempt = Attempt {
        owner,
        realm: step.realm.clone(),
        provider,
        discovered,
        state: state.secret().clone(),
        nonce,
        verifier: verifier.secret().clone(),
        response: choice.response,
        ask: choice.ask,
        expected_sub: before
            .filter(|_| choice.ask == Ask::Silently)
            .map(|account| account.sub),
    };
    Ok((attempt, url.to_string()))
}
