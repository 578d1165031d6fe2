//! Proofs at the token endpoint (RFC 9449 §5), and codes that are bound to a key before they exist (§10).

use jsonwebtoken::Algorithm;
use shared::seed::{AccessTokenFormat, ClientSeed};

use super::{bound_tokens, is_bound, text};
use crate::support::{ALICE, ProofKey, SERVICE, SPA, WEB, World, code_in};

/// The realm's client of this id, changed.
fn change(
    mut seed: shared::seed::RealmSeed,
    id: &str,
    how: impl Fn(&mut ClientSeed),
) -> shared::seed::RealmSeed {
    let client = seed
        .clients
        .iter_mut()
        .find(|client| client.client_id == id);
    how(client.expect("a client of the demo"));
    seed
}

#[tokio::test]
async fn with_a_proof_every_grant_gives_tokens_that_are_bound_to_its_key() {
    let world = World::new().await;
    let key = ProofKey::new();
    let tokens = bound_tokens(&world, WEB, "openid photos:read", &key).await;
    let refresh = world.refresh(WEB, text(&tokens, "refresh_token"));
    is_bound(&world.send(key.proves(refresh)).await, &key);
    let request = key.proves(world.client_credentials(SERVICE));
    is_bound(&world.send(request).await, &key);
    let request = key.proves(world.password(ALICE));
    let answer = world.send(request).await;
    is_bound(&answer, &key);
    answer.passed_check("dpop.unused").await;
}

#[tokio::test]
async fn without_a_proof_tokens_are_bearer_tokens_as_ever() {
    let world = World::new().await;
    let answer = world.send(world.client_credentials(SERVICE)).await;
    let tokens = answer.tokens();
    assert!(super::claims(&tokens.access).get("cnf").is_none());
    assert_eq!(answer.response.header("dpop-nonce"), None, "{answer}");
}

/// RFC 9449 §5: where tokens are always bound, the front channel gives none, as nothing is proven there.
#[tokio::test]
async fn a_client_whose_tokens_are_bound_gets_none_in_the_front_channel() {
    let bound = |seed| {
        change(seed, "spa", |spa| {
            spa.metadata.dpop_bound_access_tokens = true;
        })
    };
    let world = World::with(bound).await;
    for response_type in [
        "token",
        "id_token token",
        "code token",
        "code id_token token",
    ] {
        let request = world
            .authorize(SPA, "openid")
            .with("response_type", response_type)
            .with("nonce", "n");
        let answer = world.ask(&request).await;
        let location = answer.location().to_string();
        assert!(location.contains("error=unauthorized_client"), "{location}");
        assert!(!location.contains("access_token"), "{location}");
        answer.failed_check("response_type.allowed").await;
    }
    // What carries no access token is as good as ever.
    for response_type in ["code", "id_token", "code id_token"] {
        let request = world
            .authorize(SPA, "openid")
            .with("response_type", response_type)
            .with("nonce", "n");
        let answer = world.agree(ALICE, &request).await;
        assert!(!answer.location().as_str().contains("error="), "{answer}");
    }
}

#[tokio::test]
async fn the_server_says_of_a_bound_token_that_it_is_bound() {
    let seed = |seed| {
        change(seed, "web", |web| {
            web.policy.access_token_format = Some(AccessTokenFormat::Opaque);
        })
    };
    for world in [World::new().await, World::with(seed).await] {
        let key = ProofKey::new();
        let tokens = bound_tokens(&world, WEB, "openid", &key).await;
        let said = world.introspection(text(&tokens, "access_token")).await;
        assert_eq!(said["token_type"], "DPoP", "{said}");
        assert_eq!(said["cnf"]["jkt"], key.thumbprint.as_str(), "{said}");
    }
}

