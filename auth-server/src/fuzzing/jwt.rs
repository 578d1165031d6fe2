//! JWTs that clients sign (RFC 7515, RFC 7519): any text is read without a panic; what is read says what another parser
//! reads; and a header and claims (a line each) are read where, and only where, they are objects that say nothing twice
//! and demand nothing that is not understood.

use std::collections::HashSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use shared::flow::catalog;
use shared::observe::Observation;

use super::{NOW, encode};
use crate::client::assertion::{LEEWAY, LONGEST, judge_times};
use crate::client::signed::SignedJwt;

pub(super) fn hold(text: &str) {
    agree(text);
    let (header, claims) = text.split_once('\n').unwrap_or((text, "{}"));
    let jwt = format!("{}.{}.{}", encode(header), encode(claims), encode("signed"));
    agree(&jwt);
    let read = SignedJwt::read(&jwt);
    let (header, claims) = (object(header), object(claims));
    let readable = claims.is_some() && header.is_some_and(|header| is_understood(&header));
    assert_eq!(read.is_ok(), readable, "{read:?}");
    if let Ok(jwt) = read {
        in_time(&jwt);
    }
}

/// A header that names an algorithm, and a type and a key by text, where it names them.
fn is_understood(header: &Map<String, Value>) -> bool {
    let text_or_absent = |name| header.get(name).is_none_or(Value::is_string);
    header.get("alg").is_some_and(Value::is_string)
        && text_or_absent("typ")
        && text_or_absent("kid")
        && !header.contains_key("crit")
        && !header.contains_key("b64")
}

/// What is read is what stands in the three parts, as serde and jsonwebtoken see them.
fn agree(text: &str) {
    let Ok(jwt) = SignedJwt::read(text) else {
        return;
    };
    let parts: Vec<&str> = text.split('.').collect();
    let [_, claims, signature] = *parts else {
        panic!("{} parts", parts.len())
    };
    assert!(URL_SAFE_NO_PAD.decode(signature).is_ok());
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
    let oracle = serde_json::from_slice::<Map<String, Value>>(&claims);
    assert_eq!(oracle.ok().as_ref(), Some(&jwt.claims));
    if let (Ok(header), Some(known)) = (jsonwebtoken::decode_header(text), jwt.algorithm()) {
        let named = format!("{:?}", header.alg);
        assert!(known.is_named(&named), "{known} or {named}");
    }
}

/// An object that says nothing twice, and no NUL, by a way of its own.
fn object(text: &str) -> Option<Map<String, Value>> {
    let map = serde_json::from_str::<Map<String, Value>>(text).ok()?;
    // Written again, a NUL is an escape of its own, and a backslash two.
    let written = Value::Object(map.clone()).to_string();
    let no_nul = !written.replace("\\\\", "").contains("\\u0000");
    (says_nothing_twice(text) && no_nul).then_some(map)
}

/// Whether every name of every object in it stands there once.
pub(super) fn says_nothing_twice(text: &str) -> bool {
    serde_json::from_str::<Once>(text).is_ok_and(|Once(unique)| unique)
}

/// Whether every name in it stands there once: by the set of names of each object, whatever they name.
struct Once(bool);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Names).map(Self)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<bool, A::Error> {
        let mut unique = true;
        while let Some(Once(inner)) = access.next_element()? {
            unique &= inner;
        }
        Ok(unique)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<bool, A::Error> {
        let (mut names, mut unique) = (HashSet::new(), true);
        while let Some((name, Once(inner))) = access.next_entry::<String, Once>()? {
            unique &= inner & names.insert(name);
        }
        Ok(unique)
    }
}

/// RFC 7519 §4.1.4 to §4.1.6: what is taken for alive has an end ahead, near enough, and no beginning ahead, by the
/// numbers as they stand there.
fn in_time(jwt: &SignedJwt) {
    let checks = (
        &catalog::ASSERTION_NOT_EXPIRED,
        &catalog::ASSERTION_NOT_BEFORE,
    );
    let Some(times) = judge_times(jwt, NOW, checks, &Observation::nowhere()) else {
        return;
    };
    assert!(NOW < times.ends && times.ends <= NOW + LONGEST + LEEWAY);
    let number = |name: &str| jwt.claims.get(name).map(Value::as_f64);
    let exp = number("exp").flatten().unwrap_or(f64::NAN);
    let ends = seconds(times.ends.as_unix());
    assert!((ends..ends + 1.0).contains(&exp), "exp {exp} is not {ends}");
    let latest = seconds((NOW + LEEWAY).as_unix()) + 1.0;
    for name in ["nbf", "iat"] {
        let held = number(name).is_none_or(|moment| moment.is_some_and(|moment| moment < latest));
        assert!(held, "{name} lies ahead");
    }
}

/// Seconds as a number with a fraction: exact for every moment that is near.
fn seconds(whole: i64) -> f64 {
    i32::try_from(whole).map_or(f64::NAN, f64::from)
}
