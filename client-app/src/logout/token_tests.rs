//! Each refusal of a logout token is one named check. Keys are made here; nothing is mocked.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use shared::flow::Outcome;

use super::*;

const NOW: i64 = 1_800_000_000;

fn issuer() -> (EncodingKey, Jwk) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    let key = EncodingKey::from_ec_der(document.unwrap().as_ref());
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some("k1".to_owned());
    (key, jwk)
}

fn claims() -> Value {
    json!({
        "iss": "http://localhost:9000", "sub": "alice", "sid": "s1", "aud": "web",
        "iat": NOW, "exp": NOW + 120, "jti": "j1",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

/// What verifying these claims under this type comes to.
fn judged(typ: Option<&str>, claims: &Value) -> Result<Verified, &'static str> {
    let (key, jwk) = issuer();
    let mut header = Header::new(Algorithm::ES256);
    header.typ = typ.map(str::to_owned);
    header.kid = Some("k1".to_owned());
    let token = jsonwebtoken::encode(&header, claims, &key).unwrap();
    let expected = Expected {
        issuer: "http://localhost:9000",
        client_ids: &["web", "portal"],
        now: Timestamp::from_unix(NOW),
    };
    let mut list = Checklist::new(None, &CHECKS);
    let jwt = Jwt::decode(&token).unwrap();
    let verdict = verify(&mut list, &jwt, &[jwk], &expected);
    let checks = list.into_checks();
    let failed = checks
        .iter()
        .position(|check| check.outcome == Outcome::Failed);
    assert_eq!(failed.is_some(), verdict.is_err());
    if let Some(failed) = failed {
        let mut behind = checks.iter().skip(failed + 1);
        assert!(behind.all(|check| check.outcome == Outcome::NotReached));
    }
    verdict.map_err(|check| check.id)
}

/// The check that refuses a token in which `name` is `value` (absent for null).
fn with(name: &str, value: Value) -> Option<&'static str> {
    let mut claims = claims();
    let members = claims.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    judged(Some("logout+jwt"), &claims).err()
}

#[test]
fn a_good_token_says_whose_session_is_meant() {
    let verified = judged(Some("logout+jwt"), &claims()).unwrap();
    let meant = Meant {
        client_id: "web".to_owned(),
        sub: Some("alice".to_owned()),
        sid: Some("s1".to_owned()),
    };
    assert_eq!((verified.meant, verified.jti.as_str()), (meant, "j1"));
    assert!(judged(Some("application/logout+jwt"), &claims()).is_ok());
    assert!(
        judged(None, &claims()).is_ok(),
        "§2.4 only recommends the type"
    );
}

#[test]
fn a_token_for_another_use_is_refused_by_its_type() {
    for typ in ["JWT", "at+jwt", "secevent+jwt"] {
        let refused = judged(Some(typ), &claims()).err();
        assert_eq!(refused, Some("logout_token.type"), "{typ}");
    }
}

#[test]
fn each_claim_has_its_check() {
    let event = "http://schemas.openid.net/event/backchannel-logout";
    for (name, value, check) in [
        (
            "iss",
            json!("http://localhost:9000/"),
            "logout_token.issuer",
        ),
        ("iss", Value::Null, "logout_token.issuer"),
        ("aud", json!("another"), "logout_token.audience"),
        ("aud", json!(["another", "more"]), "logout_token.audience"),
        ("aud", Value::Null, "logout_token.audience"),
        ("iat", json!(NOW + 60), "logout_token.issued_at"),
        ("iat", Value::Null, "logout_token.issued_at"),
        ("iat", json!("1800000000"), "logout_token.issued_at"),
        ("exp", json!(NOW - 60), "logout_token.not_expired"),
        ("exp", Value::Null, "logout_token.not_expired"),
        ("events", Value::Null, "logout_token.events"),
        ("events", json!({}), "logout_token.events"),
        ("events", json!([event]), "logout_token.events"),
        ("events", json!({ event: true }), "logout_token.events"),
        ("events", json!({ "urn:other": {} }), "logout_token.events"),
        ("nonce", json!("n"), "logout_token.no_nonce"),
        ("jti", Value::Null, "logout_token.unused"),
        ("jti", json!(""), "logout_token.unused"),
    ] {
        assert_eq!(with(name, value.clone()), Some(check), "{name}: {value}");
    }
    let half = f64::from(i32::try_from(NOW).unwrap()) + 0.5;
    assert_eq!(with("iat", json!(half)), None, "RFC 7519 §2");
    assert_eq!(with("exp", json!(half)), None, "RFC 7519 §2");
    let early = with("iat", json!(half + 11.0));
    assert_eq!(early, Some("logout_token.issued_at"));
    assert_eq!(with("aud", json!(["another", "portal"])), None);
    assert_eq!(with("sid", Value::Null), None, "all sessions of the person");
    assert_eq!(with("sub", Value::Null), None, "the session alone");
}

#[test]
fn somebody_or_something_must_be_meant() {
    let mut claims = claims();
    let members = claims.as_object_mut().unwrap();
    members.remove("sub");
    members.remove("sid");
    let refused = judged(Some("logout+jwt"), &claims).err();
    assert_eq!(refused, Some("logout_token.subject"));
}

#[test]
fn another_key_or_algorithm_is_refused() {
    let (key, _) = issuer();
    let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims(), &key).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let of = |header: &str, signature: &str| format!("{header}.{}.{signature}", parts[1]);
    let expected = Expected {
        issuer: "http://localhost:9000",
        client_ids: &["web"],
        now: Timestamp::from_unix(NOW),
    };
    let (_, other) = issuer();
    for (token, check) in [
        // {"alg":"ES256"}
        (
            of("eyJhbGciOiJFUzI1NiJ9", parts[2]),
            "logout_token.signature",
        ),
        // {"alg":"none"}
        (of("eyJhbGciOiJub25lIn0", ""), "logout_token.algorithm"),
        // {"alg":"HS256"}
        (
            of("eyJhbGciOiJIUzI1NiJ9", parts[2]),
            "logout_token.algorithm",
        ),
    ] {
        let mut list = Checklist::new(None, &CHECKS);
        let jwt = Jwt::decode(&token).unwrap();
        let verdict = verify(&mut list, &jwt, std::slice::from_ref(&other), &expected);
        assert_eq!(verdict.err().map(|check| check.id), Some(check));
    }
}
