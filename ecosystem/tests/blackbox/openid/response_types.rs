//! `response_type`, all seven — OpenID Connect Core §3.1 to §3.3, OAuth 2.0 Multiple Response Types §5.

use serde_json::Value;
use shared::seed::SigningAlgorithm;

use super::{Answered, Signed};
use crate::support::{ALICE, Authorization, Browser, Code, Request, SPA, VERIFIER, WEB, World};

/// Each with the parameters that its answer has besides `iss` and `state`.
const ALL: [(&str, &[&str]); 7] = [
    ("code", &["code"]),
    (
        "token",
        &["access_token", "expires_in", "scope", "token_type"],
    ),
    ("id_token", &["id_token"]),
    (
        "id_token token",
        &[
            "access_token",
            "expires_in",
            "id_token",
            "scope",
            "token_type",
        ],
    ),
    ("code id_token", &["code", "id_token"]),
    (
        "code token",
        &["access_token", "code", "expires_in", "scope", "token_type"],
    ),
    (
        "code id_token token",
        &[
            "access_token",
            "code",
            "expires_in",
            "id_token",
            "scope",
            "token_type",
        ],
    ),
];

fn request(world: &World, response_type: &str) -> Authorization {
    world
        .authorize(SPA, "openid photos:read")
        .with("response_type", response_type)
        .with("nonce", "the nonce")
}

async fn ask(world: &World, authorization: &Authorization) -> Answered {
    let page = world
        .agree_in(&mut Browser::new(), ALICE, authorization)
        .await;
    Answered::of(&page)
}

#[tokio::test]
async fn each_carries_what_its_words_say_and_the_words_have_no_order() {
    let world = World::new().await;
    for (response_type, expected) in ALL {
        let mut turned: Vec<_> = response_type.split(' ').collect();
        turned.reverse();
        for text in [response_type.to_owned(), turned.join(" ")] {
            let answered = ask(&world, &request(&world, &text)).await;
            let mut names = expected.to_vec();
            names.extend(["iss", "state"]);
            names.sort_unstable();
            assert_eq!(answered.names(), names, "{text}");
            let mode = if text == "code" { "query" } else { "fragment" };
            assert_eq!(answered.mode, mode, "{text}");
            assert_eq!(answered.get("state"), Some("the state"));
            assert_eq!(answered.get("iss"), Some(world.realm.issuer()));
            assert_eq!(answered.target, world.callback(SPA));
        }
    }
}

#[tokio::test]
async fn the_id_token_binds_what_came_beside_it() {
    let world = World::new().await;
    for (response_type, names) in ALL {
        if !names.contains(&"id_token") {
            continue;
        }
        let answered = ask(&world, &request(&world, response_type)).await;
        let token = Signed::verify(&world, answered.get("id_token").unwrap()).await;
        let claims = &token.claims;
        assert_eq!(claims["iss"], world.realm.issuer());
        assert_eq!(claims["aud"], SPA.id);
        assert_eq!(claims["nonce"], "the nonce");
        assert_eq!(claims["sub"], "alice-0001");
        let bound = |name: &str| answered.get(name).map(|value| token.hash(value));
        let claimed = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        assert_eq!(claimed("at_hash"), bound("access_token"), "{response_type}");
        assert_eq!(claimed("c_hash"), bound("code"), "{response_type}");
    }
}

#[tokio::test]
async fn the_code_beside_a_token_is_redeemed_for_the_same_person_and_its_replay_takes_both_away() {
    let world = World::new().await;
    let answered = ask(&world, &request(&world, "code id_token token")).await;
    let code = Code {
        client: SPA,
        value: answered.get("code").unwrap().to_owned(),
        redirect_uri: world.callback(SPA),
        verifier: VERIFIER,
    };
    let in_front = answered.get("access_token").unwrap();
    assert!(world.is_active(in_front).await);
    let tokens = world.send(world.redeem(&code)).await.tokens();
    let front = Signed::verify(&world, answered.get("id_token").unwrap()).await;
    let back = Signed::verify(&world, tokens.body["id_token"].as_str().unwrap()).await;
    // Core §3.3.3.6: iss and sub are identical in both.
    for name in ["iss", "sub", "aud", "nonce", "auth_time"] {
        assert_eq!(front.claims[name], back.claims[name], "{name}");
    }
    assert_eq!(back.claims["at_hash"], back.hash(&tokens.access));
    assert_eq!(back.claims.get("c_hash"), None);

    let again = world.send(world.redeem(&code)).await;
    again.is_refused(400, "invalid_grant");
    assert!(!world.is_active(&tokens.access).await);
    assert!(
        !world.is_active(in_front).await,
        "it came of the same grant"
    );
}

