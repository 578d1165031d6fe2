//! Hostile tokens: whatever one is made of, it is taken apart as far as it goes, told which step it fails, and the
//! page is shown.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::flow::Outcome;
use shared::page::Language;

use super::find::{Found, Use, tokens_of};
use super::read::{LONGEST, Read};
use super::verify::{Against, Verdict, verify};
use super::view::TokenCard;
use super::*;
use crate::page::samples::frame;

const ISSUER: &str = "http://localhost:9000";

fn token(header: &str, payload: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(header), part(payload), part("signature"))
}

fn found(text: &str) -> Found {
    Found {
        name: "access_token".to_owned(),
        place: ParameterPlace::ResponseBody,
        meant: Use::AccessToken,
        text: text.to_owned(),
    }
}

fn opened(text: &str, keys: Option<&[Jwk]>) -> Opened {
    let against = Against {
        issuer: ISSUER,
        resource: "http://localhost:9001",
        client_id: Some("web"),
        nonce: None,
        access_token: None,
        now: 1_000,
    };
    let (found, read) = (found(text), Read::of(text));
    let (verdict, checks) = verify(&found, &read, keys, &against);
    Opened {
        found,
        read,
        verdict,
        checks,
    }
}

/// The step that failed, after which nothing was reached.
fn failed(opened: &Opened) -> Option<&str> {
    let mut checks = opened.checks.iter();
    let failed = checks.find(|check| check.outcome == Outcome::Failed)?;
    assert!(checks.all(|check| check.outcome == Outcome::NotReached));
    Some(&failed.id)
}

/// The card renders in every language.
fn card(opened: &Opened) -> TokenCard {
    for language in Language::ALL {
        let _ = TokenCard::new(&frame(language), opened, (1, 1_000, 2_000));
    }
    TokenCard::new(&frame(Language::En), opened, (1, 1_000, 2_000))
}

