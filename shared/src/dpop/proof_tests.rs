//! A proof is right in every respect, or it is refused for the respect in which it is not.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const URL: &str = "http://localhost:9000/token";

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
            "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    fn sign_text(&self, header: &str, claims: &str) -> String {
        let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.unwrap());
        format!("{message}.{signature}")
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()})
    }
}

fn claims() -> Value {
    json!({"jti": "one", "htm": "POST", "htu": URL, "iat": NOW.as_unix()})
}

fn rules<'r>(nonces: &'r Nonces, required: bool, token: Option<&'r str>) -> Rules<'r> {
    Rules {
        method: "POST",
        target: "http://localhost:9000/token?a=b",
        now: NOW,
        algorithms: &ProofAlgorithm::DEFAULT,
        nonce: NonceRule {
            nonces,
            realm: "default",
            required,
        },
        access_token: token,
    }
}

fn judge(proofs: &[String]) -> Result<Proof, DpopFault> {
    let nonces = Nonces::new([]);
    verify(
        proofs,
        &rules(&nonces, false, None),
        &Observation::nowhere(),
    )
}

#[test]
fn a_right_proof_passes_and_names_its_key() {
    let signer = Signer::new();
    let proof = judge(&[signer.sign(&signer.header(), &claims())]).unwrap();
    let Value::Object(jwk) = signer.jwk() else {
        unreachable!()
    };
    let key = PublicKey::read(&jwk).unwrap();
    assert_eq!(proof.thumbprint, key.thumbprint());
    assert_eq!(proof.expires_at, NOW + OLDEST);
    let mut other = claims();
    other["jti"] = "two".into();
    let other = judge(&[signer.sign(&signer.header(), &other)]).unwrap();
    assert_ne!(proof.replay_key, other.replay_key);
}

#[test]
fn each_wrong_header_fails_its_own_check() {
    let signer = Signer::new();
    let with = |name: &str, value: Value| {
        let mut header = signer.header();
        header[name] = value;
        judge(&[signer.sign(&header, &claims())]).unwrap_err()
    };
    assert_eq!(with("typ", "JWT".into()), DpopFault::Type);
    assert_eq!(with("typ", Value::Null), DpopFault::Type);
    assert_eq!(with("alg", "none".into()), DpopFault::Algorithm);
    assert_eq!(with("alg", "HS256".into()), DpopFault::Algorithm);
    assert_eq!(with("alg", "RS256".into()), DpopFault::Algorithm);
    assert_eq!(with("alg", "PS256".into()), DpopFault::Key);
    assert_eq!(with("jwk", Value::Null), DpopFault::Key);
    assert_eq!(with("jwk", Signer::new().jwk()), DpopFault::Signature);
    assert_eq!(with("crit", json!(["b64"])), DpopFault::Malformed);
    let mut private = signer.jwk();
    private["d"] = "AAAA".into();
    assert_eq!(with("jwk", private), DpopFault::Key);
    let good = signer.sign(&signer.header(), &claims());
    for (text, fault) in [
        (String::new(), DpopFault::Malformed),
        ("a.b.c".to_owned(), DpopFault::Malformed),
        (format!("{good}.x"), DpopFault::Malformed),
        (format!("{good}="), DpopFault::Malformed),
        (
            format!("{good}{}", "A".repeat(MAX_PROOF)),
            DpopFault::Malformed,
        ),
    ] {
        assert_eq!(judge(std::slice::from_ref(&text)), Err(fault), "{text}");
    }
    assert_eq!(judge(&[good.clone(), good]), Err(DpopFault::Repeated));
}

