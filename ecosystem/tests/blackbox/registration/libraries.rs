//! What libraries of relying parties send without being asked, and what they compare the answer with — RFC 7591 §2,
//! §3.2.1.

use serde_json::{Value, json};
use shared::seed::{ClientPolicy, SecurityProfile};

use super::management::replace;
use super::{CALLBACK, manage, register, registered, text};
use crate::support::{Request, Signer, World};

/// pyoidc, without a base URL, because the metadata says `require_request_uri_registration`.
#[tokio::test]
async fn an_address_that_is_relative_to_nothing_is_left_out_and_the_answer_says_so() {
    let world = World::new().await;
    let body = |uris: Value| json!({"redirect_uris": [CALLBACK], "request_uris": uris});
    let relative = "requests/cPkeZgqpZpJl";
    let client = registered(&world, body(json!([relative]))).await;
    assert_eq!(client.get("request_uris"), None, "{client}");
    let kept = "https://client.example/request";
    let client = registered(&world, body(json!([relative, kept, "/requests/1"]))).await;
    assert_eq!(client["request_uris"], json!([kept]));
    let read = world.send(manage("GET", &client)).await;
    assert_eq!(read.is(200).json()["request_uris"], json!([kept]));
    let mut again = body(json!([relative]));
    again["client_id"] = client["client_id"].clone();
    let replaced = world.send(replace(&client, &again)).await;
    assert_eq!(replaced.is(200).json().get("request_uris"), None);
    // What is absolute leads somewhere, and is judged.
    for forbidden in [
        json!(["ftp://client.example/r"]),
        json!([kept, "javascript:alert(1)"]),
        json!(["https://user@client.example/r"]),
        json!([42]),
        json!(relative),
    ] {
        let answer = register(&world, body(forbidden)).await;
        answer.is_refused(400, "invalid_client_metadata").no_store();
        answer.failed_check("registration.metadata").await;
    }
}

#[tokio::test]
async fn a_profile_forgives_no_relative_address() {
    let world = World::with(|mut seed| {
        seed.clients.clear();
        seed.policy = ClientPolicy {
            profile: Some(SecurityProfile::Fapi2),
            ..ClientPolicy::default()
        };
        seed
    })
    .await;
    let mut body = json!({
        "redirect_uris": [CALLBACK], "jwks": Signer::new("ES256", "one").jwks(),
        "token_endpoint_auth_method": "private_key_jwt",
    });
    registered(&world, body.clone()).await;
    body["request_uris"] = json!(["requests/cPkeZgqpZpJl"]);
    let answer = register(&world, body).await;
    answer.is_refused(400, "invalid_client_metadata");
    answer.failed_check("registration.metadata").await;
}

/// What `client` is sent to by a request for `scope`: the way of the address.
async fn asked(world: &World, client: &Value, scope: &str) -> String {
    let id = text(client, "client_id");
    let url = format!(
        "{}?response_type=code&client_id={id}&redirect_uri={CALLBACK}&scope={scope}",
        world.auth("/authorize")
    );
    let answer = world.send(Request::get(&url)).await;
    answer.is(303);
    answer.location().to_string()
}

/// idpyoidc compares the `scope` of the answer with what it means to ask for, and stops where they differ.
#[tokio::test]
async fn who_named_no_scope_is_told_of_none_and_may_ask_for_as_much_as_ever() {
    let world = World::new().await;
    let unnamed = json!({"redirect_uris": [CALLBACK]});
    let client = registered(&world, unnamed.clone()).await;
    assert_eq!(client.get("scope"), None, "{client}");
    let read = world.send(manage("GET", &client)).await;
    assert_eq!(read.is(200).json().get("scope"), None);
    for scope in ["openid+profile+email", "photos:read"] {
        let location = asked(&world, &client, scope).await;
        assert!(location.contains("/login"), "{scope}: {location}");
    }

    // An empty text names none either: the grammar has no scope without a token (RFC 6749 §3.3).
    let mut empty = unnamed.clone();
    empty["scope"] = "".into();
    let client = registered(&world, empty.clone()).await;
    assert_eq!(client.get("scope"), None, "{client}");
    let location = asked(&world, &client, "photos:read").await;
    assert!(location.contains("/login"), "{location}");

    let mut named = unnamed.clone();
    named["scope"] = "openid email unheard:of".into();
    let client = registered(&world, named).await;
    assert_eq!(client["scope"], "email openid", "what is registered of it");
    let read = world.send(manage("GET", &client)).await;
    assert_eq!(read.is(200).json()["scope"], "email openid");
    let location = asked(&world, &client, "photos:read").await;
    assert!(location.contains("error=invalid_scope"), "{location}");

    // A replacement that leaves it out, or empty, leaves it to the realm again.
    for mut again in [unnamed, empty] {
        again["client_id"] = client["client_id"].clone();
        let answer = world.send(replace(&client, &again)).await;
        assert_eq!(answer.is(200).json().get("scope"), None);
        let location = asked(&world, &client, "photos:read").await;
        assert!(location.contains("/login"), "{location}");
    }
}

/// RFC 9449 §5: nothing proves a key at the authorization endpoint.
#[tokio::test]
async fn tokens_that_are_always_bound_do_not_come_through_the_browser() {
    let world = World::new().await;
    let body = |response_type: &str, bound: bool| {
        json!({
            "redirect_uris": [CALLBACK], "response_types": [response_type],
            "grant_types": ["authorization_code", "implicit"],
            "dpop_bound_access_tokens": bound,
        })
    };
    for issuing in [
        "token",
        "id_token token",
        "code token",
        "code id_token token",
    ] {
        let answer = register(&world, body(issuing, true)).await;
        answer.is_refused(400, "invalid_client_metadata").no_store();
        answer.failed_check("registration.metadata").await;
        registered(&world, body(issuing, false)).await;
    }
    for harmless in ["code", "id_token", "code id_token"] {
        let client = registered(&world, body(harmless, true)).await;
        assert_eq!(client["dpop_bound_access_tokens"], true, "{harmless}");
    }
}

/// RFC 9864 §2.2: libraries that say `Ed25519` compare what they registered with what comes back.
#[tokio::test]
async fn the_newer_name_of_an_algorithm_stays_as_it_came() {
    let world = World::new().await;
    let key = Signer::new("EdDSA", "one");
    for name in ["EdDSA", "Ed25519"] {
        let body = json!({
            "redirect_uris": [CALLBACK], "jwks": key.jwks(),
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": name, "request_object_signing_alg": name,
        });
        let client = registered(&world, body).await;
        for member in [
            "token_endpoint_auth_signing_alg",
            "request_object_signing_alg",
        ] {
            assert_eq!(client[member], name, "{client}");
        }
        assert_eq!(world.send(manage("GET", &client)).await.json(), client);
    }
    let url = world.auth("/.well-known/openid-configuration");
    let told = world.send(Request::get(&url)).await.is(200).json();
    for list in [
        "token_endpoint_auth_signing_alg_values_supported",
        "request_object_signing_alg_values_supported",
        "dpop_signing_alg_values_supported",
    ] {
        let listed = told[list].as_array().expect("a list");
        assert!(listed.contains(&json!("EdDSA")) && listed.contains(&json!("Ed25519")));
    }
    // What the server signs, it signs by the name that every client knows, and takes no wish for another.
    let mut body = json!({"redirect_uris": [CALLBACK]});
    body["id_token_signed_response_alg"] = "Ed25519".into();
    let answer = register(&world, body).await;
    answer.is_refused(400, "invalid_client_metadata");
}