#[test]
fn each_fault_of_form_fails_its_own_step() {
    let deep = format!("{{\"alg\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let huge = token(
        r#"{"alg":"ES256"}"#,
        &format!(r#"{{"a":"{}"}}"#, "x".repeat(LONGEST)),
    );
    let good = r#"{"alg":"ES256"}"#;
    for (text, step) in [
        ("ey".to_owned() + ".", "token.parts"),
        ("eyJ.eyJ.!!!".to_owned(), "token.parts"),
        ("eyJhbGciOiJFUzI1NiJ9.e30=.".to_owned(), "token.parts"),
        ("eyA.eyA.a.b.c.d.e.f.g.h".to_owned(), "token.parts"),
        (huge, "token.parts"),
        (token("{\"alg", "{}"), "token.header"),
        (token(&deep, "{}"), "token.header"),
        (
            token(r#"{"alg":"none","alg":"ES256"}"#, "{}"),
            "token.header",
        ),
        (token(good, "[1]"), "token.payload"),
        (token(good, r#"{"sub":"a","sub":"b"}"#), "token.payload"),
    ] {
        let opened = opened(&text, None);
        let start: String = text.chars().take(80).collect();
        // A header that is no object makes no `ey`, and then nothing says that it is a JWT.
        assert!(text.starts_with("ey"), "{start}");
        assert_eq!(failed(&opened), Some(step), "{start}");
        assert_eq!(opened.verdict, Verdict::Refused, "{start}");
        assert!(card(&opened).raw.chars().count() <= 4_000);
    }
}

#[test]
fn a_member_that_stands_twice_is_shown_twice() {
    let opened = opened(
        &token(r#"{"alg":"ES256"}"#, r#"{"sub":"alice","x":1,"sub":"bob"}"#),
        None,
    );
    let card = card(&opened);
    let claims: Vec<_> = card
        .claims
        .iter()
        .map(|line| (line.name.as_str(), line.value.as_str()))
        .collect();
    assert_eq!(claims, [("sub", "alice"), ("x", "1"), ("sub", "bob")]);
}

#[test]
fn a_strangers_token_is_decoded_and_not_verified() {
    let opened = opened(
        &token(
            r#"{"alg":"HS256","kid":"<b>"}"#,
            r#"{"iss":"https://elsewhere.example"}"#,
        ),
        Some(&[]),
    );
    assert_eq!(opened.verdict, Verdict::IssuerUnknown);
    assert_eq!(failed(&opened), Some("token.issuer"));
    assert_eq!(card(&opened).claims.len(), 1);
}

#[test]
fn no_key_confusion_and_no_unsigned_token() {
    let payload = format!(r#"{{"iss":"{ISSUER}","exp":9999}}"#);
    for (header, step) in [
        (r#"{"alg":"none","typ":"at+jwt"}"#, "token.algorithm"),
        (r#"{"alg":"HS256","typ":"at+jwt"}"#, "token.algorithm"),
        (r#"{"alg":"ES256","typ":"JWT"}"#, "token.type"),
        (r#"{"alg":"ES256"}"#, "token.type"),
        (
            r#"{"alg":"ES256","typ":"at+jwt","crit":["b64"]}"#,
            "token.extensions",
        ),
        (
            r#"{"alg":"ES256","typ":"at+jwt","kid":"k"}"#,
            "token.key_known",
        ),
        (
            r#"{"alg":"RS256","typ":"at+jwt","kid":"1"}"#,
            "token.key_type",
        ),
        (
            r#"{"alg":"ES256","typ":"at+jwt","kid":"1"}"#,
            "token.signature",
        ),
    ] {
        let key = serde_json::json!({
            "kty": "EC", "crv": "P-256", "kid": "1", "alg": "ES256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        let keys = [serde_json::from_value(key).unwrap()];
        assert_eq!(
            failed(&opened(&token(header, &payload), Some(&keys))),
            Some(step),
            "{header}"
        );
    }
    let away = opened(&token(r#"{"alg":"ES256","typ":"at+jwt"}"#, &payload), None);
    assert_eq!((away.verdict, failed(&away)), (Verdict::KeysAway, None));
}

#[test]
fn what_is_no_jwt_is_opaque() {
    for text in ["", "opaque", "ey", "a.b.c", "‹hidden›", "eyJ"] {
        assert_eq!(opened(text, None).verdict, Verdict::Opaque, "{text}");
    }
}

#[test]
fn times_are_told_from_the_exchange_and_from_now() {
    let text = token(
        r#"{"alg":"ES256"}"#,
        r#"{"exp":1060,"iat":-99999999999999,"nbf":9223372036854775807}"#,
    );
    let card = card(&opened(&text, None));
    let time = card.claims[0].time.as_ref().unwrap();
    assert_eq!(time.moment.text, "1970-01-01 00:17:40 UTC");
    assert_eq!(time.then, "in 1 min");
    assert_eq!(time.now.as_deref(), Some("15 min 40 s ago"));
    assert_eq!(card.claims.len(), 3);
}

#[test]
fn a_jwt_is_found_wherever_it_is_written_and_their_number_is_bounded() {
    let jwt = |n: usize| token(r#"{"alg":"ES256"}"#, &format!(r#"{{"n":{n}}}"#));
    let many: Vec<String> = (0..40).map(jwt).collect();
    let exchange: ExchangeView = serde_json::from_value(serde_json::json!({
        "id": "0".repeat(32), "flow": "0".repeat(32), "step": 1, "kind": "http",
        "from": "stranger:x", "to": "auth-server", "channel": "back", "observers": [],
        "method": "POST", "path": "/x", "url": "http://localhost:9000/x", "status": 200,
        "started_us": 0, "duration_ms": 1.0, "realm_time": 0, "checks": [], "values": [], "notes": {},
        "parameters": [{"name": "claims", "value": format!("{{\"a\":[\"{}\"]}}", jwt(90)), "place": "request_query"}],
        "request": {"headers": [{"name": "x-assertion", "value": format!("v={};", jwt(91))}],
            "body": {"text": many.join(" "), "bytes": 1}},
        "response": {"headers": [], "body": {"text": "x".repeat(70_000) + "é", "bytes": 1}},
    }))
    .unwrap();
    let found = tokens_of(&exchange);
    assert_eq!(found.len(), 12);
    assert_eq!(
        (found[0].name.as_str(), &found[0].text),
        ("claims", &jwt(90))
    );
    assert_eq!(
        (found[1].name.as_str(), &found[1].text),
        ("x-assertion", &jwt(91))
    );
}
