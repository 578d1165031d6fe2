//! What the servers say of themselves — RFC 8414, OpenID Connect Discovery, RFC 9728, RFC 7517.

use serde_json::Value;

use crate::support::{Request, World};

/// The document at `url`.
async fn document(world: &World, url: &str) -> Value {
    let origin = world.ecosystem.client_app();
    let request = Request::get(url).header("origin", origin);
    let answer = world.send(request).await;
    let kind = answer.is(200).header("content-type");
    let json = ["application/json", "application/jwk-set+json"];
    assert!(json.iter().any(|json| kind.starts_with(json)), "{answer}");
    let readable = answer.header("access-control-allow-origin");
    assert!(
        readable == "*" || readable == origin,
        "{readable:?}: {answer}"
    );
    answer.json()
}

/// RFC 8414 §3.1: the well-known part goes between the host and the issuer's path.
fn well_known(world: &World, name: &str) -> String {
    let root = world.ecosystem.auth_server();
    let path = world.realm.issuer().strip_prefix(root).unwrap();
    format!("{root}/.well-known/{name}{path}")
}

#[tokio::test]
async fn the_issuer_is_the_same_text_in_both_documents() {
    let world = World::new().await;
    let oauth = document(&world, &well_known(&world, "oauth-authorization-server")).await;
    assert_eq!(oauth["issuer"], world.realm.issuer());
    // OpenID Connect Discovery §4 appends instead.
    let openid = document(&world, &world.auth("/.well-known/openid-configuration")).await;
    assert_eq!(openid["issuer"], world.realm.issuer());
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        assert_eq!(oauth[name], openid[name], "{name}");
    }
}

#[tokio::test]
async fn who_has_a_document_is_not_sent_it_again() {
    let world = World::new().await;
    for url in [
        well_known(&world, "oauth-authorization-server"),
        world.auth("/.well-known/openid-configuration"),
        world.auth("/jwks"),
    ] {
        let whole = world.send(Request::get(&url)).await;
        let tag = whole.is(200).header("etag").to_owned();
        assert!(tag.len() > 2 && tag.starts_with('"'), "{tag}");
        for known in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".into(),
        ] {
            let asked = Request::get(&url).header("if-none-match", &known);
            let answer = world.send(asked).await;
            assert!(answer.is(304).response.body.is_empty(), "{known}: {answer}");
            assert_eq!(answer.header("etag"), tag);
        }
        let another = Request::get(&url).header("if-none-match", "\"another\"");
        let answer = world.send(another).await;
        assert_eq!(answer.is(200).response.body, whole.response.body);
    }
}

#[tokio::test]
async fn every_endpoint_is_below_the_issuer_and_nothing_is_null_or_empty() {
    let world = World::new().await;
    let metadata = document(&world, &well_known(&world, "oauth-authorization-server")).await;
    for (name, value) in metadata.as_object().unwrap() {
        assert!(!value.is_null(), "{name} is null");
        assert!(
            value.as_array().is_none_or(|list| !list.is_empty()),
            "{name} is empty"
        );
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let url = value.as_str().unwrap();
            assert!(url.starts_with(world.realm.issuer()), "{name}: {url}");
        }
    }
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
}

#[tokio::test]
async fn the_grants_that_are_offered_are_listed() {
    let world = World::new().await;
    let metadata = document(&world, &well_known(&world, "oauth-authorization-server")).await;
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    for grant in [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "password",
        "implicit",
    ] {
        assert!(
            grants.iter().any(|listed| listed == grant),
            "{grant}: {grants:?}"
        );
    }
}

#[tokio::test]
async fn the_root_realm_has_documents_at_the_root() {
    let world = World::new().await;
    let root = World::at_root(world.ecosystem.clone());
    let url = format!(
        "{}/.well-known/oauth-authorization-server",
        world.ecosystem.auth_server()
    );
    assert_eq!(
        document(&root, &url).await["issuer"],
        world.ecosystem.auth_server()
    );
}

#[tokio::test]
async fn keys_are_public_named_and_for_signing() {
    let world = World::new().await;
    let keys = document(&world, &world.auth("/jwks")).await;
    let keys = keys["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        assert_eq!(key["use"], "sig");
        let algorithm = key["alg"].as_str().unwrap();
        assert!(
            ["ES256", "RS256", "PS256", "EdDSA"].contains(&algorithm),
            "{key}"
        );
        assert!(!key["kid"].as_str().unwrap().is_empty());
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None, "{private} is private");
        }
    }
}

#[tokio::test]
async fn the_api_names_its_authorization_server() {
    let world = World::new().await;
    let root = world.ecosystem.resource_server();
    let path = world.realm.resource_server().strip_prefix(root).unwrap();
    let url = format!("{root}/.well-known/oauth-protected-resource{path}");
    let metadata = document(&world, &url).await;
    assert_eq!(metadata["resource"], world.realm.resource_server());
    assert_eq!(
        metadata["authorization_servers"],
        serde_json::json!([world.realm.issuer()])
    );
    assert_eq!(
        metadata["bearer_methods_supported"],
        serde_json::json!(["header"])
    );
}

