//! `DPoP` — RFC 9449: tokens that are worth nothing without the key.
//!
//! | file | what is in it |
//! |---|---|
//! | `token` | proofs at `/token`, for every grant; codes and refresh tokens that are bound (§5, §10) |
//! | `proof` | every way in which a proof can be wrong (§4.3), at `/token` and at the API |
//! | `nonce` | nonces (§8, §9) |
//! | `resource` | bound tokens at the API and at UserInfo (§7) |
//! | `shop` | the same as a person at the print shop's pages meets it |

mod nonce;
mod proof;
mod resource;
mod shop;
mod token;

use serde_json::Value;

use crate::support::{Answer, Client, ProofKey, World};

/// The claims of a JWT, unverified.
#[track_caller]
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a JWT");
    let json = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload);
    serde_json::from_slice(&json.expect("base64url")).expect("JSON")
}

/// Tokens for `client` from alice, bound to `key`.
pub(crate) async fn bound_tokens(
    world: &World,
    client: Client,
    scope: &str,
    key: &ProofKey,
) -> Value {
    let code = world.code(client, scope).await;
    is_bound(&world.send(key.proves(world.redeem(&code))).await, key)
}

/// The answer carries an access token that is bound to `key`, and says so.
#[track_caller]
pub(crate) fn is_bound(answer: &Answer, key: &ProofKey) -> Value {
    let body = answer.is(200).no_store().json();
    assert_eq!(body["token_type"], "DPoP", "{answer}");
    let token = body["access_token"].as_str().expect("an access token");
    if token.contains('.') {
        assert_eq!(claims(token)["cnf"]["jkt"], key.thumbprint.as_str());
    }
    body
}

/// A member of an answer as text.
#[track_caller]
pub(crate) fn text<'b>(body: &'b Value, name: &str) -> &'b str {
    body[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {body}"))
}
