//! The password grant, kept to learn from — RFC 6749 §4.3, RFC 9700 §2.4.

use shared::seed::ExcessScope;

use crate::support::{ALICE, BOB, Person, TRUSTED, WEB, World};

#[tokio::test]
async fn a_right_password_gives_tokens_that_speak_for_the_person() {
    let world = World::new().await;
    let answer = world.send(world.password(ALICE)).await;
    let tokens = answer.tokens();
    let said = world.introspection(&tokens.access).await;
    assert_eq!(said["username"], "alice", "{said}");
    answer.passed_check("login.credentials").await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_are_the_same_invalid_grant() {
    let world = World::new().await;
    let mut bodies = Vec::new();
    for person in [
        Person {
            password: "guess",
            ..ALICE
        },
        Person {
            username: "nobody",
            ..BOB
        },
    ] {
        let answer = world.send(world.password(person)).await;
        answer.is_refused(400, "invalid_grant").no_store();
        answer.failed_check("login.credentials").await;
        bodies.push(answer.json());
    }
    assert_eq!(bodies[0], bodies[1], "the answers tell them apart");
}

#[tokio::test]
async fn a_missing_username_or_password_is_an_invalid_request() {
    let world = World::new().await;
    for name in ["username", "password"] {
        let answer = world.send(world.password(ALICE).without(name)).await;
        answer.is_refused(400, "invalid_request").no_store();
        answer.failed_check("request.parameter_present").await;
    }
}

#[tokio::test]
async fn a_scope_that_is_not_this_clients_is_invalid() {
    let world = World::new().await;
    let request = world.password(ALICE).with("scope", "stats:read");
    let answer = world.send(request).await;
    answer.is_refused(400, "invalid_scope").no_store();
    answer.failed_check("scope.allowed").await;
}

/// One rule for all grants: what is beyond the client's own is left out where its policy says so, and what is left is
/// said (RFC 6749 §3.3).
#[tokio::test]
async fn where_the_policy_leaves_out_what_is_too_much_the_answer_says_what_is_left() {
    let world = World::with(|mut seed| {
        let client = seed.client_mut(TRUSTED.id).unwrap();
        client.policy.excess_scope = Some(ExcessScope::Ignore);
        client.scopes = ["openid", "photos:read", "offline_access"]
            .map(str::to_owned)
            .to_vec();
        client.grant_types = vec!["password".to_owned()];
        seed
    })
    .await;
    let ask = |scope| world.send(world.password(ALICE).with("scope", scope));
    let answer = ask("openid photos:read stats:read unheard:of offline_access").await;
    let tokens = answer.tokens();
    // Who renews nothing is not asked about being away (OpenID Connect Core §11).
    assert_eq!(tokens.body["scope"], "openid photos:read");
    let said = world.introspection(&tokens.access).await;
    assert_eq!(said["scope"], "openid photos:read", "{said}");
    answer.passed_check("scope.allowed").await;
    let checks = answer.exchange().await.checks;
    let check = checks.iter().find(|check| check.id == "scope.allowed");
    let got = format!("{check:?}");
    assert!(got.contains("left out: stats:read unheard:of"), "{got}");
    for refused in ["unheard:of", "stats:read unheard:of", "a\"b"] {
        let answer = ask(refused).await;
        answer.is_refused(400, "invalid_scope").no_store();
        answer.failed_check("scope.allowed").await;
    }
}

#[tokio::test]
async fn a_client_that_did_not_opt_in_is_unauthorized() {
    let world = World::new().await;
    let parameters = [
        ("grant_type", "password"),
        ("username", ALICE.username),
        ("password", ALICE.password),
    ];
    let request = World::signed(WEB, world.token(&parameters));
    let answer = world.send(request).await;
    answer.is_refused(400, "unauthorized_client").no_store();
    answer.failed_check("grant.allowed").await;
}

#[tokio::test]
async fn guessing_is_limited() {
    let world = World::new().await;
    let guess = Person {
        password: "guess",
        ..ALICE
    };
    for _ in 0..100 {
        let answer = world.send(world.password(guess)).await;
        if answer.status() == 400 && answer.json()["error"] == "invalid_grant" {
            let check = answer.exchange().await.checks;
            let limited = check.iter().any(|check| {
                check.id == "login.attempts" && check.outcome == shared::flow::Outcome::Failed
            });
            if !limited {
                continue;
            }
        }
        answer.no_store().failed_check("login.attempts").await;
        let right = world.send(world.password(ALICE)).await;
        right.failed_check("login.attempts").await;
        let other = world.send(world.password(BOB)).await;
        assert_ne!(other.status(), 500, "{other}");
        return;
    }
    panic!("a hundred guesses were answered");
}
