//! What a client is told of its registration (RFC 7591 §3.2.1, RFC 7592 §3): everything that was registered, and
//! nothing that is null.

use serde_json::{Map, Value, json};
use shared::oauth::ClientSecret;
use shared::seed::ClientMetadata;

use crate::client::Client;
use crate::store::clients::ClientRow;
use crate::store::{StoreError, Stored, stored};

/// What only the client itself is told.
#[derive(Debug)]
pub(crate) struct Issued<'a> {
    /// Its secret, when it is new: the server keeps a digest alone.
    pub(crate) secret: Option<&'a ClientSecret>,
    /// What it manages its registration by.
    pub(crate) token: &'a str,
    /// Where.
    pub(crate) uri: &'a str,
}

/// The client information response of a row, and of what it means in its realm: what the realm's policy replaced is
/// told as it holds.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(crate) fn document(row: &ClientRow, client: &Client, issued: &Issued<'_>) -> Stored<Value> {
    let list = |column, text: &str| stored::read::<Vec<String>>(column, text);
    let policy = &client.policy;
    let mut map = members(&ClientMetadata {
        require_pushed_authorization_requests: policy.require_pushed_authorization_requests,
        require_signed_request_object: policy.require_signed_request_object,
        ..client.metadata.clone()
    })?;
    let mut add = |name: &str, value: Value| {
        let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("");
        if !empty && !value.is_null() {
            map.insert(name.to_owned(), value);
        }
    };
    add("client_id", json!(row.client_id));
    add("client_id_issued_at", json!(row.created_at));
    if let Some(secret) = issued.secret {
        add("client_secret", json!(secret.expose()));
        // Only beside the secret (RFC 7591 §3.2.1). It does not expire.
        add("client_secret_expires_at", json!(0));
    }
    add("registration_access_token", json!(issued.token));
    add("registration_client_uri", json!(issued.uri));
    add("client_name", json!(row.name));
    add(
        "redirect_uris",
        json!(list("clients.redirect_uris", &row.redirect_uris)?),
    );
    let after = list(
        "clients.post_logout_redirect_uris",
        &row.post_logout_redirect_uris,
    )?;
    add("post_logout_redirect_uris", json!(after));
    let grants: Vec<&str> = row.grant_types.split_ascii_whitespace().collect();
    add("grant_types", json!(grants));
    add(
        "response_types",
        json!(list("clients.response_types", &row.response_types)?),
    );
    add("token_endpoint_auth_method", json!(row.auth_methods));
    // RFC 7591 §2: who names none leaves it to the server, which decides anew as its policy does.
    if !client.metadata.scope_unnamed {
        add("scope", json!(row.scope));
    }
    add(
        "id_token_signed_response_alg",
        json!(policy.id_token_algorithm.as_str()),
    );
    Ok(Value::Object(map))
}

/// The members that are kept as they came; those with a language tag beside them.
fn members(metadata: &ClientMetadata) -> Stored<Map<String, Value>> {
    let corrupt = |error| StoreError::corrupt("clients.metadata", error);
    let Value::Object(mut map) = serde_json::to_value(metadata).map_err(corrupt)? else {
        return Ok(Map::new());
    };
    map.remove("localized");
    map.remove("scope_unnamed");
    for (name, text) in &metadata.localized {
        map.insert(name.clone(), json!(text));
    }
    Ok(map)
}