#[test]
fn each_wrong_claim_fails_its_own_check() {
    let signer = Signer::new();
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        judge(&[signer.sign(&signer.header(), &claims)])
    };
    for name in ["jti", "htm", "htu", "iat"] {
        assert_eq!(with(name, Value::Null), Err(DpopFault::Claims), "{name}");
    }
    assert_eq!(with("jti", "".into()), Err(DpopFault::Claims));
    assert_eq!(with("iat", "1800000000".into()), Err(DpopFault::Claims));
    assert_eq!(with("htm", "post".into()), Err(DpopFault::Method));
    assert_eq!(with("htm", "GET".into()), Err(DpopFault::Method));
    let elsewhere = "http://localhost:9001/token";
    assert_eq!(with("htu", elsewhere.into()), Err(DpopFault::Target));
    let now = NOW.as_unix();
    for (iat, right) in [
        (json!(now - 300), true),
        (json!(now + 60), true),
        (json!(1_800_000_000.5), true),
        (json!(now - 301), false),
        (json!(now + 61), false),
        (json!(-1), false),
        (json!(1e300), false),
        (json!(u64::MAX), false),
    ] {
        assert_eq!(with("iat", iat.clone()).is_ok(), right, "{iat}");
    }
    for (name, moment, right) in [
        ("exp", json!(now + 60), true),
        ("exp", json!(now - 59), true),
        ("exp", json!(now - 60), false),
        ("exp", json!(0), false),
        ("exp", json!(1e300), false),
        ("nbf", json!(now + 60), true),
        ("nbf", json!(0), true),
        ("nbf", json!(-5), true),
        ("nbf", json!(now + 61), false),
        ("nbf", json!(u64::MAX), false),
    ] {
        let judged = with(name, moment.clone());
        let expected = if right { None } else { Some(DpopFault::Time) };
        assert_eq!(judged.err(), expected, "{name} {moment}");
    }
    for name in ["exp", "nbf"] {
        for other in [
            Value::Null,
            json!("1800000000"),
            json!(true),
            json!([now]),
            json!({}),
        ] {
            assert_eq!(with(name, other), Err(DpopFault::Claims), "{name}");
        }
    }
}

/// RFC 7515 §4, RFC 7517 §4, RFC 7519 §4: nobody is to believe the first of two, and somebody else the last.
#[test]
fn what_says_something_twice_is_no_proof() {
    let signer = Signer::new();
    let (header, claims) = (signer.header().to_string(), claims().to_string());
    let doubled = |text: &str, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    let jwk = signer.jwk().to_string();
    let twice_in_key = header.replace(&jwk, &doubled(&jwk, r#""kty":"EC""#));
    assert_ne!(twice_in_key, header);
    for (header, claims) in [
        (doubled(&header, r#""typ":"dpop+jwt""#), claims.clone()),
        (doubled(&header, r#""kid":"a","kid":"b""#), claims.clone()),
        (twice_in_key, claims.clone()),
        (header.clone(), doubled(&claims, r#""jti":"another""#)),
        (header.clone(), doubled(&claims, r#""x":1,"x":1"#)),
        (header.clone(), doubled(&claims, r#""x":{"y":1,"y":1}"#)),
    ] {
        let proof = signer.sign_text(&header, &claims);
        assert_eq!(
            judge(&[proof]),
            Err(DpopFault::Malformed),
            "{header} {claims}"
        );
    }
    assert!(judge(&[signer.sign_text(&header, &doubled(&claims, r#""x":1"#))]).is_ok());
}

#[test]
fn a_nonce_is_demanded_where_the_policy_says_so_and_checked_wherever_it_comes() {
    let (signer, nonces) = (Signer::new(), Nonces::new([&b"secret"[..]]));
    let judge = |nonce: Option<&str>, required| {
        let mut claims = claims();
        claims["nonce"] = nonce.map_or(Value::Null, Value::from);
        let proof = signer.sign(&signer.header(), &claims);
        let rules = rules(&nonces, required, None);
        verify(&[proof], &rules, &Observation::nowhere())
    };
    let good = nonces.make("default", NOW);
    assert!(judge(Some(&good), true).is_ok());
    assert!(judge(None, false).is_ok());
    assert_eq!(judge(None, true), Err(DpopFault::NonceMissing));
    for required in [true, false] {
        let made_up = judge(Some("made up"), required);
        assert_eq!(made_up, Err(DpopFault::NonceUnknown));
    }
    assert_eq!(DpopFault::NonceMissing.code(), ErrorCode::UseDpopNonce);
    assert_eq!(DpopFault::Time.code(), ErrorCode::InvalidDpopProof);
}

#[test]
fn at_a_resource_the_proof_names_the_token() {
    let (signer, nonces) = (Signer::new(), Nonces::new([]));
    let judge = |ath: Option<String>| {
        let mut claims = claims();
        claims["ath"] = ath.map_or(Value::Null, Value::from);
        let proof = signer.sign(&signer.header(), &claims);
        let rules = rules(&nonces, false, Some("the token"));
        verify(&[proof], &rules, &Observation::nowhere()).map(|_| ())
    };
    let hash = |token: &str| URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
    assert_eq!(judge(Some(hash("the token"))), Ok(()));
    assert_eq!(
        judge(Some(hash("another"))),
        Err(DpopFault::AccessTokenHash)
    );
    assert_eq!(judge(None), Err(DpopFault::AccessTokenHash));
}
