//! What the table says of values that a client signs, hands on or shows: never that nothing depends on them.

use super::*;
use crate::breaking::mutation::Mutation::{ChangeOne, LeaveOut, SendAgain, UseAnothers, UseOld};

fn by_client(name: &str, mutation: Mutation, facts: &Facts) -> Option<Demand> {
    token::client(name, (mutation, ParameterPlace::RequestBody), facts)
}

#[test]
fn what_is_signed_is_good_once() {
    let facts = Facts {
        asserts: true,
        ..Facts::default()
    };
    for mutation in [UseOld, SendAgain] {
        let demanded = by_client("client_assertion", mutation, &facts).unwrap();
        assert_eq!(demanded.checks, ["assertion.jti_unused"], "{mutation:?}");
        assert!(demanded.refusal);
        let demanded = token::token("assertion", mutation, &Facts::default());
        assert_eq!(demanded.checks, ["assertion.jti_unused"], "{mutation:?}");
    }
    let forged = by_client("client_assertion", ChangeOne, &facts).unwrap();
    assert_eq!(forged.checks, ["assertion.signature"]);
    let missing = token::token("assertion", LeaveOut, &Facts::default());
    assert_eq!(missing.checks, ["request.parameter_present"]);
    // Whatever else is sent again with it: who asks is judged first.
    let again = by_client("code", SendAgain, &facts).unwrap();
    assert_eq!(again.checks, ["assertion.jti_unused"]);
    assert_eq!(by_client("code", SendAgain, &Facts::default()), None);
}

#[test]
fn the_name_beside_an_assertion_may_be_missing() {
    let facts = Facts {
        asserts: true,
        ..Facts::default()
    };
    assert!(!by_client("client_id", LeaveOut, &facts).unwrap().refusal);
    assert!(
        by_client("client_id", LeaveOut, &Facts::default())
            .unwrap()
            .refusal
    );
}

#[test]
fn a_token_that_is_exchanged_is_judged_by_its_own_checks() {
    let check = |name, mutation| token::exchange(name, mutation).map(|demand| demand.checks);
    assert_eq!(
        check("subject_token", ChangeOne),
        Some(&["exchange.subject"][..])
    );
    assert_eq!(
        check("actor_token", LeaveOut),
        Some(&["exchange.token_type"][..])
    );
    assert_eq!(check("scope", UseAnothers), Some(&["exchange.scope"][..]));
    assert_eq!(check("grant_type", ChangeOne), None);
    for mutation in [UseOld, UseAnothers] {
        let why = token::exchange("subject_token", mutation).unwrap().why;
        assert!(why.is_some(), "{mutation:?}");
    }
}

#[test]
fn only_the_person_can_tell_whose_device_it_is() {
    assert_eq!(
        device::entry("user_code", UseAnothers).why,
        Some("device-phished")
    );
    assert_eq!(
        device::entry("user_code", ChangeOne).checks,
        ["user_code.known"]
    );
    assert_eq!(
        device::confirm("user_code", UseAnothers).checks[0],
        "csrf.token"
    );
    let code = token::token("device_code", UseAnothers, &Facts::default());
    assert_eq!(code.why, Some("device-code-anothers"));
}
