//! Each refusal of an ID token is one named check. Keys are made here; nothing is mocked.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use shared::flow::Outcome;
use shared::oauth::token_hash;
use shared::seed::SigningAlgorithm;

use super::*;

const NOW: i64 = 1_800_000_000;
const ACCESS_TOKEN: &str = "the access token";

struct Issuer {
    key: EncodingKey,
    jwk: Jwk,
}

fn issuer(kid: &str) -> Issuer {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let key = EncodingKey::from_ec_der(document.as_ref());
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    Issuer { key, jwk }
}

fn claims() -> Value {
    json!({
        "iss": "http://localhost:9000", "sub": "alice", "aud": "web", "nonce": "n-1",
        "iat": NOW, "exp": NOW + 300, "at_hash": token_hash(SigningAlgorithm::Es256, ACCESS_TOKEN),
    })
}

fn sign(issuer: &Issuer, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = issuer.jwk.common.key_id.clone();
    jsonwebtoken::encode(&header, claims, &issuer.key).unwrap()
}

/// The id of the check that refuses `token`, and how many were made.
fn refusal(token: &str, keys: &[Jwk]) -> Option<&'static str> {
    refusal_of(token, keys, Belongs::SignIn(Some("n-1")))
}

/// The same for what belongs elsewhere.
fn refusal_of(token: &str, keys: &[Jwk], belongs: Belongs<'_>) -> Option<&'static str> {
    let expected = Expected {
        issuer: "http://localhost:9000",
        client_id: "web",
        belongs,
        access_token: ACCESS_TOKEN,
        now: Timestamp::from_unix(NOW),
    };
    let mut list = Checklist::new(None, belongs.checks());
    let verdict = verify(&mut list, &Jwt::decode(token).unwrap(), keys, &expected);
    let checks = list.into_checks();
    let failed = checks
        .iter()
        .position(|check| check.outcome == Outcome::Failed);
    if let Some(failed) = failed {
        let behind = checks.iter().skip(failed + 1);
        assert!(
            behind
                .clone()
                .all(|check| check.outcome == Outcome::NotReached)
        );
    }
    verdict.err().map(|check| check.id)
}

/// The check that refuses a token in which `name` is `value` (absent for null).
fn with(name: &str, value: Value) -> Option<&'static str> {
    let issuer = issuer("k1");
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    refusal(&sign(&issuer, &claims), &[issuer.jwk])
}

#[test]
fn a_good_token_passes_every_check() {
    assert_eq!(with("sub", json!("alice")), None);
    assert_eq!(
        with("at_hash", Value::Null),
        None,
        "optional in the code flow"
    );
    assert_eq!(with("azp", json!("web")), None);
}

/// What a provider's clock may be off by is ten seconds, ahead and behind, and no more.
#[test]
fn a_clock_that_disagrees_is_believed_for_ten_seconds() {
    for off in [0, 1, 9, 10] {
        assert_eq!(with("iat", json!(NOW + off)), None, "iat {off} s ahead");
        assert_eq!(with("nbf", json!(NOW + off)), None, "nbf {off} s ahead");
    }
    for off in [0, 1, 9] {
        assert_eq!(with("exp", json!(NOW - off)), None, "exp {off} s ago");
    }
    for off in [11, 30, 300, 3600] {
        let (early, late) = (Some("id_token.issued_at"), Some("id_token.not_expired"));
        assert_eq!(with("iat", json!(NOW + off)), early, "iat {off} s ahead");
        assert_eq!(with("nbf", json!(NOW + off)), early, "nbf {off} s ahead");
        assert_eq!(with("exp", json!(NOW - off)), late, "exp {off} s ago");
    }
    assert_eq!(with("nbf", json!("soon")), Some("id_token.issued_at"));
}