#[tokio::test]
async fn keys_of_every_accepted_kind_prove() {
    let world = World::new().await;
    let keys = [
        ProofKey::new(),
        ProofKey::ed25519(),
        ProofKey::rsa(Algorithm::PS256),
    ];
    for key in keys {
        let request = key.proves(world.client_credentials(SERVICE));
        is_bound(&world.send(request).await, &key);
    }
    let rs256 = ProofKey::rsa(Algorithm::RS256);
    let request = rs256.proves(world.client_credentials(SERVICE));
    let answer = world.send(request).await;
    answer.is_refused(400, "invalid_dpop_proof");
    answer.failed_check("dpop.algorithm").await;
    let allowing = World::with(|seed| {
        change(seed, "service", |service| {
            service.policy.dpop_signing_algs = Some(vec![shared::dpop::ProofAlgorithm::Rs256]);
        })
    })
    .await;
    let request = rs256.proves(allowing.client_credentials(SERVICE));
    is_bound(&allowing.send(request).await, &rs256);
}

/// RFC 9864 §2.2 gives `EdDSA` on Ed25519 a name of its own, which newer libraries use.
#[tokio::test]
async fn ed25519_has_two_names() {
    let world = World::new().await;
    let key = ProofKey::ed25519();
    for (name, accepted) in [("EdDSA", true), ("Ed25519", true), ("Ed448", false)] {
        let proof = key.proof("POST", &world.auth("/token"));
        let proof = proof.with_header("alg", name).sign();
        let request = world.client_credentials(SERVICE).header("DPoP", proof);
        let answer = world.send(request).await;
        if accepted {
            is_bound(&answer, &key);
        } else {
            answer.is_refused(400, "invalid_dpop_proof");
            answer.failed_check("dpop.algorithm").await;
        }
    }
}

#[tokio::test]
async fn a_client_whose_tokens_are_always_bound_gets_none_without_a_proof() {
    let world = World::with(|seed| {
        change(seed, "service", |service| {
            service.metadata.dpop_bound_access_tokens = true;
        })
    })
    .await;
    let answer = world.send(world.client_credentials(SERVICE)).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("dpop.present").await;
    let key = ProofKey::new();
    let request = key.proves(world.client_credentials(SERVICE));
    is_bound(&world.send(request).await, &key);
}

#[tokio::test]
async fn a_public_client_s_refresh_token_is_good_with_its_key_alone() {
    let world = World::new().await;
    let key = ProofKey::new();
    let tokens = bound_tokens(&world, SPA, "openid offline_access", &key).await;
    let refresh = || world.refresh(SPA, text(&tokens, "refresh_token"));
    for wrong in [refresh(), ProofKey::new().proves(refresh())] {
        let answer = world.send(wrong).await;
        answer.is_refused(400, "invalid_grant");
        answer.failed_check("dpop.refresh_key").await;
    }
    let answer = world.send(key.proves(refresh())).await;
    let renewed = is_bound(&answer, &key);
    answer.passed_check("dpop.refresh_key").await;
    // Its successor too.
    let refresh = || world.refresh(SPA, text(&renewed, "refresh_token"));
    let answer = world.send(refresh()).await;
    answer.is_refused(400, "invalid_grant");
    is_bound(&world.send(key.proves(refresh())).await, &key);
}

#[tokio::test]
async fn a_confidential_client_may_change_its_key_as_its_refresh_token_is_bound_to_itself() {
    let world = World::new().await;
    let tokens = bound_tokens(&world, WEB, "openid", &ProofKey::new()).await;
    let other = ProofKey::new();
    let refresh = world.refresh(WEB, text(&tokens, "refresh_token"));
    is_bound(&world.send(other.proves(refresh)).await, &other);
}

