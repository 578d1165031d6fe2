//! `DPoP` proofs (RFC 9449 §4.3): any text is read without a panic; a proof that our key signed, its header and claims
//! changed by a line each, is accepted only where it is one for this request, by its numbers and by the URL parser of
//! the WHATWG.

use serde_json::{Map, Value};
use shared::dpop::{NonceRule, OLDEST, ProofAlgorithm, PublicKey, Rules, SOONEST, verify};
use shared::observe::Observation;
use url::Url;

use super::jwt::says_nothing_twice;
use super::{NOW, World, must};

const TARGET: &str = "http://localhost:9000/token";

pub(super) fn hold(world: &World, text: &str) {
    let _ = judge(world, text);
    let (header, claims) = text.split_once('\n').unwrap_or(("", text));
    let unchanged = header.is_empty() && claims.is_empty();
    let good = format!(r#""typ":"dpop+jwt","alg":"ES256","jwk":{}"#, world.jwk());
    let header = added(&good, header);
    let good = format!(
        r#""jti":"one","htm":"POST","htu":"{TARGET}","iat":{}"#,
        NOW.as_unix()
    );
    let claims = added(&good, claims);
    let proof = world.sign(&header, &claims);
    if let Some(thumbprint) = judge(world, &proof) {
        let once = says_nothing_twice(&header) && says_nothing_twice(&claims);
        assert!(once, "a name stands there twice");
        if let Some(header) = read(&header) {
            fits(world, &header, &thumbprint);
        }
        if let Some(claims) = read(&claims) {
            is_for_this_request(&claims);
        }
    } else {
        assert!(!unchanged, "a right proof is refused");
    }
}

/// What another parser reads; `None` where it cannot hold a number that nobody asks for. Such text is JSON (RFC 8259 §6
/// leaves the range to who reads it), and who skips a member need not hold its value.
fn read(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text) {
        Err(error) if error.to_string().starts_with("number out of range") => None,
        read => Some(must(read.ok(), "an object")),
    }
}

/// `members` of an object, and more text in it: what stands there twice is refused.
fn added(members: &str, more: &str) -> String {
    let more = more.trim().trim_start_matches('{').trim_end_matches('}');
    if more.is_empty() {
        format!("{{{members}}}")
    } else {
        format!("{{{members},{more}}}")
    }
}

/// The thumbprint of the key of a proof that is accepted.
pub(super) fn judge(world: &World, proof: &str) -> Option<String> {
    let rules = Rules {
        method: "POST",
        target: TARGET,
        now: NOW,
        algorithms: &ProofAlgorithm::DEFAULT,
        nonce: NonceRule {
            nonces: &world.nonces,
            realm: "default",
            required: false,
        },
        access_token: None,
    };
    let verified = verify(&[proof.to_owned()], &rules, &Observation::nowhere()).ok()?;
    assert!(NOW < verified.expires_at + SOONEST && verified.expires_at <= NOW + SOONEST + OLDEST);
    Some(verified.thumbprint.to_string())
}

/// §4.3 (4), (5) and (7): of the right kind, and by the one key that signed it.
fn fits(world: &World, header: &Map<String, Value>, thumbprint: &str) {
    let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
    assert!(text("typ").to_ascii_lowercase().ends_with("dpop+jwt"));
    assert_eq!(text("alg"), "ES256");
    assert!(!header.contains_key("crit"));
    let jwk = world.jwk();
    let own = jwk.as_object().and_then(PublicKey::read);
    let own = must(own, "our own key").thumbprint();
    assert_eq!(own.to_string(), thumbprint);
    let given = header.get("jwk").and_then(Value::as_object);
    assert!(
        given.is_some_and(|jwk| !jwk.contains_key("d")),
        "a private key"
    );
}

/// §4.3 (8) to (11), RFC 7519 §4.1.4 and §4.1.5.
fn is_for_this_request(claims: &Map<String, Value>) {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    assert!(!text("jti").is_empty());
    assert_eq!(text("htm"), "POST");
    let (claimed, own) = (Url::parse(text("htu")), Url::parse(TARGET));
    let (claimed, own) = (must(claimed.ok(), "a URL"), must(own.ok(), "a URL"));
    assert_eq!(claimed.origin(), own.origin());
    assert_eq!((claimed.username(), claimed.password()), ("", None));
    assert_eq!(plain(claimed.path()), plain(own.path()));
    let nonce = claims.get("nonce");
    assert!(nonce.is_none_or(Value::is_null), "a nonce that nobody gave");
    let moment = |name: &str| claims.get(name);
    let now = i32::try_from(NOW.as_unix()).map_or(f64::NAN, f64::from);
    let between = |value: &Value, from: f64, to: f64| {
        value
            .as_f64()
            .is_some_and(|number| (from..to).contains(&number))
    };
    let iat = moment("iat");
    let held = iat.is_some_and(|iat| between(iat, now - 300.0, now + 61.0));
    assert!(held, "made at {iat:?}");
    let (exp, nbf) = (moment("exp"), moment("nbf"));
    let held = exp.is_none_or(|exp| between(exp, now - 59.0, f64::INFINITY));
    assert!(held, "over at {exp:?}");
    let held = nbf.is_none_or(|nbf| between(nbf, f64::NEG_INFINITY, now + 61.0));
    assert!(held, "good from {nbf:?}");
}

/// A path without escapes, by the form decoder of another crate.
fn plain(path: &str) -> String {
    let text = format!("x={}", path.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map(|(_, path)| path.into_owned())
        .unwrap_or_default()
}
