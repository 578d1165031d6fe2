//! JWT bearer grant — RFC 7523 §2.1 and §3: a client asks by an assertion of its own.

use serde_json::{Value, json};
use shared::seed::{ClientSeed, ExcessScope, RealmSeed};

use crate::dpop::claims;
use crate::support::{Client, Proof, ProofKey, Request, World};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ALBUM: Client = Client {
    id: "album",
    secret: Some("album-secret"),
    callback: "",
};

/// A realm with a client that may ask for these people by assertions of this key.
pub(crate) async fn world(key: &ProofKey, subjects: &[&str]) -> World {
    World::with(|seed: RealmSeed| seed.with_client(album(key, subjects))).await
}

/// That client.
pub(crate) fn album(key: &ProofKey, subjects: &[&str]) -> ClientSeed {
    let mut album = ClientSeed::public(ALBUM.id, "http://localhost/unused")
        .with_secret("album-secret")
        .with_grants(&[GRANT, "refresh_token"])
        .with_scopes(&["openid", "offline_access", "photos:read", "photos:write"]);
    let mut jwk = key.jwk.clone();
    jwk["kid"] = "one".into();
    album.metadata.jwks = Some(json!({"keys": [jwk]}));
    album.policy.jwt_bearer_subjects = subjects.iter().map(ToString::to_string).collect();
    album.redirect_uris = Vec::new();
    album
}

/// An assertion that is right in every respect.
pub(crate) fn assertion<'k>(world: &World, key: &'k ProofKey) -> Proof<'k> {
    let now = world.realm.clock().now().as_unix();
    let mut jwt = key.proof("", "");
    jwt.header = json!({"alg": "ES256", "kid": "one"});
    let jti = jwt.claims["jti"].clone();
    jwt.claims = json!({
        "iss": "album", "sub": "alice-0001", "aud": world.realm.issuer(),
        "iat": now, "exp": now + 60, "jti": jti,
    });
    jwt
}

pub(crate) fn ask(world: &World, assertion: &str) -> Request {
    let request = world.token(&[("grant_type", GRANT), ("assertion", assertion)]);
    World::signed(ALBUM, request)
}

#[tokio::test]
async fn an_assertion_gives_an_access_token_of_its_subject_and_nothing_more() {
    let key = ProofKey::new();
    let world = world(&key, &["alice-0001"]).await;
    for audience in [world.realm.issuer(), &world.auth("/token")] {
        let jwt = assertion(&world, &key).with("aud", audience).sign();
        let answer = world.send(ask(&world, &jwt)).await;
        let tokens = answer.tokens();
        assert!(tokens.refresh.is_empty(), "{answer}");
        assert!(tokens.body.get("id_token").is_none(), "{answer}");
        assert_eq!(tokens.body["scope"], "photos:read photos:write", "{answer}");
        let said = claims(&tokens.access);
        assert_eq!(said["sub"], "alice-0001");
        assert_eq!(said["client_id"], "album");
        assert!(said.get("auth_time").is_none() && said.get("acr").is_none());
        let photos = Request::get(&world.api("/photos")).bearer(&tokens.access);
        world.send(photos).await.is(200);
        assert!(world.is_active(&tokens.access).await);
    }
    let scopeless = World::with(|seed: RealmSeed| {
        let album = album(&key, &["alice-0001"]).with_scopes(&["openid"]);
        seed.with_client(album)
    })
    .await;
    let jwt = assertion(&scopeless, &key).sign();
    let tokens = scopeless.send(ask(&scopeless, &jwt)).await.tokens();
    assert_eq!(tokens.body.get("scope"), None, "{}", tokens.body);
    assert_eq!(claims(&tokens.access).get("scope"), None);
    let anybody = super::jwt_bearer::world(&key, &["*"]).await;
    let jwt = assertion(&anybody, &key).with("sub", "bob-0002").sign();
    anybody.send(ask(&anybody, &jwt)).await.tokens();
}