#[tokio::test]
async fn a_code_that_is_bound_beforehand_is_redeemed_with_its_key_alone() {
    let world = World::new().await;
    let key = ProofKey::new();
    for client in [WEB, SPA] {
        let authorization = world
            .authorize(client, "openid")
            .with("dpop_jkt", &key.thumbprint);
        let answer = world.agree(ALICE, &authorization).await;
        let code = crate::support::Code {
            client,
            value: code_in(&answer),
            redirect_uri: world.callback(client),
            verifier: crate::support::VERIFIER,
        };
        for wrong in [
            world.redeem(&code),
            ProofKey::new().proves(world.redeem(&code)),
        ] {
            let answer = world.send(wrong).await;
            answer.is_refused(400, "invalid_grant");
            answer.failed_check("dpop.code_key").await;
        }
        // Whoever tried without the key did not use it up.
        let answer = world.send(key.proves(world.redeem(&code))).await;
        is_bound(&answer, &key);
        answer.passed_check("dpop.code_key").await;
    }
}

#[tokio::test]
async fn a_proof_at_the_pushed_request_binds_the_code_as_dpop_jkt_does() {
    let world = World::new().await;
    let key = ProofKey::new();
    let push = |authorization: &crate::support::Authorization| {
        let request = crate::support::Request::new("POST", &world.auth("/par"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(authorization.query());
        World::signed(WEB, request)
    };
    let plain = world.authorize(WEB, "openid");
    let junk = world.send(push(&plain).header("dpop", "junk")).await;
    junk.is_refused(400, "invalid_dpop_proof");
    let other = plain.clone().with("dpop_jkt", &ProofKey::new().thumbprint);
    let answer = world.send(key.proves(push(&other))).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("dpop.jkt").await;

    let pushed = world.send(key.proves(push(&plain))).await;
    let reference = pushed.is(201).json()["request_uri"].clone();
    let authorization = world.refer(WEB, reference.as_str().unwrap());
    let answer = world.agree(ALICE, &authorization).await;
    let code = crate::support::Code {
        client: WEB,
        value: code_in(&answer),
        redirect_uri: world.callback(WEB),
        verifier: crate::support::VERIFIER,
    };
    let answer = world.send(world.redeem(&code)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("dpop.code_key").await;
    is_bound(&world.send(key.proves(world.redeem(&code))).await, &key);
}

#[tokio::test]
async fn a_dpop_jkt_that_is_no_thumbprint_is_told_to_the_client() {
    let world = World::new().await;
    for wrong in [
        "short",
        &"A".repeat(44),
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ] {
        let authorization = world.authorize(WEB, "openid").with("dpop_jkt", wrong);
        let answer = world.ask(&authorization).await;
        let (callback, issuer) = (world.callback(WEB), world.realm.issuer());
        answer.sends_back("invalid_request", &callback, Some("the state"), issuer);
        answer.failed_check("dpop.jkt").await;
    }
}

#[tokio::test]
async fn metadata_say_how_proofs_may_be_signed_and_scripts_may_send_them() {
    let world = World::new().await;
    let issuer = url::Url::parse(world.realm.issuer()).unwrap();
    let inserted = format!(
        "{}/.well-known/oauth-authorization-server{}",
        issuer.origin().ascii_serialization(),
        issuer.path()
    );
    for url in [inserted, world.auth("/.well-known/openid-configuration")] {
        let answer = world.send(crate::support::Request::get(&url)).await;
        let metadata = answer.is(200).json();
        let algorithms = &metadata["dpop_signing_alg_values_supported"];
        assert_eq!(
            *algorithms,
            serde_json::json!(["ES256", "PS256", "EdDSA", "Ed25519"]),
            "{metadata}"
        );
    }
    let origin = url::Url::parse(&world.app("/")).unwrap();
    let origin = origin.origin().ascii_serialization();
    let preflight = crate::support::Request::new("OPTIONS", &world.auth("/token"))
        .header("origin", &origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "dpop");
    let answer = world.send(preflight).await;
    let allowed = answer.header("access-control-allow-headers");
    assert!(allowed.contains("dpop"), "{allowed}");
    let request = world.client_credentials(SERVICE).header("origin", &origin);
    let answer = world.send(request).await;
    let exposed = answer.header("access-control-expose-headers");
    assert!(exposed.contains("dpop-nonce"), "{exposed}");
}
