//! Each refusal of a JWT access token names its one failed check.

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, json};
use shared::time::Lifetime;

use super::*;
use crate::access::policy::SigningAlgorithm;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "http://localhost:9000";
const AUDIENCE: &str = "http://localhost:9001";

/// A key pair as an issuer has one.
struct Signer {
    private: EncodingKey,
    public: VerificationKey,
}

impl Signer {
    fn new(kid: &str) -> Self {
        use aws_lc_rs::rand::SystemRandom;
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let private = EncodingKey::from_ec_der(document.as_ref());
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some(kid.to_owned());
        let set = serde_json::to_vec(&JwkSet { keys: vec![jwk] }).unwrap();
        let public = VerificationKey::read_set(&set).unwrap().remove(0);
        Self { private, public }
    }
}

/// A token to be spoilt.
struct Draft {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Draft {
    fn good() -> Self {
        let object = |value: Value| value.as_object().cloned().unwrap();
        Self {
            header: object(json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k1" })),
            claims: object(json!({
                "iss": ISSUER, "aud": AUDIENCE, "sub": "alice-0001", "client_id": "web",
                "exp": NOW + 600, "iat": NOW, "jti": "t1", "scope": "photos:read",
            })),
        }
    }

    fn header(mut self, name: &str, value: Value) -> Self {
        set(&mut self.header, name, value);
        self
    }

    fn claim(mut self, name: &str, value: Value) -> Self {
        set(&mut self.claims, name, value);
        self
    }

    fn sign(&self, signer: &Signer) -> String {
        let part = |members: &Map<String, Value>| {
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(members).unwrap())
        };
        let message = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &signer.private, Algorithm::ES256);
        format!("{message}.{}", signature.unwrap())
    }
}

/// Sets a member, or takes it away where the value is null.
fn set(members: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}

fn policy() -> TokenPolicy {
    TokenPolicy::default()
}

/// The id of the check that failed, or what was accepted.
fn judge(token: &str, key: &VerificationKey, policy: &TokenPolicy) -> Result<String, String> {
    let observation = Observation::nowhere();
    let expected = Expected {
        issuer: ISSUER,
        audience: AUDIENCE,
        now: Timestamp::from_unix(NOW),
        policy,
    };
    let verified = UnverifiedJwt::read(token, None, policy, &observation).and_then(|jwt| {
        let found = Some(key).filter(|key| key.kid() == jwt.kid());
        jwt.verify(found, &expected, &observation)
    });
    let failed = observation.failed_check().map(|check| check.id);
    assert_eq!(
        verified.is_err(),
        failed.is_some(),
        "{verified:?} {failed:?}"
    );
    verified
        .map(|claims| claims.sub.to_string())
        .map_err(|_| failed.unwrap_or_default())
}

fn refused(draft: &Draft) -> String {
    let signer = Signer::new("k1");
    judge(&draft.sign(&signer), &signer.public, &policy()).unwrap_err()
}

fn accepted(draft: &Draft) -> bool {
    let signer = Signer::new("k1");
    judge(&draft.sign(&signer), &signer.public, &policy()).is_ok()
}

#[test]
fn a_good_token_says_whom_it_speaks_for() {
    let signer = Signer::new("k1");
    let token = Draft::good().sign(&signer);
    let sub = judge(&token, &signer.public, &policy());
    assert_eq!(sub.as_deref(), Ok("alice-0001"));
    assert!(accepted(
        &Draft::good().header("typ", json!("application/AT+JWT"))
    ));
    let several = json!(["http://elsewhere", AUDIENCE]);
    assert!(accepted(&Draft::good().claim("aud", several)));
}

#[test]
fn a_token_that_came_before_is_judged_anew() {
    let (signer, other) = (Signer::new("k1"), Signer::new("k1"));
    let token = Draft::good().sign(&signer);
    let observation = Observation::nowhere();
    let first = UnverifiedJwt::read(&token, None, &policy(), &observation).unwrap();
    let before = first.to_remember(&signer.public).unwrap();
    let judge = |key: Option<&VerificationKey>, now| {
        let expected = Expected {
            issuer: ISSUER,
            audience: AUDIENCE,
            now: Timestamp::from_unix(now),
            policy: &policy(),
        };
        let jwt = UnverifiedJwt::read(&token, Some(&before), &policy(), &observation).unwrap();
        assert!(jwt.to_remember(&signer.public).is_none());
        jwt.verify(key, &expected, &observation).map(|_| ())
    };
    assert!(judge(Some(&signer.public), NOW).is_ok());
    let expired = judge(Some(&signer.public), NOW + 3600);
    assert!(matches!(expired, Err(AccessError::Expired)));
    let retired = judge(None, NOW);
    assert!(matches!(retired, Err(AccessError::UnknownKey)));
    let replaced = judge(Some(&other.public), NOW);
    assert!(matches!(replaced, Err(AccessError::Signature)));
}

#[test]
fn a_token_that_is_no_jwt_does_not_decode() {
    let signer = Signer::new("k1");
    let good = Draft::good().sign(&signer);
    let (message, _) = good.rsplit_once('.').unwrap();
    for token in [
        "a.b",
        "...",
        "a.b.c",
        message,
        &format!("{good}.x"),
        &format!("{}.W10.sig", good.split('.').next().unwrap()),
    ] {
        let failed = judge(token, &signer.public, &policy());
        assert_eq!(failed, Err("token.decodes".to_owned()), "{token}");
    }
}

#[test]
fn only_an_access_token_is_one() {
    for typ in [
        json!("JWT"),
        json!("id+jwt"),
        json!("dpop+jwt"),
        Value::Null,
    ] {
        assert_eq!(refused(&Draft::good().header("typ", typ)), "token.type");
    }
}

