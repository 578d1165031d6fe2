//! Two flows side by side, each really run: the same twice, a good one against a broken one, with PKCE and without,
//! authorization code against implicit.

use ecosystem::record::compare::Flank;
use ecosystem::record::compare::difference::Difference;
use ecosystem::record::{Comparison, Exposure};
use serde_json::{Value, json};
use shared::flow::{Channel, ValueKind};
use shared::seed::PkceRule;

use crate::flows::{at, runs_authorization_code, runs_implicit, settled, sign_in_and_agree};
use crate::support::{ALICE, Request, WEB, World, code_in};

/// The last two flows of this realm, the older on the left.
async fn compared(world: &World) -> Comparison {
    let flows = settled(world).await;
    let ids: Vec<_> = flows.iter().map(|flow| &flow.summary.id).collect();
    let [.., left, right] = ids.as_slice() else {
        panic!("{ids:?}");
    };
    world.realm.compare(left, right).await.unwrap()
}

/// `step 8: parameter code_verifier`, … for each difference that is not only a consequence of an earlier one.
fn told(comparison: &Comparison) -> Vec<String> {
    let mut told = Vec::new();
    for step in comparison.steps.iter().filter(|step| !step.upkeep) {
        let exchange = step.left.as_ref().or(step.right.as_ref()).unwrap();
        let place = format!("{} {}", exchange.method, exchange.path);
        match (&step.left, &step.right) {
            (Some(_), None) => told.push(format!("{place}: only left")),
            (None, Some(_)) => told.push(format!("{place}: only right")),
            _ => {}
        }
        for difference in step.differences.iter().filter(|found| found.counts()) {
            let what = match difference {
                Difference::Parameter(found) => format!("{:?} {}", found.change, found.name),
                Difference::Check(found) if found.follows => continue,
                Difference::Check(found) => format!("check {}", found.id),
                Difference::Header(found) => format!("header {}", found.name),
                Difference::Status(found) => format!("status {:?} {:?}", found.left, found.right),
                other => format!("{other:?}"),
            };
            told.push(format!("{place}: {what}"));
        }
    }
    told
}

#[tokio::test]
async fn the_same_grant_twice_is_the_same() {
    let world = World::new().await;
    // The first time alice is asked for her consent; later she is not.
    for _ in 0..3 {
        runs_authorization_code(&world).await;
    }
    let comparison = compared(&world).await;
    assert_eq!(told(&comparison), Vec::<String>::new());
    assert!(comparison.same && comparison.first.is_none());
    assert!(comparison.decided.is_empty());
    assert_eq!(comparison.knowledge, []);
}

#[tokio::test]
async fn a_wrong_verifier_is_exactly_that_parameter_and_that_check() {
    let world = World::new().await;
    runs_authorization_code(&world).await;
    runs_authorization_code(&world).await;
    let (mut browser, page) = at(&world, "authorization-code").await;
    let page = browser.press(&page, "try-wrong-verifier", &[]).await;
    sign_in_and_agree(&mut browser, page).await;
    let comparison = compared(&world).await;

    let token = "POST /token: ";
    let differences = told(&comparison);
    let asked: Vec<_> = differences
        .iter()
        .filter(|text| text.starts_with(token))
        .collect();
    assert_eq!(asked[0], "POST /token: Changed code_verifier");
    assert_eq!(asked[1], "POST /token: check pkce.s256");
    assert_eq!(asked[2], "POST /token: status Some(200) Some(400)");
    let checks = differences.iter().filter(|text| text.contains(": check "));
    assert_eq!(checks.count(), 1, "{differences:#?}");
    let first = &comparison.steps[comparison.first.unwrap()];
    assert_eq!(
        first.right.as_ref().unwrap().path,
        "/token",
        "{differences:#?}"
    );

    let [decided] = comparison.decided.as_slice() else {
        panic!("{:#?}", comparison.decided);
    };
    assert_eq!(decided.flank, Flank::Right);
    assert_eq!(decided.error.as_deref(), Some("invalid_grant"));
    let check = decided.check.as_ref().unwrap();
    assert_eq!(check.id, "pkce.s256");
    assert_eq!(check.reference, "RFC 7636 §4.6");
    assert!(
        !check.expected.is_empty() && check.expected != check.got,
        "{check:?}"
    );
    let verdict = "pkce.verifier_mismatch".to_owned();
    assert!(comparison.verdicts.right.contains(&verdict));
}