#[tokio::test]
async fn an_unknown_realm_is_not_found() {
    let world = World::new().await;
    let root = world.ecosystem.auth_server();
    for path in [
        "/r/nowhere/jwks",
        "/r/Not%20a%20name/jwks",
        "/r/nowhere/authorize",
    ] {
        let answer = world.send(Request::get(&format!("{root}{path}"))).await;
        answer.is(404);
    }
    let request = Request::post(
        &format!("{root}/r/nowhere/token"),
        &[("grant_type", "password")],
    );
    let answer = world.send(request).await;
    assert!(matches!(answer.status(), 401 | 404), "{answer}");
}

#[tokio::test]
async fn a_key_for_the_algorithm_of_every_provider_is_published() {
    let world = World::new().await;
    let keys = document(&world, &world.auth("/jwks")).await;
    let keys = keys["keys"].as_array().unwrap();
    assert!(keys.iter().any(|key| key["alg"] == "RS256"), "{keys:?}");
}

#[tokio::test]
async fn the_head_of_every_document_can_be_asked_for() {
    let world = World::new().await;
    for url in [
        well_known(&world, "oauth-authorization-server"),
        well_known(&world, "openid-configuration"),
        world.auth("/.well-known/openid-configuration"),
        world.auth("/.well-known/oauth-authorization-server"),
        world.auth("/jwks"),
    ] {
        let answer = world.send(Request::new("HEAD", &url)).await;
        answer.is(200);
        assert!(answer.header("content-type").contains("json"), "{answer}");
        assert!(answer.response.body.is_empty(), "{url}");
    }
}

/// What OpenID Connect Discovery §3 and RFC 8414 §2 require, and of what type it is.
const REQUIRED: [(&str, Kind); 13] = [
    ("issuer", Kind::Url),
    ("authorization_endpoint", Kind::Url),
    ("token_endpoint", Kind::Url),
    ("jwks_uri", Kind::Url),
    ("response_types_supported", Kind::Texts),
    ("subject_types_supported", Kind::Texts),
    ("id_token_signing_alg_values_supported", Kind::Texts),
    ("userinfo_endpoint", Kind::Url),
    ("registration_endpoint", Kind::Url),
    ("scopes_supported", Kind::Texts),
    ("claims_supported", Kind::Texts),
    ("token_endpoint_auth_methods_supported", Kind::Texts),
    (
        "token_endpoint_auth_signing_alg_values_supported",
        Kind::Texts,
    ),
];

#[derive(Clone, Copy)]
enum Kind {
    Url,
    Texts,
}

impl Kind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Url => {
                let text = value.as_str().unwrap_or_default();
                text.starts_with("http") && !text.contains('#')
            }
            Self::Texts => {
                let list = value.as_array();
                list.is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string))
            }
        }
    }
}

/// Whether a member is of the type that its name promises.
fn is_as_named(name: &str, value: &Value) -> bool {
    match name.rsplit('_').next().unwrap() {
        "supported" if value.is_boolean() => true,
        "supported" => Kind::Texts.holds(value),
        "endpoint" | "uri" | "issuer" => Kind::Url.holds(value),
        "registration" | "required" | "requests" => value.is_boolean(),
        _ if name.starts_with("require_") => value.is_boolean(),
        _ => {
            ["service_documentation", "grantscope_legacy"].contains(&name) || Kind::Url.holds(value)
        }
    }
}

/// Whether the list `name` has `one`.
fn lists(metadata: &Value, name: &str, one: &str) -> bool {
    let list = metadata[name].as_array().unwrap();
    list.iter().any(|listed| listed == one)
}

#[tokio::test]
async fn the_metadata_is_complete_and_every_member_has_its_type() {
    let world = World::new().await;
    let metadata = document(&world, &world.auth("/.well-known/openid-configuration")).await;
    for (name, kind) in REQUIRED {
        let value = &metadata[name];
        assert!(kind.holds(value), "{name}: {value}");
    }
    for (name, value) in metadata.as_object().unwrap() {
        assert!(is_as_named(name, value), "{name}: {value}");
    }
    let has = |name: &str, one: &str| {
        assert!(lists(&metadata, name, one), "{name} lacks {one}");
    };
    // OpenID Connect Core §15.1 and §15.2, Discovery §3.
    has("id_token_signing_alg_values_supported", "RS256");
    has("scopes_supported", "openid");
    for one in ["code", "id_token", "id_token token"] {
        has("response_types_supported", one);
    }
    for one in [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
    ] {
        has("token_endpoint_auth_methods_supported", one);
    }
    for one in ["RS256", "PS256", "ES256", "EdDSA", "HS256"] {
        has("token_endpoint_auth_signing_alg_values_supported", one);
    }
    let none = |name: &str, one: &str| {
        assert!(!lists(&metadata, name, one), "{name} has {one}");
    };
    none("id_token_signing_alg_values_supported", "none");
    none("token_endpoint_auth_signing_alg_values_supported", "none");
    none("introspection_endpoint_auth_methods_supported", "none");
}
