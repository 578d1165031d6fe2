//! Client authentication (RFC 6749 §2.3): one method, the one that the client registered, and the right secret.
//!
//! Unknown client, wrong method, wrong secret and too many guesses are one answer, byte for byte and with the
//! same work behind it; which of them it was, the record and the log say.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{ClientSecret, Params, TokenEndpointAuthMethod};
use shared::observe::Observation;

use super::{Client, ClientKind};
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::limits::{self, Limit, Room};
use crate::store::{StoreError, Stored};

/// The checks of client authentication, in order.
pub(crate) const CHECKS: &[&CheckDef] = &[
    &catalog::CLIENT_SINGLE_METHOD,
    &catalog::CLIENT_KNOWN,
    &catalog::CLIENT_METHOD_ALLOWED,
    &catalog::CLIENT_GUESSES,
    &catalog::CLIENT_AUTHENTICATED,
];

/// Why a client is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientAuthError {
    /// RFC 6749 §2.3: "MUST NOT use more than one authentication method".
    #[error("more than one way of authenticating the client is used")]
    TwoMethods,
    /// It is not named at all.
    #[error("client authentication failed")]
    Nobody,
    /// It is not known, may not authenticate in this way, or its secret is wrong.
    #[error("client authentication failed")]
    Failed {
        /// Whether it came in the `Authorization` header, so that the answer names that scheme.
        by_header: bool,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who a request says it is from, and its proof.
#[derive(Debug)]
pub(crate) struct Credentials {
    client_id: String,
    method: TokenEndpointAuthMethod,
    secret: Option<ClientSecret>,
}

impl Credentials {
    /// Finds the credentials of a request.
    ///
    /// # Errors
    /// [`ClientAuthError`], when there are none, or two.
    pub(crate) fn read(
        authorization: &[String],
        params: &Params,
        observation: &Observation,
    ) -> Result<Self, ClientAuthError> {
        let found = Self::find(authorization, params);
        let (single, got) = match &found {
            Ok(credentials) => (true, credentials.method.as_str()),
            Err(ClientAuthError::TwoMethods) => (false, "two methods"),
            Err(_) => (true, "nothing that names a client"),
        };
        let _ = observation.require(
            &catalog::CLIENT_SINGLE_METHOD,
            single,
            "client_secret_basic, client_secret_post or none",
            got,
        );
        if single && found.is_err() {
            let _ = observation.require(&catalog::CLIENT_KNOWN, false, "a client_id", got);
        }
        if let Ok(credentials) = &found {
            observation.note("client_id", &credentials.client_id);
        }
        found
    }

    fn find(authorization: &[String], params: &Params) -> Result<Self, ClientAuthError> {
        let in_body = params.get("client_id");
        let secret = params.get("client_secret");
        if let [header, more @ ..] = authorization {
            // Two headers are two proofs, even where they say the same.
            if secret.is_some() || !more.is_empty() {
                return Err(ClientAuthError::TwoMethods);
            }
            let (client_id, secret) =
                basic(header).ok_or(ClientAuthError::Failed { by_header: true })?;
            if in_body.is_some_and(|other| other != client_id) {
                return Err(ClientAuthError::TwoMethods);
            }
            return Ok(Self {
                client_id,
                method: TokenEndpointAuthMethod::ClientSecretBasic,
                secret: Some(ClientSecret::from_text(secret)),
            });
        }
        Ok(Self {
            client_id: in_body.ok_or(ClientAuthError::Nobody)?.to_owned(),
            method: match secret {
                Some(_) => TokenEndpointAuthMethod::ClientSecretPost,
                None => TokenEndpointAuthMethod::None,
            },
            secret: secret.map(ClientSecret::from_text),
        })
    }

    const fn by_header(&self) -> bool {
        matches!(self.method, TokenEndpointAuthMethod::ClientSecretBasic)
    }

    const fn failed(&self) -> ClientAuthError {
        ClientAuthError::Failed {
            by_header: self.by_header(),
        }
    }
}

/// Identifier and secret of an `Authorization: Basic` header (RFC 7617), each form-decoded (RFC 6749 §2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    Some((
        Params::decode_component(client_id).ok()?,
        Params::decode_component(secret).ok()?,
    ))
}

/// Authenticates the client of a request from `address`.
///
/// # Errors
/// [`ClientAuthError`].
pub(crate) async fn authenticate(
    state: &AppState,
    realm: &Realm,
    credentials: &Credentials,
    address: IpAddr,
    observation: &Observation,
) -> Result<Arc<Client>, ClientAuthError> {
    let clients = state.realms.clients();
    let place = (&realm.name, &realm.policy);
    let id = &credentials.client_id;
    let remembered = clients.remembered(&realm.name, id);
    let was_remembered = remembered.is_some();
    let mut client = match remembered {
        Some(client) => Some(client),
        None => clients.reload(&state.store, place, id).await?,
    };
    if was_remembered
        && !client
            .as_ref()
            .is_some_and(|client| is_proven(client, credentials))
    {
        // It may have changed a moment ago; and an unknown client was read from the store too.
        client = clients.reload(&state.store, place, id).await?;
    }
    match judge(state, realm, client, (credentials, address), observation).await? {
        Some(client) => Ok(client),
        None => Err(credentials.failed()),
    }
}

