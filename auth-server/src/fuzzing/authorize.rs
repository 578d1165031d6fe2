//! Authorization requests (RFC 6749 §4.1.1): any query is judged without a panic; until the way back is trusted there is
//! a page; from there on the answer goes to a registered redirection URI, and brings `state` and `iss` as they should
//! be (RFC 9207); a request that passed survives being stored.

use std::sync::Arc;

use shared::oauth::{ErrorCode, RedirectUri};
use shared::observe::Observation;
use url::Url;

use super::{ISSUER, World, must};
use crate::authorization::{
    AuthorizationRequest, AuthorizationResponse, AuthorizeError, Callback, Decoded, decode,
    known_client, parse,
};
use crate::client::Client;

pub(super) fn hold(world: &World, text: &[u8]) {
    if let Ok(decoded) = decode(text, &Observation::nowhere()) {
        judge(&world.client, &decoded);
    }
}

/// What becomes of a request, whichever way it came.
pub(super) fn judge(client: &Arc<Client>, decoded: &Decoded) {
    let (params, observation) = (&decoded.params, Observation::nowhere());
    let found = params.get("client_id") == Some(client.id.as_str());
    let found = found.then(|| Arc::clone(client));
    let parsed = known_client(params, found, &observation)
        .map_err(AuthorizeError::from)
        .and_then(|client| parse(decoded, client, ISSUER, &observation));
    match parsed {
        Ok(parsed) => {
            goes_home(client, decoded, &parsed.callback);
            is_kept(&parsed.request, client, &parsed.callback);
        }
        Err(AuthorizeError::Redirect(callback, _)) => goes_home(client, decoded, &callback),
        Err(AuthorizeError::Page(_)) => {}
        Err(other) => panic!("{other}"),
    }
}

/// Whether a request passes every check.
#[cfg(test)]
pub(super) fn passes(world: &World, text: &[u8]) -> bool {
    let observation = Observation::nowhere();
    let decoded = decode(text, &observation);
    let client = Arc::clone(&world.client);
    decoded.is_ok_and(|decoded| parse(&decoded, client, ISSUER, &observation).is_ok())
}

/// The answer goes to where the client registered, and says what it should.
fn goes_home(client: &Client, decoded: &Decoded, callback: &Callback) {
    let asked = decoded.params.get("redirect_uri").unwrap_or_default();
    let known = client.redirect_uris.iter();
    assert!(
        known
            .map(RedirectUri::as_str)
            .any(|uri| same_but_port(uri, asked)),
        "{asked} is not registered"
    );
    let (target, pairs) = match callback.error(ErrorCode::InvalidRequest, "a reason") {
        AuthorizationResponse::Redirect(location) => {
            let rest = must(
                location.strip_prefix(asked),
                "it goes where it was asked to",
            );
            let pairs = rest.get(1..).unwrap_or_default().as_bytes();
            let pairs: Vec<_> = url::form_urlencoded::parse(pairs).into_owned().collect();
            (location.clone(), pairs)
        }
        AuthorizationResponse::Form {
            action, parameters, ..
        } => (action, parameters),
    };
    let (target, asked) = (Url::parse(&target), Url::parse(asked));
    let (target, asked) = (must(target.ok(), "a URL"), must(asked.ok(), "a URL"));
    assert_eq!(
        (target.origin().is_tuple(), target.host()),
        (asked.origin().is_tuple(), asked.host())
    );
    let said = |name: &str| {
        let mut values = pairs.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} twice");
        value
    };
    assert_eq!(said("error"), Some("invalid_request"));
    assert_eq!(said("iss"), Some(ISSUER));
    if let Some(state) = said("state") {
        assert_eq!(Some(state), decoded.params.get("state"));
    }
}

/// Equal, but for the port of a loopback literal (RFC 8252 §7.3).
fn same_but_port(registered: &str, asked: &str) -> bool {
    let portless = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_port(None).ok().map(|()| url)
    };
    registered == asked
        || (registered.starts_with("http://127.0.0.1/") && portless(registered) == portless(asked))
}

/// What is asked is the client's to ask, and the same after it was stored and read.
fn is_kept(request: &AuthorizationRequest, client: &Client, callback: &Callback) {
    assert!(client.allows_response_type(request.response_type));
    assert!(request.scope.is_subset(&client.scope));
    assert_eq!(request.callback(client, ISSUER).as_ref(), Some(callback));
    if request.response_type.gives_code() {
        assert!(
            request.code_challenge.is_some(),
            "a public client without PKCE"
        );
    }
    let stored = must(serde_json::to_string(request).ok(), "it can be stored");
    let read = serde_json::from_str::<AuthorizationRequest>(&stored);
    assert_eq!(read.ok().as_ref(), Some(request));
}
