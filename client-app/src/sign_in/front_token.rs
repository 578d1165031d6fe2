//! What an ID token must say besides what every ID token must (`crate::id_token`): the code that came with it
//! (OpenID Connect Core §3.3.2.11), when the person signed in (§3.1.3.7 (13)), and who, where that is known.

use shared::flow::{CheckDef, catalog as check};

use super::attempt::Attempt;
use crate::jwt::{Checklist, Jwt};

/// How far the clocks of two servers may differ, in seconds.
const LEEWAY: i64 = 10;

/// The check of an ID token that came beside a code.
pub(super) const WITH_CODE: [&CheckDef; 1] = [&check::ID_TOKEN_C_HASH];
/// The checks that depend on what was asked.
pub(super) const AS_ASKED: [&CheckDef; 2] =
    [&check::ID_TOKEN_AUTH_TIME, &check::ID_TOKEN_SAME_PERSON];

/// §3.3.2.11: an ID token that comes beside a code names it by `c_hash`.
pub(super) fn code(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    code: &str,
) -> Result<(), &'static CheckDef> {
    let expected = jwt.hash_of(code);
    let given = jwt.text("c_hash").unwrap_or("absent");
    list.require(&check::ID_TOKEN_C_HASH, given == expected, &expected, given)
}

/// §3.1.3.7 (13): where `max_age` was asked, `auth_time` is there and no older; and where it is known who must come
/// back, it is they. `front` is the `sub` of an ID token that came before this one (§3.3.3.6).
pub(super) fn as_asked(
    list: &mut Checklist<'_>,
    jwt: &Jwt,
    attempt: &Attempt,
    front: Option<&str>,
    now: i64,
) -> Result<(), &'static CheckDef> {
    let auth_time = jwt.seconds("auth_time");
    let age = auth_time.map(|time| now.saturating_sub(time));
    let (held, expected) = match attempt.ask.max_age() {
        None => (true, "whatever it is: no max_age was asked".to_owned()),
        Some(most) => (
            age.is_some_and(|age| age <= i64::from(most).saturating_add(LEEWAY)),
            format!("at most {most} s ago"),
        ),
    };
    let got = age.map_or_else(|| "absent".to_owned(), |age| format!("{age} s ago"));
    list.require(&check::ID_TOKEN_AUTH_TIME, held, &expected, &got)?;
    let sub = jwt.text("sub").unwrap_or_default();
    let known = front.or(attempt.expected_sub.as_deref());
    let (expected, got) = match known {
        None => ("anybody", "somebody"),
        Some(known) if known == sub => ("the same person", "the same person"),
        Some(_) => ("the same person", "somebody else"),
    };
    let held = !sub.is_empty() && known.is_none_or(|known| known == sub);
    list.require(&check::ID_TOKEN_SAME_PERSON, held, expected, got)
}