/// The checks, in order. `None`: it failed, and that was counted.
async fn judge(
    state: &AppState,
    realm: &Realm,
    client: Option<Arc<Client>>,
    (credentials, address): (&Credentials, IpAddr),
    observation: &Observation,
) -> Result<Option<Arc<Client>>, StoreError> {
    let guesses = Guesses::new(state, realm, client.as_deref(), address);
    let known = observation.require_some(
        &catalog::CLIENT_KNOWN,
        client,
        "a client of this realm",
        &credentials.client_id,
    );
    let proven = match &known {
        // The same work as for a known client.
        None => {
            let nobody = ClientSecret::from_text("nobody").digest();
            let given = credentials.secret.as_ref().map(ClientSecret::digest);
            let _ = given.map(|given| given.matches(&nobody));
            let _ = guesses.room().await?;
            false
        }
        Some(client) if !is_method_allowed(client, credentials, observation) => false,
        Some(client) if client.is_public() => is_believed(client, credentials, observation),
        Some(client) => {
            let left = guesses.room().await? == Room::Left;
            let few = "few wrong secrets of late";
            let got = if left { few } else { "too many" };
            observation
                .require(&catalog::CLIENT_GUESSES, left, few, got)
                .passed()
                && is_believed(client, credentials, observation)
        }
    };
    if !proven {
        guesses.count().await?;
    }
    Ok(known.filter(|_| proven))
}

fn is_method_allowed(
    client: &Client,
    credentials: &Credentials,
    observation: &Observation,
) -> bool {
    let methods: Vec<&str> = client
        .auth_methods
        .iter()
        .map(|method| method.as_str())
        .collect();
    observation
        .require(
            &catalog::CLIENT_METHOD_ALLOWED,
            client.auth_methods.contains(&credentials.method),
            methods.join(" or "),
            credentials.method,
        )
        .passed()
}

fn is_believed(client: &Client, credentials: &Credentials, observation: &Observation) -> bool {
    let (expected, got) = match (client.is_public(), is_proven(client, credentials)) {
        (true, _) => ("a public client proves nothing", "nothing"),
        (false, true) => ("the client's secret", "the client's secret"),
        (false, false) => ("the client's secret", "another secret"),
    };
    let proven = is_proven(client, credentials);
    observation
        .require(&catalog::CLIENT_AUTHENTICATED, proven, expected, got)
        .passed()
}

/// Whether the credentials are the client's, compared in constant time.
fn is_proven(client: &Client, credentials: &Credentials) -> bool {
    client.auth_methods.contains(&credentials.method)
        && match (&client.kind, &credentials.secret) {
            (ClientKind::Confidential { secret }, Some(given)) => given.digest().matches(secret),
            (ClientKind::Public, None) => true,
            (ClientKind::Confidential { .. }, None) | (ClientKind::Public, Some(_)) => false,
        }
}

/// Wrong secrets for one client from one address. All unknown clients of an address share one count, so that
/// strangers cannot fill the store.
struct Guesses<'a> {
    state: &'a AppState,
    realm: &'a Realm,
    key: String,
    limit: Limit,
}

impl<'a> Guesses<'a> {
    fn new(
        state: &'a AppState,
        realm: &'a Realm,
        client: Option<&Client>,
        address: IpAddr,
    ) -> Self {
        let name = client.map_or("", |client| client.id.as_str());
        Self {
            state,
            realm,
            key: format!("client-secret {address} {name}"),
            limit: Limit {
                attempts: state.limits.client_secret,
                window: state.limits.window,
            },
        }
    }

    async fn room(&self) -> Stored<Room> {
        let (realm, key, limit) = (self.realm.name.clone(), self.key.clone(), self.limit);
        let now = self.realm.now();
        if !self.state.guessed.may_hold(&realm, &key) {
            return Ok(Room::Left);
        }
        let store = &self.state.store;
        store
            .read(move |tx| limits::room(tx, &realm, &key, limit, now))
            .await
    }

    async fn count(&self) -> Stored<()> {
        let (realm, key, limit) = (self.realm.name.clone(), self.key.clone(), self.limit);
        let now = self.realm.now();
        self.state.guessed.add(&realm, &key);
        let store = &self.state.store;
        store
            .write(move |tx| limits::count(tx, &realm, &key, limit, now))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let read = |text: &str| basic(&header(text));
        let pair = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(read("web:web-secret"), pair("web", "web-secret"));
        assert_eq!(read("a%3Ab:c+d%2B%25"), pair("a:b", "c d+%"));
        assert_eq!(read("web:a:b"), pair("web", "a:b"));
        assert_eq!(read("no colon"), None);
        assert_eq!(read("web:%zz"), None);
        assert_eq!(basic("Basic not-base64!"), None);
        assert_eq!(basic("Bearer abc"), None);
    }

    #[test]
    fn there_is_one_method_and_not_two() {
        let find = |authorization: Option<&str>, pairs: &[(&str, &str)]| {
            let authorization: Vec<_> = authorization.into_iter().map(str::to_owned).collect();
            Credentials::find(&authorization, &Params::from_pairs(pairs))
        };
        let basic = header("web:web-secret");
        let twice = [basic.clone(), basic.clone()];
        let two = Credentials::find(&twice, &Params::from_pairs(&[]));
        assert!(matches!(two, Err(ClientAuthError::TwoMethods)));
        let secret = ("client_secret", "web-secret");
        assert!(find(Some(&basic), &[]).is_ok());
        assert!(find(Some(&basic), &[("client_id", "web")]).is_ok());
        for pairs in [&[secret][..], &[("client_id", "spa")]] {
            let two = find(Some(&basic), pairs);
            assert!(matches!(two, Err(ClientAuthError::TwoMethods)), "{pairs:?}");
        }
        let post = find(None, &[("client_id", "web"), secret]).unwrap();
        assert_eq!(post.method, TokenEndpointAuthMethod::ClientSecretPost);
        let none = find(None, &[("client_id", "spa")]).unwrap();
        assert_eq!(none.method, TokenEndpointAuthMethod::None);
        assert!(matches!(find(None, &[]), Err(ClientAuthError::Nobody)));
    }
}
