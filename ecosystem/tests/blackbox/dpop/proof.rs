//! Every way in which a proof can be wrong (RFC 9449 §4.3 and §11.1), at the token endpoint.

use serde_json::{Value, json};

use super::is_bound;
use crate::support::{Answer, ProofKey, SERVICE, World, base64url};

/// The answer to a token request with these `DPoP` headers.
async fn answer(world: &World, proofs: &[String]) -> Answer {
    let request = world.client_credentials(SERVICE);
    let request = proofs
        .iter()
        .fold(request, |request, proof| request.header("DPoP", proof));
    world.send(request).await
}

async fn is_refused(world: &World, proofs: &[String], check: &str) {
    let answer = answer(world, proofs).await;
    answer.is_refused(400, "invalid_dpop_proof").no_store();
    answer.failed_check(check).await;
}

#[tokio::test]
async fn what_is_no_proof_is_refused() {
    let world = World::new().await;
    let key = ProofKey::new();
    let right = || key.proof("POST", &world.auth("/token"));
    let signed = right().sign();
    is_refused(
        &world,
        &[signed.clone(), right().sign()],
        "dpop.single_header",
    )
    .await;
    is_refused(
        &world,
        &[signed.clone(), signed.clone()],
        "dpop.single_header",
    )
    .await;
    let (head, signature) = signed.rsplit_once('.').unwrap();
    for malformed in [
        String::new(),
        "not a JWT".to_owned(),
        head.to_owned(),
        format!("{signed}.{signature}"),
        format!("{head}.{signature}="),
        format!("{}.{}.{signature}", base64url("[]"), base64url("{}")),
        format!("{signed}, {signed}"),
    ] {
        is_refused(&world, &[malformed], "dpop.well_formed").await;
    }
    let critical = right().with_header("crit", json!(["exp"])).sign();
    is_refused(&world, &[critical], "dpop.well_formed").await;
}

