//! The comparison's promises: what is new in every run is no difference, what plays another part is one.

use std::time::{Duration, Instant};

use shared::flow::{Outcome, Party, ValueKind, ValuePlace, catalog};

use super::difference::{Change, Difference};
use super::{Comparison, Flank, MOST};
use crate::record::hop::Hop;
use crate::record::sample::{Sample, received};
use crate::record::view::FlowView;

fn flow_of(samples: Vec<Sample>) -> FlowView {
    let hops: Vec<_> = samples
        .into_iter()
        .map(|sample| Hop::new(sample.0, 0))
        .collect();
    let hops: Vec<_> = hops.iter().collect();
    FlowView::of(hops[0].id(), &hops, 0, 0)
}

/// A verifier that fits, and its challenge (RFC 7636, Appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A code flow whose fresh values end in `run`; `verifier` is what is sent.
fn code_flow(run: &str, verifier: &str, said: Outcome) -> Vec<Sample> {
    use ValueKind::{AccessToken, Code, CodeChallenge, CodeVerifier, State};
    use ValuePlace::{RequestBody, RequestHeader, RequestQuery, ResponseBody};
    let (code, state, token) = (format!("k{run}"), format!("s{run}"), format!("t{run}"));
    let authorize = format!(
        "/authorize?response_type=code&client_id=web&state={state}&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let callback = format!("/callback?code={code}&state={state}");
    let form = format!("grant_type=authorization_code&code={code}&code_verifier={verifier}");
    let answer = if said == Outcome::Passed {
        format!(r#"{{"access_token":"{token}","expires_in":600}}"#)
    } else {
        r#"{"error":"invalid_grant"}"#.to_owned()
    };
    let mut asked = received(10, Party::Browser, Party::AuthServer, "GET", &authorize)
        .value(State, &state, RequestQuery)
        .value(CodeChallenge, CHALLENGE, RequestQuery);
    asked.0.status = Some(303);
    let mut redeemed = received(30, Party::ClientApp, Party::AuthServer, "POST", "/token")
        .form(&form)
        .json(&answer)
        .value(Code, &code, RequestBody)
        .value(CodeVerifier, verifier, RequestBody)
        .check(&catalog::CODE_KNOWN, Outcome::Passed)
        .check(&catalog::PKCE_S256, said);
    let mut flow = vec![
        asked,
        received(20, Party::Browser, Party::ClientApp, "GET", &callback)
            .value(Code, &code, RequestQuery)
            .value(State, &state, RequestQuery),
    ];
    if said == Outcome::Passed {
        flow.push(
            redeemed
                .value(AccessToken, &token, ResponseBody)
                .check(&catalog::CODE_UNUSED, Outcome::Passed),
        );
        flow.push(
            received(
                40,
                Party::ClientApp,
                Party::ResourceServer,
                "GET",
                "/photos",
            )
            .value(AccessToken, &token, RequestHeader),
        );
    } else {
        redeemed = redeemed.check(&catalog::CODE_UNUSED, Outcome::NotReached);
        flow.push(redeemed.status(400));
    }
    flow
}

fn parameters(comparison: &Comparison) -> Vec<(&str, Change)> {
    let differences = comparison.steps.iter().flat_map(|step| &step.differences);
    let parameters = differences.filter_map(|difference| match difference {
        Difference::Parameter(parameter) => Some((parameter.name.as_str(), parameter.change)),
        _ => None,
    });
    parameters.collect()
}

#[test]
fn fresh_values_are_no_difference() {
    let left = flow_of(code_flow("1", VERIFIER, Outcome::Passed));
    let right = flow_of(code_flow("2", VERIFIER, Outcome::Passed));
    let comparison = Comparison::of(&left, &right);
    assert!(comparison.same, "{comparison:#?}");
    assert_eq!(comparison.first, None);
    assert!(comparison.decided.is_empty() && comparison.knowledge.is_empty());
    assert_eq!(comparison.steps.len(), 4);
}

#[test]
fn a_verifier_that_does_not_fit_is_the_first_difference_and_the_check_decides() {
    let left = flow_of(code_flow("1", VERIFIER, Outcome::Passed));
    let wrong = VERIFIER.replace("dB", "dC");
    let right = flow_of(code_flow("2", &wrong, Outcome::Failed));
    let comparison = Comparison::of(&left, &right);
    assert!(!comparison.same);
    assert_eq!(comparison.first, Some(2));
    let differences = &comparison.steps[2].differences;
    let Difference::Parameter(first) = &differences[0] else {
        panic!("{differences:#?}");
    };
    assert_eq!(
        (first.name.as_str(), first.change),
        ("code_verifier", Change::Changed)
    );
    assert_eq!(first.right[0].value, wrong);
    let Difference::Check(check) = &differences[1] else {
        panic!("{differences:#?}");
    };
    assert_eq!((check.id.as_str(), check.follows), ("pkce.s256", false));
    let Difference::Check(next) = &differences[2] else {
        panic!("{differences:#?}");
    };
    assert_eq!((next.id.as_str(), next.follows), ("code.unused", true));
    let [decided] = comparison.decided.as_slice() else {
        panic!("{:#?}", comparison.decided);
    };
    assert_eq!((decided.flank, decided.step), (Flank::Right, 3));
    assert_eq!(decided.check.as_ref().unwrap().id, "pkce.s256");
    assert_eq!(decided.error.as_deref(), Some("invalid_grant"));
    // What follows from it: no token, no call.
    assert!(comparison.steps[3].right.is_none());
    let lost = comparison.knowledge.iter();
    let lost: Vec<_> = lost
        .map(|lost| (lost.kind, lost.knower.to_string()))
        .collect();
    assert!(
        lost.contains(&(ValueKind::AccessToken, "client-app".to_owned())),
        "{lost:?}"
    );
}

/// Outside a demo verifiers are hidden: then the server's check alone tells.
#[test]
fn a_hidden_verifier_is_told_by_the_check() {
    let left = flow_of(code_flow("1", "‹hidden›", Outcome::Passed));
    let same = flow_of(code_flow("2", "‹hidden›", Outcome::Passed));
    let wrong = flow_of(code_flow("3", "‹hidden›", Outcome::Failed));
    assert!(Comparison::of(&left, &same).same);
    let comparison = Comparison::of(&left, &wrong);
    assert!(parameters(&comparison).contains(&("code_verifier", Change::Changed)));
}

#[test]
fn a_value_that_stands_in_for_another_is_a_difference() {
    let good = code_flow("1", VERIFIER, Outcome::Passed);
    let mut bad = code_flow("2", VERIFIER, Outcome::Passed);
    // The code that is redeemed is not the one that was given out.
    bad[2] = received(30, Party::ClientApp, Party::AuthServer, "POST", "/token")
        .form(&format!(
            "grant_type=authorization_code&code=another&code_verifier={VERIFIER}"
        ))
        .json(r#"{"access_token":"t2","expires_in":600}"#)
        .value(ValueKind::Code, "another", ValuePlace::RequestBody)
        .value(ValueKind::CodeVerifier, VERIFIER, ValuePlace::RequestBody)
        .value(ValueKind::AccessToken, "t2", ValuePlace::ResponseBody)
        .check(&catalog::CODE_KNOWN, Outcome::Passed)
        .check(&catalog::PKCE_S256, Outcome::Passed)
        .check(&catalog::CODE_UNUSED, Outcome::Passed);
    let comparison = Comparison::of(&flow_of(good), &flow_of(bad));
    assert_eq!(parameters(&comparison), [("code", Change::Changed)]);
    let Difference::Parameter(code) = &comparison.steps[2].differences[0] else {
        panic!("{comparison:#?}");
    };
    let number = |side: &[super::difference::Shown]| side[0].named.unwrap().number;
    assert_eq!((number(&code.left), number(&code.right)), (1, 2));
}

#[test]
fn what_only_one_has_stands_alone_and_the_rest_stays_paired() {
    let left = code_flow("1", VERIFIER, Outcome::Passed);
    let mut right = code_flow("2", VERIFIER, Outcome::Passed);
    right.insert(
        1,
        received(15, Party::Browser, Party::AuthServer, "GET", "/login"),
    );
    right.push(received(
        50,
        Party::ClientApp,
        Party::AuthServer,
        "GET",
        "/jwks",
    ));
    let comparison = Comparison::of(&flow_of(left), &flow_of(right));
    let alone = comparison.steps.iter().enumerate();
    let alone: Vec<_> = alone
        .filter(|(_, step)| step.left.is_none())
        .map(|(at, step)| (at, step.upkeep))
        .collect();
    assert_eq!(alone, [(1, false), (5, true)]);
    assert_eq!(comparison.first, Some(1));
    let paired = comparison.steps.iter().filter(|step| step.is_same());
    assert_eq!(paired.count(), 4);
}

#[test]
fn fetching_keys_alone_is_no_difference() {
    let left = code_flow("1", VERIFIER, Outcome::Passed);
    let mut right = code_flow("2", VERIFIER, Outcome::Passed);
    right.push(received(
        50,
        Party::ClientApp,
        Party::AuthServer,
        "GET",
        "/jwks",
    ));
    assert!(Comparison::of(&flow_of(left), &flow_of(right)).same);
}

#[test]
fn long_flows_are_cut_and_compared_fast() {
    let long = |count: i64| {
        let hops = 0..count;
        let paths = ["/photos", "/me", "/stats"];
        let hops = hops.map(|at| {
            let path = paths[usize::try_from(at % 7 % 3).unwrap()];
            received(at, Party::ClientApp, Party::ResourceServer, "GET", path)
        });
        flow_of(hops.collect())
    };
    let (left, right) = (long(600), long(560));
    let began = Instant::now();
    let comparison = Comparison::of(&left, &right);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}, unoptimised");
    let cut = comparison.cut.unwrap();
    assert_eq!((cut.left, cut.right), (600 - MOST, 560 - MOST));
    assert!(!comparison.same, "what was not compared is not the same");
}

/// Either way round, the same differences.
#[test]
fn left_and_right_are_treated_alike() {
    let one = flow_of(code_flow("1", VERIFIER, Outcome::Passed));
    let other = flow_of(code_flow("2", "wrong", Outcome::Failed));
    let (there, back) = (Comparison::of(&one, &other), Comparison::of(&other, &one));
    let counts = |comparison: &Comparison| {
        let steps = comparison.steps.iter();
        steps.map(|step| step.differences.len()).collect::<Vec<_>>()
    };
    assert_eq!(counts(&there), counts(&back));
    assert_eq!(there.knowledge.len(), back.knowledge.len());
    assert_eq!(back.decided[0].flank, Flank::Left);
    let removed = |comparison: &Comparison, change| {
        let all = parameters(comparison);
        all.iter().filter(|(_, known)| *known == change).count()
    };
    assert_eq!(
        removed(&there, Change::Removed),
        removed(&back, Change::Added)
    );
}
