//! `/register/{client_id}` — RFC 7592.

use serde_json::{Value, json};

use super::{CALLBACK, manage, register, registered, text};
use crate::support::{Request, World};

/// A request to replace what is registered for `client`.
pub(crate) fn replace(client: &Value, body: &Value) -> Request {
    let request = manage("PUT", client).header("content-type", "application/json");
    request.body(body.to_string())
}

/// What the server gave is not the client's to change, in a replacement that is otherwise `good`.
async fn keeps_what_the_server_gave(world: &World, client: &Value, good: &Value) {
    for (name, value) in [
        ("client_id", json!("another")),
        ("client_id", json!(null)),
        ("client_secret", json!("another")),
        (
            "registration_access_token",
            client["registration_access_token"].clone(),
        ),
        ("client_secret_expires_at", json!(0)),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let answer = world.send(replace(client, &body)).await;
        answer.is_refused(400, "invalid_client_metadata").no_store();
        answer.failed_check("registration.metadata").await;
    }
}

#[tokio::test]
async fn a_client_reads_replaces_and_removes_its_registration() {
    let world = World::new().await;
    let callback = world.app("/callback");
    let first = json!({
        "redirect_uris": [callback], "client_name": "Before",
        "grant_types": ["authorization_code", "client_credentials"],
    });
    let client = registered(&world, first).await;
    let id = text(&client, "client_id");
    let secret = text(&client, "client_secret");
    let after = json!({
        "client_id": id, "client_secret": secret, "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "client_credentials"],
    });
    let answer = world.send(replace(&client, &after)).await;
    answer.is(200).no_store();
    let changed = answer.json();
    assert_eq!(changed["redirect_uris"], json!([CALLBACK]));
    assert!(
        changed.get("client_name").is_none(),
        "left out is gone: {changed}"
    );
    assert_eq!(
        changed["client_id_issued_at"],
        client["client_id_issued_at"]
    );
    assert!(changed.get("client_secret").is_none(), "it stays as it was");
    let own = world
        .token(&[("grant_type", "client_credentials")])
        .basic(id, secret);
    let tokens = world.send(own.clone()).await.tokens();
    assert!(world.is_active(&tokens.access).await);

    keeps_what_the_server_gave(&world, &client, &after).await;
    // A method that needs the secret itself: there is a new one.
    let mut mac = after;
    mac["token_endpoint_auth_method"] = json!("client_secret_jwt");
    let answer = world.send(replace(&client, &mac)).await.is(200).json();
    assert_ne!(text(&answer, "client_secret"), secret);
    world
        .send(own.clone())
        .await
        .is_refused(401, "invalid_client");

    let removed = world.send(manage("DELETE", &client)).await;
    removed.is(204).no_store();
    assert!(removed.response.body.is_empty());
    assert!(
        !world.is_active(&tokens.access).await,
        "its tokens die with it"
    );
    world.send(own).await.is_refused(401, "invalid_client");
    for method in ["GET", "PUT", "DELETE"] {
        let answer = world.send(manage(method, &client)).await;
        answer.is_refused(401, "invalid_token");
    }
}

#[tokio::test]
async fn a_registration_is_managed_by_its_own_token_alone() {
    let world = World::new().await;
    let one = registered(&world, json!({"redirect_uris": [CALLBACK]})).await;
    let other = registered(&world, json!({"redirect_uris": [CALLBACK]})).await;
    let uri = text(&one, "registration_client_uri");
    let seeded = world.auth("/register/web");
    for request in [
        Request::get(uri),
        Request::get(uri).bearer("guess"),
        Request::get(uri).bearer(""),
        Request::get(uri).bearer(text(&other, "registration_access_token")),
        Request::get(uri).basic(text(&one, "client_id"), text(&one, "client_secret")),
        Request::get(&seeded).bearer("guess"),
        Request::get(&seeded),
        Request::get(&world.auth("/register/nobody")).bearer("guess"),
        Request::new("DELETE", uri).bearer(text(&other, "registration_access_token")),
    ] {
        let answer = world.send(request).await;
        answer.is_refused(401, "invalid_token").no_store();
        answer
            .challenges("Bearer")
            .failed_check("registration.token")
            .await;
    }
    world.send(manage("GET", &one)).await.is(200);
    let elsewhere = Request::new("PATCH", uri);
    world.send(elsewhere).await.is(405);
}

#[tokio::test]
async fn a_registration_and_its_management_are_one_flow_in_the_record() {
    let world = World::new().await;
    let answer = register(&world, json!({"redirect_uris": [CALLBACK]})).await;
    answer.is(201);
    let client = answer.json();
    let read = world.send(manage("GET", &client)).await;
    read.is(200);
    // RFC 7591 §3.2.1: what is said of a secret is said beside it, and this server keeps its digest alone.
    for name in ["client_secret", "client_secret_expires_at"] {
        assert!(client.get(name).is_some(), "{name}: {client}");
        assert!(read.json().get(name).is_none(), "{name}");
    }
    assert_eq!(answer.exchange().await.flow, read.exchange().await.flow);
}

#[tokio::test]
async fn where_no_token_came_the_challenge_names_no_error() {
    let world = World::new().await;
    let client = registered(&world, json!({ "redirect_uris": [CALLBACK] })).await;
    let url = text(&client, "registration_client_uri");
    let answer = world.send(Request::get(url)).await;
    answer.is(401).challenges("Bearer");
    assert_eq!(answer.challenge("error"), None, "{answer}");
    let answer = world.send(Request::get(url).bearer("another")).await;
    answer.is(401).challenges("Bearer");
    assert_eq!(answer.challenge("error").as_deref(), Some("invalid_token"));
}