/// Nobody signs in, so `openid` and `offline_access` are as much too much as what is not the client's: refused or left
/// out, as its policy says (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1).
#[tokio::test]
async fn scope_beyond_the_clients_own_is_refused_or_left_out_as_the_policy_says() {
    for ignores in [false, true] {
        let key = ProofKey::new();
        let world = World::with(|seed: RealmSeed| {
            let mut album = album(&key, &["alice-0001"]);
            album.policy.excess_scope = ignores.then_some(ExcessScope::Ignore);
            seed.with_client(album)
        })
        .await;
        let send = |scope: &'static str| {
            let request = ask(&world, &assertion(&world, &key).sign());
            world.send(request.with("scope", scope))
        };
        let narrow = send("photos:read").await.tokens();
        assert_eq!(narrow.body["scope"], "photos:read");
        for excess in [
            "photos:read stats:read",
            "openid offline_access photos:read",
        ] {
            let answer = send(excess).await;
            if ignores {
                let tokens = answer.tokens();
                assert_eq!(tokens.body["scope"], "photos:read");
                assert_eq!(claims(&tokens.access)["scope"], "photos:read");
            } else {
                answer.is_refused(400, "invalid_scope").no_store();
                answer.failed_check("scope.allowed").await;
            }
        }
        for refused in ["stats:read", "openid", "a\"b"] {
            let answer = send(refused).await;
            answer.is_refused(400, "invalid_scope").no_store();
            answer.failed_check("scope.allowed").await;
        }
    }
}