/// Issue 3, shown by 4: the request waits at a breakpoint and goes on with another verifier.
#[tokio::test]
async fn a_verifier_changed_at_a_breakpoint_is_exactly_that() {
    let world = World::new().await;
    runs_authorization_code(&world).await;
    runs_authorization_code(&world).await;
    let api = |method: &str, path: &str, body: Value| {
        let request = Request::new(method, &world.app(path));
        let request = request.header("content-type", "application/json");
        world.send(request.body(body.to_string()))
    };
    let stop = json!({"service": "auth-server", "method": "POST", "path": "/token"});
    api("PUT", "/api/breakpoints", stop).await.is(200);
    let running = tokio::spawn({
        let world = world.clone();
        async move {
            let (mut browser, page) = at(&world, "authorization-code").await;
            let page = browser.press(&page, "run", &[]).await;
            sign_in_and_agree(&mut browser, page).await
        }
    });
    let paused = world.realm.next_paused().await.expect("it waits");
    let other = "another-verifier-that-is-long-enough-to-be-one";
    let change = json!({"action": "change", "set": {"code_verifier": other}});
    let path = format!("/api/paused/{}", paused.id);
    api("POST", &path, change).await.is(200);
    running.await.unwrap();

    let comparison = compared(&world).await;
    let differences = told(&comparison);
    assert_eq!(
        differences[0], "POST /token: Changed code_verifier",
        "{differences:#?}"
    );
    assert_eq!(
        differences[1], "POST /token: check pkce.s256",
        "{differences:#?}"
    );
    let checks = differences.iter().filter(|text| text.contains(": check "));
    assert_eq!(checks.count(), 1, "{differences:#?}");
    let decided = comparison.decided.first().expect("a refusal");
    assert_eq!(decided.exchange, paused.id);
    assert_eq!(decided.error.as_deref(), Some("invalid_grant"));
    assert_eq!(decided.check.as_ref().unwrap().id, "pkce.s256");

    // Nobody is said to have had the verifier that came up at the breakpoint, nor to have got the one that did not.
    let broken = &comparison.right.id;
    let knowledge = world.realm.knowledge(broken).await.unwrap();
    let verifiers = knowledge.values.iter();
    let verifiers: Vec<_> = verifiers
        .filter(|row| row.kind == ValueKind::CodeVerifier)
        .map(|row| {
            let known = row.cells.iter().filter(|cell| cell.learned.is_some());
            known
                .map(|cell| cell.knower.to_string())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(verifiers, [["auth-server"], ["client-app"]]);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn with_pkce_and_without() {
    let world = World::with(|mut seed| {
        let web = seed
            .clients
            .iter_mut()
            .find(|client| client.client_id == WEB.id);
        web.unwrap().policy.pkce = Some(PkceRule::Allowed);
        seed
    })
    .await;
    // The first time alice is asked for her consent; later she is not.
    for with_pkce in [true, true, false] {
        let mut asked = world.authorize(WEB, "profile");
        if !with_pkce {
            asked = asked
                .without("code_challenge")
                .without("code_challenge_method");
        }
        let code = code_in(&world.agree(ALICE, &asked).await);
        let callback = world.callback(WEB);
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
        ];
        if with_pkce {
            parameters.push(("code_verifier", crate::support::VERIFIER));
        }
        let redeem = World::signed(WEB, world.token(&parameters));
        let tokens = world.send(redeem).await.tokens();
        let me = Request::get(&world.api("/me")).bearer(&tokens.access);
        world.send(me).await.is(200);
    }
    let comparison = compared(&world).await;
    let differences = told(&comparison);
    for expected in [
        "GET /authorize: Removed code_challenge",
        "GET /authorize: Removed code_challenge_method",
        "POST /token: Removed code_verifier",
    ] {
        assert!(
            differences.iter().any(|text| text == expected),
            "{differences:#?}"
        );
    }
    assert!(
        differences
            .iter()
            .all(|text| text.contains("code_challenge")
                || text.contains("code_verifier")
                || text.contains("check pkce.")),
        "and nothing else: {differences:#?}"
    );
    assert!(comparison.decided.is_empty());
    assert!(
        comparison
            .verdicts
            .left
            .contains(&"pkce.s256_used".to_owned())
    );
    assert!(
        comparison
            .verdicts
            .right
            .contains(&"pkce.not_used".to_owned())
    );
    let kinds = comparison.knowledge.iter().map(|found| found.kind);
    let pkce = [ValueKind::CodeVerifier, ValueKind::CodeChallenge];
    assert!(kinds.clone().count() > 0 && kinds.clone().all(|kind| pkce.contains(&kind)));
}

#[tokio::test]
async fn authorization_code_against_implicit() {
    let world = World::new().await;
    runs_authorization_code(&world).await;
    runs_implicit(&world).await;
    let comparison = compared(&world).await;
    let differences = told(&comparison);
    let says = |text: &str| differences.iter().any(|told| told == text);
    assert!(
        says("GET /authorize: Changed response_type"),
        "{differences:#?}"
    );
    assert!(says("POST /token: only left"), "{differences:#?}");
    let called = comparison.steps.iter().find(|step| {
        let asks = |exchange: &ecosystem::record::ExchangeBrief| {
            exchange.method == "GET" && exchange.path == "/photos"
        };
        step.left.as_ref().is_some_and(asks) && step.right.as_ref().is_some_and(asks)
    });
    let called = called.expect("both call the API, and the calls stand side by side");
    let through_browser = called.differences.iter().any(|difference| {
        matches!(difference, Difference::Channel(sides) if sides.left == Channel::Back && sides.right == Channel::Front)
    });
    assert!(through_browser, "{:#?}", called.differences);
    let token_in_address = comparison.knowledge.iter().any(|found| {
        let exposed = found.right.as_ref().and_then(|cell| cell.exposure);
        found.kind == ValueKind::AccessToken
            && found.knower.to_string() == "address-bar"
            && exposed == Some(Exposure::Exposed)
    });
    assert!(token_in_address, "{:#?}", comparison.knowledge);
}

/// The page's JSON tells what it was asked wrongly.
#[tokio::test]
async fn what_cannot_be_compared_is_said() {
    let world = World::new().await;
    runs_authorization_code(&world).await;
    let flow = &settled(&world).await[0].summary.id;
    let none = "0".repeat(32);
    for (query, status) in [
        (String::new(), 400),
        ("?with=me".to_owned(), 400),
        (format!("?with={none}"), 404),
    ] {
        let path = format!("/api/flows/{flow}/compare{query}");
        let answer = world.send(Request::get(&world.app(&path))).await;
        assert_eq!(answer.status(), status, "{query}");
    }
    let same = world.realm.compare(flow, flow).await.unwrap();
    assert!(same.same && same.steps.iter().all(|step| step.differences.is_empty()));
}
