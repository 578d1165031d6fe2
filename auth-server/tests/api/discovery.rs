//! Metadata (RFC 8414, OpenID Connect Discovery) and keys (RFC 7517).

use serde_json::Value;
use shared::realm::RealmName;
use shared::seed::RealmSeed;
use shared::time::Lifetime;

use crate::support::World;

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(all) => !all.is_empty() && all.iter().all(is_whole),
        Value::Object(all) => all.values().all(is_whole),
        _ => true,
    }
}

#[tokio::test]
async fn the_metadata_is_the_same_in_every_spelling_and_without_gaps() {
    let world = World::start().await;
    let seed = RealmSeed::demo_named("blue".parse().unwrap()).unwrap();
    world.realms.create(&seed).await.unwrap();
    let oauth = "/.well-known/oauth-authorization-server";
    let openid = "/.well-known/openid-configuration";
    for (path, spellings) in [
        ("", vec![oauth.to_owned(), openid.to_owned()]),
        (
            "/r/blue",
            vec![
                format!("{oauth}/r/blue"),
                format!("{openid}/r/blue"),
                format!("/r/blue{openid}"),
                format!("/r/blue{oauth}"),
            ],
        ),
    ] {
        let issuer = world.at(path);
        let mut documents = Vec::new();
        for spelling in spellings {
            documents.push(world.get(&spelling).await.ok().json());
        }
        let document = documents[0].clone();
        assert!(documents.iter().all(|other| *other == document));
        assert!(is_whole(&document), "{document}");
        assert_eq!(document["issuer"], issuer);
        assert_eq!(document["token_endpoint"], format!("{issuer}/token"));
        assert_eq!(document["code_challenge_methods_supported"][0], "S256");
        assert_eq!(
            document["authorization_response_iss_parameter_supported"],
            true
        );
        assert!(
            document["grantscope_legacy"]["password"]
                .as_str()
                .unwrap()
                .contains("§2.4")
        );
    }
    assert_eq!(world.get(&format!("{oauth}/r/none")).await.status(), 404);
}

#[tokio::test]
async fn a_rotated_key_is_published_beside_the_old_one_and_both_verify() {
    let world = World::start().await;
    let kids = || async {
        let keys = world.get("/jwks").await.ok().json();
        let keys = keys["keys"].as_array().unwrap().clone();
        // Those of other algorithms rotate likewise.
        keys.iter().filter(|key| key["alg"] == "ES256").count()
    };
    let old = world.alice("openid").await;
    assert_eq!(kids().await, 1);
    let realm = RealmName::default_realm();
    world.realms.rotate_keys(&realm).await.unwrap();
    assert_eq!(kids().await, 2);
    world.clocks.of(&realm).advance(Lifetime::from_seconds(20));
    let new = world.alice("openid").await;
    let kid = |tokens: &Value| {
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        token.split('.').next().unwrap().to_owned()
    };
    assert_ne!(kid(&old), kid(&new));
    for tokens in [&old, &new] {
        let token = tokens["access_token"].as_str().unwrap();
        assert_eq!(world.introspect(token).await["active"], true);
    }
    world.clocks.of(&realm).advance(Lifetime::from_minutes(20));
    assert_eq!(kids().await, 1);
}

#[tokio::test]
async fn id_tokens_are_signed_by_rsa_for_a_client_that_wants_it() {
    let world = World::start().await;
    let form = [
        ("grant_type", "password"),
        ("username", "bob"),
        ("password", "bob-password"),
        ("scope", "openid"),
    ];
    let tokens = world
        .post_as(("opaque", "s"), "/token", &form)
        .await
        .ok()
        .json();
    assert!(!tokens["access_token"].as_str().unwrap().contains('.'));
    let header = jsonwebtoken::decode_header(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
    let keys = world.get("/jwks").await.ok().json();
    assert!(
        keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .any(|key| key["alg"] == "RS256")
    );
}
