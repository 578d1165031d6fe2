//! Client authentication (RFC 6749 §2.3, RFC 7521 §4.2): one method, the one that the client registered, and the
//! right secret or a signed assertion.
//!
//! Unknown client, wrong method, wrong secret, an assertion that is not believed and too many guesses of strangers are
//! one answer, byte for byte and with the same work behind it; which of them it was, the record and the log say. Where
//! too many are guessed at a client's own address, it is told to come back (RFC 6585 §4), be its secret right or wrong.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{ClientSecret, Digest, Params, TokenEndpointAuthMethod};
use shared::observe::Observation;
use shared::time::Lifetime;

use super::assertion::{self, ASSERTION_TYPE};
use super::guesses::{Guesses, Look};
use super::signed::{JwsAlgorithm, SignedJwt};
use super::{Client, ClientKind};
use crate::realms::Realm;
use crate::request::client::ClientRequest;
use crate::state::AppState;
use crate::store::{DbConnection, StoreError, clients};

/// The checks of client authentication by `params`, in order.
pub(crate) fn checks(params: &Params) -> Cow<'static, [&'static CheckDef]> {
    let mut checks = Cow::Borrowed(CHECKS);
    if params.get("client_assertion").is_some() {
        let checks = checks.to_mut();
        // Before the verdict, and after what can be said without looking into it.
        checks.insert(1, &catalog::ASSERTION_WELL_FORMED);
        let verdict = checks.len().saturating_sub(1);
        checks.splice(verdict..verdict, assertion::CHECKS);
    }
    checks
}

