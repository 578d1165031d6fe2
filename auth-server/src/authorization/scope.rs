//! What is asked for (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1 and §11).

use shared::flow::catalog as check;
use shared::oauth::{GrantType, Params, ResponseType, Scope, ScopeToken};
use shared::observe::Observation;
use shared::seed::ExcessScope;

use super::parse::excerpt;
use super::{OFFLINE_ACCESS, OPENID, Refusal};
use crate::client::Client;

/// RFC 6749 §3.3: a scope that is malformed is an error. One that is unknown or beyond the client's own is an error
/// too, or left out, as the client's policy says: OpenID Connect Core §3.1.2.1 asks that it is ignored.
pub(crate) fn scope(
    params: &Params,
    client: &Client,
    observation: &Observation,
) -> Result<Scope, Refusal> {
    let asked = match params.get("scope") {
        None => Some(client.default_scope()),
        Some(text) => text.parse::<Scope>().ok(),
    };
    let ignores = client.policy.excess_scope == ExcessScope::Ignore;
    let got = match &asked {
        None => "malformed".to_owned(),
        Some(scope) if scope.is_subset(&client.scope) => scope.to_string(),
        Some(scope) => {
            let beyond = scope.difference(&client.scope);
            let beyond: Vec<_> = beyond.iter().map(ScopeToken::as_str).collect();
            let word = if ignores {
                "beyond that, and left out"
            } else {
                "beyond that"
            };
            format!("{word}: {}", excerpt(&beyond.join(" ")))
        }
    };
    let expected = format_args!("some of: {}", client.scope);
    let asked = match asked {
        Some(scope) if ignores => Some(
            scope
                .iter()
                .filter(|token| client.scope.contains(token.as_str()))
                .cloned()
                .collect(),
        ),
        asked => asked.filter(|scope| scope.is_subset(&client.scope)),
    };
    observation
        .require_some(&check::SCOPE_ALLOWED, asked, expected, got)
        .ok_or(Refusal::Scope)
}

/// What of it can be granted with this response type: `offline_access` asks for a refresh token, which comes by
/// a code alone and to a client that may use one (OpenID Connect Core §11: else "MUST ignore").
pub(super) fn grantable(scope: Scope, response_type: ResponseType, client: &Client) -> Scope {
    if response_type.gives_code() {
        renewable(scope, client)
    } else {
        without_offline_access(&scope)
    }
}

/// As [`grantable`], where tokens do not come through the browser.
pub(crate) fn renewable(scope: Scope, client: &Client) -> Scope {
    if client.allows_grant(GrantType::RefreshToken) {
        scope
    } else {
        without_offline_access(&scope)
    }
}

fn without_offline_access(scope: &Scope) -> Scope {
    scope
        .iter()
        .filter(|known| known.as_str() != OFFLINE_ACCESS)
        .cloned()
        .collect()
}

/// OpenID Connect Core §3.1.2.1, §3.2.2.1, §3.3.2.1: who asks for an ID token asks for `openid`, and where the ID
/// token comes through the browser, for a `nonce`, which tells it from one that was recorded.
pub(super) fn id_token_bound(
    params: &Params,
    (response_type, scope): (ResponseType, &Scope),
    observation: &Observation,
) -> Result<(), Refusal> {
    if !response_type.gives_id_token() {
        return Ok(());
    }
    let got = if scope.is_empty() {
        "none".to_owned()
    } else {
        scope.to_string()
    };
    observation
        .require(
            &check::SCOPE_OPENID,
            scope.contains(OPENID),
            "openid among it, as an ID token is asked for",
            got,
        )
        .or(Refusal::OpenIdMissing)?;
    let nonce = params.get("nonce");
    let got = nonce.map_or("none", |_| "one");
    observation
        .require(&check::NONCE_PRESENT, nonce.is_some(), "a nonce", got)
        .or(Refusal::NonceMissing)
}
