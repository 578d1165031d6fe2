//! Bound tokens at UserInfo and at the API (RFC 9449 §7).

use super::{bound_tokens, text};
use crate::support::{Answer, ProofKey, Request, WEB, World, hash};

/// It refuses a bound token (§7.1): 401, a `DPoP` challenge with `algs` and this code.
#[track_caller]
fn refuses(answer: &Answer, error: &str) {
    answer.is(401).challenges("DPoP");
    assert_eq!(
        answer.challenge("error").as_deref(),
        Some(error),
        "{answer}"
    );
    let algs = answer.challenge("algs").expect("algs");
    assert!(algs.split(' ').any(|one| one == "ES256"), "{answer}");
}

/// What takes a token: UserInfo, and the API.
fn resources(world: &World) -> Vec<Request> {
    vec![
        Request::get(&world.auth("/userinfo")),
        Request::get(&world.api("/photos")),
    ]
}

#[tokio::test]
async fn with_its_key_a_bound_token_opens_the_door() {
    let world = World::new().await;
    let key = ProofKey::new();
    let tokens = bound_tokens(&world, WEB, "openid profile photos:read", &key).await;
    let token = text(&tokens, "access_token");
    for request in resources(&world) {
        let answer = world.send(key.presents(request, token)).await;
        answer.is(200);
        answer.passed_check("token.key").await;
        answer.passed_check("dpop.unused").await;
    }
}

#[tokio::test]
async fn as_a_bearer_token_it_is_worth_nothing() {
    let world = World::new().await;
    let key = ProofKey::new();
    let tokens = bound_tokens(&world, WEB, "openid profile photos:read", &key).await;
    let token = text(&tokens, "access_token");
    for request in resources(&world) {
        let answer = world.send(request.clone().bearer(token)).await;
        refuses(&answer, "invalid_token");
        answer.failed_check("token.scheme").await;
        // With a right proof beside it, no more so.
        let proof = key.of(&request).with("ath", hash(token)).sign();
        let request = request.bearer(token).header("DPoP", proof);
        refuses(&world.send(request).await, "invalid_token");
    }
}

#[tokio::test]
async fn without_its_key_it_is_worth_nothing() {
    let world = World::new().await;
    let key = ProofKey::new();
    let tokens = bound_tokens(&world, WEB, "openid profile photos:read", &key).await;
    let token = text(&tokens, "access_token");
    for request in resources(&world) {
        let thief = ProofKey::new();
        let answer = world.send(thief.presents(request.clone(), token)).await;
        refuses(&answer, "invalid_token");
        answer.failed_check("token.key").await;
        let answer = world
            .send(request.clone().authorization("DPoP", token))
            .await;
        refuses(&answer, "invalid_dpop_proof");
        answer.failed_check("dpop.present").await;
    }
}

#[tokio::test]
async fn a_proof_is_for_this_token_this_method_and_this_url_and_comes_once() {
    let world = World::new().await;
    let key = ProofKey::new();
    let tokens = bound_tokens(&world, WEB, "openid profile photos:read", &key).await;
    let token = text(&tokens, "access_token");
    for request in resources(&world) {
        let right = || key.of(&request).with("ath", hash(token));
        for (proof, check) in [
            (
                right().with("ath", serde_json::Value::Null),
                "dpop.token_hash",
            ),
            (right().with("ath", hash("another")), "dpop.token_hash"),
            (right().with("htm", "POST"), "dpop.method"),
            (right().with("htu", world.auth("/token")), "dpop.target"),
            (right().with("iat", 0), "dpop.time"),
            (right().with("exp", 0), "dpop.time"),
            (right().with_header("typ", "JWT"), "dpop.type"),
        ] {
            let request = request.clone().authorization("DPoP", token);
            let answer = world.send(request.header("DPoP", proof.sign())).await;
            refuses(&answer, "invalid_dpop_proof");
            answer.failed_check(check).await;
        }
        let proof = right().sign();
        let request = || {
            let request = request.clone().authorization("DPoP", token);
            request.header("DPoP", &proof)
        };
        world.send(request()).await.is(200);
        let answer = world.send(request()).await;
        refuses(&answer, "invalid_dpop_proof");
        answer.failed_check("dpop.unused").await;
    }
}

#[tokio::test]
async fn a_token_that_is_bound_to_no_key_is_no_dpop_token() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid profile photos:read").await;
    for request in resources(&world) {
        let request = ProofKey::new().presents(request, &tokens.access);
        let answer = world.send(request).await;
        answer.is(401);
        assert_eq!(answer.challenge("error").as_deref(), Some("invalid_token"));
        answer.failed_check("token.scheme").await;
    }
}

#[tokio::test]
async fn without_a_token_both_ways_of_presenting_one_are_offered() {
    let world = World::new().await;
    for request in resources(&world) {
        let answer = world.send(request).await;
        answer.is(401);
        let schemes: Vec<_> = answer
            .response
            .headers
            .iter()
            .filter(|(name, _)| name == "www-authenticate")
            .filter_map(|(_, value)| value.split(' ').next())
            .collect();
        assert_eq!(schemes, ["Bearer", "DPoP"], "{answer}");
    }
}

#[tokio::test]
async fn the_api_says_how_proofs_may_be_signed_and_where_its_metadata_are() {
    let world = World::new().await;
    let answer = world.send(Request::get(&world.api("/photos"))).await;
    let metadata = answer.challenge("resource_metadata").expect("an address");
    let metadata = world.send(Request::get(&metadata)).await.is(200).json();
    assert_eq!(metadata["resource"], world.api(""), "{metadata}");
    assert_eq!(
        metadata["dpop_signing_alg_values_supported"],
        serde_json::json!(["ES256", "PS256", "EdDSA", "Ed25519"])
    );
    assert_eq!(metadata["dpop_bound_access_tokens_required"], false);
}
