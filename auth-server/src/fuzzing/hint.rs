//! `id_token_hint` (OpenID Connect Core §3.1.2.1): any text is read without a panic, and names nobody; an ID token that
//! this server signed names its subject where, and only where, it was issued here to this client.

use serde_json::{Map, Value};
use shared::seed::SigningAlgorithm;

use super::{ISSUER, NOW, World, must};
use crate::issue::id_token_hint::{Hint, InvalidHint, verify_by};
use crate::issue::keys::JwtType;

/// The subject that a hint names, as the world's client knows it.
fn subject(world: &World, token: &str) -> Result<String, InvalidHint> {
    let hint: Hint = verify_by(token, (&world.keys, NOW), ISSUER)?;
    hint.subject_for(world.client.id.as_str())
}

pub(super) fn hold(world: &World, text: &str) {
    assert!(subject(world, text).is_err(), "nobody signed it");
    let Ok(claims) = serde_json::from_str::<Map<String, Value>>(text) else {
        return;
    };
    let key = must(
        world.keys.signer(SigningAlgorithm::Es256, NOW).ok(),
        "a key",
    );
    for kind in [JwtType::IdToken, JwtType::AccessToken, JwtType::LogoutToken] {
        let is_id_token = matches!(kind, JwtType::IdToken);
        let token = must(key.sign(kind, &claims).ok(), "a token");
        if let Ok(named) = subject(world, &token) {
            let is =
                |name: &str, value: &str| claims.get(name).and_then(Value::as_str) == Some(value);
            let for_client = match claims.get("aud") {
                Some(Value::Array(all)) => all.iter().any(|one| one == world.client.id.as_str()),
                _ => is("aud", world.client.id.as_str()),
            };
            assert!(is_id_token, "a token of another kind");
            assert!(is("iss", ISSUER), "issued elsewhere");
            assert!(for_client, "issued to somebody else");
            assert!(is("sub", &named), "{named}");
        }
    }
}