/// The checks of client authentication without an assertion, in order.
const CHECKS: &[&CheckDef] = &[
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
    /// So many secrets were wrong of late where this client is at home that nobody is told now whether this one is
    /// right.
    #[error("too many wrong secrets came from this address; try again in {retry_after}")]
    NotNow {
        /// When one is looked at again.
        retry_after: Lifetime,
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
    proof: Proof,
}

/// What a request brings in proof of its client.
#[derive(Debug)]
enum Proof {
    /// Nothing: a public client.
    Nothing,
    /// The digest of a secret that came in the header or in the body: what it is compared by, more than once.
    Secret(Digest),
    /// A JWT that the client signed.
    Assertion(Box<SignedJwt>),
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
        let asserted = params.get("client_assertion").is_some();
        let _ = observation.require(&catalog::CLIENT_SINGLE_METHOD, single, "one method", got);
        if single && asserted {
            let _ = observation.require(
                &catalog::ASSERTION_WELL_FORMED,
                found.is_ok(),
                format_args!("a signed JWT that names its client, of type {ASSERTION_TYPE}"),
                if found.is_ok() {
                    "such a one"
                } else {
                    "something else"
                },
            );
        } else if single && found.is_err() {
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
        if let Some(jwt) = params.get("client_assertion") {
            if !authorization.is_empty() || secret.is_some() {
                return Err(ClientAuthError::TwoMethods);
            }
            return Self::asserted(jwt, params);
        }
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
                proof: Proof::Secret(ClientSecret::from_text(secret).digest()),
            });
        }
        Ok(Self {
            client_id: in_body.ok_or(ClientAuthError::Nobody)?.to_owned(),
            method: match secret {
                Some(_) => TokenEndpointAuthMethod::ClientSecretPost,
                None => TokenEndpointAuthMethod::None,
            },
            proof: secret.map_or(Proof::Nothing, |secret| {
                Proof::Secret(ClientSecret::from_text(secret).digest())
            }),
        })
    }

    /// RFC 7521 §4.2: `client_id` is optional beside an assertion, and must be its subject.
    fn asserted(jwt: &str, params: &Params) -> Result<Self, ClientAuthError> {
        let failed = || ClientAuthError::Failed { by_header: false };
        if params.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(failed());
        }
        let jwt = SignedJwt::read(jwt).map_err(|_| failed())?;
        let client_id = jwt.text("sub").ok_or_else(failed)?.to_owned();
        if params
            .get("client_id")
            .is_some_and(|other| other != client_id)
        {
            return Err(failed());
        }
        let macced = jwt.algorithm().is_some_and(JwsAlgorithm::is_mac);
        Ok(Self {
            client_id,
            method: if macced {
                TokenEndpointAuthMethod::ClientSecretJwt
            } else {
                TokenEndpointAuthMethod::PrivateKeyJwt
            },
            proof: Proof::Assertion(Box::new(jwt)),
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
pub(crate) fn basic(header: &str) -> Option<(String, String)> {
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

/// Authenticates the client of `request`, which brought `credentials`.
///
/// # Errors
/// [`ClientAuthError`].
pub(crate) async fn authenticate(
    state: &AppState,
    realm: &Realm,
    credentials: &Credentials,
    request: &ClientRequest,
    observation: &Observation,
) -> Result<Arc<Client>, ClientAuthError> {
    let known = state.realms.clients();
    let place = (&realm.name, &realm.policy);
    let id = &credentials.client_id;
    let remembered = known.remembered(&realm.name, id);
    let was_remembered = remembered.is_some();
    let mut client = match remembered {
        Some(client) => Some(client),
        // What is seldom is boxed, so that every request need not have room for it.
        None => Box::pin(known.reload(&state.store, place, id)).await?,
    };
    if was_remembered
        && !client
            .as_ref()
            .is_some_and(|client| may_be_proven(client, credentials))
    {
        // It may have changed a moment ago; and an unknown client was read from the store too.
        client = Box::pin(known.reload(&state.store, place, id)).await?;
    }
    match judge(state, realm, client, (credentials, request), observation).await? {
        Some(client) => {
            note_use(state, realm, &client).await?;
            Ok(client)
        }
        None => Err(credentials.failed()),
    }
}

/// Notes that a client that registered itself is in use, every [`USE_NOTED`]: unused ones are forgotten. Whoever finds
/// the note too old says so in memory first, so that of many at once one writes.
async fn note_use(state: &AppState, realm: &Realm, client: &Client) -> Result<(), StoreError> {
    let now = realm.now();
    let Some(noted) = client
        .self_registered
        .filter(|noted| *noted + USE_NOTED < now)
    else {
        return Ok(());
    };
    tracing::debug!(client = %client.id, since = %noted, "a client that registered itself is in use");
    state.realms.clients().in_use(&realm.name, client, now);
    let (name, id) = (realm.name.clone(), client.id.to_string());
    let touch = move |tx: &mut DbConnection| clients::keep(tx, &name, &id, now);
    Box::pin(state.store.write(touch)).await
}

/// How old a note that a client is in use may be: well below the hour after which an unused one may make room for
/// another, as the last use may be so much younger than its note.
const USE_NOTED: Lifetime = Lifetime::from_minutes(20);

/// The checks, in order. `None`: it failed, and if that was a guess it was counted.
async fn judge(
    state: &AppState,
    realm: &Realm,
    client: Option<Arc<Client>>,
    (credentials, request): (&Credentials, &ClientRequest),
    observation: &Observation,
) -> Result<Option<Arc<Client>>, ClientAuthError> {
    let guesses = Guesses::new(state, realm, client.as_deref(), request.address);
    let known = observation.require_some(
        &catalog::CLIENT_KNOWN,
        client.as_ref(),
        "a client of this realm",
        &credentials.client_id,
    );
    let proven = match known {
        // The same work as for a known client.
        None => {
            let nobody = ClientSecret::from_text("nobody").digest();
            if let Proof::Secret(given) = &credentials.proof {
                let _ = given.matches(&nobody);
            }
            guesses.judge(false).await?;
            false
        }
        Some(client) if !is_method_allowed(client, credentials, observation) => {
            if is_guess(credentials) {
                guesses.judge(false).await?;
            }
            false
        }
        Some(client) if client.is_public() => {
            let believed = is_believed(client, credentials, observation);
            if !believed {
                guesses.judge(false).await?;
            }
            believed
        }
        Some(client) => {
            let look = if is_guess(credentials) {
                guesses.judge(is_right(client, credentials)).await?
            } else {
                Look::Allowed
            };
            let allowed = look == Look::Allowed;
            let few = "few wrong secrets of late from this address, or not too many where the client is at home";
            let got = if allowed { "so it is" } else { "too many" };
            let allowed = observation
                .require(&catalog::CLIENT_GUESSES, allowed, few, got)
                .passed();
            if let Look::Later { retry_after } = look {
                return Err(ClientAuthError::NotNow { retry_after });
            }
            allowed && is_shown(client, (state, realm), (credentials, request), observation).await?
        }
    };
    let by_secret = known.is_some_and(|client| !client.is_public());
    if proven && by_secret && is_guess(credentials) {
        guesses.succeeded().await;
    }
    Ok(client.filter(|_| proven))
}

/// Whether somebody who knows nothing could be right by chance: a private key is not guessed.
fn is_guess(credentials: &Credentials) -> bool {
    credentials.method != TokenEndpointAuthMethod::PrivateKeyJwt
}

/// Whether a confidential client proves who it is.
async fn is_shown(
    client: &Client,
    place: (&AppState, &Realm),
    (credentials, request): (&Credentials, &ClientRequest),
    observation: &Observation,
) -> Result<bool, StoreError> {
    let Proof::Assertion(jwt) = &credentials.proof else {
        return Ok(is_believed(client, credentials, observation));
    };
    let sent = (&**jwt, credentials.method, request.path.as_str());
    // Where it is not believed, the check that failed says why.
    Ok(
        Box::pin(assertion::is_believed(place, client, sent, observation)).await? && {
            let expected = "an assertion by the client, for this server, alive and new";
            observation
                .require(&catalog::CLIENT_AUTHENTICATED, true, expected, "such a one")
                .passed()
        },
    )
}

fn is_method_allowed(
    client: &Client,
    credentials: &Credentials,
    observation: &Observation,
) -> bool {
    let methods = fmt::from_fn(|f| {
        let methods = client.auth_methods.iter().map(|method| method.as_str());
        f.write_str(&methods.collect::<Vec<_>>().join(" or "))
    });
    observation
        .require(
            &catalog::CLIENT_METHOD_ALLOWED,
            client.auth_methods.contains(&credentials.method),
            methods,
            credentials.method,
        )
        .passed()
}

fn is_believed(client: &Client, credentials: &Credentials, observation: &Observation) -> bool {
    let proven = is_proven(client, credentials);
    let (expected, got) = match (client.is_public(), proven) {
        (true, _) => ("a public client proves nothing", "nothing"),
        (false, true) => ("the client's secret", "the client's secret"),
        (false, false) => ("the client's secret", "another secret"),
    };
    observation
        .require(&catalog::CLIENT_AUTHENTICATED, proven, expected, got)
        .passed()
}

/// Whether a secret is the client's, compared in constant time, or nothing is demanded. An assertion never is: it
/// proves itself by its signature.
fn is_proven(client: &Client, credentials: &Credentials) -> bool {
    client.auth_methods.contains(&credentials.method)
        && match (&client.kind, &credentials.proof) {
            (
                ClientKind::Confidential {
                    secret: Some(secret),
                },
                Proof::Secret(given),
            ) => given.matches(secret),
            (ClientKind::Public, Proof::Nothing) => true,
            _ => false,
        }
}

/// Whether nothing yet speaks against the credentials: the secret is right, or an assertion came by a method that
/// the client registered.
fn may_be_proven(client: &Client, credentials: &Credentials) -> bool {
    match credentials.proof {
        Proof::Assertion(_) => client.auth_methods.contains(&credentials.method),
        Proof::Nothing | Proof::Secret(_) => is_proven(client, credentials),
    }
}

/// Whether whoever sent the credentials knows the secret: it is there, or a MAC was made with it.
fn is_right(client: &Client, credentials: &Credentials) -> bool {
    match &credentials.proof {
        Proof::Assertion(jwt) => jwt.is_macced_by(client),
        Proof::Nothing | Proof::Secret(_) => is_proven(client, credentials),
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
