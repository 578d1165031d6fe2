//! What is asked for (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1 and §11).

use shared::flow::catalog as check;
use shared::oauth::{Params, ResponseType, Scope};
use shared::observe::Observation;

use super::{OPENID, Refusal};
use crate::client::{AskedScope, Client, renewable, without_offline_access};

/// What is asked for by a request that a person will answer (RFC 6749 §3.3): [`AskedScope`] says what becomes of a
/// scope that is malformed, unknown or beyond the client's own. Without a response type no browser carries the answer.
pub(crate) fn scope(
    params: &Params,
    (response_type, client): (Option<ResponseType>, &Client),
    observation: &Observation,
) -> Result<Scope, Refusal> {
    let asked = AskedScope {
        asked: params.get("scope"),
        most: &client.scope,
        excess: client.policy.excess_scope,
    };
    let kept = |scope| grantable(scope, response_type, client);
    let granted = asked.granted_of(|| client.default_scope(), kept);
    let expected = format_args!("some of: {}", client.scope);
    observation
        .require_some(&check::SCOPE_ALLOWED, granted, expected, asked)
        .ok_or(Refusal::Scope)
}

/// What of it can be granted with this response type: `offline_access` asks for a refresh token, which comes by
/// a code alone and to a client that may use one (OpenID Connect Core §11: else "MUST ignore").
fn grantable(scope: Scope, response_type: Option<ResponseType>, client: &Client) -> Scope {
    if response_type.is_none_or(ResponseType::gives_code) {
        renewable(scope, client)
    } else {
        without_offline_access(&scope)
    }
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