/// RFC 7519 §2: a `NumericDate` may have a fraction, and is a number.
#[test]
fn moments_may_have_a_fraction_and_are_numbers() {
    let half = |seconds: i64| json!(f64::from(i32::try_from(seconds).unwrap()) + 0.5);
    for (name, right, wrong) in [
        ("iat", half(NOW), half(NOW + 11)),
        ("nbf", half(NOW), half(NOW + 11)),
        ("exp", half(NOW), half(NOW - 11)),
        ("exp", json!(1.9e9), json!(1e300)),
    ] {
        assert_eq!(with(name, right), None, "{name}");
        assert!(with(name, wrong).is_some(), "{name}");
    }
    for (name, check) in [
        ("iat", "id_token.issued_at"),
        ("nbf", "id_token.issued_at"),
        ("exp", "id_token.not_expired"),
    ] {
        for wrong in [json!(true), json!([NOW]), json!({}), json!(u64::MAX)] {
            assert_eq!(with(name, wrong.clone()), Some(check), "{name}: {wrong}");
        }
        let issuer = issuer("k1");
        let mut claims = claims();
        claims[name] = Value::Null;
        let refused = refusal(&sign(&issuer, &claims), &[issuer.jwk]);
        assert_eq!(refused, Some(check), "{name}: null is no number");
    }
}

#[test]
fn each_wrong_claim_fails_its_own_check() {
    assert_eq!(
        with("iss", json!("http://localhost:9000/")),
        Some("id_token.issuer")
    );
    assert_eq!(with("iss", Value::Null), Some("id_token.issuer"));
    assert_eq!(with("aud", json!("spa")), Some("id_token.audience"));
    assert_eq!(with("aud", json!(["web", "spa"])), Some("id_token.azp"));
    assert_eq!(with("azp", json!("spa")), Some("id_token.azp"));
    assert_eq!(with("exp", json!(NOW - 60)), Some("id_token.not_expired"));
    assert_eq!(
        with("exp", json!("1900000000")),
        Some("id_token.not_expired")
    );
    assert_eq!(with("iat", json!(NOW + 600)), Some("id_token.issued_at"));
    assert_eq!(with("iat", Value::Null), Some("id_token.issued_at"));
    assert_eq!(with("nonce", json!("n-2")), Some("id_token.nonce"));
    assert_eq!(with("nonce", Value::Null), Some("id_token.nonce"));
    assert_eq!(with("at_hash", json!("AAAA")), Some("id_token.at_hash"));
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let (ours, theirs) = (issuer("k1"), issuer("k1"));
    let token = sign(&theirs, &claims());
    assert_eq!(
        refusal(&token, std::slice::from_ref(&ours.jwk)),
        Some("id_token.signature")
    );
    let unknown = sign(&issuer("k9"), &claims());
    assert_eq!(refusal(&unknown, &[ours.jwk]), Some("id_token.signature"));
}

#[test]
fn none_and_symmetric_algorithms_are_refused() {
    let ours = issuer("k1");
    let payload = URL_SAFE_NO_PAD.encode(claims().to_string());
    for alg in ["none", "HS256", "es256", ""] {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "k1" }).to_string());
        let token = format!("{header}.{payload}.");
        assert_eq!(
            refusal(&token, std::slice::from_ref(&ours.jwk)),
            Some("id_token.algorithm"),
            "{alg}"
        );
    }
}

#[test]
fn what_a_refresh_brings_is_of_the_same_person_and_needs_no_nonce() {
    let issuer = issuer("key-1");
    let keys = [issuer.jwk.clone()];
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("nonce");
    let of = |claims: &Value, first: Option<&str>| {
        refusal_of(&sign(&issuer, claims), &keys, Belongs::Refresh(first))
    };
    assert_eq!(of(&claims, Some("alice")), None);
    assert_eq!(of(&claims, Some("bob")), Some("id_token.subject"));
    assert_eq!(of(&claims, Some("alice2")), Some("id_token.subject"));
    assert_eq!(of(&claims, None), None, "no ID token came at first");
    claims.as_object_mut().unwrap().remove("sub");
    assert_eq!(of(&claims, Some("alice")), Some("id_token.subject"));
}