#[tokio::test]
async fn by_default_it_may_ask_for_nobody() {
    let key = ProofKey::new();
    let world = world(&key, &[]).await;
    let jwt = assertion(&world, &key).sign();
    let answer = world.send(ask(&world, &jwt)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("assertion.subject").await;
    let service = world.token(&[("grant_type", GRANT), ("assertion", &jwt)]);
    let answer = world
        .send(World::signed(crate::support::SERVICE, service))
        .await;
    answer.is_refused(400, "unauthorized_client");
}

/// Assertions that are each wrong in one respect, and the check that fails.
fn wrong_assertions(world: &World, key: &ProofKey) -> Vec<(String, &'static str)> {
    let right = || assertion(world, key);
    let now = world.realm.clock().now().as_unix();
    let other = ProofKey::new();
    let mut forged = assertion(world, &other);
    forged.header = json!({"alg": "ES256", "kid": "one"});
    vec![
        (forged.sign(), "assertion.signature"),
        (
            right().with_header("alg", "none").sign(),
            "assertion.algorithm",
        ),
        (
            right().with_header("alg", "HS256").sign(),
            "assertion.algorithm",
        ),
        (
            right().with_header("typ", "at+jwt").sign(),
            "assertion.type",
        ),
        (
            right().with_header("kid", "two").sign(),
            "assertion.key_known",
        ),
        (right().with("iss", "web").sign(), "assertion.issuer"),
        (right().with("iss", Value::Null).sign(), "assertion.issuer"),
        (
            right().with("aud", "https://other.example").sign(),
            "assertion.audience",
        ),
        (
            right().with("aud", Value::Null).sign(),
            "assertion.audience",
        ),
        (right().with("exp", now - 1).sign(), "assertion.not_expired"),
        (
            right().with("exp", Value::Null).sign(),
            "assertion.not_expired",
        ),
        (
            right().with("exp", now + 24 * 3600).sign(),
            "assertion.not_expired",
        ),
        (
            right().with("nbf", now + 300).sign(),
            "assertion.not_before",
        ),
        (right().with("sub", "bob-0002").sign(), "assertion.subject"),
        (right().with("sub", "nobody").sign(), "assertion.subject"),
        (right().with("sub", Value::Null).sign(), "assertion.subject"),
        ("a.b.c".to_owned(), "assertion.well_formed"),
    ]
}

#[tokio::test]
async fn each_thing_that_is_wrong_fails_its_own_check() {
    let key = ProofKey::new();
    let world = world(&key, &["alice-0001"]).await;
    for (jwt, check) in wrong_assertions(&world, &key) {
        let answer = world.send(ask(&world, &jwt)).await;
        answer.is_refused(400, "invalid_grant");
        answer.failed_check(check).await;
    }
    let answer = world.send(ask(&world, "")).await;
    answer.is_refused(400, "invalid_request");
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let key = ProofKey::new();
    let world = world(&key, &["alice-0001"]).await;
    let jwt = assertion(&world, &key).sign();
    world.send(ask(&world, &jwt)).await.tokens();
    let answer = world.send(ask(&world, &jwt)).await;
    answer.is_refused(400, "invalid_grant");
    answer.failed_check("assertion.jti_unused").await;
}

/// What is refused for another reason has not been used: the client mends its request and sends the same assertion.
#[tokio::test]
async fn an_assertion_is_used_up_only_where_everything_else_holds() {
    let key = ProofKey::new();
    let world = world(&key, &["alice-0001"]).await;
    let jwt = assertion(&world, &key).sign();
    for (name, value, code, check) in [
        ("scope", "stats:read", "invalid_scope", "scope.allowed"),
        (
            "resource",
            "https://attacker.example/",
            "invalid_target",
            "resource.known",
        ),
    ] {
        let answer = world.send(ask(&world, &jwt).with(name, value)).await;
        answer.is_refused(400, code).no_store();
        answer.failed_check(check).await;
    }
    world.send(ask(&world, &jwt)).await.tokens();
    let answer = world.send(ask(&world, &jwt)).await;
    answer.failed_check("assertion.jti_unused").await;
}

/// RFC 8707 §2: as for every other grant without a person who takes part.
#[tokio::test]
async fn a_token_is_meant_for_the_api_that_was_asked_for() {
    const ARCHIVE: &str = "https://archive.example/api";
    let key = ProofKey::new();
    let world = World::with(|mut seed: RealmSeed| {
        seed.resources = vec![ARCHIVE.to_owned()];
        seed.with_client(album(&key, &["alice-0001"]))
    })
    .await;
    let api = world.api("");
    for (asked, meant) in [
        (vec![], json!(api)),
        (vec![ARCHIVE], json!(ARCHIVE)),
        (vec![api.as_str(), api.as_str()], json!(api)),
        (vec![ARCHIVE, api.as_str()], {
            let mut both = [api.as_str(), ARCHIVE];
            both.sort_unstable();
            json!(both)
        }),
    ] {
        let request = ask(&world, &assertion(&world, &key).sign());
        let request = asked
            .iter()
            .fold(request, |request, one| request.with("resource", one));
        let answer = world.send(request).await;
        if !asked.is_empty() {
            answer.passed_check("resource.known").await;
        }
        let tokens = answer.tokens();
        assert_eq!(claims(&tokens.access)["aud"], meant);
        let photos = Request::get(&world.api("/photos")).bearer(&tokens.access);
        let here = meant != json!(ARCHIVE);
        world.send(photos).await.is(if here { 200 } else { 401 });
    }
    for wrong in ["https://archive.example/api#fragment", "/photos"] {
        let request = ask(&world, &assertion(&world, &key).sign());
        let answer = world.send(request.with("resource", wrong)).await;
        answer.is_refused(400, "invalid_target").no_store();
        answer.failed_check("resource.known").await;
    }
}

#[tokio::test]
async fn an_assertion_without_a_jti_is_good_once_too() {
    let key = ProofKey::new();
    let world = world(&key, &["alice-0001"]).await;
    let mut right = assertion(&world, &key);
    right.claims.as_object_mut().unwrap().remove("jti");
    let first = right.sign();
    world.send(ask(&world, &first)).await.tokens();
    // Another signature over the same claims is the same assertion.
    for again in [first, right.sign()] {
        let answer = world.send(ask(&world, &again)).await;
        answer.is_refused(400, "invalid_grant");
        answer.failed_check("assertion.jti_unused").await;
    }
    let exp = right.claims["exp"].as_i64().unwrap() - 1;
    let other = right.with("exp", exp).sign();
    world.send(ask(&world, &other)).await.tokens();
}