/// RFC 7515 §4, RFC 7517 §4, RFC 7519 §4: names are unique, and nobody believes the first while another uses the last.
#[tokio::test]
async fn what_says_something_twice_is_no_proof() {
    let world = World::new().await;
    let key = ProofKey::new();
    let right = key.proof("POST", &world.auth("/token"));
    let (header, claims) = (right.header.to_string(), right.claims.to_string());
    let doubled = |text: &str, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    let jwk = key.jwk.to_string();
    for (header, claims) in [
        (doubled(&header, r#""alg":"none""#), claims.clone()),
        (
            header.replace(&jwk, &doubled(&jwk, r#""kty":"RSA""#)),
            claims.clone(),
        ),
        (header.clone(), doubled(&claims, r#""htm":"GET""#)),
        (header.clone(), doubled(&claims, r#""x":[{"y":1,"y":1}]"#)),
    ] {
        let proof = right.sign_text(&header, &claims);
        is_refused(&world, &[proof], "dpop.well_formed").await;
    }
    let once = right.sign_text(&header, &doubled(&claims, r#""x":1"#));
    is_bound(&answer(&world, &[once]).await, &key);
}

/// RFC 7519 §2.
#[tokio::test]
async fn moments_may_have_a_fraction_and_are_numbers() {
    let world = World::new().await;
    let key = ProofKey::new();
    let right = || key.proof("POST", &world.auth("/token"));
    let now = i32::try_from(world.realm.clock().now().as_unix()).unwrap();
    for name in ["iat", "exp", "nbf"] {
        let half = json!(f64::from(now) + 0.5);
        let proof = right().with(name, half).sign();
        is_bound(&answer(&world, &[proof]).await, &key);
        for (wrong, check) in [
            (json!(true), "dpop.claims"),
            (json!(now.to_string()), "dpop.claims"),
            (json!(1e300), "dpop.time"),
        ] {
            let proof = right().with(name, wrong).sign();
            is_refused(&world, &[proof], check).await;
        }
    }
    let proof = right();
    let (header, claims) = (proof.header.to_string(), proof.claims.to_string());
    let null = claims.replacen('{', r#"{"nbf":null,"#, 1);
    is_refused(&world, &[proof.sign_text(&header, &null)], "dpop.claims").await;
}

#[tokio::test]
async fn a_proof_is_typed_and_signed_by_an_asymmetric_algorithm() {
    let world = World::new().await;
    let key = ProofKey::new();
    let right = || key.proof("POST", &world.auth("/token"));
    for typ in [Value::Null, "JWT".into(), "at+jwt".into()] {
        let proof = right().with_header("typ", typ).sign();
        is_refused(&world, &[proof], "dpop.type").await;
    }
    for alg in ["none", "HS256", "RS256", "ES512", ""] {
        let proof = right().with_header("alg", alg).sign();
        is_refused(&world, &[proof], "dpop.algorithm").await;
    }
    let unsigned = right().with_header("alg", "none").sign();
    let (head, _) = unsigned.rsplit_once('.').unwrap();
    is_refused(&world, &[format!("{head}.")], "dpop.algorithm").await;
}

#[tokio::test]
async fn a_proof_carries_its_public_key_and_is_signed_by_it() {
    let world = World::new().await;
    let key = ProofKey::new();
    let right = || key.proof("POST", &world.auth("/token"));
    let mut private = key.jwk.clone();
    private["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI".into();
    let symmetric = json!({"kty": "oct", "k": "c2VjcmV0"});
    let rsa = ProofKey::rsa(jsonwebtoken::Algorithm::PS256).jwk;
    for jwk in [
        Value::Null,
        private,
        symmetric,
        rsa,
        json!({}),
        json!("key"),
    ] {
        let proof = right().with_header("jwk", jwk.clone()).sign();
        let answer = answer(&world, &[proof]).await;
        answer.is_refused(400, "invalid_dpop_proof");
        let failed = answer.exchange().await.checks;
        let failed = failed
            .iter()
            .find(|check| check.outcome == shared::flow::Outcome::Failed)
            .map(|check| check.id.clone());
        // What is no object cannot be read at all.
        let expected = if jwk.is_string() {
            "dpop.well_formed"
        } else {
            "dpop.public_key"
        };
        assert_eq!(failed.as_deref(), Some(expected), "{jwk}");
    }
    let stolen = right().with_header("jwk", ProofKey::new().jwk).sign();
    is_refused(&world, &[stolen], "dpop.signature").await;
}

#[tokio::test]
async fn a_proof_is_for_one_request_at_one_moment() {
    let world = World::new().await;
    let key = ProofKey::new();
    let url = world.auth("/token");
    let right = || key.proof("POST", &url);
    for claim in ["jti", "htm", "htu", "iat"] {
        let proof = right().with(claim, Value::Null).sign();
        is_refused(&world, &[proof], "dpop.claims").await;
    }
    for method in ["GET", "post", "DELETE"] {
        is_refused(&world, &[right().with("htm", method).sign()], "dpop.method").await;
    }
    for target in [
        world.auth("/userinfo"),
        world.api("/token"),
        format!("{url}/"),
        "https://server.example.com/token".to_owned(),
        "/token".to_owned(),
    ] {
        is_refused(&world, &[right().with("htu", target).sign()], "dpop.target").await;
    }
    let now = right().claims["iat"].as_i64().unwrap();
    for iat in [now - 24 * 3600, now - 400, now + 120, 0, -5] {
        is_refused(&world, &[right().with("iat", iat).sign()], "dpop.time").await;
    }
}

/// RFC 7519 §4.1.4, §4.1.5: a proof need not say when it begins and ends, but what it says holds.
#[tokio::test]
async fn a_proof_that_is_over_or_not_yet_good_by_its_own_word_is_refused() {
    let world = World::new().await;
    let key = ProofKey::new();
    let url = world.auth("/token");
    let right = || key.proof("POST", &url);
    let now = right().claims["iat"].as_i64().unwrap();
    for (claim, moment) in [
        ("exp", json!(now - 120)),
        ("exp", json!(0)),
        ("exp", json!(1e300)),
        ("nbf", json!(now + 120)),
        ("nbf", json!(now + 24 * 3600)),
    ] {
        is_refused(&world, &[right().with(claim, moment).sign()], "dpop.time").await;
    }
    for claim in ["exp", "nbf"] {
        for other in [json!(now.to_string()), json!(true), json!([now])] {
            is_refused(&world, &[right().with(claim, other).sign()], "dpop.claims").await;
        }
    }
    for proof in [
        right().with("exp", now + 60).with("nbf", now - 60),
        right().with("exp", now - 20).with("nbf", now + 20),
        right().with("exp", Value::Null).with("nbf", Value::Null),
        right().with("exp", now + 365 * 24 * 3600).with("nbf", 0),
    ] {
        is_bound(&answer(&world, &[proof.sign()]).await, &key);
    }
}

#[tokio::test]
async fn spelling_and_small_differences_of_clocks_are_forgiven() {
    let world = World::new().await;
    let key = ProofKey::new();
    let url = world.auth("/token");
    let right = || key.proof("POST", &url);
    let now = right().claims["iat"].as_i64().unwrap();
    for proof in [
        right().with("htu", format!("{url}?some=query#fragment")),
        right().with("htu", url.replace("http://localhost", "HTTP://LOCALHOST")),
        right().with("htu", url.replace("/token", "/%74oken")),
        right().with("iat", now - 120),
        right().with("iat", now + 20),
        right().with("iat", json!(f64::from(i32::try_from(now).unwrap()) + 0.5)),
        right().with_header("typ", "DPoP+JWT"),
        right().with("more", "is ignored"),
    ] {
        is_bound(&answer(&world, &[proof.sign()]).await, &key);
    }
}

#[tokio::test]
async fn a_proof_is_used_once() {
    let world = World::new().await;
    let key = ProofKey::new();
    let proof = key.proof("POST", &world.auth("/token")).sign();
    is_bound(&answer(&world, std::slice::from_ref(&proof)).await, &key);
    is_refused(&world, &[proof], "dpop.unused").await;
    // The same id under another key is another proof: nobody can use up the ids of others.
    let other = ProofKey::new();
    let fresh = key.proof("POST", &world.auth("/token"));
    let jti = fresh.claims["jti"].clone();
    let copied = other.proof("POST", &world.auth("/token")).with("jti", jti);
    is_bound(&answer(&world, &[copied.sign()]).await, &other);
    is_bound(&answer(&world, &[fresh.sign()]).await, &key);
}

#[tokio::test]
async fn of_many_at_once_one_is_the_first() {
    let world = World::new().await;
    let key = ProofKey::new();
    let proof = key.proof("POST", &world.auth("/token")).sign();
    let racers: Vec<_> = (0..16)
        .map(|_| {
            let request = world.client_credentials(SERVICE).header("DPoP", &proof);
            tokio::spawn(request.send())
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        won += usize::from(racer.await.unwrap().status == 200);
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn whoever_is_not_believed_uses_no_proof_up() {
    let world = World::new().await;
    let key = ProofKey::new();
    let proof = key.proof("POST", &world.auth("/token")).sign();
    let request = world
        .token(&[("grant_type", "client_credentials")])
        .basic("service", "guessed")
        .header("DPoP", &proof);
    world.send(request).await.is_refused(401, "invalid_client");
    is_bound(&answer(&world, &[proof]).await, &key);
}