#[tokio::test]
async fn an_id_token_through_the_browser_needs_a_nonce_and_openid() {
    let world = World::new().await;
    for (response_type, names) in ALL {
        let in_front = names.contains(&"id_token");
        let answer = world
            .ask(&request(&world, response_type).without("nonce"))
            .await;
        if in_front {
            let answered = Answered::in_response(&answer.response);
            assert_eq!(answered.get("error"), Some("invalid_request"));
            assert_eq!(answered.mode, "fragment");
            answer.failed_check("nonce.present").await;
        } else {
            assert!(answer.location().path().ends_with("/login"), "{answer}");
        }
        let answer = world
            .ask(&request(&world, response_type).with("scope", "photos:read"))
            .await;
        if in_front {
            let answered = Answered::in_response(&answer.response);
            assert_eq!(answered.get("error"), Some("invalid_request"));
            answer.failed_check("scope.openid").await;
        } else {
            assert!(answer.location().path().ends_with("/login"), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_client_gets_only_what_it_registered_for() {
    let world = World::new().await;
    for (response_type, _) in ALL.iter().filter(|(one, _)| *one != "code") {
        let authorization = world
            .authorize(WEB, "openid")
            .with("response_type", response_type)
            .with("nonce", "n");
        let answer = world.ask(&authorization).await;
        let answered = Answered::in_response(&answer.response);
        assert_eq!(answered.get("error"), Some("unauthorized_client"));
        assert_eq!(answered.mode, "fragment", "{response_type}");
        answer.failed_check("response_type.allowed").await;
    }
    for nonsense in ["none", "code code", "id_token id_token", "tokens"] {
        let answer = world.ask(&request(&world, nonsense)).await;
        let answered = Answered::in_response(&answer.response);
        assert_eq!(answered.get("error"), Some("unsupported_response_type"));
        answer.failed_check("response_type.supported").await;
    }
}

#[tokio::test]
async fn each_algorithm_signs_what_its_published_key_verifies_and_hashes_as_it_should() {
    for algorithm in SigningAlgorithm::ALL {
        let world = World::with(|mut seed| {
            let spa = seed.client_mut(SPA.id).unwrap();
            spa.policy.id_token_signed_response_alg = Some(algorithm);
            seed
        })
        .await;
        // A client reads the keys before the first token is signed.
        let keys = world.send(Request::get(&world.auth("/jwks"))).await.json();
        let listed = keys["keys"].as_array().unwrap();
        let has = listed.iter().any(|key| key["alg"] == algorithm.as_str());
        assert!(has, "{keys}");
        let answered = ask(&world, &request(&world, "code id_token token")).await;
        let token = Signed::verify(&world, answered.get("id_token").unwrap()).await;
        assert_eq!(token.algorithm, algorithm.as_str());
        let at_hash = token.hash(answered.get("access_token").unwrap());
        assert_eq!(token.claims["at_hash"], at_hash);
        assert_eq!(
            token.claims["c_hash"],
            token.hash(answered.get("code").unwrap())
        );
        let length = if algorithm == SigningAlgorithm::EdDsa {
            43
        } else {
            22
        };
        assert_eq!(at_hash.len(), length);
    }
}

#[tokio::test]
async fn metadata_lists_them_and_says_which_are_legacy() {
    let world = World::new().await;
    let url = world.auth("/.well-known/openid-configuration");
    let metadata = world.send(Request::get(&url)).await.is(200).json();
    let listed = |name: &str| -> Vec<String> {
        let all = metadata[name].as_array().unwrap().iter();
        all.map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let types = listed("response_types_supported");
    for (response_type, _) in ALL {
        assert!(types.iter().any(|one| one == response_type), "{types:?}");
    }
    assert_eq!(
        listed("response_modes_supported"),
        ["query", "fragment", "form_post"]
    );
    let algorithms = listed("id_token_signing_alg_values_supported");
    assert!(algorithms.contains(&"RS256".to_owned()), "Discovery §3");
    assert!(metadata["grantscope_legacy"]["implicit"].is_string());
}