#[test]
fn an_extension_that_is_not_understood_is_not_passed_over() {
    let draft = Draft::good().header("crit", json!(["exp"]));
    assert_eq!(refused(&draft), "token.extensions");
}

#[test]
fn the_algorithm_is_the_keys_not_the_tokens() {
    for alg in ["none", "None", "HS256", "ES384", "EdDSA"] {
        let draft = Draft::good().header("alg", json!(alg));
        assert_eq!(refused(&draft), "token.algorithm", "{alg}");
    }
    // Allowed by the policy, but not what this key is good for.
    let draft = Draft::good().header("alg", json!("RS256"));
    assert_eq!(refused(&draft), "token.algorithm");
    let signer = Signer::new("k1");
    let only_rsa = TokenPolicy {
        algorithms: vec![SigningAlgorithm::Rs256],
        ..policy()
    };
    let failed = judge(&Draft::good().sign(&signer), &signer.public, &only_rsa);
    assert_eq!(failed, Err("token.algorithm".to_owned()));
}

#[test]
fn an_unsigned_token_is_nothing() {
    let signer = Signer::new("k1");
    let draft = Draft::good().header("alg", json!("none"));
    let token = draft.sign(&signer);
    let stripped = format!("{}.", token.rsplit_once('.').unwrap().0);
    let failed = judge(&stripped, &signer.public, &policy());
    assert_eq!(failed, Err("token.algorithm".to_owned()));
}

#[test]
fn the_key_must_be_the_issuers() {
    for kid in [json!("k2"), json!(""), Value::Null] {
        assert_eq!(
            refused(&Draft::good().header("kid", kid)),
            "token.key_known"
        );
    }
    // A token that brings its own key is judged by the issuer's all the same.
    let (issuer, thief) = (Signer::new("k1"), Signer::new("k1"));
    let jwk = Jwk::from_encoding_key(&thief.private, Algorithm::ES256).unwrap();
    let draft = Draft::good()
        .header("jwk", serde_json::to_value(jwk).unwrap())
        .header("jku", json!("http://thief.example/jwks"));
    let failed = judge(&draft.sign(&thief), &issuer.public, &policy());
    assert_eq!(failed, Err("token.signature".to_owned()));
}

#[test]
fn a_changed_token_is_not_the_signed_one() {
    let signer = Signer::new("k1");
    let good = Draft::good().sign(&signer);
    let better = Draft::good()
        .claim("scope", json!("photos:write"))
        .sign(&signer);
    let (message, _) = better.rsplit_once('.').unwrap();
    let (_, signature) = good.rsplit_once('.').unwrap();
    for token in [
        format!("{message}.{signature}"),
        format!("{message}."),
        format!("{good}AA"),
    ] {
        let failed = judge(&token, &signer.public, &policy());
        assert_eq!(failed, Err("token.signature".to_owned()), "{token}");
    }
}

#[test]
fn every_claim_is_there_with_its_type() {
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        let draft = Draft::good().claim(name, Value::Null);
        assert_eq!(refused(&draft), "token.claims", "{name}");
    }
    let soon = (NOW + 600).to_string();
    for (name, value) in [
        ("exp", json!(soon)),
        ("iat", json!(soon)),
        ("nbf", json!("never")),
        ("nbf", json!(1e300)),
        ("nbf", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("sub", json!("")),
        ("client_id", json!(7)),
        ("aud", json!({ "x": AUDIENCE })),
    ] {
        let draft = Draft::good().claim(name, value);
        assert_eq!(refused(&draft), "token.claims", "{name}");
    }
}

#[test]
fn the_issuer_is_compared_as_text() {
    for iss in [
        "http://localhost:9000/",
        "http://LOCALHOST:9000",
        "http://localhost:9000/r/blue",
    ] {
        assert_eq!(
            refused(&Draft::good().claim("iss", json!(iss))),
            "token.issuer"
        );
    }
}

#[test]
fn the_audience_is_this_server_in_this_realm() {
    for aud in [
        json!("http://localhost:9001/"),
        json!("http://localhost:9001/r/blue"),
        json!(["web"]),
        json!([]),
    ] {
        assert_eq!(refused(&Draft::good().claim("aud", aud)), "token.audience");
    }
}

#[test]
fn time_is_judged_within_the_leeway() {
    assert!(accepted(&Draft::good().claim("exp", json!(NOW - 4))));
    assert_eq!(
        refused(&Draft::good().claim("exp", json!(NOW - 5))),
        "token.not_expired"
    );
    for name in ["iat", "nbf"] {
        assert!(
            accepted(&Draft::good().claim(name, json!(NOW + 5))),
            "{name}"
        );
        let draft = Draft::good().claim(name, json!(NOW + 6));
        assert_eq!(refused(&draft), "token.not_before", "{name}");
    }
    // RFC 7519 §2: a moment may have a fraction.
    let half = f64::from(i32::try_from(NOW).unwrap()) + 0.5;
    for name in ["iat", "nbf"] {
        assert!(accepted(&Draft::good().claim(name, json!(half))), "{name}");
        let draft = Draft::good().claim(name, json!(half + 6.0));
        assert_eq!(refused(&draft), "token.not_before", "{name}");
    }
    assert!(accepted(&Draft::good().claim("exp", json!(half))));
    let over = Draft::good().claim("exp", json!(half - 6.0));
    assert_eq!(refused(&over), "token.not_expired");
    let strict = TokenPolicy {
        leeway: Lifetime::from_seconds(0),
        ..policy()
    };
    let signer = Signer::new("k1");
    let token = Draft::good().claim("exp", json!(NOW)).sign(&signer);
    let failed = judge(&token, &signer.public, &strict);
    assert_eq!(failed, Err("token.not_expired".to_owned()));
}
