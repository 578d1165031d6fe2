//! Request objects (RFC 9101, OpenID Connect Core §6): the claims of one and what stands beside it make a request that
//! is the client's own; read alone, nothing beside it counts; read merged, the object wins. And whatever the request
//! is, it is answered at home ([`super::authorize`]).

use serde_json::Value;
use shared::oauth::Params;
use shared::observe::Observation;

use super::{ISSUER, NOW, World, authorize, encode};
use crate::authorization::Decoded;
use crate::authorization::delivery::Delivery;
use crate::authorization::request_object::{Reading, read};
use crate::client::signed::SignedJwt;

/// Claims about the JWT itself.
const OF_THE_JWT: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

pub(super) fn hold(world: &World, text: &str) {
    let (beside, claims) = text.split_once('\n').unwrap_or(("", text));
    let Ok(beside) = Params::parse(beside.as_bytes()) else {
        return;
    };
    let header = encode(r#"{"alg":"ES256","typ":"oauth-authz-req+jwt"}"#);
    let jwt = format!("{header}.{}.{}", encode(claims), encode("signed"));
    let Ok(jwt) = SignedJwt::read(&jwt) else {
        return;
    };
    for client in [&world.client, &world.strict] {
        for reading in [Reading::Alone, Reading::Merged] {
            let how = (reading, NOW);
            let observation = Observation::nowhere();
            let Ok(params) = read(&jwt, &beside, (client, ISSUER), how, &observation) else {
                continue;
            };
            is_its_own(&jwt, &params, client.id.as_str());
            stems(&jwt, &beside, &params, reading);
            let signed = Delivery {
                signed: true,
                ..Delivery::default()
            };
            authorize::judge(client, &Decoded::delivered(params, signed));
        }
    }
}

/// RFC 9101 §4: it names this client and this server, or neither, and holds no further object.
fn is_its_own(jwt: &SignedJwt, params: &Params, client_id: &str) {
    assert_eq!(params.get("client_id"), Some(client_id));
    assert_eq!(params.get("request"), None);
    assert_eq!(params.get("request_uri"), None);
    assert!(jwt.claims.get("iss").is_none_or(|iss| iss == client_id));
    assert_ne!(jwt.text("sub"), Some(client_id));
    let is_us = |aud: &Value| aud == ISSUER;
    let for_us = match jwt.claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(is_us),
        aud => aud.is_none_or(is_us),
    };
    assert!(for_us, "meant for somebody else");
    let over = jwt.claims.get("exp").and_then(Value::as_f64);
    let now = i32::try_from(NOW.as_unix()).map_or(f64::NAN, f64::from);
    assert!(over.is_none_or(|exp| exp > now), "over since {over:?}");
    for name in ["nbf", "iat"] {
        let begins = jwt.claims.get(name).and_then(Value::as_f64);
        assert!(begins.is_none_or(|at| at < now + 61.0), "{name} {begins:?}");
    }
}

/// Each parameter is a claim of the object, or stands beside it where that counts and the object says nothing of it.
fn stems(jwt: &SignedJwt, beside: &Params, params: &Params, reading: Reading) {
    for (name, value) in params.iter() {
        assert!(
            !OF_THE_JWT.contains(&name)
                || jwt.claims.get(name).is_none()
                || reading == Reading::Merged
        );
        match jwt.claims.get(name) {
            Some(Value::String(text)) => assert_eq!(value, text, "{name}"),
            Some(Value::Array(all)) if matches!(name, "resource" | "audience") => {
                assert!(all.iter().any(|one| one == value), "{name}");
            }
            Some(Value::Null) | None => {
                let added = reading == Reading::Merged && beside.all(name).any(|one| one == value);
                assert!(added || name == "client_id", "{name} comes from nowhere");
            }
            Some(other) => assert_eq!(value, other.to_string(), "{name}"),
        }
    }
}
